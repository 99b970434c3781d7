//! gzip of one member alone, in each message that is compressed by it.
//!
//! `tonic` inflates the first and passes over what follows, and who sent that would take it for
//! read. Which bytes follow shows by inflating alone, so that is done here too, as they pass.

use std::io::{self, Write};

use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use flate2::write::GzDecoder;
use futures::{StreamExt as _, stream::unfold};
use http::HeaderMap;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tonic::Status;

use super::single::PREFIX_BYTES;

/// What `tonic` inflates of a message at most; of larger ones it says so by itself.
const INFLATED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// As `tonic` begins to tell what it cannot inflate.
const MORE_FOLLOWS: &str = "Error decompressing: bytes follow the first gzip member";

/// How far a body is in its messages.
#[derive(Default)]
struct MessageFraming {
    prefix: [u8; PREFIX_BYTES],
    /// Of the prefix that is being read.
    seen: usize,
    /// Bytes of the message that are to come.
    left: usize,
    /// The member of a message that is compressed, as long as there is something to find in it.
    member: Option<GzDecoder<InflatedBytes>>,
}

/// Counts what is inflated, up to [`INFLATED_BYTES_MAX`].
struct InflatedBytes(usize);

impl Write for InflatedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > INFLATED_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MessageFraming {
    /// Goes on by `all`. Where something follows a member, the error is how many bytes stand before
    /// its message.
    fn take(&mut self, all: &[u8]) -> Result<(), usize> {
        let (mut bytes, mut before) = (all, 0);
        while !bytes.is_empty() {
            if self.left == 0 {
                if self.seen == 0 {
                    before = all.len() - bytes.len();
                }
                let (prefix, rest) = bytes.split_at(bytes.len().min(PREFIX_BYTES - self.seen));
                self.prefix[self.seen..][..prefix.len()].copy_from_slice(prefix);
                self.seen += prefix.len();
                bytes = rest;
                if self.seen == PREFIX_BYTES {
                    self.begin();
                }
                continue;
            }
            let (of_message, rest) = bytes.split_at(bytes.len().min(self.left));
            if !self.inflate(of_message) {
                return Err(before);
            }
            self.left -= of_message.len();
            bytes = rest;
            if self.left == 0 {
                self.member = None;
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        let [compressed, length @ ..] = self.prefix;
        self.seen = 0;
        self.left = u32::from_be_bytes(length) as usize;
        self.member = (compressed == 1).then(|| GzDecoder::new(InflatedBytes(0)));
    }

    fn inflate(&mut self, mut bytes: &[u8]) -> bool {
        while let Some(member) = &mut self.member
            && !bytes.is_empty()
        {
            match member.write(bytes) {
                Ok(0) => return false,
                Ok(taken) => bytes = &bytes[taken..],
                // What is wrong with it is told by who reads it.
                Err(_) => self.member = None,
            }
        }
        true
    }
}

/// The request, whose body ends with an error where something follows a member.
pub(super) fn of_one_member(request: Request) -> Request {
    if !is_gzip(request.headers()) {
        return request;
    }
    request.map(|body| {
        let checked = Checked {
            body,
            messages: MessageFraming::default(),
            is_over: false,
        };
        let frames = unfold(checked, async |mut checked| {
            let frame = checked.next().await?;
            Some((frame, checked))
        });
        // Whoever reads it may ask again after its end.
        Body::new(StreamBody::new(frames.fuse()))
    })
}

fn is_gzip(headers: &HeaderMap) -> bool {
    let encoding = headers.get("grpc-encoding");
    encoding.is_some_and(|encoding| encoding == "gzip")
}

/// A body that is read no further than something follows a member.
struct Checked {
    body: Body,
    messages: MessageFraming,
    is_over: bool,
}

impl Checked {
    async fn next(&mut self) -> Option<Result<Frame<Bytes>, axum::Error>> {
        let refused = || Some(Err(axum::Error::new(Status::internal(MORE_FOLLOWS))));
        if self.is_over {
            self.body = Body::empty();
            return refused();
        }
        let frame = match self.body.frame().await? {
            Ok(frame) => frame,
            Err(error) => return Some(Err(error)),
        };
        let taken = frame.data_ref().map(|data| self.messages.take(data));
        let Some(Err(before)) = taken else {
            return Some(Ok(frame));
        };
        self.is_over = true;
        match frame.into_data() {
            Ok(data) if before > 0 => Some(Ok(Frame::data(data.slice(..before)))),
            _ => refused(),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn member(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn message(compressed: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[compressed], &length[..], content].concat()
    }

    #[tokio::test]
    async fn who_asks_on_after_the_end_of_a_body_is_told_it_again() {
        let body = Body::from(message(1, &member(b"all")));
        let request = Request::builder().header("grpc-encoding", "gzip");
        let mut body = of_one_member(request.body(body).unwrap()).into_body();
        assert!(body.frame().await.unwrap().is_ok());
        assert!(body.frame().await.is_none());
        assert!(body.frame().await.is_none());
    }

    #[test]
    fn nothing_follows_the_one_member_of_a_message_however_it_comes() {
        let one = member(b"first");
        let sound = [
            message(1, &one),
            message(0, b"plain"),
            message(1, &[]),
            message(1, &member(&vec![0; 100_000])),
            message(1, b"no gzip, which is told by who reads it"),
            message(1, &one[..12]),
            message(1, &member(&vec![7; INFLATED_BYTES_MAX + 1])),
        ]
        .concat();
        let two = message(1, &[&one[..], &member(b"second")].concat());
        let garbage = message(1, &[&one[..], b"x"].concat());
        for piece in [1, 2, 5, 7, 1_000, usize::MAX] {
            let piece = piece.min(sound.len());
            let mut messages = MessageFraming::default();
            assert!(
                sound
                    .chunks(piece)
                    .all(|bytes| messages.take(bytes).is_ok()),
                "{piece}"
            );
            for follows in [&two, &garbage] {
                let first = message(1, &one);
                let body = [&first[..], follows].concat();
                assert_eq!(MessageFraming::default().take(&body), Err(first.len()));
                let mut messages = MessageFraming::default();
                let mut taken = body.chunks(piece).map(|bytes| messages.take(bytes));
                assert!(taken.any(|taken| taken.is_err()), "{piece}");
            }
        }
    }
}
