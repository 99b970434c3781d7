//! Judging the fees of one program and year.

use std::collections::BTreeSet;

use gazelle_kernel::{Date, FeeKind, PlatformId, ProgramId, Year};

use super::{ladder::Ladder, reason::ExclusionReason};
use crate::domain::{
    program::Program,
    rules::facts::{EnterpriseFacts, Facts},
};

/// Programs under which fees of one platform and kind may be shared instead, as their places among
/// those that the judge's program yields to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Candidates(Vec<usize>);

/// Why one owner's fees are excluded, from each day on until the next; from January on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts(Vec<(Date, Option<ExclusionReason>)>);

impl Verdicts {
    /// The reason of a day of the year; `None`: eligible.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<ExclusionReason> {
        let holds = self.0.iter().rev().find(|(from, _)| *from <= day);
        holds.and_then(|(_, reason)| *reason)
    }
}

/// A program that is named in `excludes` and was not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the program yields to {0}, whose version of the year is missing")]
pub struct ExcludedProgramMissing(pub ProgramId);

/// Judges the fees of one program and year.
pub struct Judge<'a> {
    own: Ladder<'a>,
    yields_to: Vec<Ladder<'a>>,
}

impl<'a> Judge<'a> {
    /// A judge for `program`. `others` are programs in force for the year, among them all that
    /// `program` yields to.
    pub fn new(
        program: &'a Program,
        others: &'a [Program],
        year: Year,
        facts: &'a Facts,
    ) -> Result<Self, ExcludedProgramMissing> {
        let in_force = |id: &ProgramId| {
            others
                .iter()
                .find(|other| other.id() == id)
                .ok_or_else(|| ExcludedProgramMissing(id.clone()))
        };
        let ladder = |id| Ok(Ladder::new(in_force(id)?, year, facts));
        let yields_to = program
            .terms()
            .excluded_program_ids
            .iter()
            .map(ladder)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            own: Ladder::new(program, year, facts),
            yields_to,
        })
    }

    /// Which of the programs that this one yields to share such a fee too, if all else agrees.
    #[must_use]
    pub fn candidates(&self, platform: &PlatformId, fee_kind: &FeeKind) -> Candidates {
        let yields_to = self.yields_to.iter().enumerate();
        Candidates(
            yields_to
                .filter(|(_, other)| other.program.in_scope(platform, fee_kind))
                .map(|(at, _)| at)
                .collect(),
        )
    }

    /// Why fees with those candidates are excluded, for all days of the program year.
    #[must_use]
    pub fn verdicts(&self, candidates: &Candidates, owner: Option<&EnterpriseFacts>) -> Verdicts {
        let others = || candidates.0.iter().map(|&at| &self.yields_to[at]);
        let year = self.own.year.days();
        let mut days = BTreeSet::from([year.from()]);
        days.extend(
            others()
                .chain([&self.own])
                .flat_map(|ladder| ladder.changes(owner)),
        );
        // Between two of these days no reason changes, so one judgment holds for all between.
        let mut from: Vec<(Date, Option<ExclusionReason>)> = Vec::new();
        for day in days.into_iter().filter(|day| year.contains(*day)) {
            let reason = self.own.first_reason(owner, day).or_else(|| {
                let covered = others().any(|other| other.first_reason(owner, day).is_none());
                covered.then_some(ExclusionReason::CoveredByOtherProgram)
            });
            if from.last().is_none_or(|(_, before)| *before != reason) {
                from.push((day, reason));
            }
        }
        Verdicts(from)
    }

    /// Why a fee in scope is excluded; `None`: it is eligible. `owner` is who the account was bound
    /// to on the fee date.
    #[must_use]
    pub fn exclusion(
        &self,
        platform: &PlatformId,
        fee_kind: &FeeKind,
        owner: Option<&EnterpriseFacts>,
        fee_date: Date,
    ) -> Option<ExclusionReason> {
        self.own.first_reason(owner, fee_date).or_else(|| {
            self.covering(platform, fee_kind, owner, fee_date)
                .map(|_| ExclusionReason::CoveredByOtherProgram)
        })
    }

    /// The first program, of those that this one yields to, under which the fee is in scope and
    /// passes: whatever that one grants, and whatever it yields to itself.
    #[must_use]
    pub fn covering(
        &self,
        platform: &PlatformId,
        fee_kind: &FeeKind,
        owner: Option<&EnterpriseFacts>,
        fee_date: Date,
    ) -> Option<&'a Program> {
        let shares = |other: &&Ladder<'_>| {
            other.program.in_scope(platform, fee_kind)
                && other.first_reason(owner, fee_date).is_none()
        };
        self.yields_to
            .iter()
            .find(shares)
            .map(|other| other.program)
    }
}
