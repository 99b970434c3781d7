//! The text over which a record is hashed.

use gazelle_kernel::{Date, Period, PlatformId};

use super::{receipt::RecordHash, record::RecordRef};

/// Writes the canonical forms of one platform's period; `gazelle/usage/v1/resources.proto`,
/// `Receipt`.
#[derive(Debug, Clone)]
pub struct CanonicalForm {
    /// What all of them begin with, and the rest of the last one.
    form: Vec<u8>,
    prefix_len: usize,
}

impl CanonicalForm {
    /// Of records that `platform` reports in `period`.
    #[must_use]
    pub fn new(platform: &PlatformId, period: Period) -> Self {
        let form = format!("{platform}\x1f{period}\x1f").into_bytes();
        Self {
            prefix_len: form.len(),
            form,
        }
    }

    /// The form of a record.
    pub fn text(&mut self, record: RecordRef<'_>) -> &[u8] {
        let form = &mut self.form;
        form.truncate(self.prefix_len);
        for text in [record.id, record.merchant_id, record.fee_kind] {
            form.extend_from_slice(text.as_bytes());
            form.push(0x1f);
        }
        push_date(form, record.occurred_on);
        form.push(0x1f);
        form.extend_from_slice(itoa::Buffer::new().format(record.amount.get()).as_bytes());
        form.push(0x1f);
        form.extend_from_slice(record.reverses.unwrap_or_default().as_bytes());
        form
    }

    /// The hash of a record's form, for the receipt.
    pub fn hash(&mut self, record: RecordRef<'_>) -> RecordHash {
        RecordHash::of(self.text(record))
    }
}

/// `YYYY-MM-DD`; formatting would take longer than all the rest of a form.
fn push_date(form: &mut Vec<u8>, date: Date) {
    let digit = |number: u32| b'0' + u8::try_from(number % 10).expect("less than 10");
    let (year, month, day) = (
        date.year().unsigned_abs(),
        u8::from(date.month()),
        date.day(),
    );
    let (month, day) = (u32::from(month), u32::from(day));
    form.extend([1_000, 100, 10, 1].map(|unit| digit(year / unit)));
    form.extend([b'-', digit(month / 10), digit(month)]);
    form.extend([b'-', digit(day / 10), digit(day)]);
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::parse_date;

    use super::*;

    #[test]
    fn days_are_written_as_they_are_read() {
        for day in ["1900-01-01", "2009-10-31", "2016-02-29", "2999-12-09"] {
            let mut form = Vec::new();
            push_date(&mut form, parse_date(day).unwrap());
            assert_eq!(form, day.as_bytes());
        }
    }
}
