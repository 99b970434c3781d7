//! The list for a city that pays through its treasury (国库集中支付), as CSV and as xlsx, a row a
//! payment.

use std::fmt::Write as _;

use gazelle_kernel::Fen;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::{
    amount::yuan,
    capitals::capitals,
    order::{FileOrder, FilePayment},
};

/// What the columns are called: the order, the payment, payee, account, bank and its code, amount,
/// amount in capitals, purpose, budget years, program.
pub const COLUMNS: [&str; 11] = [
    "批次号",
    "支付单号",
    "收款人全称",
    "账号",
    "开户行",
    "行号",
    "金额(元)",
    "大写金额",
    "用途",
    "预算年度",
    "项目",
];

/// Payments that a sheet holds: it has 1,048,576 rows, one of them the header.
pub const XLSX_PAYMENTS_MAX: i32 = 1_048_575;

/// Where the amount stands.
const AMOUNT: usize = 6;

/// Up to here a number in a sheet, which has 15 digits, is the amount to the fen.
const XLSX_NUMBER_MAX: Fen = Fen::new(999_999_999_999_999);

fn row(order: &FileOrder, payment: &FilePayment) -> [String; COLUMNS.len()] {
    let years: Vec<String> = payment.years.iter().map(ToString::to_string).collect();
    [
        order.order_id.clone(),
        payment.end_to_end_id.clone(),
        payment.payee.name.clone(),
        payment.payee.number.clone(),
        payment.payee.bank_name.clone(),
        payment.payee.bank_code.clone(),
        yuan(payment.amount),
        capitals(payment.amount),
        order.program_name.clone(),
        years.join(" "),
        order.program_id.to_string(),
    ]
}

/// The header of the CSV, after the mark by which spreadsheets know UTF-8.
#[must_use]
pub fn csv_head() -> String {
    format!("\u{feff}{}\n", COLUMNS.join(","))
}

/// A payment's line of the CSV.
#[must_use]
pub fn csv_line(order: &FileOrder, payment: &FilePayment) -> String {
    let mut line = String::new();
    for (at, cell) in row(order, payment).iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            // Writing to a text can't fail.
            let _ = write!(line, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}

/// The list as a workbook of one sheet. The same order gives the same bytes.
///
/// Fails beyond [`XLSX_PAYMENTS_MAX`].
pub fn xlsx<'a>(
    order: &FileOrder,
    payments: impl IntoIterator<Item = &'a FilePayment>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let released = ExcelDateTime::from_timestamp(order.released_at.unix_timestamp())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&released));
    let sheet = workbook.add_worksheet();
    sheet.set_name("支付清单")?;
    for (column, width) in (0_u16..).zip([24, 28, 36, 26, 30, 16, 16, 44, 30, 12, 24]) {
        sheet.set_column_width(column, width)?;
    }
    let bold = Format::new().set_bold();
    for (column, name) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    let money = Format::new().set_num_format("#,##0.00");
    for (line, payment) in (1_u32..).zip(payments) {
        for (column, cell) in row(order, payment).into_iter().enumerate() {
            let place = u16::try_from(column).unwrap_or(u16::MAX);
            if column == AMOUNT && payment.amount <= XLSX_NUMBER_MAX {
                sheet.write_number_with_format(
                    line,
                    place,
                    sheet_number(payment.amount),
                    &money,
                )?;
            } else {
                sheet.write_string(line, place, cell)?;
            }
        }
    }
    workbook.save_to_buffer()
}

/// An amount as sheets hold numbers. They have no other than binary fractions; of 15 digits each
/// is read back as the amount that it was.
#[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
fn sheet_number(amount: Fen) -> f64 {
    amount.get() as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{ProgramId, Year, parse_instant};

    use super::{super::order::FileAccount, *};

    fn account(name: &str) -> FileAccount {
        FileAccount {
            name: name.to_owned(),
            number: "0033-0016".to_owned(),
            bank_code: "012345678901".to_owned(),
            bank_name: "工商银行杭州分行".to_owned(),
        }
    }

    fn order() -> FileOrder {
        FileOrder {
            order_id: "share-3".to_owned(),
            released_at: parse_instant("2026-03-31T16:30:00Z").unwrap(),
            program_id: ProgramId::parse("share").unwrap(),
            program_name: "平台费用补贴".to_owned(),
            payer: account("财政局"),
            payment_count: 1,
            total: Fen::new(168_032),
        }
    }

    fn to(name: &str) -> FilePayment {
        let years = [2025, 2026].map(|year| Year::new(year).unwrap());
        FilePayment {
            end_to_end_id: "share-3-1".to_owned(),
            payee: account(name),
            amount: Fen::new(168_032),
            years: years.to_vec(),
        }
    }

    #[test]
    fn a_line_holds_all_that_a_treasury_asks_for() {
        assert_eq!(
            csv_line(&order(), &to("杭州甲有限公司")),
            "share-3,share-3-1,杭州甲有限公司,0033-0016,工商银行杭州分行,012345678901,1680.32,\
             壹仟陆佰捌拾元叁角贰分,平台费用补贴,2025 2026,share\n"
        );
        assert_eq!(csv_head().split(',').count(), COLUMNS.len());
    }

    #[test]
    fn a_name_with_commas_and_quotes_stays_one_cell() {
        let line = csv_line(&order(), &to("甲,\"乙\""));
        assert!(line.contains(",\"甲,\"\"乙\"\"\","), "{line}");
    }

    #[test]
    fn the_same_order_gives_the_same_workbook() {
        let payments = [to("甲"), to("乙")];
        let written = xlsx(&order(), &payments).unwrap();
        assert_eq!(written, xlsx(&order(), &payments).unwrap());
        assert!(written.starts_with(b"PK"));
    }
}
