//! Records of one platform's month, judged by their form and laid out for writing.

use gazelle_kernel::{Date, FeeKind, Fen, Period, PlatformId};
use time::OffsetDateTime;

use crate::{
    domain::{CanonicalForm, Receipt, RecordKey, RecordRef, RecordRefusal, Sent, SentRecord},
    store::row,
};

const SMALL: &str = "a row has some hundred bytes, a batch a few thousand rows";

/// What a row takes beyond what was sent, or nearly.
const ROW_OVERHEAD: usize = 64;

/// Records of one platform for one period that came together.
///
/// No record takes memory of its own: each is one row of what will be copied into the table, and a
/// few dozen bytes to find and judge it by.
#[derive(Debug)]
pub struct Batch {
    pub platform: PlatformId,
    pub period: Period,
    pub received_at: OffsetDateTime,
    /// All records, those of improper form too.
    len: u32,
    /// Those of proper form.
    pub entries: Vec<Entry>,
    rows: Vec<u8>,
    /// The fee kinds that they name, each once.
    pub kinds: Vec<FeeKind>,
    /// Those of improper form, by their places in the batch.
    pub malformed: Vec<(u32, SentRecord, RecordRefusal)>,
    /// What the fees among them add up to.
    pub fees: Receipt,
    last_day: Date,
    form: CanonicalForm,
}

/// A record of proper form in a batch.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub key: RecordKey,
    pub amount: Fen,
    pub occurred_on: Date,
    /// Its place in the batch, from 0.
    pub index: u32,
    /// Its fee kind's place among the batch's.
    pub kind: u16,
    pub is_reversal: bool,
    /// Where its row starts, and how long it is.
    pub row: u32,
    pub row_len: u16,
}

impl Batch {
    /// None yet. A batch holds a few thousand at most.
    pub fn new(platform: PlatformId, period: Period, received_at: OffsetDateTime) -> Self {
        Self {
            form: CanonicalForm::new(&platform, period),
            last_day: period.last_day(),
            platform,
            period,
            received_at,
            len: 0,
            entries: Vec::new(),
            rows: Vec::new(),
            kinds: Vec::new(),
            malformed: Vec::new(),
            fees: Receipt::default(),
        }
    }

    /// How many records it has.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Makes room for so many more, which have so many bytes as they were sent.
    pub fn reserve(&mut self, records: usize, bytes: usize) {
        self.entries.reserve(records);
        self.rows.reserve(bytes + records * ROW_OVERHEAD);
    }

    /// Judges a record by its form, and adds it.
    pub fn push(&mut self, sent: Sent<'_>) {
        let index = self.len;
        self.len += 1;
        let record = match RecordRef::parse(sent, self.last_day) {
            Ok(record) => record,
            Err(refusal) => return self.malformed.push((index, sent.to_record(), refusal)),
        };
        if record.reverses.is_none() {
            let hash = self.form.hash(record);
            self.fees.add(record.amount.get(), hash);
        }
        let key = RecordKey::of(record.id);
        let row = self.rows.len();
        row::push(&mut self.rows, self.period, key, record);
        let entry = Entry {
            key,
            amount: record.amount,
            occurred_on: record.occurred_on,
            index,
            kind: self.kind(record.fee_kind),
            is_reversal: record.reverses.is_some(),
            row: u32::try_from(row).expect(SMALL),
            row_len: u16::try_from(self.rows.len() - row).expect(SMALL),
        };
        self.entries.push(entry);
    }

    /// Batches name a handful of kinds, so looking through them is the quickest.
    fn kind(&mut self, name: &str) -> u16 {
        let known = self.kinds.iter().position(|kind| kind.as_str() == name);
        let at = known.unwrap_or_else(|| {
            let kind = FeeKind::parse(name).expect("a record of proper form has a proper kind");
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        u16::try_from(at).expect("no batch has as many records")
    }

    /// A piece of its rows.
    pub fn row(&self, start: u32, len: u16) -> &[u8] {
        &self.rows[start as usize..][..len.into()]
    }

    /// A record of it.
    pub fn record(&self, entry: &Entry) -> RecordRef<'_> {
        let (id, merchant_id, reverses) = row::texts(self.row(entry.row, entry.row_len));
        RecordRef {
            id,
            merchant_id,
            fee_kind: self.kinds[usize::from(entry.kind)].as_str(),
            occurred_on: entry.occurred_on,
            amount: entry.amount,
            reverses,
        }
    }

    /// What some of its records add up to.
    pub fn sum<'a>(&self, entries: impl IntoIterator<Item = &'a Entry>) -> Receipt {
        let mut form = self.form.clone();
        let mut sum = Receipt::default();
        for entry in entries {
            sum.add(entry.amount.get(), form.hash(self.record(entry)));
        }
        sum
    }
}
