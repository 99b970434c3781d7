//! The records of one period, and what was made of them when it was sealed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gazelle_kernel::Date;
use gazelle_runtime::detach::blocking;
use sqlx::PgConnection;

use super::ended::Ended;
use crate::{
    domain::{
        canonical::CanonicalForm,
        count::{PeriodCount, StoredRecord, slices},
        key::RecordKey,
        period::PeriodName,
        receipt::Receipt,
        slice::{KeySlice, SliceKeys},
        trail::{Mismatch, StoredPeriod, Told, ToldSeal},
    },
    store::{self, copy_out::Rows},
    tuning::COMPARED_SLICE_RECORDS,
};

/// Compares the records of periods.
#[derive(Debug)]
pub struct Records<'a> {
    pub told: &'a Told,
    /// The names of all fee kinds.
    pub fee_kinds: HashMap<i32, String>,
}

/// The first record that is not where its id and its day put it.
#[derive(Debug, Default)]
struct Misplaced(Option<String>);

impl Misplaced {
    fn look(&mut self, stored: &StoredRecord<'_>, fee_date: Date) {
        if self.0.is_none() && !stored.is_in_its_place(fee_date) {
            self.0 = Some(stored.record.id.to_owned());
        }
    }

    fn end(self, entry_number: Option<i64>) -> Result<(), Mismatch> {
        let Some(id) = self.0 else {
            return Ok(());
        };
        let detail = format!("the record {id:?} has another key or fee date than it was given");
        Err(Mismatch::new(entry_number, detail))
    }
}

/// What the records of a sealed period come to.
#[derive(Debug)]
struct Recounted {
    receipt: Receipt,
    digest: [u8; 32],
    misplaced: Misplaced,
    /// The ids that it keeps are not those of its records and of what they take back.
    claims_differ: bool,
}

impl Records<'_> {
    /// Those of a period that stand, and those that were withdrawn from it.
    pub async fn compare(
        &self,
        tx: &mut PgConnection,
        name: &PeriodName,
        row: &StoredPeriod,
    ) -> Result<(), Ended> {
        let told = self.told;
        if let Some(seal) = told.seal(name) {
            self.compare_sealed(tx, name, row, seal).await?;
        } else {
            let (counted, misplaced) = self.count(tx, name, row, Rows::Standing).await?;
            told.compare_counted(name, row, &counted, None)?;
            misplaced.end(None)?;
        }
        for withdrawal in &row.withdrawals {
            let rows = Rows::Withdrawn(withdrawal.number);
            let (counted, misplaced) = self.count(tx, name, row, rows).await?;
            told.compare_withdrawn(name, withdrawal, &counted)?;
            misplaced.end(told.withdrawal_number(name, withdrawal.number))?;
        }
        Ok(())
    }

    async fn count(
        &self,
        tx: &mut PgConnection,
        name: &PeriodName,
        row: &StoredPeriod,
        rows: Rows,
    ) -> Result<(Receipt, Misplaced), Ended> {
        let mut form = CanonicalForm::new(&name.platform_id, name.period);
        let (mut receipt, mut misplaced) = (Receipt::default(), Misplaced::default());
        let take = |stored: &StoredRecord<'_>, fee_date| {
            misplaced.look(stored, fee_date);
            receipt.add(stored.record.amount.get(), form.hash(stored.record));
        };
        store::copy_out::read_dated(tx, row.period, rows, &(0..=255), &self.fee_kinds, take)
            .await?;
        Ok((receipt, misplaced))
    }

    async fn compare_sealed(
        &self,
        tx: &mut PgConnection,
        name: &PeriodName,
        row: &StoredPeriod,
        seal: &ToldSeal,
    ) -> Result<(), Ended> {
        let found = self.count_sealed(tx, name, row, seal).await?;
        let (number, receipt) = (seal.entry_number, &found.receipt);
        self.told
            .compare_counted(name, row, receipt, Some(found.digest))?;
        found.misplaced.end(Some(number))?;
        let made = store::totals::find_other(tx, row.period, receipt.record_count);
        let detail = if let Some(merchant) = made.await? {
            format!("the totals of {merchant:?} in {name} are not its records'")
        } else if found.claims_differ {
            format!("the sealed keys in {name} are not its records'")
        } else {
            return Ok(());
        };
        Err(Mismatch::new(number, detail).into())
    }

    /// Counts the records as they were when the period was sealed, slice by slice.
    async fn count_sealed(
        &self,
        tx: &mut PgConnection,
        name: &PeriodName,
        row: &StoredPeriod,
        seal: &ToldSeal,
    ) -> Result<Recounted, Ended> {
        // As the seal has it, whatever the row says.
        let record_count = seal.record_count;
        let (mut misplaced, mut claims_differ) = (Misplaced::default(), false);
        let mut count = PeriodCount::new(&name.platform_id, name.period);
        let mut named = Vec::new();
        for slice in slices(record_count, COMPARED_SLICE_RECORDS) {
            count.begin(slice.clone(), record_count);
            let take = |stored: &StoredRecord<'_>, fee_date| {
                misplaced.look(stored, fee_date);
                count.add(stored);
            };
            let (rows, fee_kinds) = (Rows::Standing, &self.fee_kinds);
            store::copy_out::read_dated(tx, row.period, rows, &slice, fee_kinds, take).await?;
            let own;
            (count, own) = blocking(move || count.end()).await;
            if *slice.start() == 0 {
                named = self.named(name, seal, &count);
            }
            let claims = claims(&slice, &own, &named);
            claims_differ |= store::sealed_key::list(tx, row.period, &slice).await? != claims;
        }
        Ok(Recounted {
            receipt: count.receipt,
            digest: count.digest(),
            misplaced,
            claims_differ,
        })
    }

    /// Records of periods that were open then and that this one takes back: it claims their ids
    /// too.
    fn named(&self, name: &PeriodName, seal: &ToldSeal, count: &PeriodCount) -> Vec<RecordKey> {
        let reversals = count.reversals.iter().filter(|reversal| {
            let other = PeriodName::new(&name.platform_id, reversal.in_period);
            other != *name && self.told.was_open_at(&other, seal.entry_number)
        });
        let named: BTreeSet<RecordKey> = reversals.map(|it| it.reversed).collect();
        named.into_iter().collect()
    }
}

/// What a period claims in a slice, by part as it is kept.
fn claims(slice: &KeySlice, own: &SliceKeys, named: &[RecordKey]) -> BTreeMap<u8, Vec<u8>> {
    own.starts(&SliceKeys::of(slice.clone(), named)).collect()
}
