use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;

use gazelle_kernel::Uscc;

use super::*;
use crate::input::program::ProgramFile;
use crate::input::rows::RowFile;

const SMALL: Size = Size {
    seed: 7,
    enterprises: 300,
    records: Some(6_000),
};

fn sample(size: Size) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), size).unwrap();
    folder
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn rows(folder: &Path, name: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut file = RowFile::open(&folder.join(name), columns, &[]).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = file.next_row().unwrap() {
        rows.push(row.unwrap().fields);
    }
    rows
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let (one, again) = (sample(SMALL), sample(SMALL));
    assert_eq!(files(one.path()), files(again.path()));
    let other = sample(Size { seed: 8, ..SMALL });
    assert_ne!(files(one.path()), files(other.path()));
}

#[test]
fn every_code_passes_both_checks_and_is_one_enterprises() {
    let folder = sample(SMALL);
    let codes = rows(folder.path(), "enterprises.csv", &["uscc"]);
    let parsed: HashSet<_> = codes
        .iter()
        .map(|row| Uscc::parse(&row[0]).unwrap())
        .collect();
    assert_eq!((codes.len(), parsed.len()), (300, 300));
}

#[test]
fn reversals_follow_what_they_take_back_and_never_exceed_it() {
    let folder = sample(SMALL);
    let (mut reversals, mut in_part) = (0, 0);
    for platform in PLATFORMS {
        let mut left: HashMap<String, (String, String, i64)> = HashMap::new();
        for number in 1..=12 {
            let name = format!("usage/{platform}/{YEAR}-{number:02}.csv");
            for row in rows(folder.path(), &name, crate::commands::report::COLUMNS) {
                let [id, merchant, kind, _, amount, reverses] =
                    <[String; 6]>::try_from(row).unwrap();
                let amount: i64 = amount.parse().unwrap();
                if reverses.is_empty() {
                    assert!(amount > 0);
                    assert!(left.insert(id, (merchant, kind, amount)).is_none());
                    continue;
                }
                let target = left.get_mut(&reverses).unwrap();
                assert_eq!((&target.0, &target.1), (&merchant, &kind));
                target.2 += amount;
                assert!(amount < 0 && target.2 >= 0);
                reversals += 1;
                in_part += i32::from(target.2 > 0);
            }
        }
    }
    assert!(
        reversals > 20 && in_part > 5,
        "{reversals} reversals, {in_part} in part"
    );
}

#[test]
fn the_platforms_owe_each_month_of_which_there_are_records() {
    let folder = sample(SMALL);
    let columns = ["platform_id", "reports_from", "reports_to"];
    let owing = rows(folder.path(), "platforms.csv", &columns);
    let whole_year = [format!("{YEAR}-01"), format!("{}-01", YEAR + 1)];
    let expected = PLATFORMS.map(|id| [vec![id.to_owned()], whole_year.to_vec()].concat());
    assert_eq!(owing, expected);
}

#[test]
fn the_programs_are_files_that_can_be_applied() {
    let folder = sample(SMALL);
    for id in PROGRAM_IDS {
        let file = folder.path().join(format!("programs/{id}.json"));
        assert_eq!(ProgramFile::read(&file).unwrap().0.program_id, id);
    }
}

#[test]
fn statements_are_the_sums_of_the_records() {
    let folder = sample(SMALL);
    let columns = ["platform_id", "period", "record_count", "total_fen"];
    let statements = rows(folder.path(), "statements.csv", &columns);
    assert_eq!(statements.len(), 24);
    for statement in statements {
        let name = format!("usage/{}/{}.csv", statement[0], statement[1]);
        let amounts = rows(folder.path(), &name, &["amount_fen"]);
        let total: i64 = amounts
            .iter()
            .map(|row| row[0].parse::<i64>().unwrap())
            .sum();
        assert_eq!(
            (amounts.len().to_string(), total.to_string()),
            (statement[2].clone(), statement[3].clone())
        );
    }
}
