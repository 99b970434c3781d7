//! Rows that COPY writes in its binary form: a third of what rows one by one cost, for a service
//! that reads a whole table.

use futures::TryStreamExt as _;
use sqlx::PgConnection;

use super::StoreError;

/// What COPY begins with: the signature, no flags, no further header.
const START: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Gives each row of a `copy ... to stdout (format binary)`, of so many fields, to `take`, as they
/// come; after one that `take` refuses none, but all are read, so that the connection goes on.
///
/// COPY takes no parameters: put into `query` numbers and UUIDs alone, no text that anybody sent.
pub async fn for_each(
    tx: &mut PgConnection,
    query: &str,
    field_count: i16,
    mut take: impl FnMut(CopiedRow<'_, '_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut messages = tx.copy_out_raw(query).await?;
    let mut taken = Ok(());
    let mut is_first = true;
    while let Some(message) = messages.try_next().await? {
        let is_first = std::mem::take(&mut is_first);
        if taken.is_ok() {
            taken = take_all(&message, is_first, field_count, &mut take);
        }
    }
    taken
}

/// Gives the rows of a message to `take`.
fn take_all(
    message: &[u8],
    is_first: bool,
    field_count: i16,
    mut take: impl FnMut(CopiedRow<'_, '_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut rows = message;
    if is_first {
        rows = rows.strip_prefix(START).ok_or_else(broken)?;
    }
    while let Some(row) = CopiedRow::next(&mut rows, field_count)? {
        take(row)?;
    }
    Ok(())
}

/// The fields of a row, one after the other.
#[derive(Debug)]
pub struct CopiedRow<'a, 'b>(&'b mut &'a [u8]);

impl<'a, 'b> CopiedRow<'a, 'b> {
    /// Those of the next row of a message, which has so many; `None` at the end of the message, or
    /// of all.
    fn next(rows: &'b mut &'a [u8], count: i16) -> Result<Option<Self>, StoreError> {
        if rows.is_empty() {
            return Ok(None);
        }
        match i16::from_be_bytes(array(rows)?) {
            fields if fields == count => Ok(Some(Self(rows))),
            -1 => Ok(None),
            _ => Err(broken()),
        }
    }

    /// The next field, as it is sent; `None` for a null.
    pub fn bytes(&mut self) -> Result<Option<&'a [u8]>, StoreError> {
        let Ok(length) = usize::try_from(i32::from_be_bytes(array(self.0)?)) else {
            return Ok(None);
        };
        let (field, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        *self.0 = rest;
        Ok(Some(field))
    }

    /// The next field, a text; `None` for a null.
    pub fn optional_text(&mut self) -> Result<Option<&'a str>, StoreError> {
        let text = self.bytes()?.map(std::str::from_utf8);
        text.transpose().map_err(|_| broken())
    }

    /// The next field, a text that is there.
    pub fn text(&mut self) -> Result<&'a str, StoreError> {
        self.optional_text()?.ok_or_else(broken)
    }

    /// The next field, of so many bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let field = self.bytes()?.and_then(|bytes| bytes.try_into().ok());
        field.ok_or_else(broken)
    }

    /// The next field, an `integer`.
    pub fn int4(&mut self) -> Result<i32, StoreError> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    /// The next field, an `integer`; `None` for a null.
    pub fn optional_int4(&mut self) -> Result<Option<i32>, StoreError> {
        let number = self
            .bytes()?
            .map(|bytes| Ok(i32::from_be_bytes(bytes.try_into()?)));
        let number: Result<_, std::array::TryFromSliceError> = number.transpose();
        number.map_err(|_| broken())
    }

    /// The next field, a `bigint`; `None` for a null.
    pub fn optional_int8(&mut self) -> Result<Option<i64>, StoreError> {
        let number = self
            .bytes()?
            .map(|bytes| Ok(i64::from_be_bytes(bytes.try_into()?)));
        let number: Result<_, std::array::TryFromSliceError> = number.transpose();
        number.map_err(|_| broken())
    }

    /// The next field, a `bigint`.
    pub fn int8(&mut self) -> Result<i64, StoreError> {
        Ok(i64::from_be_bytes(self.array()?))
    }
}

fn array<const N: usize>(rows: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (array, rest) = rows.split_first_chunk().ok_or_else(broken)?;
    *rows = rest;
    Ok(*array)
}

fn broken() -> StoreError {
    StoreError::corrupt("a copied row", "it is none that COPY writes")
}
