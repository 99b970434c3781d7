//! Amounts as files write them: yuan with decimals, without separators.

use gazelle_kernel::Fen;

/// The amount in yuan with two decimals, `1234.56`.
#[must_use]
pub fn yuan(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    let sign = if amount.get() < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Reads an amount in yuan, `1234`, `1234.5` or `1234.56`; further decimals have to be 0. `None`
/// for anything else: a sign, a separator, a fraction of a fen, more than 64 bits of fen.
#[must_use]
pub fn parse_yuan(text: &str) -> Option<Fen> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let rest = decimals.get(2..).unwrap_or_default();
    if rest.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let yuan: i64 = whole.parse().ok()?;
    let fen: i64 = format!("{decimals:0<2}")[..2].parse().ok()?;
    yuan.checked_mul(100)?.checked_add(fen).map(Fen::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_it_is_written() {
        for fen in [0, 1, 10, 99, 100, 123_456, i64::MAX] {
            let amount = Fen::new(fen);
            assert_eq!(parse_yuan(&yuan(amount)), Some(amount));
        }
        assert_eq!(yuan(Fen::new(-5)), "-0.05");
    }

    #[test]
    fn banks_may_write_fewer_or_more_decimals() {
        let cases = [
            ("12", 1_200),
            ("12.3", 1_230),
            ("012.30", 1_230),
            ("12.34000", 1_234),
        ];
        for (text, fen) in cases {
            assert_eq!(parse_yuan(text), Some(Fen::new(fen)), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_of_fen_is_no_amount() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "1.234",
            "-1",
            "+1",
            "1,000.00",
            "1e3",
            " 1",
            "¥1",
            "1.2.3",
            "92233720368547758.08",
            "99999999999999999999",
        ] {
            assert_eq!(parse_yuan(text), None, "{text}");
        }
    }
}
