//! A treasury's answer that came as a workbook, as the CSV that the contract takes.

use std::io::{self, Cursor};

use crate::failure::Failure;
use crate::input::rows::RowFile;
use crate::words;

/// What the exported list has beside what an answer says: of an account's number, for one, a
/// workbook may keep too few digits. Which other columns there may be is the service's to judge.
const NOT_SENT: [&str; 8] = [
    "收款人全称",
    "账号",
    "开户行",
    "行号",
    "大写金额",
    "用途",
    "预算年度",
    "项目",
];

/// The list of the workbook `bytes`, which `name` names for people, and what they should know of
/// how it was read. A row that cannot be read refuses all of it, as the service would.
pub(super) fn of_workbook(name: &str, bytes: &[u8]) -> Result<(Vec<u8>, Vec<String>), Failure> {
    let open = |columns: &[&str]| {
        let input = Box::new(Cursor::new(bytes.to_vec()));
        RowFile::named(name, input, None, (columns, &[]))
    };
    let header = open(&[])?.header().to_vec();
    let sent = |column: &&str| !column.is_empty() && !NOT_SENT.contains(column);
    let columns: Vec<&str> = header.iter().map(String::as_str).filter(sent).collect();
    let mut rows = open(&columns)?;
    let mut list = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Failure::from(io::Error::from(error));
    list.write_record(&columns).map_err(broken)?;
    while let Some(row) = rows.next_row()? {
        let row = row.map_err(|bad| {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("line", &bad.line), ("message", &bad.message)];
            Failure::new(bad.reason.clone(), words::AT_LINE.with(&values))
        })?;
        list.write_record(&row.fields).map_err(broken)?;
    }
    let list = list
        .into_inner()
        .map_err(|error| Failure::new("IO_ERROR", error.to_string()))?;
    Ok((list, rows.take_notes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workbook(header: &[&str], row: &[&str]) -> Vec<u8> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, header.iter().copied()).unwrap();
        let money = rust_xlsxwriter::Format::new().set_num_format("#,##0.00");
        for (column, cell) in (0..).zip(row) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_with_format(1, column, number, &money).unwrap(),
                Err(_) => sheet.write(1, column, *cell).unwrap(),
            };
        }
        workbook.save_to_buffer().unwrap()
    }

    fn list(header: &[&str], row: &[&str]) -> String {
        let (list, notes) = of_workbook("back.xlsx", &workbook(header, row)).unwrap();
        assert!(notes[0].contains("back.xlsx"), "{notes:?}");
        String::from_utf8(list).unwrap()
    }

    #[test]
    fn the_list_that_was_handed_out_is_taken_back_with_what_became_of_each_payment() {
        // An account's number that was made one of the sheet's costs nothing.
        assert_eq!(
            list(
                &["批次号", "支付单号", "账号", "金额(元)", "结果", ""],
                &["p-3", "p-3-1", "6222020200112233445", "1680.32", "成功"]
            ),
            "批次号,支付单号,金额(元),结果\np-3,p-3-1,1680.32,成功\n"
        );
    }

    #[test]
    fn a_column_by_any_name_reaches_whoever_judges_it() {
        for amount in ["金额（元）", "金额", "amount", "实付数"] {
            assert_eq!(
                list(&["批次号", "结果", amount], &["p-3", "成功", "1.00"]),
                format!("批次号,结果,{amount}\np-3,成功,1\n")
            );
        }
        let twice = workbook(&["结果", "结果"], &[]);
        let refused = of_workbook("x.xlsx", &twice).unwrap_err();
        assert_eq!(refused.reason(), "DUPLICATE_COLUMN");
    }
}
