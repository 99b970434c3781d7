//! `gazelle profile`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use gazelle_kernel::PlatformId;

use super::values::{one_of, platform, service_url};

/// `gazelle profile`.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// List the profiles of this home
    List,
    /// Add a profile for a suite that runs elsewhere
    Add(AddProfileArgs),
    /// Print a bearer token of a profile, for clients of your own (curl, grpcurl, another language)
    #[command(
        after_help = "Example: grpcurl -cacert ~/.local/share/gazelle/ca.pem -H \"authorization: Bearer $(gazelle profile token auditor)\" ADDRESS gazelle.registry.v1.RegistryService/ListPlatforms"
    )]
    Token {
        /// The profile, as for --as
        name: String,
        /// How long the token is valid
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=720))]
        hours: i64,
    },
}

/// `gazelle profile add`.
#[derive(Debug, ClapArgs)]
#[command(group = one_of(["registry", "usage", "settlement"]).multiple(true))]
#[command(group = one_of(["token_file", "certificate_file"]).multiple(true))]
pub struct AddProfileArgs {
    /// Its name, for --as
    pub name: String,
    /// URL of the registry service, http:// or https://
    #[arg(long, value_name = "URL", value_parser = service_url)]
    pub registry: Option<String>,
    /// URL of the usage service, all that a platform needs; one of the three must be given
    #[arg(long, value_name = "URL", value_parser = service_url)]
    pub usage: Option<String>,
    /// URL of the settlement service
    #[arg(long, value_name = "URL", value_parser = service_url)]
    pub settlement: Option<String>,
    /// The platform that it is [default: as the token or the certificate says]
    #[arg(long, value_name = "ID", value_parser = platform)]
    pub platform: Option<PlatformId>,
    /// File with the bearer token; read again at every command
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate (PEM) of a platform or service to show, instead of a token or beside it
    #[arg(long, value_name = "FILE")]
    pub certificate_file: Option<PathBuf>,
    /// The key (PEM) of that certificate [default: in the same file]
    #[arg(long, value_name = "FILE", requires = "certificate_file")]
    pub key_file: Option<PathBuf>,
    /// Certificates (PEM) that https:// servers are checked against
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Send the token over http:// to another machine too, where the network itself encrypts
    #[arg(long, requires = "token_file")]
    pub plaintext: bool,
    /// Take the place of a profile of that name that you added
    #[arg(long)]
    pub replace: bool,
}
