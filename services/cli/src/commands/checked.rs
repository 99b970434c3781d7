//! Following a check of books or of a trail to its end.

use tonic::Streaming;

use crate::failure::Failure;
use crate::output::progress;
use crate::words;

/// How far a check has come.
pub(super) struct Step<C> {
    /// Entries there are.
    pub entry_count: i64,
    /// Entries found right.
    pub verified_count: i64,
    /// Where they end, once all are.
    pub checkpoint: Option<C>,
}

/// How many entries were found right, and where they end, with a bar meanwhile. What is wrong ends
/// the stream as a refusal.
pub(super) async fn follow<S, C>(
    mut steps: Streaming<S>,
    read: impl Fn(S) -> Step<C>,
) -> Result<(i64, C), Failure> {
    let bar = progress::counted(words::title("entries"));
    let (mut verified, mut last) = (0, None);
    while let Some(step) = steps.message().await? {
        let step = read(step);
        bar.set_length(step.entry_count.unsigned_abs());
        bar.set_position(step.verified_count.unsigned_abs());
        verified = step.verified_count;
        last = step.checkpoint.or(last);
    }
    bar.finish_and_clear();
    // A stream that ends without saying so has not checked all.
    let last =
        last.ok_or_else(|| Failure::said("INTERNAL", "the check ended before the last entry"))?;
    Ok((verified, last))
}
