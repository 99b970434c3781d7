//! Records and places for the tests of this crate.

use gazelle_kernel::{Actor, Fen, Instant, Period, PlatformId};

use super::{
    canonical::CanonicalForm,
    key::{Place, PlatformNumber, PlatformPeriod, RecordKey},
    receipt::Receipt,
    record::{Record, RecordRef},
    sent::Sent,
    statement::Statement,
};

pub fn place(text: &str, record: &Record) -> Place {
    platform_period(text).place(RecordKey::of(record.id.as_str()))
}

pub fn platform_period(text: &str) -> PlatformPeriod {
    PlatformPeriod {
        platform: PlatformNumber(1),
        period: period(text),
    }
}

pub fn form(text: &str) -> CanonicalForm {
    let platform = PlatformId::parse("alpha-mall").unwrap();
    CanonicalForm::new(&platform, period(text))
}

pub fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub fn sent() -> Sent<'static> {
    Sent {
        record_id: "r-1",
        merchant_id: "shop-7",
        fee_kind: "COMMISSION",
        occurred_on: "2017-03-05",
        amount_fen: 1990,
        reverses_record_id: "",
    }
}

fn parse(sent: Sent<'_>) -> Record {
    RecordRef::parse(sent, period("2017-03").last_day())
        .unwrap()
        .to_record()
}

pub fn fee(id: &str, fen: i64) -> Record {
    parse(Sent {
        record_id: id,
        amount_fen: fen,
        ..sent()
    })
}

pub fn reversal(id: &str, reversed: &str, fen: i64) -> Record {
    parse(Sent {
        record_id: id,
        amount_fen: fen,
        reverses_record_id: reversed,
        ..sent()
    })
}

pub fn receipt(record_count: i64, total_fen: i128) -> Receipt {
    Receipt {
        record_count,
        total_fen,
        digest: [0; 32],
    }
}

pub fn statement(record_count: i64, total_fen: i64) -> Statement {
    Statement {
        record_count,
        total: Fen::new(total_fen),
        stated_at: Instant::UNIX_EPOCH,
        stated_by: Actor::new("platform:alpha-mall"),
    }
}
