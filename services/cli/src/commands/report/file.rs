//! A file of records, in batches.

use std::collections::HashSet;
use std::path::Path;

use gazelle_proto::usage::v1::UsageRecord;
use tokio::sync::mpsc;

use super::Sum;
use crate::commands::import::{BATCH_BYTES, BATCH_ROWS, BadField, amount, field};
use crate::failure::Failure;
use crate::input::rows::{BadRow, RowFile};
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

/// Reads the whole file into batches; stops when nobody wants them any more. Returns SHA-256 of
/// what it read, and what people should know of how it was read.
pub fn read(
    mut file: RowFile,
    whose: &Whose,
    batches: &mpsc::Sender<Result<Batch, Failure>>,
) -> ([u8; 32], Vec<String>) {
    loop {
        let (batch, ended) = match read_batch(&mut file, whose) {
            Ok((batch, ended)) => (Ok(batch), ended),
            Err(failure) => (Err(failure), true),
        };
        if batches.blocking_send(batch).is_err() || ended {
            let mut notes = file.take_notes();
            let ignored = file.ignored_columns().join(", ");
            if !ignored.is_empty() {
                notes.push(words::IGNORED_COLUMNS.with(&[("columns", &ignored)]));
            }
            return (file.sha256(), notes);
        }
    }
}

fn read_batch(file: &mut RowFile, whose: &Whose) -> Result<(Batch, bool), Failure> {
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
    while batch.records.len() + batch.bad.len() < BATCH_ROWS && bytes < BATCH_BYTES && !ended {
        match file.next_row()? {
            None => ended = true,
            Some(Err(bad)) => batch.bad.push(bad),
            Some(Ok(row)) => {
                // What protobuf adds to the texts of a record is less than this.
                bytes += row.fields.iter().map(String::len).sum::<usize>() + 64;
                match record(&row.fields) {
                    Ok(record) => {
                        batch.sums.push(Sum::of(&whose.0, &whose.1, &record));
                        batch.records.push(record);
                        batch.lines.push(row.line);
                    }
                    Err(BadField { reason, message }) => batch.bad.push(BadRow {
                        line: row.line,
                        id: field(&row.fields, 0),
                        reason,
                        message,
                    }),
                }
            }
        }
    }
    batch.bytes_read = file.bytes_read();
    Ok((batch, ended))
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

/// Records that are looked at together for repetitions: about 32 MiB.
const SEEN_MAX: u64 = 1 << 20;

/// The second and later appearances of records in a file of about `records`. Reads it as often as
/// it takes for memory to stay bounded; none where it cannot be read twice.
pub fn repeats(path: &Path, whose: &Whose, records: u64) -> Result<Option<Sum>, Failure> {
    if path == Path::new("-") || !path.is_file() {
        return Ok(None);
    }
    let parts = u128::from(records / SEEN_MAX + 1);
    let mut repeats = Sum::default();
    for part in 0..parts {
        let mut seen = HashSet::new();
        let mut file = RowFile::open(path, COLUMNS, &[])?;
        while let Some(row) = file.next_row()? {
            let Some(record) = row.ok().and_then(|row| record(&row.fields).ok()) else {
                continue;
            };
            let sum = Sum::of(&whose.0, &whose.1, &record);
            if sum.key() % parts == part && !seen.insert(sum.key()) {
                repeats = repeats.plus(&sum);
            }
        }
    }
    Ok(Some(repeats))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

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
        for records in [7, 5 * SEEN_MAX] {
            let found = repeats(file.path(), &whose, records).unwrap();
            assert_eq!(found, Some(expected));
        }
        assert_eq!(repeats(Path::new("-"), &whose, 7).unwrap(), None);
    }
}
