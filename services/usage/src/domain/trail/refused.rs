//! Refused records, of which the trail tells only how many there are.

use std::collections::BTreeMap;

use super::{mismatch::Mismatch, stored::StoredPeriod, told::Told};
use crate::domain::{
    key::{PlatformNumber, PlatformPeriod},
    period::PeriodName,
    refused::REASONS_OF_SEALS,
};

/// How many refused records are stored.
#[derive(Debug, Default)]
pub struct RefusedTally {
    /// By period and withdrawal: all, and those that fell when a period was sealed.
    counts: BTreeMap<(PlatformPeriod, i32), (i64, i64)>,
    /// How often records of a platform fell when a period was sealed.
    times_by_seals: BTreeMap<PlatformNumber, i128>,
}

impl RefusedTally {
    /// One more, of a period and of the withdrawal with which it left that; 0: with none.
    pub fn add(&mut self, period: PlatformPeriod, withdrawal: i32, reason: &str, times: i64) {
        let (count, by_seal) = self.counts.entry((period, withdrawal)).or_default();
        *count += 1;
        if REASONS_OF_SEALS.contains(&reason) {
            *by_seal += 1;
            *self.times_by_seals.entry(period.platform).or_default() += i128::from(times);
        }
    }

    /// Compares them with what the rows of periods and withdrawals say, and with what sealing told.
    pub fn compare(
        mut self,
        told: &Told,
        rows: &BTreeMap<PeriodName, StoredPeriod>,
    ) -> Result<(), Mismatch> {
        let mut fallen: BTreeMap<PlatformNumber, i128> = BTreeMap::new();
        for (name, row) in rows {
            let count = told.refused_by_seals.get(&name.platform_id);
            fallen.insert(
                row.period.platform,
                count.copied().unwrap_or_default().into(),
            );
            self.compare_period(told, name, row)?;
        }
        if let Some(((PlatformPeriod { platform, period }, withdrawal), _)) =
            self.counts.pop_first()
        {
            let platform = platform.0;
            let detail = format!(
                "refused records are of withdrawal {withdrawal} of {period} of platform number \
                 {platform}, which is not stored"
            );
            return Err(Mismatch::new(None, detail));
        }
        self.compare_fallen(fallen)
    }

    /// Takes out those of a period.
    fn compare_period(
        &mut self,
        told: &Told,
        name: &PeriodName,
        row: &StoredPeriod,
    ) -> Result<(), Mismatch> {
        let (count, by_seal) = self.counts.remove(&(row.period, 0)).unwrap_or_default();
        if (count, by_seal) != (row.refused_count, row.refused_by_seal_count) {
            let detail = format!(
                "{name} has {count} refused records, {by_seal} of them by sealing, and its row \
                 says {} and {}",
                row.refused_count, row.refused_by_seal_count
            );
            return Err(Mismatch::new(None, detail));
        }
        for withdrawal in &row.withdrawals {
            let (number, told_count) = (withdrawal.number, withdrawal.refused_count);
            let (count, _) = self
                .counts
                .remove(&(row.period, number))
                .unwrap_or_default();
            if count != told_count {
                let detail = format!(
                    "withdrawal {number} of {name} has {count} refused records, and {told_count} \
                     went with it"
                );
                return Err(Mismatch::new(told.withdrawal_number(name, number), detail));
            }
        }
        Ok(())
    }

    fn compare_fallen(mut self, fallen: BTreeMap<PlatformNumber, i128>) -> Result<(), Mismatch> {
        for (platform, count) in fallen {
            let kept = self.times_by_seals.remove(&platform).unwrap_or_default();
            if kept != count {
                let detail = format!(
                    "records of platform number {} fell {kept} times by sealing, and {count} are \
                     told",
                    platform.0
                );
                return Err(Mismatch::new(None, detail));
            }
        }
        Ok(())
    }
}
