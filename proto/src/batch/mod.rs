//! `gazelle.usage.v1.ReportUsageRequest`, whose records stay as they are on the wire.
//!
//! A service takes millions of records, and a generated message would make half a dozen strings of
//! each before anybody looks at it. Here a batch is the memory that it came in; records are counted
//! without being decoded, and read in place.

use std::ops::Range;
use std::str::Utf8Error;

use bytestring::ByteString;
use prost::bytes::{Buf, BufMut, Bytes, BytesMut};
use prost::encoding::{self, DecodeContext, WireType};
use prost::{DecodeError, Message};

use crate::{text, usage::v1::UsageRecord};

/// A batch of records; `gazelle/usage/v1/usage_service.proto`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportUsageRequest {
    /// 1 for the first batch of the stream, then one more each.
    pub sequence: i64,
    /// The platform that reports.
    pub platform_id: ByteString,
    /// The calendar month that the records are reported in, `YYYY-MM`.
    pub period: ByteString,
    /// The records, still in the bytes that came.
    pub records: Records,
    /// Judge them and keep nothing.
    pub check_only: bool,
}

const SEQUENCE: u32 = 1;
const PLATFORM_ID: u32 = 2;
const PERIOD: u32 = 3;
const RECORDS: u32 = 4;
const CHECK_ONLY: u32 = 5;

impl Message for ReportUsageRequest {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        if self.sequence != 0 {
            encoding::int64::encode(SEQUENCE, &self.sequence, buf);
        }
        text::encode(PLATFORM_ID, &self.platform_id, buf);
        text::encode(PERIOD, &self.period, buf);
        buf.put_slice(&self.records.encoded);
        if self.check_only {
            encoding::bool::encode(CHECK_ONLY, &self.check_only, buf);
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        match tag {
            SEQUENCE => encoding::int64::merge(wire_type, &mut self.sequence, buf, ctx),
            PLATFORM_ID => text::merge(wire_type, &mut self.platform_id, buf, ctx),
            PERIOD => text::merge(wire_type, &mut self.period, buf, ctx),
            RECORDS => self.records.merge(wire_type, buf),
            CHECK_ONLY => encoding::bool::merge(wire_type, &mut self.check_only, buf, ctx),
            _ => encoding::skip_field(wire_type, tag, buf, ctx),
        }
    }

    fn decode(mut buf: impl Buf) -> Result<Self, DecodeError> {
        let message = buf.copy_to_bytes(buf.remaining());
        let mut batch = Self::default();
        let mut records = 0..0;
        let mut rest = &message[..];
        while !rest.is_empty() {
            let start = message.len() - rest.len();
            let (tag, wire_type) = encoding::decode_key(&mut rest)?;
            if ![PLATFORM_ID, PERIOD, RECORDS].contains(&tag) {
                batch.merge_field(tag, wire_type, &mut rest, DecodeContext::default())?;
                continue;
            }
            encoding::check_wire_type(WireType::LengthDelimited, wire_type)?;
            let field = read_field(&mut rest).map_err(|_| cut_off())?;
            match tag {
                PLATFORM_ID => batch.platform_id = text::read(message.slice_ref(field))?,
                PERIOD => batch.period = text::read(message.slice_ref(field))?,
                _ => {
                    batch.records.count += 1;
                    if records.end != start {
                        batch.records.append(&message, records);
                        records = start..start;
                    }
                    records.end = message.len() - rest.len();
                }
            }
        }
        batch.records.append(&message, records);
        Ok(batch)
    }

    fn encoded_len(&self) -> usize {
        let mut len = self.records.encoded.len();
        if self.sequence != 0 {
            len += encoding::int64::encoded_len(SEQUENCE, &self.sequence);
        }
        len += text::encoded_len(PLATFORM_ID, &self.platform_id);
        len += text::encoded_len(PERIOD, &self.period);
        if self.check_only {
            len += encoding::bool::encoded_len(CHECK_ONLY, &self.check_only);
        }
        len
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Records in their encoded form, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// Each as a field of the batch: key, length, record.
    encoded: Bytes,
    count: usize,
}

impl Records {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many bytes they take on the wire; their texts are part of that.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.encoded.len()
    }

    /// Adds a record.
    pub fn push(&mut self, record: &UsageRecord) {
        self.change(|encoded| encoding::message::encode(RECORDS, record, encoded));
        self.count += 1;
    }

    /// Copies what is shared with others, first.
    fn change(&mut self, change: impl FnOnce(&mut BytesMut)) {
        let encoded = std::mem::take(&mut self.encoded).try_into_mut();
        let mut encoded = encoded.unwrap_or_else(|shared| BytesMut::from(&*shared));
        change(&mut encoded);
        self.encoded = encoded.freeze();
    }

    /// Takes records from where they stand in a message: without copying them, where they are the
    /// first.
    fn append(&mut self, message: &Bytes, records: Range<usize>) {
        if self.encoded.is_empty() {
            self.encoded = message.slice(records);
        } else {
            self.change(|encoded| encoded.put_slice(&message[records]));
        }
    }

    /// Reads them, in their order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(&self.encoded)
    }

    fn merge(&mut self, wire_type: WireType, buf: &mut impl Buf) -> Result<(), DecodeError> {
        encoding::check_wire_type(WireType::LengthDelimited, wire_type)?;
        let len = prost::decode_length_delimiter(&mut *buf)?;
        if len > buf.remaining() {
            return Err(cut_off());
        }
        self.change(|encoded| {
            encoding::encode_key(RECORDS, WireType::LengthDelimited, encoded);
            encoding::encode_varint(len as u64, encoded);
            encoded.put(buf.take(len));
        });
        self.count += 1;
        Ok(())
    }
}

/// What prost says of a length that is cut off, since it offers no error of our own.
fn cut_off() -> DecodeError {
    prost::decode_length_delimiter(&[][..]).expect_err("nothing is no length")
}

impl<'a> FromIterator<&'a UsageRecord> for Records {
    fn from_iter<I: IntoIterator<Item = &'a UsageRecord>>(records: I) -> Self {
        let mut all = Self::default();
        records.into_iter().for_each(|record| all.push(record));
        all
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = Result<RecordView<'a>, MalformedRecord>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Records, read in place.
#[derive(Debug, Clone)]
pub struct Iter<'a>(&'a [u8]);

impl<'a> Iterator for Iter<'a> {
    type Item = Result<RecordView<'a>, MalformedRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let record = read_key(&mut self.0).and_then(|_| read_field(&mut self.0));
        if record.is_err() {
            // It was whole when it was counted; but an iterator must end.
            self.0 = &[];
        }
        Some(record.and_then(RecordView::read))
    }
}

/// A `UsageRecord` in the memory that it came in; its fields are those of the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "`UsageRecord` has them")]
pub struct RecordView<'a> {
    pub record_id: &'a str,
    pub merchant_id: &'a str,
    pub fee_kind: &'a str,
    pub occurred_on: &'a str,
    pub amount_fen: i64,
    pub reverses_record_id: &'a str,
}

/// Bytes that are no `UsageRecord`: cut off, a field of another type, or text that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedRecord;

impl std::fmt::Display for MalformedRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes of a record are no `UsageRecord`")
    }
}

impl std::error::Error for MalformedRecord {}

impl From<DecodeError> for MalformedRecord {
    fn from(_: DecodeError) -> Self {
        Self
    }
}

impl From<Utf8Error> for MalformedRecord {
    fn from(_: Utf8Error) -> Self {
        Self
    }
}

impl<'a> RecordView<'a> {
    fn read(mut encoded: &'a [u8]) -> Result<Self, MalformedRecord> {
        const TEXT: WireType = WireType::LengthDelimited;
        let mut record = Self::default();
        while !encoded.is_empty() {
            let (tag, wire_type) = read_key(&mut encoded)?;
            match (tag, wire_type) {
                (1, TEXT) => record.record_id = read_text(&mut encoded)?,
                (2, TEXT) => record.merchant_id = read_text(&mut encoded)?,
                (3, TEXT) => record.fee_kind = read_text(&mut encoded)?,
                (4, TEXT) => record.occurred_on = read_text(&mut encoded)?,
                // Ten bytes where it is negative.
                (5, WireType::Varint) => {
                    record.amount_fen = encoding::decode_varint(&mut encoded)?.cast_signed();
                }
                (6, TEXT) => record.reverses_record_id = read_text(&mut encoded)?,
                (1..=6, _) => return Err(MalformedRecord),
                // Fields of later versions.
                _ => {
                    encoding::skip_field(wire_type, tag, &mut encoded, DecodeContext::default())?;
                }
            }
        }
        Ok(record)
    }
}

fn read_text<'a>(encoded: &mut &'a [u8]) -> Result<&'a str, MalformedRecord> {
    Ok(std::str::from_utf8(read_field(encoded)?)?)
}

fn read_field<'a>(encoded: &mut &'a [u8]) -> Result<&'a [u8], MalformedRecord> {
    let len = usize::try_from(read_varint(encoded)?).map_err(|_| MalformedRecord)?;
    let (field, rest) = encoded.split_at_checked(len).ok_or(MalformedRecord)?;
    *encoded = rest;
    Ok(field)
}

fn read_key(encoded: &mut &[u8]) -> Result<(u32, WireType), MalformedRecord> {
    let key = u32::try_from(read_varint(encoded)?).map_err(|_| MalformedRecord)?;
    if key >> 3 == 0 {
        return Err(MalformedRecord);
    }
    Ok((key >> 3, WireType::try_from(u64::from(key & 7))?))
}

/// Nearly all keys and lengths are a byte, which needs no call.
#[inline]
fn read_varint(encoded: &mut &[u8]) -> Result<u64, MalformedRecord> {
    match encoded.split_first() {
        Some((&byte @ ..0x80, rest)) => {
            *encoded = rest;
            Ok(byte.into())
        }
        _ => read_long_varint(encoded),
    }
}

#[cold]
fn read_long_varint(encoded: &mut &[u8]) -> Result<u64, MalformedRecord> {
    Ok(encoding::decode_varint(encoded)?)
}

#[cfg(test)]
mod tests;
