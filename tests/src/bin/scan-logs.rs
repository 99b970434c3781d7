//! Looks through what the tests made the services log, and shows what is somebody's in it. With
//! `--begin` it empties the folder instead, before the tests.

#![expect(clippy::print_stdout, reason = "what it finds is for whoever runs it")]

use std::process::ExitCode;
use std::{env, fs, io};

use gazelle_tests::leaks;

const SHOWN_MAX: usize = 10;

fn main() -> ExitCode {
    let folder = leaks::folder();
    if env::args().any(|argument| argument == "--begin") {
        return match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                eprintln!("{}: {error}", folder.display());
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        };
    }
    let (files, leaks) = leaks::scan(&folder);
    println!(
        "{}: {} leaks in {files} files",
        folder.display(),
        leaks.len()
    );
    for leak in leaks.iter().take(SHOWN_MAX) {
        let (file, line) = (leak.file.display(), leak.line);
        eprintln!("{file}:{line}: {}: {}", leak.what, leak.text);
    }
    // Where nothing was kept, nothing was looked through.
    if leaks.is_empty() && files > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
