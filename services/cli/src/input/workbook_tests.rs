use std::io::Cursor;

use crate::input::rows::RowFile;

#[test]
fn a_workbook_is_read_by_its_first_sheet() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in ["id", "amount", "bound_from", ""].into_iter().enumerate() {
        sheet
            .write(1, u16::try_from(column).unwrap(), name)
            .unwrap();
    }
    let day = rust_xlsxwriter::ExcelDateTime::parse_from_str("2025-01-03").unwrap();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    sheet
        .write(2, 0, "甲")
        .unwrap()
        .write(2, 1, 1_234_567_890_i64)
        .unwrap();
    sheet
        .write_datetime_with_format(2, 2, &day, &format)
        .unwrap();
    sheet.write(4, 0, "乙").unwrap().write(4, 1, 0.5).unwrap();
    sheet
        .write(5, 0, "丙")
        .unwrap()
        .write(5, 1, 913_301_060_000_034_275.0)
        .unwrap();
    workbook.add_worksheet().write(0, 0, "other").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();

    let asked = ["id", "amount", "bound_from"];
    let mut file = RowFile::read(Box::new(Cursor::new(bytes)), &asked, &[]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = file.next_row().unwrap() {
        found.push(match row {
            Ok(row) => format!("{}:{}", row.line, row.fields.join("|")),
            Err(bad) => format!("{}:{}", bad.line, bad.reason),
        });
    }
    assert_eq!(
        found,
        [
            "3:甲|1234567890|2025-01-03",
            "5:乙|0.5|",
            "6:NUMBER_INEXACT"
        ]
    );
}

#[test]
fn an_empty_first_sheet_is_told_with_those_that_are_not_read() {
    let refused = |others: &[&str]| {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.add_worksheet().set_name("封面").unwrap();
        for name in others {
            let sheet = workbook.add_worksheet().set_name(*name).unwrap();
            sheet.write(0, 0, "id").unwrap();
        }
        let bytes = workbook.save_to_buffer().unwrap();
        let read = RowFile::read(Box::new(Cursor::new(bytes)), &["id"], &[]);
        read.err().unwrap().to_string()
    };
    let told = refused(&["一月", "二月"]);
    assert!(told.starts_with("FILE_EMPTY: "), "{told}");
    assert!(
        told.contains("封面, is empty; not read: 一月, 二月;"),
        "{told}"
    );
    let alone = refused(&[]);
    assert!(alone.ends_with("is empty; it must begin with a header"));
}

/// The rows of a workbook, a line each, and the columns that were ignored.
fn rows_of(mut workbook: rust_xlsxwriter::Workbook, asked: &[&str]) -> (Vec<String>, Vec<String>) {
    let bytes = workbook.save_to_buffer().unwrap();
    let mut file = RowFile::read(Box::new(Cursor::new(bytes)), asked, &[]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = file.next_row().unwrap() {
        found.push(match row {
            Ok(row) => format!("{}:{}", row.line, row.fields.join("|")),
            Err(bad) => format!("{}:{}", bad.line, bad.reason),
        });
    }
    (found, file.ignored_columns())
}

#[test]
fn a_cell_in_the_farthest_corner_of_a_sheet_costs_one_cell() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, fields) in ["id,amount", "a,1", "b,2"].into_iter().enumerate() {
        for (column, field) in fields.split(',').enumerate() {
            let (row, column) = (row.try_into().unwrap(), column.try_into().unwrap());
            sheet.write(row, column, field).unwrap();
        }
    }
    sheet.write(1, 16_383, "see below").unwrap();
    sheet.write(1_048_575, 16_383, "checked").unwrap();

    let (rows, ignored) = rows_of(workbook, &["id", "amount"]);

    assert_eq!(rows, ["2:a|1", "3:b|2", "1048576:|"]);
    assert_eq!(ignored, ["column 16384, which has no name"]);
}

#[test]
fn below_a_header_in_another_order_a_sheet_is_read_by_it() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = [
        "id,amount,x",
        "a,1,#",
        "x,amount,id",
        "#N/A,2,b",
        "?,3,#N/A",
    ];
    for (row, fields) in (0..).zip(rows) {
        sheet.write_row(row, 0, fields.split(',')).unwrap();
    }
    let (rows, ignored) = rows_of(workbook, &["id", "amount"]);
    assert_eq!(rows, ["2:a|1", "4:b|2", "5:CELL_ERROR"]);
    assert_eq!(ignored, ["x"]);
}

#[test]
fn an_error_costs_the_row_only_in_a_column_that_is_read() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let header = ["id", "amount", "remark"];
    sheet.write_row(0, 0, header).unwrap();
    let error = rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!");
    sheet.write(1, 0, "a").unwrap().write(1, 1, 1).unwrap();
    sheet.write(1, 2, &error).unwrap();
    sheet.write(2, 0, "b").unwrap().write(2, 1, &error).unwrap();

    let (rows, ignored) = rows_of(workbook, &["id", "amount"]);

    assert_eq!(rows, ["2:a|1", "3:CELL_ERROR"]);
    assert_eq!(ignored, ["remark"]);
}

#[test]
fn the_first_sheet_is_the_first_that_people_see() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let hidden = workbook.add_worksheet().set_hidden(true);
    hidden.write(0, 0, "lookup").unwrap();
    let seen = workbook.add_worksheet();
    seen.write(0, 0, "id").unwrap().write(1, 0, "a").unwrap();
    seen.set_active(true);

    assert_eq!(rows_of(workbook, &["id"]).0, ["2:a"]);
}

#[test]
fn a_number_in_a_column_of_days_is_the_day_that_it_is_in_a_workbook() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet
        .write_row(0, 0, ["id", "bound_from", "period"])
        .unwrap();
    sheet.write_row(1, 0, [45_721, 45_721, 45_717]).unwrap();
    sheet.write_row(2, 0, [2_025, 2_025, 202_503]).unwrap();

    let asked = ["id", "bound_from", "period"];
    let (rows, _) = rows_of(workbook, &asked);

    assert_eq!(rows, ["2:45721|2025-03-05|2025-03", "3:2025|2025|2025-03"]);
}

#[test]
fn a_header_that_lacks_a_column_is_told_with_the_sheet_that_was_read() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("填写说明").unwrap();
    sheet.write(0, 0, "how to fill it").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let refused = RowFile::read(Box::new(Cursor::new(bytes)), &["id"], &[])
        .err()
        .unwrap();
    assert_eq!(refused.reason(), "MISSING_COLUMN");
    assert!(refused.message().contains("填写说明"), "{refused}");
}

/// A workbook of one sheet, packed by hand: what no library writes, and other programs do.
fn packed(properties: &str, styles: &str, rows: &str) -> Vec<u8> {
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let files = [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="s1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}<sheets><sheet name="Sheet1" sheetId="1" r:id="s1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/styles.xml",
            format!(r#"<styleSheet xmlns="{MAIN}">{styles}</styleSheet>"#),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut archive, content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn inline(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn read(bytes: Vec<u8>, asked: &[&str]) -> Vec<String> {
    let mut file = RowFile::read(Box::new(Cursor::new(bytes)), asked, &[]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = file.next_row().unwrap() {
        found.push(match row {
            Ok(row) => format!("{}:{}", row.line, row.fields.join("|")),
            Err(bad) => format!("{}:{} {}", bad.line, bad.reason, bad.message),
        });
    }
    found
}

#[test]
fn a_formula_counts_by_its_value_and_without_one_costs_its_row() {
    let header = format!(
        "<row r=\"1\">{}{}</row>",
        inline("A1", "id"),
        inline("B1", "amount")
    );
    let rows = format!(
        "{header}<row r=\"2\">{}<c r=\"B2\"><f>1+1</f><v>2</v></c></row>\
         <row r=\"3\">{}<c r=\"B3\"><f>1+1</f></c></row>\
         <row r=\"4\">{}<c r=\"B4\"><v>4</v></c><c r=\"C4\"><f>1+1</f></c></row>",
        inline("A2", "a"),
        inline("A3", "b"),
        inline("A4", "c"),
    );
    let found = read(packed("", "", &rows), &["id", "amount"]);
    assert_eq!((found[0].as_str(), found[2].as_str()), ("2:a|2", "4:c|4"));
    assert!(
        found[1].starts_with("3:CELL_ERROR amount: the cell has a formula without its value"),
        "{found:?}"
    );
}

#[test]
fn days_of_a_workbook_that_counts_from_1904_are_read_as_they_are_shown() {
    let styles = r#"<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>"#;
    let rows = format!(
        "<row r=\"1\">{}{}</row><row r=\"2\"><c r=\"A2\"><v>7</v></c><c r=\"B2\" s=\"1\"><v>44259</v></c></row>",
        inline("A1", "id"),
        inline("B1", "bound_from"),
    );
    for (properties, day) in [
        (r#"<workbookPr date1904="1"/>"#, "2025-03-05"),
        ("", "2021-03-04"),
    ] {
        let found = read(packed(properties, styles, &rows), &["id", "bound_from"]);
        assert_eq!(found, [format!("2:7|{day}")]);
    }
}

#[test]
fn a_workbook_that_unpacks_without_end_is_refused_before_it_is_unpacked() {
    let rows = format!("<row r=\"1\">{}</row>", inline("A1", &"x".repeat(100_000)));
    let bytes = packed("", "", &rows);
    assert!(bytes.len() < 10_000);
    assert!(super::unpacks_beyond(&bytes, 100_000));
    assert!(!super::unpacks_beyond(&bytes, 200_000));
    assert!(!super::unpacks_beyond(b"PK\x03\x04 damaged", 1));
}

#[test]
fn an_id_is_read_as_it_is_shown_or_costs_its_row() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let format = |code: &str| rust_xlsxwriter::Format::new().set_num_format(code);
    let sheet = workbook.add_worksheet();
    let day = rust_xlsxwriter::ExcelDateTime::parse_from_str("2025-01-03").unwrap();
    sheet
        .write_row(0, 0, ["merchant_id", "amount_fen"])
        .unwrap();
    for (row, code) in (1..).zip(["0000000", "0", "#,##0", "\"R-\"0000"]) {
        sheet.write_with_format(row, 0, 123, &format(code)).unwrap();
        let amount = if code.contains('R') { "0" } else { code };
        let amount = format(amount);
        sheet.write_with_format(row, 1, 123, &amount).unwrap();
    }
    sheet
        .write_with_format(5, 0, &day, &format("m\"月\"d\"日\""))
        .unwrap();
    sheet.write(6, 0, true).unwrap();
    sheet.write(7, 0, 1.5).unwrap();
    sheet.write_row(8, 0, ["shop-7"]).unwrap();
    let yuan = format("¥#,##0.00");
    sheet.write_with_format(8, 1, 123, &yuan).unwrap();
    let (rows, _) = rows_of(workbook, &["merchant_id", "amount_fen"]);
    assert_eq!(
        rows,
        [
            "2:0000123|123",
            "3:123|123",
            "4:123|123",
            "5:CELL_NOT_TEXT",
            "6:CELL_NOT_TEXT",
            "7:CELL_NOT_TEXT",
            "8:CELL_NOT_TEXT",
            "9:NUMBER_FORMAT",
        ]
    );
}

#[test]
fn an_empty_cell_among_formulas_and_formats_leaves_each_number_its_own() {
    let styles = r#"<numFmts><numFmt numFmtId="170" formatCode="00000"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>"#;
    let header = format!(
        "<row r=\"1\">{}{}</row>",
        inline("A1", "merchant_id"),
        inline("B1", "record_id")
    );
    let rows = format!(
        "{header}<row r=\"2\"><c r=\"A2\" s=\"1\"/><c r=\"B2\" s=\"1\"><v>7</v></c></row>\
         <row r=\"3\"><c r=\"B3\"><v>8</v></c><c r=\"A3\" s=\"1\"><f>4+5</f><v>9</v></c></row>",
    );
    let found = read(packed("", styles, &rows), &["merchant_id", "record_id"]);
    assert_eq!(found, ["2:|00007", "3:00009|8"]);
}

#[test]
fn a_format_of_money_that_excel_has_itself_is_not_taken_for_none() {
    let styles =
        r#"<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="7"/><xf numFmtId="3"/></cellXfs>"#;
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>1234</v></c></row>\
         <row r=\"3\"><c r=\"A3\" s=\"2\"><v>1234</v></c></row>\
         <row r=\"4\"><c r=\"A4\" s=\"0\"><v>1234</v></c></row>",
        inline("A1", "amount_fen")
    );
    let found = read(packed("", styles, &rows), &["amount_fen"]);
    assert!(found[0].starts_with("2:NUMBER_FORMAT"), "{found:?}");
    assert_eq!(found[1..], ["3:1234", "4:1234"]);
}

#[test]
fn a_merged_cell_costs_its_row_where_it_has_no_value() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    sheet.write_row(0, 0, ["id", "bound_to", "remark"]).unwrap();
    for row in 1..5 {
        sheet.write(row, 0, "a").unwrap();
    }
    sheet.merge_range(1, 1, 2, 1, "2025-01-03", &plain).unwrap();
    sheet.merge_range(3, 2, 4, 2, "see below", &plain).unwrap();
    let (rows, _) = rows_of(workbook, &["id", "bound_to"]);
    assert_eq!(rows, ["2:a|2025-01-03", "3:CELL_MERGED", "4:a|", "5:a|"]);
}

#[test]
fn sheets_that_are_not_read_are_told_and_which_of_them_are_hidden() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for name in ["旧", "一月", "二月", "三月"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write(0, 0, "id").unwrap();
    }
    let seen = workbook.worksheet_from_index(1).unwrap();
    seen.set_active(true);
    for at in [0, 2] {
        workbook.worksheet_from_index(at).unwrap().set_hidden(true);
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let mut file = RowFile::read(Box::new(Cursor::new(bytes)), &["id"], &[]).unwrap();
    let notes = file.take_notes();
    assert!(
        notes[0].ends_with("is read: 一月; not read: 旧 (hidden), 二月 (hidden), 三月"),
        "{notes:?}"
    );
}

#[test]
fn a_name_that_was_wrapped_by_hand_costs_its_row() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["name", "remark"]).unwrap();
    sheet.write_row(1, 0, ["a\nb", ""]).unwrap();
    sheet.write_row(2, 0, ["a\n", "c\nd"]).unwrap();
    let (rows, _) = rows_of(workbook, &["name", "remark"]);
    assert_eq!(rows, ["2:TEXT_INVALID", "3:a|c\nd"]);
}
