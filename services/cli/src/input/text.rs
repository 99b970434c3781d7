//! A small file as text, whatever its encoding.

use super::kind::{FileKind, kind, utf16};
use super::survey::encoding;
use crate::failure::Failure;
use crate::words;

/// Whether the file is an archive, as workbooks are.
#[must_use]
pub fn is_zip(bytes: &[u8]) -> bool {
    kind(bytes) == FileKind::Zip
}

/// Whether the file is in UTF-16, by its byte order mark or its beginning.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    utf16(bytes).is_some()
}

/// What the file is that begins so, where it is no text, in words.
#[must_use]
pub fn other_kind(bytes: &[u8]) -> Option<String> {
    match kind(bytes) {
        FileKind::Text => None,
        FileKind::Zip => Some(words::A_WORKBOOK.say().to_owned()),
        FileKind::Other(what) => Some(what),
    }
}

/// The file in UTF-8 without a byte order mark, and what people should know of how it was read.
pub fn in_utf8(name: &str, bytes: Vec<u8>) -> Result<(Vec<u8>, Vec<String>), Failure> {
    let found = encoding(&bytes, None)?;
    let notes = found.told(name)?.into_iter().collect();
    let Some(encoding) = found.encoding else {
        return Ok((bytes, notes));
    };
    let (text, _, _) = encoding.decode(&bytes);
    Ok((text.into_owned().into_bytes(), notes))
}
