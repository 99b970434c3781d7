//! Fields of text that stay in the memory that their message came in.

use bytestring::ByteString;
use prost::DecodeError;
use prost::bytes::{Buf, BufMut, Bytes};
use prost::encoding::{self, DecodeContext, WireType};

pub(crate) fn encode(tag: u32, text: &ByteString, buf: &mut impl BufMut) {
    if !text.is_empty() {
        encoding::bytes::encode(tag, text.as_bytes(), buf);
    }
}

pub(crate) fn encoded_len(tag: u32, text: &ByteString) -> usize {
    if text.is_empty() {
        return 0;
    }
    encoding::bytes::encoded_len(tag, text.as_bytes())
}

pub(crate) fn merge(
    wire_type: WireType,
    text: &mut ByteString,
    buf: &mut impl Buf,
    ctx: DecodeContext,
) -> Result<(), DecodeError> {
    let mut bytes = Bytes::new();
    encoding::bytes::merge(wire_type, &mut bytes, buf, ctx)?;
    *text = read(bytes)?;
    Ok(())
}

/// Text of those bytes.
pub(crate) fn read(bytes: Bytes) -> Result<ByteString, DecodeError> {
    ByteString::try_from(bytes).map_err(|_| {
        // What prost says of it, since it offers no error of our own.
        let (mut text, mut broken) = (String::new(), &[1, 0xff][..]);
        let ctx = DecodeContext::default();
        encoding::string::merge(WireType::LengthDelimited, &mut text, &mut broken, ctx)
            .expect_err("it is not UTF-8")
    })
}
