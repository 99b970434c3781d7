//! A treasury's answer: a list as CSV, a row a payment, with `批次号` (the order), `支付单号` (the
//! payment), `结果` and, where it has them, `金额(元)` and `原因`; or the same in English: `order_id`,
//! `payment_id`, `result`, `amount`, `reason`. Other columns, and the order of all, do not matter.

use super::{
    amount::parse_yuan,
    pain002::{Answer, AnswerLine, Repeated, Said},
};

/// Why a text is no answer list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableList {
    /// A column that it needs is missing.
    #[error("it has no column {0}")]
    ColumnMissing(&'static str),
    /// It is no CSV, or no text.
    #[error("line {line} can't be read: {why}")]
    Line {
        /// Which, from 1.
        line: u64,
        why: String,
    },
    /// Its rows name several orders, or it has none.
    #[error("it is about {0}, and an answer is about one order")]
    Orders(&'static str),
    /// A result that is none of those that are known.
    #[error(
        "line {line} has the result {result:?}: it is one of 成功, 退回, 处理中, SETTLED, RETURNED, \
         PENDING"
    )]
    Result {
        /// Which line, from 1.
        line: u64,
        /// What stands there.
        result: String,
    },
}

/// Reads an answer list.
pub fn read(text: &[u8]) -> Result<Answer, UnreadableList> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .trim(csv::Trim::All)
        .from_reader(text);
    let header = rows.headers().map_err(|error| line(1, &error))?.clone();
    let find = |names: [&str; 2]| header.iter().position(|name| names.contains(&name));
    let needed =
        |names: [&'static str; 2]| find(names).ok_or(UnreadableList::ColumnMissing(names[0]));
    let order = needed(["批次号", "order_id"])?;
    let payment = needed(["支付单号", "payment_id"])?;
    let result = needed(["结果", "result"])?;
    let amount = find(["金额(元)", "amount"]);
    let reason = find(["原因", "reason"]);

    let mut order_id: Option<String> = None;
    let mut lines = Vec::new();
    for (at, row) in (2..).zip(rows.records()) {
        let row = row.map_err(|error| line(at, &error))?;
        // Commas and blanks, as spreadsheets leave them behind.
        if row.iter().all(str::is_empty) {
            continue;
        }
        let cell = |column: usize| row.get(column).unwrap_or_default();
        if order_id.get_or_insert_with(|| cell(order).to_owned()) != cell(order) {
            return Err(UnreadableList::Orders("several"));
        }
        let optional = |column: Option<usize>| column.map(cell).filter(|text| !text.is_empty());
        lines.push(AnswerLine {
            end_to_end_id: cell(payment).to_owned(),
            said: said(at, cell(result))?,
            reason: optional(reason).unwrap_or_default().to_owned(),
            amount: optional(amount).map(repeated),
        });
    }
    let order_id = order_id.filter(|order_id| !order_id.is_empty());
    Ok(Answer {
        order_id: order_id.ok_or(UnreadableList::Orders("none"))?,
        lines,
        whole: None,
    })
}

/// Spreadsheets write semicolons where the comma is a decimal point, and tabs.
fn separator(text: &[u8]) -> u8 {
    let header = text.split(|byte| b"\r\n".contains(byte)).next();
    let has = |separator| header.is_some_and(|header| header.contains(&separator));
    let others = [b'\t', b';'].into_iter().find(|&it| !has(b',') && has(it));
    others.unwrap_or(b',')
}

fn line(line: u64, error: &csv::Error) -> UnreadableList {
    let why = error.to_string();
    UnreadableList::Line { line, why }
}

fn said(line: u64, result: &str) -> Result<Said, UnreadableList> {
    match result {
        "成功" | "SETTLED" => Ok(Said::Settled),
        "退回" | "失败" | "RETURNED" => Ok(Said::Returned),
        "处理中" | "PENDING" => Ok(Said::Noted(result.to_owned())),
        result => Err(UnreadableList::Result {
            line,
            result: result.to_owned(),
        }),
    }
}

/// Treasuries separate thousands for the eye.
fn repeated(text: &str) -> Repeated {
    match parse_yuan(&text.replace(',', "")) {
        Some(amount) => Repeated::Fen(amount),
        None => Repeated::Other(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Fen;

    use super::*;

    #[test]
    fn a_list_says_what_became_of_each_payment() {
        let text = "\u{feff}原因,支付单号,批次号,结果,金额(元)\r\n,o-1-1,o-1,成功,\"1,680.32\"\r\n\
                    账号错误,o-1-2,o-1,退回,\r\n";
        let answer = read(text.as_bytes()).unwrap();
        assert_eq!(answer.order_id, "o-1");
        let line = |id: &str, said, reason: &str, amount| AnswerLine {
            end_to_end_id: id.to_owned(),
            said,
            reason: reason.to_owned(),
            amount,
        };
        let amount = Some(Repeated::Fen(Fen::new(168_032)));
        assert_eq!(
            answer.lines,
            [
                line("o-1-1", Said::Settled, "", amount),
                line("o-1-2", Said::Returned, "账号错误", None),
            ]
        );
    }

    #[test]
    fn a_list_is_read_as_spreadsheets_leave_it() {
        let head = "批次号;支付单号;结果";
        for text in [
            format!("{head}\ro-1;p-1;成功\r"),
            format!("{head}\r\r\no-1;p-1;成功\r\r\n"),
            format!("{head}\n;;\no-1;p-1;成功\n ; ;\n\n"),
        ] {
            for separator in [";", ",", "\t"] {
                let text = text.replace(';', separator);
                let answer = read(text.as_bytes()).unwrap();
                assert_eq!(answer.order_id, "o-1", "{text:?}");
                assert_eq!(answer.lines.len(), 1, "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_no_answer_list_is_refused() {
        let head = "order_id,payment_id,result\n";
        for text in [
            String::new(),
            "order_id,payment_id\no,p\n".to_owned(),
            head.to_owned(),
            format!("{head}o-1,p-1,成功\no-2,p-2,成功\n"),
            format!("{head}o-1,p-1,maybe\n"),
            format!("{head}o-1,p-1\n"),
            format!("{head},p-1,成功\n"),
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(b"order_id,payment_id,result\n\xff,p,SETTLED\n").is_err());
    }
}
