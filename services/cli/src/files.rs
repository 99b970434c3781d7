//! Writing the files that people name.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::words;

/// A file that is there whole or not at all: it gets its name once all of it is written. What is
/// no file on disk, as a pipe or `/dev/stdout`, is written to as it comes, and stays what it is.
pub struct WholeFile<'a> {
    path: &'a Path,
    file: File,
    /// Its name until it is whole, and then.
    names: Option<(PathBuf, PathBuf)>,
}

impl<'a> WholeFile<'a> {
    /// Begins a file at `path`; a link stays, and what it points to is written. Refused as
    /// `FILE_UNWRITABLE`.
    pub fn begin(path: &'a Path) -> Result<Self, Failure> {
        Self::opened(path, false).map_err(|error| unwritable(path, &error))
    }

    /// Begins a file that nobody but its owner may read, whoever could read what was there: it
    /// has whole numbers of accounts.
    pub fn begin_private(path: &'a Path) -> Result<Self, Failure> {
        Self::opened(path, true).map_err(|error| unwritable(path, &error))
    }

    fn opened(path: &'a Path, is_private: bool) -> io::Result<Self> {
        let Some(whole) = name_on_disk(path)? else {
            // At its end: what a shell had written there before stays.
            let file = OpenOptions::new().append(true).open(path)?;
            let names = None;
            return Ok(Self { path, file, names });
        };
        let mut name = whole.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = whole.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        if is_private {
            options.mode(0o600);
        }
        let file = options.open(&partial)?;
        // Whoever may not read what was there may not read what takes its place.
        if is_private {
            file.set_permissions(Permissions::from_mode(0o600))?;
        } else if let Ok(before) = fs::metadata(&whole) {
            file.set_permissions(before.permissions())?;
        }
        let names = Some((partial, whole));
        Ok(Self { path, file, names })
    }

    /// Writes some more of it. Refused as `FILE_UNWRITABLE`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| unwritable(self.path, &error))
    }

    /// Whether a file of that name has something else in it, which would be lost.
    pub fn replaces_other(&self) -> io::Result<bool> {
        let Some((partial, whole)) = &self.names else {
            return Ok(false);
        };
        Ok(has_content(whole) && !are_alike(partial, whole)?)
    }

    /// Gives the file its name. Refused as `FILE_UNWRITABLE`.
    pub fn finish(mut self) -> Result<(), Failure> {
        let Some((partial, whole)) = &self.names else {
            return Ok(());
        };
        let done = self.file.sync_all();
        let done = done.and_then(|()| fs::rename(partial, whole));
        done.map_err(|error| unwritable(self.path, &error))?;
        self.names = None;
        Ok(())
    }
}

impl Drop for WholeFile<'_> {
    fn drop(&mut self) {
        if let Some((partial, _)) = &self.names {
            // Nobody is helped by half a file, nor by hearing that it could not be removed.
            let _ = fs::remove_file(partial);
        }
    }
}

/// Where a file of that name is or will be on disk, behind its links; none: it is a device, a
/// pipe, or a name of a file that is open already.
fn name_on_disk(path: &Path) -> io::Result<Option<PathBuf>> {
    if path.starts_with("/dev/fd") || path.starts_with("/proc") || is_standard_stream(path) {
        return Ok(None);
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() => fs::canonicalize(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(path) {
            Ok(to) => name_on_disk(&path.with_file_name(to)),
            Err(_) => Ok(Some(path.to_owned())),
        },
        Err(error) => Err(error),
    }
}

/// Whether there is a file that is not empty, as `mktemp` makes them.
#[must_use]
pub fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > 0)
}

fn are_alike(one: &Path, other: &Path) -> io::Result<bool> {
    if fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let bytes = |path| Ok::<_, io::Error>(BufReader::new(File::open(path)?).bytes());
    for (left, right) in bytes(one)?.zip(bytes(other)?) {
        if left? != right? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes a folder with those that it is in.
pub fn make_folders(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder).map_err(|error| match error.kind() {
        // A file has a name that a folder would need.
        ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
        _ => error,
    })
}

fn is_standard_stream(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr"]
        .iter()
        .any(|name| path == Path::new(name))
}

/// A file that cannot be written, and why.
#[must_use]
pub fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let (path, error) = (path.display(), words::cause(error));
    let message = words::FILE_UNWRITABLE.with(&[("path", &path), ("error", &error)]);
    Failure::new("FILE_UNWRITABLE", message)
}

/// A file that cannot be read, and why.
#[must_use]
pub fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let (path, error) = (path.display(), words::cause(error));
    let message = words::FILE_UNREADABLE.with(&[("path", &path), ("error", &error)]);
    Failure::new("FILE_UNREADABLE", message)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    use super::*;

    fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let mut file = WholeFile::begin(path)?;
        file.write(bytes)?;
        file.finish()
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("order.xml");
        fs::write(&path, "before").unwrap();
        let mut begun = WholeFile::begin(&path).unwrap();
        begun.write(b"half").unwrap();
        drop(begun);
        assert_eq!(fs::read(&path).unwrap(), b"before");

        let mut whole = WholeFile::begin(&path).unwrap();
        whole.write(b"all of ").unwrap();
        whole.write(b"it").unwrap();
        whole.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"all of it");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_written_over_counts_only_where_it_is_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("order.xml");
        let replaces = |bytes: &[u8]| {
            let mut file = WholeFile::begin(&path).unwrap();
            file.write(bytes).unwrap();
            file.replaces_other().unwrap()
        };
        assert!(!replaces(b"new"));
        fs::write(&path, "").unwrap();
        assert!(!replaces(b"new"));
        fs::write(&path, "new").unwrap();
        assert!(!replaces(b"new"));
        assert!(replaces(b"neu"));
        assert!(replaces(b"newer"));
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_link_stays_and_what_it_points_to_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        fs::write(&file, "before").unwrap();
        symlink(&file, &link).unwrap();
        write(&link, b"after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"after");
    }

    #[test]
    fn a_link_to_what_is_not_there_yet_stays_and_a_file_for_few_is_for_few_again() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        symlink("file", &link).unwrap();
        write(&link, b"first").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"first");

        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        write(&link, b"second").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"second");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_with_accounts_is_its_owners_alone_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        for there in [false, true] {
            let file = folder.path().join("order.xml");
            if there {
                fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
            }
            let mut begun = WholeFile::begin_private(&file).unwrap();
            begun.write(b"6222020200011111").unwrap();
            begun.finish().unwrap();
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{there}");
        }
    }

    #[test]
    fn a_file_where_a_folder_should_be_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for inside in [file.clone(), file.join("more")] {
            let refused = make_folders(&inside).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::NotADirectory);
        }
    }

    #[test]
    fn a_device_stays_one_and_a_full_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        // By a link, so that a fault of ours costs the machine nothing.
        let (full, null) = (folder.path().join("full"), folder.path().join("null"));
        symlink("/dev/full", &full).unwrap();
        symlink("/dev/null", &null).unwrap();
        assert_eq!(write(&full, b"x").unwrap_err().reason(), "FILE_UNWRITABLE");
        write(&null, b"x").unwrap();
        for device in [&full, &null] {
            let found = fs::metadata(device).unwrap().file_type();
            assert!(found.is_char_device(), "{}", device.display());
        }
        assert!(name_on_disk(Path::new("/dev/stdout")).unwrap().is_none());
    }

    #[test]
    fn a_folder_is_no_file_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let refused = write(folder.path(), b"x").unwrap_err();
        assert_eq!(refused.reason(), "FILE_UNWRITABLE");
    }
}
