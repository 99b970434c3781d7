use std::{
    io,
    path::{Path, PathBuf},
};

/// The embedded database could not be started or used. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No PostgreSQL server on the machine.
    #[error("no PostgreSQL server was found; install it: apt-get install postgresql")]
    NotInstalled,
    /// Only servers that are too old.
    #[error("PostgreSQL {found} in {} is too old, 15 or newer is needed; install it: apt-get install postgresql", bin.display())]
    TooOld {
        /// Its major version.
        found: u32,
        /// The folder that was looked into.
        bin: PathBuf,
    },
    /// The data was made by a version that is not installed.
    #[error("the data in {} needs PostgreSQL {needed}; install it: apt-get install postgresql-{needed}", data.display())]
    OtherVersion {
        /// Its major version.
        needed: u32,
        /// The data folder.
        data: PathBuf,
    },
    /// Another process runs on the home.
    #[error("{} is in use by another process", .0.display())]
    HomeInUse(PathBuf),
    /// The server's user cannot reach the home.
    #[error("PostgreSQL runs as `{user}`, who may not enter {}; choose a home elsewhere, such as /var/lib/gazelle, or allow it: chmod o+x {}", folder.display(), folder.display())]
    NotEnterable {
        /// The server's user.
        user: String,
        /// The first folder that keeps it out.
        folder: PathBuf,
    },
    /// There is no user that the server could run as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`"
    )]
    NoUser,
    /// A folder for the socket belongs to somebody else.
    #[error("{} belongs to somebody else; remove it, or set TMPDIR", .0.display())]
    ForeignFolder(PathBuf),
    /// No folder for the socket has a path that is short enough.
    #[error("{} is too long a path for a socket; set TMPDIR to a shorter one", .0.display())]
    PathTooLong(PathBuf),
    /// A file or folder.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// What was to be read or written.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot run {program}; `setpriv` comes with util-linux, the others with PostgreSQL")]
    Program {
        /// One of PostgreSQL's binaries.
        program: String,
        /// Why it did not start.
        source: io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// One of PostgreSQL's binaries.
        program: String,
        /// What it said.
        output: String,
    },
    /// The server ended while it was starting.
    #[error("PostgreSQL ended at its start ({status}): {log}")]
    Exited {
        /// The exit status or signal that it ended with.
        status: String,
        /// The end of its log.
        log: String,
    },
    /// The server did not end when told to.
    #[error("PostgreSQL does not stop")]
    StaysUp,
    /// The server does not answer, or refused a statement.
    #[error("PostgreSQL does not do as asked")]
    Database(#[source] sqlx::Error),
    /// The start was broken off.
    #[error("the start was broken off")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl EmbeddedError {
    /// For programs; the message is for people.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotInstalled | Self::TooOld { .. } | Self::OtherVersion { .. } => {
                "POSTGRESQL_NOT_FOUND"
            }
            Self::HomeInUse(_) => "HOME_IN_USE",
            Self::NotEnterable { .. }
            | Self::NoUser
            | Self::ForeignFolder(_)
            | Self::PathTooLong(_)
            | Self::File { .. } => "HOME_NOT_USABLE",
            Self::Program { .. }
            | Self::Failed { .. }
            | Self::Exited { .. }
            | Self::StaysUp
            | Self::Database(_)
            | Self::Interrupted(_) => "DATABASE_FAILED",
        }
    }
}

/// What could not be done to a file.
pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    move |source| EmbeddedError::File {
        action,
        path: path.into(),
        source,
    }
}
