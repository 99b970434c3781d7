//! The year's money: accounts, orders, a bank that returns a few, and books that agree with it.

use std::path::Path;
use std::process::Stdio;

use comfy_table::{Cell, CellAlignment};
use gazelle_kernel::{Fen, ProgramId};
use gazelle_proto::settlement::v1::{
    AnswerFormat, ExportLedgerRequest, ExportOrderRequest, GetProgramMoneyRequest, LedgerFormat,
    PaymentFileFormat, PaymentOrder, ProgramMoney, ReleaseOrderRequest, TakeAnswerRequest,
};

use super::cast::{Cast, headline};
use super::{accounts, bank};
use crate::commands::{ledger, payment};
use crate::failure::Failure;
use crate::output::{Out, progress, thousands};
use crate::words;

/// Longest answer that a message carries, in bytes; the contract's bound is 1 MiB.
const PIECE: usize = 512 * 1024;

/// Of so many payments the bank returns one.
const RETURNS_ONE_OF: usize = 40;

/// Pays what the year's runs gave, shows who got what, and adds up the books.
pub(super) async fn play(
    out: &mut Out,
    cast: &Cast,
    city: &Path,
    programs: &[ProgramId],
    home: &Path,
) -> Result<(), Failure> {
    headline(out, words::HEADLINE_MONEY.say())?;
    let known = city.join("accounts.csv");
    let count = accounts::import(cast, &known).await?;
    out.line(&words::ACCOUNTS_CONFIRMED.with(&[("count", &thousands(count))]))?;
    for program in programs {
        let Some(order) = pay(out, cast, program, RETURNS_ONE_OF).await? else {
            continue;
        };
        if order.returned_count == 0 {
            continue;
        }
        let moved = accounts::of_returned(cast, &known, &order.order_id).await?;
        let count = accounts::import(cast, &moved).await?;
        out.line(&words::PAID_AGAIN.with(&[("count", &thousands(count))]))?;
        pay(out, cast, program, usize::MAX).await?;
    }
    let paid = who_got_what(out, cast, programs).await?;
    books(out, cast, home, paid).await
}

/// An order from prepared to answered: as it stands then; `None` where nothing is to be paid.
async fn pay(
    out: &mut Out,
    cast: &Cast,
    program: &ProgramId,
    returned_one_of: usize,
) -> Result<Option<PaymentOrder>, Failure> {
    let wait = progress::waiting(program.as_str());
    let prepared = payment::prepare(&cast.officer, program, false).await;
    let order = match prepared {
        Err(failure) if failure.reason() == "NOTHING_TO_PAY" => return Ok(None),
        prepared => prepared?,
    };
    let request = ReleaseOrderRequest {
        order_id: order.order_id.clone(),
        digest: order.digest.clone(),
    };
    let mut payments = cast.approver.payments.clone();
    payments.release_order(request).await?;
    let file = exported(cast, &order.order_id).await?;
    let taken = take(cast, bank::answer(&file, returned_one_of)).await?;
    wait.finish_and_clear();
    out.line(&words::ORDER_PAID.with(&[
        ("order", &format!("{program}#{}", order.number)),
        ("payments", &thousands(order.payment_count.into())),
        ("total", &Fen::new(order.total_fen).to_yuan()),
        ("held", &thousands(order.held_count.into())),
        ("settled", &thousands(taken.settled_count.into())),
        ("returned", &thousands(taken.returned_count.into())),
    ]))?;
    out.flush()?;
    Ok(Some(taken))
}

/// The payment file, as the bank gets it.
async fn exported(cast: &Cast, order_id: &str) -> Result<String, Failure> {
    let request = ExportOrderRequest {
        order_id: order_id.to_owned(),
        format: PaymentFileFormat::Pain001.into(),
    };
    let answer = cast.officer.payments.clone().export_order(request).await?;
    let (mut pieces, mut file) = (answer.into_inner(), Vec::new());
    while let Some(piece) = pieces.message().await? {
        file.extend(piece.content);
    }
    String::from_utf8(file).map_err(|error| Failure::new("INTERNAL", error.to_string()))
}

async fn take(cast: &Cast, answer: String) -> Result<PaymentOrder, Failure> {
    let pieces: Vec<_> = answer
        .into_bytes()
        .chunks(PIECE)
        .map(|piece| TakeAnswerRequest {
            format: AnswerFormat::Pain002.into(),
            content: piece.to_vec(),
        })
        .collect();
    let mut payments = cast.officer.payments.clone();
    let taken = payments.take_answer(tokio_stream::iter(pieces)).await?;
    Ok(taken.into_inner().order.unwrap_or_default())
}

/// A row a program; hands on what was paid in all, in fen.
async fn who_got_what(out: &mut Out, cast: &Cast, programs: &[ProgramId]) -> Result<i64, Failure> {
    headline(out, words::HEADLINE_GOT.say())?;
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let header = [
        "",
        words::MONEY_GIVEN.say(),
        words::MONEY_PAID.say(),
        words::MONEY_PAYABLE.say(),
        words::MONEY_RECEIVABLE.say(),
        words::MONEY_RETURNED.say(),
    ];
    let titles = header.map(|title| right(title.to_owned()));
    let mut table = out.headed_table(titles);
    let mut paid = 0;
    for program in programs {
        let request = GetProgramMoneyRequest {
            program_id: program.to_string(),
        };
        let mut payments = cast.auditor.payments.clone();
        let answer = payments.get_program_money(request).await?.into_inner();
        let money: ProgramMoney = answer.total.unwrap_or_default();
        paid += money.paid_fen;
        let amounts = [
            money.given_fen,
            money.paid_fen,
            money.payable_fen,
            money.receivable_fen,
            money.returned_fen,
        ];
        let mut row = vec![Cell::new(program)];
        row.extend(amounts.map(|fen| right(Fen::new(fen).to_yuan())));
        table.add_row(row);
    }
    out.line(&table.trim_fmt())?;
    Ok(paid)
}

/// The books, checked from their first entry, and added up by somebody else where hledger is
/// there.
async fn books(out: &mut Out, cast: &Cast, home: &Path, paid_fen: i64) -> Result<(), Failure> {
    headline(out, words::HEADLINE_BOOKS.say())?;
    let (verified, _) = ledger::verified(&cast.auditor, None).await?;
    out.line(&words::BOOKS_VERIFIED.with(&[("count", &thousands(verified))]))?;
    let request = ExportLedgerRequest {
        format: LedgerFormat::Hledger.into(),
    };
    let answer = cast.auditor.ledger.clone().export_ledger(request).await?;
    let (mut pieces, mut journal) = (answer.into_inner(), String::new());
    while let Some(piece) = pieces.message().await? {
        journal += &piece.text;
    }
    let file = home.join("books.journal");
    std::fs::write(&file, journal)?;
    let ours = Fen::new(paid_fen).to_yuan();
    let path = file.display();
    let told = match treasury(&file).await? {
        None => words::BOOKS_IN.with(&[("path", &path)]),
        Some(theirs) if theirs == ours.replace(',', "") => {
            words::BOOKS_AGREE.with(&[("paid", &ours), ("path", &path)])
        }
        Some(theirs) => {
            let message = words::BOOKS_DIFFER.with(&[("theirs", &theirs), ("ours", &ours)]);
            return Err(Failure::new("LEDGER_BROKEN", message));
        }
    };
    out.line(&told)
}

/// What left the treasury by hledger's reckoning, in yuan; `None` where it is not installed.
async fn treasury(journal: &Path) -> Result<Option<String>, Failure> {
    let ran = tokio::process::Command::new("hledger")
        .arg("-f")
        .arg(journal)
        .args(["balance", "assets:treasury", "--depth", "1", "-O", "csv"])
        .args(["--no-total", "-c", "1000.00 CNY"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let Ok(output) = ran else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::new("LEDGER_BROKEN", message));
    }
    let digit = |it: &char| it.is_ascii_digit() || *it == '.';
    let amount = text.lines().nth(1).and_then(|row| row.split(',').nth(1));
    Ok(amount.map(|amount| amount.chars().filter(digit).collect()))
}
