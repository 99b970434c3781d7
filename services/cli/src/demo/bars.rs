//! Bars of block characters.

/// Characters of a bar's parts, from the densest.
pub(super) const PARTS: [char; 3] = ['█', '▓', '░'];

/// A bar of `width` characters for `whole`, cut into parts. Parts that are negative, as in a
/// month that took back more than it gave, have no length.
pub(super) fn stacked(parts: [i64; 3], whole: i64, width: usize) -> String {
    let mut bar = String::new();
    let mut sum = 0;
    let mut drawn = 0;
    for (part, character) in parts.into_iter().zip(PARTS) {
        sum += i128::from(part.max(0));
        // To the nearest character of the running sum, so that rounding never adds up.
        let end = scaled(sum, whole, width).max(drawn);
        bar.extend(std::iter::repeat_n(character, end - drawn));
        drawn = end;
    }
    bar
}

fn scaled(amount: i128, whole: i64, width: usize) -> usize {
    if whole <= 0 {
        return 0;
    }
    let (whole, width) = (i128::from(whole), width as i128);
    let characters = (amount * width * 2 + whole) / (whole * 2);
    usize::try_from(characters.clamp(0, width)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar_in_proportion() {
        assert_eq!(stacked([50, 25, 25], 100, 8), "████▓▓░░");
        assert_eq!(stacked([50, 25, 25], 200, 8), "██▓░");
    }

    #[test]
    fn rounding_never_makes_a_bar_longer_or_shorter_than_its_sum() {
        for parts in [[1, 1, 1], [333, 333, 334], [1, 0, 999], [0, 0, 1]] {
            let whole = parts.iter().sum();
            assert_eq!(stacked(parts, whole, 50).chars().count(), 50, "{parts:?}");
        }
    }

    #[test]
    fn nothing_and_less_than_nothing_have_no_bar() {
        assert_eq!(stacked([0, 0, 0], 0, 8), "");
        assert_eq!(stacked([-5, 0, 10], 10, 4), "░░░░");
        assert_eq!(stacked([i64::MAX, i64::MAX, i64::MAX], i64::MAX, 4), "████");
    }
}
