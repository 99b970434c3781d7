//! Answers of whoever pays: taking them, and showing those that came.

use std::io::Read as _;
use std::path::Path;

use gazelle_proto::settlement::v1::{
    AnswerFormat, ListAnswersRequest, PaymentAnswer, PaymentBreak, PaymentBreakKind,
    TakeAnswerRequest, TakeAnswerResponse,
};
use serde_json::json;
use tonic::Status;

use super::{foreseen, list, order};
use crate::args::RunRef;
use crate::client::{Client, Tries, pages};
use crate::commands::confirm::{asks, confirm};
use crate::context::Context;
use crate::failure::Failure;
use crate::files::unreadable;
use crate::input::stamp::Stamp;
use crate::input::text;
use crate::output::{Cell, Column, Format, Notes, column, progress, thousands};
use crate::words;

/// Largest answer, in bytes: the contract's bound.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a message, well below the contract's bound.
const PIECE: usize = 512 * 1024;

pub(super) async fn take(
    context: &mut Context,
    client: &Client,
    path: &Path,
) -> Result<(), Failure> {
    let (format, bytes, said) = read(path)?;
    let mut notes = Notes::default();
    notes.add(said);
    notes.tell(&mut context.out)?;
    if asks(context)
        && let Some(about) = foreseen::change(client, format, &bytes).await?
    {
        confirm(&about)?;
    }
    let wait = progress::waiting(words::TAKING_ANSWER.say());
    let taken = send(client, format, &bytes).await;
    wait.finish_and_clear();
    let taken = taken.map_err(|status| told(format, status.into()))?;
    let answer = taken.answer.unwrap_or_default();
    if context.out.format() == Format::Table {
        let line = words::ANSWER_TAKEN.with(&[
            ("order", &answer.order_id),
            ("settled", &thousands(answer.settled_count.into())),
            ("returned", &thousands(answer.returned_count.into())),
            ("noted", &thousands(answer.noted_count.into())),
        ]);
        context.out.line(&line)?;
        if answer.uncompared_count > 0 {
            let count = thousands(answer.uncompared_count.into());
            let line = words::ANSWER_UNCOMPARED.with(&[("count", &count)]);
            context.out.line(&line)?;
        }
        if taken.repeated {
            context.out.line(words::ANSWER_REPEATED.say())?;
        }
        return Ok(());
    }
    let mut fields: Vec<_> = COLUMNS.iter().copied().zip(cells(answer)).collect();
    fields.push(notes.field());
    fields.push((column("repeated", "repeated"), Cell::Flag(taken.repeated)));
    context.out.one(&fields)
}

/// Sends an answer, again while the failure may pass: the same twice is taken once.
async fn send(
    client: &Client,
    format: AnswerFormat,
    bytes: &[u8],
) -> Result<TakeAnswerResponse, Status> {
    let mut tries = Tries::new();
    loop {
        let pieces: Vec<_> = bytes
            .chunks(PIECE)
            .map(|piece| TakeAnswerRequest {
                format: format.into(),
                content: piece.to_vec(),
            })
            .collect();
        let pieces = tokio_stream::iter(pieces);
        match client.payments.clone().take_answer(pieces).await {
            Ok(taken) => return Ok(taken.into_inner()),
            Err(status) => tries.wait_after(status).await?,
        }
    }
}

/// A list that cannot be read is told with where it stands how one is written.
fn told(format: AnswerFormat, failure: Failure) -> Failure {
    if format == AnswerFormat::TreasuryCsv && failure.reason() == "ANSWER_UNREADABLE" {
        return failure.hint(words::ANSWER_LIST_HINT.say());
    }
    failure
}

/// An answer as it is sent. A treasury's list may be in what Chinese systems write, or a workbook
/// as we hand them out; the contract takes CSV in UTF-8, so it is turned into that, after saying
/// so.
fn read(path: &Path) -> Result<(AnswerFormat, Vec<u8>, Vec<String>), Failure> {
    let name = path.display().to_string();
    let other_kind = |what: &str| {
        let values: [(&str, &dyn std::fmt::Display); 2] = [("path", &name), ("what", &what)];
        Failure::new("FILE_KIND", words::FILE_KIND_ANSWER.with(&values))
    };
    if path.is_dir() {
        return Err(other_kind(words::A_FOLDER.say()));
    }
    let unreadable = |error: std::io::Error| unreadable(path, &error);
    let mut bytes = Vec::new();
    let (file, stamp) = Stamp::open(path).map_err(unreadable)?;
    file.take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if let Some(stamp) = stamp {
        stamp.check()?;
    }
    if bytes.len() as u64 > BYTES_MAX {
        let message = words::ANSWER_LARGE.with(&[("path", &name), ("limit", &(BYTES_MAX >> 20))]);
        return Err(Failure::new("ANSWER_TOO_LARGE", message));
    }
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if bare.trim_ascii().is_empty() {
        let message = words::FILE_IS_EMPTY.with(&[("path", &name)]);
        return Err(Failure::new("FILE_EMPTY", message));
    }
    let is_xml = |bytes: &[u8]| bytes.trim_ascii_start().starts_with(b"<");
    // Where all of it is ASCII, UTF-16 is UTF-8 too, with the character 0 all over it.
    if is_xml(bare) && !text::is_utf16(&bytes) && std::str::from_utf8(bare).is_ok() {
        return Ok((AnswerFormat::Pain002, bytes, Vec::new()));
    }
    if text::is_zip(&bytes) {
        let (content, notes) = list::of_workbook(&name, &bytes)?;
        return Ok((AnswerFormat::TreasuryCsv, content, notes));
    }
    if let Some(what) = text::other_kind(&bytes).filter(|_| !is_xml(&bytes)) {
        return Err(other_kind(&what));
    }
    let (content, notes) = text::in_utf8(&name, bytes)?;
    if is_xml(&content) {
        return Ok((AnswerFormat::Pain002, undeclared(content), notes));
    }
    Ok((AnswerFormat::TreasuryCsv, content, notes))
}

/// XML without its declaration, which names the encoding that it was in.
fn undeclared(xml: Vec<u8>) -> Vec<u8> {
    let bare = xml.trim_ascii_start();
    let end = bare.windows(2).position(|end| end == b"?>");
    match end.filter(|_| bare.starts_with(b"<?xml")) {
        Some(end) => bare[end + 2..].to_vec(),
        None => xml,
    }
}

const COLUMNS: &[Column] = &[
    column("answer_id", "answer"),
    column("order_id", "order"),
    column("received_at", "received at"),
    column("received_by", "received by"),
    column("settled_count", "settled"),
    column("returned_count", "returned"),
    column("noted_count", "noted"),
    column("uncompared_count", "settled, amount not compared"),
    column("refusal_reason", "refused for"),
    column("break_count", "breaks"),
    column("breaks", "what does not fit"),
    column("content_digest", "digest"),
];

fn cells(answer: PaymentAnswer) -> Vec<Cell> {
    let kind = |kind: PaymentBreakKind| match kind {
        PaymentBreakKind::Unspecified => ("UNKNOWN", ""),
        PaymentBreakKind::OrderUnknown => ("ORDER_UNKNOWN", words::BREAK_ORDER_UNKNOWN.say()),
        PaymentBreakKind::PaymentUnknown => ("PAYMENT_UNKNOWN", words::BREAK_PAYMENT_UNKNOWN.say()),
        PaymentBreakKind::OtherAmount => ("OTHER_AMOUNT", words::BREAK_OTHER_AMOUNT.say()),
        PaymentBreakKind::Contradiction => ("CONTRADICTION", words::BREAK_CONTRADICTION.say()),
    };
    let detail = |it: &PaymentBreak| words::told_in_words(&answer.refusal_reason, &it.detail);
    let told = answer.breaks.iter().map(|it| {
        let (_, said) = kind(it.kind());
        format!("{} {said} ({})", it.payment_id, detail(it))
            .trim()
            .to_owned()
    });
    let told = told.collect::<Vec<_>>().join("; ");
    let breaks = answer.breaks.iter().map(
        |it| json!({"payment_id": it.payment_id, "kind": kind(it.kind()).0, "detail": detail(it)}),
    );
    let breaks = Cell::Both(breaks.collect(), told);
    vec![
        answer.answer_id.into(),
        answer.order_id.into(),
        answer.received_at.into(),
        answer.received_by.into(),
        answer.settled_count.into(),
        answer.returned_count.into(),
        answer.noted_count.into(),
        answer.uncompared_count.into(),
        answer.refusal_reason.into(),
        answer.break_count.into(),
        breaks,
        answer.content_digest.into(),
    ]
}

pub(super) async fn list(
    context: &mut Context,
    client: &Client,
    order: Option<RunRef>,
) -> Result<(), Failure> {
    let order_id = match order {
        Some(order) => order::id(client, order).await?,
        None => String::new(),
    };
    let fetch = async |page_token| {
        let request = ListAnswersRequest {
            order_id: order_id.clone(),
            page_size: 100,
            page_token,
        };
        let page = client.payments.clone().list_answers(request).await?;
        let page = page.into_inner();
        Ok((page.answers, page.next_page_token))
    };
    // Too wide for a table; `--output json` and `csv` have it.
    let hidden = usize::from(context.out.format() == Format::Table);
    let shown = COLUMNS.len() - hidden;
    let mut listing = context.out.list("answers", &COLUMNS[..shown]);
    pages(fetch, |answer| {
        let mut cells = cells(answer);
        cells.truncate(shown);
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_by_its_content_and_a_list_is_sent_in_utf_8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer");
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read(&path)
        };
        let xml = b"\xef\xbb\xbf\n<?xml version=\"1.0\"?><Document/>";
        assert_eq!(
            read(xml).unwrap(),
            (AnswerFormat::Pain002, xml.to_vec(), Vec::new())
        );
        let list = "批次号,支付单号,结果\n1,2,成功\n";
        let (gbk, _, _) = encoding_rs::GB18030.encode(list);
        for bytes in [list.as_bytes(), &gbk] {
            let (format, content, notes) = read(bytes).unwrap();
            assert_eq!(
                (format, content),
                (AnswerFormat::TreasuryCsv, list.as_bytes().to_vec())
            );
            assert_eq!(notes.len(), usize::from(bytes != list.as_bytes()));
        }
        let declared = "<?xml version=\"1.0\" encoding=\"GB18030\"?><Document>行</Document>";
        let (gbk, _, _) = encoding_rs::GB18030.encode(declared);
        let utf16: Vec<u8> = format!("\u{feff}{declared}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let unmarked = &utf16[2..];
        for bytes in [&gbk[..], &utf16, unmarked] {
            let (format, content, notes) = read(bytes).unwrap();
            let content = String::from_utf8(content).unwrap();
            assert_eq!(format, AnswerFormat::Pain002);
            assert_eq!((&*content, notes.len()), ("<Document>行</Document>", 1));
        }
        let ascii: Vec<u8> = "<?xml version=\"1.0\"?><Document/>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let (format, content, _) = read(&ascii).unwrap();
        assert_eq!(
            (format, &*content),
            (AnswerFormat::Pain002, &b"<Document/>"[..])
        );
        assert_eq!(read(b"\x89PNG\r\n").unwrap_err().reason(), "FILE_KIND");
        for nothing in [&b""[..], b"\xef\xbb\xbf", b" \r\n"] {
            assert_eq!(read(nothing).unwrap_err().reason(), "FILE_EMPTY");
        }
    }
}
