//! A treasury's answer: a list as CSV, a row a payment, its columns and words in Chinese or in
//! English.
//!
//! A column that nobody here knows is refused: it might be the amount, by another name, and a
//! payment would be settled without a look at it.

use std::collections::HashMap;

use gazelle_kernel::{
    text::{is_invisible, normalized},
    without_currency,
};

use super::{
    super::answer::own_id,
    amount::parse_yuan,
    line_count::LineCount,
    pain002::{Answer, AnswerLine, Repeated, Said, TEXT_BYTES_MAX},
    quotes::stray,
    treasury,
};

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Order,
    Payment,
    Result,
    Amount,
    Reason,
    /// Nothing that is asked for: the exported list has it, or people add it.
    Other,
}

/// What each column is called, the first as the exported list calls it. Blanks, width and case do
/// not matter.
const NAMES: [(Column, &[&str]); 5] = [
    (Column::Order, &["批次号", "order_id", "order"]),
    (Column::Payment, &["支付单号", "payment_id", "payment"]),
    (Column::Result, &["结果", "支付结果", "result"]),
    (
        Column::Amount,
        &[
            "金额(元)",
            "金额",
            "支付金额(元)",
            "支付金额",
            "amount",
            "amount_yuan",
            "amount(yuan)",
        ],
    ),
    (Column::Reason, &["原因", "退回原因", "失败原因", "reason"]),
];

/// What people add to a list, beside what it was exported with.
const ADDED: [&str; 4] = ["序号", "备注", "no.", "remarks"];

/// The columns and words of a list, as its refusals tell them.
const KNOWN: &str = "an answer list has the columns 批次号 (order_id), 支付单号 (payment_id) and \
                     结果 (result: 成功, 退回, 失败, 处理中, or SETTLED, RETURNED, FAILED, \
                     PENDING), and may have 金额(元) (amount), 原因 (reason), 备注 (remarks), 序号 \
                     (no.) and the others of the exported list";

/// Why a text is no answer list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableList {
    /// Columns that it needs are missing.
    #[error("it has no column {0}: {KNOWN}")]
    ColumnMissing(String),
    /// A column that is not known, which might be the amount.
    #[error("it has a column {0:?}, which is not known: {KNOWN}")]
    ColumnUnknown(String),
    /// Two columns say the same.
    #[error("it has two columns {0}")]
    ColumnTwice(&'static str),
    /// It is no CSV, or no text.
    #[error("line {line} can't be read: {why}")]
    Line {
        /// Which, from 1.
        line: u64,
        why: String,
    },
    /// Two rows say two things of one payment.
    #[error(
        "line {line} has another result of its payment than line {before}: ask which of them holds"
    )]
    TwoResults {
        /// Which, from 1.
        line: u64,
        /// The first of the payment.
        before: u64,
    },
    /// A row names another order than those before it.
    #[error(
        "line {line} is about the order {order:?}, and those before it about {first:?}: an answer is about one"
    )]
    OtherOrder {
        /// Which line, from 1.
        line: u64,
        /// What it names.
        order: String,
        /// What the first row names.
        first: String,
    },
    /// A second list goes on after the first, with a header of its own.
    #[error(
        "line {line} is a header again, so that two lists were joined: leave that line out where \
         both are about one order, else send each by itself"
    )]
    HeaderAgain {
        /// Which line, from 1.
        line: u64,
    },
    /// It has nothing but a header.
    #[error("it has no row under its header")]
    NoRow,
    /// A result that is none of those that are known.
    #[error(
        "line {line} has the result {result:?}: it is one of 成功, 退回, 失败, 处理中, SETTLED, \
         RETURNED, FAILED, PENDING"
    )]
    Result {
        /// Which line, from 1.
        line: u64,
        /// What stands there.
        result: String,
    },
}

/// Where a list's columns stand.
struct Places {
    order: usize,
    payment: usize,
    result: usize,
    amount: Option<usize>,
    reason: Option<usize>,
    /// Those without a name, as spreadsheets leave them behind: nothing may stand there.
    unnamed: Vec<usize>,
    /// How many cells a row has at least: up to the last column with a name.
    least: usize,
    /// How many cells the header has.
    width: usize,
}

impl Places {
    fn find(header: &[&str]) -> Result<Self, UnreadableList> {
        let mut unnamed = Vec::new();
        let mut columns = Vec::new();
        for (place, name) in header.iter().copied().enumerate() {
            if is_nothing(name) {
                unnamed.push(place);
                continue;
            }
            let column = column(name);
            let column = column.ok_or_else(|| UnreadableList::ColumnUnknown(name.to_owned()))?;
            columns.push((column, place));
        }
        let mut missing = Vec::new();
        let mut found = [None; NAMES.len()];
        for ((column, names), found) in NAMES.iter().zip(&mut found) {
            let mut places = columns.iter().filter(|(known, _)| known == column);
            *found = places.next().map(|(_, place)| *place);
            if places.next().is_some() {
                return Err(UnreadableList::ColumnTwice(names[0]));
            }
            if found.is_none() && !matches!(column, Column::Amount | Column::Reason) {
                missing.push(names[0]);
            }
        }
        let [Some(order), Some(payment), Some(result), amount, reason] = found else {
            return Err(UnreadableList::ColumnMissing(missing.join(", ")));
        };
        Ok(Self {
            order,
            payment,
            result,
            amount,
            reason,
            unnamed,
            least: columns.last().map_or(0, |(_, last)| last + 1),
            width: header.len(),
        })
    }

    /// Why the row does not stand under the header.
    fn misplaced(&self, row: &[&str]) -> Option<String> {
        if row.len() < self.least {
            let (cells, least) = (row.len(), self.least);
            return Some(format!("it has {cells} cells, and the header {least}"));
        }
        let unnamed = self.unnamed.iter().copied().chain(self.width..row.len());
        let is_filled = |place: &usize| row.get(*place).is_some_and(|cell| !is_nothing(cell));
        let mut filled = unnamed.filter(is_filled);
        let place = filled.next()? + 1;
        Some(format!("column {place}, which has no name, is not empty"))
    }
}

/// What the column of that name says; `None`: that is not known.
fn column(name: &str) -> Option<Column> {
    let name = folded(name);
    let is = |known: &&str| folded(known) == name;
    let found = NAMES.iter().find(|(_, names)| names.iter().any(&is));
    let other = || treasury::COLUMNS.iter().chain(&ADDED).any(&is);
    found
        .map(|(column, _)| *column)
        .or_else(|| other().then_some(Column::Other))
}

/// A name or a word as it is compared: Chinese input methods write brackets in full width, people
/// put blanks anywhere.
fn folded(text: &str) -> String {
    let text = normalized(text).to_lowercase();
    text.split_whitespace().collect()
}

/// Reads an answer list.
pub fn read(text: &[u8]) -> Result<Answer, UnreadableList> {
    let (separator, start) = beginning(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(&text[start..]);
    let mut count = LineCount::new(text);
    let mut at = |byte: usize| count.at(start.saturating_add(byte));

    if let Some((place, quote)) = stray(&text[start..], separator) {
        let (line, why) = (at(place), quote.why().to_owned());
        return Err(UnreadableList::Line { line, why });
    }

    let mut places: Option<Places> = None;
    let mut order_id = None;
    let mut said = SaidBefore::default();
    let mut lines = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| UnreadableList::Line {
            line: at(byte(error.position())),
            why: error.to_string(),
        })?;
        let line = at(byte(row.position()));
        let cells: Vec<&str> = row.iter().map(bare).collect();
        // Commas and blanks, as spreadsheets leave them behind, and what ends a file of DOS.
        if cells.iter().all(|cell| is_nothing(cell)) {
            continue;
        }
        check_cells(line, &cells)?;
        let Some(places) = &places else {
            places = Some(Places::find(&cells)?);
            continue;
        };
        check_rows(line, &row, places, separator)?;
        // No payment is called as a column is, so that a header is never read as a row.
        let read = payment(line, &cells, places, &mut order_id);
        let read = read.map_err(|error| match Places::find(&cells) {
            Ok(_) => UnreadableList::HeaderAgain { line },
            Err(_) => error,
        })?;
        said.agree(line, &read)?;
        lines.push(read);
    }
    if places.is_none() {
        Places::find(&[])?;
    }
    Ok(Answer {
        order_id: order_id.ok_or(UnreadableList::NoRow)?,
        other_order_id: None,
        contradicts_itself: false,
        lines,
        whole: None,
    })
}

/// In which line of a list a payment was first settled or returned. Its rows have no order in time,
/// so of two that differ nobody knows which is true.
#[derive(Default)]
struct SaidBefore(HashMap<String, (u64, Said)>);

impl SaidBefore {
    fn agree(&mut self, line: u64, read: &AnswerLine) -> Result<(), UnreadableList> {
        if matches!(read.said, Said::Noted(_)) {
            return Ok(());
        }
        let payment_id = own_id(&read.end_to_end_id);
        let first = self.0.entry(payment_id);
        let (before, said) = first.or_insert_with(|| (line, read.said.clone()));
        if *said == read.said {
            return Ok(());
        }
        Err(UnreadableList::TwoResults {
            line,
            before: *before,
        })
    }
}

/// A row of a payment. All are about the order that the first names.
fn payment(
    line: u64,
    row: &[&str],
    places: &Places,
    order_id: &mut Option<String>,
) -> Result<AnswerLine, UnreadableList> {
    if let Some(why) = places.misplaced(row) {
        return Err(UnreadableList::Line { line, why });
    }
    let cell = |column: usize| row.get(column).copied().unwrap_or_default();
    let order = cell(places.order);
    if order.is_empty() {
        let why = "it has no 批次号 (order_id); only rows of payments may be there".to_owned();
        return Err(UnreadableList::Line { line, why });
    }
    let first = order_id.get_or_insert_with(|| order.to_owned());
    if !first.eq_ignore_ascii_case(order) {
        return Err(UnreadableList::OtherOrder {
            line,
            order: order.to_owned(),
            first: first.clone(),
        });
    }
    let optional = |column: Option<usize>| column.map(cell).filter(|text| !text.is_empty());
    Ok(AnswerLine {
        end_to_end_id: cell(places.payment).to_owned(),
        said: said(line, cell(places.result))?,
        reason: optional(places.reason).unwrap_or_default().to_owned(),
        amount: optional(places.amount)
            .map(|text| repeated(line, text))
            .transpose()?,
    })
}

/// Where a row or an error of the reader is.
fn byte(place: Option<&csv::Position>) -> usize {
    let byte = place.map_or(0, csv::Position::byte);
    usize::try_from(byte).unwrap_or(usize::MAX)
}

/// Nothing is as long as this, and no table holds the character 0.
fn check_cells(line: u64, row: &[&str]) -> Result<(), UnreadableList> {
    let why = if row.iter().any(|cell| cell.len() > TEXT_BYTES_MAX) {
        format!("a cell has more than {TEXT_BYTES_MAX} bytes")
    } else if row.iter().any(|cell| cell.contains('\0')) {
        "a cell has the character 0".to_owned()
    } else {
        return Ok(());
    };
    Err(UnreadableList::Line { line, why })
}

/// No cell holds rows of payments: those that stand after a quote too many.
fn check_rows(
    line: u64,
    row: &csv::StringRecord,
    places: &Places,
    separator: u8,
) -> Result<(), UnreadableList> {
    let is_row = |text: &str| {
        let cells: Vec<&str> = text.split(char::from(separator)).map(bare).collect();
        cells.len() >= places.least && said(line, cells[places.result]).is_ok()
    };
    let has_rows = |cell: &str| cell.split(['\r', '\n']).skip(1).any(is_row);
    if row.iter().any(has_rows) {
        let why = "a cell holds other rows, so that a quote before it is one too many".to_owned();
        return Err(UnreadableList::Line { line, why });
    }
    Ok(())
}

/// A cell without blanks around it, and without what spreadsheets take for a text by: `="0012"`.
/// A byte order mark stands before a file that was put after another.
fn bare(cell: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let cell = cell.trim_matches(blank);
    let quoted = cell.strip_prefix("=\"").and_then(|it| it.strip_suffix('"'));
    match quoted {
        Some(value) if !value.contains('"') => value.trim_matches(blank),
        _ => cell,
    }
}

/// Whether nobody sees anything in a cell, or nothing but separators of another list.
fn is_nothing(cell: &str) -> bool {
    let is_seen = |c: char| !c.is_whitespace() && !is_invisible(c) && !",;".contains(c);
    !cell.contains(is_seen)
}

/// Which separator a list has, and where its rows begin. Spreadsheets write semicolons where the
/// comma is a decimal point, and tabs; and some are told which in a first line, `sep=;`.
fn beginning(text: &[u8]) -> (u8, usize) {
    let rows = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let start = text.len() - rows.len();
    let mut lines = rows.split(|byte| b"\r\n".contains(byte));
    if let Some(first) = lines.clone().next()
        && let [s, e, p, b'=', separator @ (b',' | b';' | b'\t' | b'|')] = first
        && [s, e, p].map(u8::to_ascii_lowercase) == *b"sep"
    {
        return (*separator, start + first.len());
    }
    let header = lines.find(|line| line.iter().any(|byte| !b" \t,;".contains(byte)));
    let has = |separator| header.is_some_and(|header| header.contains(&separator));
    let others = [b'\t', b';'].into_iter().find(|&it| !has(b',') && has(it));
    (others.unwrap_or(b','), start)
}

fn said(line: u64, result: &str) -> Result<Said, UnreadableList> {
    match folded(result).as_str() {
        "成功" | "settled" => Ok(Said::Settled),
        "退回" | "失败" | "returned" | "failed" => Ok(Said::Returned),
        "处理中" | "pending" => Ok(Said::Noted(result.to_owned())),
        _ => Err(UnreadableList::Result {
            line,
            result: result.to_owned(),
        }),
    }
}

/// Treasuries separate thousands for the eye.
fn repeated(line: u64, text: &str) -> Result<Repeated, UnreadableList> {
    if let Some(amount) = parse_yuan(&normalized(text).replace(',', "")) {
        return Ok(Repeated::Fen(amount));
    }
    if let Some(number) = without_currency(text) {
        let why = format!("the amount {text:?} has a currency beside it: write {number} alone");
        return Err(UnreadableList::Line { line, why });
    }
    Ok(Repeated::Other(text.to_owned()))
}

#[cfg(test)]
#[path = "answer_list_tests.rs"]
mod tests;
