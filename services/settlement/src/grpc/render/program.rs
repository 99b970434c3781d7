//! Programs as messages.

use gazelle_kernel::SizeClass;
use gazelle_proto::{optional, settlement::v1 as pb, time::timestamp};

use crate::domain::program::{Allocation, Budget, Payee, Payer, Release, Share, Version};

/// A version of a program.
#[must_use]
pub fn program(version: &Version) -> pb::Program {
    let terms = version.program.terms();
    let classes = terms.size_classes.iter();
    pb::Program {
        program_id: terms.program_id.to_string(),
        name: optional::text(terms.name.as_ref()),
        name_zh: optional::text(terms.name_zh.as_ref()),
        valid_from: terms.term.from().to_string(),
        valid_to: optional::text(terms.term.to()),
        platform_ids: texts(&terms.platform_ids),
        district_code_prefixes: texts(&terms.district_code_prefixes),
        industry_code_prefixes: texts(&terms.industry_code_prefixes),
        size_classes: classes.map(|class| size_class(*class).into()).collect(),
        shares: terms.shares.iter().map(share).collect(),
        enterprise_year_cap_fen: terms.enterprise_year_cap_fen.get(),
        budgets: terms.budgets.iter().map(budget).collect(),
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
        excluded_program_ids: texts(&terms.excluded_program_ids),
        notice_days: terms.notice_days,
        payment_min_fen: terms.payment_min_fen.get(),
        payer: terms.payer.as_ref().map(payer),
        version: version.number,
        applied_by: version.applied_by.to_string(),
        applied_at: Some(timestamp(version.applied_at)),
    }
}

/// A version as platforms see it: whose account pays is none of their business.
#[must_use]
pub fn public_program(version: &Version) -> pb::Program {
    pb::Program {
        payer: None,
        applied_by: String::new(),
        ..program(version)
    }
}

fn payer(payer: &Payer) -> pb::Payer {
    pb::Payer {
        account_name: payer.account_name.clone(),
        account_number: payer.account_number.clone(),
        bank_code: payer.bank_code.clone(),
        bank_name: payer.bank_name.clone(),
    }
}

fn size_class(class: SizeClass) -> pb::SizeClass {
    match class {
        SizeClass::Micro => pb::SizeClass::Micro,
        SizeClass::Small => pb::SizeClass::Small,
        SizeClass::Medium => pb::SizeClass::Medium,
        SizeClass::Large => pb::SizeClass::Large,
    }
}

fn share(share: &Share) -> pb::Share {
    pb::Share {
        fee_kind: share.fee_kind.to_string(),
        government_bps: share.government_bps.get().into(),
        platform_bps: share.platform_bps.get().into(),
    }
}

fn budget(budget: &Budget) -> pb::Budget {
    pb::Budget {
        year: budget.year.get(),
        amount_fen: budget.amount_fen.get(),
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
    use gazelle_kernel::{Actor, Fen};

    use super::*;
    use crate::{
        domain::{fixture, program::Program},
        grpc::parse::program as parse,
    };

    #[test]
    fn a_program_comes_back_as_it_was_sent() {
        let mut terms = fixture::terms("share");
        terms.platform_ids = vec![fixture::platform("alpha")];
        terms.excluded_program_ids = vec![fixture::program_id("other")];
        terms.payment_min_fen = Fen::new(100);
        terms.payer = Some(Payer {
            account_name: "treasury".into(),
            account_number: "12345".into(),
            bank_code: "103331000011".into(),
            bank_name: String::new(),
        });
        let version = Version {
            program: Program::new(terms).unwrap(),
            number: 3,
            applied_by: Actor::new("person:alice"),
            applied_at: fixture::instant("2017-01-01T00:00:00Z"),
        };
        let sent = program(&version);
        assert_eq!(parse::terms(&sent).unwrap(), *version.program.terms());
        assert_eq!((sent.version, sent.applied_at.unwrap().nanos), (3, 0));
        assert_eq!(public_program(&version).payer, None);
    }
}
