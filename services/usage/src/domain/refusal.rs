//! Why a record was refused, and what becomes of one.

use gazelle_kernel::Period;

/// Why a record was refused; `gazelle/usage/v1/error_reason.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum RecordRefusal {
    /// Its id was accepted before with other content.
    #[error(
        "this id was accepted before with other content, which stands; \
         use a new id, or a reversal and a new record"
    )]
    Conflict,
    /// Another period of the platform holds its id.
    #[error(
        "the platform's period {0} holds a record of this id; if this is another fee, use a new \
         id, and if that period is open and a wrong file, withdraw it"
    )]
    ConflictElsewhere(Period),
    /// The period takes no new records.
    #[error("the period is sealed; report the record in an open period with its true day")]
    PeriodSealed,
    /// Its id is not one.
    #[error(
        "record_id must have 1 to 128 bytes in Unicode NFC, none of them of a character that is not \
         seen, such as a byte order mark or a zero-width space, no white space but the space of \
         ASCII, none at either end, and no combining mark at its beginning"
    )]
    RecordIdInvalid,
    /// Its merchant's id is not one.
    #[error(
        "merchant_id must have 1 to 128 bytes in Unicode NFC, none of them of a character that is not \
         seen, such as a byte order mark or a zero-width space, no white space but the space of \
         ASCII, none at either end, and no combining mark at its beginning"
    )]
    MerchantIdInvalid,
    /// Its fee kind is not one.
    #[error("fee_kind must be 1 to 40 capital letters, digits and _, a letter first")]
    FeeKindInvalid,
    /// Its day is not in the calendar.
    #[error("occurred_on must be a day that exists, of the years 1900 to 2999, as YYYY-MM-DD")]
    DateInvalid,
    /// Its day is after the period.
    #[error("occurred_on is after the last day of the period; report it in a later period")]
    OccurredAfterPeriod,
    /// A fee of nothing or less.
    #[error("amount_fen must be above 0; to take a fee back, name it in reverses_record_id")]
    AmountNotPositive,
    /// A reversal of nothing or more.
    #[error("amount_fen must be below 0 in a reversal; a new fee names no reverses_record_id")]
    ReversalNotNegative,
    /// A reversal of what is not there.
    #[error(
        "reverses_record_id names no record that was accepted before in this or an earlier \
         period; report that first, then send this again"
    )]
    ReversedRecordNotFound,
    /// A reversal of a reversal.
    #[error("reverses_record_id names a reversal; report a new record instead")]
    ReversalOfReversal,
    /// A reversal of another's fee.
    #[error(
        "the record that reverses_record_id names is of another merchant or fee kind; name the \
         fee that is taken back"
    )]
    ReversalMismatch,
    /// More would be taken back than was charged.
    #[error(
        "with this, more than the amount of the reversed record would be taken back; take back at \
         most what is left of it"
    )]
    ReversalExceedsRecord,
    /// Found when sealing: the id is another period's.
    #[error(
        "the platform's period {0}, which is sealed or of which a sealed period takes a record \
         back, holds the same record id; if it is another fee, report it with a new id"
    )]
    RecordInSealedPeriod(Period),
    /// Found when sealing: what it reverses was refused.
    #[error(
        "the record that this one reverses was refused when a period was sealed; send it again \
         to reverse the record of the same id that stands"
    )]
    ReversedRecordRefused,
}

impl RecordRefusal {
    /// Its name in the contract's `ErrorReason`, without `ERROR_REASON_`.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Conflict | Self::ConflictElsewhere(_) => "RECORD_CONFLICT",
            Self::PeriodSealed => "PERIOD_SEALED",
            Self::RecordIdInvalid => "RECORD_ID_INVALID",
            Self::MerchantIdInvalid => "MERCHANT_ID_INVALID",
            Self::FeeKindInvalid => "FEE_KIND_INVALID",
            Self::DateInvalid => "DATE_INVALID",
            Self::OccurredAfterPeriod => "OCCURRED_AFTER_PERIOD",
            Self::AmountNotPositive => "AMOUNT_NOT_POSITIVE",
            Self::ReversalNotNegative => "REVERSAL_NOT_NEGATIVE",
            Self::ReversedRecordNotFound => "REVERSED_RECORD_NOT_FOUND",
            Self::ReversalOfReversal => "REVERSAL_OF_REVERSAL",
            Self::ReversalMismatch => "REVERSAL_MISMATCH",
            Self::ReversalExceedsRecord => "REVERSAL_EXCEEDS_RECORD",
            Self::RecordInSealedPeriod(_) => "RECORD_IN_SEALED_PERIOD",
            Self::ReversedRecordRefused => "REVERSED_RECORD_REFUSED",
        }
    }

    /// The period that holds the id instead.
    #[must_use]
    pub fn other_period(self) -> Option<Period> {
        match self {
            Self::ConflictElsewhere(period) | Self::RecordInSealedPeriod(period) => Some(period),
            Self::Conflict
            | Self::PeriodSealed
            | Self::RecordIdInvalid
            | Self::MerchantIdInvalid
            | Self::FeeKindInvalid
            | Self::DateInvalid
            | Self::OccurredAfterPeriod
            | Self::AmountNotPositive
            | Self::ReversalNotNegative
            | Self::ReversedRecordNotFound
            | Self::ReversalOfReversal
            | Self::ReversalMismatch
            | Self::ReversalExceedsRecord
            | Self::ReversedRecordRefused => None,
        }
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was new and is kept.
    Accepted,
    /// The same was accepted before.
    Duplicate,
    /// It is not kept, but among the refused.
    Refused(RecordRefusal),
}
