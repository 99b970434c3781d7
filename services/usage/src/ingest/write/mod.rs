//! Writes groups: how one goes from the queue into the table.
//!
//! A [`writer`] writes first all fees that need no look at each, in one transaction, by the
//! strategy that [`strategy`] chooses, and chooses anew when one failed:
//!
//! | Strategy | Takes the fees for | Fails when |
//! | --- | --- | --- |
//! | [`copy`] | new, and their periods for open | one stands, or a period is sealed |
//! | [`look_up`] | what they are, then copies the rest | another writes one of them meanwhile |
//! | [`row_by_row`] | what they are when each is inserted | the database does |
//!
//! The last two hold their periods open before they look ([`open_periods`]). [`reversals`] go with
//! the fees if what they name stands already, nothing that came before and is not written yet is
//! about it, and all of them can be accepted.
//!
//! What is left is [`judged`] one by one in a second transaction, as is what came a moment ago
//! already. Before it the group waits for all that came earlier, which these are about; with
//! nothing locked, since those may be waiting for this one's fees.
//!
//! Each transaction ends in [`finish`]: it locks the rows of its periods before it commits and
//! finds them open, so that nothing is added to a sealed one. What a group comes to is added up in
//! [`outcome`].

mod copy;
pub mod error;
mod finish;
mod judged;
mod look_up;
mod open_periods;
mod outcome;
mod reversals;
mod row_by_row;
mod strategy;
pub mod writer;
