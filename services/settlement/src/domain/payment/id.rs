//! How orders and their payments are called.

use gazelle_kernel::ParseError;

use super::answer::own_id;

const ID_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The id of an order: 128 bits that are unique, in 26 characters that are read out without doubt
/// (Crockford's base 32, in lower case).
#[must_use]
pub fn order_id(unique: u128) -> String {
    let digit = |place: u32| ID_DIGITS[usize::try_from(unique >> (5 * place) & 31).unwrap_or(0)];
    (0..26)
        .rev()
        .map(|place| char::from(digit(place)))
        .collect()
}

/// Reads an order's id in any case, as it was made; anything else is refused as `ID_INVALID`.
pub fn parse_order_id(text: &str) -> Result<String, ParseError> {
    let id = own_id(text);
    if id.len() == 26 && id.bytes().all(|digit| ID_DIGITS.contains(&digit)) {
        return Ok(id);
    }
    let expected = "the id of an order: 26 digits and letters other than i, l, o and u";
    Err(ParseError::new("ID_INVALID", text, expected))
}

/// The id of an order's payment, from 1: at most 35 characters.
#[must_use]
pub fn payment_id(order_id: &str, number: usize) -> String {
    format!("{order_id}-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_named_by_what_can_be_its_id_in_any_case() {
        let id = order_id(0x0192_a3b4_c5d6_e7f8_0912_2334_4556_6778);
        for text in [id.clone(), id.to_uppercase()] {
            assert_eq!(parse_order_id(&text), Ok(id.clone()));
        }
        for text in [
            String::new(),
            "\0".to_owned(),
            id.replacen(&id[..1], "\0", 1),
            id.replacen(&id[..1], "u", 1),
            id[1..].to_owned(),
            format!("{id}-1"),
            format!("{id} "),
            "0192a3b4-c5d6-e7f8-0912-233445566778".to_owned(),
        ] {
            let refused = parse_order_id(&text).map_err(|error| error.reason());
            assert_eq!(refused, Err("ID_INVALID"), "{text:?}");
        }
    }
}
