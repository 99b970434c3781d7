//! What a client keeps for itself, by the words of the contract
//! (`gazelle/usage/v1/resources.proto`).

use std::fmt::Write as _;

use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::UsageRecord;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The canonical form of a record.
fn canonical(platform: &str, period: &str, record: &UsageRecord) -> Vec<u8> {
    let amount = record.amount_fen.to_string();
    let parts = [
        platform,
        period,
        &record.record_id,
        &record.merchant_id,
        &record.fee_kind,
        &record.occurred_on,
        &amount,
        &record.reverses_record_id,
    ];
    parts.join("\u{1f}").into_bytes()
}

/// The receipt of these records: count, sum, and the sum of their hashes modulo 2^256.
#[must_use]
pub fn receipt<'a>(
    platform: &str,
    period: &str,
    records: impl IntoIterator<Item = &'a UsageRecord>,
) -> Receipt {
    let (mut count, mut total) = (0, 0_i128);
    let mut sum = [0_u8; 32];
    for record in records {
        count += 1;
        total += i128::from(record.amount_fen);
        let hash = Sha256::digest(canonical(platform, period, record));
        let mut carry = 0;
        for at in (0..32).rev() {
            let digit = u32::from(sum[at]) + u32::from(hash[at]) + carry;
            sum[at] = u8::try_from(digit % 256).unwrap();
            carry = digit / 256;
        }
    }
    let saturated = total.clamp(i64::MIN.into(), i64::MAX.into());
    Receipt {
        record_count: count,
        total_fen: i64::try_from(saturated).unwrap(),
        digest: hex(&sum).into(),
    }
}

/// The digest of a seal over these records.
#[must_use]
pub fn seal_digest(platform: &str, period: &str, records: &[UsageRecord]) -> String {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| Sha256::digest(&record.record_id)[..16].to_vec());
    let mut hash = Sha256::new();
    for record in records {
        hash.update(Sha256::digest(canonical(platform, period, record)));
    }
    hex(&hash.finalize())
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Two digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A receipt as the command line prints it.
#[must_use]
pub fn json_receipt(platform: &str, period: &str, records: &[UsageRecord]) -> Value {
    let own = receipt(platform, period, records);
    json!({
        "record_count": own.record_count, "total_fen": own.total_fen, "digest": *own.digest,
    })
}
