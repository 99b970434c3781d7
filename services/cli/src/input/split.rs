//! How one row is cut into fields (RFC 4180).

use crate::words;

/// Cuts a row at its separators and takes the quotes off. `Ok(None)`: a quoted field does not end
/// in it, so the next line belongs to it too.
pub(super) fn split(row: &[u8], separator: u8) -> Result<Option<Vec<Vec<u8>>>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = row;
    loop {
        // Programs write `="007"`, so that spreadsheets make no number of it.
        let quoted = rest.strip_prefix(b"=").unwrap_or(rest).strip_prefix(b"\"");
        let (field, after) = if let Some(quoted) = quoted {
            let Some(parts) = unquote(quoted) else {
                return Ok(None);
            };
            parts
        } else {
            let end = rest
                .iter()
                .position(|&byte| byte == separator)
                .unwrap_or(rest.len());
            if rest[..end].contains(&b'"') {
                return Err(words::QUOTE_INSIDE.say());
            }
            (rest[..end].to_vec(), &rest[end..])
        };
        fields.push(field);
        match after {
            [] => return Ok(Some(fields)),
            [byte, more @ ..] if *byte == separator => rest = more,
            _ => return Err(words::QUOTE_AFTER.say()),
        }
    }
}

/// The field up to its closing quote, and what comes after that.
fn unquote(quoted: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut field = Vec::new();
    let mut rest = quoted;
    loop {
        let end = rest.iter().position(|&byte| byte == b'"')?;
        field.extend_from_slice(&rest[..end]);
        rest = &rest[end + 1..];
        let Some(more) = rest.strip_prefix(b"\"") else {
            return Some((field, rest));
        };
        field.push(b'"');
        rest = more;
    }
}
