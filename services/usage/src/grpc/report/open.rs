//! Counts the streams that platforms have open.

use std::{collections::HashMap, sync::Arc};

use gazelle_kernel::PlatformId;
use gazelle_proto::usage::v1::ErrorReason;
use parking_lot::Mutex;
use tonic::{Code, Status};

use crate::grpc::status::refusal;

/// How many each platform has open. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenStreams {
    streams: Arc<Mutex<HashMap<PlatformId, usize>>>,
    max: usize,
}

impl OpenStreams {
    /// None yet, and at most so many of one platform.
    pub fn new(max: usize) -> Self {
        Self {
            streams: Arc::default(),
            max,
        }
    }

    /// One more of a platform; refused where it has as many as it may.
    pub fn open(&self, platform: &PlatformId) -> Result<OpenStream, Status> {
        let mut streams = self.streams.lock();
        let open = streams.entry(platform.clone()).or_default();
        let max = self.max;
        if *open >= max {
            let message = format!("the platform has {max} streams open, as many as it may");
            let reason = ErrorReason::TooManyStreams;
            return Err(refusal(Code::ResourceExhausted, reason, message)
                .with("streams_max", max)
                .into());
        }
        *open += 1;
        Ok(OpenStream {
            platform: platform.clone(),
            streams: self.streams.clone(),
        })
    }
}

/// A platform's open stream; counted until dropped.
#[derive(Debug)]
pub struct OpenStream {
    platform: PlatformId,
    streams: Arc<Mutex<HashMap<PlatformId, usize>>>,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut streams = self.streams.lock();
        if let Some(open) = streams.get_mut(&self.platform) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.platform);
            }
        }
    }
}
