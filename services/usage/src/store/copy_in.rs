//! Copies records straight into the table.

use std::hint::black_box;

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::copy_row;
use crate::{
    domain::{key::PlatformNumber, ruling::Accepted},
    tuning::{COPY_CHUNK_BYTES, ROWS_AHEAD},
};

/// A record's row, and what is filled in.
#[derive(Debug, Clone, Copy)]
pub struct NewRow<'a> {
    /// As [`copy_row::push`] made it.
    pub row: &'a [u8],
    /// The number of its platform.
    pub platform: PlatformNumber,
    /// The number of its fee kind.
    pub fee_kind: i32,
    /// Of a reversal.
    pub accepted: Option<&'a Accepted>,
}

impl NewRow<'_> {
    /// Reads a little of each line of memory of a row.
    fn touch(&self) -> u8 {
        let lines = self.row.chunks(64).map(|line| line[0]);
        lines.fold(0, u8::wrapping_add)
    }
}

/// Copies records straight into the table, in the order of their places, with one of the statements
/// of [`copy_row`]. If the database finds one of the places taken, nothing of it stands and the
/// transaction has failed.
pub async fn copy(
    tx: &mut PgConnection,
    statement: &'static str,
    rows: &[NewRow<'_>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut copy = tx.copy_in_raw(statement).await?;
    let mut buffer = Vec::with_capacity(COPY_CHUNK_BYTES + ROWS_AHEAD * copy_row::BYTES_MAX);
    buffer.extend_from_slice(copy_row::HEADER);
    for some in rows.chunks(ROWS_AHEAD) {
        black_box(some.iter().map(NewRow::touch).fold(0, u8::wrapping_add));
        for new in some {
            let start = buffer.len();
            buffer.extend_from_slice(new.row);
            copy_row::set_numbers(&mut buffer[start..], new.platform, new.fee_kind);
            if statement == copy_row::COPY_ALL {
                copy_row::complete(&mut buffer, start, new.accepted);
            }
        }
        if buffer.len() >= COPY_CHUNK_BYTES {
            copy.send(&*buffer).await?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&copy_row::END);
    copy.send(&*buffer).await?;
    copy.finish().await?;
    Ok(())
}
