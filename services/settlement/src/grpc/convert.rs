//! Programs and enrollments between the contract and the domain.

use gazelle_kernel::{
    Bps, CodePrefix, FeeKind, Instant, Interval, ParseError, PlatformId, ProgramId, SizeClass,
    Uscc, Year, parse_date, parse_instant,
};
use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::status::Refusal;
use time::{UtcOffset, format_description::well_known::Rfc3339};

use super::fields::Fields;
use crate::{
    domain::{
        enrollment::Enrollment,
        program::{Allocation, Budget, Payee, Release, Share, Terms},
    },
    store::program::Version,
};

/// Reads a program's terms.
pub fn terms(program: &pb::Program) -> Result<Terms, Refusal> {
    let mut fields = Fields::default();
    let id = fields.read("program.program_id", ProgramId::parse(&program.program_id));
    let name = fields.read("program.name", printable(&program.name));
    let name_zh = fields.read("program.name_zh", printable(&program.name_zh));
    let term = interval(
        &mut fields,
        ("program.valid_from", &program.valid_from),
        ("program.valid_to", &program.valid_to),
    );
    let platforms = fields.read_all("program.platforms", &program.platforms, |id| {
        PlatformId::parse(id)
    });
    let districts = fields.read_all("program.districts", &program.districts, |code| {
        CodePrefix::parse(code)
    });
    let industries = fields.read_all("program.industries", &program.industries, |code| {
        CodePrefix::parse(code)
    });
    let size_classes = fields.read_all("program.size_classes", &program.size_classes, |class| {
        size_class(*class)
    });
    let shares = shares(&mut fields, &program.shares);
    let budgets = budgets(&mut fields, &program.budgets);
    let allocation = fields.read("program.allocation", allocation(program.allocation));
    let payee = fields.read("program.payee", payee(program.payee));
    let excludes = fields.read_all("program.excludes", &program.excludes, |id| {
        ProgramId::parse(id)
    });
    let read = || {
        Some(Terms {
            program_id: id?,
            name: name?,
            name_zh: name_zh?,
            term: term?,
            platforms,
            districts,
            industries,
            size_classes,
            shares,
            enterprise_year_cap_fen: program.enterprise_year_cap_fen,
            budgets,
            allocation: allocation?,
            payee: payee?,
            excludes,
            notice_days: program.notice_days,
        })
    };
    fields.finish(read())
}

/// A version of a program.
#[must_use]
pub fn program(version: &Version) -> pb::Program {
    let terms = version.program.terms();
    pb::Program {
        program_id: terms.program_id.to_string(),
        name: terms.name.clone(),
        name_zh: terms.name_zh.clone(),
        valid_from: terms.term.from().to_string(),
        valid_to: terms.term.to().map(|to| to.to_string()).unwrap_or_default(),
        platforms: texts(&terms.platforms),
        districts: texts(&terms.districts),
        industries: texts(&terms.industries),
        size_classes: terms
            .size_classes
            .iter()
            .map(|class| size_class_of(*class).into())
            .collect(),
        shares: terms.shares.iter().map(share_of).collect(),
        enterprise_year_cap_fen: terms.enterprise_year_cap_fen,
        budgets: terms.budgets.iter().map(budget_of).collect(),
        allocation: match terms.allocation {
            Allocation::FirstCome => pb::Allocation::FirstCome,
            Allocation::ProRata => pb::Allocation::ProRata,
        }
        .into(),
        payee: match terms.payee {
            Payee::Enterprise => pb::Payee::Enterprise,
            Payee::Platform => pb::Payee::Platform,
        }
        .into(),
        excludes: texts(&terms.excludes),
        notice_days: terms.notice_days,
        version: version.version,
        applied_by: version.applied_by.clone(),
        applied_at: rfc3339(version.applied_at),
    }
}

/// An enrollment's fields, or the first of them that is wrong. A code that fails only its outer
/// check is read: whether it was officially issued so, the registry knows.
pub fn enrollment(item: &pb::Enrollment) -> Result<Enrollment, (&'static str, ParseError)> {
    let at = |field| move |error| (field, error);
    let from = parse_date(&item.effective_from).map_err(at("effective_from"))?;
    let to = match item.effective_to.as_str() {
        "" => None,
        to => Some(parse_date(to).map_err(at("effective_to"))?),
    };
    Ok(Enrollment {
        program_id: ProgramId::parse(&item.program_id).map_err(at("program_id"))?,
        uscc: Uscc::parse_excepted(&item.uscc).map_err(at("uscc"))?,
        applied_at: applied_at(&item.applied_at).map_err(at("applied_at"))?,
        effective: Interval::new(from, to).map_err(at("effective_to"))?,
    })
}

/// An enrollment.
#[must_use]
pub fn enrollment_of(enrollment: &Enrollment) -> pb::Enrollment {
    pb::Enrollment {
        program_id: enrollment.program_id.to_string(),
        uscc: enrollment.uscc.to_string(),
        applied_at: rfc3339(enrollment.applied_at),
        effective_from: enrollment.effective.from().to_string(),
        effective_to: enrollment
            .effective
            .to()
            .map(|to| to.to_string())
            .unwrap_or_default(),
    }
}

/// An instant in UTC.
#[must_use]
pub fn rfc3339(instant: Instant) -> String {
    instant
        .to_offset(UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("the years that we keep have four digits")
}

/// An instant that has a year of four digits in UTC too, as it is kept.
fn applied_at(text: &str) -> Result<Instant, ParseError> {
    let instant = parse_instant(text)?;
    let utc = instant
        .checked_to_offset(UtcOffset::UTC)
        .filter(|utc| (0..=9999).contains(&utc.year()));
    utc.ok_or_else(|| ParseError::new("INSTANT_INVALID", text, "an instant of the years 0 to 9999"))
}

/// A name; how long it may be is the program's rule.
fn printable(text: &str) -> Result<String, ParseError> {
    if text.chars().any(char::is_control) {
        return Err(ParseError::new(
            "TEXT_INVALID",
            text,
            "a text without control characters",
        ));
    }
    Ok(text.into())
}

fn interval(
    fields: &mut Fields,
    (from_field, from): (&str, &str),
    (to_field, to): (&str, &str),
) -> Option<Interval> {
    let from = fields.read(from_field, parse_date(from));
    let to = match to {
        "" => Some(None),
        to => fields.read(to_field, parse_date(to).map(Some)),
    };
    fields.read(to_field, Interval::new(from?, to?))
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
                amount_fen: budget.amount_fen,
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

fn size_class_of(class: SizeClass) -> pb::SizeClass {
    match class {
        SizeClass::Micro => pb::SizeClass::Micro,
        SizeClass::Small => pb::SizeClass::Small,
        SizeClass::Medium => pb::SizeClass::Medium,
        SizeClass::Large => pb::SizeClass::Large,
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

fn share_of(share: &Share) -> pb::Share {
    pb::Share {
        fee_kind: share.fee_kind.to_string(),
        government_bps: share.government_bps.get().into(),
        platform_bps: share.platform_bps.get().into(),
    }
}

fn budget_of(budget: &Budget) -> pb::Budget {
    pb::Budget {
        year: budget.year.get(),
        amount_fen: budget.amount_fen,
        release: match budget.release {
            Release::AtOnce => pb::Release::AtOnce,
            Release::Monthly => pb::Release::Monthly,
        }
        .into(),
    }
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, program::Program};

    #[test]
    fn a_program_comes_back_as_it_was_sent() {
        let mut terms = fixture::terms("share");
        terms.platforms = vec![fixture::platform("alpha")];
        terms.excludes = vec![fixture::program_id("other")];
        let version = Version {
            program: Program::new(terms).unwrap(),
            version: 3,
            applied_by: "person:alice".into(),
            applied_at: fixture::instant("2017-01-01T00:00:00Z"),
        };
        let sent = program(&version);
        assert_eq!(super::terms(&sent).unwrap(), *version.program.terms());
        assert_eq!(
            (sent.version, sent.applied_at.as_str()),
            (3, "2017-01-01T00:00:00Z")
        );
    }

    #[test]
    fn every_wrong_field_of_a_program_is_named() {
        let share = pb::Share {
            fee_kind: "?".into(),
            government_bps: -1,
            platform_bps: 10_001,
        };
        let program = pb::Program {
            program_id: "share".into(),
            valid_from: "2017-02-30".into(),
            valid_to: "2018".into(),
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
                "program.valid_from",
                "program.valid_to",
                "program.shares[0].fee_kind",
                "program.shares[0].government_bps",
                "program.shares[0].platform_bps",
                "program.allocation",
            ]
        );
    }

    #[test]
    fn an_application_is_an_instant_and_keeps_its_nanoseconds() {
        let item = pb::Enrollment {
            program_id: "share".into(),
            uscc: "91330100799655058B".into(),
            applied_at: "2017-01-01T08:00:00.000000001+08:00".into(),
            effective_from: "2017-01-01".into(),
            effective_to: String::new(),
        };
        let sent = enrollment_of(&enrollment(&item).unwrap());
        assert_eq!(sent.applied_at, "2017-01-01T00:00:00.000000001Z");
        for at in [
            "2017-01-01T08:00:00",
            "0000-01-01T00:00:00+08:00",
            "9999-12-31T23:59:59-08:00",
        ] {
            let (field, _) = enrollment(&pb::Enrollment {
                applied_at: at.into(),
                ..item.clone()
            })
            .unwrap_err();
            assert_eq!(field, "applied_at", "{at}");
        }
    }
}
