//! The settlement of one program and one program year through one period.

use std::{collections::BTreeMap, rc::Rc};

use foldhash::HashMap;
use gazelle_kernel::{Date, FeeKind, MerchantId, Period, PlatformId, Uscc, Year};

use super::{
    budget::{self, Due},
    eligibility::{ExcludedProgramMissing, ExclusionReason, Judge, Verdicts},
    entitlement::{self, Claim, ComponentKey},
    facts::{EnterpriseFacts, Facts},
    overflow::{Overflow, final_sum, final_value},
    split::{self, DoesNotFit},
    totals::{Fees, SealedTotals},
};
use crate::domain::program::Program;

pub use super::result::{
    ConservationBroken, EnterpriseResult, Exclusion, Line, Settlement, Totals,
};

/// Everything that a run is decided from. The order of rows does not matter.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The program, in the version in force for the year.
    pub program: &'a Program,
    /// The programs that it yields to, each in the version in force for the year.
    pub others: &'a [Program],
    /// The program year.
    pub year: Year,
    /// The last period that is read.
    pub through: Period,
    /// The sealed totals of every period from January of the year through that one; rows of other
    /// platforms, fee kinds and years are ignored. Fastest when rows of an account stand together.
    pub totals: &'a SealedTotals,
    /// Enterprises, bindings, and the enrollments in all these programs.
    pub facts: &'a Facts,
    /// The lines of earlier approved runs of the program and year, or their sums.
    pub prior: &'a [PriorLine],
}

/// The sum of a sealed period's records of one account, fee kind and fee date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedTotal {
    /// The platform.
    pub platform_id: PlatformId,
    /// The account.
    pub merchant_id: MerchantId,
    /// The fee kind.
    pub fee_kind: FeeKind,
    /// The day on which the fee counts; a reversal's is that of the record it reverses.
    pub fee_date: Date,
    /// The sum; negative where reversals of earlier periods outweigh.
    pub fee_fen: i64,
    /// How many records it sums up, at least 1.
    pub record_count: u64,
}

/// What an earlier approved run gave a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorLine {
    /// The enterprise.
    pub uscc: Uscc,
    /// The platform.
    pub platform_id: PlatformId,
    /// The fee kind.
    pub fee_kind: FeeKind,
    /// Change of eligible fees.
    pub fee_fen: i64,
    /// Borne by the government.
    pub government_fen: i64,
    /// Borne by the platform.
    pub platform_fen: i64,
}

/// Why a run cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// The period is before January of the program year.
    #[error("period {through} is before January of program year {year}")]
    PeriodBeforeYear {
        /// The last period to read.
        through: Period,
        /// The program year.
        year: Year,
    },
    /// A final value leaves 64 bits.
    #[error("the run's figures are too large")]
    Overflow(#[source] Overflow),
    /// A program that the fees may be left to was not given.
    #[error("a program that this one yields to is missing")]
    ExcludedProgramMissing(#[source] ExcludedProgramMissing),
    /// More was taken back than was reported; sealing admits no such totals.
    #[error(
        "sealed totals of {uscc} on {platform_id} for {fee_kind} take back more than was reported"
    )]
    NegativeFees {
        /// The enterprise.
        uscc: Uscc,
        /// The platform.
        platform_id: PlatformId,
        /// The fee kind.
        fee_kind: FeeKind,
    },
    /// Earlier lines contradict the rules.
    #[error("what earlier runs gave {uscc} is not what these rules give")]
    PriorContradicts {
        /// The enterprise.
        uscc: Uscc,
        /// How.
        #[source]
        source: DoesNotFit,
    },
    /// The result does not add up; nothing of it may be used.
    #[error("the run can't show that every fen is in one place")]
    ConservationBroken(#[source] ConservationBroken),
}

impl From<ConservationBroken> for SettleError {
    fn from(broken: ConservationBroken) -> Self {
        Self::ConservationBroken(broken)
    }
}

impl From<Overflow> for SettleError {
    fn from(overflow: Overflow) -> Self {
        Self::Overflow(overflow)
    }
}

/// Decides a run (`SETTLEMENT.md`).
pub fn settle(inputs: &Inputs<'_>) -> Result<Settlement, SettleError> {
    Ok(decide(inputs)?.settlement)
}

/// A settlement with the steps that led to it; lists stand in the order of `claims`.
pub(super) struct Decision {
    pub claims: Vec<Claim>,
    pub dues: Vec<Due>,
    pub granted_fen: Vec<i64>,
    pub settlement: Settlement,
}

pub(super) fn decide(inputs: &Inputs<'_>) -> Result<Decision, SettleError> {
    let &Inputs {
        program,
        year,
        through,
        facts,
        ..
    } = inputs;
    if through < year.january() {
        return Err(SettleError::PeriodBeforeYear { through, year });
    }
    let Assessed {
        in_scope,
        excluded,
        eligible,
    } = assess(inputs)?;
    let exclusions = exclusions(excluded)?;
    let claims = entitlement::claims(program, eligible, inputs.prior)?;
    let enrollments = facts.enrollments(program.id());
    let due = |claim: &Claim| Due {
        uscc: claim.uscc,
        applied_at: enrollments.first_applied_at(&claim.uscc, year),
        due_fen: claim.due_fen,
    };
    let dues: Vec<Due> = claims.iter().map(due).collect();

    let granted_before = claims.iter().map(|claim| claim.granted_before_fen);
    let released_fen = budget::released_fen(program.budget(year), year, through);
    let granted_before_fen = final_sum("the sum of earlier grants", granted_before)?;
    let available_fen = budget::available_fen(released_fen, granted_before_fen)?;
    let granted_fen = budget::allocate(program.terms().allocation, available_fen, &dues)?;

    let mut lines = Vec::new();
    for (claim, &granted) in claims.iter().zip(&granted_fen) {
        push_lines(&mut lines, claim, granted)?;
    }
    let decided = claims
        .iter()
        .zip(&granted_fen)
        .filter(|(claim, _)| claim.due_fen != 0);
    let eligible = claims
        .iter()
        .flat_map(|claim| &claim.components)
        .map(|component| component.eligible_fen);
    let excluded = exclusions.iter().map(|exclusion| exclusion.fee_fen);
    let totals = Totals {
        in_scope_fen: final_value("the in-scope total", in_scope)?,
        eligible_fen: final_sum("the sum of eligible fees", eligible)?,
        excluded_fen: final_sum("the sum of excluded fees", excluded)?,
        released_fen,
        granted_before_fen,
        available_fen,
        ..Totals::default()
    };
    let enterprises = decided
        .map(|(claim, &granted)| result(claim, granted))
        .collect();
    let mut settlement = Settlement {
        enterprises,
        lines,
        exclusions,
        totals,
    };
    settlement.add_up()?;
    settlement.check()?;
    Ok(Decision {
        claims,
        dues,
        granted_fen,
        settlement,
    })
}

fn exclusions(excluded: BTreeMap<ExclusionReason, i128>) -> Result<Vec<Exclusion>, Overflow> {
    let exclusion = |(reason, fee)| {
        Ok(Exclusion {
            reason,
            fee_fen: final_value("the total of a reason", fee)?,
        })
    };
    let mut exclusions = excluded
        .into_iter()
        .map(exclusion)
        .collect::<Result<Vec<_>, _>>()?;
    exclusions.sort_by_key(|exclusion| exclusion.reason.as_str());
    Ok(exclusions)
}

/// Fees by what became of them, as partial sums.
struct Assessed<'a> {
    in_scope: i128,
    excluded: BTreeMap<ExclusionReason, i128>,
    eligible: HashMap<ComponentKey<'a>, i128>,
}

impl<'a> Assessed<'a> {
    fn add(
        &mut self,
        reason: Option<ExclusionReason>,
        owner: Option<&EnterpriseFacts>,
        fees: &'a Fees,
        sum: i128,
    ) -> Result<(), SettleError> {
        let of = match (reason, owner) {
            (Some(reason), _) => self.excluded.entry(reason).or_default(),
            (None, Some(owner)) => self
                .eligible
                .entry((owner.uscc, &fees.platform_id, &fees.fee_kind))
                .or_default(),
            (None, None) => return Err(ConservationBroken("a fee without an owner passed").into()),
        };
        *of += sum;
        self.in_scope += sum;
        Ok(())
    }
}

fn assess<'a>(inputs: &Inputs<'a>) -> Result<Assessed<'a>, SettleError> {
    let judge = inputs.judge()?;
    let mut assessed = Assessed {
        in_scope: 0,
        excluded: BTreeMap::new(),
        eligible: HashMap::default(),
    };
    // There are far more totals than days on which anything changes for an enterprise, so each is
    // judged for the whole year at once, and sums are kept as long as nothing changes.
    let mut known = HashMap::default();
    let year = inputs.year.days();
    for (fees, days) in inputs.totals.iter().filter(|(fees, _)| inputs.reads(fees)) {
        let account = inputs.facts.account(&fees.platform_id, &fees.merchant_id);
        let scope = judge.in_scope(&fees.platform_id, &fees.fee_kind);
        let mut last: Option<(Option<&EnterpriseFacts>, Rc<Verdicts>)> = None;
        let mut run: Option<(Option<ExclusionReason>, Option<&EnterpriseFacts>, i128)> = None;
        for day in days.iter().filter(|day| year.contains(day.fee_date)) {
            let owner = account.owner(day.fee_date);
            let verdicts = match &last {
                Some((before, verdicts)) if same(*before, owner) => verdicts,
                Some(_) | None => {
                    let key = (owner.map(|owner| owner.uscc), scope.clone());
                    let verdicts = known
                        .entry(key)
                        .or_insert_with(|| Rc::new(judge.verdicts(&scope, owner)));
                    &last.insert((owner, verdicts.clone())).1
                }
            };
            let reason = verdicts.on(day.fee_date);
            match &mut run {
                Some((before, of, sum)) if *before == reason && same(*of, owner) => {
                    *sum += i128::from(day.fee_fen);
                }
                Some(_) | None => {
                    let next = (reason, owner, i128::from(day.fee_fen));
                    if let Some((reason, owner, sum)) = run.replace(next) {
                        assessed.add(reason, owner, fees, sum)?;
                    }
                }
            }
        }
        if let Some((reason, owner, sum)) = run {
            assessed.add(reason, owner, fees, sum)?;
        }
    }
    if let Some(((uscc, platform_id, fee_kind), _)) =
        assessed.eligible.iter().filter(|(_, fee)| **fee < 0).min()
    {
        return Err(SettleError::NegativeFees {
            uscc: *uscc,
            platform_id: (*platform_id).clone(),
            fee_kind: (*fee_kind).clone(),
        });
    }
    Ok(assessed)
}

impl<'a> Inputs<'a> {
    pub(super) fn judge(&self) -> Result<Judge<'a>, SettleError> {
        Judge::new(self.program, self.others, self.year, self.facts)
            .map_err(SettleError::ExcludedProgramMissing)
    }

    /// Whether fees of the year are the run's to judge.
    pub(super) fn reads(&self, fees: &Fees) -> bool {
        self.program.in_scope(&fees.platform_id, &fees.fee_kind)
    }
}

/// Whether both are the same enterprise of the same facts.
fn same(one: Option<&EnterpriseFacts>, other: Option<&EnterpriseFacts>) -> bool {
    one.map(std::ptr::from_ref) == other.map(std::ptr::from_ref)
}

fn result(claim: &Claim, granted_fen: i64) -> EnterpriseResult {
    EnterpriseResult {
        uscc: claim.uscc,
        uncapped_fen: claim.uncapped_fen,
        entitled_fen: claim.entitled_fen,
        granted_before_fen: claim.granted_before_fen,
        due_fen: claim.due_fen,
        granted_fen,
        unfunded_fen: claim.due_fen - granted_fen,
    }
}

/// The lines of one enterprise: each component's change, split between those who bear it.
fn push_lines(lines: &mut Vec<Line>, claim: &Claim, granted_fen: i64) -> Result<(), SettleError> {
    let open: Vec<i64> = claim
        .components
        .iter()
        .map(|component| component.open_fen)
        .collect();
    let parts =
        split::spread(granted_fen, &open).map_err(|source| SettleError::PriorContradicts {
            uscc: claim.uscc,
            source,
        })?;
    for (component, government_fen) in claim.components.iter().zip(parts) {
        let change =
            |now: i64, before: i64| final_value("a line", i128::from(now) - i128::from(before));
        let fee_fen = change(component.eligible_fen, component.before.fee_fen)?;
        let platform_fen = change(component.platform_fen, component.before.platform_fen)?;
        let enterprise =
            i128::from(fee_fen) - i128::from(government_fen) - i128::from(platform_fen);
        let line = Line {
            uscc: claim.uscc,
            platform_id: component.platform_id.clone(),
            fee_kind: component.fee_kind.clone(),
            fee_fen,
            government_fen,
            platform_fen,
            enterprise_fen: final_value("a line", enterprise)?,
        };
        if line.says_something() {
            lines.push(line);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{binding, enrollment, enterprise, fee, period, terms, uscc, year};

    fn settled(totals: &[SealedTotal]) -> Result<Settlement, SettleError> {
        let program = Program::new(terms("share")).expect("a program");
        // The same name on another platform is another enterprise's account.
        let other = crate::domain::rules::facts::Binding {
            uscc: uscc(1),
            ..binding("beta", 0)
        };
        let mut small = enterprise(1);
        small.filings.clear();
        let bindings = vec![binding("alpha", 0), other, binding("alpha", 2)];
        let enterprises = vec![enterprise(0), small, enterprise(2)];
        let facts =
            Facts::new(enterprises, bindings, vec![enrollment(0), enrollment(1)]).expect("facts");
        let (year, through) = (year(2017), period("2017-03"));
        settle(&Inputs {
            program: &program,
            others: &[],
            year,
            through,
            totals: &totals.iter().cloned().collect(),
            facts: &facts,
            prior: &[],
        })
    }

    #[test]
    fn fees_of_other_years_kinds_and_platforms_are_ignored() {
        let fees = ["2016-12-31", "2017-01-01", "2018-01-01"]
            .map(|day| fee("alpha", 0, "COMMISSION", day, 100));
        let run = settled(&fees).expect("a settlement");
        assert_eq!(
            (
                run.totals.in_scope_fen,
                run.totals.eligible_fen,
                run.lines.len()
            ),
            (100, 100, 1)
        );
        let run =
            settled(&[fee("alpha", 0, "ADVERTISING", "2017-01-01", 100)]).expect("a settlement");
        assert_eq!(
            (
                run.totals.in_scope_fen,
                run.lines.len(),
                run.exclusions.len()
            ),
            (0, 0, 0)
        );
    }

    #[test]
    fn exclusions_stand_in_the_order_of_their_names_also_where_they_net_to_nothing() {
        let fees = [
            fee("alpha", 1, "COMMISSION", "2017-01-01", 5),
            fee("alpha", 0, "COMMISSION", "2017-01-01", 7),
            fee("beta", 0, "COMMISSION", "2017-01-01", 9),
            fee("beta", 0, "COMMISSION", "2017-01-01", -9),
            fee("alpha", 2, "COMMISSION", "2017-01-01", 3),
        ];
        let run = settled(&fees).expect("a settlement");
        let exclusions: Vec<_> = run
            .exclusions
            .iter()
            .map(|row| (row.reason.as_str(), row.fee_fen))
            .collect();
        assert_eq!(
            exclusions,
            [
                ("NOT_ENROLLED", 3),
                ("SIZE_UNKNOWN", 0),
                ("UNBOUND_MERCHANT", 5)
            ]
        );
        assert_eq!(
            (
                run.totals.in_scope_fen,
                run.totals.eligible_fen,
                run.totals.excluded_fen
            ),
            (15, 7, 8)
        );
    }

    #[test]
    fn only_final_values_fail_a_run() {
        let of = |fees: &[i64]| {
            settled(
                &fees
                    .iter()
                    .map(|&fen| fee("alpha", 0, "COMMISSION", "2017-01-01", fen))
                    .collect::<Vec<_>>(),
            )
        };
        assert!(of(&[i64::MAX, i64::MAX, -i64::MAX]).is_ok());
        assert!(matches!(of(&[i64::MAX, 1]), Err(SettleError::Overflow(_))));
        let excluded = [
            fee("alpha", 1, "COMMISSION", "2017-01-01", i64::MAX),
            fee("alpha", 1, "MEMBERSHIP", "2017-01-01", 1),
        ];
        assert!(matches!(settled(&excluded), Err(SettleError::Overflow(_))));
        assert!(matches!(
            of(&[1, -2]),
            Err(SettleError::NegativeFees { .. })
        ));
    }
}
