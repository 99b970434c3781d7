//! Amounts in capitals, as Chinese payment papers carry them so that no digit can be altered.
//!
//! By the rules for writing payment papers (支付结算办法, annex 1): zeros within the yuan are
//! read as one 零, an amount that ends in yuan or jiao ends with 整, one that has fen does not, and
//! 零 stands for jiao that are missing between yuan and fen.

use gazelle_kernel::Fen;

const DIGITS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];

/// The amount in capitals: 1,680.32 yuan are `壹仟陆佰捌拾元叁角贰分`.
#[must_use]
pub fn capitals(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::new();
    if amount.get() < 0 {
        text.push('负');
    }
    if yuan > 0 || jiao == 0 && fen == 0 {
        whole(yuan, &mut text);
        text.push('元');
    }
    if jiao > 0 {
        text.push_str(digit(jiao));
        text.push('角');
    } else if yuan > 0 && fen > 0 {
        text.push_str(DIGITS[0]);
    }
    if fen > 0 {
        text.push_str(digit(fen));
        text.push('分');
    } else {
        text.push('整');
    }
    text
}

fn digit(value: u64) -> &'static str {
    DIGITS[usize::try_from(value % 10).unwrap_or_default()]
}

/// A whole number, by 亿 and 万, each read like a number of its own.
fn whole(number: u64, text: &mut String) {
    for (unit, name) in [(100_000_000, "亿"), (10_000, "万")] {
        if number >= unit {
            whole(number / unit, text);
            text.push_str(name);
            let rest = number % unit;
            if rest > 0 {
                if rest < unit / 10 {
                    text.push('零');
                }
                whole(rest, text);
            }
            return;
        }
    }
    up_to_9999(number, text);
}

fn up_to_9999(number: u64, text: &mut String) {
    if number == 0 {
        text.push_str(DIGITS[0]);
        return;
    }
    let mut zero = false;
    for (place, name) in PLACES.iter().enumerate().rev() {
        let value = number / 10_u64.pow(u32::try_from(place).unwrap_or_default()) % 10;
        if value == 0 {
            zero = true;
            continue;
        }
        // Zeros before the first digit are the caller's to read.
        let leading = 10_u64.pow(u32::try_from(place).unwrap_or_default() + 1) > number;
        if zero && !leading {
            text.push_str(DIGITS[0]);
        }
        zero = false;
        text.push_str(digit(value));
        text.push_str(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_on_payment_papers() {
        let cases = [
            (0, "零元整"),
            (5, "伍分"),
            (50, "伍角整"),
            (55, "伍角伍分"),
            (100, "壹元整"),
            (1_000, "壹拾元整"),
            (1_005, "壹拾元零伍分"),
            (168_032, "壹仟陆佰捌拾元叁角贰分"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (32_504, "叁佰贰拾伍元零肆分"),
            (10_000_000, "壹拾万元整"),
            (10_700_053, "壹拾万柒仟元伍角叁分"),
            (1_000_100, "壹万零壹元整"),
            (10_000_500_000, "壹亿零伍仟元整"),
            (1_000_000_000_000, "壹佰亿元整"),
            (-100, "负壹元整"),
            (
                999_999_999_999_999_999,
                "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
            ),
            (100_000_000_000_000_100, "壹仟万亿零壹元整"),
        ];
        for (fen, text) in cases {
            assert_eq!(capitals(Fen::new(fen)), text, "{fen}");
        }
    }

    #[test]
    fn no_two_amounts_read_the_same() {
        let mut all: Vec<String> = (0..200_000)
            .map(|n| capitals(Fen::new(n * 1_009)))
            .collect();
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}
