//! Records of one platform's period, judged by their form and laid out for writing.

use gazelle_kernel::{Date, FeeKind, Fen, Instant, Period, PlatformId};

use crate::{
    domain::{
        canonical::CanonicalForm,
        days::DayCounts,
        key::RecordKey,
        receipt::Receipt,
        record::RecordRef,
        refusal::RecordRefusal,
        sent::{Sent, SentRecord},
    },
    store::copy_row,
    tuning::ROW_OVERHEAD_BYTES,
};

const SMALL: &str = "a row has some hundred bytes, a batch a few thousand rows";

/// Records of one platform for one period that came together.
///
/// No record takes memory of its own: each is one row of what will be copied into the table, and a
/// few dozen bytes to find and judge it by.
#[derive(Debug)]
pub struct Batch {
    pub platform: PlatformId,
    pub period: Period,
    pub received_at: Instant,
    /// All records, those of improper form too.
    len: u32,
    /// Those of proper form.
    pub records: Vec<BatchRecord>,
    rows: Vec<u8>,
    /// The fee kinds that they name, each once.
    pub kinds: Vec<FeeKind>,
    /// Those of improper form, by their places in the batch.
    pub malformed: Vec<(u32, SentRecord, RecordRefusal)>,
    /// The messages that it is made of, in their order.
    pub messages: Vec<Message>,
    first_day: Date,
    last_day: Date,
    form: CanonicalForm,
}

/// A message of a batch: the records that came after those of the message before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Message {
    /// Where its records of proper form end.
    pub end: usize,
    /// What the fees among them add up to.
    pub fees: Receipt,
    /// How many have a day before the period's first.
    pub late: u32,
}

/// A record of proper form in a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchRecord {
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
    pub fn new(platform: PlatformId, period: Period, received_at: Instant) -> Self {
        Self {
            form: CanonicalForm::new(&platform, period),
            first_day: period.first_day(),
            last_day: period.last_day(),
            platform,
            period,
            received_at,
            len: 0,
            records: Vec::new(),
            rows: Vec::new(),
            kinds: Vec::new(),
            malformed: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// How many records it has.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Begins a message of so many records, which have so many bytes as they were sent.
    pub fn begin_message(&mut self, records: usize, bytes: usize) {
        self.messages.push(Message {
            end: self.records.len(),
            ..Message::default()
        });
        self.records.reserve(records);
        self.rows.reserve(bytes + records * ROW_OVERHEAD_BYTES);
    }

    /// Judges a record by its form, and adds it to the message that began last.
    pub fn push(&mut self, sent: Sent<'_>) {
        let index = self.len;
        self.len += 1;
        let record = match RecordRef::parse(sent, self.last_day) {
            Ok(record) => record,
            Err(refusal) => return self.malformed.push((index, sent.to_record(), refusal)),
        };
        let message = self.messages.last_mut().expect("a message began");
        message.end += 1;
        message.late += u32::from(record.occurred_on < self.first_day);
        if record.reverses.is_none() {
            let hash = self.form.hash(record);
            message.fees.add(record.amount.get(), hash);
        }
        let key = RecordKey::of(record.id);
        let row = self.rows.len();
        copy_row::push(&mut self.rows, self.period, key, record);
        let record = BatchRecord {
            key,
            amount: record.amount,
            occurred_on: record.occurred_on,
            index,
            kind: self.kind(record.fee_kind),
            is_reversal: record.reverses.is_some(),
            row: u32::try_from(row).expect(SMALL),
            row_len: u16::try_from(self.rows.len() - row).expect(SMALL),
        };
        self.records.push(record);
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

    /// How the days of the message that began last lie.
    pub fn days(&self) -> DayCounts {
        let (last, before) = self.messages.split_last().expect("a message began");
        let start = before.last().map_or(0, |message| message.end);
        DayCounts {
            proper: u32::try_from(last.end - start).expect(SMALL),
            late: last.late,
        }
    }

    /// A piece of its rows.
    pub fn row(&self, start: u32, len: u16) -> &[u8] {
        &self.rows[start as usize..][..len.into()]
    }

    /// What a record of it says.
    pub fn content(&self, record: &BatchRecord) -> RecordRef<'_> {
        let (id, merchant_id, reverses) = copy_row::texts(self.row(record.row, record.row_len));
        RecordRef {
            id,
            merchant_id,
            fee_kind: self.kinds[usize::from(record.kind)].as_str(),
            occurred_on: record.occurred_on,
            amount: record.amount,
            reverses,
        }
    }

    /// What some of its records add up to.
    pub fn sum<'a>(&self, records: impl IntoIterator<Item = &'a BatchRecord>) -> Receipt {
        let mut form = self.form.clone();
        let mut sum = Receipt::default();
        for record in records {
            sum.add(record.amount.get(), form.hash(self.content(record)));
        }
        sum
    }
}
