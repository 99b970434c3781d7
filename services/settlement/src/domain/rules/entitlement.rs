//! What each enterprise is entitled to for the year so far, and what of it is due
//! (`SETTLEMENT.md`, Entitlement).

use std::collections::BTreeMap;

use foldhash::HashMap;
use gazelle_kernel::{Bps, FeeKind, Fen, PlatformId, Uscc};

use super::{
    inputs::PriorLine,
    overflow::{Overflow, final_difference, final_sum, final_value},
};
use crate::domain::program::Program;

/// Names a component: an enterprise, a platform, a fee kind. In byte order.
pub(super) type ComponentKey<'a> = (Uscc, &'a PlatformId, &'a FeeKind);

/// What earlier approved runs of the program and year gave a component, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    pub fee_fen: Fen,
    /// Of that, borne by the government.
    pub government_fen: Fen,
    /// Of that, borne by the platform.
    pub platform_fen: Fen,
}

/// One enterprise's fees of one kind on one platform, for the year so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Which platform charged them.
    pub platform_id: PlatformId,
    /// What they were for.
    pub fee_kind: FeeKind,
    /// E: the sum of its eligible fees.
    pub eligible_fen: Fen,
    /// U: the government's share of E, where that is above 0, before cap and budget.
    pub uncapped_fen: Fen,
    /// The platform's share of E, likewise.
    pub platform_fen: Fen,
    /// What earlier runs gave it.
    pub before: Before,
    /// U less what the government gave it before.
    pub open_fen: Fen,
}

/// What one enterprise claims for the year so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub uscc: Uscc,
    /// In the order of platform id, then fee kind.
    pub components: Vec<Component>,
    /// The sum of U.
    pub uncapped_fen: Fen,
    /// The sum of U, at most the cap.
    pub entitled_fen: Fen,
    /// What earlier runs granted, net.
    pub granted_before_fen: Fen,
    /// Entitled less granted; negative: to be taken back.
    pub due_fen: Fen,
}

/// The claims of all enterprises that have a component, by USCC.
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
        sum.fee += line.fee_fen.wide();
        sum.government += line.government_fen.wide();
        sum.platform += line.platform_fen.wide();
    }
    let mut components: Vec<(Uscc, Vec<Component>)> = Vec::new();
    for ((uscc, platform_id, fee_kind), sum) in sums {
        let component = component(program, platform_id, fee_kind, &sum)?;
        match components.last_mut() {
            Some((last, same)) if *last == uscc => same.push(component),
            _ => components.push((uscc, vec![component])),
        }
    }
    let cap = program.terms().enterprise_year_cap_fen;
    components
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
    // What is taken back of a month that is left out takes no more than was given.
    let shared_fen = eligible_fen.max(Fen::ZERO);
    // A fee kind that the program no longer shares has shares of 0.
    let part = |rate: Option<Bps>| rate.unwrap_or_default().of(shared_fen);
    let share = program.share(fee_kind);
    let uncapped_fen = part(share.map(|share| share.government_bps));
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
        platform_fen: part(share.map(|share| share.platform_bps)),
        before,
        open_fen: final_difference(
            "what a component is open for",
            uncapped_fen,
            before.government_fen,
        )?,
    })
}

/// What the components of an enterprise come to; a cap of 0 is none.
fn claim(uscc: Uscc, components: Vec<Component>, cap: Fen) -> Result<Claim, Overflow> {
    let uncapped_fen = final_sum(
        "the sum of an enterprise's shares",
        components.iter().map(|component| component.uncapped_fen),
    )?;
    let granted_before_fen = final_sum(
        "the sum of an enterprise's earlier grants",
        components
            .iter()
            .map(|component| component.before.government_fen),
    )?;
    let entitled_fen = if cap > Fen::ZERO {
        uncapped_fen.min(cap)
    } else {
        uncapped_fen
    };
    let due_fen = final_difference(
        "what an enterprise is due",
        entitled_fen,
        granted_before_fen,
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
        terms.enterprise_year_cap_fen = Fen::new(cap);
        Program::new(terms).expect("a program")
    }

    fn prior(fee_kind: &str, fee: i64, government: i64) -> PriorLine {
        PriorLine {
            uscc: uscc(0),
            platform_id: platform("alpha"),
            fee_kind: kind(fee_kind),
            fee_fen: Fen::new(fee),
            government_fen: Fen::new(government),
            platform_fen: Fen::ZERO,
        }
    }

    /// The claims of one enterprise with these eligible fees on one platform.
    fn claimed(program: &Program, fees: &[(&str, i128)]) -> Result<Vec<Claim>, Overflow> {
        let alpha = platform("alpha");
        let kinds: Vec<FeeKind> = fees.iter().map(|(fee_kind, _)| kind(fee_kind)).collect();
        let keys = kinds.iter().map(|fee_kind| (uscc(0), &alpha, fee_kind));
        let eligible = keys.zip(fees.iter().map(|&(_, fee)| fee)).collect();
        claims(program, eligible, &[])
    }

    #[test]
    fn shares_are_rounded_down_by_component_and_capped_by_enterprise() {
        let figures = |cap| {
            let fees = [("COMMISSION", 101), ("MEMBERSHIP", 103)];
            let claims = claimed(&program(cap), &fees).expect("claims");
            assert_eq!(claims.len(), 1);
            let claim = &claims[0];
            [claim.uncapped_fen, claim.entitled_fen, claim.due_fen].map(Fen::get)
        };
        assert_eq!(figures(0), [101, 101, 101]);
        assert_eq!(figures(60), [101, 60, 60]);
        assert_eq!(figures(200), [101, 101, 101]);
    }

    #[test]
    fn a_component_without_fees_gives_back_what_it_got() {
        let lines = [prior("COMMISSION", 100, 30), prior("COMMISSION", 0, 20)];
        let claims = claims(&program(0), HashMap::default(), &lines).expect("claims");
        let (claim, component) = (&claims[0], &claims[0].components[0]);
        assert_eq!(
            [claim.entitled_fen, claim.granted_before_fen, claim.due_fen].map(Fen::get),
            [0, 50, -50]
        );
        assert_eq!(
            [component.eligible_fen, component.open_fen].map(Fen::get),
            [0, -50]
        );
        let before = Before {
            fee_fen: Fen::new(100),
            government_fen: Fen::new(50),
            platform_fen: Fen::ZERO,
        };
        assert_eq!(component.before, before);
    }

    #[test]
    fn only_final_values_overflow() {
        let max = i128::from(i64::MAX);
        let most = claimed(&program(0), &[("COMMISSION", max)]).expect("claims");
        assert_eq!(most[0].uncapped_fen, Fen::new(i64::MAX / 2));
        assert_eq!(
            claimed(&program(0), &[("COMMISSION", max + 1)]),
            Err(Overflow("the sum of a component's eligible fees"))
        );
        // Each U fits, their sum does not, whatever the cap says.
        let mut terms = terms("share");
        terms.shares.iter_mut().for_each(|share| {
            (share.government_bps, share.platform_bps) = (Bps::WHOLE, Bps::default());
        });
        terms.enterprise_year_cap_fen = Fen::new(1);
        let whole = Program::new(terms).expect("a program");
        assert_eq!(
            claimed(&whole, &[("COMMISSION", max), ("MEMBERSHIP", 1)]),
            Err(Overflow("the sum of an enterprise's shares"))
        );
    }
}
