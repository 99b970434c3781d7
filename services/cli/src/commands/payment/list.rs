//! A treasury's answer that came as a workbook, as the CSV that the contract takes.

use std::io::{self, Cursor};

use crate::failure::Failure;
use crate::input::rows::RowFile;
use crate::words;

/// The columns that an answer has, and that it may have, in Chinese and in English.
const LANGUAGES: [(&[&str], &[&str]); 2] = [
    (&["批次号", "支付单号", "结果"], &["金额(元)", "原因"]),
    (&["order_id", "payment_id", "result"], &["amount", "reason"]),
];

/// The list of the workbook `bytes`, which `name` names for people, and what they should know of
/// how it was read. A row that cannot be read refuses all of it, as the service would.
pub(super) fn of_workbook(name: &str, bytes: &[u8]) -> Result<(Vec<u8>, Vec<String>), Failure> {
    let [chinese, english] = LANGUAGES;
    let open = |(needed, more): (&'static [&str], &'static [&str])| {
        let input = Box::new(Cursor::new(bytes.to_vec()));
        RowFile::named(name, input, None, (needed, more)).map(|rows| (rows, needed, more))
    };
    let (mut rows, needed, more) = open(chinese).or_else(|refused| {
        // What is in neither language is told in the treasury's.
        open(english).map_err(|_| refused)
    })?;
    let mut list = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Failure::from(io::Error::from(error));
    list.write_record(needed.iter().chain(more))
        .map_err(broken)?;
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

    fn workbook(header: &[&str], rows: &[(&str, &str, &str)]) -> Vec<u8> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, header.iter().copied()).unwrap();
        let money = rust_xlsxwriter::Format::new().set_num_format("#,##0.00");
        for (line, (order, payment, result)) in (1..).zip(rows) {
            sheet.write(line, 0, *order).unwrap();
            sheet.write(line, 1, *payment).unwrap();
            sheet.write_with_format(line, 2, 1680.32, &money).unwrap();
            sheet.write(line, 3, *result).unwrap();
        }
        workbook.save_to_buffer().unwrap()
    }

    #[test]
    fn the_list_that_was_handed_out_is_taken_back_with_what_became_of_each_payment() {
        let header = ["批次号", "支付单号", "金额(元)", "结果", "原因"];
        let rows = [("p-3", "p-3-1", "成功"), ("p-3", "p-3-2", "退回")];
        let (list, notes) = of_workbook("back.xlsx", &workbook(&header, &rows)).unwrap();
        assert_eq!(
            String::from_utf8(list).unwrap(),
            "批次号,支付单号,结果,金额(元),原因\n\
             p-3,p-3-1,成功,1680.32,\np-3,p-3-2,退回,1680.32,\n"
        );
        assert!(notes[0].contains("back.xlsx"), "{notes:?}");
    }

    #[test]
    fn a_list_in_english_is_one_and_another_workbook_is_none() {
        let header = ["order_id", "payment_id", "amount", "result"];
        let english = workbook(&header, &[("p-3", "p-3-1", "SETTLED")]);
        let (list, _) = of_workbook("back.xlsx", &english).unwrap();
        assert!(list.starts_with(b"order_id,payment_id,result,amount,reason\n"));
        let refused = of_workbook("x.xlsx", &workbook(&["a"], &[])).unwrap_err();
        assert_eq!(refused.reason(), "MISSING_COLUMN");
        assert!(refused.message().contains("批次号"), "{refused}");
    }
}
