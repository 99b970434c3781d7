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
    assert_eq!(rows("ID,Amount\na,5\n"), ["2:a|5|"]);
    assert_eq!(refused(b"id,amount,ID\na,5,b\n"), "DUPLICATE_COLUMN");
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
fn a_file_without_rows_and_a_header_between_rows_are_told() {
    let told = |text: &str| {
        let mut file = open(text.as_bytes()).unwrap();
        while file.next_row().unwrap().is_some() {}
        assert!(file.next_row().unwrap().is_none());
        file.take_notes()
    };
    for text in ["id,amount\n", "id,amount\n,\n \n"] {
        assert_eq!(told(text), ["- has a header and no rows"], "{text:?}");
    }
    assert_eq!(told("id,amount\na,1\n"), Vec::<String>::new());

    let joined = "\u{feff}id,amount\na,1\n\u{feff}id,amount\nb,2\nid, amount\n";
    assert_eq!(rows(joined), ["2:a|1|", "4:b|2|"]);
    let again = |line| format!("line {line} is the header once more, and no row");
    assert_eq!(told(joined), [again(3), again(5)]);
}

#[test]
fn below_a_header_in_another_order_columns_are_where_it_says() {
    let joined = "id,amount,note\na,1,x\n\u{feff}Note , AMOUNT,id\ny,2,b\nid,z,amount\nc,?,3\n";
    assert_eq!(rows(joined), ["2:a|1|x", "4:b|2|y", "6:c|3|"]);
    let mut file = open(joined.as_bytes()).unwrap();
    while file.next_row().unwrap().is_some() {}
    assert_eq!(file.ignored_columns(), ["z"]);
    let notes = file.take_notes();
    assert_eq!(notes.len(), 2);
    for (note, line) in notes.iter().zip([3, 5]) {
        let again = format!("line {line} is the header once more, and no row; its columns");
        assert!(note.starts_with(&again), "{note}");
    }
    // Of a mark before a quote nothing is a field.
    let quoted = "id,amount\na,1\n\u{feff}\"amount\",\"id\"\n2,b\n";
    assert_eq!(rows(quoted), ["2:a|1|", "4:b|2|"]);
}

#[test]
fn below_a_header_that_cannot_be_used_nothing_is_read_before_the_next() {
    for (header, reason) in [
        (&b"amount,id,ID"[..], "DUPLICATE_COLUMN"),
        (b"note,amount,code", "MISSING_COLUMN"),
        // The file before it did not end with its line.
        (b"z,9id,note,amount", "MISSING_COLUMN"),
        (b"amount,id,\xff", "NOT_UTF8"),
        (b"amount,id,no\"te", "QUOTE_INVALID"),
    ] {
        let text = [
            b"id,amount,note\na,1,x\n",
            header,
            b"\n2,b,y\n",
            b"amount,id\n3,c\n",
        ]
        .concat();
        let expected = ["2:a|1|x", "3", "4", "6:c|3|"];
        let expected = expected.map(|row| match row.len() {
            1 => format!("{row}:{reason}"),
            _ => row.to_owned(),
        });
        assert_eq!(rows(text), expected, "{reason}");
    }
    // A line end that was lost between two files of the same columns costs a row.
    let glued = "id,amount\na,1\u{feff}ID,amount\nb,2\n";
    assert_eq!(rows(glued), ["2:FIELD_COUNT", "3:b|2|"]);
    // A quote that never ends says nothing of the lines below it.
    let open = "id,amount\n\"a,1\nid,amount\nb,2\n";
    assert_eq!(rows(open), ["2:QUOTE_INVALID", "4:b|2|"]);
}

#[test]
fn a_header_that_lacks_a_column_says_what_it_has_as_far_as_that_helps() {
    let told = |text: &str| open(text.as_bytes()).err().unwrap().to_string();
    let missing = told("编号,amount,\nx,1,\n");
    assert!(missing.ends_with("and names 编号, amount"), "{missing}");
    assert!(told(&"x".repeat(5_000)).len() < 300);
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

#[test]
fn lines_end_with_any_of_the_ends_that_systems_write() {
    let all = ["2:a|1|", "3:b|2|"];
    assert_eq!(rows("id,amount\ra,1\rb,2\r"), all);
    assert_eq!(rows("id,amount\ra,1\rb,2"), all);
    assert_eq!(rows("id,amount\r\r\na,1\r\r\nb,2\r\r\n"), all);
    assert_eq!(rows("id,amount\r\na,1\rb,2\n"), all);
    // Two ends with nothing between them are a line of nothing.
    assert_eq!(rows("id,amount\r\ra,1\r\r\rb,2"), ["3:a|1|", "6:b|2|"]);
    assert_eq!(rows("id,amount\r\"a\rb\",1\r"), ["2:a\nb|1|"]);
}

#[test]
fn line_ends_are_told_across_chunks() {
    for shift in 0..8 {
        let row = format!("y,3,{}\r\r\n", "z".repeat(1_000));
        let text = format!(
            "id,amount,note\r\r\nb,2,{}\r\r\n{}c,4,\r",
            "x".repeat(shift),
            row.repeat(500)
        );
        let found = rows(text);
        let lines: Vec<_> = found
            .iter()
            .map(|row| row.split(':').next().unwrap())
            .collect();
        let expected: Vec<_> = (2..=503).map(|line| line.to_string()).collect();
        assert_eq!(lines, expected, "{shift}");
    }
}

#[test]
fn rows_of_commas_or_blanks_are_no_rows() {
    let text = "id,amount\na,1\n,\n  \n , \n\t\n\u{3000},\u{a0}\n\"\",\"\"\n,,,\nb,2\n,\n";
    assert_eq!(rows(text), ["2:a|1|", "10:b|2|"]);
    assert_eq!(rows(",,\n\nid,amount,\na,1,\n"), ["4:a|1|"]);
    let unseen = "id,amount\n\u{200b},\u{2060}\n\u{3164}\u{3000}\n\u{1a}\u{1a}\na,1\n\u{feff}";
    assert_eq!(rows(unseen), ["5:a|1|"]);
}

#[test]
fn a_file_of_nothing_is_refused() {
    for nothing in [
        "",
        "\n\n",
        "\u{feff}",
        "\u{200b}\n\u{1a}",
        "\r\n",
        "   \n",
        ",,,\n,,,\n",
    ] {
        assert_eq!(refused(nothing.as_bytes()), "FILE_EMPTY", "{nothing:?}");
    }
}

#[test]
fn columns_without_a_name_are_told_only_where_they_hold_something() {
    let ignored = |text: &[u8]| {
        let mut file = open(text).unwrap();
        while let Some(row) = file.next_row().unwrap() {
            assert!(row.is_ok(), "{row:?}");
        }
        file.ignored_columns().join(", ")
    };
    assert_eq!(ignored(b"id,amount,,\na,1,,\nb,2\n"), "");
    assert_eq!(
        ignored(b"id,,amount,x\na,?,1,\n"),
        "x, column 2, which has no name"
    );
    assert_eq!(
        rows("id,amount\na,1,,\nb,2,,x\n"),
        ["2:a|1|", "3:FIELD_COUNT"]
    );
    assert_eq!(rows(" id , amount\na,1\n"), ["2:a|1|"]);
}

#[test]
fn tabs_and_semicolons_separate_where_the_header_has_no_comma() {
    assert_eq!(rows("id\tamount\na\t1\n"), ["2:a|1|"]);
    assert_eq!(rows("id;amount;note\na;1;x,y\n"), ["2:a|1|x,y"]);
    assert_eq!(rows("id,amount,note\na,1,x;y\n"), ["2:a|1|x;y"]);
}

#[test]
fn what_spreadsheets_and_dos_put_around_the_rows_is_no_row() {
    let mark = "\u{feff}";
    for content in [
        "sep=;\r\nid;amount\r\na;1\r\n".to_owned(),
        format!("{mark}{mark}id,amount\na,1\n"),
        "id,amount\r\na,1\r\n\u{1a}".to_owned(),
        "id,amount\na,1\n\u{1a}\n".to_owned(),
    ] {
        let input = Box::new(Cursor::new(content.clone().into_bytes()));
        let mut file = RowFile::read(input, &["id", "amount"], &[]).unwrap();
        let row = file.next_row().unwrap().unwrap().unwrap();
        assert_eq!(row.fields, ["a", "1"], "{content:?}");
        assert_eq!(file.next_row().unwrap(), None, "{content:?}");
    }
}

#[test]
fn many_columns_that_nobody_asked_for_are_counted() {
    let names: Vec<_> = (0..30).map(|number| format!("c{number}")).collect();
    let content = format!("id,{}\n", names.join(","));
    let file = RowFile::read(Box::new(Cursor::new(content.into_bytes())), &["id"], &[]).unwrap();
    let told = file.ignored_columns();
    assert_eq!((told.len(), told[19].as_str()), (21, "c19"));
    assert_eq!(told[20], "and 10 more");
}

#[test]
fn gb18030_is_read_after_saying_so_and_the_digest_is_of_the_file() {
    let (bytes, _, _) = encoding_rs::GB18030.encode("id,amount,note\n甲,1,杭州\n");
    let mut file = open(&bytes).unwrap();
    let notes = file.take_notes();
    let told = "- is not UTF-8; it is read as gb18030, by which its first text is 甲";
    assert_eq!(notes, [told]);
    let row = file.next_row().unwrap().unwrap().unwrap();
    assert_eq!(row.fields, ["甲", "1", "杭州"]);
    assert_eq!(file.next_row().unwrap(), None);
    let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(&bytes).into();
    assert_eq!(
        (file.sha256(), file.bytes_read()),
        (digest, bytes.len() as u64)
    );
}

#[test]
fn dates_with_slashes_are_read_after_saying_so_once() {
    let input =
        Cursor::new(b"id,bound_from,applied_at\na,2025/1/3,2025/1/3 9:30\nb,2025/1/4,\n".to_vec());
    let asked = ["id", "bound_from", "applied_at"];
    let mut file = RowFile::read(Box::new(input), &asked, &[]).unwrap();
    let first = file.next_row().unwrap().unwrap().unwrap();
    assert_eq!(
        first.fields,
        ["a", "2025-01-03", "2025-01-03T09:30:00+08:00"]
    );
    let second = file.next_row().unwrap().unwrap().unwrap();
    assert_eq!(second.fields, ["b", "2025-01-04", ""]);
    let notes = file.take_notes();
    assert_eq!(notes.len(), 2);
    assert_eq!(
        notes[0],
        "dates like 2025/1/3 (line 2) are read as 2025-01-03"
    );
}

#[test]
fn a_day_that_does_not_exist_is_no_example_of_how_dates_are_read() {
    let rows = b"id,bound_from\na,2025/13/01\nb,2025/1/4\n".to_vec();
    let mut file = RowFile::read(Box::new(Cursor::new(rows)), &["id", "bound_from"], &[]).unwrap();
    while file.next_row().unwrap().is_some() {}
    assert_eq!(
        file.take_notes(),
        ["dates like 2025/1/4 (line 3) are read as 2025-01-04"]
    );
}

#[test]
fn what_is_no_file_of_rows_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &Path| RowFile::open(path, &["id"], &[]).err().unwrap().to_string();
    assert!(
        told(folder.path()).starts_with("FILE_KIND: ")
            && told(folder.path()).contains("is a folder")
    );
    let file = folder.path().join("scan.csv");
    for (bytes, said) in [
        (&b"\x89PNG\r\n\x1a\n"[..], "a picture (PNG)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "a workbook of the old kind (.xls)",
        ),
        (b"PK\x03\x04nothing of a workbook", "an archive (zip)"),
        (b"PK\x03\x04 word/document.xml", "a Word document"),
        (
            b"PK\x03\x04 xl/worksheets/sheet1.xml, and no more",
            "cannot be read as an Excel workbook, it is damaged",
        ),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let told = told(&file);
        assert!(
            told.starts_with("FILE_KIND: ") && told.contains(said),
            "{told}"
        );
    }
    let none = told(&folder.path().join("none.csv"));
    assert!(none.starts_with("FILE_UNREADABLE: cannot read"), "{none}");
}

#[test]
fn what_stands_around_values_is_left_away_after_saying_so_once() {
    let text = "id,amount,note\n\tr1 ,5,\"x\t\"\n=\"007\",6,\n\"=\"\"008\"\"\",7,\nr9,8,a b\n";
    assert_eq!(
        rows(text),
        ["2:r1|5|x", "3:007|6|", "4:008|7|", "5:r9|8|a b"]
    );
    let mut file = open(text.as_bytes()).unwrap();
    while file.next_row().unwrap().is_some() {}
    assert_eq!(
        file.take_notes(),
        ["values like \"\\tr1 \" (line 2) are read as r1, without what stands around them"]
    );
    // What cannot be seen otherwise is not left away: it is no blank.
    assert_eq!(rows("id,amount\n\u{200b}r,1\n"), ["2:\u{200b}r|1|"]);
    assert_eq!(
        rows("id,amount\n=\"a,1\nb,2\n"),
        ["2:QUOTE_INVALID", "3:b|2|"]
    );
}

#[test]
fn an_error_of_a_spreadsheet_costs_the_row_only_in_a_column_that_is_read() {
    let text = "id,amount,x\n#N/A,1,a\nb,#DIV/0!,a\nc,3,#REF!\n\"#VALUE!\",4,a\n#7,5,a\n";
    assert_eq!(
        rows(text),
        [
            "2:CELL_ERROR",
            "3:CELL_ERROR",
            "4:c|3|",
            "5:CELL_ERROR",
            "6:#7|5|"
        ]
    );
    let mut file = open(b"id,amount\n#N/A,1\n").unwrap();
    let bad = file.next_row().unwrap().unwrap().unwrap_err();
    assert_eq!(bad.message, "id: the cell holds the error #N/A");
}
