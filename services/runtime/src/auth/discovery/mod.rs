//! Keys that a provider is asked for (`OpenID` Connect Discovery 1.0).
//!
//! One task an issuer fetches its document and then its key set, again after a while, sooner
//! where that failed, and at once where a token names a key that is not there: not more often
//! than every few seconds, once for all who wait. While the provider is away the last good set
//! stays; nothing of this makes a service less ready.

use std::{sync::Arc, time::Duration};

use parking_lot::{Mutex, RwLock};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Instant, timeout},
};

use super::{
    error::AuthError,
    keys::{self, Key, KeySet},
};
use crate::config::IssuerConfig;

mod document;
mod fetch;

use document::Document;
use fetch::{FetchError, Fetcher};

/// From one fetch to the next, and to the one after a failed one.
const INTERVAL: Duration = Duration::from_mins(5);
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// From one unknown key that is asked for to the next.
const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_secs(5);

/// The longest that a call waits for its key.
const SEEK_WAIT: Duration = Duration::from_secs(3);

/// Most calls that wait for keys at a time; the others are refused at once.
const SEEKING_MAX: usize = 256;

/// The keys of one provider.
pub(in crate::auth) struct Discovered {
    issuer: String,
    fetcher: Fetcher,
    keys: RwLock<Arc<KeySet>>,
    /// How many fetches there were, good or bad.
    fetches: watch::Sender<u64>,
    wanted: Notify,
    asking: Mutex<Asking>,
    seeking: Semaphore,
}

#[derive(Default)]
struct Asking {
    /// When a key that was not known was last asked for.
    last: Option<Instant>,
    is_under_way: bool,
    is_failing: bool,
}

impl Discovered {
    /// Asks nobody yet.
    pub(in crate::auth) fn new(config: &IssuerConfig) -> Result<Self, AuthError> {
        Ok(Self {
            issuer: config.issuer.clone(),
            fetcher: Fetcher::new(&config.issuer, config.ca_file.as_deref())?,
            keys: RwLock::default(),
            fetches: watch::Sender::new(0),
            wanted: Notify::new(),
            asking: Mutex::default(),
            seeking: Semaphore::new(SEEKING_MAX),
        })
    }

    pub(in crate::auth) fn current(&self) -> Arc<KeySet> {
        self.keys.read().clone()
    }

    /// Until the first fetch is over, good or bad.
    pub(in crate::auth) async fn first(self: Arc<Self>) {
        let mut fetches = self.fetches.subscribe();
        // It cannot be closed: we hold the other end.
        let _ = fetches.wait_for(|count| *count > 0).await;
    }

    /// Fetches for ever.
    pub(in crate::auth) async fn keep(self: Arc<Self>) {
        loop {
            self.asking.lock().is_under_way = true;
            let fetched = self.fetch().await;
            let wait = if fetched.is_ok() {
                INTERVAL
            } else {
                RETRY_INTERVAL
            };
            self.tell(fetched);
            self.asking.lock().is_under_way = false;
            self.fetches.send_modify(|count| *count += 1);
            let _ = timeout(wait, self.wanted.notified()).await;
        }
    }

    /// Waits for a fetch where one may be made, for a key that is not there. Returns whether one
    /// was made.
    pub(in crate::auth) async fn seek(&self) -> bool {
        let Ok(_place) = self.seeking.try_acquire() else {
            return false;
        };
        let mut fetches = self.fetches.subscribe();
        if !self.ask() {
            return false;
        }
        let changed = timeout(SEEK_WAIT, fetches.changed()).await;
        changed.is_ok_and(|it| it.is_ok())
    }

    /// Whether a fetch is under way now, or is begun.
    fn ask(&self) -> bool {
        let mut asking = self.asking.lock();
        if asking.is_under_way {
            return true;
        }
        let now = Instant::now();
        if asking
            .last
            .is_some_and(|last| now - last < UNKNOWN_KEY_INTERVAL)
        {
            return false;
        }
        asking.last = Some(now);
        asking.is_under_way = true;
        self.wanted.notify_one();
        true
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let found = self.fetcher.get(&document::address(&self.issuer)).await?;
        let document = Document::parse(&found, &self.issuer)?;
        document.keeps_to_tls()?;
        let found = self.fetcher.get(&document.jwks_uri).await?;
        keys::parse(&found).map_err(|error| FetchError::Content(error.to_string()))
    }

    /// Writes a line where something has changed, not at each fetch.
    fn tell(&self, fetched: Result<KeySet, FetchError>) {
        let issuer = &self.issuer;
        match fetched {
            Ok(keys) => {
                let known = self.current();
                let is_same = |(id, key): (&String, &Key)| {
                    let last = known.get(id).map(|last| &last.thumbprint);
                    last == Some(&key.thumbprint)
                };
                let is_new = keys.len() != known.len() || !keys.iter().all(is_same);
                *self.keys.write() = Arc::new(keys);
                let was_failing = std::mem::take(&mut self.asking.lock().is_failing);
                if is_new || was_failing {
                    let count = self.current().len();
                    tracing::info!(%issuer, count, "the keys of the issuer were fetched");
                }
            }
            Err(error) if !std::mem::replace(&mut self.asking.lock().is_failing, true) => {
                let error: &dyn std::error::Error = &error;
                let left = self.current().len();
                if left == 0 {
                    tracing::error!(%issuer, error, "the keys of the issuer cannot be fetched; none of its tokens is believed yet");
                } else {
                    tracing::error!(%issuer, error, left, "the keys of the issuer cannot be fetched; the last ones stay");
                }
            }
            Err(error) => tracing::debug!(%issuer, %error, "still cannot be fetched"),
        }
    }
}

#[cfg(test)]
mod tests;
