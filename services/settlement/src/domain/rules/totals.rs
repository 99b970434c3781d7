//! Sealed totals, laid out so that those of a year fit: 24 bytes each, and what they have in
//! common once.

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, PlatformId};

/// The sum of a sealed period's records of one shop, fee kind and fee date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedTotal {
    /// Which platform charged the fees.
    pub platform_id: PlatformId,
    /// The platform's name for the shop.
    pub merchant_id: MerchantId,
    /// What the fees were for.
    pub fee_kind: FeeKind,
    /// The day on which the fees count; a reversal's is that of the record it reverses.
    pub fee_date: Date,
    /// Their sum; negative where reversals of earlier periods outweigh.
    pub fee_fen: Fen,
    /// How many records it sums up, at least 1.
    pub record_count: u64,
}

/// The sealed totals that a run is decided from. Their order does not matter.
#[derive(Debug, Clone, Default)]
pub struct SealedTotals {
    fees: Vec<Fees>,
    days: Vec<DayTotal>,
}

/// What the totals of some days have in common.
#[derive(Debug, Clone)]
pub struct Fees {
    /// Which platform charged them.
    pub platform_id: PlatformId,
    /// The platform's name for the shop.
    pub merchant_id: MerchantId,
    /// What they were for.
    pub fee_kind: FeeKind,
    /// Where its days end, counted over all.
    end: usize,
}

/// The total of one day.
#[derive(Debug, Clone, Copy)]
pub struct DayTotal {
    /// The day on which the fees count.
    pub fee_date: Date,
    /// Their sum; negative where reversals of earlier periods outweigh.
    pub fee_fen: Fen,
    /// How many records it sums up, at least 1.
    pub record_count: u64,
}

impl SealedTotals {
    /// Adds days of one shop and fee kind.
    pub fn push(
        &mut self,
        platform_id: &PlatformId,
        merchant_id: &MerchantId,
        fee_kind: &FeeKind,
        days: impl IntoIterator<Item = DayTotal>,
    ) {
        self.days.extend(days);
        self.fees.push(Fees {
            platform_id: platform_id.clone(),
            merchant_id: merchant_id.clone(),
            fee_kind: fee_kind.clone(),
            end: self.days.len(),
        });
    }

    /// Adds all of others.
    pub fn append(&mut self, mut others: Self) {
        let start = self.days.len();
        for fees in &mut others.fees {
            fees.end += start;
        }
        self.fees.append(&mut others.fees);
        self.days.append(&mut others.days);
    }

    /// All of them, as they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&Fees, &[DayTotal])> {
        let mut start = 0;
        self.fees.iter().map(move |fees| {
            let days = &self.days[start..fees.end];
            start = fees.end;
            (fees, days)
        })
    }
}

impl FromIterator<SealedTotal> for SealedTotals {
    fn from_iter<I: IntoIterator<Item = SealedTotal>>(totals: I) -> Self {
        let mut all = Self::default();
        for total in totals {
            let day = DayTotal {
                fee_date: total.fee_date,
                fee_fen: total.fee_fen,
                record_count: total.record_count,
            };
            all.push(
                &total.platform_id,
                &total.merchant_id,
                &total.fee_kind,
                [day],
            );
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{fee, kind, merchant, platform};

    #[test]
    fn totals_come_back_as_they_were_added() {
        let first = fee("alpha", 0, "COMMISSION", "2017-01-01", 1);
        let day = |fen| DayTotal {
            fee_date: first.fee_date,
            fee_fen: Fen::new(fen),
            record_count: 1,
        };
        let mut totals: SealedTotals = [first.clone()].into_iter().collect();
        let mut more = SealedTotals::default();
        let beta = platform("beta");
        more.push(&beta, &merchant(1), &kind("LOAN"), [day(2), day(3)]);
        more.push(&beta, &merchant(1), &kind("RENT"), []);
        more.push(&beta, &merchant(2), &kind("LOAN"), [day(4)]);
        totals.append(more);
        let shown: Vec<_> = totals
            .iter()
            .map(|(fees, days)| {
                let fen: Vec<i64> = days.iter().map(|day| day.fee_fen.get()).collect();
                (fees.merchant_id.clone(), fees.fee_kind.as_str(), fen)
            })
            .collect();
        assert_eq!(
            shown,
            [
                (merchant(0), "COMMISSION", vec![1]),
                (merchant(1), "LOAN", vec![2, 3]),
                (merchant(1), "RENT", vec![]),
                (merchant(2), "LOAN", vec![4]),
            ]
        );
    }
}
