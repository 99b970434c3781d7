use std::collections::BTreeMap;

use gazelle_kernel::{Actor, Instant};
use serde_json::json;

use super::*;
use crate::domain::{
    key::{PlatformNumber, PlatformPeriod},
    period::PeriodName,
    receipt::Receipt,
    samples::platform_period,
};

const AT: Instant = Instant::UNIX_EPOCH;

fn name() -> PeriodName {
    PeriodName::parse("alpha-mall 2017-03").unwrap()
}

fn entry(number: i64, action: &str, content: &serde_json::Value) -> TrailEntry {
    TrailEntry {
        number,
        at: AT,
        actor: Actor::new("person:olga"),
        action: action.into(),
        subject: "alpha-mall 2017-03".into(),
        content: content.to_string(),
    }
}

/// A statement that was withdrawn, and another with a seal; one record fell.
fn entries() -> Vec<TrailEntry> {
    let digest = |byte: &str| byte.repeat(32);
    let stated = |count: i64, fen: i64| json!({"record_count": count, "total_fen": fen});
    let withdrawn = json!({
        "number": 1, "record_count": 2, "total_fen": 5, "digest": digest("01"), "refused_count": 1,
    });
    let sealed = json!({"record_count": 1, "total_fen": 3, "digest": digest("02")});
    vec![
        entry(4, "statement.submit", &stated(2, 5)),
        entry(5, "period.withdraw", &withdrawn),
        entry(6, "statement.submit", &stated(9, 9)),
        entry(7, "statement.submit", &stated(1, 3)),
        entry(8, "period.refuse_records", &json!({"refused_count": 1})),
        entry(9, "period.seal", &sealed),
    ]
}

fn told(entries: Vec<TrailEntry>) -> Told {
    let mut told = Told::default();
    for entry in entries {
        told.entry(entry).unwrap();
    }
    told
}

fn receipt(record_count: i64, total_fen: i128, byte: u8) -> Receipt {
    Receipt {
        record_count,
        total_fen,
        digest: [byte; 32],
    }
}

fn statement(record_count: i64, total_fen: i64) -> StatementColumns {
    StatementColumns {
        record_count: Some(record_count),
        total_fen: Some(total_fen),
        stated_at: Some(AT),
        stated_by: Some("person:olga".into()),
    }
}

/// The row that these entries made.
fn row() -> StoredPeriod {
    StoredPeriod {
        period: platform_period("2017-03"),
        received: receipt(1, 3, 7),
        refused_count: 2,
        refused_by_seal_count: 1,
        withdrawal_count: 1,
        statement: statement(1, 3),
        sealed_at: Some(AT),
        sealed_by: Some("person:olga".into()),
        seal_digest: Some(vec![2; 32]),
        withdrawals: vec![StoredWithdrawal {
            number: 1,
            withdrawn_at: AT,
            withdrawn_by: "person:olga".into(),
            withdrawn: receipt(2, 5, 1),
            refused_count: 1,
            statement: statement(2, 5),
        }],
    }
}

fn found(row: StoredPeriod) -> Option<i64> {
    let rows = BTreeMap::from([(name(), row)]);
    let compared = told(entries()).compare_rows(&rows);
    compared.unwrap_err().entry_number
}

type Change = fn(&mut StoredPeriod);

#[test]
fn a_row_that_is_not_what_an_entry_tells_is_found_at_that_entry() {
    let rows = BTreeMap::from([(name(), row())]);
    assert_eq!(told(entries()).compare_rows(&rows), Ok(()));
    let changes: [(Change, i64); 15] = [
        (|row| row.statement.record_count = Some(2), 7),
        (|row| row.statement.stated_by = None, 7),
        (|row| row.statement = StatementColumns::default(), 7),
        (|row| row.received.total_fen = 4, 9),
        (|row| row.received.record_count = 2, 9),
        (|row| row.sealed_at = None, 9),
        (|row| row.sealed_by = Some("person:mallory".into()), 9),
        (|row| row.seal_digest = Some(vec![3; 32]), 9),
        (|row| row.withdrawals[0].withdrawn.digest[0] = 9, 5),
        (|row| row.withdrawals[0].withdrawn_by.push('x'), 5),
        (|row| row.withdrawals[0].refused_count = 0, 5),
        (|row| row.withdrawals[0].statement = statement(2, 6), 5),
        (|row| row.withdrawals[0].number = 2, 5),
        (|row| drop(row.withdrawals.pop()), 5),
        (|row| row.withdrawal_count = 2, 9),
    ];
    for (at, (change, number)) in changes.into_iter().enumerate() {
        let mut row = row();
        change(&mut row);
        assert_eq!(found(row), Some(number), "change {at}");
    }
    let gone = told(entries()).compare_rows(&BTreeMap::new());
    assert_eq!(gone.unwrap_err().entry_number, Some(9));
}

#[test]
fn what_no_entry_tells_must_not_be_stored() {
    let open = StoredPeriod {
        statement: StatementColumns::default(),
        sealed_at: None,
        sealed_by: None,
        seal_digest: None,
        withdrawal_count: 0,
        withdrawals: Vec::new(),
        ..row()
    };
    let compare = |row: StoredPeriod| {
        let rows = BTreeMap::from([(name(), row)]);
        Told::default().compare_rows(&rows)
    };
    assert_eq!(compare(open.clone()), Ok(()));
    let changes: [Change; 4] = [
        |row| row.statement.total_fen = Some(3),
        |row| row.seal_digest = Some(vec![2; 32]),
        |row| row.withdrawal_count = 1,
        |stored| stored.withdrawals.extend(row().withdrawals),
    ];
    for change in changes {
        let mut row = open.clone();
        change(&mut row);
        assert_eq!(compare(row).unwrap_err().entry_number, None);
    }
}

#[test]
fn records_are_those_of_the_row_and_of_the_seal() {
    let (told, row) = (told(entries()), row());
    let compare = |counted: Receipt, digest| told.compare_counted(&name(), &row, &counted, digest);
    assert_eq!(compare(receipt(1, 3, 7), Some([2; 32])), Ok(()));
    for (counted, digest) in [
        (receipt(1, 3, 8), Some([2; 32])),
        (receipt(1, 4, 7), Some([2; 32])),
        (receipt(1, 3, 7), Some([3; 32])),
        (receipt(1, 3, 7), None),
    ] {
        let found = compare(counted, digest).unwrap_err();
        assert_eq!(found.entry_number, Some(9));
    }
    let withdrawn = &row.withdrawals[0];
    let compare = |counted| told.compare_withdrawn(&name(), withdrawn, &counted);
    assert_eq!(compare(receipt(2, 5, 1)), Ok(()));
    let found = compare(receipt(2, 5, 2)).unwrap_err();
    assert_eq!(found.entry_number, Some(5));
}

#[test]
fn refused_records_are_as_many_as_rows_and_seals_say() {
    let period = row().period;
    let all = [
        ((period, 0), "RECORD_CONFLICT", 4),
        ((period, 0), "RECORD_IN_SEALED_PERIOD", 1),
        ((period, 1), "RECORD_CONFLICT", 1),
    ];
    let compare = |refused: &[((_, i32), &str, i64)]| {
        let mut tally = RefusedTally::default();
        for ((period, withdrawal), reason, times) in refused {
            tally.add(*period, *withdrawal, reason, *times);
        }
        let rows = BTreeMap::from([(name(), row())]);
        tally.compare(&told(entries()), &rows)
    };
    assert_eq!(compare(&all), Ok(()));
    compare(&all[..2]).unwrap_err();
    compare(&all[1..]).unwrap_err();
    compare(&[all[0], all[0], all[2]]).unwrap_err();
    compare(&[all[0], ((period, 0), all[1].1, 2), all[2]]).unwrap_err();
    let elsewhere = (
        PlatformPeriod {
            platform: PlatformNumber(2),
            ..period
        },
        0,
    );
    compare(&[all[0], all[1], all[2], (elsewhere, all[0].1, 1)]).unwrap_err();
    compare(&[all[0], all[1], all[2], ((period, 2), all[0].1, 1)]).unwrap_err();
}

#[test]
fn an_entry_that_the_service_does_not_write_is_found() {
    let sealed = entries().pop().unwrap();
    let entries = [
        TrailEntry {
            subject: "alpha-mall".into(),
            ..sealed.clone()
        },
        TrailEntry {
            subject: "alpha-mall 2017-13".into(),
            ..sealed.clone()
        },
        TrailEntry {
            content: "{}".into(),
            ..sealed.clone()
        },
        TrailEntry {
            content: sealed.content.replace("02", "2"),
            ..sealed
        },
    ];
    for entry in entries {
        let found = Told::default().entry(entry).unwrap_err();
        assert_eq!(found.entry_number, Some(9));
    }
}

#[test]
fn the_order_of_seals_tells_what_was_open() {
    let april = TrailEntry {
        number: 11,
        subject: "alpha-mall 2017-04".into(),
        ..entries().pop().unwrap()
    };
    let told = told([entries(), vec![april]].concat());
    let april = PeriodName::parse("alpha-mall 2017-04").unwrap();
    let may = PeriodName::parse("alpha-mall 2017-05").unwrap();
    assert!(told.was_open_at(&april, 9) && !told.was_open_at(&name(), 11));
    assert!(told.was_open_at(&may, 11));
    assert_eq!(told.sealed_counts().get(&name().platform_id), Some(&2));
}
