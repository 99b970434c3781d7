//! `gazelle settlement`.

use clap::{Subcommand, ValueEnum};
use gazelle_kernel::{Period, PlatformId, ProgramId, Uscc, Year};

use super::values::{RunRef, one_of, owed, period, program, run, uscc, year};

const FLOW: &str = "\
A run goes: compute -> publish (public notice) -> approve, by somebody who neither computed nor published it.
  gazelle --as officer  settlement compute --program card-fee-relief --through 2025-01
  gazelle --as auditor  settlement show card-fee-relief#1 --table lines --output csv
  gazelle --as officer  settlement publish card-fee-relief#1
  gazelle --as approver settlement approve card-fee-relief#1
RUN is a run's id, PROGRAM#NUMBER, or PROGRAM#latest.";

/// Who bears what.
#[derive(Debug, Subcommand)]
#[command(after_help = FLOW)]
pub enum SettlementCommand {
    /// Compute a run: one program, one year, through one month
    Compute {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
        /// The last month to read
        #[arg(long, value_name = "YYYY-MM", value_parser = period)]
        through: Period,
        /// The program year [default: the month's]
        #[arg(long, value_name = "YYYY", value_parser = year)]
        year: Option<Year>,
        /// Leave out a month that a platform owes, knowingly: it becomes part of the run and of
        /// what is published. May be given several times
        #[arg(long, value_name = "PLATFORM:YYYY-MM", value_parser = owed)]
        without: Vec<(PlatformId, Period)>,
    },
    /// Show, platform by month, what a run would read, what is missing, and whose turn it is
    Readiness {
        /// Which program
        #[arg(long, value_name = "ID", value_parser = program)]
        program: ProgramId,
        /// The last month that the run would read
        #[arg(long, value_name = "YYYY-MM", value_parser = period)]
        through: Period,
        /// The program year [default: the month's]
        #[arg(long, value_name = "YYYY", value_parser = year)]
        year: Option<Year>,
    },
    /// Show a run's sums, or one of its result tables
    #[command(group = one_of(["run", "latest"]))]
    Show {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: Option<RunRef>,
        /// The newest run of that program
        #[arg(long, value_name = "PROGRAM", value_parser = program)]
        latest: Option<ProgramId>,
        /// Which table
        #[arg(long, value_enum)]
        table: Option<ResultTable>,
    },
    /// Put a computed run on public notice
    Publish {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
    },
    /// Approve a run whose notice is over
    #[command(
        after_help = "Its sums and digest are shown first, and on a terminal you are asked. Without --digest, what is approved is the result as it stands now. With it, only the result that you looked at."
    )]
    Approve {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
        /// Approve only a result with this digest
        #[arg(long, value_name = "SHA-256")]
        digest: Option<String>,
    },
    /// Drop a run that is not approved; it stays as evidence
    Cancel {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
    },
    /// List runs by program and number
    List {
        /// Only this program's
        #[arg(long, value_name = "ID", value_parser = program)]
        program: Option<ProgramId>,
    },
    /// Explain an enterprise's share in a run, step by step
    Explain {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
        /// The enterprise's code
        #[arg(value_parser = uscc)]
        uscc: Uscc,
    },
    /// Compute a run again from what it was decided from, and compare
    Verify {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
    },
    /// Record an enterprise's objection to what a published run grants it (as officer)
    Object {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
        /// The enterprise's code
        #[arg(value_parser = uscc)]
        uscc: Uscc,
        /// What it objects to
        #[arg(long, value_name = "TEXT")]
        statement: String,
    },
    /// Decide an objection (as officer)
    #[command(group = one_of(["uphold", "dismiss"]))]
    Decide {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
        /// The enterprise's code
        #[arg(value_parser = uscc)]
        uscc: Uscc,
        /// The enterprise gets nothing in this run; its due stays for the next
        #[arg(long)]
        uphold: bool,
        /// The grant stands
        #[arg(long)]
        dismiss: bool,
        /// Why
        #[arg(long, value_name = "TEXT")]
        decision: String,
    },
    /// List a run's objections
    Objections {
        /// The run: its id, PROGRAM#NUMBER, or PROGRAM#latest
        #[arg(value_parser = run)]
        run: RunRef,
    },
}

/// A result table of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ResultTable {
    /// What the run decides for each enterprise
    Enterprises,
    /// Who bears what, by enterprise, platform and fee kind
    Lines,
    /// Fees that are not shared, by reason
    Exclusions,
}
