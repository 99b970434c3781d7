//! How far the benchmark is, for whoever waits.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far it is.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Begins, with so many steps before it.
    pub fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        let style = "{bar:30} {pos}/{len}  {elapsed}, {eta} left  {msg}";
        // The text above is a style.
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1));
        Self(bar)
    }

    /// Begins a step.
    pub fn step(&self, what: &'static str) {
        self.0.inc(1);
        self.0.set_message(what);
        if self.0.is_hidden() {
            println!("{:>5} s  {what}", self.0.elapsed().as_secs());
        }
    }

    /// Ends, and leaves nothing behind on a terminal.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
