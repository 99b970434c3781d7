//! Which tables each step of a payment writes: the points at which it can be broken off.

/// An operation, and the table that it is on.
pub type Written = (&'static str, &'static str);

/// What a step writes that moves money.
const BOOKS: [Written; 4] = [
    ("insert", "ledger_entry"),
    ("insert", "ledger_posting"),
    ("insert", "ledger_balance"),
    ("update", "ledger_head"),
];

/// What every step writes.
pub const TRAIL: [Written; 2] = [("insert", "event"), ("update", "event_head")];

const PREPARE: [Written; 4] = [
    ("insert", "payment_order"),
    ("insert", "payment"),
    ("insert", "remittance"),
    ("delete", "open_item"),
];
const CANCEL: [Written; 3] = [
    ("update", "payment_order"),
    ("update", "payment"),
    ("insert", "open_item"),
];
const ANSWER: [Written; 4] = [
    ("insert", "payment_answer"),
    ("update", "payment"),
    ("insert", "untold_return"),
    ("insert", "open_item"),
];

fn with_books(own: &[Written]) -> Vec<Written> {
    [own, &BOOKS, &TRAIL].concat()
}

/// What preparing an order writes.
#[must_use]
pub fn prepare() -> Vec<Written> {
    with_books(&PREPARE)
}

/// What releasing an order writes.
#[must_use]
pub fn release() -> Vec<Written> {
    [&[("update", "payment_order")], &TRAIL[..]].concat()
}

/// What cancelling an order writes.
#[must_use]
pub fn cancel() -> Vec<Written> {
    with_books(&CANCEL)
}

/// What an answer writes.
#[must_use]
pub fn answer() -> Vec<Written> {
    with_books(&ANSWER)
}
