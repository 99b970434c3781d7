//! A bank's answer: ISO 20022 `pain.002` of any version from `.001.03` on, read by the names of its
//! elements.
//!
//! What an answer says is taken apart here, and judged elsewhere. The text is read once, from
//! front to back; what is kept of a payment is a hundred bytes. Entities of its own are not
//! expanded, and nothing outside of it is read.

use std::io::BufRead;

use gazelle_kernel::Fen;
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::amount::parse_yuan;

/// How deep elements may stand in each other; the format has 20.
const DEPTH_MAX: usize = 64;

/// The longest text that is read of an element, in bytes; the format's ids have 35 characters.
pub(super) const TEXT_BYTES_MAX: usize = 1_024;

/// What banks add of their own, signatures for one. Nothing of it is read.
const ADDED: &str = "SplmtryData";

/// Of what has one of these the money is there, or on its way.
const GOING: [&str; 5] = ["ACCC", "ACSC", "ACSP", "ACWC", "ACWP"];

/// What a bank says became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// `ACSC` or `ACCC`: the money is there.
    Settled,
    /// `RJCT`: it came back, or never went.
    Returned,
    /// Anything else, such as `PDNG`: it is under way.
    Noted(String),
}

impl Said {
    fn parse(code: String) -> Self {
        match code.as_str() {
            "ACSC" | "ACCC" => Self::Settled,
            "RJCT" => Self::Returned,
            _ => Self::Noted(code),
        }
    }
}

/// An amount that an answer repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeated {
    /// So many fen of CNY.
    Fen(Fen),
    /// Something that can't be an amount of ours: another currency, or a fraction of a fen.
    Other(String),
}

/// What an answer says of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerLine {
    /// The payment's number; empty where the answer gives none.
    pub end_to_end_id: String,
    /// What became of it.
    pub said: Said,
    /// Why, as the bank's code or words, `AC04`; empty where it does not say.
    pub reason: String,
    /// The amount; `None` where the answer does not give it.
    pub amount: Option<Repeated>,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The order that it is about.
    pub order_id: String,
    /// What a part of it says that it is about, where that is something else.
    pub other_order_id: Option<String>,
    /// It refuses something as a whole, and says that money of it is there or on its way.
    pub contradicts_itself: bool,
    /// Of payments, in the order of the text.
    pub lines: Vec<AnswerLine>,
    /// Of all payments of the order together, and why, where it lists none.
    pub whole: Option<(Said, String)>,
}

/// Why a text is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableXml {
    /// It is no XML, or is cut off.
    #[error("it is no XML that can be read: {0}")]
    Xml(String),
    /// It is XML of something else.
    #[error("it is no pain.002: the document holds {0:?}")]
    OtherMessage(String),
    /// It has what an answer never has.
    #[error("an answer has no {0}")]
    Forbidden(&'static str),
    /// It says of no order that it is about it.
    #[error("it names no order (OrgnlMsgId)")]
    NoOrder,
    /// It names several.
    #[error("it names several orders, and an answer is about one")]
    SeveralOrders,
    /// Of what it may say once it says two things, or the same again.
    #[error("{0} stands there twice")]
    Twice(&'static str),
}

/// Reads an answer.
pub fn read(text: impl BufRead) -> Result<Answer, UnreadableXml> {
    let mut reader = Reader::from_reader(text);
    let mut parser = Parser::default();
    let mut buffer = Vec::new();
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(broken)?;
        match event {
            Event::Start(element) => parser.open(&element)?,
            Event::Empty(element) => {
                parser.open(&element)?;
                parser.close()?;
            }
            Event::End(_) => parser.close()?,
            Event::Text(text) => parser.text(&text)?,
            Event::CData(text) => parser.text(&text)?,
            Event::GeneralRef(entity) => parser.text(&character(&entity)?)?,
            Event::DocType(_) => return Err(UnreadableXml::Forbidden("document type")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
        buffer.clear();
    }
    parser.finish()
}

fn broken(error: impl std::fmt::Display) -> UnreadableXml {
    UnreadableXml::Xml(error.to_string())
}

/// Whether two ids are one: of ours none differ in case alone, and some banks know capitals only.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The character that an entity stands for: one of XML's own, or by its number.
fn character(entity: &BytesRef<'_>) -> Result<String, UnreadableXml> {
    if let Some(character) = entity.resolve_char_ref().map_err(broken)? {
        return Ok(character.to_string());
    }
    match quick_xml::escape::resolve_xml_entity(entity) {
        Some(text) => Ok(text.to_owned()),
        None => Err(UnreadableXml::Forbidden("entity of its own")),
    }
}

/// What is read so far.
#[derive(Default)]
struct Parser {
    path: Vec<String>,
    text: String,
    currency: String,
    /// What it says that it is about.
    order_ids: NamedIds,
    /// What its parts say that they are about.
    part_ids: NamedIds,
    group: Status,
    information: Status,
    payment: Option<Transaction>,
    lines: Vec<AnswerLine>,
    /// How many of them stand before the part that is being read.
    lines_before: usize,
    whole: Option<(Said, String)>,
    /// Of a part without lines money is there, or on its way.
    is_going: bool,
    contradicts_itself: bool,
    ended: bool,
}

/// Orders that are named; two at most, since one of them is another than the one that counts then.
#[derive(Default)]
struct NamedIds(Vec<String>);

impl NamedIds {
    fn add(&mut self, id: String) {
        let is_new = || self.0.iter().all(|known| !is_same(known, &id));
        if !id.is_empty() && self.0.len() < 2 && is_new() {
            self.0.push(id);
        }
    }
}

/// A status code with its reason.
#[derive(Default, Clone)]
struct Status {
    code: String,
    reason: String,
    /// How many have the status that is told next, as the text says.
    count: String,
    /// Some of it are there, or on their way.
    some_go: bool,
}

#[derive(Default)]
struct Transaction {
    end_to_end_id: String,
    status: Status,
    amount: Option<Repeated>,
}

impl Parser {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), UnreadableXml> {
        let name = element.local_name();
        let name = name.as_ref().to_owned();
        if self.path.len() >= DEPTH_MAX {
            return Err(UnreadableXml::Forbidden("such depth"));
        }
        let expected = ["Document", "CstmrPmtStsRpt"].get(self.path.len());
        if self.ended || expected.is_some_and(|expected| *expected != name) {
            return Err(UnreadableXml::OtherMessage(name));
        }
        match name.as_str() {
            _ if self.is_added() => {}
            "OrgnlPmtInfAndSts" => {
                self.information = Status::default();
                self.lines_before = self.lines.len();
            }
            "TxInfAndSts" => self.payment = Some(Transaction::default()),
            "InstdAmt" => self.currency = attribute(element, "Ccy"),
            _ => {}
        }
        self.text.clear();
        self.path.push(name);
        Ok(())
    }

    /// Whether what is read now is of what banks add.
    fn is_added(&self) -> bool {
        self.path.iter().any(|name| name == ADDED)
    }

    fn text(&mut self, text: &str) -> Result<(), UnreadableXml> {
        if self.is_added() {
            return Ok(());
        }
        if text.contains('\0') {
            return Err(UnreadableXml::Forbidden("character 0"));
        }
        if self.text.len() + text.len() > TEXT_BYTES_MAX {
            return Err(UnreadableXml::Forbidden("text of such length"));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn close(&mut self) -> Result<(), UnreadableXml> {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let mut open = std::mem::take(&mut self.path);
        let path: Vec<&str> = open.iter().skip(2).map(String::as_str).collect();
        match path.as_slice() {
            ["OrgnlGrpInfAndSts", "OrgnlMsgId"] => self.order_ids.add(text),
            // Banks write `NOTPROVIDED` where they do not say it.
            ["OrgnlPmtInfAndSts", "OrgnlPmtInfId"] if text == "NOTPROVIDED" => {}
            ["OrgnlPmtInfAndSts", "OrgnlPmtInfId"] => self.part_ids.add(text),
            ["OrgnlGrpInfAndSts", rest @ ..] => self.group.take(rest, "GrpSts", text)?,
            ["OrgnlPmtInfAndSts", "TxInfAndSts"] => self.end_payment(),
            ["OrgnlPmtInfAndSts", "TxInfAndSts", rest @ ..] => {
                if let Some(payment) = &mut self.payment {
                    payment.take(rest, text, &self.currency)?;
                }
            }
            ["OrgnlPmtInfAndSts", rest @ ..] => self.information.take(rest, "PmtInfSts", text)?,
            _ => {}
        }
        if path.as_slice() == ["OrgnlPmtInfAndSts"] {
            self.end_part();
        }
        open.pop();
        self.ended |= open.is_empty();
        self.path = open;
        Ok(())
    }

    /// What a part says of all that it has; where it lists payments, these have their own word.
    fn end_part(&mut self) {
        let (said, reason) = self.information.said();
        let lines = &self.lines[self.lines_before..];
        if !lines.is_empty() {
            let settles = |line: &AnswerLine| line.said == Said::Settled;
            self.contradicts_itself |= said == Said::Returned && lines.iter().any(settles);
            return;
        }
        self.is_going |= self.information.is_going();
        if self.information.code.is_empty() {
            return;
        }
        // Of several, one that was refused counts.
        if !matches!(&self.whole, Some((Said::Returned, _))) {
            self.whole = Some((said, reason));
        }
    }

    /// A payment without a status of its own has that of what it stands in.
    fn end_payment(&mut self) {
        let Some(payment) = self.payment.take() else {
            return;
        };
        let statuses = [&payment.status, &self.information, &self.group];
        let own = statuses.into_iter().find(|status| !status.code.is_empty());
        let (said, reason) = own.cloned().unwrap_or_default().said();
        self.lines.push(AnswerLine {
            end_to_end_id: payment.end_to_end_id,
            said,
            reason,
            amount: payment.amount,
        });
    }

    fn finish(self) -> Result<Answer, UnreadableXml> {
        if !self.path.is_empty() || !self.ended {
            return Err(UnreadableXml::Xml("it is cut off".to_owned()));
        }
        let mut order_ids = self.order_ids.0.into_iter();
        let order_id = order_ids.next().ok_or(UnreadableXml::NoOrder)?;
        if order_ids.next().is_some() {
            return Err(UnreadableXml::SeveralOrders);
        }
        let mut part_ids = self.part_ids.0.into_iter();
        let group = Some(self.group.said()).filter(|_| !self.group.code.is_empty());
        let is = |said: Said, told: &Option<(Said, String)>| {
            told.as_ref().is_some_and(|it| it.0 == said)
        };
        let is_going = self.is_going
            || self.lines.iter().any(|line| line.said == Said::Settled)
            || self.lines.is_empty() && self.group.is_going();
        let is_refused = is(Said::Returned, &group) || is(Said::Returned, &self.whole);
        let whole = match group {
            Some((Said::Returned, reason)) => Some((Said::Returned, reason)),
            group => self.whole.or(group),
        };
        Ok(Answer {
            other_order_id: part_ids.find(|id| !is_same(id, &order_id)),
            contradicts_itself: self.contradicts_itself || is_going && is_refused,
            order_id,
            whole: whole.filter(|_| self.lines.is_empty()),
            lines: self.lines,
        })
    }
}

impl Status {
    /// Takes what an element below the one with the status says.
    fn take(
        &mut self,
        path: &[&str],
        code: &'static str,
        text: String,
    ) -> Result<(), UnreadableXml> {
        match path {
            [name] if *name == code => once(&mut self.code, text, code)?,
            ["NbOfTxsPerSts", "DtldNbOfTxs"] => self.count = text,
            ["NbOfTxsPerSts", "DtldSts"] => {
                let is_none = !self.count.is_empty() && self.count.bytes().all(|it| it == b'0');
                self.some_go |= !is_none && GOING.contains(&text.as_str());
            }
            ["StsRsnInf", "Rsn", "Cd" | "Prtry"] | ["StsRsnInf", "AddtlInf"]
                if self.reason.is_empty() =>
            {
                self.reason = text;
            }
            _ => {}
        }
        Ok(())
    }

    fn is_going(&self) -> bool {
        self.some_go || GOING.contains(&self.code.as_str())
    }

    fn said(&self) -> (Said, String) {
        (Said::parse(self.code.clone()), self.reason.clone())
    }
}

impl Transaction {
    fn take(&mut self, path: &[&str], text: String, currency: &str) -> Result<(), UnreadableXml> {
        match path {
            ["OrgnlEndToEndId"] => once(&mut self.end_to_end_id, text, "OrgnlEndToEndId")?,
            ["OrgnlTxRef", "Amt", "InstdAmt"] if self.amount.is_some() => {
                return Err(UnreadableXml::Twice("InstdAmt"));
            }
            ["OrgnlTxRef", "Amt", "InstdAmt"] => {
                self.amount = Some(match parse_yuan(&text) {
                    Some(amount) if currency == "CNY" => Repeated::Fen(amount),
                    _ => Repeated::Other(format!("{text} {currency}")),
                });
            }
            path => self.status.take(path, "TxSts", text)?,
        }
        Ok(())
    }
}

/// Takes what may stand there once.
fn once(place: &mut String, text: String, name: &'static str) -> Result<(), UnreadableXml> {
    if !place.is_empty() {
        return Err(UnreadableXml::Twice(name));
    }
    *place = text;
    Ok(())
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let mut attributes = element.attributes().flatten();
    let attribute = attributes.find(|attribute| attribute.key.local_name().as_ref() == name);
    attribute.map_or_else(String::new, |attribute| attribute.value.into_owned())
}

#[cfg(test)]
mod tests;
