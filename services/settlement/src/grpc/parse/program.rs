//! Programs of requests.

use gazelle_kernel::{
    Bps, CodePrefix, FeeKind, Fen, Name, ParseError, PlatformId, ProgramId, SizeClass, Year, text,
};
use gazelle_proto::{optional, settlement::v1 as pb};
use gazelle_runtime::status::{Fields, Refusal};

use super::common::interval;
use crate::domain::program::{Allocation, Budget, Payee, Payer, Release, Share, Terms};

/// A name, which goes into the lists of whoever pays.
fn listed(text: &str) -> Result<Name, ParseError> {
    Name::parse(text::no_formula(text)?)
}

/// Reads a program's terms.
pub fn terms(program: &pb::Program) -> Result<Terms, Refusal> {
    let mut fields = Fields::default();
    let id = fields.read("program.program_id", ProgramId::parse(&program.program_id));
    let name = fields.read("program.name", optional::parse(&program.name, listed));
    let name_zh = fields.read("program.name_zh", optional::parse(&program.name_zh, listed));
    let term = interval(
        &mut fields,
        ("program.valid_from", &program.valid_from),
        ("program.valid_to", &program.valid_to),
    );
    let lists = Lists::read(&mut fields, program);
    let shares = shares(&mut fields, &program.shares);
    let budgets = budgets(&mut fields, &program.budgets);
    let allocation = fields.read("program.allocation", allocation(program.allocation));
    let payee = fields.read("program.payee", payee(program.payee));
    let read = || {
        Some(Terms {
            program_id: id?,
            name: name?,
            name_zh: name_zh?,
            term: term?,
            platform_ids: lists.platform_ids,
            district_code_prefixes: lists.district_code_prefixes,
            industry_code_prefixes: lists.industry_code_prefixes,
            size_classes: lists.size_classes,
            shares,
            enterprise_year_cap_fen: Fen::new(program.enterprise_year_cap_fen),
            budgets,
            allocation: allocation?,
            payee: payee?,
            payment_min_fen: Fen::new(program.payment_min_fen),
            payer: program.payer.as_ref().map(payer),
            excluded_program_ids: lists.excluded_program_ids,
            notice_days: program.notice_days,
        })
    };
    fields.finish(read())
}

/// What a program lists.
struct Lists {
    platform_ids: Vec<PlatformId>,
    district_code_prefixes: Vec<CodePrefix>,
    industry_code_prefixes: Vec<CodePrefix>,
    size_classes: Vec<SizeClass>,
    excluded_program_ids: Vec<ProgramId>,
}

impl Lists {
    fn read(fields: &mut Fields, program: &pb::Program) -> Self {
        let prefix = |code: &String| CodePrefix::parse(code);
        let platform = |id: &String| PlatformId::parse(id);
        let excluded = |id: &String| ProgramId::parse(id);
        Self {
            platform_ids: fields.read_all("program.platform_ids", &program.platform_ids, platform),
            district_code_prefixes: fields.read_all(
                "program.district_code_prefixes",
                &program.district_code_prefixes,
                prefix,
            ),
            industry_code_prefixes: fields.read_all(
                "program.industry_code_prefixes",
                &program.industry_code_prefixes,
                prefix,
            ),
            size_classes: fields.read_all("program.size_classes", &program.size_classes, |class| {
                size_class(*class)
            }),
            excluded_program_ids: fields.read_all(
                "program.excluded_program_ids",
                &program.excluded_program_ids,
                excluded,
            ),
        }
    }
}

/// What a payer may be is the program's rule.
fn payer(payer: &pb::Payer) -> Payer {
    Payer {
        account_name: payer.account_name.trim().into(),
        account_number: payer.account_number.clone(),
        bank_code: payer.bank_code.clone(),
        bank_name: payer.bank_name.trim().into(),
    }
}

fn shares(fields: &mut Fields, shares: &[pb::Share]) -> Vec<Share> {
    let mut read = Vec::with_capacity(shares.len());
    for (at, share) in shares.iter().enumerate() {
        let field = |name| format!("program.shares[{at}].{name}");
        let fee_kind = fields.read(field("fee_kind"), FeeKind::parse(&share.fee_kind));
        let government_bps = fields.read(field("government_bps"), bps(share.government_bps));
        let platform_bps = fields.read(field("platform_bps"), bps(share.platform_bps));
        if let (Some(fee_kind), Some(government_bps), Some(platform_bps)) =
            (fee_kind, government_bps, platform_bps)
        {
            read.push(Share {
                fee_kind,
                government_bps,
                platform_bps,
            });
        }
    }
    read
}

fn budgets(fields: &mut Fields, budgets: &[pb::Budget]) -> Vec<Budget> {
    let mut read = Vec::with_capacity(budgets.len());
    for (at, budget) in budgets.iter().enumerate() {
        let field = |name| format!("program.budgets[{at}].{name}");
        let year = fields.read(field("year"), Year::new(budget.year));
        let release = fields.read(field("release"), release(budget.release));
        if let (Some(year), Some(release)) = (year, release) {
            read.push(Budget {
                year,
                amount_fen: Fen::new(budget.amount_fen),
                release,
            });
        }
    }
    read
}

fn bps(bps: i32) -> Result<Bps, ParseError> {
    // A negative number is read as one far above the whole, and refused like it.
    Bps::new(bps.cast_unsigned()).map_err(|error| {
        ParseError::new(
            error.reason(),
            &bps.to_string(),
            "basis points from 0 to 10000",
        )
    })
}

fn size_class(class: i32) -> Result<SizeClass, ParseError> {
    match pb::SizeClass::try_from(class) {
        Ok(pb::SizeClass::Micro) => Ok(SizeClass::Micro),
        Ok(pb::SizeClass::Small) => Ok(SizeClass::Small),
        Ok(pb::SizeClass::Medium) => Ok(SizeClass::Medium),
        Ok(pb::SizeClass::Large) => Ok(SizeClass::Large),
        Ok(pb::SizeClass::Unspecified) | Err(_) => Err(ParseError::new(
            "SIZE_CLASS_INVALID",
            &class.to_string(),
            "MICRO, SMALL, MEDIUM or LARGE",
        )),
    }
}

fn release(release: i32) -> Result<Release, ParseError> {
    match pb::Release::try_from(release) {
        Ok(pb::Release::AtOnce) => Ok(Release::AtOnce),
        Ok(pb::Release::Monthly) => Ok(Release::Monthly),
        Ok(pb::Release::Unspecified) | Err(_) => Err(ParseError::new(
            "RELEASE_INVALID",
            &release.to_string(),
            "AT_ONCE or MONTHLY",
        )),
    }
}

fn allocation(allocation: i32) -> Result<Allocation, ParseError> {
    match pb::Allocation::try_from(allocation) {
        Ok(pb::Allocation::FirstCome) => Ok(Allocation::FirstCome),
        Ok(pb::Allocation::ProRata) => Ok(Allocation::ProRata),
        Ok(pb::Allocation::Unspecified) | Err(_) => Err(ParseError::new(
            "ALLOCATION_INVALID",
            &allocation.to_string(),
            "FIRST_COME or PRO_RATA",
        )),
    }
}

fn payee(payee: i32) -> Result<Payee, ParseError> {
    match pb::Payee::try_from(payee) {
        Ok(pb::Payee::Enterprise) => Ok(Payee::Enterprise),
        Ok(pb::Payee::Platform) => Ok(Payee::Platform),
        Ok(pb::Payee::Unspecified) | Err(_) => Err(ParseError::new(
            "PAYEE_INVALID",
            &payee.to_string(),
            "ENTERPRISE or PLATFORM",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_of_a_program_is_named() {
        let share = pb::Share {
            fee_kind: "?".into(),
            government_bps: -1,
            platform_bps: 10_001,
        };
        let program = pb::Program {
            program_id: "share".into(),
            name: "\u{200b}".into(),
            valid_from: "2017-02-30".into(),
            valid_to: "2018".into(),
            district_code_prefixes: vec!["3301".into(), "x".into()],
            shares: vec![share],
            allocation: 9,
            payee: 1,
            ..pb::Program::default()
        };
        let refusal = terms(&program).unwrap_err();
        let named: Vec<_> = refusal
            .field_violations
            .iter()
            .map(|v| v.field.as_str())
            .collect();
        assert_eq!(
            named,
            [
                "program.name",
                "program.valid_from",
                "program.valid_to",
                "program.district_code_prefixes[1]",
                "program.shares[0].fee_kind",
                "program.shares[0].government_bps",
                "program.shares[0].platform_bps",
                "program.allocation",
            ]
        );
    }
}
