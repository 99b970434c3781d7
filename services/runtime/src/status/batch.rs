//! How many items a batch has.

use super::refusal::Refusal;

/// Refuses a batch without items, or with more than `item_count_max`; `refusal` makes it of the
/// message, for the service's own reason.
pub fn check_batch_size(
    item_count: usize,
    item_count_max: usize,
    refusal: impl FnOnce(String) -> Refusal,
) -> Result<(), Refusal> {
    if (1..=item_count_max).contains(&item_count) {
        return Ok(());
    }
    let message = format!("a batch has 1 to {item_count_max} items, not {item_count}");
    Err(refusal(message)
        .with("item_count", item_count)
        .with("item_count_max", item_count_max))
}
