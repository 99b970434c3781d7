//! The list of refused records.

use std::collections::{BTreeMap, btree_map::Entry};

use gazelle_kernel::Period;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{PlatformNumber, RecordRefusal, SentRecord};

/// Longest text that is kept, in bytes: twice what any valid one has.
const TEXT_BYTES_MAX: usize = 256;

/// A platform's month.
pub type PlatformPeriod = (PlatformNumber, Period);

/// Refused records, each once for its reason, in the one order that all writers keep.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<(PlatformPeriod, &'static str, u128), Refused>);

/// A record that was refused, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// In which period of which platform.
    pub of: PlatformPeriod,
    /// What it was, its texts cut to what is kept.
    pub record: SentRecord,
    /// 128 bits of SHA-256 over its whole content.
    pub content_key: u128,
    /// Why.
    pub refusal: RecordRefusal,
    /// When it came.
    pub received_at: OffsetDateTime,
    /// How often.
    pub times: i64,
}

impl Refusals {
    /// One more record that was refused.
    pub fn add(
        &mut self,
        of: PlatformPeriod,
        record: &SentRecord,
        refusal: RecordRefusal,
        received_at: OffsetDateTime,
    ) {
        let content_key = content_key(record);
        match self.0.entry((of, refusal.reason(), content_key)) {
            Entry::Occupied(mut same) => same.get_mut().times += 1,
            Entry::Vacant(new) => {
                new.insert(Refused {
                    of,
                    record: cut(record),
                    content_key,
                    refusal,
                    received_at,
                    times: 1,
                });
            }
        }
    }

    /// In their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Refused> {
        self.0.values()
    }
}

/// Every field after its length, so that no two contents give the same bytes.
fn content_key(record: &SentRecord) -> u128 {
    let mut hash = Sha256::new();
    for text in [
        &record.record_id,
        &record.merchant_id,
        &record.fee_kind,
        &record.occurred_on,
        &record.reverses_record_id,
    ] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.update(record.amount_fen.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let (first, _) = digest
        .split_first_chunk()
        .expect("32 bytes are more than 16");
    u128::from_be_bytes(*first)
}

fn cut(record: &SentRecord) -> SentRecord {
    SentRecord {
        record_id: cut_text(&record.record_id),
        merchant_id: cut_text(&record.merchant_id),
        fee_kind: cut_text(&record.fee_kind),
        occurred_on: cut_text(&record.occurred_on),
        amount_fen: record.amount_fen,
        reverses_record_id: cut_text(&record.reverses_record_id),
    }
}

/// Cuts on a character. PostgreSQL keeps every character but NUL, which is shown as one that
/// could not be.
fn cut_text(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT_BYTES_MAX)].replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::{
        super::record::tests::{period, sent},
        *,
    };

    const AT: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn refusals(records: &[(SentRecord, RecordRefusal)]) -> Refusals {
        let mut refusals = Refusals::default();
        for (record, refusal) in records {
            refusals.add((PlatformNumber(1), period("2017-03")), record, *refusal, AT);
        }
        refusals
    }

    #[test]
    fn the_same_record_refused_for_the_same_reason_is_counted() {
        let sent = || sent().to_record();
        let other = SentRecord {
            amount_fen: 1,
            ..sent()
        };
        let refusals = refusals(&[
            (sent(), RecordRefusal::Conflict),
            (sent(), RecordRefusal::Conflict),
            (sent(), RecordRefusal::PeriodSealed),
            (other, RecordRefusal::Conflict),
        ]);
        let mut times: Vec<_> = refusals.iter().map(|refused| refused.times).collect();
        times.sort_unstable();
        assert_eq!(times, [1, 1, 2]);
    }

    #[test]
    fn texts_are_cut_on_a_character_and_told_apart_whole() {
        let long = |end: &str| SentRecord {
            record_id: "杭".repeat(100) + end,
            merchant_id: "a\0b".into(),
            ..sent().to_record()
        };
        let refusals = refusals(&[
            (long("1"), RecordRefusal::RecordIdInvalid),
            (long("2"), RecordRefusal::RecordIdInvalid),
        ]);
        assert_eq!(refusals.iter().len(), 2);
        for refused in refusals.iter() {
            assert_eq!(refused.record.record_id, "杭".repeat(85));
            assert_eq!(refused.record.merchant_id, "a\u{fffd}b");
        }
    }
}
