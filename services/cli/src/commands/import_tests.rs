use std::cell::RefCell;
use std::io::{Cursor, Write as _};

use super::*;
use crate::commands::repeated::Repeated;
use crate::input::rows::RowFile;

const KIND: ItemKind<i64> = ItemKind {
    what: "things",
    required: &["id", "amount"],
    optional: &[],
    id_columns: 1,
    key: &[0],
    is_statement: |_| true,
    parse: |fields| amount("amount", &fields[1]),
};

fn opened(kind: &ItemKind<i64>, text: &str) -> Opened {
    let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
    Opened {
        file: RowFile::read(input, kind.required, kind.optional).unwrap(),
        repeated: Repeated::default(),
    }
}

/// Imports a file of which nobody wants to know anything but the counts.
async fn counted(
    opened: &mut Opened,
    put: impl AsyncFn(Vec<i64>) -> Result<Answer, Status>,
) -> Result<Counts, Failure> {
    let told = Told {
        see: |_, _: &_| (),
        reject: |_| Ok(()),
        notes: &mut Notes::default(),
    };
    rows(&KIND, opened, put, &ProgressBar::hidden(), told).await
}

fn all_created(items: &[i64]) -> Answer {
    Answer {
        created: i32::try_from(items.len()).unwrap(),
        changed: 0,
        unchanged: 0,
        changed_at: Vec::new(),
        rejections: Vec::new(),
        warnings: Vec::new(),
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_or_are_refused_are_told_by_line() {
    let refuse_twos = async |items: Vec<i64>| {
        let refused = items.iter().enumerate().filter(|(_, item)| **item == 2);
        let refused =
            refused.map(|(at, _)| (i32::try_from(at).unwrap(), "TWO".into(), "no".into()));
        let rejections: Vec<_> = refused.collect();
        let created = i32::try_from(items.len() - rejections.len()).unwrap();
        Ok(Answer {
            created,
            changed: 0,
            unchanged: 0,
            changed_at: Vec::new(),
            rejections,
            warnings: Vec::new(),
        })
    };
    let text = "id,amount\na,1\nb,1.5\nc,2\nd\ne,9223372036854775808\nf,3\n";
    let (mut told, mut seen) = (Vec::new(), Vec::new());
    let who = Told {
        see: |line, _: &_| seen.push(line),
        reject: |bad: BadRow| {
            told.push(format!("{} {} {}", bad.line, bad.id, bad.reason));
            Ok(())
        },
        notes: &mut Notes::default(),
    };
    let mut file = opened(&KIND, text);
    let counts = rows(&KIND, &mut file, refuse_twos, &ProgressBar::hidden(), who).await;
    let counts = counts.unwrap();
    assert_eq!((counts.created, seen), (2, vec![2, 4, 7]));
    assert_eq!(
        told,
        [
            "3 b AMOUNT_INVALID",
            "4 c TWO",
            "5  FIELD_COUNT",
            "6 e AMOUNT_INVALID"
        ]
    );
}

#[tokio::test]
async fn no_batch_has_more_rows_than_the_contract_allows() {
    let sizes = RefCell::new(Vec::new());
    let put = async |items: Vec<i64>| {
        sizes.borrow_mut().push(items.len());
        Ok(all_created(&items))
    };
    let text = format!("id,amount\n{}", "a,1\n".repeat(2_500));
    let counts = counted(&mut opened(&KIND, &text), put).await.unwrap();
    assert_eq!(
        (counts.created, sizes.into_inner()),
        (2_500, vec![1_000, 1_000, 500])
    );
}

#[tokio::test]
async fn which_rows_were_changed_is_told_as_far_as_anybody_reads() {
    let change_all = async |items: Vec<i64>| {
        let count = i32::try_from(items.len()).unwrap();
        Ok(Answer {
            created: 0,
            changed: count,
            changed_at: (0..count).collect(),
            ..all_created(&[])
        })
    };
    let rows_of = async |count: usize| {
        let text = format!("id,amount\n{}", "a,1\n".repeat(count));
        let put = |items| change_all(items);
        counted(&mut opened(&KIND, &text), put).await.unwrap()
    };
    let (told, (_, rows)) = changed_rows(&rows_of(2).await);
    let told = told.unwrap();
    assert!(told.ends_with("line 2 a; line 3 a"), "{told}");
    let expected = json!([{"line": 2, "id": "a"}, {"line": 3, "id": "a"}]);
    assert_eq!(rows, Cell::Nested(expected));
    let told = changed_rows(&rows_of(2_500).await).0.unwrap();
    assert!(told.ends_with("; and 2480 more"), "{told}");
    assert_eq!(changed_rows(&Counts::default()).0, None);
}

#[tokio::test]
async fn a_number_that_a_spreadsheet_has_cut_is_no_id_of_anything() {
    const OF_IDS: ItemKind<i64> = ItemKind {
        what: "things",
        required: &["account_number", "bank_code", "name"],
        optional: &["uscc"],
        id_columns: 1,
        key: &[0],
        is_statement: |_| true,
        parse: |_| Ok(1),
    };
    let text = "account_number,bank_code,name,uscc\n\
                6.22202E+18,1,a,1\n1,1.02100E+11,a,1\n1,1,a,9.13301E+17\n1,1,7E+10,1\n";
    let (batch, _) = ItemBatch::read(&OF_IDS, &mut opened(&OF_IDS, text)).unwrap();
    let bad = batch.bad.iter();
    let bad: Vec<_> = bad.map(|it| (it.line, it.reason.as_str())).collect();
    let cut = "NUMBER_INEXACT";
    assert_eq!(bad, [(2, cut), (3, cut), (4, cut)]);
    assert_eq!(batch.named, [(5, "1".to_owned())]);
}

#[tokio::test]
async fn rows_that_contradict_each_other_are_not_sent_however_far_apart_they_are() {
    let text = format!(
        "id,amount\na,1\nb,1\nc,1\n{}a,2\nb,1\n",
        "x,1\n".repeat(2_500)
    );
    let mut on_disk = tempfile::NamedTempFile::new().unwrap();
    write!(on_disk, "{text}").unwrap();
    let put = async |items: Vec<i64>| Ok(all_created(&items));
    let told = async |mut opened: Opened| {
        let mut told = Vec::new();
        let who = Told {
            see: |_, _: &_| (),
            reject: |bad: BadRow| {
                told.push((bad.line, bad.reason, bad.message));
                Ok(())
            },
            notes: &mut Notes::default(),
        };
        let counts = rows(&KIND, &mut opened, put, &ProgressBar::hidden(), who).await;
        (counts.unwrap().created, told)
    };
    let (created, refused) = told(KIND.open(on_disk.path()).unwrap()).await;
    let lines: Vec<u64> = refused.iter().map(|(line, ..)| *line).collect();
    assert_eq!((created, lines), (2_503, vec![2, 2_505]));
    for (_, reason, message) in refused {
        assert_eq!(reason, "REPEATED_IN_BATCH");
        assert!(message.contains("lines 2 and 2505"), "{message}");
        assert!(message.contains("the same id and"), "{message}");
    }
    let (created, refused) = told(opened(&KIND, &text)).await;
    let lines: Vec<u64> = refused.iter().map(|(line, ..)| *line).collect();
    assert_eq!((created, lines), (2_504, vec![2_505]));
}

#[tokio::test]
async fn a_file_that_is_changed_between_its_readings_is_not_sent_on() {
    let mut on_disk = tempfile::NamedTempFile::new().unwrap();
    write!(on_disk, "id,amount\na,12\n").unwrap();
    let mut file = KIND.open(on_disk.path()).unwrap();
    on_disk.as_file().set_len(12).unwrap();
    let put = async |items: Vec<i64>| Ok(all_created(&items));
    let failed = counted(&mut file, put).await;
    assert_eq!(failed.unwrap_err().reason(), "FILE_CHANGED");
}

#[test]
fn a_moment_that_is_none_is_told_with_the_forms_that_are_read() {
    let refused = instant("applied_at", "2025-13-01").err().unwrap();
    assert_eq!(refused.reason, "INSTANT_INVALID");
    for form in ["2025-01-03)", "2025-01-03 09:30)", "+08:00)"] {
        assert!(refused.message.contains(form), "{}", refused.message);
    }
}

#[test]
fn the_rejection_of_the_one_item_of_a_batch_is_told_in_chinese() {
    for (reason, field, message, told) in [
        (
            "TEXT_INVALID",
            "name",
            "it is empty: expected 1 to 200 characters that show something, on one line, without \
             control characters",
            "name：不能为空，应为 1 至 200 个可见的字符，写在一行内，不含控制字符",
        ),
        (
            "EXCEPTION_NOT_NEEDED",
            "",
            "91330106MA20003340 passes its checks and needs no exception: leave the evidence empty",
            "91330106MA20003340 校验无误，无须例外依据：请留空",
        ),
        (
            "INTERVAL_EMPTY",
            "reports_to",
            "expected an end after the start",
            "reports_to：应为止期晚于起期",
        ),
    ] {
        let rejection = registry::Rejection {
            index: 0,
            reason: reason.to_owned(),
            field: field.to_owned(),
            message: message.to_owned(),
        };
        let result = registry::ImportResult {
            rejections: vec![rejection],
            ..Default::default()
        };
        let failure = words::in_chinese(|| one(Some(result))).unwrap_err();
        assert_eq!((failure.reason(), failure.message()), (reason, told));
    }
}
