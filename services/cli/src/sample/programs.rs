//! Three programs, with budgets that do not go all the way.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::files::{Table, unwritable};
use super::usage::UsageTotals;
use super::{PROGRAM_IDS, YEAR};
use crate::failure::Failure;
use crate::files;

/// Writes the programs and `runs.csv`, an order in which the year can be settled.
pub(super) fn write(folder: &Path, year: &UsageTotals) -> Result<(), Failure> {
    for program in [fee_share(year), card_relief(year), pioneers(year)] {
        let id = program["program_id"].as_str().unwrap_or_default();
        let file = folder.join("programs").join(format!("{id}.json"));
        let unwritable = |error| unwritable(&file.display().to_string(), &error);
        files::make_folders(&folder.join("programs")).map_err(unwritable)?;
        let json = format!("{program:#}\n");
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

fn fee_share(year: &UsageTotals) -> Value {
    json!({
        "program_id": "marketplace-fee-share",
        "name": "Marketplace fee sharing for small enterprises",
        "name_zh": "小微企业平台费用分担",
        "valid_from": format!("{YEAR}-01-01"),
        "valid_to": format!("{}-01-01", YEAR + 3),
        "platforms": [],
        "districts": ["3301"],
        "industries": [],
        "size_classes": ["MICRO", "SMALL", "MEDIUM"],
        "shares": [
            {"fee_kind": "COMMISSION", "government_bps": 3000, "platform_bps": 500},
            {"fee_kind": "MEMBERSHIP", "government_bps": 5000, "platform_bps": 1000},
        ],
        "enterprise_year_cap_fen": 300_000,
        "budgets": [
            {"year": YEAR, "amount_fen": part(year.commission_fen * 3 / 10 + year.membership_fen / 2, 550), "release": "AT_ONCE"},
        ],
        "allocation": "FIRST_COME",
        "payee": "ENTERPRISE",
        "excludes": ["binjiang-pioneers"],
        "notice_days": 0,
    })
}

fn card_relief(year: &UsageTotals) -> Value {
    json!({
        "program_id": "card-fee-relief",
        "name": "Card settlement fee relief",
        "name_zh": "银行卡结算手续费减免",
        "valid_from": format!("{YEAR}-01-01"),
        "valid_to": format!("{}-01-01", YEAR + 3),
        "platforms": [],
        "districts": ["3301"],
        "industries": [],
        "size_classes": ["MICRO", "SMALL"],
        "shares": [{"fee_kind": "CARD_SETTLEMENT", "government_bps": 10_000, "platform_bps": 0}],
        "enterprise_year_cap_fen": 0,
        "budgets": [
            {"year": YEAR, "amount_fen": part(year.card_fen, 500), "release": "MONTHLY"},
        ],
        "allocation": "PRO_RATA",
        "payee": "PLATFORM",
        "excludes": [],
        "notice_days": 0,
    })
}

fn pioneers(year: &UsageTotals) -> Value {
    json!({
        "program_id": "binjiang-pioneers",
        "name": "Binjiang e-commerce pioneers",
        "name_zh": "滨江电商先锋会员费支持",
        "valid_from": format!("{YEAR}-01-01"),
        "valid_to": format!("{}-01-01", YEAR + 3),
        "platforms": [],
        "districts": ["330108"],
        "industries": [],
        "size_classes": ["SMALL", "MEDIUM"],
        "shares": [{"fee_kind": "MEMBERSHIP", "government_bps": 8000, "platform_bps": 0}],
        "enterprise_year_cap_fen": 0,
        "budgets": [
            {"year": YEAR, "amount_fen": part(year.membership_fen, 12), "release": "AT_ONCE"},
        ],
        "allocation": "FIRST_COME",
        "payee": "ENTERPRISE",
        "excludes": [],
        "notice_days": 0,
    })
}
