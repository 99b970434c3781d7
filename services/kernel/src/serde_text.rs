//! Values as JSON and other formats have them: by the text that `parse` reads and `Display` prints.

/// Implements `Serialize` and `Deserialize` of a value by its `Display` and its `parse`.
macro_rules! serde_text {
    ($($value:ty),+ $(,)?) => {$(
        impl serde::Serialize for $value {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $value {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::serde_text::read(deserializer, Self::parse)
            }
        }
    )+};
}
pub(crate) use serde_text;

use serde::{Deserializer, de};

use crate::ParseError;

/// Reads a value from a text of any format.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: fn(&str) -> Result<T, ParseError>,
) -> Result<T, D::Error> {
    struct Text<T>(fn(&str) -> Result<T, ParseError>);

    impl<T> de::Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text(parse))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Debug};

    use serde::{Serialize, de::DeserializeOwned};

    use crate::{
        Actor, Bps, Date, FeeKind, Fen, Instant, Interval, PayeeId, Period, PlatformId, SizeClass,
        Uscc, Year, date_text, instant_text, parse_date, parse_instant,
    };

    #[track_caller]
    fn is_written<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
        assert_eq!(serde_json::to_string(value).expect("it is written"), json);
        assert_eq!(serde_json::from_str::<T>(json).expect("it is read"), *value);
    }

    #[test]
    fn a_value_is_written_as_its_text_and_money_as_a_number() {
        is_written(&Fen::new(-5), "-5");
        is_written(&Bps::parse("3333").expect("a rate"), "3333");
        is_written(&Year::parse("2017").expect("a year"), "2017");
        is_written(&Period::parse("2017-11").expect("a period"), r#""2017-11""#);
        is_written(
            &PlatformId::parse("alpha-mall").expect("an id"),
            r#""alpha-mall""#,
        );
        is_written(&FeeKind::COMMISSION, r#""COMMISSION""#);
        is_written(&SizeClass::Micro, r#""MICRO""#);
        is_written(
            &Actor::parse("person:a\"b").expect("an actor"),
            r#""person:a\"b""#,
        );
        is_written(
            &Uscc::parse("91330100799655058B").expect("a code"),
            r#""91330100799655058B""#,
        );
        is_written(
            &PayeeId::parse("alpha-mall").expect("a payee"),
            r#""alpha-mall""#,
        );
        is_written(
            &Interval::parse("2017-01-01", "").expect("an interval"),
            r#"{"from":"2017-01-01","to":null}"#,
        );
        is_written(
            &BTreeMap::from([(Year::parse("2017").expect("a year"), Fen::new(1))]),
            r#"{"2017":1}"#,
        );
    }

    #[test]
    fn what_parse_refuses_is_not_read() {
        assert!(serde_json::from_str::<PlatformId>(r#""Alpha""#).is_err());
        assert!(serde_json::from_str::<Bps>("10001").is_err());
        assert!(serde_json::from_str::<Fen>("1.5").is_err());
        assert!(
            serde_json::from_str::<Interval>(r#"{"from":"2017-01-01","to":"2017-01-01"}"#).is_err()
        );
        let error = serde_json::from_str::<Period>(r#""2017-13""#).expect_err("no such month");
        assert!(error.to_string().contains("expected a month"), "{error}");
    }

    #[test]
    fn days_and_instants_are_written_where_a_field_says_so() {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Row {
            #[serde(with = "date_text")]
            day: Date,
            #[serde(with = "date_text::option")]
            end: Option<Date>,
            #[serde(with = "instant_text")]
            at: Instant,
        }
        is_written(
            &Row {
                day: parse_date("2017-11-11").expect("a day"),
                end: None,
                at: parse_instant("2017-11-11T08:30:00+08:00").expect("an instant"),
            },
            r#"{"day":"2017-11-11","end":null,"at":"2017-11-11T00:30:00Z"}"#,
        );
    }
}
