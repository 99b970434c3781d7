//! Which PostgreSQL of the machine to run.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::EmbeddedError;

/// Oldest major version whose behaviour the suite is tested on.
const OLDEST: u32 = 15;

/// The folder of the binaries: named by `GAZELLE_PG_BIN`, or that of `pg_config`, the newest of
/// Debian's, or the first on `PATH`. Data that exists needs the version that made it.
pub(super) fn find(data: &Path) -> Result<PathBuf, EmbeddedError> {
    let needed = fs::read_to_string(data.join("PG_VERSION")).ok();
    let needed: Option<u32> = needed.and_then(|version| version.trim().parse().ok());
    let found: Vec<_> = candidates()
        .into_iter()
        .filter_map(|bin| Some((major_version(&bin)?, bin)))
        .collect();
    choose(found, needed, data)
}

fn choose(
    found: Vec<(u32, PathBuf)>,
    needed: Option<u32>,
    data: &Path,
) -> Result<PathBuf, EmbeddedError> {
    let fits = |major: u32| needed.map_or(major >= OLDEST, |needed| major == needed);
    if let Some((_, bin)) = found.iter().find(|(major, _)| fits(*major)) {
        return Ok(bin.clone());
    }
    Err(match (needed, found.into_iter().next()) {
        (Some(needed), _) => EmbeddedError::OtherVersion {
            needed,
            data: data.into(),
        },
        (None, Some((found, bin))) => EmbeddedError::TooOld { found, bin },
        (None, None) => EmbeddedError::NotInstalled,
    })
}

fn candidates() -> Vec<PathBuf> {
    if let Some(bin) = env::var_os("GAZELLE_PG_BIN").filter(|bin| !bin.is_empty()) {
        // Whoever names one wants that one or an error.
        return vec![bin.into()];
    }
    let configured = Command::new("pg_config").arg("--bindir").output();
    let configured = configured
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|folder| PathBuf::from(folder.trim()));

    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let major = entry.file_name().to_str()?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect();
    packaged.sort_unstable_by(|one, other| other.cmp(one));

    let path = env::var_os("PATH").unwrap_or_default();
    configured
        .into_iter()
        .chain(packaged.into_iter().map(|(_, bin)| bin))
        .chain(env::split_paths(&path).filter(|folder| folder.is_absolute()))
        .collect()
}

/// `None` where there is no server with what is needed to make its data and to stop it.
fn major_version(bin: &Path) -> Option<u32> {
    if !bin.join("initdb").exists() || !bin.join("pg_ctl").exists() {
        return None;
    }
    let output = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, also from `18beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().nth(2)?;
    let digits = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_servers_print_it() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_major(debian), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("postgres: command not found"), None);
    }

    #[test]
    fn data_is_served_by_the_version_that_made_it_and_new_data_by_the_first_new_enough() {
        let data = Path::new("/home/data");
        let bin = |major: u32| (major, PathBuf::from(format!("/pg/{major}")));
        let installed = || vec![bin(14), bin(17), bin(15)];

        assert_eq!(
            choose(installed(), None, data).unwrap(),
            Path::new("/pg/17")
        );
        assert_eq!(
            choose(installed(), Some(15), data).unwrap(),
            Path::new("/pg/15")
        );
        let other = choose(installed(), Some(16), data).unwrap_err().to_string();
        assert!(other.contains("apt-get install postgresql-16"), "{other}");
        let old = choose(vec![bin(14)], None, data).unwrap_err().to_string();
        assert!(
            old.contains("14 in /pg/14") && old.contains("apt-get install"),
            "{old}"
        );
        let none = choose(Vec::new(), None, data).unwrap_err().to_string();
        assert!(none.contains("apt-get install postgresql"), "{none}");
    }
}
