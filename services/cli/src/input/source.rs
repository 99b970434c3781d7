//! The text of a file in UTF-8, whatever its encoding, chunk by chunk in bounded memory.

use std::io::{self, Cursor, Read};

use encoding_rs::{Decoder, Encoding};
use sha2::{Digest as _, Sha256};

/// Bytes that are read at a time.
const CHUNK: usize = 128 * 1024;
/// Bytes that are looked at to tell what a file is.
const HEAD: u64 = 64 * 1024;

/// A file that is being read.
pub(super) struct TextSource {
    input: Box<dyn Read + Send>,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was consumed.
    at: usize,
    ended: bool,
    bytes_read: u64,
    hash: Sha256,
}

impl TextSource {
    /// Reads `input`, which is in `encoding`; none: UTF-8, or what claims to be.
    pub(super) fn new(input: Box<dyn Read + Send>, encoding: Option<&'static Encoding>) -> Self {
        Self {
            input,
            decoder: encoding.map(Encoding::new_decoder_with_bom_removal),
            raw: vec![0; CHUNK],
            text: Vec::new(),
            at: 0,
            ended: false,
            bytes_read: 0,
            hash: Sha256::new(),
        }
    }

    /// Text that was not consumed yet; empty at the end.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        while self.at == self.text.len() && !self.ended {
            self.refill()?;
        }
        Ok(&self.text[self.at..])
    }

    /// Takes that many bytes off what [`fill`](Self::fill) gave.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn refill(&mut self) -> io::Result<()> {
        let read = loop {
            match self.input.read(&mut self.raw) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        let raw = &self.raw[..read];
        self.ended = read == 0;
        self.bytes_read += read as u64;
        self.hash.update(raw);
        self.text.clear();
        self.at = 0;
        let Some(decoder) = &mut self.decoder else {
            self.text.extend_from_slice(raw);
            return Ok(());
        };
        let room = decoder.max_utf8_buffer_length(read).unwrap_or(4 * CHUNK);
        self.text.resize(room, 0);
        let (_, _, written, _) = decoder.decode_to_utf8(raw, &mut self.text, self.ended);
        self.text.truncate(written);
        Ok(())
    }

    /// Bytes of the file that were read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// SHA-256 of the bytes that were read so far.
    pub(super) fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.raw.capacity() + self.text.capacity()
    }
}

/// How a file begins, and the whole of it, that beginning too.
pub(super) fn peeked(
    mut input: Box<dyn Read + Send>,
) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(input);
    Ok((head, Box::new(whole)))
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::super::survey;
    use super::*;

    fn read(bytes: &[u8]) -> (String, Option<&'static str>) {
        let (head, input) = peeked(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
        let encoding = survey::encoding(&head, None).unwrap().encoding;
        let mut source = TextSource::new(input, encoding);
        let mut text = Vec::new();
        while let chunk = source.fill().unwrap()
            && !chunk.is_empty()
        {
            let taken = chunk.len();
            text.extend_from_slice(chunk);
            source.consume(taken);
        }
        assert_eq!(source.bytes_read(), bytes.len() as u64);
        (
            String::from_utf8_lossy(&text).into_owned(),
            encoding.map(Encoding::name),
        )
    }

    #[test]
    fn gb18030_is_told_from_utf_8() {
        let text = "名称,编号\n杭州测试商贸有限公司,1\n".repeat(5_000);
        let (encoded, _, _) = GB18030.encode(&text);
        assert!(encoded.len() > CHUNK);
        assert_eq!(read(&encoded), (text.clone(), Some("gb18030")));
        assert_eq!(read(text.as_bytes()), (text, None));
        assert_eq!(read(b"a,b\n"), ("a,b\n".to_owned(), None));
        // One broken line does not make a file of another encoding of it.
        let mostly = [&"杭州\n".repeat(3).into_bytes()[..], b"\xba\xbc\n"].concat();
        assert_eq!(read(&mostly).1, None);
    }

    #[test]
    fn utf_16_with_its_mark_is_read() {
        let text = "名称,a\n";
        let little: Vec<u8> = "\u{feff}名称,a\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&little), (text.to_owned(), Some("UTF-16LE")));
        let bare: Vec<u8> = "uscc,名称\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&bare), ("uscc,名称\n".to_owned(), Some("UTF-16LE")));
        let big: Vec<u8> = "\u{feff}名称,a\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(read(&big), (text.to_owned(), Some("UTF-16BE")));
    }
}
