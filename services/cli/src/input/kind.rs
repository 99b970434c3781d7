//! What a file is, by how it begins.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::failure::Failure;
use crate::words::{self, Text};

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FileKind {
    /// Text, as far as can be told.
    Text,
    /// A zip archive, as workbooks are.
    Zip,
    /// Something that holds no rows; what, in words.
    Other(String),
}

/// Beginnings that tell a kind, and the kind's format.
const PICTURES: &[(&[u8], &str)] = &[
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
];
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
];

/// The kind of a file that begins with `head`.
pub(super) fn kind(head: &[u8]) -> FileKind {
    let format = |known: &[(&[u8], &'static str)]| {
        let found = known.iter().find(|(magic, _)| head.starts_with(magic));
        found.map(|(_, format)| *format)
    };
    let say = |text: Text| FileKind::Other(text.say().to_owned());
    let picture = |format: &str| FileKind::Other(words::A_PICTURE.with(&[("format", &format)]));
    if head.starts_with(b"PK\x03\x04") {
        return FileKind::Zip;
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return say(words::AN_OLD_WORKBOOK);
    }
    if let Some(format) = format(PICTURES) {
        return picture(format);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return picture("WebP");
    }
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return picture("BMP");
    }
    if head.get(4..8) == Some(b"ftyp") {
        return picture("HEIF");
    }
    if let Some(format) = format(ARCHIVES) {
        return FileKind::Other(words::AN_ARCHIVE.with(&[("format", &format)]));
    }
    if head.starts_with(b"%PDF") {
        return say(words::A_DOCUMENT);
    }
    if head.starts_with(b"{\\rtf") {
        return say(words::AN_RTF);
    }
    if utf16(head).is_some() {
        return FileKind::Text;
    }
    if is_bare_utf16(head) {
        return say(words::BARE_UTF16);
    }
    // Further down it costs the row that it is in.
    let mut lines = head.split(|&byte| byte == b'\n' || byte == b'\r');
    if lines.next().is_some_and(|header| header.contains(&0)) {
        return say(words::NO_TEXT);
    }
    match head.trim_ascii_start() {
        [b'<', ..] => say(words::A_WEB_PAGE),
        [b'{' | b'[', ..] => say(words::JSON),
        _ => FileKind::Text,
    }
}

/// Which UTF-16 it is: by its byte order mark, or by a beginning in which every other byte is 0.
pub(super) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] | [1..=255, 0, 1..=255, 0, 1..=255, 0, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, 0, 1..=255, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether it is text in UTF-16 that does not begin with ASCII, nor with a byte order mark, by what
/// its characters are.
fn is_bare_utf16(head: &[u8]) -> bool {
    /// Of them one is a separator or the end of a line, each with a zero.
    const NEAR: usize = 512;
    let is_usual = |c: char| {
        matches!(c, '\t' | '\r' | '\n' | ' '..='~' | '\u{3000}'..='\u{303f}')
            || matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
    };
    let near = &head[..head.len().min(NEAR) / 2 * 2];
    let is_in = |encoding: &'static Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(near);
        text.chars().all(is_usual)
    };
    near.contains(&0) && [UTF_16LE, UTF_16BE].into_iter().any(is_in)
}

/// A file that holds no rows, and what it is instead.
pub(super) fn other_kind(name: &str, what: &str) -> Failure {
    let message = words::FILE_KIND.with(&[("path", &name), ("what", &what)]);
    Failure::new("FILE_KIND", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &[u8]) -> String {
        match kind(head) {
            FileKind::Text => "text".to_owned(),
            FileKind::Zip => "zip".to_owned(),
            FileKind::Other(what) => what,
        }
    }

    #[test]
    fn what_holds_no_rows_says_what_it_is() {
        assert_eq!(told(b"\x89PNG\r\n\x1a\n"), "a picture (PNG)");
        assert_eq!(told(b"BM\x36\x84\x03\0\0\0\0\0\x36"), "a picture (BMP)");
        assert_eq!(told(b"\x1f\x8b\x08"), "an archive (gzip); unpack it first");
        assert_eq!(told(b"%PDF-1.7"), "a PDF document");
        assert_eq!(told(b"{\\rtf1\\ansi"), "an RTF document");
        assert_eq!(
            told(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
            words::AN_OLD_WORKBOOK.say()
        );
        assert_eq!(told(b"  <html>"), "a web page or XML");
        assert_eq!(told(b"[{\"a\": 1}]"), "JSON");
        assert_eq!(told(b"\x7fELF\x02\0\0"), "no text");
        assert_eq!(told(b"\xff\xfe\0\0u\0\0\0"), "no text");
        assert_eq!(told(b"PK\x03\x04"), "zip");
    }

    #[test]
    fn text_in_utf_16_without_its_mark_is_told_as_what_it_is() {
        for text in [
            "批次号,支付单号,结果\r\no-1,1,成功\r\n",
            "一月,名称\n",
            "名称\n杭州\n",
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [little, big] {
                assert_eq!(told(&bytes), words::BARE_UTF16.say(), "{text}");
            }
        }
    }

    #[test]
    fn text_is_text_in_any_encoding() {
        for head in [
            &b""[..],
            b"uscc,name\n",
            b"BM,x\n",
            b"uscc\n\0\0\n",
            b"\xef\xbb\xbfuscc\n",
            b"\xff\xfeu\0s\0",
            b"u\0s\0c\0c\0",
            b"\0u\0s\0c\0c",
            b"\xc3\xfb\xb3\xc6,uscc\n",
        ] {
            assert_eq!(kind(head), FileKind::Text, "{head:?}");
        }
    }
}
