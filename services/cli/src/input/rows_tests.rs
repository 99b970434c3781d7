use std::io::Cursor;

use super::*;

fn open(text: &[u8]) -> Result<RowFile, Failure> {
    RowFile::read(
        Box::new(Cursor::new(text.to_vec())),
        &["id", "amount"],
        &["note"],
    )
}

/// Rows as `LINE:FIELD|FIELD`, rejected ones as `LINE:REASON`.
fn rows(text: impl AsRef<[u8]>) -> Vec<String> {
    let mut file = open(text.as_ref()).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = file.next_row().unwrap() {
        rows.push(match row {
            Ok(row) => format!("{}:{}", row.line, row.fields.join("|")),
            Err(bad) => format!("{}:{}", bad.line, bad.reason),
        });
    }
    rows
}

fn refused(text: &[u8]) -> String {
    open(text).err().unwrap().reason().to_owned()
}

#[test]
fn columns_are_found_by_name_and_others_are_ignored() {
    assert_eq!(rows("amount,x,id\n5,?,a\n"), ["2:a|5|"]);
    assert_eq!(rows("note,id,amount\nhi,a,5\n"), ["2:a|5|hi"]);
    let file = open(b"amount,x,id,y\n").unwrap();
    assert_eq!(file.ignored_columns(), ["x", "y"]);
}

#[test]
fn a_header_that_lacks_or_repeats_a_column_is_refused() {
    assert_eq!(refused(b"id,amounts\na,5\n"), "MISSING_COLUMN");
    assert_eq!(refused(b"id,amount,id\na,5,b\n"), "DUPLICATE_COLUMN");
    assert_eq!(refused(b"id,\xff\n"), "NOT_UTF8");
    assert_eq!(refused(&vec![b'x'; ROW_BYTES_MAX + 1]), "LINE_TOO_LONG");
}

#[test]
fn a_header_alone_has_no_rows() {
    for text in [
        "id,amount",
        "\n\nid,amount",
        "id,amount\n",
        "\u{feff}id,amount\r\n",
    ] {
        assert_eq!(rows(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn byte_order_mark_crlf_blank_lines_and_a_missing_last_line_end_are_accepted() {
    let text = "\u{feff}id,amount\r\n\r\na,1\r\n\nb,2";
    assert_eq!(rows(text), ["3:a|1|", "5:b|2|"]);
}

#[test]
fn quoted_fields_hold_commas_quotes_and_line_breaks() {
    let text = "id,amount\n\"a,\"\"b\"\"\",1\n\"two\nlines\",2\n\"\",3\n";
    assert_eq!(rows(text), ["2:a,\"b\"|1|", "3:two\nlines|2|", "5:|3|"]);
}

#[test]
fn a_bad_row_costs_only_itself() {
    let mut text = b"id,amount\na\nb,1,2\n\xffc,3\nd\"x,4\n\"e\"x,5\n".to_vec();
    text.extend_from_slice("f,6\n".as_bytes());
    assert_eq!(
        rows(text),
        [
            "2:FIELD_COUNT",
            "3:FIELD_COUNT",
            "4:NOT_UTF8",
            "5:QUOTE_INVALID",
            "6:QUOTE_INVALID",
            "7:f|6|"
        ]
    );
}

#[test]
fn a_quote_that_never_ends_costs_one_row() {
    assert_eq!(
        rows("id,amount\n\"a,1\nb,2\nc,3"),
        ["2:QUOTE_INVALID", "3:b|2|", "4:c|3|"]
    );
    let far = format!("id,amount\n\"a,1\n{}", "b,2\n".repeat(ROW_BYTES_MAX));
    let rows = rows(far);
    assert_eq!(rows.len(), ROW_BYTES_MAX + 1);
    assert_eq!(rows[..2], ["2:QUOTE_INVALID", "3:b|2|"]);
}

#[test]
fn a_line_too_long_is_passed_over_without_keeping_it() {
    let long = "x".repeat(ROW_BYTES_MAX + 1);
    assert_eq!(
        rows(format!("id,amount\n{long}\nb,2\n")),
        ["2:LINE_TOO_LONG", "3:b|2|"]
    );
    let just = "x".repeat(ROW_BYTES_MAX - 2);
    assert_eq!(
        rows(format!("id,amount\n{just},1\n")),
        [format!("2:{just}|1|")]
    );
}

/// A file of one endless line: reading it takes no more memory than a buffer.
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let take = buffer
            .len()
            .min(usize::try_from(self.0).unwrap_or(usize::MAX));
        buffer[..take].fill(b'x');
        self.0 -= take as u64;
        Ok(take)
    }
}

#[test]
fn an_endless_line_is_rejected_in_bounded_memory() {
    let header = Cursor::new(b"id,amount\n".to_vec());
    let input = Box::new(header.chain(Endless(100 << 20)));
    let mut file = RowFile::read(input, &["id", "amount"], &[]).unwrap();
    let bad = file.next_row().unwrap().unwrap().unwrap_err();
    assert_eq!((bad.line, bad.reason.as_str()), (2, "LINE_TOO_LONG"));
    assert!(file.held_bytes() < 1 << 20);
    assert_eq!(file.next_row().unwrap(), None);
}
