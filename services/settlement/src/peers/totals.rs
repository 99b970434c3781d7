//! Sealed totals as the usage service streams them.

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId};
use gazelle_proto::usage::v1 as usage;
use time::macros::date;

use super::error::{PeerError, broken, parsed};
use crate::domain::{
    rules::totals::{DayTotal, SealedTotals},
    run::Seal,
};

pub(super) const USAGE: &str = "usage";

/// A sealed period with its totals.
#[derive(Debug)]
pub struct SealedPeriod {
    /// Which records it sums up.
    pub seal: Seal,
    /// Sums by account, fee kind and fee date.
    pub totals: SealedTotals,
}

/// Adds a part of its totals to a period.
pub(super) fn add_totals(
    period: &mut SealedPeriod,
    part: &usage::MerchantTotalsPart,
) -> Result<(), PeerError> {
    let kinds = part.fee_kinds.iter().map(|kind| FeeKind::parse(kind));
    let kinds = kinds.collect::<Result<Vec<_>, _>>();
    let kinds = kinds.map_err(|error| parsed(USAGE, &error))?;
    for merchant in &part.merchants {
        add_merchant(period, &kinds, merchant)?;
    }
    Ok(())
}

fn add_merchant(
    period: &mut SealedPeriod,
    fee_kinds: &[FeeKind],
    merchant: &usage::MerchantTotals,
) -> Result<(), PeerError> {
    let uneven = || broken(USAGE, "a merchant's lists are not of one length");
    let usage::MerchantTotals {
        merchant_id,
        fee_kinds: kinds,
        fee_days,
        fees_fen,
        record_counts,
    } = merchant;
    let count = kinds.len();
    if [fee_days.len(), fees_fen.len(), record_counts.len()] != [count; 3] {
        return Err(uneven());
    }
    let merchant_id = MerchantId::parse(merchant_id).map_err(|error| parsed(USAGE, &error))?;
    let platform_id = period.seal.platform_id.clone();
    let mut days = Vec::with_capacity(count);
    for ((day, fen), records) in fee_days.iter().zip(fees_fen).zip(record_counts) {
        days.push(DayTotal {
            fee_date: fee_date(*day)?,
            fee_fen: Fen::new(*fen),
            record_count: u64::try_from(*records)
                .map_err(|_| broken(USAGE, format!("a total of {records} records")))?,
        });
    }
    let mut start = 0;
    for same_kind in kinds.chunk_by(|a, b| a == b) {
        let place = usize::try_from(same_kind[0]).ok();
        let fee_kind = place.and_then(|place| fee_kinds.get(place));
        let fee_kind = fee_kind.ok_or_else(|| broken(USAGE, "a fee kind without a name"))?;
        let end = start + same_kind.len();
        let of_kind = days[start..end].iter().copied();
        period
            .totals
            .push(&platform_id, &merchant_id, fee_kind, of_kind);
        start = end;
    }
    Ok(())
}

/// The day of a number of days since 1970.
fn fee_date(days: i32) -> Result<Date, PeerError> {
    days.checked_add(date!(1970 - 01 - 01).to_julian_day())
        .and_then(|day| Date::from_julian_day(day).ok())
        .ok_or_else(|| broken(USAGE, format!("day {days} is beyond the calendar")))
}

/// Refuses a period that was sealed in two cells: `sealed` is in order.
pub(super) fn refuse_two_seals(sealed: &[SealedPeriod]) -> Result<(), PeerError> {
    let place = |period: &SealedPeriod| (period.seal.platform_id.clone(), period.seal.period);
    let twice = sealed
        .windows(2)
        .find(|pair| place(&pair[0]) == place(&pair[1]));
    let Some(twice) = twice else {
        return Ok(());
    };
    let (platform_id, period) = place(&twice[0]);
    Err(broken(
        USAGE,
        format!("{platform_id} {period} is in two cells"),
    ))
}
