//! `gazelle status`.

use std::time::Duration;

use gazelle_client::handshake::examine;
use tokio::time::{Instant, sleep};

use crate::client::{Answer, answers};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, column, progress};
use crate::words::Text;
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
    let (endpoints, answers) = loop {
        // Read again each time: a suite that is just starting has not written them yet.
        let endpoints = context.home.endpoints(context.profile.as_deref());
        let answers = match &endpoints {
            Ok(endpoints) => answers(endpoints).await,
            Err(_) => vec![Answer::Silent],
        };
        if answers.iter().all(|it| *it == Answer::Serving) || Instant::now() >= until {
            break (endpoints?, answers);
        }
        sleep(PAUSE).await;
    };
    spinner.finish_and_clear();
    let mut listing = context.out.list("services", COLUMNS);
    let mut silent = Vec::new();
    for ((name, url), answer) in endpoints.known().zip(&answers) {
        let state = if *answer == Answer::Serving {
            Cell::coded("SERVING", words::SERVING.say())
        } else {
            Cell::coded("NOT_SERVING", words::SILENT_STATE.say())
        };
        listing.row(vec![name.into(), state, url.into()])?;
        if *answer != Answer::Serving {
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
    let text = advice(&answers, context.home.is_own(context.profile.as_deref()));
    let message = text.with(&[("services", &silent.join(", "))]);
    Err(Failure::new("NOT_SERVING", message))
}

/// What to do about services of which one at least does not serve; `is_own`: one process is to
/// serve them all here.
fn advice(answers: &[Answer], is_own: bool) -> Text {
    let silent = answers.iter().filter(|it| **it == Answer::Silent).count();
    let is_up = if is_own {
        silent < answers.len()
    } else {
        silent == 0
    };
    match (is_up, is_own) {
        (true, _) => words::UP_AND_NOT_SERVING,
        (false, true) => words::OWN_NOT_SERVING,
        (false, false) => words::NOT_SERVING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_start_what_is_up() {
        use Answer::{NotServing, Serving, Silent};
        let told = |answers: &[Answer], is_own| {
            let text = advice(answers, is_own);
            text.with(&[("services", &"usage")])
        };
        for up in [[NotServing; 3], [Serving, NotServing, Silent]] {
            let told = told(&up, true);
            assert!(
                told.contains("log") && !told.contains("gazelle up"),
                "{told}"
            );
        }
        assert!(told(&[Silent; 3], true).contains("gazelle up"));
        assert!(told(&[Serving, NotServing], false).contains("log"));
        assert!(told(&[NotServing, Silent], false).contains("is the address right"));
    }
}
