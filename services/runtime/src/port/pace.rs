//! How fast those may go on whose calls come to nothing.
//!
//! A call that is refused, that nobody need be known for, or that is reset before its answer, costs
//! its caller little and everybody else their place in the queue of the processors: a few
//! connections that begin thousands of them make all others wait. So a connection owes each of
//! them. What it owes it pays with time, in which nothing is read from it, out of one measure for
//! all connections of a server; and it is read from by the sip, so that what it begins at once is
//! little. A connection whose calls are answered owes nothing, and is read from as ever.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead as _, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{activity::Activity, socket::Socket};

/// What a connection may owe before it waits: those who look around, or whose token has just
/// expired, notice nothing.
const OWED_MAX: u32 = 32;

/// What it owes still after it has waited, and from where on it is read from by the sip: so only
/// calls that are answered make it as quick again as others are.
const OWED_LEFT: u32 = 16;

/// What is read at once of a connection that owes, or of which no call was let in yet: a small call
/// or two, since all that begin at once make the others wait.
pub(crate) const SIP_BYTES: usize = 64;

/// What one of the calls that come to nothing costs: 1,000 a second of all connections together.
const EACH: Duration = Duration::from_millis(1);

/// The longest that a connection waits. One whose turn would come later is ended.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The measure of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Pace(Arc<Mutex<Instant>>);

/// More is owed than can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLate;

impl Pace {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// When a connection that owes so many calls may go on; not at all where it need not wait.
    /// All but [`OWED_LEFT`] is paid by that.
    pub(crate) fn turn(&self, owed: &mut u32) -> Result<Option<Instant>, TooLate> {
        if *owed <= OWED_MAX {
            return Ok(None);
        }
        let now = Instant::now();
        let mut next = self.0.lock();
        let turn = (*next).max(now);
        if turn - now > WAIT_MAX {
            return Err(TooLate);
        }
        *next = turn + EACH * (*owed - OWED_LEFT);
        *owed = OWED_LEFT;
        Ok((turn > now).then_some(turn))
    }
}

/// How a connection is read from.
pub(crate) struct Paced {
    pace: Pace,
    /// Until then nothing is read.
    turn: Option<Pin<Box<Sleep>>>,
    /// What was read last was a sip, and nobody else had a turn since.
    is_sipping: bool,
}

impl Paced {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            pace,
            turn: None,
            is_sipping: false,
        }
    }

    /// Reads from `stream` as soon, and as much, as what there was on it allows.
    pub(crate) fn poll_read(
        &mut self,
        activity: &Activity,
        stream: &mut Socket,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_turn(activity, context))?;
        if !activity.is_known() || activity.owing(|owed| *owed >= OWED_LEFT) {
            return self.poll_sip(stream, context, buffer);
        }
        Pin::new(stream).poll_read(context, buffer)
    }

    fn poll_turn(
        &mut self,
        activity: &Activity,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if let Some(turn) = &mut self.turn {
                ready!(turn.as_mut().poll(context));
                self.turn = None;
            }
            match activity.owing(|owed| self.pace.turn(owed)) {
                Ok(None) => return Poll::Ready(Ok(())),
                Ok(Some(turn)) => self.turn = Some(Box::pin(sleep_until(turn))),
                Err(TooLate) => return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into())),
            }
        }
    }

    /// Reads a little, and only after others had their turn: what was asked by it has been counted
    /// by then.
    fn poll_sip(
        &mut self,
        stream: &mut Socket,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.is_sipping) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut bytes = [0; SIP_BYTES];
        let most = SIP_BYTES.min(buffer.remaining());
        let mut sip = ReadBuf::new(&mut bytes[..most]);
        ready!(Pin::new(stream).poll_read(context, &mut sip))?;
        buffer.put_slice(sip.filled());
        self.is_sipping = true;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_owes_little_waits_for_nobody_and_who_owes_much_for_those_before() {
        let pace = Pace::new();
        let now = Instant::now();
        let (mut little, mut much) = (OWED_MAX, 1_000);

        assert_eq!(pace.turn(&mut little), Ok(None));
        assert_eq!(little, OWED_MAX);

        assert_eq!(pace.turn(&mut much), Ok(None), "nobody is before it");
        assert_eq!(much, OWED_LEFT, "it has paid");
        let mut next = OWED_LEFT + 33;
        assert_eq!(pace.turn(&mut next), Ok(Some(now + 984 * EACH)));
        assert_eq!(pace.turn(&mut 20_000), Ok(Some(now + 1_017 * EACH)));
        assert_eq!(pace.turn(&mut little), Ok(None));

        assert_eq!(pace.turn(&mut 100), Err(TooLate));
        let turn = now + 21_001 * EACH;
        sleep_until(turn - WAIT_MAX).await;
        assert_eq!(pace.turn(&mut 100), Ok(Some(turn)));
    }
}
