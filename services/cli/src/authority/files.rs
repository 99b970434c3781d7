//! Files of a home that are for its owner alone, and what all of the authority needs.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use gazelle_runtime::clock::Clock;
use time::OffsetDateTime;

use crate::failure::Failure;
use crate::words;

/// Of group and others.
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;

/// Makes a folder that only its owner may enter. One to which others could write is refused: what
/// lies in it may be theirs.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    if mode(folder)? & OTHERS_WRITE != 0 {
        return Err(exposed(folder, words::OTHERS_MAY_WRITE.say()));
    }
    Ok(fs::set_permissions(folder, Permissions::from_mode(0o700))?)
}

/// Refuses a folder in which others may read a file.
pub fn refuse_exposed(folder: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if mode(&file)? & OTHERS != 0 {
            return Err(exposed(&file, words::OTHERS_MAY_READ.say()));
        }
    }
    Ok(())
}

fn mode(path: &Path) -> Result<u32, Failure> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.permissions().mode()),
        // Replaced at this moment, by somebody who keeps to the modes.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn exposed(path: &Path, what: &str) -> Failure {
    let message = words::EXPOSED.with(&[("what", &what), ("path", &path.display())]);
    Failure::new("HOME_EXPOSED", message)
}

/// Writes a file that only its owner can read, from the first moment and as a whole.
pub fn write_secret(file: &Path, content: &str) -> Result<(), Failure> {
    let partial = file.with_extension("new");
    // What a killed process left behind might be open to others.
    if partial.exists() {
        fs::remove_file(&partial)?;
    }
    let mut opened = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&partial)?;
    opened.write_all(content.as_bytes())?;
    opened.sync_all()?;
    Ok(fs::rename(&partial, file)?)
}

/// The machine's time: whoever checks a certificate knows no other clock.
pub fn now() -> OffsetDateTime {
    Clock::system().now()
}

/// A key or certificate that cannot be made or read.
pub fn unusable(error: impl std::fmt::Display) -> Failure {
    Failure::said("CERTIFICATE_UNUSABLE", &error.to_string())
}

/// Waits until nobody else changes this folder.
pub fn lock(folder: &Path) -> Result<File, Failure> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}
