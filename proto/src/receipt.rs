//! `gazelle.usage.v1.Receipt`, whose digest is no memory of its own.
//!
//! Every acknowledgement has two, and a service that takes a record a message writes as many
//! acknowledgements as records: strings would cost it more than what they say.

use bytestring::ByteString;
use prost::bytes::{Buf, BufMut};
use prost::encoding::{self, DecodeContext, WireType};
use prost::{DecodeError, Message};

use crate::text;

/// What some records come to; `gazelle/usage/v1/resources.proto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The records, reversals too.
    pub record_count: i64,
    /// Their sum in fen, reversals negative; where it leaves 64 bits, the end that it left.
    pub total_fen: i64,
    /// 32 bytes, big-endian, as 64 hexadecimal digits.
    pub digest: ByteString,
}

const RECORD_COUNT: u32 = 1;
const TOTAL_FEN: u32 = 2;
const DIGEST: u32 = 3;

impl Message for Receipt {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        if self.record_count != 0 {
            encoding::int64::encode(RECORD_COUNT, &self.record_count, buf);
        }
        if self.total_fen != 0 {
            encoding::int64::encode(TOTAL_FEN, &self.total_fen, buf);
        }
        text::encode(DIGEST, &self.digest, buf);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        let (field, merged) = match tag {
            RECORD_COUNT => (
                "record_count",
                encoding::int64::merge(wire_type, &mut self.record_count, buf, ctx),
            ),
            TOTAL_FEN => (
                "total_fen",
                encoding::int64::merge(wire_type, &mut self.total_fen, buf, ctx),
            ),
            DIGEST => ("digest", text::merge(wire_type, &mut self.digest, buf, ctx)),
            _ => return encoding::skip_field(wire_type, tag, buf, ctx),
        };
        merged.map_err(|mut error| {
            error.push("Receipt", field);
            error
        })
    }

    fn encoded_len(&self) -> usize {
        let mut len = text::encoded_len(DIGEST, &self.digest);
        if self.record_count != 0 {
            len += encoding::int64::encoded_len(RECORD_COUNT, &self.record_count);
        }
        if self.total_fen != 0 {
            len += encoding::int64::encoded_len(TOTAL_FEN, &self.total_fen);
        }
        len
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As prost would generate it.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Generated {
        #[prost(int64, tag = "1")]
        record_count: i64,
        #[prost(int64, tag = "2")]
        total_fen: i64,
        #[prost(string, tag = "3")]
        digest: String,
    }

    #[test]
    fn it_is_read_and_written_as_the_generated_one() {
        for (record_count, total_fen, digest) in [
            (0, 0, ""),
            (1, -1, "f31f"),
            (i64::MAX, i64::MIN, "摘要"),
            (3, 0, "0"),
        ] {
            let generated = Generated {
                record_count,
                total_fen,
                digest: digest.to_owned(),
            };
            let receipt = Receipt {
                record_count,
                total_fen,
                digest: digest.into(),
            };
            let bytes = generated.encode_to_vec();
            assert_eq!(receipt.encode_to_vec(), bytes);
            assert_eq!(receipt.encoded_len(), bytes.len());
            assert_eq!(Receipt::decode(&*bytes), Ok(receipt));
        }
    }

    #[test]
    fn what_the_generated_one_refuses_is_refused_and_the_last_of_two_counts() {
        for broken in [
            &[0x1a, 1, 0xff][..],
            &[0x1a, 2, b'a'],
            &[0x08],
            &[0x1d, 0, 0, 0, 0],
        ] {
            let refused = Receipt::decode(broken).unwrap_err().to_string();
            let expected = Generated::decode(broken).unwrap_err().to_string();
            assert!(refused.contains("Receipt."), "{refused}");
            assert_eq!(refused.replace("Receipt.", "Generated."), expected);
        }
        let twice = [0x1a, 1, b'a', 0x08, 1, 0x1a, 1, b'b', 0x08, 2];
        let last = Receipt::decode(&twice[..]).unwrap();
        assert_eq!((&*last.digest, last.record_count), ("b", 2));
        let of_a_later_version = [0x22, 1, b'x', 0x08, 5];
        assert_eq!(
            Receipt::decode(&of_a_later_version[..])
                .unwrap()
                .record_count,
            5
        );
    }
}
