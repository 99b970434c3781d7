//! One message alone, in the body of a call that takes one.
//!
//! `tonic` answers the first and passes over what follows, and who sent that would take it for
//! done.

use gazelle_proto::access::ErrorReason;
use tonic::Code;

use crate::status::Refusal;

/// What stands before a message: whether it is compressed, and its length.
pub(super) const PREFIX_BYTES: usize = 5;

/// How far a body is in its message.
#[derive(Default)]
pub(super) struct Single {
    prefix: [u8; PREFIX_BYTES],
    seen: usize,
}

impl Single {
    /// Goes on by `bytes`; whether they are still of the first message.
    pub(super) fn takes(&mut self, bytes: &[u8]) -> bool {
        let missing = self.prefix.iter_mut().skip(self.seen);
        for (missing, byte) in missing.zip(bytes) {
            *missing = *byte;
        }
        self.seen += bytes.len();
        let [_, length @ ..] = self.prefix;
        let of_message = self.seen.saturating_sub(PREFIX_BYTES);
        of_message <= u32::from_be_bytes(length) as usize
    }
}

/// Of more than one message.
pub(super) fn refused() -> Refusal {
    Refusal::shared(
        Code::InvalidArgument,
        ErrorReason::MessageUnreadable,
        "the body has more than the one message that this RPC takes; make a call for each",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_by_its_length_however_it_comes() {
        let whole = b"\0\0\0\x01\x02".iter().copied().chain([7; 258]);
        let whole: Vec<u8> = whole.collect();
        for piece in [1, 2, 4, 5, 6, 100, 263] {
            let mut single = Single::default();
            assert!(whole.chunks(piece).all(|bytes| single.takes(bytes)));
            assert!(single.takes(&[]) && !single.takes(&[0]), "{piece}");
        }
        assert!(!Single::default().takes(&[whole, vec![0]].concat()));
    }
}
