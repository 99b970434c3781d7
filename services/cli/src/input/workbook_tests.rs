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
