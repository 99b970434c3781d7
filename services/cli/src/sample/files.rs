//! The city's files.

use std::fs;
use std::path::Path;

use super::city::City;
use super::{PLATFORMS, YEAR};
use crate::failure::Failure;
use crate::files;

/// Banks that have accounts here, with their codes.
const BANKS: [(&str, &str); 4] = [
    ("102100099996", "中国工商银行"),
    ("103100000026", "中国农业银行"),
    ("104100000004", "中国银行"),
    ("105100000017", "中国建设银行"),
];

/// Of so many enterprises one has named no account.
const WITHOUT_ACCOUNT_ONE_OF: usize = 50;

/// A CSV file under a folder.
pub(super) struct Table {
    writer: csv::Writer<fs::File>,
    file: String,
}

impl Table {
    pub(super) fn create(folder: &Path, name: &str, header: &[&str]) -> Result<Self, Failure> {
        let path = folder.join(name);
        let file = path.display().to_string();
        let unwritable = |error| unwritable(&file, &error);
        if let Some(folder) = path.parent() {
            files::make_folders(folder).map_err(unwritable)?;
        }
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_writer(fs::File::create(&path).map_err(unwritable)?);
        let mut table = Self { writer, file };
        table.row(header)?;
        Ok(table)
    }

    pub(super) fn row(&mut self, fields: &[&str]) -> Result<(), Failure> {
        self.writer
            .write_record(fields)
            .map_err(|error| unwritable(&self.file, &error.into()))
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.writer
            .flush()
            .map_err(|error| unwritable(&self.file, &error))
    }
}

pub(super) fn unwritable(file: &str, error: &std::io::Error) -> Failure {
    files::unwritable(Path::new(file), error)
}

pub(super) fn write_city(folder: &Path, city: &City) -> Result<(), Failure> {
    write_platforms(folder)?;
    write_enterprises(folder, city)?;
    write_shops(folder, city)?;
    write_support(folder, city)?;
    write_accounts(folder, city)
}

/// The platforms, each of which owes the whole year.
fn write_platforms(folder: &Path) -> Result<(), Failure> {
    let header = ["platform_id", "name", "reports_from", "reports_to"];
    let mut table = Table::create(folder, "platforms.csv", &header)?;
    let (from, to) = (format!("{YEAR}-01"), format!("{}-01", YEAR + 1));
    for id in PLATFORMS {
        table.row(&[id, id, &from, &to])?;
    }
    table.finish()
}

fn write_enterprises(folder: &Path, city: &City) -> Result<(), Failure> {
    let header = [
        "uscc",
        "name",
        "district_code",
        "industry_code",
        "established_on",
    ];
    let mut table = Table::create(folder, "enterprises.csv", &header)?;
    for e in &city.enterprises {
        table.row(&[
            e.uscc.as_str(),
            &e.name,
            e.district,
            e.industry,
            &e.established_on,
        ])?;
    }
    table.finish()?;
    let header = [
        "uscc",
        "fiscal_year",
        "headcount",
        "annual_revenue_fen",
        "total_assets_fen",
    ];
    let mut table = Table::create(folder, "filings.csv", &header)?;
    for f in &city.filings {
        table.row(&[
            f.uscc.as_str(),
            &f.fiscal_year.to_string(),
            &f.headcount.to_string(),
            &f.revenue_fen.to_string(),
            &f.assets_fen.to_string(),
        ])?;
    }
    table.finish()
}

fn write_shops(folder: &Path, city: &City) -> Result<(), Failure> {
    let header = [
        "platform_id",
        "merchant_id",
        "uscc",
        "bound_from",
        "bound_to",
    ];
    let mut table = Table::create(folder, "merchants.csv", &header)?;
    for b in &city.bindings {
        table.row(&[
            PLATFORMS[b.platform],
            &b.merchant_id,
            b.uscc.as_str(),
            &b.from,
            &b.to,
        ])?;
    }
    table.finish()
}

fn write_support(folder: &Path, city: &City) -> Result<(), Failure> {
    let header = ["uscc", "suspended_from", "suspended_to", "reason"];
    let mut table = Table::create(folder, "suspensions.csv", &header)?;
    for s in &city.suspensions {
        table.row(&[s.uscc.as_str(), &s.from, &s.to, s.reason])?;
    }
    table.finish()?;
    let header = [
        "program_id",
        "uscc",
        "applied_at",
        "effective_from",
        "effective_to",
    ];
    let mut table = Table::create(folder, "enrollments.csv", &header)?;
    for e in &city.enrollments {
        table.row(&[e.program, e.uscc.as_str(), &e.applied_at, &e.from, &e.to])?;
    }
    table.finish()
}

fn write_accounts(folder: &Path, city: &City) -> Result<(), Failure> {
    let header = [
        "payee_id",
        "account_name",
        "account_number",
        "bank_code",
        "bank_name",
    ];
    let mut table = Table::create(folder, "accounts.csv", &header)?;
    let enterprises = city
        .enterprises
        .iter()
        .map(|it| (it.uscc.as_str(), &*it.name));
    // A platform without a name is registered under its id.
    let platforms = PLATFORMS.iter().map(|id| (*id, *id));
    for (number, (payee_id, name)) in (1..).zip(platforms.chain(enterprises)) {
        if number % WITHOUT_ACCOUNT_ONE_OF != 0 {
            let (code, bank) = BANKS[number % BANKS.len()];
            table.row(&[payee_id, name, &format!("6222{number:012}"), code, bank])?;
        }
    }
    table.finish()
}
