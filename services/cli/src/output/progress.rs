//! Progress bars: on stderr, and only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::words;

/// A bar over `bytes` of a file, which counts what `what` names. Hidden where stderr is not a
/// terminal.
#[must_use]
pub fn bytes(what: &str, bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let template = "{msg} {bar:30} {percent:>3} %  {elapsed}";
    bar.set_style(style(&with_rest(template)));
    bar.set_message(what.to_owned());
    bar
}

/// A bar over things of which the service says how many there are.
#[must_use]
pub fn counted(what: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{msg} {bar:30} {human_pos}/{human_len}  {elapsed}";
    bar.set_style(style(&with_rest(template)));
    bar.set_message(what.to_owned());
    bar
}

/// A spinner for work whose length is not known.
#[must_use]
pub fn waiting(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(style("{spinner} {msg} {elapsed}"));
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Says on the bar over what `what` names that the service does not answer, and is tried again.
pub fn trying_again(bar: &ProgressBar, what: &str) {
    bar.set_message(words::TRYING_AGAIN.with(&[("what", &what)]));
    bar.enable_steady_tick(Duration::from_secs(1));
}

/// Says no more than `what`: the service answers again.
pub fn going_on(bar: &ProgressBar, what: &str) {
    if bar.message() != what {
        bar.set_message(what.to_owned());
        bar.disable_steady_tick();
    }
}

/// With what is left of the time.
fn with_rest(template: &str) -> String {
    format!("{template}{}", words::TIME_LEFT.say())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates here are well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_that_a_service_is_tried_again_until_it_answers() {
        let bar = bytes("2025-01", 10);
        trying_again(&bar, "2025-01");
        assert!(bar.message().contains("trying again"), "{}", bar.message());
        going_on(&bar, "2025-01");
        assert_eq!(bar.message(), "2025-01");
    }
}
