//! `gazelle account`, `gazelle payment` and `gazelle ledger`.

#![expect(
    clippy::doc_markdown,
    reason = "comments here are help texts, which are shown as they stand"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use gazelle_kernel::ProgramId;

use super::import::{ACCOUNTS_HELP, ImportFile};
use super::values::{RunRef, one_of, order, program};

/// `gazelle account`.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Propose accounts: payee_id, account_name, account_number, bank_code, bank_name [,
    /// name_exception_evidence]
    #[command(after_help = ACCOUNTS_HELP)]
    Import(ImportFile),
    /// Confirm accounts that somebody else proposed (as approver)
    #[command(
        after_help = "What is about to be confirmed is shown first, and on a terminal you are asked; what is proposed after that is not confirmed. With --all, what you proposed yourself is left, and counted. A script that looked before gives what it saw: the `version` or the `proposed_revision` of `account list --output json`."
    )]
    #[command(group = one_of(["payees", "all"]))]
    Confirm {
        /// Whose: enterprises' codes or platforms' ids
        #[arg(value_name = "PAYEE")]
        payees: Vec<String>,
        /// All that are proposed, but for your own
        #[arg(long)]
        all: bool,
        /// What of them the caller saw
        #[command(flatten)]
        seen: Seen,
    },
    /// Reject proposed accounts, or where nothing is proposed the one in force (as approver)
    #[command(
        after_help = "What is about to be rejected is shown first, and on a terminal you are asked; what changes after that is not rejected."
    )]
    Reject {
        /// Whose: enterprises' codes or platforms' ids
        #[arg(value_name = "PAYEE", required = true)]
        payees: Vec<String>,
    },
    /// List accounts by payee, with the last four characters of their numbers
    List {
        /// Only this payee's
        #[arg(long, value_name = "PAYEE")]
        payee: Option<String>,
        /// Only those in this state
        #[arg(long, value_enum)]
        state: Option<AccountState>,
    },
    /// Show all versions of a payee's account, with the full numbers
    Show {
        /// Whose: an enterprise's code or a platform's id
        #[arg(value_name = "PAYEE")]
        payee: String,
    },
    /// List what was booked for a payee, over all programs
    Statement {
        /// Whose: an enterprise's code or a platform's id; only a platform may leave it out, and
        /// sees its own
        #[arg(value_name = "PAYEE")]
        payee: Option<String>,
    },
}

/// What of proposals the caller looked at before.
#[derive(Debug, Clone, Default, Args)]
pub struct Seen {
    /// Confirm only this version of the one payee's account
    #[arg(long, value_name = "N", conflicts_with_all = ["all", "through_revision"])]
    pub version: Option<i32>,
    /// Confirm only what was proposed at this revision or before
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub through_revision: Option<i64>,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AccountState {
    /// Waits for somebody else
    Proposed,
    /// In force
    Confirmed,
    /// Rejected
    Rejected,
    /// Another took its place
    Replaced,
}

const FLOW: &str = "\
An order goes: prepare -> release, by somebody who neither prepared it nor proposed its accounts -> export -> answer.
  gazelle --as officer  payment prepare --program card-fee-relief
  gazelle --as approver payment release card-fee-relief#1
  gazelle --as officer  payment export card-fee-relief#1 --out payments.xml
  gazelle --as officer  payment answer answer.xml
ORDER is an order's id, PROGRAM#NUMBER, or PROGRAM#latest.";

const ANSWER_HELP: &str = "\
It says itself which order it is about. On a terminal what it would change is shown first, and you are asked. It is taken whole or not at all; the same file again changes nothing. What does not fit is in `gazelle payment answers`.

A treasury's list is the exported one (`payment export --format treasury-csv` or treasury-xlsx) with the columns 结果 and 原因 added and filled in. Its columns, in any order:
  批次号     (order_id)    the order
  支付单号   (payment_id)  the payment
  结果       (result)      成功 (SETTLED), 退回 or 失败 (RETURNED, FAILED), 处理中 (PENDING)
  金额(元)   (amount)      compared with what was ordered; also 金额, 支付金额, amount_yuan
  原因       (reason)      why it came back; also 退回原因, 失败原因
The first three are needed. Without the amount nothing is compared, and the answer says so. The other columns of the exported list, 序号 and 备注 are not looked at; any other column is refused, since it might be the amount.";

/// `gazelle payment`.
#[derive(Debug, Subcommand)]
#[command(after_help = FLOW)]
pub enum PaymentCommand {
    /// Prepare an order of all that is payable
    Prepare {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
        /// The last one: pays what is below the program's least payment too
        #[arg(long = "final")]
        last: bool,
    },
    /// Show an order, or one of its tables
    Show {
        /// The order: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = order)]
        order: RunRef,
        /// Which table
        #[arg(long, value_enum)]
        table: Option<OrderTable>,
    },
    /// Release a prepared order (as approver)
    #[command(
        after_help = "What it pays and its digest are shown first, and on a terminal you are asked. With --digest, only what you looked at is released."
    )]
    Release {
        /// The order: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = order)]
        order: RunRef,
        /// Release only what has this digest
        #[arg(long, value_name = "SHA-256")]
        digest: Option<String>,
    },
    /// Drop a prepared order; what it would pay is payable again
    Cancel {
        /// The order: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = order)]
        order: RunRef,
    },
    /// Write a released order as a file for whoever pays it; the same bytes every time
    Export {
        /// The order: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = order)]
        order: RunRef,
        /// The form of the file
        #[arg(long, value_enum, default_value_t)]
        format: FileFormat,
        /// Where to write it; `-` is stdout
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take the answer of whoever pays: a pain.002, or a treasury's list as CSV or .xlsx
    #[command(after_help = ANSWER_HELP)]
    Answer {
        /// The file
        file: PathBuf,
    },
    /// List the answers that came, refused ones too, newest first
    Answers {
        /// Only those about this order
        #[arg(value_parser = order)]
        order: Option<RunRef>,
    },
    /// List what payees have with a program: given, payable, in payment, paid, receivable
    Balances {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
    },
    /// List orders by program and number
    List {
        /// Only this program's
        #[arg(long, value_name = "ID", value_parser = program)]
        program: Option<ProgramId>,
    },
    /// Show a program's money: by year, by run, in all
    Money {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
    },
}

/// A table of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OrderTable {
    /// What it pays
    Payments,
    /// Whom it does not pay, and why
    Held,
    /// Which runs each payment is made of
    Remittances,
}

/// A form of the payment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FileFormat {
    /// ISO 20022 pain.001.001.09, for a bank
    #[default]
    Pain001,
    /// The treasury list as CSV
    TreasuryCsv,
    /// The treasury list as an Excel workbook
    TreasuryXlsx,
}

/// `gazelle ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check the books from the first entry to the last (as auditor)
    #[command(
        after_help = "Ends with 1 and LEDGER_BROKEN at the first entry that is wrong. With --checkpoint it also finds a cut tail, and books that were written anew."
    )]
    Verify {
        /// What `gazelle ledger checkpoint --output json` printed and was kept elsewhere
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
    /// Write the books as a journal that other programs re-add (as auditor)
    Export {
        /// The form
        #[arg(long, value_enum)]
        format: JournalFormat,
        /// Where to write it; `-` is stdout
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show the last entry's number and digest, to be kept elsewhere
    Checkpoint,
}

/// A form of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JournalFormat {
    /// hledger
    Hledger,
    /// beancount
    Beancount,
}
