//! What must be true of every settlement, whatever the world looks like (`SETTLEMENT.md`).

use std::collections::BTreeMap;

use gazelle_kernel::Uscc;
use gazelle_settlement::domain::{
    objection::uphold,
    program::{Allocation, Release},
    rules::explain::explain,
    rules::facts::Facts,
    rules::{
        error::SettleError,
        inputs::{Inputs, PriorLine},
        result::{Line, Settlement},
        totals::SealedTotal,
    },
    run::{ResultDigest, Scope},
};
use proptest::prelude::*;

use world::{
    Key, World, approved, components, government_share, ordinary_world, period, periods, uscc,
    world, year,
};

mod world;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_fen_is_in_exactly_one_place(world in ordinary_world(), periods in periods()) {
        let (runs, _) = world.settle_all(&periods);
        for (run, &through) in runs.iter().zip(&periods) {
            let in_scope = |total: &&SealedTotal| total.fee_kind.as_str() != "OTHER" && total.platform_id.as_str() != "gamma";
            let sealed: i64 = world.totals(through).iter().filter(in_scope).map(|total| total.fee_fen.get()).sum();
            let excluded: i64 = run.exclusions.iter().map(|exclusion| exclusion.fee_fen.get()).sum();
            prop_assert_eq!(run.totals.in_scope_fen.get(), sealed);
            prop_assert_eq!(run.totals.eligible_fen.get() + excluded, sealed);
            for line in &run.lines {
                prop_assert_eq!(line.fee_fen.get(), line.government_fen.get() + line.platform_fen.get() + line.enterprise_fen.get());
            }
            let granted: i64 = run.enterprises.iter().map(|row| row.granted_fen.get()).sum();
            prop_assert_eq!(run.lines.iter().map(|line| line.government_fen.get()).sum::<i64>(), granted);
        }
        // Of all fees so far, the lines of all runs hold what is eligible now.
        let lines: i64 = runs.iter().flat_map(|run| &run.lines).map(|line| line.fee_fen.get()).sum();
        prop_assert_eq!(lines, runs.last().map_or(0, |run| run.totals.eligible_fen.get()));
    }

    #[test]
    fn no_run_grants_more_than_is_available_or_due(world in ordinary_world(), periods in periods()) {
        let (runs, _) = world.settle_all(&periods);
        let mut granted_so_far = 0;
        for run in &runs {
            prop_assert_eq!(run.totals.available_fen.get(), (run.totals.released_fen.get() - granted_so_far).max(0));
            let positive: i64 = run.enterprises.iter().map(|row| row.granted_fen.get().max(0)).sum();
            prop_assert!(positive <= run.totals.available_fen.get());
            let wanted: i64 = run.enterprises.iter().map(|row| row.due_fen.get().max(0)).sum();
            prop_assert_eq!(positive, wanted.min(run.totals.available_fen.get()), "money is left only when nothing is due");
            for row in &run.enterprises {
                prop_assert!(row.due_fen.get() != 0 && row.granted_fen.get() <= row.due_fen.get().max(0));
                prop_assert!(row.due_fen.get() > 0 || row.granted_fen.get() == row.due_fen.get(), "a clawback is taken in full");
                prop_assert_eq!(row.unfunded_fen.get(), row.due_fen.get() - row.granted_fen.get());
                prop_assert!(world.cap == 0 || row.granted_before_fen.get() + row.granted_fen.get() <= world.cap);
            }
            granted_so_far += run.enterprises.iter().map(|row| row.granted_fen.get()).sum::<i64>();
        }
    }

    #[test]
    fn no_component_gets_more_than_it_is_due_or_loses_to_another(world in ordinary_world(), periods in periods()) {
        let (runs, _) = world.settle_all(&periods);
        let mut lines: Vec<&Line> = Vec::new();
        for run in &runs {
            let before = components(lines.iter().copied());
            lines.extend(&run.lines);
            for (key, [fee, given, ..]) in components(lines.iter().copied()) {
                let given_before = before.get(&key).map_or(0, |sum| sum[1]);
                let share = government_share(&world, &key.2, fee);
                let open = share - given_before;
                let part = given - given_before;
                prop_assert!(if open < 0 { part == open } else { (0..=open).contains(&part) }, "{:?}: {} of {}", key, part, open);
                prop_assert!((0..=share).contains(&given));
            }
        }
    }

    #[test]
    fn the_order_of_inputs_does_not_matter(world in ordinary_world(), seed in any::<u64>(), through in 2..=17_u8) {
        let (_, mut prior) = world.settle_all(&[through / 2]);
        let expected = world.settle(through, &prior).expect("a settlement");
        let mut state = seed | 1;
        let mut draw = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let (mut enterprises, mut bindings, mut enrollments) = world.rows();
        let mut totals = world.totals(through);
        enterprises.sort_by_cached_key(|_| draw());
        bindings.sort_by_cached_key(|_| draw());
        enrollments.sort_by_cached_key(|_| draw());
        totals.sort_by_cached_key(|_| draw());
        prior.sort_by_cached_key(|_| draw());
        let facts = Facts::new(enterprises, bindings, enrollments).expect("facts");
        let shuffled = world.settle_with(&facts, &totals, through, &prior).expect("a settlement");
        prop_assert_eq!(ResultDigest::of(&shuffled, &Scope::default()), ResultDigest::of(&expected, &Scope::default()));
        prop_assert_eq!(shuffled, expected);
    }

    #[test]
    fn many_runs_come_to_what_one_run_comes_to(world in world(1..=1_000_000_i64, Just(i64::MAX)), periods in periods()) {
        let world = World { release: Release::AtOnce, ..world };
        let (runs, _) = world.settle_all(&periods);
        let once = world.settle(periods[periods.len() - 1], &[]).expect("a settlement");
        // A cap may leave a share with another component than one run would; by enterprise it is
        // the same.
        let by_enterprise = |components: BTreeMap<Key, [i64; 4]>| {
            let mut sums: BTreeMap<Uscc, [i64; 4]> = BTreeMap::new();
            for ((uscc, ..), parts) in components {
                let sum = sums.entry(uscc).or_default();
                sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
            sums
        };
        let (many, one) = (components(runs.iter().flat_map(|run| &run.lines)), components(&once.lines));
        if world.cap == 0 {
            prop_assert_eq!(&many, &one);
        }
        prop_assert_eq!(by_enterprise(many), by_enterprise(one));
        prop_assert_eq!(&runs[runs.len() - 1].exclusions, &once.exclusions);
    }

    #[test]
    fn settling_again_what_is_settled_changes_nothing(world in ordinary_world(), periods in periods()) {
        let (runs, prior) = world.settle_all(&periods);
        let last = &runs[runs.len() - 1];
        let again = world.settle(periods[periods.len() - 1], &prior).expect("a settlement");
        if last.totals.clawed_back_fen.get() == 0 {
            prop_assert_eq!(&again.lines, &[]);
            prop_assert_eq!(again.totals.granted_fen.get(), 0);
        }
        // What was clawed back is available from now on; a third run finds nothing left to do.
        let mut prior = prior;
        prior.extend(again.lines.iter().map(approved));
        let third = world.settle(periods[periods.len() - 1], &prior).expect("a settlement");
        prop_assert_eq!((third.lines.len(), third.totals.granted_fen.get(), third.totals.clawed_back_fen.get()), (0, 0, 0));
        prop_assert_eq!(&third.exclusions, &last.exclusions);
    }

    #[test]
    fn an_upheld_objection_only_puts_off(world in ordinary_world(), through in 1..=17_u8, at in 0..4_usize) {
        let run = world.settle(through, &[]).expect("a settlement");
        let Ok(upheld) = uphold(run.clone(), &uscc(at)) else {
            prop_assert!(run.enterprises.iter().all(|row| row.uscc != uscc(at) || row.granted_fen.get() <= 0));
            return Ok(());
        };
        prop_assert!(upheld.lines.iter().all(|line| line.uscc != uscc(at) || line.government_fen.get() == 0));
        let others = |run: &Settlement| run.lines.iter().filter(|line| line.uscc != uscc(at)).cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&upheld), others(&run));
        let fees = |run: &Settlement| components(&run.lines).into_iter().map(|(key, [fee, _, platform, _])| (key, fee, platform)).collect::<Vec<_>>();
        prop_assert_eq!(fees(&upheld), fees(&run));
        let prior: Vec<PriorLine> = upheld.lines.iter().map(approved).collect();
        let next = world.settle(through, &prior).expect("a settlement");
        let due = |run: &Settlement| run.enterprises.iter().find(|row| row.uscc == uscc(at)).map(|row| row.due_fen.get());
        prop_assert_eq!(due(&next), due(&run));
    }

    #[test]
    fn an_explanation_comes_to_what_the_run_decided(world in ordinary_world(), periods in periods(), at in 0..4_usize) {
        let (_, prior) = world.settle_all(&periods[..periods.len() - 1]);
        let through = periods[periods.len() - 1];
        let run = world.settle(through, &prior).expect("a settlement");
        let (enterprises, bindings, enrollments) = world.rows();
        let facts = Facts::new(enterprises, bindings, enrollments).expect("facts");
        let (program, others, totals) = (world.program("share"), [world.program("other")], world.totals(through));
        let inputs = Inputs { program: &program, others: &others, year: year(), through: period(through), totals: &totals.into_iter().collect(), facts: &facts, leaves_out: false, prior: &prior };
        let explained = explain(&inputs, &uscc(at), false).expect("an explanation").expect("a known enterprise");
        let eligible: i64 = explained.fees.iter().filter(|fee| fee.exclusion.is_none()).map(|fee| fee.fee_fen.get()).sum();
        prop_assert_eq!(eligible, explained.components.iter().map(|part| part.component.eligible_fen.get()).sum::<i64>());
        let row = run.enterprises.iter().find(|row| row.uscc == uscc(at));
        prop_assert_eq!(explained.claim.map_or(0, |claim| claim.due_fen.get()), row.map_or(0, |row| row.due_fen.get()));
        let granted = row.map_or(0, |row| row.granted_fen.get());
        prop_assert_eq!(explained.budget.map_or(0, |budget| budget.granted_fen.get()), granted);
        prop_assert_eq!(explained.components.iter().map(|part| part.government_fen.get()).sum::<i64>(), granted);
        let left = explained.budget.map_or(0, |budget| (budget.available_fen.get() - budget.ahead_fen.get()).max(0));
        if world.allocation == Allocation::FirstCome && granted > 0 {
            prop_assert_eq!(granted, left.min(explained.claim.map_or(0, |claim| claim.due_fen.get())));
        }
    }

    #[test]
    fn figures_at_the_edge_of_64_bits_fail_the_run_or_add_up(
        world in world(prop_oneof![Just(i64::MAX), Just(i64::MAX - 1), Just(i64::MAX / 2), Just(i64::MAX / 3), 1..=9_i64], prop_oneof![Just(i64::MAX), Just(1)]),
        periods in periods(),
    ) {
        let mut prior = Vec::new();
        for &through in &periods {
            match world.settle(through, &prior) {
                Ok(run) => {
                    let parts = |line: &Line| line.government_fen.wide() + line.platform_fen.wide() + line.enterprise_fen.wide();
                    prop_assert!(run.lines.iter().all(|line| parts(line) == line.fee_fen.wide()));
                    prior.extend(run.lines.iter().map(approved));
                }
                Err(SettleError::Overflow(_)) => (),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
