//! What a figure is, where it comes from, and whether it reaches its goal.

use crate::imports::Imports;
use crate::payments::{Paid, Payments};
use crate::rounds::{Latency, Round, median, percentile};
use crate::settlement::{Sealed, Settled, Year};

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Results {
    /// Records of a load.
    pub records: usize,
    /// Streams of each platform.
    pub streams: usize,
    /// How long it took.
    pub seconds: f64,
    /// The version of PostgreSQL.
    pub version: String,
    /// Of the machine.
    pub cores: usize,
    /// How busy the machine was before: the mean number of running processes in a minute.
    pub load_before: f64,
    pub rounds: Vec<Round>,
    pub imports: Option<Imports>,
    pub period: Option<Sealed>,
    pub year: Option<Year>,
    pub payments: Option<Payments>,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Three commits, as long as those below so many of a hundred took meanwhile, and 10 ms.
    Commits(usize, fn(&Round) -> &Latency),
    None,
}

/// Where a figure comes from; none where it was left out.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    Round(fn(&Round) -> Option<f64>),
    Settled(fn(&Settled) -> f64),
    Paid(fn(&Paid) -> f64),
    Once(fn(&Results) -> Option<f64>),
}

/// What is shown.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// In the table.
    pub name: &'static str,
    /// In the JSON.
    pub key: &'static str,
    pub source: Source,
    pub goal: Goal,
}

/// Median, least and most.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    /// Of values in any order; none of none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        Some(Self {
            least: *values.first()?,
            most: *values.last()?,
            median: median(values)?,
        })
    }
}

impl Figure {
    pub const fn new(name: &'static str, key: &'static str, goal: Goal, source: Source) -> Self {
        Self {
            name,
            key,
            source,
            goal,
        }
    }

    /// Over all rounds.
    pub fn spread(&self, results: &Results) -> Option<Spread> {
        let values = match self.source {
            Source::Round(value) => results.rounds.iter().filter_map(value).collect(),
            Source::Settled(value) => {
                let settled = results.year.as_ref().map(|year| &year.settled);
                settled.into_iter().flatten().map(value).collect()
            }
            Source::Paid(value) => {
                let paid = results.payments.as_ref().map(|payments| &payments.rounds);
                paid.into_iter().flatten().map(value).collect()
            }
            Source::Once(value) => value(results).into_iter().collect(),
        };
        Spread::of(values)
    }

    /// What is to be reached, as text, and whether it was.
    pub fn met(&self, results: &Results, reached: f64) -> Option<(String, bool)> {
        match self.goal {
            Goal::AtLeast(least) => Some((format!(">= {least}"), reached >= least)),
            Goal::AtMost(most) => Some((format!("<= {most}"), reached <= most)),
            Goal::Commits(percent, latency) => {
                let rounds = results.rounds.iter();
                let commits = rounds
                    .filter_map(|round| percentile(&latency(round).commits_under_load_ms, percent));
                let most = 3.0 * Spread::of(commits.collect())?.median + 10.0;
                Some((format!("<= {most:.1}"), reached <= most))
            }
            Goal::None => None,
        }
    }
}
