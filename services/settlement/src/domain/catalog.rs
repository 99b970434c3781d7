//! All programs together: which version of each is in force, and that no fee is shared beyond
//! itself (`SETTLEMENT.md`, What is settled and Eligibility).

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Date, FeeKind, PlatformId, ProgramId, Year};

use super::program::Program;

/// The versions of one program that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The newest.
    pub latest: Program,
    /// The version by which a year's first approved run was decided: that year stays with it.
    pub settled: BTreeMap<Year, Program>,
    /// The version by which the open run was decided, with its year, if there is one: approving it
    /// may settle the year by this version, so the shares must hold with it as well.
    pub open: Option<(Year, Program)>,
}

impl Versions {
    /// A program without runs.
    #[must_use]
    pub fn new(latest: Program) -> Self {
        Self {
            latest,
            settled: BTreeMap::new(),
            open: None,
        }
    }

    /// The version by which a run of that year is decided: from the year's first approved run on
    /// the program as it was then, with the budgets of the newest; else the newest.
    #[must_use]
    pub fn in_force(&self, year: Year) -> Program {
        self.settled.get(&year).map_or_else(
            || self.latest.clone(),
            |settled| settled.with_budgets_of(&self.latest),
        )
    }

    /// The versions of which one is, or will be, in force in a year; all years but those of
    /// [`Self::years`] are alike.
    fn possible(&self, year: Option<Year>) -> Vec<&Program> {
        if let Some(settled) = year.and_then(|year| self.settled.get(&year)) {
            return vec![settled];
        }
        let open = self
            .open
            .as_ref()
            .filter(|(open_year, open)| Some(*open_year) == year && *open != self.latest);
        std::iter::once(&self.latest)
            .chain(open.map(|(_, open)| open))
            .collect()
    }

    /// The years in which another version than the newest may be in force.
    fn years(&self) -> impl Iterator<Item = Year> {
        self.settled
            .keys()
            .copied()
            .chain(self.open.iter().map(|(year, _)| *year))
    }
}

/// All programs, which hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog(BTreeMap<ProgramId, Versions>);

/// What applying a program comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// It is new.
    Created,
    /// It is a new version.
    Changed,
    /// It is there already, the same.
    Unchanged,
}

/// Why programs do not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// A program yields to one that is not known.
    #[error("program {program_id} yields to {excluded}, which is not known")]
    ExcludedProgramUnknown {
        /// The program.
        program_id: ProgramId,
        /// What it names.
        excluded: ProgramId,
    },
    /// Programs yield to one another in a circle.
    #[error("programs yield to one another in a circle: {}", list(.0))]
    ExcludesCircle(Vec<ProgramId>),
    /// Programs that do not yield to one another share a fee beyond itself.
    #[error("programs {} together share {total_bps} bps of {fee_kind} on {} on {date}, beyond 10000", list(.programs), platform_id.as_ref().map_or("any other platform", PlatformId::as_str))]
    SharesExceedFee {
        /// The programs, by id.
        programs: Vec<ProgramId>,
        /// The platform; `None`: one that no program names.
        platform_id: Option<PlatformId>,
        /// The fee kind.
        fee_kind: FeeKind,
        /// A day on which they do.
        date: Date,
        /// What they share together.
        total_bps: u32,
    },
}

fn list(programs: &[ProgramId]) -> String {
    programs
        .iter()
        .map(ProgramId::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Catalog {
    /// Programs as they are recorded. They were checked when they were applied; [`Self::check`]
    /// checks them again.
    #[must_use]
    pub fn new(programs: impl IntoIterator<Item = Versions>) -> Self {
        Self(
            programs
                .into_iter()
                .map(|versions| (versions.latest.id().clone(), versions))
                .collect(),
        )
    }

    /// One program's versions.
    #[must_use]
    pub fn get(&self, id: &ProgramId) -> Option<&Versions> {
        self.0.get(id)
    }

    /// The programs that `program` yields to, each in the version in force for the year: the
    /// `others` of a settlement's inputs.
    #[must_use]
    pub fn yielded_to(&self, program: &Program, year: Year) -> Vec<Program> {
        program
            .terms()
            .excludes
            .iter()
            .filter_map(|id| self.get(id))
            .map(|versions| versions.in_force(year))
            .collect()
    }

    /// Adds a program or its next version; on a refusal nothing is changed.
    pub fn apply(&mut self, program: Program) -> Result<Application, CatalogError> {
        let mut changed = self.clone();
        let application = match changed.0.get_mut(program.id()) {
            Some(versions) if versions.latest == program => return Ok(Application::Unchanged),
            Some(versions) => {
                versions.latest = program;
                Application::Changed
            }
            None => {
                changed
                    .0
                    .insert(program.id().clone(), Versions::new(program));
                Application::Created
            }
        };
        changed.check()?;
        *self = changed;
        Ok(application)
    }

    /// Checks that `excludes` names known programs and makes no circle, and that shares stay
    /// within the fee.
    pub fn check(&self) -> Result<(), CatalogError> {
        for versions in self.0.values() {
            let unknown = versions
                .latest
                .terms()
                .excludes
                .iter()
                .find(|excluded| !self.0.contains_key(excluded));
            if let Some(excluded) = unknown {
                return Err(CatalogError::ExcludedProgramUnknown {
                    program_id: versions.latest.id().clone(),
                    excluded: excluded.clone(),
                });
            }
        }
        let years: BTreeSet<Option<Year>> = self
            .0
            .values()
            .flat_map(Versions::years)
            .map(Some)
            .chain([None])
            .collect();
        years
            .into_iter()
            .try_for_each(|year| self.check_circle(year))?;
        self.check_shares()
    }

    /// Follows `excludes` of a year from every program; with two possible versions, those of both.
    fn check_circle(&self, year: Option<Year>) -> Result<(), CatalogError> {
        // Programs from which no circle is reached.
        let mut clear: BTreeSet<&ProgramId> = BTreeSet::new();
        for start in self.0.keys() {
            // A path from `start`, each program with what of its `excludes` is still to be followed.
            let mut path = vec![(start, self.excludes(start, year))];
            while let Some((id, next)) = path.last_mut() {
                let Some(next) = next.pop() else {
                    clear.insert(*id);
                    path.pop();
                    continue;
                };
                if let Some(at) = path.iter().position(|(id, _)| *id == next) {
                    return Err(CatalogError::ExcludesCircle(
                        path[at..].iter().map(|(id, _)| (*id).clone()).collect(),
                    ));
                }
                if !clear.contains(next) {
                    path.push((next, self.excludes(next, year)));
                }
            }
        }
        Ok(())
    }

    fn excludes(&self, id: &ProgramId, year: Option<Year>) -> Vec<&ProgramId> {
        let versions = self
            .get(id)
            .map(|versions| versions.possible(year))
            .unwrap_or_default();
        versions
            .into_iter()
            .flat_map(|version| &version.terms().excludes)
            .collect()
    }

    /// On which days the programs in force may become others: the first day that can be settled,
    /// first days of terms, and both ends of years with a version of their own. The last days of
    /// terms matter not: without a program, less is shared.
    fn days(&self) -> BTreeSet<Date> {
        let (first, last) = (Year::new(2000), Year::new(2099));
        let bounds = [first, last].map(|year| year.expect("years that can be settled").days());
        let settled = self.0.values().flat_map(Versions::years);
        let starts = self.0.values().flat_map(|versions| {
            let others = versions
                .settled
                .values()
                .chain(versions.open.as_ref().map(|(_, open)| open));
            others
                .chain([&versions.latest])
                .map(|version| version.terms().term.from())
        });
        let days = settled
            .flat_map(|year| [Some(year.first_day()), year.days().to()])
            .flatten()
            .chain(starts)
            .chain([bounds[0].from()]);
        days.filter(|day| (bounds[0].from()..=last_day(bounds[1])).contains(day))
            .collect()
    }

    fn check_shares(&self) -> Result<(), CatalogError> {
        let all = || {
            self.0.values().flat_map(|versions| {
                versions
                    .settled
                    .values()
                    .chain(versions.open.as_ref().map(|(_, open)| open))
                    .chain([&versions.latest])
            })
        };
        let platforms: BTreeSet<Option<&PlatformId>> = all()
            .flat_map(|version| &version.terms().platforms)
            .map(Some)
            .chain([None])
            .collect();
        let fee_kinds: BTreeSet<&FeeKind> = all()
            .flat_map(|version| &version.terms().shares)
            .map(|share| &share.fee_kind)
            .collect();
        for date in self.days() {
            let year = Year::new(date.year()).ok();
            let in_force: Vec<&Program> = self
                .0
                .values()
                .flat_map(|versions| versions.possible(year))
                .filter(|version| version.terms().term.contains(date))
                .collect();
            for &platform_id in &platforms {
                for &fee_kind in &fee_kinds {
                    if let Some(programs) = beyond_the_fee(&in_force, platform_id, fee_kind) {
                        return Err(CatalogError::SharesExceedFee {
                            total_bps: programs
                                .iter()
                                .filter_map(|program| program.share(fee_kind))
                                .map(super::program::Share::shared_bps)
                                .sum(),
                            programs: programs
                                .into_iter()
                                .map(|program| program.id().clone())
                                .collect(),
                            platform_id: platform_id.cloned(),
                            fee_kind: fee_kind.clone(),
                            date,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

fn last_day(days: gazelle_kernel::Interval) -> Date {
    days.to().and_then(Date::previous_day).expect("a year ends")
}

/// Programs, none of which names another in `excludes`, that share more than the whole of a fee.
fn beyond_the_fee<'a>(
    in_force: &[&'a Program],
    platform_id: Option<&PlatformId>,
    fee_kind: &FeeKind,
) -> Option<Vec<&'a Program>> {
    let covers = |program: &Program| {
        platform_id.map_or(program.terms().platforms.is_empty(), |platform_id| {
            program.covers(platform_id)
        })
    };
    let shares = in_force.iter().copied().filter(|program| covers(program));
    let (programs, bps): (Vec<&Program>, Vec<u32>) = shares
        .filter_map(|program| Some((program, program.share(fee_kind)?.shared_bps())))
        .unzip();
    // Two possible versions of one program are never in force together.
    let apart = |a: &Program, b: &Program| {
        a.id() == b.id()
            || a.terms().excludes.contains(b.id())
            || b.terms().excludes.contains(a.id())
    };
    let graph = Graph {
        weights: bps,
        edges: programs
            .iter()
            .map(|a| programs.iter().map(|b| apart(a, b)).collect())
            .collect(),
    };
    let mut heavy = graph.heavier_than(&(0..programs.len()).collect::<Vec<_>>(), 10_000)?;
    heavy.sort_unstable();
    Some(heavy.into_iter().map(|at| programs[at]).collect())
}

/// Weighted nodes, and which of them can't stand together.
struct Graph {
    weights: Vec<u32>,
    edges: Vec<Vec<bool>>,
}

impl Graph {
    /// Some of the nodes, none beside one that it can't stand with, that weigh more than `limit`
    /// together; exact, by branching on the node with the most neighbors.
    fn heavier_than(&self, nodes: &[usize], limit: u32) -> Option<Vec<usize>> {
        if self.bound(nodes) <= limit {
            return None;
        }
        let neighbors = |&node: &usize| {
            nodes
                .iter()
                .filter(|&&other| other != node && self.edges[node][other])
                .count()
        };
        let branch = *nodes.iter().max_by_key(|node| neighbors(node))?;
        if neighbors(&branch) == 0 {
            return Some(nodes.to_vec()); // The bound is their sum.
        }
        let without: Vec<usize> = nodes
            .iter()
            .copied()
            .filter(|&node| node != branch)
            .collect();
        let beside: Vec<usize> = without
            .iter()
            .copied()
            .filter(|&node| !self.edges[branch][node])
            .collect();
        let with = match limit.checked_sub(self.weights[branch]) {
            Some(rest) => self.heavier_than(&beside, rest),
            None => Some(vec![]),
        };
        with.map(|rest| [vec![branch], rest].concat())
            .or_else(|| self.heavier_than(&without, limit))
    }

    /// At least what the heaviest choice weighs: one node, the heaviest, of each group that can't
    /// stand together.
    fn bound(&self, nodes: &[usize]) -> u32 {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &node in nodes {
            match groups
                .iter_mut()
                .find(|group| group.iter().all(|&other| self.edges[node][other]))
            {
                Some(group) => group.push(node),
                None => groups.push(vec![node]),
            }
        }
        groups
            .iter()
            .filter_map(|group| group.iter().map(|&node| self.weights[node]).max())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture::{budget, interval, kind, platform, program_id, share, terms, year},
        program::Terms,
    };

    fn program(id: &str, bps: u32, change: impl FnOnce(&mut Terms)) -> Program {
        let mut terms = terms(id);
        terms.shares = vec![share("COMMISSION", bps, 0)];
        change(&mut terms);
        Program::new(terms).expect("a program")
    }

    fn yielding(id: &str, bps: u32, to: &[&str]) -> Program {
        program(id, bps, |terms| {
            terms.excludes = to.iter().copied().map(program_id).collect()
        })
    }

    fn apply(programs: impl IntoIterator<Item = Program>) -> Result<Catalog, CatalogError> {
        let mut catalog = Catalog::default();
        programs
            .into_iter()
            .try_for_each(|program| catalog.apply(program).map(|_| ()))?;
        Ok(catalog)
    }

    fn exceeding(result: Result<Catalog, CatalogError>) -> Option<(String, u32, String)> {
        match result {
            Err(CatalogError::SharesExceedFee {
                programs,
                total_bps,
                date,
                ..
            }) => Some((list(&programs), total_bps, date.to_string())),
            Ok(_) => None,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn excludes_names_known_programs_and_makes_no_circle() {
        assert!(matches!(
            apply([yielding("aa", 1, &["bb"])]),
            Err(CatalogError::ExcludedProgramUnknown { .. })
        ));
        assert!(matches!(
            apply([yielding("aa", 1, &["aa"])]),
            Err(CatalogError::ExcludesCircle(_))
        ));
        let chain = || {
            [
                program("aa", 1, |_| ()),
                yielding("bb", 1, &["aa"]),
                yielding("cc", 1, &["aa", "bb"]),
            ]
        };
        assert!(apply(chain()).is_ok());
        let circle = apply(chain().into_iter().chain([yielding("aa", 1, &["cc"])]));
        assert!(
            matches!(circle, Err(CatalogError::ExcludesCircle(programs)) if programs.len() > 1)
        );
    }

    #[test]
    fn a_refused_program_changes_nothing() {
        let mut catalog = apply([program("aa", 6_000, |_| ())]).expect("a catalog");
        let before = catalog.clone();
        assert!(catalog.apply(program("bb", 4_001, |_| ())).is_err());
        assert_eq!(catalog, before);
        assert_eq!(
            catalog.apply(program("aa", 6_000, |_| ())),
            Ok(Application::Unchanged)
        );
        assert_eq!(
            catalog.apply(program("aa", 5_999, |_| ())),
            Ok(Application::Changed)
        );
        assert_eq!(
            catalog.apply(program("bb", 4_001, |_| ())),
            Ok(Application::Created)
        );
    }

    #[test]
    fn programs_in_force_together_stay_within_the_fee() {
        let with = |change: fn(&mut Terms)| {
            exceeding(apply([
                program("aa", 6_000, |t| t.platforms = vec![platform("alpha")]),
                program("bb", 4_001, change),
            ]))
        };
        assert_eq!(
            with(|_| ()),
            Some(("aa, bb".into(), 10_001, "2016-01-01".into()))
        );
        assert_eq!(
            with(|t| t.term = interval("2029-12-31", "")),
            Some(("aa, bb".into(), 10_001, "2029-12-31".into()))
        );
        assert_eq!(with(|t| t.term = interval("2030-01-01", "")), None);
        assert_eq!(with(|t| t.platforms = vec![platform("beta")]), None);
        assert_eq!(with(|t| t.shares[0].fee_kind = kind("MEMBERSHIP")), None);
        assert_eq!(with(|t| t.excludes = vec![program_id("aa")]), None);
        assert_eq!(
            with(|t| t.shares = vec![share("COMMISSION", 3_000, 1_000)]),
            None
        );
        assert_eq!(
            with(|t| t.term = interval("1950-01-01", "2016-01-01")),
            None
        );
    }

    #[test]
    fn yielding_does_not_carry_over() {
        // cc yields to bb, bb to aa; nothing keeps aa and cc apart.
        let chain = |third| {
            apply([
                program("aa", 6_000, |_| ()),
                yielding("bb", 9_000, &["aa"]),
                yielding("cc", third, &["bb"]),
            ])
        };
        assert_eq!(
            exceeding(chain(4_001)),
            Some(("aa, cc".into(), 10_001, "2016-01-01".into()))
        );
        assert_eq!(exceeding(chain(4_000)), None);
    }

    #[test]
    fn a_settled_year_keeps_its_version_but_not_its_budget() {
        let old = program("aa", 6_000, |_| ());
        let new = program("aa", 1_000, |t| t.budgets = vec![budget(2017, 5)]);
        let versions = Versions {
            settled: [(year(2017), old.clone())].into(),
            ..Versions::new(new.clone())
        };
        assert_eq!(versions.in_force(year(2018)), new);
        let settled = versions.in_force(year(2017));
        assert_eq!(
            (
                settled.terms().shares.clone(),
                settled.budget(year(2017)).copied()
            ),
            (old.terms().shares.clone(), Some(budget(2017, 5)))
        );

        let mut catalog = Catalog::new([versions]);
        let other = |term| program("bb", 5_000, |t| t.term = term);
        assert_eq!(
            exceeding(
                catalog
                    .apply(other(interval("2016-01-01", "")))
                    .map(|_| catalog.clone())
            ),
            Some(("aa, bb".into(), 11_000, "2017-01-01".into()))
        );
        assert_eq!(
            catalog.apply(other(interval("2018-01-01", ""))),
            Ok(Application::Created)
        );
    }

    #[test]
    fn an_open_run_may_still_settle_its_year_by_an_older_version() {
        let versions = Versions {
            open: Some((year(2017), program("aa", 6_000, |_| ()))),
            ..Versions::new(program("aa", 1_000, |_| ()))
        };
        let catalog = Catalog::new([versions]);
        assert_eq!(catalog.check(), Ok(()));
        let other = |bps| {
            exceeding(
                catalog
                    .clone()
                    .apply(program("bb", bps, |_| ()))
                    .map(|_| catalog.clone()),
            )
        };
        assert_eq!(
            other(4_001),
            Some(("aa, bb".into(), 10_001, "2017-01-01".into()))
        );
        assert_eq!(other(4_000), None);
    }

    #[test]
    fn a_circle_of_a_settled_year_is_seen() {
        let settled = [(year(2017), yielding("aa", 1, &["bb"]))].into();
        let mut catalog = Catalog::new([
            Versions {
                settled,
                ..Versions::new(program("aa", 1, |_| ()))
            },
            Versions::new(program("bb", 1, |_| ())),
        ]);
        assert!(matches!(
            catalog.apply(yielding("bb", 1, &["aa"])),
            Err(CatalogError::ExcludesCircle(_))
        ));
    }

    #[test]
    fn the_heaviest_choice_is_found_exactly() {
        // Every graph of up to five nodes, against trying all choices.
        let weights = [2_u32, 3, 5, 7, 11];
        let pairs: Vec<(usize, usize)> = (0..5).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        for choice in 0..1_u32 << pairs.len() {
            let mut edges = vec![vec![false; 5]; 5];
            for (at, &(a, b)) in pairs.iter().enumerate() {
                (edges[a][b], edges[b][a]) = (choice >> at & 1 == 1, choice >> at & 1 == 1);
            }
            let stands = |set: u32| {
                (0..5).all(|a| (0..a).all(|b| set >> a & set >> b & 1 == 0 || !edges[a][b]))
            };
            let weigh = |set: u32| {
                (0..5)
                    .filter(|at| set >> at & 1 == 1)
                    .map(|at| weights[at])
                    .sum::<u32>()
            };
            let heaviest = (0..32)
                .filter(|&set| stands(set))
                .map(weigh)
                .max()
                .expect("the empty choice");
            let graph = Graph {
                weights: weights.into(),
                edges: edges.clone(),
            };
            let found = graph
                .heavier_than(&[0, 1, 2, 3, 4], heaviest - 1)
                .expect("a choice that heavy");
            let set = found.iter().fold(0, |set, at| set | 1 << at);
            assert!(stands(set) && weigh(set) == heaviest);
            assert_eq!(graph.heavier_than(&[0, 1, 2, 3, 4], heaviest), None);
        }
    }
}
