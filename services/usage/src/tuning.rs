//! What was tuned: each number with its reason, and what was measured where anything was.
//!
//! Rates are of `make bench` on two shared cores (EPYC), client, service and database together.
//! What an operator sets is in [`IngestConfig`](crate::IngestConfig); limits of the contract stand
//! where they are kept, in `grpc`.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

// A group: what one writer writes in one transaction.

/// Records after which a group is written. Groups of 5,000 reached 0.81 of the rate of 20,000
/// (362 to 446 thousand records a second, end to end); beyond, little is gained, and memory and the
/// wait grow.
pub const GROUP_RECORDS: usize = 20_000;

/// Writers at most, where the cores say more. Two fill two cores; there a third gained about a
/// tenth.
pub const WRITERS_MAX: u32 = 16;

/// Records that may wait to be written: ten groups, so that no writer is ever without. 200 bytes
/// each, never more than 600.
pub const QUEUE_RECORDS: u32 = 200_000;

/// Batches that may wait, however few records they have: each has a buffer and somebody who waits
/// for its answer, which of one record take more than the record. From some 12 records a batch on,
/// what bounds the queue is its records.
pub const QUEUE_BATCHES: usize = 16_384;

/// Records of a batch at most: of several messages that came together, the last with as many as
/// the contract allows.
pub const BATCH_RECORDS_MAX: usize = 2_000;

/// What a row takes beyond what was sent, or nearly; reserved at once, so that rows are never
/// moved.
pub const ROW_OVERHEAD_BYTES: usize = 64;

/// Records of a stream that are read ahead of their acknowledgement: a group.
pub const STREAM_RECORDS: usize = 20_000;

/// Streams of one platform: with a group each they fill the queue.
pub const PLATFORM_STREAMS: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not 0");

// Copying.

/// How many bytes go to the database at once: as few calls as a buffer allows that stays in the
/// cache of the processor.
pub const COPY_CHUNK_BYTES: usize = 64 * 1024;

/// How many rows are touched before they are copied. Their order is not that of memory, so each
/// would be waited for; touched one right after the other, they are waited for together. (With
/// places sorted as numbers and the look at what came lately in one line of memory: a fifth less of
/// the processor for a record.)
pub const ROWS_AHEAD: usize = 32;

// Which strategy: `ingest/write/strategy.rs` decides.

/// Of how many records one may have come lately, before looking at each of them on its own is
/// slower than looking up all.
pub const REPEATS_SHARE: usize = 8;

/// Groups of a period of which what stands is looked up first, after one with records that were
/// there already: where a platform sends everything again, trying to copy first would only leave
/// dead rows. (After a replay that tried to copy each time, the table and its index had 170 to 194
/// bytes a record more, until vacuum.)
pub const GROUPS_LOOKED_UP: u8 = 8;

/// How often places may be taken by others between looking and copying. Each time those are
/// committed by then, so the next look sees them; going row by row costs a group twice its time.
pub const LOOKS_MAX: u32 = 3;

/// How long groups do not wait for what is being sealed, after one that waited in vain: all that
/// is in a group waits with it, other platforms' too.
pub const PASS_BUSY: Duration = Duration::from_secs(10);

// Trying again, waiting, stopping.

/// Attempts at most; with the pauses between them, about 5 s: longer than a database takes to
/// come back after a crash without much to recover.
pub const ATTEMPTS_MAX: usize = 12;

/// The pauses between attempts: twice as long each time, within these.
pub const PAUSE_MIN: Duration = Duration::from_millis(10);
/// The longest of them: a database that is away is asked once a second.
pub const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How long reversals, and what comes again, wait for what came before them. Longer than its
/// transactions may take.
pub const EARLIER_WAIT: Duration = Duration::from_mins(1);

/// How long what is queued may take to be written when the service stops: half of the 10 s in which
/// the process is to be gone.
pub const FINISH_WAIT: Duration = Duration::from_secs(5);

/// How often other processes may take a number first. Each time one of them has got its own, so
/// this many would have to meet new names in the same moment; more is no contest but a fault.
pub const NUMBER_ATTEMPTS_MAX: u32 = 30;

/// Names and periods of one kind that are remembered; beyond, all are asked for again.
pub const REMEMBERED_NAMES_MAX: usize = 100_000;

// What came lately: `ingest/memory/recent.rs`.

/// Records that are remembered; 6 bytes each, 8 MiB in all: what a platform sends again it mostly
/// sent a moment ago, and a larger table would miss the processor's caches more often.
pub const REMEMBERED_RECORDS: u32 = 1_300_000;

/// How long nothing is written after the start, until what came before is remembered: an id that
/// stands in one month would else be taken for another.
pub const RECALL_WAIT: Duration = Duration::from_secs(5);

/// Marks that stand together: a line of the processor's memory, so that a look costs one.
pub const MARKS_OF_LINE: usize = 10;

// Filters of periods for what reversals name: `ingest/memory/period_filters.rs`. With 24 earlier
// periods that were all searched, half of a stream's time went into one reversal in twenty.

/// What all filters take of memory: 134 million records. Periods that find no room are searched.
pub const FILTERS_BYTES_MAX: usize = 128 << 20;

/// Bits for each key: of keys that are not there, it takes about one in twenty-five for one that
/// is. Twice as many would spare a look in each period for one reversal in twenty-five.
pub const FILTER_BITS_PER_KEY: usize = 8;

/// Looks into a period, as a share of its records, after which they have cost about as much as
/// reading all its keys would.
pub const LOOKS_SHARE: u64 = 8;
/// The same of a sealed one, whose keys are kept in a tenth of the bytes.
pub const LOOKS_SHARE_SEALED: u64 = 128;

/// Searches after which a period that did not change meanwhile is likely to stay so.
pub const QUIET_SEARCHES: u64 = 4;

/// Searches after which a filter that was of no use makes room for others.
pub const IDLE_SEARCHES: u64 = 1_000;

/// How long reading the keys of a period may take. It has a connection of its own, so nobody waits
/// for it; what takes longer will hardly end.
pub const KEYS_READ_WAIT: Duration = Duration::from_mins(5);

/// Places that are looked into with one statement, whose columns take a megabyte.
pub const LOOKS_AT_ONCE: usize = 50_000;

// Judging a file without keeping it: `app/check.rs`.

/// Records that all checks together remember: some 200 bytes each, 100 MiB in all.
pub const CHECK_RECORDS_MAX: u32 = 500_000;
/// Records of them that the checks of one platform remember, and so a stream: none has all, however
/// long its streams are silent. More than the command line has in a part (`PART_RECORDS`).
pub const CHECK_SHARE_RECORDS_MAX: u32 = CHECK_RECORDS_MAX / 2;

// Sealing, withdrawing, reading totals.

/// Periods that are sealed or withdrawn at a time, each with up to 450 MiB; and reads of sealed
/// totals. Each holds connections for long, so they have some of their own.
pub const SEALS_MAX: usize = 1;
/// Reads of sealed totals at a time: a connection each, of those that a seal leaves.
pub const TOTALS_READS_MAX: usize = 2;
/// Connections that all these need: a seal has one that writes and one that reads.
pub const LONG_CONNECTIONS: NonZeroU32 = NonZeroU32::new(4).expect("4 is not 0");
/// Records of a slice while a period is sealed: with 48 bytes each, up to 450 MiB.
pub const SEALED_SLICE_RECORDS: i64 = 8 << 20;
/// The same while periods are compared with the trail, which two may do at a time, and somebody
/// seal: up to 110 MiB each, and a large period is read two or three times.
pub const COMPARED_SLICE_RECORDS: i64 = 2 << 20;
/// Longest wait for a turn: whoever called has given up by then.
pub const TURN_WAIT: Duration = Duration::from_secs(20);

/// How often records may be refused before a period is sealed: a platform may send them again.
pub const SEAL_ROUNDS_MAX: u32 = 4;
/// Records that are fixed with one statement, whose columns take some hundred kilobytes.
pub const FIXED_AT_ONCE: usize = 20_000;
/// Records that are taken out with one statement, which gives them back whole: some megabytes.
pub const REMOVED_AT_ONCE: usize = 5_000;

/// Parts of a sealed period's keys that are written at once: some megabytes.
pub const KEY_PARTS_AT_ONCE: usize = 16;

/// How long a reader of totals may take for each part. Shorter than [`LONG_IDLE_WAIT`], so that it
/// is told why its answer ends before the database ends the transaction.
pub const PART_WAIT: Duration = Duration::from_mins(1);
/// Merchants in a part at most, as the contract says: their ids, of up to 128 bytes, come to some
/// hundred kilobytes, however few totals each has.
pub const PART_MERCHANTS_MAX: usize = 1_000;
/// Totals in a part at most: a message stays well below the 4 MiB that clients take unless they
/// say otherwise.
pub const PART_TOTALS_MAX: usize = 20_000;

/// Refused records of a period that are looked up to count those that are resolved, as the contract
/// says. Each is a look into every period of its platform, and whoever asks for a period waits.
pub const RESOLVED_LOOKS_MAX: i64 = 10_000;

// Transactions: `store/transaction.rs` says which is of which kind.

/// How long a short one waits for a lock, such as a seal's: all that is in its group waits with it.
pub const SHORT_LOCK_WAIT: Duration = Duration::from_secs(3);
/// How long a statement of it may take: others wait for its locks meanwhile.
pub const SHORT_STATEMENT_WAIT: Duration = Duration::from_secs(30);

/// How long a long one waits for a lock: groups that are being written hold its period meanwhile.
pub const LONG_LOCK_WAIT: Duration = Duration::from_secs(10);
/// How long a statement of it may take: it goes through all records of a period, or totals of
/// years.
pub const LONG_STATEMENT_WAIT: Duration = Duration::from_mins(30);
/// How long it may do nothing: its process is gone, or a reader takes nothing.
pub const LONG_IDLE_WAIT: Duration = Duration::from_mins(2);
/// The same of a seal, which waits on one connection while it counts on the other.
pub const SEALING_IDLE_WAIT: Duration = Duration::from_mins(10);
