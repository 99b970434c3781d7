//! Progress bars: on stderr, and only on a terminal.

use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use parking_lot::Mutex;

use crate::words;

/// All of them, so that one is drawn below the other.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// A bar over `bytes` of a file, which counts what `what` names. Hidden where stderr is not a
/// terminal.
#[must_use]
pub fn bytes(what: &str, bytes: u64) -> ProgressBar {
    let bar = BARS.add(ProgressBar::new(bytes));
    let template = "{msg} {bar:30} {percent:>3} %  {elapsed}";
    bar.set_style(style(&with_rest(template)));
    bar.set_message(what.to_owned());
    bar
}

/// A bar over things of which the service says how many there are.
#[must_use]
pub fn counted(what: &str) -> ProgressBar {
    let bar = BARS.add(ProgressBar::new(0));
    let template = "{msg} {bar:30} {human_pos}/{human_len}  {elapsed}";
    bar.set_style(style(&with_rest(template)));
    bar.set_message(what.to_owned());
    bar
}

/// A spinner for work whose length is not known.
#[must_use]
pub fn waiting(what: &str) -> ProgressBar {
    let bar = BARS.add(ProgressBar::new_spinner());
    bar.set_style(style("{spinner} {msg} {elapsed}"));
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A spinner that is there from one `true`, a service does not do what it should and is tried
/// again, to the next `false`.
pub fn trying_again() -> impl Fn(bool) + Send + Sync {
    let shown: Mutex<Option<ProgressBar>> = Mutex::new(None);
    move |is_waiting| {
        let mut shown = shown.lock();
        match (is_waiting, shown.take()) {
            (true, None) => *shown = Some(waiting(words::TRYING_AGAIN.say())),
            (true, already) => *shown = already,
            (false, Some(bar)) => bar.finish_and_clear(),
            (false, None) => {}
        }
    }
}

/// With what is left of the time.
fn with_rest(template: &str) -> String {
    format!("{template}{}", words::TIME_LEFT.say())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates here are well formed")
}
