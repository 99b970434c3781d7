use super::*;

/// The generated shape of the same message.
#[derive(Clone, PartialEq, Message)]
struct Generated {
    #[prost(int64, tag = "1")]
    sequence: i64,
    #[prost(string, tag = "2")]
    platform_id: String,
    #[prost(string, tag = "3")]
    period: String,
    #[prost(message, repeated, tag = "4")]
    records: Vec<UsageRecord>,
    #[prost(bool, tag = "5")]
    check_only: bool,
    #[prost(string, tag = "6")]
    of_a_later_version: String,
}

fn generated() -> Generated {
    let record = |id: &str, amount_fen, reverses: &str| UsageRecord {
        record_id: id.into(),
        merchant_id: "shop-7".into(),
        fee_kind: "COMMISSION".into(),
        occurred_on: "2017-03-05".into(),
        amount_fen,
        reverses_record_id: reverses.into(),
    };
    Generated {
        sequence: 3,
        platform_id: "alpha-mall".into(),
        period: "2017-03".into(),
        records: vec![
            record("r-1", 1990, ""),
            UsageRecord::default(),
            record(&"长".repeat(100), i64::MIN, "r-1"),
            record("r-2", -1, "r-1"),
            record("r-3", i64::MAX, ""),
        ],
        check_only: true,
        of_a_later_version: String::new(),
    }
}

fn views(batch: &ReportUsageRequest) -> Vec<UsageRecord> {
    let own = |view: RecordView<'_>| UsageRecord {
        record_id: view.record_id.into(),
        merchant_id: view.merchant_id.into(),
        fee_kind: view.fee_kind.into(),
        occurred_on: view.occurred_on.into(),
        amount_fen: view.amount_fen,
        reverses_record_id: view.reverses_record_id.into(),
    };
    batch
        .records
        .iter()
        .map(|view| own(view.unwrap()))
        .collect()
}

#[test]
fn it_is_read_and_written_as_a_generated_message_is() {
    let generated = generated();
    let bytes = generated.encode_to_vec();
    let batch = ReportUsageRequest::decode(&*bytes).unwrap();
    assert_eq!(batch.sequence, 3);
    assert_eq!(batch.platform_id, "alpha-mall");
    assert_eq!(batch.period, "2017-03");
    assert_eq!(batch.records.len(), 5);
    assert!(batch.check_only);
    assert_eq!(views(&batch), generated.records);
    assert_eq!(batch.encode_to_vec(), bytes);
    assert_eq!(batch.encoded_len(), bytes.len());
    let built = ReportUsageRequest {
        records: generated.records.iter().collect(),
        ..batch.clone()
    };
    assert_eq!(built, batch);
}

#[test]
fn records_may_stand_apart_and_have_long_headers_and_are_read_in_their_order() {
    let one = generated();
    let mut other = generated();
    other.records.reverse();
    let bytes = [one.encode_to_vec(), other.encode_to_vec()].concat();
    // The key of the field once more, in two bytes.
    let bytes = [&bytes[..], &[0xa2, 0x00, 3, 0x0a, 1, b'r']].concat();
    let batch = ReportUsageRequest::decode(&*bytes).unwrap();
    let last = UsageRecord {
        record_id: "r".into(),
        ..UsageRecord::default()
    };
    let expected = [one.records, other.records, vec![last]].concat();
    assert_eq!(batch.records.len(), expected.len());
    assert_eq!(views(&batch), expected);
    assert_eq!(
        ReportUsageRequest::decode(&*batch.encode_to_vec()).unwrap(),
        batch
    );
    let mut merged = ReportUsageRequest::default();
    merged.merge(&*bytes).unwrap();
    assert_eq!(views(&merged), expected);
}

#[test]
fn fields_of_later_versions_are_passed_over() {
    let mut later = generated();
    later.of_a_later_version = "new".into();
    let batch = ReportUsageRequest::decode(&*later.encode_to_vec()).unwrap();
    assert_eq!(views(&batch), later.records);
    let record = [0x0a, 1, b'r', 0x3a, 2, b'x', b'y', 0x28, 4];
    assert_eq!(
        RecordView::read(&record),
        Ok(RecordView {
            record_id: "r",
            amount_fen: 4,
            ..RecordView::default()
        })
    );
}

#[test]
fn what_is_cut_off_is_refused_and_never_read_past() {
    let bytes = generated().encode_to_vec();
    for end in 1..bytes.len() {
        // Where a field ends, what is left is a message.
        if let Ok(batch) = ReportUsageRequest::decode(&bytes[..end]) {
            assert!(batch.records.len() < 5 || !batch.check_only);
            assert!(batch.records.iter().all(|record| record.is_ok()));
        }
    }
    // A record that is whole by its length, and broken inside: text longer than it, not
    // UTF-8, or of another type.
    for broken in [&[0x0a, 9, b'r'][..], &[0x0a, 1, 0xff], &[0x08, 1], &[0x28]] {
        let mut bytes = vec![0x22, u8::try_from(broken.len()).unwrap()];
        bytes.extend_from_slice(broken);
        let batch = ReportUsageRequest::decode(&*bytes).unwrap();
        assert_eq!(
            batch.records.iter().next(),
            Some(Err(MalformedRecord)),
            "{broken:?}"
        );
    }
    let too_long = [0x22, 0xff, 0xff, 0xff, 0xff, 0x0f, b'r'];
    assert!(ReportUsageRequest::decode(&too_long[..]).is_err());
}
