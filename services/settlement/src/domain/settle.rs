//! The settlement of one program and one program year through one period.

use std::collections::{BTreeMap, HashMap};

use gazelle_kernel::{Date, FeeKind, MerchantId, Period, PlatformId, Uscc, Year};

use super::{
    budget::{self, Due},
    eligibility::{ExcludedProgramMissing, ExclusionReason, Judge},
    entitlement::{self, Claim, ComponentKey},
    facts::{Account, Facts},
    overflow::{Overflow, final_value},
    program::Program,
    split::{self, DoesNotFit},
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
    /// platforms, fee kinds and years are ignored.
    pub totals: &'a [SealedTotal],
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

/// A run's result: the rows of its result files, each list in byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Enterprises whose due is not 0.
    pub enterprises: Vec<EnterpriseResult>,
    /// Components of which any figure is not 0.
    pub lines: Vec<Line>,
    /// Reasons that any record has.
    pub exclusions: Vec<Exclusion>,
    /// Sums.
    pub totals: Totals,
}

/// What a run decides for an enterprise, in fen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseResult {
    /// The enterprise.
    pub uscc: Uscc,
    /// What the shares come to for the year so far.
    pub uncapped_fen: i64,
    /// What it is entitled to for the year so far.
    pub entitled_fen: i64,
    /// What earlier runs granted, net.
    pub granted_before_fen: i64,
    /// The difference; negative: to be taken back.
    pub due_fen: i64,
    /// What this run grants; negative: takes back.
    pub granted_fen: i64,
    /// What a positive due did not get.
    pub unfunded_fen: i64,
}

/// Who bears what of the change of one component's fees, in fen; fee = government + platform +
/// enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The enterprise.
    pub uscc: Uscc,
    /// The platform.
    pub platform_id: PlatformId,
    /// The fee kind.
    pub fee_kind: FeeKind,
    /// Change of eligible fees since the approved run before.
    pub fee_fen: i64,
    /// Borne by the government.
    pub government_fen: i64,
    /// Borne by the platform.
    pub platform_fen: i64,
    /// Borne by the enterprise.
    pub enterprise_fen: i64,
}

/// Fees of the year so far that were excluded for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The reason.
    pub reason: ExclusionReason,
    /// Their sum in fen.
    pub fee_fen: i64,
}

/// A run's sums, in fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sealed fees in scope, of the year so far.
    pub in_scope_fen: i64,
    /// Of those, the eligible.
    pub eligible_fen: i64,
    /// Of those, the excluded.
    pub excluded_fen: i64,
    /// What the budget has released.
    pub released_fen: i64,
    /// What earlier runs granted, net.
    pub granted_before_fen: i64,
    /// What this run could grant.
    pub available_fen: i64,
    /// What it grants, without what it takes back.
    pub granted_fen: i64,
    /// What it takes back, 0 or less.
    pub clawed_back_fen: i64,
    /// What positive dues did not get.
    pub unfunded_fen: i64,
    /// The sum of the lines' fees.
    pub line_fee_fen: i64,
    /// Of that, borne by the government: granted and clawed back together.
    pub line_government_fen: i64,
    /// Of that, borne by platforms.
    pub line_platform_fen: i64,
    /// Of that, borne by enterprises.
    pub line_enterprise_fen: i64,
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
    #[error("the result does not add up: {0}")]
    ConservationBroken(&'static str),
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
    let mut totals = Totals {
        in_scope_fen: final_value("the in-scope total", in_scope)?,
        ..Totals::default()
    };
    let mut exclusions: Vec<Exclusion> = Vec::with_capacity(excluded.len());
    for (reason, fee) in excluded {
        exclusions.push(Exclusion {
            reason,
            fee_fen: final_value("the total of a reason", fee)?,
        });
    }
    exclusions.sort_by_key(|exclusion| exclusion.reason.as_str());

    let claims = entitlement::claims(program, eligible, inputs.prior)?;
    let enrollments = facts.enrollments(program.id());
    let due = |claim: &Claim| Due {
        uscc: claim.uscc,
        applied_at: enrollments.first_applied_at(&claim.uscc, year),
        due_fen: claim.due_fen,
    };
    let dues: Vec<Due> = claims.iter().map(due).collect();
    totals.released_fen = budget::released_fen(program.budget(year), year, through);
    totals.granted_before_fen = final_value(
        "the sum of earlier grants",
        sum(claims.iter().map(|claim| claim.granted_before_fen)),
    )?;
    totals.available_fen = budget::available_fen(totals.released_fen, totals.granted_before_fen)?;
    let granted_fen = budget::allocate(program.terms().allocation, totals.available_fen, &dues)?;

    let mut lines = Vec::new();
    for (claim, &granted) in claims.iter().zip(&granted_fen) {
        push_lines(&mut lines, claim, granted)?;
    }
    let enterprises = claims
        .iter()
        .zip(&granted_fen)
        .filter(|(claim, _)| claim.due_fen != 0)
        .map(|(claim, &granted)| result(claim, granted))
        .collect();
    totals.eligible_fen = final_value(
        "the sum of eligible fees",
        sum(claims
            .iter()
            .flat_map(|claim| &claim.components)
            .map(|c| c.eligible_fen)),
    )?;
    totals.excluded_fen = final_value(
        "the sum of excluded fees",
        sum(exclusions.iter().map(|exclusion| exclusion.fee_fen)),
    )?;
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

/// Fees by what became of them, as partial sums.
struct Assessed<'a> {
    in_scope: i128,
    excluded: BTreeMap<ExclusionReason, i128>,
    eligible: HashMap<ComponentKey<'a>, i128>,
}

fn assess<'a>(inputs: &Inputs<'a>) -> Result<Assessed<'a>, SettleError> {
    let judge = inputs.judge()?;
    let mut assessed = Assessed {
        in_scope: 0,
        excluded: BTreeMap::new(),
        eligible: HashMap::new(),
    };
    // Totals come sorted by account: each is looked up once.
    let mut last: Option<(&SealedTotal, Account<'_>)> = None;
    for total in inputs.totals.iter().filter(|total| inputs.reads(total)) {
        let fee = i128::from(total.fee_fen);
        assessed.in_scope += fee;
        let account = match last {
            Some((before, account))
                if before.merchant_id == total.merchant_id
                    && before.platform_id == total.platform_id =>
            {
                account
            }
            _ => inputs.facts.account(&total.platform_id, &total.merchant_id),
        };
        last = Some((total, account));
        let owner = account.owner(total.fee_date);
        match (
            owner,
            judge.exclusion(&total.platform_id, &total.fee_kind, owner, total.fee_date),
        ) {
            (Some(owner), None) => {
                *assessed
                    .eligible
                    .entry((owner.uscc, &total.platform_id, &total.fee_kind))
                    .or_default() += fee
            }
            (_, Some(reason)) => *assessed.excluded.entry(reason).or_default() += fee,
            (None, None) => {
                return Err(SettleError::ConservationBroken(
                    "a fee without an owner passed",
                ));
            }
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

    /// Whether a total is the run's to judge.
    pub(super) fn reads(&self, total: &SealedTotal) -> bool {
        total.fee_date.year() == self.year.get()
            && self.program.in_scope(&total.platform_id, &total.fee_kind)
    }
}

fn sum(values: impl Iterator<Item = i64>) -> i128 {
    values.map(i128::from).sum()
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

impl Line {
    /// Whether any of its four figures is not 0.
    pub(super) fn says_something(&self) -> bool {
        [
            self.fee_fen,
            self.government_fen,
            self.platform_fen,
            self.enterprise_fen,
        ] != [0; 4]
    }
}

impl Settlement {
    /// Adds up rows and lines.
    pub(super) fn add_up(&mut self) -> Result<(), Overflow> {
        let Self {
            enterprises,
            lines,
            totals,
            ..
        } = self;
        totals.granted_fen = final_value(
            "the sum granted",
            sum(enterprises.iter().map(|row| row.granted_fen.max(0))),
        )?;
        totals.clawed_back_fen = final_value(
            "the sum clawed back",
            sum(enterprises.iter().map(|row| row.granted_fen.min(0))),
        )?;
        totals.unfunded_fen = final_value(
            "the sum unfunded",
            sum(enterprises.iter().map(|row| row.unfunded_fen)),
        )?;
        totals.line_fee_fen = final_value(
            "the sum of lines",
            sum(lines.iter().map(|line| line.fee_fen)),
        )?;
        totals.line_government_fen = final_value(
            "the sum of lines",
            sum(lines.iter().map(|line| line.government_fen)),
        )?;
        totals.line_platform_fen = final_value(
            "the sum of lines",
            sum(lines.iter().map(|line| line.platform_fen)),
        )?;
        totals.line_enterprise_fen = final_value(
            "the sum of lines",
            sum(lines.iter().map(|line| line.enterprise_fen)),
        )?;
        Ok(())
    }

    /// What must always be true of a result, shown from its rows.
    pub(super) fn check(&self) -> Result<(), SettleError> {
        let Self {
            enterprises,
            lines,
            totals: t,
            ..
        } = self;
        let holds = [
            (
                sum([t.eligible_fen, t.excluded_fen].into_iter()) == i128::from(t.in_scope_fen),
                "eligible and excluded fees are not the fees in scope",
            ),
            (
                lines.iter().all(Line::adds_up),
                "a line's parts are not its fee",
            ),
            (
                sum([t.granted_fen, t.clawed_back_fen].into_iter())
                    == i128::from(t.line_government_fen),
                "the lines do not hold what was granted",
            ),
            (
                t.granted_fen <= t.available_fen,
                "more was granted than is available",
            ),
            (
                enterprises
                    .iter()
                    .all(|row| row.granted_fen <= row.due_fen.max(0)),
                "more was granted than is due",
            ),
        ];
        match holds.into_iter().find(|(holds, _)| !holds) {
            Some((_, broken)) => Err(SettleError::ConservationBroken(broken)),
            None => Ok(()),
        }
    }
}

impl Line {
    fn adds_up(&self) -> bool {
        i128::from(self.fee_fen)
            == sum([self.government_fen, self.platform_fen, self.enterprise_fen].into_iter())
    }
}
