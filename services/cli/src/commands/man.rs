//! `gazelle man`.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::args::Args;
use crate::context::Context;
use crate::failure::Failure;
use crate::files::{make_folders, unwritable};
use crate::output::{Format, column};
use crate::words;

pub(crate) fn run(context: &mut Context, folder: &Path) -> Result<(), Failure> {
    let count = write_pages(folder).map_err(|error| unwritable(folder, &error))?;
    let folder = folder.display();
    if context.out.format() == Format::Table {
        let line = words::MAN_WRITTEN.with(&[("count", &count), ("folder", &folder)]);
        return context.out.line(&line);
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    context.out.one(&[
        (column("folder", "folder"), folder.to_string().into()),
        (column("pages", "pages"), count.into()),
    ])
}

/// Writes a page for each command, and says how many that are.
fn write_pages(folder: &Path) -> std::io::Result<usize> {
    make_folders(folder)?;
    let mut command = words::help::told(Args::command());
    command.build();
    write_page(command, folder)
}

/// Nobody looks for a page of `help`, which has none but the texts of others.
fn write_page(mut command: Command, folder: &Path) -> std::io::Result<usize> {
    let mut count = 1;
    for sub in command.get_subcommands() {
        if sub.get_name() != "help" && !sub.is_hide_set() {
            count += write_page(sub.clone(), folder)?;
        }
    }
    if command.find_subcommand("help").is_some() {
        command = command.mut_subcommand("help", |help| help.hide(true));
    }
    let page = Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text)?;
    let text = words::help::headed(&String::from_utf8_lossy(&text));
    std::fs::write(folder.join(page.get_filename()), text)?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let pages = write_pages(folder.path()).unwrap();
        assert!(pages > 40, "{pages}");
        let page = folder.path().join("gazelle-settlement-approve.1");
        let page = std::fs::read_to_string(page).unwrap();
        assert!(
            page.starts_with(".ie") && page.contains("\\-\\-digest"),
            "{page}"
        );
    }

    #[test]
    fn pages_in_chinese_have_chinese_headings_and_none_is_of_help() {
        let folder = tempfile::tempdir().unwrap();
        let pages = words::in_chinese(|| write_pages(folder.path())).unwrap();
        let files = std::fs::read_dir(folder.path()).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), pages);
        for file in files {
            assert!(!file.to_string_lossy().contains("-help"), "{file:?}");
            let page = std::fs::read_to_string(&file).unwrap();
            assert!(!page.contains("help(1)"), "{page}");
            for heading in page.lines().filter_map(|line| line.strip_prefix(".SH ")) {
                assert!(!heading.is_ascii(), "{heading} in {file:?}");
            }
        }
    }
}
