//! Whether a file on disk is what it was when its reading began: who writes to it, or puts another
//! in its place, makes of what was read no file that there ever was.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::failure::Failure;
use crate::words;

/// What a file on disk was when its reading began.
#[derive(Debug, Clone)]
pub struct Stamp {
    path: PathBuf,
    length: u64,
    /// None: the file system does not say.
    modified: Option<SystemTime>,
}

impl Stamp {
    /// Opens a file; what is no file on disk, as a pipe, has no stamp.
    pub fn open(path: &Path) -> io::Result<(File, Option<Self>)> {
        let file = File::open(path)?;
        let found = file.metadata()?;
        let stamp = found.is_file().then(|| Self {
            path: path.to_owned(),
            length: found.len(),
            modified: found.modified().ok(),
        });
        Ok((file, stamp))
    }

    /// Refused as `FILE_CHANGED` where the file is not that any more.
    pub fn check(&self) -> Result<(), Failure> {
        let is_same = fs::metadata(&self.path).is_ok_and(|found| {
            found.len() == self.length && found.modified().ok() == self.modified
        });
        if is_same {
            return Ok(());
        }
        Err(changed(&self.path))
    }
}

/// A file that is not what it was when its reading began.
#[must_use]
pub fn changed(path: &Path) -> Failure {
    let message = words::FILE_CHANGED.with(&[("path", &path.display())]);
    Failure::new("FILE_CHANGED", message)
}
