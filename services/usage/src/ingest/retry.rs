//! Tries a transaction again, a bounded number of times.

use std::time::Duration;

use crate::store::StoreError;

/// Attempts at most; with the pauses between them, about 5 s: longer than a database takes to
/// come back after a crash without much to recover.
const ATTEMPTS_MAX: u32 = 12;

const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// All are taken for new, the quickest; it fails if any place is taken or any period sealed.
    Copy,
    /// Periods are held open, or found sealed; what is taken is looked up; and the rest is written.
    /// It fails only if another transaction takes one of those places meanwhile.
    LookThenCopy,
    /// Fees row by row, which never fails for that.
    OneByOne,
}

/// How often places may be taken by others between looking and copying. Each time those are
/// committed by then, so the next look sees them; copying is worth trying again.
const LOOKS_MAX: u32 = 3;

/// The attempts of one transaction.
#[derive(Debug)]
pub struct Attempts {
    failed: u32,
    looks: u32,
    pause: Duration,
    /// How the next one writes.
    pub method: Method,
    /// The next one does not wait for what is being sealed.
    pub pass_busy: bool,
    waited_in_vain: bool,
}

impl Attempts {
    pub fn new(method: Method, pass_busy: bool) -> Self {
        Self {
            failed: 0,
            looks: 0,
            pause: Duration::from_millis(10),
            method,
            pass_busy,
            waited_in_vain: false,
        }
    }

    /// Whether one of them waited for a lock as long as it may.
    pub fn waited_in_vain(&self) -> bool {
        self.waited_in_vain
    }

    /// Waits a little after a failed attempt; or returns its error, where another is useless.
    pub async fn next_after(&mut self, error: StoreError) -> Result<(), StoreError> {
        if matches!(error, StoreError::Sealed | StoreError::Raced) && self.method == Method::Copy {
            self.method = Method::LookThenCopy;
            return Ok(());
        }
        if error.is_record_present() {
            match self.method {
                Method::Copy => self.method = Method::LookThenCopy,
                Method::LookThenCopy if self.looks + 1 < LOOKS_MAX => self.looks += 1,
                Method::LookThenCopy => self.method = Method::OneByOne,
                Method::OneByOne => return Err(error),
            }
            return Ok(());
        }
        self.failed += 1;
        if !error.is_transient() || self.failed >= ATTEMPTS_MAX {
            return Err(error);
        }
        if error.is_lock_timeout() {
            (self.pass_busy, self.waited_in_vain) = (true, true);
            if self.method == Method::Copy {
                self.method = Method::LookThenCopy;
            }
        }
        tracing::warn!(
            attempt = self.failed,
            cause = cause(&error),
            "records are written again"
        );
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}

fn cause(error: &StoreError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}
