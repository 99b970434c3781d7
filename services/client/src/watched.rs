//! A file that is read again when it changes, so that keys and tokens rotate without a restart.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

/// The file could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}", path.display())]
pub struct FileError {
    path: PathBuf,
    source: Cause,
}

impl FileError {
    /// For `parse` of several files: which of them is wrong.
    pub(crate) fn new(path: &Path, source: impl Into<Cause>) -> Self {
        Self {
            path: path.into(),
            source: source.into(),
        }
    }
}

/// Why the content of a file is not what it should be.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Reads the content of a file.
pub type Parse<T> = fn(&[u8]) -> Result<T, Cause>;

/// Reads the contents of several files, which belong together.
type ParseAll<T> = Box<dyn Fn(&[Vec<u8>]) -> Result<T, Cause> + Send + Sync>;

/// The content of a file, or of several that belong together, as `parse` reads it.
pub struct Watched<T> {
    paths: Vec<PathBuf>,
    parse: ParseAll<T>,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// What the files looked like when they were last tried; `None` for one that could not be
    /// read.
    seen: Vec<Option<Stamp>>,
    /// What was wrong with them then, so that it is logged once.
    wrong: Option<String>,
    value: Arc<T>,
}

/// What changes whenever the content does: also within one tick of the file system's clock, and
/// when a symbolic link is turned to another file, as Kubernetes does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn read(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    paths.iter().map(|path| Stamp::read(path).ok()).collect()
}

fn read_one(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|source| FileError::new(path, source))
}

impl<T> Watched<T> {
    /// Reads the file for the first time, when it must be there.
    pub fn open(path: &Path, parse: Parse<T>) -> Result<Self, FileError>
    where
        T: 'static,
    {
        Self::open_all(vec![path.into()], move |contents| parse(&contents[0]))
    }

    /// Reads files that belong together, of which `parse` gets the contents in that order. An
    /// error of it that is no [`FileError`] names the first.
    pub fn open_all(
        paths: Vec<PathBuf>,
        parse: impl Fn(&[Vec<u8>]) -> Result<T, Cause> + Send + Sync + 'static,
    ) -> Result<Self, FileError> {
        // Before the content: what changes in between is then seen as a change.
        let seen = stamps(&paths);
        let contents: Result<Vec<_>, _> = paths.iter().map(|path| read_one(path)).collect();
        let value = parse(&contents?).map_err(|cause| match cause.downcast::<FileError>() {
            Ok(error) => *error,
            Err(source) => FileError::new(&paths.first().cloned().unwrap_or_default(), source),
        })?;
        Ok(Self {
            paths,
            parse: Box::new(parse),
            state: Mutex::new(State {
                seen,
                wrong: None,
                value: Arc::new(value),
            }),
        })
    }

    /// The content as it is now. A file that is gone or cannot be parsed is logged once and
    /// leaves the last good content in force, of all files that belong together.
    pub fn current(&self) -> Arc<T> {
        let mut state = self.state.lock();
        let now = stamps(&self.paths);
        if state.seen == now {
            return state.value.clone();
        }
        match self.read_again(&mut state.seen, now) {
            Ok(value) => {
                state.value = Arc::new(value);
                state.wrong = None;
                tracing::info!(path = %self.paths[0].display(), "read again");
            }
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}"));
                let wrong = format!("{error}{}", cause.unwrap_or_default());
                if state.wrong.as_ref() != Some(&wrong) {
                    let path = self.paths[0].display();
                    tracing::error!(%path, error = wrong, "cannot be read again; the last content stays");
                    state.wrong = Some(wrong);
                }
            }
        }
        state.value.clone()
    }

    /// What could not be read, be it for want of descriptors, is tried again the next time; what
    /// could not be parsed, when it changes.
    fn read_again(
        &self,
        seen: &mut Vec<Option<Stamp>>,
        now: Vec<Option<Stamp>>,
    ) -> Result<T, Cause> {
        *seen = now;
        let mut contents: Vec<Vec<u8>> = Vec::with_capacity(self.paths.len());
        for (at, (path, seen)) in self.paths.iter().zip(seen.iter_mut()).enumerate() {
            // A file that is named twice must be the same both times.
            if let Some(twin) = self.paths[..at].iter().position(|other| other == path) {
                contents.push(contents[twin].clone());
                continue;
            }
            match fs::read(path) {
                Ok(content) => contents.push(content),
                Err(error) => {
                    let is_gone = error.kind() == io::ErrorKind::NotFound;
                    *seen = if is_gone {
                        None
                    } else {
                        Some(Stamp::default())
                    };
                    return Err(format!("{}: {error}", path.display()).into());
                }
            }
        }
        (self.parse)(&contents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<i64, Cause> {
        Ok(std::str::from_utf8(bytes)?.parse()?)
    }

    #[test]
    fn a_change_is_seen_and_a_broken_file_leaves_the_last_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        assert!(Watched::open(&path, parse).is_err());
        fs::write(&path, "1").unwrap();
        let watched = Watched::open(&path, parse).unwrap();
        assert_eq!(*watched.current(), 1);

        fs::write(&path, "22").unwrap();
        assert_eq!(*watched.current(), 22);
        fs::write(&path, "two").unwrap();
        assert_eq!(*watched.current(), 22);
        fs::remove_file(&path).unwrap();
        assert_eq!(*watched.current(), 22);
        // Another file of the same size, as after a rename.
        fs::write(folder.path().join("next"), "333").unwrap();
        fs::rename(folder.path().join("next"), &path).unwrap();
        assert_eq!(*watched.current(), 333);
    }

    #[test]
    fn a_link_that_is_turned_to_another_folder_changes_all_that_is_reached_by_it() {
        use std::os::unix::fs::symlink;

        // As Kubernetes mounts a Secret.
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let turn_to = |version: &str, numbers: [&str; 2]| {
            fs::create_dir(at(version)).unwrap();
            for (name, number) in ["tls.crt", "tls.key"].iter().zip(numbers) {
                fs::write(at(version).join(name), number).unwrap();
            }
            symlink(version, at("..data_tmp")).unwrap();
            fs::rename(at("..data_tmp"), at("..data")).unwrap();
        };
        turn_to("..1", ["1", "2"]);
        let paths = ["tls.crt", "tls.key"].map(at);
        for (path, name) in paths.iter().zip(["..data/tls.crt", "..data/tls.key"]) {
            symlink(name, path).unwrap();
        }
        let watched = Watched::open_all(paths.to_vec(), |contents| {
            Ok((parse(&contents[0])?, parse(&contents[1])?))
        });
        let watched = watched.unwrap();
        assert_eq!(*watched.current(), (1, 2));
        turn_to("..2", ["3", "4"]);
        fs::remove_dir_all(at("..1")).unwrap();
        assert_eq!(*watched.current(), (3, 4));
    }

    #[test]
    fn files_that_belong_together_change_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["lesser", "greater"].map(|name| folder.path().join(name));
        let write = |texts: [&str; 2]| {
            for (path, text) in paths.iter().zip(texts) {
                fs::write(path, text).unwrap();
            }
        };
        write(["1", "2"]);
        let watched = Watched::open_all(paths.to_vec(), |contents| {
            let pair = (parse(&contents[0])?, parse(&contents[1])?);
            let is_sound = pair.0 < pair.1;
            is_sound
                .then_some(pair)
                .ok_or_else(|| "not in order".into())
        });
        let watched = watched.unwrap();
        fs::write(&paths[0], "33").unwrap();
        assert_eq!(*watched.current(), (1, 2));
        fs::write(&paths[1], "444").unwrap();
        assert_eq!(*watched.current(), (33, 444));
        fs::remove_file(&paths[0]).unwrap();
        assert_eq!(*watched.current(), (33, 444));
        write(["5", "66666"]);
        assert_eq!(*watched.current(), (5, 66_666));
    }
}
