//! A file of records, in batches.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use gazelle_proto::usage::v1::UsageRecord;
use tokio::sync::mpsc;

use super::Sum;
use super::parts::{PART_RECORDS, Parts};
use crate::commands::import::{BATCH_BYTES, BATCH_ROWS, BadField, amount, field};
use crate::failure::Failure;
use crate::input::rows::{BadRow, RowFile};
use crate::input::stamp::{Stamp, changed};
use crate::words;

/// The columns of a file of records.
pub const COLUMNS: &[&str] = &[
    "record_id",
    "merchant_id",
    "fee_kind",
    "occurred_on",
    "amount_fen",
    "reverses_record_id",
];

/// Whose records, and of which month.
pub type Whose = (String, String);

/// Records that are sent together, and the rows between them that cannot be sent.
pub struct Batch {
    pub records: Vec<UsageRecord>,
    /// The line of each record.
    pub lines: Vec<u64>,
    /// What each record adds to a receipt.
    pub sums: Vec<Sum>,
    /// It was on its way when a stream was cut.
    pub sent_before: bool,
    pub bad: Vec<BadRow>,
    pub bytes_read: u64,
}

/// A file that is read into batches.
pub struct Source {
    /// Opened, with its header read.
    pub file: RowFile,
    /// Where it can be read a second time.
    pub again: Option<PathBuf>,
}

impl Source {
    /// Opens a file of records; what comes through a pipe can be read once.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = RowFile::open(path, COLUMNS, &[])?.with_id(1);
        let again = is_read_twice(path).then(|| path.to_owned());
        Ok(Self { file, again })
    }
}

fn is_read_twice(path: &Path) -> bool {
    path != Path::new("-") && path.is_file()
}

/// Which rows of a part are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    All,
    /// All but reversals.
    First,
    /// Reversals, and nothing else.
    Reversals,
}

/// Which rows of a file are sent.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    pass: Pass,
    parts: &'a Parts,
    part: u64,
}

impl Wanted<'_> {
    fn has(&self, record: &UsageRecord) -> bool {
        let is_reversal = !record.reverses_record_id.is_empty();
        let is_of_pass = match self.pass {
            Pass::All => true,
            Pass::First => !is_reversal,
            Pass::Reversals => is_reversal,
        };
        is_of_pass && self.parts.holds(self.part, record)
    }

    /// What cannot be read is told once.
    fn tells_bad(&self) -> bool {
        self.part == 0 && self.pass != Pass::Reversals
    }
}

/// Reads a part of the file into batches; stops when nobody wants them any more. Returns SHA-256 of
/// what it read, and what people should know of how it was read.
///
/// Reversals come last, in a second reading: in a file the newest may stand first, or the order be
/// that of an export, and a reversal is refused before what it takes back. A file that can be read
/// only once is sent as it is.
pub fn read(
    source: Source,
    whose: &Whose,
    (parts, part): (&Parts, u64),
    batches: &mpsc::Sender<Result<Batch, Failure>>,
) -> ([u8; 32], Vec<String>) {
    let Source { mut file, again } = source;
    let wanted = Wanted {
        pass: again.as_ref().map_or(Pass::All, |_| Pass::First),
        parts,
        part,
    };
    let stamp = file.stamp().cloned();
    let sent = send((&mut file, stamp.as_ref()), whose, wanted, batches);
    let mut notes = file.take_notes();
    let ignored = file.ignored_columns().join(", ");
    if !ignored.is_empty() {
        notes.push(words::IGNORED_COLUMNS.with(&[("columns", &ignored)]));
    }
    let sha256 = file.sha256();
    drop(file);
    if let (Some(reversals @ 1..), Some(path)) = (sent, again)
        && let Err(failure) = send_reversals(
            (&path, stamp.as_ref()),
            (sha256, reversals),
            whose,
            wanted,
            batches,
        )
    {
        // Nobody is there to be told where this fails.
        let _ = batches.blocking_send(Err(failure));
    }
    (sha256, notes)
}

fn send_reversals(
    (path, stamp): (&Path, Option<&Stamp>),
    (sha256, reversals): ([u8; 32], u64),
    whose: &Whose,
    wanted: Wanted<'_>,
    batches: &mpsc::Sender<Result<Batch, Failure>>,
) -> Result<(), Failure> {
    let mut file = RowFile::open(path, COLUMNS, &[])?.with_id(1);
    let wanted = Wanted {
        pass: Pass::Reversals,
        ..wanted
    };
    let sent = send((&mut file, stamp), whose, wanted, batches);
    let is_whole = sent.is_none_or(|sent| sent == reversals && file.sha256() == sha256);
    if is_whole {
        return Ok(());
    }
    Err(changed(path))
}

/// Sends the rows of a pass in batches, each as long as the file is what it was at the beginning of
/// the first pass. Returns how many reversals there are; none where nobody wants more, or the file
/// cannot be read on.
fn send(
    (file, stamp): (&mut RowFile, Option<&Stamp>),
    whose: &Whose,
    wanted: Wanted<'_>,
    batches: &mpsc::Sender<Result<Batch, Failure>>,
) -> Option<u64> {
    let mut reversals = 0;
    loop {
        let read = read_batch(file, whose, wanted, &mut reversals);
        let unchanged = stamp.map_or(Ok(()), Stamp::check);
        match unchanged.and(read) {
            Ok((batch, ended)) => {
                batches.blocking_send(Ok(batch)).ok()?;
                if ended {
                    return Some(reversals);
                }
            }
            Err(failure) => {
                let _ = batches.blocking_send(Err(failure));
                return None;
            }
        }
    }
}

fn read_batch(
    file: &mut RowFile,
    whose: &Whose,
    wanted: Wanted<'_>,
    reversals: &mut u64,
) -> Result<(Batch, bool), Failure> {
    let mut batch = Batch {
        records: Vec::new(),
        lines: Vec::new(),
        sums: Vec::new(),
        sent_before: false,
        bad: Vec::new(),
        bytes_read: 0,
    };
    let mut bytes = 0;
    let mut ended = false;
    while batch.records.len() + batch.bad.len() < BATCH_ROWS && bytes < BATCH_BYTES {
        let Some(row) = file.next_row()? else {
            ended = true;
            break;
        };
        let record = row.and_then(|row| match record(&row.fields) {
            Ok(record) => Ok((row.line, record)),
            Err(BadField { reason, message }) => Err(BadRow {
                line: row.line,
                id: field(&row.fields, 0),
                reason,
                message,
            }),
        });
        match record {
            Ok((line, record)) => {
                *reversals += u64::from(!record.reverses_record_id.is_empty());
                if wanted.has(&record) {
                    bytes += size(&record);
                    batch.sums.push(Sum::of(&whose.0, &whose.1, &record));
                    batch.records.push(record);
                    batch.lines.push(line);
                }
            }
            Err(bad) if wanted.tells_bad() => batch.bad.push(bad),
            Err(_) => {}
        }
    }
    batch.bytes_read = file.bytes_read();
    Ok((batch, ended))
}

/// What a record takes of a message, at most: what protobuf adds to its texts is less than 64.
fn size(record: &UsageRecord) -> usize {
    let texts = [
        &record.record_id,
        &record.merchant_id,
        &record.fee_kind,
        &record.occurred_on,
        &record.reverses_record_id,
    ];
    texts.into_iter().map(String::len).sum::<usize>() + 64
}

fn record(fields: &[String]) -> Result<UsageRecord, BadField> {
    Ok(UsageRecord {
        record_id: field(fields, 0),
        merchant_id: field(fields, 1),
        fee_kind: field(fields, 2),
        occurred_on: field(fields, 3),
        amount_fen: amount("amount_fen", &field(fields, 4))?,
        reverses_record_id: field(fields, 5),
    })
}

/// The message of a refusal with what was read in the field that it is about.
pub fn with_value(message: String, reason: &str, record: Option<&UsageRecord>) -> String {
    let value = match (reason, record) {
        ("DATE_INVALID", Some(record)) => &record.occurred_on,
        ("FEE_KIND_INVALID", Some(record)) => &record.fee_kind,
        ("MERCHANT_ID_INVALID", Some(record)) => &record.merchant_id,
        _ => return message,
    };
    let value: String = value.chars().take(VALUE_MAX).collect();
    format!("{message}: {value:?}")
}

/// Characters of a wrong field that are shown.
const VALUE_MAX: usize = 60;

/// Records that are looked at together for repetitions: about 32 MiB.
const SEEN_MAX: u64 = 1 << 20;

/// The second and later appearances of records in a file of about `records`. Reads it as often as
/// it takes for memory to stay bounded; none where it cannot be read twice. Refused as
/// `FILE_CHANGED` where it is not the file of that `sha256`.
pub fn repeats(
    (path, sha256): (&Path, [u8; 32]),
    whose: &Whose,
    records: u64,
) -> Result<Option<Sum>, Failure> {
    if !is_read_twice(path) {
        return Ok(None);
    }
    let parts = u128::from(records / SEEN_MAX + 1);
    let mut repeats = Sum::default();
    for part in 0..parts {
        let mut seen = HashSet::new();
        let read = each_record(path, |record| {
            let sum = Sum::of(&whose.0, &whose.1, &record);
            if sum.key() % parts == part && !seen.insert(sum.key()) {
                repeats = repeats.plus(&sum);
            }
        })?;
        if read != sha256 {
            return Err(changed(path));
        }
    }
    Ok(Some(repeats))
}

/// Bytes of the shortest row, packed as in a workbook.
const ROW_BYTES_MIN: u64 = 5;

/// The parts of a file, which is read for that where it may be more than one.
pub(super) fn parts(path: &Path) -> Result<Parts, Failure> {
    let mut parts = Parts::whole();
    let bytes = fs::metadata(path).map_or(0, |found| found.len());
    if bytes / ROW_BYTES_MIN > PART_RECORDS {
        each_record(path, |record| parts.see(&record))?;
    }
    Ok(parts.cut(PART_RECORDS))
}

/// Each record of a file that can be read. Returns SHA-256 of the file.
fn each_record(path: &Path, mut each: impl FnMut(UsageRecord)) -> Result<[u8; 32], Failure> {
    let mut file = RowFile::open(path, COLUMNS, &[])?.with_id(1);
    while let Some(row) = file.next_row()? {
        if let Some(record) = row.ok().and_then(|row| record(&row.fields).ok()) {
            each(record);
        }
    }
    Ok(file.sha256())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;

    /// The ids of each batch that is sent; or why no more were.
    fn sent(source: Source) -> Vec<Result<Vec<String>, String>> {
        let whose = ("alpha-mall".to_owned(), "2017-03".to_owned());
        let (batches, mut sent) = mpsc::channel(10);
        read(source, &whose, (&Parts::whole(), 0), &batches);
        drop(batches);
        let mut all = Vec::new();
        while let Some(batch) = sent.blocking_recv() {
            let ids = |batch: Batch| batch.records.into_iter().map(|one| one.record_id);
            let batch = batch.map(|batch| ids(batch).collect());
            all.push(batch.map_err(|failure| failure.reason().to_owned()));
        }
        all
    }

    #[test]
    fn reversals_are_sent_after_all_that_they_may_take_back() {
        let ids = |ids: &[&str]| Ok(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let header = COLUMNS.join(",");
        let rows = "r,shop,COMMISSION,2017-03-06,-7,f\nf,shop,COMMISSION,2017-03-05,7,\n";
        write!(file, "{header}\n{rows}").unwrap();
        let open = || Source::open(file.path()).unwrap();
        assert_eq!(sent(open()), [ids(&["f"]), ids(&["r"])]);
        let once = Source {
            again: None,
            ..open()
        };
        assert_eq!(sent(once), [ids(&["r", "f"])]);
    }

    #[test]
    fn nothing_more_is_sent_of_a_file_that_is_changed_while_it_is_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let header = COLUMNS.join(",");
        let row = "f,shop,COMMISSION,2017-03-05,7,\n";
        write!(file, "{header}\n{row}").unwrap();
        let changed: [Result<Vec<String>, _>; 1] = [Err("FILE_CHANGED".to_owned())];
        let opened = Source::open(file.path()).unwrap();
        fs::write(file.path(), format!("{header}\nf,sho")).unwrap();
        assert_eq!(sent(opened), changed, "cut");
        let opened = Source::open(file.path()).unwrap();
        fs::write(file.path(), format!("{header}\n{row}{row}")).unwrap();
        assert_eq!(sent(opened), changed, "longer");
        let opened = Source::open(file.path()).unwrap();
        let written = file.as_file().metadata().unwrap().modified().unwrap();
        let later = written + Duration::from_secs(1);
        file.as_file().set_modified(later).unwrap();
        assert_eq!(sent(opened), changed, "written over in its place");
        let opened = Source::open(file.path()).unwrap();
        file.close().unwrap();
        assert_eq!(sent(opened), changed, "gone");
    }

    #[test]
    fn a_refusal_shows_what_was_read() {
        let read = UsageRecord {
            occurred_on: "2025-10-01 23:59:59".to_owned(),
            fee_kind: "x".repeat(100),
            ..UsageRecord::default()
        };
        let told = |reason| with_value("no such thing".to_owned(), reason, Some(&read));
        assert_eq!(
            told("DATE_INVALID"),
            "no such thing: \"2025-10-01 23:59:59\""
        );
        assert!(told("FEE_KIND_INVALID").len() < 80);
        assert_eq!(told("PERIOD_SEALED"), "no such thing");
    }

    #[test]
    fn repeats_are_the_later_appearances_of_whole_records_in_however_many_passes() {
        let whose = ("alpha-mall".to_owned(), "2017-03".to_owned());
        let row = |id: &str| format!("{id},shop,COMMISSION,2017-03-05,7,\n");
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let header = COLUMNS.join(",");
        let rows: String = ["a", "b", "a", "c", "a", "b"].map(row).concat();
        writeln!(file, "{header}\n{rows}a,shop,COMMISSION,2017-03-05,8,").unwrap();
        let expected = ["a", "a", "b"].iter().fold(Sum::default(), |sum, id| {
            let fields: Vec<_> = row(id).trim().split(',').map(str::to_owned).collect();
            let Ok(record) = record(&fields) else {
                unreachable!()
            };
            sum.plus(&Sum::of(&whose.0, &whose.1, &record))
        });
        let sha256 = each_record(file.path(), |_| ()).unwrap();
        for records in [7, 5 * SEEN_MAX] {
            let found = repeats((file.path(), sha256), &whose, records).unwrap();
            assert_eq!(found, Some(expected));
        }
        let other = repeats((file.path(), [0; 32]), &whose, 7).unwrap_err();
        assert_eq!(other.reason(), "FILE_CHANGED");
        let stdin = repeats((Path::new("-"), sha256), &whose, 7).unwrap();
        assert_eq!(stdin, None);
    }
}
