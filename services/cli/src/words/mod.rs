//! What is said to people, in English and in Chinese.
//!
//! A text is written once in each language, side by side in a catalogue, so that none can be
//! without the other. Codes, keys and values stay as they are in any language, and so do the names
//! of columns in JSON and CSV; a message is for people there too, and in their language.

mod audit;
mod causes;
mod demo;
pub mod explain;
mod files;
pub mod help;
mod payment;
mod people;
mod reasons;
mod refusals;
mod settlement;
mod suite;
mod system;
mod titles;
mod usage;

use std::fmt::Display;
use std::sync::OnceLock;

use clap::ValueEnum;

pub use audit::*;
pub use causes::cause;
pub use demo::*;
pub use files::*;
pub use payment::*;
pub use people::*;
pub use reasons::{reason, told, told_in_words};
pub use refusals::{connection, cut, of_a_number, refusal, sentence};
pub use settlement::*;
pub use suite::*;
pub use system::*;
#[cfg(test)]
pub use titles::chinese;
pub use titles::{nothing_listed, title, title_of};
pub use usage::*;

/// A language of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, as it is written in China.
    Zh,
}

static LANG: OnceLock<Lang> = OnceLock::new();

/// The language of this process; English until [`speak`] chose one.
#[must_use]
pub fn lang() -> Lang {
    #[cfg(test)]
    if let Some(lang) = SPOKEN.get() {
        return lang;
    }
    LANG.get().copied().unwrap_or_default()
}

/// Chooses the language of this process. Only the first choice holds.
pub fn speak(lang: Lang) {
    let _ = LANG.set(lang);
}

#[cfg(test)]
thread_local! {
    static SPOKEN: std::cell::Cell<Option<Lang>> = const { std::cell::Cell::new(None) };
}

/// What `told` says in Chinese; other tests of this process go on in English.
#[cfg(test)]
pub(crate) fn in_chinese<T>(told: impl FnOnce() -> T) -> T {
    let before = SPOKEN.replace(Some(Lang::Zh));
    let told = told();
    SPOKEN.set(before);
    told
}

impl Lang {
    /// The language of a command line: that of its `--lang`, which has to be known before the
    /// command line is read, since help and refusals are written in it; else that of the locale.
    #[must_use]
    pub fn of(args: impl Iterator<Item = String>, env: impl Fn(&str) -> Option<String>) -> Self {
        Self::asked(args).unwrap_or_else(|| Self::of_locale(env))
    }

    fn asked(args: impl Iterator<Item = String>) -> Option<Self> {
        let mut args = args.take_while(|arg| arg != "--");
        while let Some(arg) = args.next() {
            let value = match arg.strip_prefix("--lang") {
                Some("") => args.next(),
                Some(rest) => rest.strip_prefix('=').map(str::to_owned),
                None => None,
            };
            if let Some(value) = value {
                return Self::from_str(&value, true).ok();
            }
        }
        None
    }

    /// As POSIX orders the variables: the first that is set and not empty decides.
    fn of_locale(env: impl Fn(&str) -> Option<String>) -> Self {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let locale = names.into_iter().filter_map(env).find(|it| !it.is_empty());
        let language = |locale: String| locale.split(['_', '.', '@', '-']).next() == Some("zh");
        if locale.is_some_and(|locale| language(locale.to_lowercase())) {
            Self::Zh
        } else {
            Self::En
        }
    }
}

/// A text in each language. `{name}` stands for what [`with`](Self::with) puts there, and
/// `{name:s}` for the end of a word that is counted: nothing where that is 1, else `s`; `{name:y}`
/// likewise for `y` and `ies`.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    en: &'static str,
    zh: &'static str,
}

impl Text {
    /// A text of a catalogue.
    #[must_use]
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en, zh }
    }

    /// In that language.
    #[must_use]
    pub const fn in_lang(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }

    /// In the language of this process.
    #[must_use]
    pub fn say(&self) -> &'static str {
        self.in_lang(lang())
    }

    /// In the language of this process, with its places filled.
    #[must_use]
    pub fn with(&self, values: &[(&str, &dyn Display)]) -> String {
        self.with_in(lang(), values)
    }

    /// In that language, with its places filled.
    #[must_use]
    pub fn with_in(&self, lang: Lang, values: &[(&str, &dyn Display)]) -> String {
        filled(self.in_lang(lang), values)
    }
}

fn filled(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let (name, end) = name.split_once(':').unwrap_or((name, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            let value = value.to_string();
            let is_one = value == "1";
            text.push_str(match end {
                "s" if is_one => "",
                "s" => "s",
                "y" if is_one => "y",
                "y" => "ies",
                _ => value.as_str(),
            });
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// Words in Latin letters of what is told in Chinese that `known` does not have.
#[cfg(test)]
pub(crate) fn english_of<'a>(told: &'a str, known: &str) -> Vec<&'a str> {
    fn words(text: &str) -> impl Iterator<Item = &str> {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        words.filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()))
    }
    let known: Vec<&str> = words(known).collect();
    words(told).filter(|word| !known.contains(word)).collect()
}

/// Writes a catalogue, whose list is called `$all`: `NAME: "English", "Chinese";`.
macro_rules! catalogue {
    ($all:ident; $($name:ident: $en:literal, $zh:literal;)*) => {
        $(
            #[doc = concat!("`` ", $en, " ``")]
            pub const $name: $crate::words::Text = $crate::words::Text::new($en, $zh);
        )*
        #[cfg(test)]
        pub(in crate::words) const $all: &[(&str, $crate::words::Text)] = &[$((stringify!($name), $name)),*];
    };
}
use catalogue;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const CATALOGUES: &[&[(&str, Text)]] = &[
        explain::EXPLAIN_TEXTS,
        AUDIT_TEXTS,
        DEMO_TEXTS,
        FILES_TEXTS,
        PAYMENT_TEXTS,
        PEOPLE_TEXTS,
        SETTLEMENT_TEXTS,
        SUITE_TEXTS,
        SYSTEM_TEXTS,
        USAGE_TEXTS,
    ];

    fn places(template: &str) -> BTreeSet<&str> {
        let after = template.split('{').skip(1);
        let places = after.filter_map(|rest| rest.split('}').next());
        // The ends of words are English's alone.
        places.filter(|place| !place.contains(':')).collect()
    }

    #[test]
    fn both_languages_of_every_text_are_written_and_have_the_same_places() {
        for (name, text) in CATALOGUES.concat() {
            assert!(!text.en.is_empty() && !text.zh.is_empty(), "{name}");
            assert_eq!(places(text.en), places(text.zh), "{name}");
            assert!(!text.zh.is_ascii(), "{name} is not in Chinese");
        }
    }

    #[test]
    fn places_are_filled_whatever_their_values_hold() {
        let text = Text::new("{a} and {b}", "{b}和{a}");
        let filled = filled(text.in_lang(Lang::Zh), &[("a", &"{b}"), ("b", &2)]);
        assert_eq!(filled, "2和{b}");
    }

    #[test]
    fn one_of_a_thing_is_no_plural() {
        let text = Text::new("{n} account{n:s}", "{n} 个账户");
        let filled = |n: &str| filled(text.in_lang(Lang::En), &[("n", &n)]);
        assert_eq!(
            (filled("1"), filled("11")),
            ("1 account".into(), "11 accounts".into())
        );
        let text = Text::new("{n} entr{n:y}", "{n} 条");
        let entries = |n: &str| text.with_in(Lang::En, &[("n", &n)]);
        assert_eq!(
            (entries("1"), entries("0")),
            ("1 entry".into(), "0 entries".into())
        );
    }

    #[test]
    fn the_option_decides_the_language_and_else_the_locale() {
        let chosen = |line: &str, locale: [Option<&str>; 3]| {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            let env = |name: &str| {
                let at = names.iter().position(|known| *known == name)?;
                locale[at].map(str::to_owned)
            };
            Lang::of(line.split(' ').map(str::to_owned), env)
        };
        let none = [None, None, None];
        let chinese = [None, None, Some("zh_CN.UTF-8")];
        assert_eq!(chosen("gazelle status", none), Lang::En);
        assert_eq!(chosen("gazelle status", chinese), Lang::Zh);
        assert_eq!(
            chosen("gazelle status", [Some(""), None, Some("zh")]),
            Lang::Zh
        );
        assert_eq!(
            chosen("gazelle status", [Some("C"), None, Some("zh")]),
            Lang::En
        );
        assert_eq!(chosen("gazelle status --lang en", chinese), Lang::En);
        assert_eq!(chosen("gazelle --lang=zh status", none), Lang::Zh);
        assert_eq!(chosen("gazelle x -- --lang zh", none), Lang::En);
    }
}
