//! `gazelle man`.

use std::path::Path;

use clap::CommandFactory as _;

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
    clap_mangen::generate_to(words::help::told(Args::command()), folder)?;
    let pages = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let is_ours = |name: &str| name.starts_with("gazelle") && name.ends_with(".1");
    Ok(pages
        .filter(|page| page.file_name().to_str().is_some_and(is_ours))
        .count())
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
}
