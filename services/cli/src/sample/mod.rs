//! A made-up city: enterprises, their shops on two platforms, three programs and a year of fees.
//!
//! Everything follows from the seed and the sizes, in integers: the same on any machine, to the
//! byte. Files have the form of the acceptance packs.

mod city;
mod code;
mod files;
mod programs;
mod random;
mod setting;
mod usage;

use std::fs;
use std::path::Path;

use crate::args::SampleArgs;
use crate::commands::confirm::{asks, confirm};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{column, progress};
use crate::words;

pub use setting::{PLATFORMS, PROGRAM_IDS, YEAR};

/// Usage records that an enterprise has on average where nothing else is asked for.
const RECORDS_PER_ENTERPRISE: u64 = 25;

/// How large a sample is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// What it is generated from.
    pub seed: u64,
    /// How many enterprises the city has.
    pub enterprises: u32,
    /// Usage records, about; none: in proportion to the enterprises.
    pub records: Option<u64>,
}

/// What was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generated {
    /// How many enterprises were written.
    pub enterprises: u64,
    /// How many merchant bindings were written.
    pub merchants: u64,
    /// Usage records of the whole year, over both platforms.
    pub records: u64,
    /// Their sum in fen, reversals negative.
    pub total_fen: i64,
}

/// Writes a sample city into `folder`, which is made if need be.
pub fn generate(folder: &Path, size: Size) -> Result<Generated, Failure> {
    let records = size
        .records
        .unwrap_or(u64::from(size.enterprises) * RECORDS_PER_ENTERPRISE);
    let city = city::City::generate(size.seed, size.enterprises);
    files::write_city(folder, &city)?;
    let usage = usage::write_year(folder, &city, size.seed, records)?;
    programs::write(folder, &usage)?;
    Ok(Generated {
        enterprises: city.enterprises.len() as u64,
        merchants: city.bindings.len() as u64,
        records: usage.records,
        total_fen: usage.total_fen,
    })
}

/// Writes a sample city's files, as `gazelle sample-city`.
pub fn run(context: &mut Context, args: &SampleArgs) -> Result<(), Failure> {
    let has_files = || fs::read_dir(&args.out).is_ok_and(|mut found| found.next().is_some());
    if asks(context) && has_files() {
        confirm(&words::FOLDER_REPLACED.with(&[("path", &args.out.display())]))?;
    }
    let wait = progress::waiting(words::GENERATING.say());
    let size = Size {
        seed: args.seed,
        enterprises: args.enterprises,
        records: args.records,
    };
    let generated = generate(&args.out, size);
    wait.finish_and_clear();
    let generated = generated?;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    context.out.one(&[
        (
            column("folder", "folder"),
            args.out.display().to_string().into(),
        ),
        (
            column("enterprises", "enterprises"),
            number(generated.enterprises).into(),
        ),
        (
            column("merchants", "merchant accounts"),
            number(generated.merchants).into(),
        ),
        (
            column("records", "usage records"),
            number(generated.records).into(),
        ),
        (
            column("total_fen", "fees (yuan)"),
            crate::output::Cell::fen(generated.total_fen),
        ),
    ])
}

#[cfg(test)]
#[path = "sample_tests.rs"]
mod tests;
