//! What reflection could not read.
//!
//! `tonic-reflection` drops what is wrong with a message and ends its answers, as if it had been
//! asked nothing. Here it is seen from outside: what was read does not end with a message, or was
//! not read to its end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::body::Body;
use futures::stream::unfold;
use gazelle_proto::access::ErrorReason;
use http_body_util::{BodyExt as _, StreamBody};
use tonic::Code;

use super::single::PREFIX_BYTES;
use crate::status::Refusal;

/// How the paths of its two versions begin. It takes streams of messages, and has no rule.
pub(super) const REFLECTION: &str = "/grpc.reflection.";

/// What was read of a call of reflection.
#[derive(Clone, Default)]
pub(super) struct ReflectionBody(Arc<AtomicBool>);

impl ReflectionBody {
    /// Of a call with that path; none where it is another's.
    pub(super) fn of(path: &str) -> Option<Self> {
        path.starts_with(REFLECTION).then(Self::default)
    }

    /// The body, seen as it is read.
    pub(super) fn watched(&self, body: Body) -> Body {
        let begin = (body, Framing::default(), self.clone());
        Body::new(StreamBody::new(unfold(
            begin,
            async |(mut body, mut messages, reading)| {
                let Some(frame) = body.frame().await else {
                    reading.0.store(messages.is_whole(), Ordering::Release);
                    return None;
                };
                if let Some(bytes) = frame.as_ref().ok().and_then(|frame| frame.data_ref()) {
                    messages.add(bytes);
                } else if frame.is_ok() {
                    // Behind trailers nothing is read.
                    reading.0.store(messages.is_whole(), Ordering::Release);
                }
                Some((frame, (body, messages, reading)))
            },
        )))
    }

    /// The refusal of what was not read as a whole.
    pub(super) fn refused(&self) -> Option<Refusal> {
        let message = "the body has what is no message of reflection, is cut off, or is too large";
        let reason = ErrorReason::MessageUnreadable;
        let is_whole = self.0.load(Ordering::Acquire);
        (!is_whole).then(|| Refusal::shared(Code::InvalidArgument, reason, message))
    }
}

/// Where a body is in its messages, one after the other.
#[derive(Default)]
struct Framing {
    prefix: [u8; PREFIX_BYTES],
    /// Bytes of the present one, with its prefix.
    seen: usize,
}

impl Framing {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (taken, rest) = bytes.split_at(self.missing().min(bytes.len()));
            let prefix = self.prefix.iter_mut().skip(self.seen);
            prefix.zip(taken).for_each(|(place, byte)| *place = *byte);
            self.seen += taken.len();
            if self.seen >= PREFIX_BYTES && self.missing() == 0 {
                self.seen = 0;
            }
            bytes = rest;
        }
    }

    /// What is missing of the prefix, or else of the message.
    fn missing(&self) -> usize {
        let [_, length @ ..] = self.prefix;
        let whole = PREFIX_BYTES + u32::from_be_bytes(length) as usize;
        let end = if self.seen < PREFIX_BYTES {
            PREFIX_BYTES
        } else {
            whole
        };
        end - self.seen
    }

    fn is_whole(&self) -> bool {
        self.seen == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_whole_where_each_has_ended_however_they_come() {
        let bytes = b"\0\0\0\0\x02ab\0\0\0\0\0\x01\0\0\x01\0";
        let whole: Vec<u8> = bytes.iter().copied().chain([7; 256]).collect();
        for piece in [1, 2, 5, 7, 12, 100, whole.len()] {
            let mut messages = Framing::default();
            whole.chunks(piece).for_each(|bytes| messages.add(bytes));
            assert!(messages.is_whole(), "{piece}");
        }
        let ends = (0..=whole.len()).filter(|end| {
            let mut messages = Framing::default();
            messages.add(&whole[..*end]);
            messages.is_whole()
        });
        assert_eq!(ends.collect::<Vec<_>>(), [0, 7, 12, whole.len()]);
    }
}
