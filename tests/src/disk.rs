//! A small disk of a test's own, which it can fill.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::statvfs;

/// A file system in memory, mounted until it is dropped.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one of so many MiB on `folder`; none, and a word of it, where this user may not.
    #[must_use]
    pub fn mount(folder: &Path, mib: u32) -> Option<Self> {
        let options = format!("size={mib}m,mode=0755");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(folder)
            .output();
        let why = match mounted {
            Ok(output) if output.status.success() => {
                return Some(Self {
                    folder: folder.to_owned(),
                });
            }
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        // Not by a macro, whose words are only seen where the test fails.
        let mut seen = std::io::stderr().lock();
        writeln!(seen, "SKIPPED, cannot mount: {}", why.trim()).unwrap();
        None
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Fills it but for so many MiB; what was filled before stays so.
    pub fn fill_but(&self, mib: u64) {
        let disk = statvfs(&self.folder).unwrap();
        let free = disk.f_bavail * disk.f_frsize;
        let mut left = free.saturating_sub(mib << 20);
        let mut file = File::options();
        let mut file = file.append(true).create(true).open(self.filler()).unwrap();
        let chunk = vec![0; 1 << 20];
        while left > 0 {
            let bytes = chunk.len().min(usize::try_from(left).unwrap());
            match file.write_all(&chunk[..bytes]) {
                Ok(()) => left -= bytes as u64,
                // Somebody else took what was free a moment ago.
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Makes the room again that was filled.
    pub fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once, though somebody may still be ending on it.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}
