//! The folders of the embedded database, who owns them, and what runs in them.
//!
//! ```text
//! HOME/lock          held while a process runs on the home
//! HOME/data          the server's; complete as soon as it has this name
//! HOME/run           its socket, or where that path is too long, in the folder for temporary files
//! HOME/postgres.log
//! ```

use std::{
    env,
    ffi::OsStr,
    fs::{self, DirEntry, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha256};

use super::{
    EmbeddedError, binaries,
    error::file,
    user::{User, output_of},
};

/// The role that may do everything; the data was made with it.
pub(super) const SUPERUSER: &str = "postgres";

/// How long a process that was killed may hold its home: what it has in memory is given back first.
const OLD_PROCESS_WAIT: Duration = Duration::from_secs(5);

/// How long a server whose process is gone may take to end by itself, then as it is told to, and
/// in all, with its processes ended one by one.
const OLD_SERVER_PATIENCE: Duration = Duration::from_secs(2);
const OLD_SERVER_STOP: Duration = Duration::from_secs(30);
const OLD_SERVER_WAIT: Duration = Duration::from_secs(90);

/// Names the socket; nothing listens on a port of the machine.
pub(super) const PORT: u16 = 5432;

/// Longest path of a socket's folder, in bytes: with the socket's own name and its end the system
/// takes 108.
const RUN_FOLDER_BYTES_MAX: usize = 100 - "/.s.PGSQL.5432".len();

/// At this size a log gives way to a new one when the server starts.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A home that is locked and has data, on which no server runs.
#[derive(Debug)]
pub(super) struct LockedHome {
    path: PathBuf,
    run_folder: String,
    bin: PathBuf,
    user: User,
    _lock: File,
}

impl LockedHome {
    pub(super) fn prepare(path: &Path) -> Result<Self, EmbeddedError> {
        let user = User::choose()?;
        create_home(path, &user)?;
        let path = fs::canonicalize(path).map_err(file("find", path))?;
        let lock = lock(&path)?;
        user.check_can_enter(&path)?;
        let data = path.join("data");
        let home = Self {
            bin: binaries::find(&data)?,
            run_folder: run_folder(&path, &user)?,
            path,
            user,
            _lock: lock,
        };
        home.stop_old_server(&data)?;
        home.ensure_data(&data)?;
        Ok(home)
    }

    /// Where the server's data is.
    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(super) fn run_folder(&self) -> &str {
        &self.run_folder
    }

    /// The command that serves this home. Of a setting said twice, PostgreSQL takes the last.
    pub(super) fn server(&self, more: &[(&str, &str)]) -> Result<Command, EmbeddedError> {
        let path = self.path.join("postgres.log");
        if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_BYTES_MAX) {
            fs::rename(&path, self.path.join("postgres.log.old")).map_err(file("rename", &path))?;
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(file("open", &path))?;
        let also = log.try_clone().map_err(file("open", &path))?;

        let mut command = self.user.command(&self.bin.join("postgres"), &self.path);
        command.arg("-D").arg(self.path.join("data"));
        let settings = [
            ("unix_socket_directories", self.run_folder.as_str()),
            ("unix_socket_permissions", "0700"),
            ("port", &PORT.to_string()),
            ("listen_addresses", ""),
            ("max_connections", "100"),
            ("shared_buffers", "256MB"),
            ("max_wal_size", "2GB"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            // Details of errors repeat the rows that were refused, and the lines of a COPY; what
            // people write at a prompt, and migrations, have values in their text.
            ("log_error_verbosity", "terse"),
            ("log_min_error_statement", "panic"),
            ("log_parameter_max_length", "0"),
            ("log_parameter_max_length_on_error", "0"),
            // Said here so that no edit of the file in the data folder turns it off.
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
        ];
        for (name, value) in settings.iter().chain(more) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command
            .stdin(std::process::Stdio::null())
            .stdout(log)
            .stderr(also);
        Ok(command)
    }

    pub(super) fn end_of_log(&self) -> String {
        let read = || {
            let mut log = File::open(self.path.join("postgres.log"))?;
            let start = log.metadata()?.len().saturating_sub(2_000);
            log.seek(SeekFrom::Start(start))?;
            let mut end = Vec::new();
            log.read_to_end(&mut end)?;
            io::Result::Ok(String::from_utf8_lossy(&end).into_owned())
        };
        read().unwrap_or_default()
    }

    /// A process that was killed leaves its server a moment to end, and a lost signal might leave
    /// it for good: it is waited for, and told to end. What a server that is gone left behind names
    /// a process that may be anybody's by now, or one that has ended and was not buried yet;
    /// PostgreSQL would not start beside either.
    pub(super) fn stop_old_server(&self, data: &Path) -> Result<(), EmbeddedError> {
        if !data.exists() {
            return Ok(());
        }
        let pid_file = data.join("postmaster.pid");
        let began = Instant::now();
        let mut told = false;
        loop {
            let running = running("postgres", data)?;
            if running.is_empty() {
                break;
            }
            let waited = began.elapsed();
            if waited > OLD_SERVER_WAIT {
                return Err(EmbeddedError::StaysUp);
            }
            // Sessions may outlive a server that was killed, which nothing tells any more. The home
            // is ours, so they are nobody else's; the next start recovers from the log.
            let is_orphaned = !is_led(&pid_file, &running) && waited > OLD_SERVER_PATIENCE;
            if is_orphaned || waited > OLD_SERVER_STOP {
                for pid in running {
                    // An error means that it ended just now.
                    let _ = kill_process(pid, Signal::KILL);
                }
            }
            // Its own end, after its parent's, takes a moment.
            if !told && waited > OLD_SERVER_PATIENCE && pid_file.exists() {
                told = true;
                tracing::warn!(data = %data.display(), "stopping the server of an earlier process");
                let mut stop = self.user.command(&self.bin.join("pg_ctl"), &self.path);
                let seconds = OLD_SERVER_STOP.as_secs().to_string();
                let arguments = ["-m", "fast", "-t", &seconds];
                // It may have ended by itself in between; whether it did is seen next.
                let stopped = output_of(stop.arg("stop").arg("-D").arg(data).args(arguments));
                if let Err(error) = stopped {
                    tracing::debug!(%error, "the earlier server was not stopped");
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
        let run_folder = Path::new(&self.run_folder);
        let socket = format!(".s.PGSQL.{PORT}");
        let lock = run_folder.join(format!("{socket}.lock"));
        for left in [pid_file, lock, run_folder.join(socket)] {
            match fs::remove_file(&left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(file("remove", &left)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Data that is not complete has another name, and the next start begins anew.
    fn ensure_data(&self, data: &Path) -> Result<(), EmbeddedError> {
        if data.exists() {
            return Ok(());
        }
        let unfinished = self.path.join("data.tmp");
        if unfinished.exists() {
            // A first start that was just broken off clears up after itself.
            let began = Instant::now();
            let is_running = |program, folder: &Path| Ok(!running(program, folder)?.is_empty());
            while is_running("initdb", &self.path)? || is_running("postgres", &unfinished)? {
                if began.elapsed() > OLD_SERVER_WAIT {
                    return Err(EmbeddedError::StaysUp);
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(file("remove", &unfinished))?;
        }
        self.user.create_folder(&unfinished)?;
        let mut initdb = self.user.command(&self.bin.join("initdb"), &self.path);
        output_of(initdb.arg("-D").arg(&unfinished).args([
            "--username",
            SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
            // Byte order, everywhere the same.
            "--locale=C",
            "--data-checksums",
        ]))?;
        fs::rename(&unfinished, data).map_err(file("rename", &unfinished))?;
        let sync = File::open(&self.path).and_then(|folder| folder.sync_all());
        sync.map_err(file("sync", &self.path))
    }
}

/// Whether the server whose number stands in the file is one of these.
fn is_led(pid_file: &Path, running: &[Pid]) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let first = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok());
    let server = first.and_then(Pid::from_raw);
    server.is_some_and(|server| running.contains(&server))
}

/// Open to enter but not to list: what is in it guards itself.
fn create_home(path: &Path, user: &User) -> Result<(), EmbeddedError> {
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(file("create", path))?;
    let mode = if user.account.is_some() { 0o711 } else { 0o700 };
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(file("open up", path))
}

/// Locks a home, once a process that is just ending has let go of it.
pub(crate) fn lock(home: &Path) -> Result<File, EmbeddedError> {
    let path = home.join("lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(file("open", &path))?;
    let began = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(source)) => return Err(file("lock", &path)(source)),
            Err(TryLockError::WouldBlock) if began.elapsed() > OLD_PROCESS_WAIT => {
                return Err(EmbeddedError::HomeInUse(home.into()));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// The processes of `program` that work in `folder`. Somebody's shell there is nobody to wait for;
/// and what has ended, but was not buried yet, works nowhere.
fn running(program: &str, folder: &Path) -> Result<Vec<Pid>, EmbeddedError> {
    let Ok(folder) = fs::canonicalize(folder) else {
        return Ok(Vec::new());
    };
    let all = Path::new("/proc");
    let entries = fs::read_dir(all).map_err(file("list", all))?;
    // Also one that was replaced since it was started: `postgres (deleted)`.
    let is_program = |exe: PathBuf| {
        let name = exe.file_name().and_then(OsStr::to_str);
        name.and_then(|name| name.split(' ').next()) == Some(program)
    };
    let running = entries.flatten().filter(|process| {
        let link = |name| fs::read_link(process.path().join(name));
        link("cwd").is_ok_and(|cwd| cwd == folder) && link("exe").is_ok_and(is_program)
    });
    let pid = |process: DirEntry| Pid::from_raw(process.file_name().to_str()?.parse().ok()?);
    Ok(running.filter_map(pid).collect())
}

/// In the home, or where its path is too long for a socket, in the folder for temporary files,
/// under a name that belongs to the home.
fn run_folder(home: &Path, user: &User) -> Result<String, EmbeddedError> {
    let fitting = |path: &Path| {
        path.to_str()
            .filter(|text| text.len() <= RUN_FOLDER_BYTES_MAX)
            .map(str::to_owned)
    };
    let inside = home.join("run");
    if let Some(text) = fitting(&inside) {
        user.create_folder(&inside)?;
        return Ok(text);
    }
    let hash = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let name = format!("gazelle-{}", hex::encode(&hash[..8]));
    let outside = env::temp_dir().join(name);
    let text = fitting(&outside).ok_or_else(|| EmbeddedError::PathTooLong(outside.clone()))?;
    user.create_folder(&outside)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_that_a_process_still_holds_at_its_end_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let ending = lock(folder.path()).unwrap();
        let home = folder.path().to_owned();
        let starting = thread::spawn(move || lock(&home));
        thread::sleep(Duration::from_millis(200));
        assert!(!starting.is_finished());

        drop(ending);

        assert!(starting.join().unwrap().is_ok());
    }
}
