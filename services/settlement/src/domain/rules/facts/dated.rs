//! Values that change on dates.

use std::collections::BTreeMap;

use gazelle_kernel::Date;
use serde::{Deserialize, Serialize};

/// A value that changes on dates; the first holds from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    first: T,
    #[serde(with = "pairs", bound(deserialize = "T: Deserialize<'de>"))]
    changes: BTreeMap<Date, T>,
}

impl<T> Dated<T> {
    /// `first` from the start, and each change from its date on.
    #[must_use]
    pub fn new(first: T, changes: BTreeMap<Date, T>) -> Self {
        Self { first, changes }
    }

    /// The value of a day.
    #[must_use]
    pub fn at(&self, day: Date) -> &T {
        self.changes
            .range(..=day)
            .next_back()
            .map_or(&self.first, |(_, value)| value)
    }

    /// The value from the start.
    #[must_use]
    pub fn first(&self) -> &T {
        &self.first
    }

    /// The later values, each with its first day.
    #[must_use]
    pub fn changes(&self) -> &BTreeMap<Date, T> {
        &self.changes
    }
}

/// Values by their days, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use gazelle_kernel::{Date, date_text};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Pair<T>(#[serde(with = "date_text")] Date, T);

    pub fn serialize<T: Serialize, S: Serializer>(
        values: &BTreeMap<Date, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|(day, value)| Pair(*day, value)))
    }

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Date, T>, D::Error> {
        let pairs = Vec::<Pair<T>>::deserialize(deserializer)?;
        Ok(pairs
            .into_iter()
            .map(|Pair(day, value)| (day, value))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::date;

    #[test]
    fn a_value_holds_from_its_date_until_the_next() {
        let dated = Dated::new(1, [(date("2017-03-01"), 2), (date("2017-05-01"), 3)].into());
        let days = [
            ("1900-01-01", 1),
            ("2017-02-28", 1),
            ("2017-03-01", 2),
            ("2017-04-30", 2),
            ("2017-05-01", 3),
            ("2999-01-01", 3),
        ];
        for (day, value) in days {
            assert_eq!(*dated.at(date(day)), value, "{day}");
        }
        let text = serde_json::to_string(&dated).expect("JSON");
        assert_eq!(
            text,
            r#"{"first":1,"changes":[["2017-03-01",2],["2017-05-01",3]]}"#
        );
        assert_eq!(serde_json::from_str::<Dated<i32>>(&text).ok(), Some(dated));
    }
}
