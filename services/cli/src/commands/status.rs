//! `gazelle status`.

use std::time::Duration;

use gazelle_client::handshake::examine;
use tokio::time::{Instant, sleep};

use crate::client::serving as serving_now;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, column, progress};
use crate::{unreached, words};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) async fn run(context: &mut Context, wait: Option<u64>) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("service", "service"),
        column("state", "state"),
        column("endpoint", "endpoint"),
    ];
    let until = Instant::now() + Duration::from_secs(wait.unwrap_or(0).min(1_000_000));
    let spinner = progress::waiting(words::WAITING_FOR_SUITE.say());
    let (endpoints, serving) = loop {
        // Read again each time: a suite that is just starting has not written them yet.
        let endpoints = context.home.endpoints(context.profile.as_deref());
        let serving = match &endpoints {
            Ok(endpoints) => serving_now(endpoints).await,
            Err(_) => vec![false],
        };
        if serving.iter().all(|serving| *serving) || Instant::now() >= until {
            break (endpoints?, serving);
        }
        sleep(PAUSE).await;
    };
    spinner.finish_and_clear();
    let mut listing = context.out.list("services", COLUMNS);
    let mut silent = Vec::new();
    for ((name, url), serving) in endpoints.known().zip(serving) {
        let state = if serving {
            Cell::coded("SERVING", words::SERVING.say())
        } else {
            Cell::coded("NOT_SERVING", words::SILENT_STATE.say())
        };
        listing.row(vec![name.into(), state, url.into()])?;
        if !serving {
            silent.push(words::SERVICE_AT.with(&[("service", &name), ("url", &url)]));
        }
    }
    listing.finish(&[])?;
    if silent.is_empty() {
        return Ok(());
    }
    if let Some(found) = examine(&endpoints).await.and_then(unreached::told) {
        return Err(found);
    }
    let text = if context.home.is_own(context.profile.as_deref()) {
        words::OWN_NOT_SERVING
    } else {
        words::NOT_SERVING
    };
    let message = text.with(&[("services", &silent.join(", "))]);
    Err(Failure::new("NOT_SERVING", message))
}
