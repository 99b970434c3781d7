//! Three programs, with budgets that do not go all the way.

use std::fs;
use std::path::Path;

use gazelle_proto::settlement::v1 as pb;

use super::files::{Table, unwritable};
use super::usage::UsageTotals;
use super::{PROGRAM_IDS, YEAR};
use crate::failure::Failure;
use crate::files;
use crate::input::program::ProgramFile;

/// Writes the programs and `runs.csv`, an order in which the year can be settled.
pub(super) fn write(folder: &Path, year: &UsageTotals) -> Result<(), Failure> {
    for program in [fee_share(year), card_relief(year), pioneers(year)] {
        let file = format!("{}.json", program.program_id);
        let file = folder.join("programs").join(file);
        let unwritable = |error| unwritable(&file.display().to_string(), &error);
        files::make_folders(&folder.join("programs")).map_err(unwritable)?;
        let json = serde_json::to_string_pretty(&ProgramFile(program));
        let json = json.map_err(|error| unwritable(error.into()))? + "\n";
        fs::write(&file, json).map_err(unwritable)?;
    }
    let mut runs = Table::create(folder, "runs.csv", &["program_id", "year", "through"])?;
    for number in 1..=12 {
        let period = format!("{YEAR}-{number:02}");
        for id in PROGRAM_IDS {
            runs.row(&[id, &YEAR.to_string(), &period])?;
        }
    }
    runs.finish()
}

/// In whole hundreds of yuan, so many thousandths of an amount; at least one.
fn part(amount_fen: i64, per_mille: i64) -> i64 {
    (amount_fen.max(0) / 1_000 * per_mille / 10_000).max(1) * 10_000
}

/// A program of three years without public notice, whose terms are still to be said.
fn named(id: &str, name: &str, name_zh: &str) -> pb::Program {
    pb::Program {
        program_id: id.to_owned(),
        name: name.to_owned(),
        name_zh: name_zh.to_owned(),
        valid_from: format!("{YEAR}-01-01"),
        valid_to: format!("{}-01-01", YEAR + 3),
        ..pb::Program::default()
    }
}

fn share(fee_kind: &str, government_bps: i32, platform_bps: i32) -> pb::Share {
    pb::Share {
        fee_kind: fee_kind.to_owned(),
        government_bps,
        platform_bps,
    }
}

fn budget(amount_fen: i64, release: pb::Release) -> pb::Budget {
    pb::Budget {
        year: YEAR,
        amount_fen,
        release: release.into(),
    }
}

fn fee_share(year: &UsageTotals) -> pb::Program {
    let shared = year.commission_fen * 3 / 10 + year.membership_fen / 2;
    let mut program = named(
        "marketplace-fee-share",
        "Marketplace fee sharing for small enterprises",
        "小微企业平台费用分担",
    );
    program.district_code_prefixes = vec!["3301".to_owned()];
    let sizes = [
        pb::SizeClass::Micro,
        pb::SizeClass::Small,
        pb::SizeClass::Medium,
    ];
    program.size_classes = sizes.map(i32::from).into();
    program.shares = vec![
        share("COMMISSION", 3000, 500),
        share("MEMBERSHIP", 5000, 1000),
    ];
    program.enterprise_year_cap_fen = 300_000;
    program.budgets = vec![budget(part(shared, 550), pb::Release::AtOnce)];
    program.set_allocation(pb::Allocation::FirstCome);
    program.set_payee(pb::Payee::Enterprise);
    program.excluded_program_ids = vec!["binjiang-pioneers".to_owned()];
    program
}

fn card_relief(year: &UsageTotals) -> pb::Program {
    let mut program = named(
        "card-fee-relief",
        "Card settlement fee relief",
        "银行卡结算手续费减免",
    );
    program.district_code_prefixes = vec!["3301".to_owned()];
    program.size_classes = [pb::SizeClass::Micro, pb::SizeClass::Small]
        .map(i32::from)
        .into();
    program.shares = vec![share("CARD_SETTLEMENT", 10_000, 0)];
    program.budgets = vec![budget(part(year.card_fen, 500), pb::Release::Monthly)];
    program.set_allocation(pb::Allocation::ProRata);
    program.set_payee(pb::Payee::Platform);
    program
}

fn pioneers(year: &UsageTotals) -> pb::Program {
    let mut program = named(
        "binjiang-pioneers",
        "Binjiang e-commerce pioneers",
        "滨江电商先锋会员费支持",
    );
    program.district_code_prefixes = vec!["330108".to_owned()];
    program.size_classes = [pb::SizeClass::Small, pb::SizeClass::Medium]
        .map(i32::from)
        .into();
    program.shares = vec![share("MEMBERSHIP", 8000, 0)];
    program.budgets = vec![budget(part(year.membership_fen, 12), pb::Release::AtOnce)];
    program.set_allocation(pb::Allocation::FirstCome);
    program.set_payee(pb::Payee::Enterprise);
    program
}
