//! What each enterprise is entitled to for the year so far, and what of it is due.

use std::collections::BTreeMap;

use foldhash::HashMap;
use gazelle_kernel::{Bps, FeeKind, Fen, PlatformId, Uscc};

use super::{
    overflow::{Overflow, final_value},
    settle::PriorLine,
};
use crate::domain::program::Program;

/// Names a component: an enterprise, a platform, a fee kind. In byte order.
pub(super) type ComponentKey<'a> = (Uscc, &'a PlatformId, &'a FeeKind);

/// What earlier approved runs of the program and year gave a component, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// Eligible fees.
    pub fee_fen: i64,
    /// Borne by the government.
    pub government_fen: i64,
    /// Borne by the platform.
    pub platform_fen: i64,
}

/// One enterprise's fees of one kind on one platform, for the year so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The platform.
    pub platform_id: PlatformId,
    /// The fee kind.
    pub fee_kind: FeeKind,
    /// E: the sum of its eligible fees.
    pub eligible_fen: i64,
    /// U: the government's share of E, before cap and budget.
    pub uncapped_fen: i64,
    /// The platform's share of E.
    pub platform_fen: i64,
    /// What earlier runs gave it.
    pub before: Before,
    /// U less what the government gave it before.
    pub open_fen: i64,
}

/// What one enterprise claims for the year so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The enterprise.
    pub uscc: Uscc,
    /// In the order of platform id, then fee kind.
    pub components: Vec<Component>,
    /// The sum of U.
    pub uncapped_fen: i64,
    /// The sum of U, at most the cap.
    pub entitled_fen: i64,
    /// What earlier runs granted, net.
    pub granted_before_fen: i64,
    /// Entitled less granted; negative: to be taken back.
    pub due_fen: i64,
}

/// The claims of all enterprises that have a component, by USCC (`SETTLEMENT.md`, Entitlement).
///
/// `eligible` is E of each component with an eligible fee; a component of an earlier line that is
/// not in it has an E of 0.
pub(super) fn claims<'a>(
    program: &Program,
    eligible: HashMap<ComponentKey<'a>, i128>,
    prior: &'a [PriorLine],
) -> Result<Vec<Claim>, Overflow> {
    let mut sums: BTreeMap<ComponentKey<'_>, Sums> = BTreeMap::new();
    for (key, fee) in eligible {
        sums.entry(key).or_default().eligible = fee;
    }
    for line in prior {
        let sum = sums
            .entry((line.uscc, &line.platform_id, &line.fee_kind))
            .or_default();
        sum.fee += i128::from(line.fee_fen);
        sum.government += i128::from(line.government_fen);
        sum.platform += i128::from(line.platform_fen);
    }
    let mut claims: Vec<(Uscc, Vec<Component>)> = Vec::new();
    for ((uscc, platform_id, fee_kind), sum) in sums {
        let component = component(program, platform_id, fee_kind, &sum)?;
        match claims.last_mut() {
            Some((last, components)) if *last == uscc => components.push(component),
            _ => claims.push((uscc, vec![component])),
        }
    }
    let cap = program.terms().enterprise_year_cap_fen.get();
    claims
        .into_iter()
        .map(|(uscc, components)| claim(uscc, components, cap))
        .collect()
}

/// Partial sums of a component.
#[derive(Default)]
struct Sums {
    eligible: i128,
    fee: i128,
    government: i128,
    platform: i128,
}

fn component(
    program: &Program,
    platform_id: &PlatformId,
    fee_kind: &FeeKind,
    sum: &Sums,
) -> Result<Component, Overflow> {
    let eligible_fen = final_value("the sum of a component's eligible fees", sum.eligible)?;
    let share_of = |bps: Option<Bps>| bps.unwrap_or_default().of(Fen::new(eligible_fen)).get();
    let share = program.share(fee_kind);
    let uncapped_fen = share_of(share.map(|share| share.government_bps));
    let before = Before {
        fee_fen: final_value("the sum of a component's earlier fees", sum.fee)?,
        government_fen: final_value("the sum of a component's earlier grants", sum.government)?,
        platform_fen: final_value(
            "the sum of a component's earlier platform parts",
            sum.platform,
        )?,
    };
    Ok(Component {
        platform_id: platform_id.clone(),
        fee_kind: fee_kind.clone(),
        eligible_fen,
        uncapped_fen,
        platform_fen: share_of(share.map(|share| share.platform_bps)),
        before,
        open_fen: final_value(
            "what a component is open for",
            i128::from(uncapped_fen) - i128::from(before.government_fen),
        )?,
    })
}

fn claim(uscc: Uscc, components: Vec<Component>, cap: i64) -> Result<Claim, Overflow> {
    let sum = |value: fn(&Component) -> i64| {
        components
            .iter()
            .map(|component| i128::from(value(component)))
            .sum::<i128>()
    };
    let uncapped_fen = final_value(
        "the sum of an enterprise's shares",
        sum(|component| component.uncapped_fen),
    )?;
    let granted_before_fen = final_value(
        "the sum of an enterprise's earlier grants",
        sum(|component| component.before.government_fen),
    )?;
    let entitled_fen = if cap > 0 {
        uncapped_fen.min(cap)
    } else {
        uncapped_fen
    };
    let due_fen = final_value(
        "what an enterprise is due",
        i128::from(entitled_fen) - i128::from(granted_before_fen),
    )?;
    Ok(Claim {
        uscc,
        components,
        uncapped_fen,
        entitled_fen,
        granted_before_fen,
        due_fen,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{kind, platform, terms, uscc};

    fn program(cap: i64) -> Program {
        let mut terms = terms("share");
        terms.enterprise_year_cap_fen = gazelle_kernel::Fen::new(cap);
        Program::new(terms).expect("a program")
    }

    fn prior(fee_kind: &str, fee_fen: i64, government_fen: i64) -> PriorLine {
        PriorLine {
            uscc: uscc(0),
            platform_id: platform("alpha"),
            fee_kind: kind(fee_kind),
            fee_fen,
            government_fen,
            platform_fen: 0,
        }
    }

    #[test]
    fn shares_are_rounded_down_by_component_and_capped_by_enterprise() {
        let (alpha, commission, membership) =
            (platform("alpha"), kind("COMMISSION"), kind("MEMBERSHIP"));
        let eligible: HashMap<_, _> = [
            ((uscc(0), &alpha, &commission), 101),
            ((uscc(0), &alpha, &membership), 103),
        ]
        .into_iter()
        .collect();
        let figures = |cap| {
            let claims = claims(&program(cap), eligible.clone(), &[]).expect("claims");
            assert_eq!(claims.len(), 1);
            (
                claims[0].uncapped_fen,
                claims[0].entitled_fen,
                claims[0].due_fen,
            )
        };
        assert_eq!(figures(0), (101, 101, 101));
        assert_eq!(figures(60), (101, 60, 60));
        assert_eq!(figures(200), (101, 101, 101));
    }

    #[test]
    fn a_component_without_fees_gives_back_what_it_got() {
        let lines = [prior("COMMISSION", 100, 30), prior("COMMISSION", 0, 20)];
        let claims = claims(&program(0), HashMap::default(), &lines).expect("claims");
        assert_eq!(
            (
                claims[0].entitled_fen,
                claims[0].granted_before_fen,
                claims[0].due_fen
            ),
            (0, 50, -50)
        );
        assert_eq!(
            (
                claims[0].components[0].eligible_fen,
                claims[0].components[0].open_fen
            ),
            (0, -50)
        );
        assert_eq!(
            claims[0].components[0].before,
            Before {
                fee_fen: 100,
                government_fen: 50,
                platform_fen: 0
            }
        );
    }

    #[test]
    fn only_final_values_overflow() {
        let (alpha, commission, membership) =
            (platform("alpha"), kind("COMMISSION"), kind("MEMBERSHIP"));
        let max = i128::from(i64::MAX);
        let of = |fee| {
            claims(
                &program(0),
                HashMap::from_iter([((uscc(0), &alpha, &commission), fee)]),
                &[],
            )
        };
        assert_eq!(of(max).expect("claims")[0].uncapped_fen, i64::MAX / 2);
        assert_eq!(
            of(max + 1),
            Err(Overflow("the sum of a component's eligible fees"))
        );
        // Each U fits, their sum does not, whatever the cap says.
        let mut terms = terms("share");
        terms.shares.iter_mut().for_each(|share| {
            (share.government_bps, share.platform_bps) = (Bps::WHOLE, Bps::default());
        });
        terms.enterprise_year_cap_fen = gazelle_kernel::Fen::new(1);
        let whole = Program::new(terms).expect("a program");
        let both = [
            ((uscc(0), &alpha, &commission), max),
            ((uscc(0), &alpha, &membership), 1),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            claims(&whole, both, &[]),
            Err(Overflow("the sum of an enterprise's shares"))
        );
    }
}
