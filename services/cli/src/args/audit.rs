//! `gazelle audit`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::values::{instant, named};

/// The trails of what was done.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List what was done in a service, by number (as auditor)
    List(ListAuditArgs),
    /// Check the trails from the first entry to the last, and what is stored against them (as
    /// auditor)
    #[command(
        after_help = "Ends with 1 and CHAIN_BROKEN at the first entry that is wrong; of the kind STATE_DISAGREES where the trail is right and what is stored is not what it says (what settlement stores, gazelle ledger verify compares). With --checkpoint, a signed note that was kept elsewhere, it also finds a cut tail, and a trail that was written anew; --verifier is the key that the note must be signed by, as its owner told you."
    )]
    Verify {
        /// Which service's [default: all]
        #[arg(long, value_enum)]
        service: Option<TrailOf>,
        /// A signed note that was kept elsewhere
        #[arg(long, value_name = "FILE", requires_all = ["verifier", "service"])]
        checkpoint: Option<PathBuf>,
        /// The key of who signed it: NAME+HASH+BASE64
        #[arg(long, value_name = "KEY", requires = "checkpoint")]
        verifier: Option<String>,
        /// Check the trail alone, and not what is stored
        #[arg(long)]
        chain_only: bool,
    },
    /// Write a signed checkpoint of a trail, to be kept elsewhere (as auditor)
    #[command(
        after_help = "With --since, the hashes of all entries since that checkpoint are written too, to FILE.hashes: they let a witness see that nothing earlier was changed, and say nothing of what the entries hold. A note that a witness countersigned is never written over, but where --since is a copy of it."
    )]
    Checkpoint {
        /// Which service's
        #[arg(long, value_enum)]
        service: TrailOf,
        /// Where to write the note; without --since `-` is stdout
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The note that the witness kept last
        #[arg(long, value_name = "FILE")]
        since: Option<PathBuf>,
    },
    /// Print the key that verifies a service's checkpoints, or a witness's; or make one
    #[command(
        after_help = "gazelle --as auditor audit key --service usage\n  gazelle audit key --new witness.pem --name audit-office.example --witness"
    )]
    Key(KeyArgs),
    /// Countersign a checkpoint as a witness, and keep it
    #[command(
        after_help = "First the note must be signed by --verifier and go on from the one in --kept: FILE.hashes must lead from that to this. Then the witness's line is added to the note, and --kept becomes the note. Where --kept is not there yet, it is the first. Needs no service."
    )]
    Cosign {
        /// The note; beside it NOTE.hashes
        #[arg(value_name = "NOTE")]
        note: PathBuf,
        /// The witness's own key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// What the witness is called, as audit-office.example
        #[arg(long)]
        name: String,
        /// The key of who signed the note: NAME+HASH+BASE64
        #[arg(long, value_name = "KEY")]
        verifier: String,
        /// The note that was kept last, and where this one is kept
        #[arg(long, value_name = "FILE", value_parser = named)]
        kept: PathBuf,
    },
}

/// Which entries to list.
#[derive(Debug, ClapArgs)]
pub struct ListAuditArgs {
    /// Which service's
    #[arg(long, value_enum)]
    pub service: TrailOf,
    /// Only by this actor: person:SUB, platform:ID or service:NAME
    #[arg(long)]
    pub actor: Option<String>,
    /// Only what was done so: run.approve, refuse, read, ...
    #[arg(long)]
    pub action: Option<String>,
    /// Only on this: a run's id, a platform, a method
    #[arg(long)]
    pub subject: Option<String>,
    /// Not before this moment: 2026-11-01T00:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub from: Option<gazelle_kernel::Instant>,
    /// Before this moment
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub until: Option<gazelle_kernel::Instant>,
}

/// Which key to print, or to make.
#[derive(Debug, ClapArgs)]
pub struct KeyArgs {
    /// Of this service's checkpoints, as it says (as auditor)
    #[arg(long, value_enum, required_unless_present_any = ["new", "file"])]
    pub service: Option<TrailOf>,
    /// Make a key in this file
    #[arg(
        long,
        value_name = "FILE",
        value_parser = named,
        conflicts_with_all = ["service", "file"],
        requires = "name"
    )]
    pub new: Option<PathBuf>,
    /// Of the key in this file
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "service",
        requires = "name"
    )]
    pub file: Option<PathBuf>,
    /// What the key is called: a service's audit.origin, or a witness
    #[arg(long)]
    pub name: Option<String>,
    /// It is a witness's, and signs that it saw a checkpoint
    #[arg(long)]
    pub witness: bool,
}

/// Whose trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrailOf {
    /// The registry's
    Registry,
    /// The usage service's
    Usage,
    /// The settlement service's
    Settlement,
}
