//! Records as COPY takes them in its binary form.

use bytes::BufMut;
use gazelle_kernel::{Date, Period};
use time::macros::date;

use crate::domain::{
    key::{PlatformNumber, RecordKey},
    record::RecordRef,
    ruling::Accepted,
};

/// The statement that takes rows of fees.
pub const COPY_FEES: &str = "copy record (platform, period, fee_kind, amount_fen, key, occurred_on, fee_date, \
     record_id, merchant_id) from stdin (format binary)";

/// The statement that takes rows of reversals too.
pub const COPY_ALL: &str = "copy record (platform, period, fee_kind, amount_fen, key, occurred_on, fee_date, \
     record_id, merchant_id, reverses_record_id, reverses_period) from stdin (format binary)";

/// What comes before the first row: a signature, no flags, no further header.
pub const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What comes after the last.
pub const END: [u8; 2] = (-1_i16).to_be_bytes();

/// No row is longer: less than 80 bytes beside three ids.
pub const BYTES_MAX: usize = 512;

const FIELDS: i16 = 9;
const FIELDS_OF_ALL: i16 = FIELDS + 2;
const PLATFORM: usize = 2 + 4;
const FEE_KIND: usize = PLATFORM + 2 + 4 + 2 + 4;
const FEE_DATE: usize = FEE_KIND + 4 + (4 + 8) + (4 + 16) + (4 + 4) + 4;
const RECORD_ID: usize = FEE_DATE + 4;

/// The length of a field that is null.
const NULL: i32 = -1;

/// Appends a record's row as [`COPY_FEES`] takes it, its numbers of platform and fee kind left
/// open. A reversal's has what it reverses as one field more, and is copied only once it is
/// [complete](complete).
pub fn push(rows: &mut Vec<u8>, period: Period, key: RecordKey, record: RecordRef<'_>) {
    let day = days(record.occurred_on).to_be_bytes();
    rows.put_i16(FIELDS);
    put(rows, &[0; 2]);
    put(rows, &period.index().to_be_bytes());
    put(rows, &[0; 4]);
    put(rows, &record.amount.get().to_be_bytes());
    put(rows, &key.0.to_be_bytes());
    put(rows, &day);
    put(rows, &day);
    put(rows, record.id.as_bytes());
    put(rows, record.merchant_id.as_bytes());
    if let Some(id) = record.reverses {
        put(rows, id.as_bytes());
    }
}

/// Fills a row's numbers in.
pub fn set_numbers(row: &mut [u8], platform: PlatformNumber, fee_kind: i32) {
    row[PLATFORM..PLATFORM + 2].copy_from_slice(&platform.0.to_be_bytes());
    row[FEE_KIND..FEE_KIND + 4].copy_from_slice(&fee_kind.to_be_bytes());
}

/// Makes the row that starts there, the last one, as [`COPY_ALL`] takes it. A reversal's says with
/// what it was accepted.
pub fn complete(rows: &mut Vec<u8>, start: usize, accepted: Option<&Accepted>) {
    rows[start..start + 2].copy_from_slice(&FIELDS_OF_ALL.to_be_bytes());
    let Some(accepted) = accepted else {
        rows.put_i32(NULL);
        rows.put_i32(NULL);
        return;
    };
    let at = start + FEE_DATE;
    rows[at..at + 4].copy_from_slice(&days(accepted.fee_date).to_be_bytes());
    match accepted.reverses {
        Some(place) => put(rows, &place.period.index().to_be_bytes()),
        None => rows.put_i32(NULL),
    }
}

/// The texts of a row: its record's id, its merchant's, and what it reverses.
pub fn texts(row: &[u8]) -> (&str, &str, Option<&str>) {
    let mut rest = &row[RECORD_ID..];
    let mut next = || {
        let (len, after) = rest.split_first_chunk()?;
        let len = usize::try_from(i32::from_be_bytes(*len)).ok()?;
        let (text, after) = after.split_at_checked(len)?;
        rest = after;
        Some(std::str::from_utf8(text).expect("rows are made of texts"))
    };
    let (id, merchant_id) = (next(), next());
    let both = "each row has its record's id and its merchant's";
    (id.expect(both), merchant_id.expect(both), next())
}

/// A field, after its length.
fn put(rows: &mut Vec<u8>, field: &[u8]) {
    rows.put_i32(i32::try_from(field.len()).expect("no field has more than 128 bytes"));
    rows.extend_from_slice(field);
}

/// PostgreSQL counts days from 2000.
fn days(date: Date) -> i32 {
    date.to_julian_day() - date!(2000 - 01 - 01).to_julian_day()
}

#[cfg(test)]
mod tests {
    use bytes::{Buf, Bytes};
    use gazelle_kernel::Fen;

    use super::*;
    use crate::domain::key::Place;

    const REVERSAL: RecordRef<'_> = RecordRef {
        id: "r-1",
        merchant_id: "店",
        fee_kind: "COMMISSION",
        occurred_on: date!(2017 - 03 - 05),
        amount: Fen::new(-7),
        reverses: Some("r-0"),
    };

    #[test]
    fn a_row_gives_its_texts_back_and_takes_its_numbers() {
        let record = REVERSAL;
        let period = Period::parse("2017-03").unwrap();
        for (record, reverses) in [
            (record, Some("r-0")),
            (
                RecordRef {
                    reverses: None,
                    ..record
                },
                None,
            ),
        ] {
            let mut row = Vec::new();
            push(&mut row, period, RecordKey(1), record);
            assert!(row.len() <= BYTES_MAX);
            let before = row.clone();
            set_numbers(&mut row, PlatformNumber(0x0102), 0x0304_0506);
            assert_eq!(texts(&row), ("r-1", "店", reverses));
            let changed: Vec<u8> = (before.iter().zip(&row))
                .filter_map(|(before, after)| (before != after).then_some(*after))
                .collect();
            assert_eq!(changed, [1, 2, 3, 4, 5, 6]);
        }
    }

    #[test]
    fn a_complete_row_says_with_what_a_reversal_was_accepted() {
        let period = Period::parse("2017-03").unwrap();
        let record = REVERSAL;
        let accepted = Accepted {
            fee_date: date!(2000 - 01 - 03),
            reverses: Some(Place {
                platform: PlatformNumber(1),
                period: Period::parse("2000-01").unwrap(),
                key: RecordKey(2),
            }),
        };
        let fields_of = |record, accepted| {
            let mut rows = vec![7; 3];
            push(&mut rows, period, RecordKey(1), record);
            complete(&mut rows, 3, accepted);
            assert!(rows.len() <= 3 + BYTES_MAX);
            let mut rest = Bytes::from(rows.split_off(3));
            let mut fields = Vec::new();
            assert_eq!(rest.get_i16(), FIELDS_OF_ALL);
            while !rest.is_empty() {
                let len = usize::try_from(rest.get_i32()).ok();
                fields.push(len.map(|len| rest.split_to(len)));
            }
            fields
        };
        let fields = fields_of(record, Some(&accepted));
        assert_eq!(fields.len(), 11);
        assert_eq!(fields[6].as_deref(), Some(&2_i32.to_be_bytes()[..]));
        assert_eq!(fields[9].as_deref(), Some(&b"r-0"[..]));
        assert_eq!(fields[10].as_deref(), Some(&24_000_i16.to_be_bytes()[..]));
        let fee = RecordRef {
            reverses: None,
            ..record
        };
        let fields = fields_of(fee, None);
        assert_eq!((fields.len(), &fields[9..]), (11, &[None, None][..]));
    }
}
