use super::*;

fn record(id: &str, amount_fen: i64) -> UsageRecord {
    UsageRecord {
        record_id: id.into(),
        merchant_id: "shop-7".into(),
        fee_kind: "COMMISSION".into(),
        occurred_on: "2017-03-05".into(),
        amount_fen,
        reverses_record_id: String::new(),
    }
}

/// One record for each letter.
fn sum(ids: &str) -> Sum {
    ids.chars().fold(Sum::default(), |sum, id| {
        let record = record(&id.to_string(), 1);
        sum.plus(&Sum::of("alpha-mall", "2017-03", &record))
    })
}

fn tally(before: &str, accepted: &str, duplicates: &str, after: &str) -> Tally {
    Tally {
        before: sum(before),
        accepted: sum(accepted),
        duplicates: sum(duplicates),
        after: sum(after),
        ..Tally::default()
    }
}

/// The check's name, with the letters of the records that the file repeats.
fn checked(tally: &Tally, repeats: &str) -> &'static str {
    tally.check(Some(&sum(repeats))).name()
}

#[test]
fn the_worked_example_of_the_contract_holds() {
    let sum = Sum::of("alpha-mall", "2017-03", &record("r-1", 1990));
    let digest = "f31f3920f567a840e1e170d1f5d4667e4c2c7cd77150db7a23a81b0bd934ce77";
    assert_eq!(
        sum.json(),
        json!({"record_count": 1, "total_fen": 1990, "digest": digest})
    );
    let said = Receipt {
        record_count: 1,
        total_fen: 1990,
        digest: digest.into(),
    };
    assert_eq!(Sum::read(&said), Ok(sum));
}

#[test]
fn sums_wrap_at_256_bits_and_what_was_added_can_be_taken_out() {
    let most = Sum {
        digest: [u128::MAX; 2],
        ..Sum::default()
    };
    assert_eq!(most.plus(&most).digest, [u128::MAX, u128::MAX - 1]);
    assert_eq!(most.plus(&most).minus(&most), most);
    assert_eq!(sum("abc"), sum("cab"));
    assert_eq!(sum("abc").minus(&sum("b")), sum("ac"));
}

#[test]
fn a_digest_that_is_none_is_refused() {
    for digest in ["", "00", "zz", &"0".repeat(66)] {
        let said = Receipt {
            digest: digest.into(),
            ..Receipt::default()
        };
        assert_eq!(Sum::read(&said).unwrap_err().reason(), "RECEIPT_UNREADABLE");
    }
}

#[test]
fn a_period_that_is_the_file_to_the_record_is_the_strongest_agreement() {
    assert_eq!(checked(&tally("", "abc", "", "abc"), ""), "WHOLE_PERIOD");
    assert_eq!(checked(&tally("ab", "c", "ab", "abc"), ""), "WHOLE_PERIOD");
    assert_eq!(checked(&tally("abc", "", "abc", "abc"), ""), "WHOLE_PERIOD");
    // The file has a record twice.
    assert_eq!(checked(&tally("", "ab", "b", "ab"), "b"), "WHOLE_PERIOD");
    // What came before was not known to be there: it was still on its way.
    assert_eq!(checked(&tally("a", "c", "ab", "abc"), ""), "WHOLE_PERIOD");
}

#[test]
fn a_period_with_other_records_too_must_grow_by_what_was_accepted() {
    assert_eq!(checked(&tally("xy", "abc", "", "xyabc"), ""), "INCREASE");
    assert_eq!(checked(&tally("xa", "bc", "a", "xabc"), ""), "INCREASE");
    let cut = Tally {
        again: sum("b"),
        ..tally("x", "a", "b", "xab")
    };
    assert_eq!(checked(&cut, ""), "INCREASE");
    // Others reported meanwhile.
    assert_eq!(checked(&tally("x", "a", "", "xya"), ""), "UNDECIDED");
    assert_eq!(checked(&tally("x", "a", "b", "xyab"), ""), "UNDECIDED");
}

#[test]
fn what_was_acknowledged_and_is_not_shown_is_a_mismatch() {
    for (before, accepted, duplicates, after) in [
        // One that was accepted is missing, or is another.
        ("", "abc", "", "ab"),
        ("x", "abc", "", "xab"),
        ("", "abc", "", "abd"),
        ("x", "abc", "", "xabd"),
        // One that was there before is missing.
        ("xy", "abc", "", "xabc"),
        // One that was said to be there is missing, or is another.
        ("a", "bc", "ad", "abc"),
        ("ax", "bc", "ad", "axbc"),
        ("a", "bc", "d", "abc"),
    ] {
        let tally = tally(before, accepted, duplicates, after);
        let told = checked(&tally, "");
        assert_eq!(told, "MISMATCH", "{before} {accepted} {duplicates} {after}");
    }
}

#[test]
fn a_file_that_repeats_a_record_is_no_mismatch() {
    for (before, accepted, duplicates, after, repeats) in [
        ("", "ab", "a", "ab", "a"),
        ("x", "a", "a", "xa", "a"),
        ("x", "a", "aa", "xa", "aa"),
        ("x", "a", "aaa", "xya", "aaa"),
    ] {
        let tally = tally(before, accepted, duplicates, after);
        assert!(tally.depends_on_repeats());
        assert_ne!(checked(&tally, repeats), "MISMATCH", "{before} {after}");
        // Nor is it where nobody knows.
        assert_ne!(tally.check(None).name(), "MISMATCH", "{before} {after}");
    }
    // `b` was refused at first, since what it reverses came later: held is what was taken.
    let refused = Tally {
        refused: true,
        ..tally("x", "ab", "a", "xab")
    };
    assert_eq!(checked(&refused, "ab"), "INCREASE");
}

#[test]
fn a_sum_beyond_64_bits_is_left_to_the_digest() {
    let sum = |id, fen| Sum::of("alpha-mall", "2017-03", &record(id, fen));
    let held = sum("a", i64::MAX).plus(&sum("b", i64::MAX));
    let said = Sum {
        total_fen: None,
        ..held
    };
    let back = sum("c", -i64::MAX);
    let tally = Tally {
        before: said,
        accepted: back,
        after: Sum {
            total_fen: None,
            ..held.plus(&back)
        },
        ..Tally::default()
    };
    assert_eq!(checked(&tally, ""), "INCREASE");
}
