//! Whom the server and its tools run as: never root.

use std::{
    env,
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::Path,
    process::Command,
};

use rustix::process::geteuid;

use super::{EmbeddedError, error::file};

/// Whom the server runs as.
#[derive(Debug)]
pub(super) struct User {
    /// Set when we are root.
    pub(super) account: Option<Account>,
}

#[derive(Debug)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl User {
    pub(super) fn choose() -> Result<Self, EmbeddedError> {
        if !geteuid().is_root() {
            return Ok(Self { account: None });
        }
        let path = Path::new("/etc/passwd");
        let passwd = fs::read_to_string(path).map_err(file("read", path))?;
        let account = ["postgres", "nobody"]
            .iter()
            .find_map(|name| find_account(&passwd, name));
        Ok(Self {
            account: Some(account.ok_or(EmbeddedError::NoUser)?),
        })
    }

    /// `program` as this user, in `folder`, with a clean environment, ended when the thread that
    /// starts it ends.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=INT");
        if let Some(Account { uid, gid, .. }) = &self.account {
            command
                .arg(format!("--reuid={uid}"))
                .arg(format!("--regid={gid}"));
            command.arg("--clear-groups");
        }
        command
            .arg(program)
            .current_dir(folder)
            .env_clear()
            .env("LC_ALL", "C");
        command.envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    /// Makes a folder that is this user's alone, or sees that it is.
    pub(super) fn create_folder(&self, path: &Path) -> Result<(), EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let metadata = fs::symlink_metadata(path).map_err(file("look at", path))?;
                let us = geteuid().as_raw();
                let owner = self.account.as_ref().map_or(us, |account| account.uid);
                if !metadata.is_dir() || ![owner, us].contains(&metadata.uid()) {
                    return Err(EmbeddedError::ForeignFolder(path.into()));
                }
            }
            Err(error) => return Err(file("create", path)(error)),
        }
        if let Some(Account { uid, gid, .. }) = &self.account {
            chown(path, Some(*uid), Some(*gid)).map_err(file("give away", path))?;
        }
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(file("close", path))
    }

    pub(super) fn check_can_enter(&self, home: &Path) -> Result<(), EmbeddedError> {
        let Some(Account { name, .. }) = &self.account else {
            return Ok(());
        };
        let can_enter = |folder: &Path| {
            let mut test = self.command(Path::new("test"), Path::new("/"));
            output_of(test.arg("-x").arg(folder)).is_ok()
        };
        if can_enter(home) {
            return Ok(());
        }
        // The outermost folder that keeps the user out is the one to open.
        let outermost = home.ancestors().filter(|folder| !can_enter(folder)).last();
        Err(EmbeddedError::NotEnterable {
            user: name.clone(),
            folder: outermost.unwrap_or(home).into(),
        })
    }
}

fn find_account(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|field| *field == name)?;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Account {
            name: name.into(),
            uid,
            gid,
        })
    })
}

/// Runs a program to its end.
pub(super) fn output_of(command: &mut Command) -> Result<(), EmbeddedError> {
    // The first argument of `setpriv` that is not its own.
    let program = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .find(|argument| !argument.starts_with('-'))
        .unwrap_or_default();
    let output = command
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|source| EmbeddedError::Program {
            program: program.clone(),
            source,
        })?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(EmbeddedError::Failed {
        program,
        output: String::from_utf8_lossy(&text).trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib:/bin/bash\n";
        let account = find_account(passwd, "postgres").unwrap();
        assert_eq!((account.uid, account.gid), (101, 104));
        assert!(find_account(passwd, "nobody").is_none());
    }
}
