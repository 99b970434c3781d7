//! `gazelle settlement`.

use clap::{Subcommand, ValueEnum};
use gazelle_kernel::{Period, ProgramId, Uscc, Year};

use super::{period, program, uscc, year};

const FLOW: &str = "\
A run goes: compute -> publish (public notice) -> approve, by somebody who neither computed nor published it.
  gazelle --as officer  settlement compute --program card-fee-relief --through 2025-01
  gazelle --as auditor  settlement show RUN --table lines --output csv
  gazelle --as officer  settlement publish RUN
  gazelle --as approver settlement approve RUN";

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
    },
    /// Show a run's sums, or one of its result tables
    Show {
        /// The run's id
        run: String,
        /// Which table
        #[arg(long, value_enum)]
        table: Option<ResultTable>,
    },
    /// Put a computed run on public notice
    Publish {
        /// The run's id
        run: String,
    },
    /// Approve a run whose notice is over
    #[command(
        after_help = "Without --digest, what is approved is the result as it stands now; its digest is printed. With it, only the result that you looked at."
    )]
    Approve {
        /// The run's id
        run: String,
        /// Approve only a result with this digest
        #[arg(long, value_name = "SHA-256")]
        digest: Option<String>,
    },
    /// Drop a run that is not approved; it stays as evidence
    Cancel {
        /// The run's id
        run: String,
    },
    /// List runs by program and number
    List {
        /// Only this program's
        #[arg(long, value_name = "ID", value_parser = program)]
        program: Option<ProgramId>,
    },
    /// Explain an enterprise's share in a run, step by step
    Explain {
        /// The run's id
        run: String,
        /// The enterprise's code
        #[arg(value_parser = uscc)]
        uscc: Uscc,
    },
    /// Compute a run again from what it was decided from, and compare
    Verify {
        /// The run's id
        run: String,
    },
    /// Record an enterprise's objection to what a published run grants it
    Object {
        /// The run's id
        run: String,
        /// The enterprise's code
        #[arg(value_parser = uscc)]
        uscc: Uscc,
        /// What it objects to
        #[arg(long, value_name = "TEXT")]
        statement: String,
    },
    /// Decide an objection
    Decide {
        /// The run's id
        run: String,
        /// The enterprise's code
        #[arg(value_parser = uscc)]
        uscc: Uscc,
        /// The enterprise gets nothing in this run; its due stays for the next
        #[arg(long, required_unless_present = "dismiss", conflicts_with = "dismiss")]
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
        /// The run's id
        run: String,
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
