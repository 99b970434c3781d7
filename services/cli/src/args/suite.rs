//! `gazelle up`, `gazelle sample-city` and `gazelle demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::values::named;

/// `gazelle up`.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(after_help = "\
Data, keys and profiles live under --home; starting again on the same home goes on where it stopped, also after a crash.
Ports are chosen on the first start and kept. SIGTERM or Ctrl-C drains and stops; a second one stops at once.
GAZELLE_LOG filters the log on stderr, for example GAZELLE_LOG=info,gazelle_usage=debug.

Another PostgreSQL: gazelle up --database-url 'postgres://{role}:secret@db.example/{database}'
  Its databases gazelle_registry, gazelle_usage, gazelle_settlement must exist, each owned by gazelle_X_owner, with the roles of deploy/config/roles.sql.")]
pub struct UpArgs {
    /// Address of the registry service
    #[arg(long, value_name = "ADDR")]
    pub registry_listen: Option<SocketAddr>,
    /// Address of the usage service
    #[arg(long, value_name = "ADDR")]
    pub usage_listen: Option<SocketAddr>,
    /// Address of the settlement service
    #[arg(long, value_name = "ADDR")]
    pub settlement_listen: Option<SocketAddr>,
    /// Another name or address by which others reach it, for its certificate; may be given again
    #[arg(long, value_name = "HOST")]
    pub name: Vec<String>,
    /// Address for /livez, /readyz and /metrics over HTTP, for all services together [default:
    /// none]
    #[arg(long, value_name = "ADDR")]
    pub admin_listen: Option<SocketAddr>,
    /// Use that PostgreSQL instead of an embedded one: a URL with {database} and {role}
    #[arg(
        long,
        env = "GAZELLE_DATABASE_URL",
        hide_env_values = true,
        value_name = "TEMPLATE"
    )]
    pub database_url: Option<String>,
}

/// `gazelle sample-city`.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_help = "The same seed and sizes give the same bytes on any machine.")]
pub struct SampleArgs {
    /// Folder to write to; made if need be
    #[arg(long, value_name = "DIR", value_parser = named)]
    pub out: PathBuf,
    /// What to start from
    #[arg(long, default_value_t = 2025)]
    pub seed: u64,
    /// How many enterprises
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=10_000_000))]
    pub enterprises: u32,
    /// How many usage records, about [default: 25 an enterprise]
    #[arg(long)]
    pub records: Option<u64>,
}

/// `gazelle demo`.
#[derive(Debug, Clone, ClapArgs)]
#[command(
    after_help = "Data goes to --home where that is given, which must not exist or be empty; else to a new folder beside the default home. It stays, so you can go on exploring."
)]
pub struct DemoArgs {
    /// How many enterprises
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub enterprises: u32,
    /// What the city is generated from
    #[arg(long, default_value_t = 2025)]
    pub seed: u64,
}
