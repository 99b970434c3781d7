//! Records of one platform's month, judged by their form and laid out for writing.

use gazelle_kernel::{Date, FeeKind, Fen, Period, PlatformId};
use time::OffsetDateTime;

use crate::domain::{
    CanonicalForm, Receipt, RecordKey, RecordRef, RecordRefusal, Sent, SentRecord,
};

const SMALL: &str = "an id has at most 128 bytes, a batch a few thousand of them";

/// Records of one platform for one period that came together.
///
/// What makes a record takes no memory of its own: all texts stand in one string, and there are a
/// few dozen bytes for everything else.
#[derive(Debug)]
pub struct Batch {
    pub platform: PlatformId,
    pub period: Period,
    pub received_at: OffsetDateTime,
    /// All records, those of improper form too.
    len: u32,
    /// Those of proper form.
    pub entries: Vec<Entry>,
    texts: String,
    /// The fee kinds that they name, each once.
    pub kinds: Vec<FeeKind>,
    /// Those of improper form, by their places in the batch.
    pub malformed: Vec<(u32, SentRecord, RecordRefusal)>,
    /// What the fees among them add up to.
    pub fees: Receipt,
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
    /// Where its texts start in the batch's: its id, its merchant's and what it reverses. No id is
    /// longer than 128 bytes.
    texts: u32,
    id_len: u8,
    merchant_id_len: u8,
    reverses_len: u8,
}

impl Batch {
    /// None yet. A batch holds a few thousand at most.
    pub fn new(platform: PlatformId, period: Period, received_at: OffsetDateTime) -> Self {
        Self {
            form: CanonicalForm::new(&platform, period),
            platform,
            period,
            received_at,
            len: 0,
            entries: Vec::new(),
            texts: String::new(),
            kinds: Vec::new(),
            malformed: Vec::new(),
            fees: Receipt::default(),
        }
    }

    /// How many records it has.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Makes room for so many more, whose texts have so many bytes at most.
    pub fn reserve(&mut self, records: usize, bytes: usize) {
        self.entries.reserve(records);
        self.texts.reserve(bytes);
    }

    /// Judges a record by its form, and adds it.
    pub fn push(&mut self, sent: Sent<'_>) {
        let index = self.len;
        self.len += 1;
        let record = match RecordRef::parse(sent, self.period) {
            Ok(record) => record,
            Err(refusal) => return self.malformed.push((index, sent.to_record(), refusal)),
        };
        if record.reverses.is_none() {
            let hash = self.form.hash(record);
            self.fees.add(record.amount.get(), hash);
        }
        let entry = Entry {
            key: RecordKey::of(record.id),
            amount: record.amount,
            occurred_on: record.occurred_on,
            index,
            kind: self.kind(record.fee_kind),
            is_reversal: record.reverses.is_some(),
            texts: u32::try_from(self.texts.len()).expect(SMALL),
            id_len: self.keep(record.id),
            merchant_id_len: self.keep(record.merchant_id),
            reverses_len: self.keep(record.reverses.unwrap_or_default()),
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

    /// Keeps a text and says how long it is.
    fn keep(&mut self, text: &str) -> u8 {
        self.texts.push_str(text);
        u8::try_from(text.len()).expect(SMALL)
    }

    /// A record of it.
    pub fn record(&self, entry: &Entry) -> RecordRef<'_> {
        let texts = &self.texts[entry.texts as usize..];
        let (id, texts) = texts.split_at(entry.id_len.into());
        let (merchant_id, texts) = texts.split_at(entry.merchant_id_len.into());
        RecordRef {
            id,
            merchant_id,
            fee_kind: self.kinds[usize::from(entry.kind)].as_str(),
            occurred_on: entry.occurred_on,
            amount: entry.amount,
            reverses: entry
                .is_reversal
                .then(|| &texts[..entry.reverses_len.into()]),
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
