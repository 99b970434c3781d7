//! Unified social credit codes that pass both checks.

use gazelle_kernel::Uscc;

use super::random::Random;

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A code of an enterprise that was registered in that district. Its check characters are found
/// by trying, so that there is one implementation of the checks.
pub(super) fn uscc(random: &mut Random, district: &str) -> Uscc {
    // 91: an enterprise, registered by the administration for industry and commerce.
    let mut body = format!("91{district}MA");
    body.extend((0..6).map(|_| char::from(*random.pick(ALPHABET))));
    let with = |body: &str, last: u8| format!("{body}{}", char::from(last));
    ALPHABET
        .iter()
        .map(|&organization| with(&body, organization))
        .find(|body| Uscc::parse_excepted(&with(body, b'0')).is_ok())
        .and_then(|body| {
            ALPHABET
                .iter()
                .find_map(|&last| Uscc::parse(&with(&body, last)).ok())
        })
        .expect("every body has its check characters in the alphabet")
}
