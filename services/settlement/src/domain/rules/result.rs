//! What a run decides, and what must be true of it.

use gazelle_kernel::{FeeKind, PlatformId, Uscc};

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
        ] != [0; 4]
    }

    fn adds_up(&self) -> bool {
        i128::from(self.fee_fen)
            == sum([self.government_fen, self.platform_fen, self.enterprise_fen])
    }
}

impl Settlement {
    /// Adds up rows and lines.
    pub(in crate::domain) fn add_up(&mut self) -> Result<(), Overflow> {
        let Self {
            enterprises: rows,
            lines,
            totals,
            ..
        } = self;
        totals.granted_fen = final_sum(
            "the sum granted",
            rows.iter().map(|row| row.granted_fen.max(0)),
        )?;
        totals.clawed_back_fen = final_sum(
            "the sum clawed back",
            rows.iter().map(|row| row.granted_fen.min(0)),
        )?;
        totals.unfunded_fen =
            final_sum("the sum unfunded", rows.iter().map(|row| row.unfunded_fen))?;
        let of_lines =
            |value: fn(&Line) -> i64| final_sum("the sum of lines", lines.iter().map(value));
        totals.line_fee_fen = of_lines(|line| line.fee_fen)?;
        totals.line_government_fen = of_lines(|line| line.government_fen)?;
        totals.line_platform_fen = of_lines(|line| line.platform_fen)?;
        totals.line_enterprise_fen = of_lines(|line| line.enterprise_fen)?;
        Ok(())
    }

    /// What must always be true of a result, shown from its rows.
    pub(in crate::domain) fn check(&self) -> Result<(), ConservationBroken> {
        let totals = &self.totals;
        let unless = |broken: bool, what| {
            if broken {
                Err(ConservationBroken(what))
            } else {
                Ok(())
            }
        };
        let judged = sum([totals.eligible_fen, totals.excluded_fen]);
        unless(
            judged != i128::from(totals.in_scope_fen),
            "eligible and excluded fees are not those in scope",
        )?;
        unless(
            !self.lines.iter().all(Line::adds_up),
            "a line's parts are not its fee",
        )?;
        let granted = sum([totals.granted_fen, totals.clawed_back_fen]);
        unless(
            granted != i128::from(totals.line_government_fen),
            "the lines do not hold what was granted",
        )?;
        unless(
            totals.granted_fen > totals.available_fen,
            "more was granted than is available",
        )?;
        let over = |row: &EnterpriseResult| row.granted_fen > row.due_fen.max(0);
        unless(
            self.enterprises.iter().any(over),
            "more was granted than is due",
        )
    }
}
