//! The list of refused records.

use std::collections::{BTreeMap, btree_map::Entry};

use gazelle_kernel::Instant;

use super::{content::content_key, key::PlatformPeriod, refusal::RecordRefusal, sent::SentRecord};

/// Longest text that is kept, in bytes: twice what any valid one has.
const TEXT_BYTES_MAX: usize = 256;

/// Refused records, each once for its reason, in the one order that all writers keep.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<(PlatformPeriod, &'static str, u128), NewRefused>);

/// A record that was just refused, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefused {
    /// In which period of which platform.
    pub period: PlatformPeriod,
    /// What it was, its texts cut to what is kept.
    pub record: SentRecord,
    /// 128 bits of SHA-256 over its whole content.
    pub content_key: u128,
    pub refusal: RecordRefusal,
    pub received_at: Instant,
    pub times: i64,
}

impl Refusals {
    /// One more record that was refused.
    pub fn add(
        &mut self,
        period: PlatformPeriod,
        record: &SentRecord,
        refusal: RecordRefusal,
        received_at: Instant,
    ) {
        let content_key = content_key(record.as_sent());
        match self.0.entry((period, refusal.reason(), content_key)) {
            Entry::Occupied(mut same) => same.get_mut().times += 1,
            Entry::Vacant(new) => {
                new.insert(NewRefused {
                    period,
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
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &NewRefused> {
        self.0.values()
    }
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

/// Whether a record that is kept is certainly not the one that was refused: where no text of it can
/// have been cut, its key tells.
#[must_use]
pub fn contradicts(kept: &SentRecord, content_key: u128) -> bool {
    let texts = [
        &kept.record_id,
        &kept.merchant_id,
        &kept.fee_kind,
        &kept.occurred_on,
        &kept.reverses_record_id,
    ];
    // A character has up to four bytes.
    let whole = |text: &&String| text.len() + 3 < TEXT_BYTES_MAX && !text.contains('\u{fffd}');
    texts.iter().all(whole) && self::content_key(kept.as_sent()) != content_key
}

/// A refused record in the list.
#[derive(Debug, Clone)]
pub struct RefusedRecord {
    /// What it was.
    pub record: SentRecord,
    /// Which content; with the reason, which of the list.
    pub content_key: u128,
    /// Why, as in the contract.
    pub reason: String,
    pub message: String,
    /// When it first came.
    pub first_received_at: Instant,
    pub times: i64,
    /// It was corrected, or reported where it belongs.
    pub is_resolved: bool,
}

/// Where a page of the list begins: after this one.
#[derive(Debug, Clone)]
pub struct RefusedAfter {
    /// When it first came.
    pub first_received_at: Instant,
    pub content_key: u128,
    pub reason: String,
}

/// Which refused records of a period to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefusedSelection {
    /// Those that went with this withdrawal; 0: those of what stands.
    pub withdrawal: i32,
    /// Only those that fell when a period was sealed.
    pub by_seal_only: bool,
}

/// The reasons for which sealing alone refuses.
pub const REASONS_OF_SEALS: [&str; 2] = ["RECORD_IN_SEALED_PERIOD", "REVERSED_RECORD_REFUSED"];

#[cfg(test)]
mod tests {
    use gazelle_kernel::Period;

    use super::{
        super::samples::{platform_period, sent},
        *,
    };

    #[test]
    fn the_reasons_of_seals_are_those_of_the_refusals() {
        let january = Period::parse("2017-01").unwrap();
        let refusals = [
            RecordRefusal::RecordInSealedPeriod(january),
            RecordRefusal::ReversedRecordRefused,
        ];
        assert_eq!(refusals.map(RecordRefusal::reason), REASONS_OF_SEALS);
    }

    const AT: Instant = Instant::UNIX_EPOCH;

    fn refusals(records: &[(SentRecord, RecordRefusal)]) -> Refusals {
        let mut refusals = Refusals::default();
        for (record, refusal) in records {
            refusals.add(platform_period("2017-03"), record, *refusal, AT);
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
    fn a_kept_record_is_another_one_where_its_key_says_so_and_nothing_was_cut() {
        let kept = |record: &SentRecord| {
            let refusals = refusals(&[(record.clone(), RecordRefusal::Conflict)]);
            let kept = refusals.iter().next().unwrap();
            (kept.record.clone(), kept.content_key)
        };
        let (record, key) = kept(&sent().to_record());
        assert!(!contradicts(&record, key) && contradicts(&record, key + 1));
        let edited = SentRecord {
            amount_fen: 1,
            ..record
        };
        assert!(contradicts(&edited, key));
        for merchant_id in ["杭".repeat(86), "a\0b".to_owned()] {
            let (record, key) = kept(&SentRecord {
                merchant_id,
                ..edited.clone()
            });
            assert!(!contradicts(&record, key));
        }
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
