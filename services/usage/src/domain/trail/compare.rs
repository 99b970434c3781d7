//! Row by row: whether it is what entries tell.

use std::collections::BTreeMap;

use super::{
    mismatch::Mismatch,
    stored::{StatementColumns, StoredPeriod, StoredWithdrawal},
    told::{Told, ToldPeriod, ToldSeal, ToldWithdrawal},
};
use crate::domain::{
    period::PeriodName,
    receipt::{Receipt, ShownReceipt},
};

impl Told {
    /// Compares the rows of all periods, with their statements, seals and withdrawals.
    pub fn compare_rows(&self, rows: &BTreeMap<PeriodName, StoredPeriod>) -> Result<(), Mismatch> {
        for (name, told) in &self.periods {
            let row = rows.get(name);
            row.ok_or_else(|| told.differs(format!("{name} is not stored")))?;
        }
        let nothing = ToldPeriod::default();
        for (name, row) in rows {
            let told = self.periods.get(name).unwrap_or(&nothing);
            told.compare(name, row)?;
        }
        Ok(())
    }

    /// Compares what the records of a period come to, and of a sealed one the seal's digest.
    pub fn compare_counted(
        &self,
        name: &PeriodName,
        row: &StoredPeriod,
        counted: &Receipt,
        digest: Option<[u8; 32]>,
    ) -> Result<(), Mismatch> {
        let seal = self.seal(name);
        let number = seal.map(|seal| seal.entry_number);
        if *counted != row.received {
            let detail = format!(
                "the records of {name} come to {}, and its row says {}",
                shown(counted),
                shown(&row.received)
            );
            return Err(Mismatch::new(number, detail));
        }
        if seal.map(|seal| seal.seal.digest) != digest {
            let detail = format!("the records of {name} are not those that were sealed");
            return Err(Mismatch::new(number, detail));
        }
        Ok(())
    }

    /// Compares what the records of a withdrawal come to.
    pub fn compare_withdrawn(
        &self,
        name: &PeriodName,
        row: &StoredWithdrawal,
        counted: &Receipt,
    ) -> Result<(), Mismatch> {
        if *counted == row.withdrawn {
            return Ok(());
        }
        let detail = format!(
            "the records of withdrawal {} of {name} come to {}, and {} were withdrawn",
            row.number,
            shown(counted),
            shown(&row.withdrawn)
        );
        Err(Mismatch::new(
            self.withdrawal_number(name, row.number),
            detail,
        ))
    }

    /// The entry that tells of a withdrawal.
    #[must_use]
    pub fn withdrawal_number(&self, name: &PeriodName, number: i32) -> Option<i64> {
        let told = self.periods.get(name).map(|told| &told.withdrawals[..]);
        let mut told = told.unwrap_or_default().iter();
        let found = told.find(|told| told.number == number);
        found.map(|told| told.entry_number)
    }
}

impl ToldPeriod {
    fn differs(&self, detail: String) -> Mismatch {
        Mismatch::new(self.last_number, detail)
    }

    fn compare(&self, name: &PeriodName, row: &StoredPeriod) -> Result<(), Mismatch> {
        let stated = self.statement.as_ref();
        let columns = StatementColumns::from(stated.map(|(_, statement)| statement));
        if row.statement != columns {
            let number = stated.map(|(number, _)| *number).or(self.last_number);
            let detail = format!("the statement of {name} is not what was stated");
            return Err(Mismatch::new(number, detail));
        }
        let is_as_told = match &self.seal {
            Some(seal) => seal.is(row),
            None => (&row.sealed_at, &row.sealed_by, &row.seal_digest) == (&None, &None, &None),
        };
        if !is_as_told {
            let seal = self.seal.as_ref().map(|it| it.entry_number);
            let number = seal.or(self.last_number);
            let detail = format!("the seal of {name} is not what was sealed");
            return Err(Mismatch::new(number, detail));
        }
        self.compare_withdrawals(name, row)
    }

    fn compare_withdrawals(&self, name: &PeriodName, row: &StoredPeriod) -> Result<(), Mismatch> {
        for (at, told) in self.withdrawals.iter().enumerate() {
            let stored = row.withdrawals.get(at);
            if !stored.is_some_and(|stored| told.is(stored)) {
                let number = told.number;
                let detail = format!("withdrawal {number} of {name} is not what was withdrawn");
                return Err(Mismatch::new(told.entry_number, detail));
            }
        }
        let count = self.withdrawals.len();
        if row.withdrawals.len() != count || usize::try_from(row.withdrawal_count) != Ok(count) {
            let detail = format!("{name} was withdrawn {count} times");
            return Err(self.differs(detail));
        }
        Ok(())
    }
}

impl ToldSeal {
    fn is(&self, row: &StoredPeriod) -> bool {
        row.sealed_at == Some(self.seal.sealed_at)
            && row.sealed_by.as_deref() == Some(self.seal.sealed_by.as_str())
            && row.seal_digest.as_deref() == Some(&self.seal.digest[..])
            && row.received.record_count == self.record_count
            && row.received.total_fen_saturated() == self.total_fen
    }
}

impl ToldWithdrawal {
    fn is(&self, row: &StoredWithdrawal) -> bool {
        row.number == self.number
            && row.withdrawn_at == self.withdrawn_at
            && row.withdrawn_by == self.withdrawn_by.as_str()
            && ShownReceipt::from(&row.withdrawn) == self.withdrawn
            && row.refused_count == self.refused_count
            && row.statement == self.statement.as_ref().into()
    }
}

fn shown(receipt: &Receipt) -> String {
    format!(
        "{} of {} fen with digest {}",
        receipt.record_count,
        receipt.total_fen,
        hex::encode(receipt.digest)
    )
}
