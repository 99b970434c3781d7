//! Options of every command.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::output::Format;
use crate::words::Lang;

/// Options of every command, before or after its name.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Folder with the data of `gazelle up` and the profiles of its users [default: as root
    /// /var/lib/gazelle, else gazelle in the user's data folder]
    #[arg(long, global = true, env = "GAZELLE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Who you are: registrar, officer, approver, auditor, admin, platform:ID, or one of your own
    /// (see `gazelle profile list`); a command that asks the services does nothing without
    #[arg(long = "as", global = true, env = "GAZELLE_AS", value_name = "PROFILE")]
    pub profile: Option<String>,
    /// How to write the result: a table with yuan for people, json or csv with fen for programs
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "table|json|csv",
        hide_possible_values = true,
        default_value_t
    )]
    pub output: Format,
    /// Language of help and messages [default: as LC_ALL, LC_MESSAGES or LANG say]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "zh|en",
        hide_possible_values = true
    )]
    pub lang: Option<Lang>,
    /// Do not ask before what cannot be undone; where there is no terminal, nothing is asked anyway
    #[arg(long, global = true)]
    pub yes: bool,
    /// Send traces of what is done to that OTLP collector (gRPC), such as http://localhost:4317
    #[arg(
        long,
        global = true,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub otlp_endpoint: Option<String>,
}
