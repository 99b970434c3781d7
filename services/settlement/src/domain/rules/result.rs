//! What a run decides, and what must be true of it.

use gazelle_kernel::{FeeKind, Fen, PlatformId, Uscc};

use super::{
    eligibility::ExclusionReason,
    overflow::{Overflow, final_sum, sum},
};

/// A run's result: the rows of its result files, each list in byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Enterprises whose due is not 0.
    pub enterprises: Vec<EnterpriseResult>,
    /// Components of which any figure is not 0.
    pub lines: Vec<Line>,
    /// Reasons that any record has.
    pub exclusions: Vec<Exclusion>,
    /// What the rows and the budget come to.
    pub totals: Totals,
}

/// What a run decides for an enterprise (`SETTLEMENT.md`, Entitlement and Budget).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseResult {
    pub uscc: Uscc,
    /// What the shares come to for the year so far.
    pub uncapped_fen: Fen,
    /// What it is entitled to for the year so far.
    pub entitled_fen: Fen,
    /// What earlier runs granted, net.
    pub granted_before_fen: Fen,
    /// The difference; negative: to be taken back.
    pub due_fen: Fen,
    /// What this run grants; negative: takes back.
    pub granted_fen: Fen,
    /// What a positive due did not get.
    pub unfunded_fen: Fen,
}

/// Who bears what of the change of one component's fees; fee = government + platform + enterprise
/// (`SETTLEMENT.md`, Split).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whose component it is.
    pub uscc: Uscc,
    /// Which platform charged the fees.
    pub platform_id: PlatformId,
    /// What the fees were for.
    pub fee_kind: FeeKind,
    /// Change of eligible fees since the approved run before.
    pub fee_fen: Fen,
    /// Of that, borne by the government.
    pub government_fen: Fen,
    /// Of that, borne by the platform.
    pub platform_fen: Fen,
    /// Of that, borne by the enterprise.
    pub enterprise_fen: Fen,
}

/// Fees of the year so far that were excluded for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    pub reason: ExclusionReason,
    /// What the fees add up to; 0 where reversals take all of them back.
    pub fee_fen: Fen,
}

/// A run's sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sealed fees in scope, of the year so far.
    pub in_scope_fen: Fen,
    /// Of those, the eligible.
    pub eligible_fen: Fen,
    /// Of those, the excluded.
    pub excluded_fen: Fen,
    /// What the budget has released.
    pub released_fen: Fen,
    /// What earlier runs granted, net.
    pub granted_before_fen: Fen,
    /// What this run could grant.
    pub available_fen: Fen,
    /// What it grants, without what it takes back.
    pub granted_fen: Fen,
    /// What it takes back, 0 or less.
    pub clawed_back_fen: Fen,
    /// What positive dues did not get.
    pub unfunded_fen: Fen,
    /// The sum of the lines' fees.
    pub line_fee_fen: Fen,
    /// Of that, borne by the government: granted and clawed back together.
    pub line_government_fen: Fen,
    /// Of that, borne by platforms.
    pub line_platform_fen: Fen,
    /// Of that, borne by enterprises.
    pub line_enterprise_fen: Fen,
}

/// A result that does not add up; nothing of it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the result does not add up: {0}")]
pub struct ConservationBroken(pub &'static str);

impl Line {
    /// Whether any of its four figures is not 0.
    pub(in crate::domain) fn says_something(&self) -> bool {
        [
            self.fee_fen,
            self.government_fen,
            self.platform_fen,
            self.enterprise_fen,
        ] != [Fen::ZERO; 4]
    }

    fn adds_up(&self) -> bool {
        self.fee_fen.wide() == sum([self.government_fen, self.platform_fen, self.enterprise_fen])
    }
}

impl Settlement {
    /// Brings the sums of rows and lines up to date.
    pub(in crate::domain) fn add_up(&mut self) -> Result<(), Overflow> {
        let Self {
            enterprises: rows,
            lines,
            totals,
            ..
        } = self;
        totals.granted_fen = final_sum(
            "the sum granted",
            rows.iter().map(|row| row.granted_fen.max(Fen::ZERO)),
        )?;
        totals.clawed_back_fen = final_sum(
            "the sum clawed back",
            rows.iter().map(|row| row.granted_fen.min(Fen::ZERO)),
        )?;
        totals.unfunded_fen =
            final_sum("the sum unfunded", rows.iter().map(|row| row.unfunded_fen))?;
        let sum_of_lines =
            |part: fn(&Line) -> Fen| final_sum("the sum of lines", lines.iter().map(part));
        totals.line_fee_fen = sum_of_lines(|line| line.fee_fen)?;
        totals.line_government_fen = sum_of_lines(|line| line.government_fen)?;
        totals.line_platform_fen = sum_of_lines(|line| line.platform_fen)?;
        totals.line_enterprise_fen = sum_of_lines(|line| line.enterprise_fen)?;
        Ok(())
    }

    /// What must always be true of a result, shown from its rows (`SETTLEMENT.md`, Eligibility:
    /// conservation; Budget; Split).
    pub(in crate::domain) fn check(&self) -> Result<(), ConservationBroken> {
        let totals = &self.totals;
        let unless = |broken: bool, what| {
            if broken {
                Err(ConservationBroken(what))
            } else {
                Ok(())
            }
        };
        unless(
            sum([totals.eligible_fen, totals.excluded_fen]) != totals.in_scope_fen.wide(),
            "eligible and excluded fees are not those in scope",
        )?;
        unless(
            !self.lines.iter().all(Line::adds_up),
            "a line's parts are not its fee",
        )?;
        unless(
            sum([totals.granted_fen, totals.clawed_back_fen]) != totals.line_government_fen.wide(),
            "the lines do not hold what was granted",
        )?;
        unless(
            totals.granted_fen > totals.available_fen,
            "more was granted than is available",
        )?;
        let over = |row: &EnterpriseResult| row.granted_fen > row.due_fen.max(Fen::ZERO);
        unless(
            self.enterprises.iter().any(over),
            "more was granted than is due",
        )
    }
}
