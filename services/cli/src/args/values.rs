//! Values that options take, read by the rules of the contract.

use std::path::PathBuf;

use clap::{ArgGroup, Args as ClapArgs};
use gazelle_kernel::{Period, PlatformId, ProgramId, Uscc, Year, parse_date};

use crate::failure::Failure;
use crate::words::{self, Text};

/// Which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunRef {
    /// By its id.
    Id(String),
    /// By its program and its number there; 0: the newest.
    Numbered(ProgramId, i32),
}

/// Which platform's month.
#[derive(Debug, Clone, ClapArgs)]
pub struct PlatformPeriod {
    /// The platform
    #[arg(long, value_name = "ID", value_parser = platform)]
    pub platform: PlatformId,
    /// The calendar month
    #[arg(long, value_name = "YYYY-MM", value_parser = period)]
    pub period: Period,
}

/// Options of which one must be given, each of them named where none is.
pub(super) fn one_of<const N: usize>(options: [&'static str; N]) -> ArgGroup {
    ArgGroup::new(options[0].to_owned() + " or another")
        .args(options)
        .required(true)
}

fn told<T>(parsed: Result<T, gazelle_kernel::ParseError>) -> Result<T, String> {
    parsed.map_err(|error| Failure::from(error).to_string())
}

/// The name of what is written, where standard output is no place for it.
pub(super) fn named(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err(words::NAME_NEEDED.say().to_owned()),
        name => Ok(name.into()),
    }
}

pub(super) fn date(text: &str) -> Result<String, String> {
    told(parse_date(text)).map(|day| day.to_string())
}

pub(super) fn instant(text: &str) -> Result<gazelle_kernel::Instant, String> {
    told(gazelle_kernel::parse_instant(text))
}

pub(super) fn period(text: &str) -> Result<Period, String> {
    told(Period::parse(text))
}

pub(super) fn period_or_empty(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    period(text).map(|period| period.to_string())
}

/// An amount as options take it; people write yuan there.
pub(super) fn fen(text: &str) -> Result<i64, String> {
    whole(text).ok_or_else(|| words::FEN_NEEDED.say().to_owned())
}

/// A number of things as options take it.
pub(super) fn count(text: &str) -> Result<i64, String> {
    let count = whole(text).filter(|count| *count >= 0);
    count.ok_or_else(|| words::COUNT_NEEDED.say().to_owned())
}

/// A whole number as files have it too: nobody writes a plus sign who means a number alone.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

pub(super) fn year(text: &str) -> Result<Year, String> {
    told(Year::parse(text))
}

pub(super) fn platform(text: &str) -> Result<PlatformId, String> {
    told(PlatformId::parse(text))
}

pub(super) fn program(text: &str) -> Result<ProgramId, String> {
    told(ProgramId::parse(text))
}

pub(super) fn uscc(text: &str) -> Result<Uscc, String> {
    told(Uscc::parse_excepted(text))
}

/// The URL of a service: its scheme says whether TLS is spoken, so it cannot be guessed.
pub(super) fn service_url(text: &str) -> Result<String, String> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split('/').next());
    match host {
        Some(host) if is_host(host) && !text.contains([' ', '?', '#']) => Ok(text.to_owned()),
        _ => Err(Failure::new("ENDPOINT_INVALID", words::URL_NEEDED.say()).to_string()),
    }
}

/// A host and maybe a port, and nobody's password.
fn is_host(host: &str) -> bool {
    let port = match host.rsplit_once(':') {
        Some((_, port)) if !port.contains(']') => Some(port),
        _ => None,
    };
    let is_port = |port: &str| whole(port).is_some_and(|port| (1..1 << 16).contains(&port));
    !host.is_empty() && !host.starts_with(':') && !host.contains('@') && port.is_none_or(is_port)
}

/// Of an id as the services give it.
const UUID_LENGTH: usize = 36;

/// A run's id, `PROGRAM#3`, or `PROGRAM#latest`.
pub(super) fn run(text: &str) -> Result<RunRef, String> {
    named_or_numbered(text, words::RUN_NAME)
}

/// The same of an order.
pub(super) fn order(text: &str) -> Result<RunRef, String> {
    named_or_numbered(text, words::ORDER_NAME)
}

fn named_or_numbered(text: &str, how: Text) -> Result<RunRef, String> {
    // Whoever writes Chinese has both widths on one key.
    let Some((id, number)) = text.split_once(['#', '＃']) else {
        // A program's id alone names none of what it has.
        if ProgramId::parse(text).is_ok() && text.len() < UUID_LENGTH {
            return Err(how.say().to_owned());
        }
        return Ok(RunRef::Id(text.to_owned()));
    };
    let number = match number {
        "latest" => 0,
        number => whole(number)
            .and_then(|number| i32::try_from(number).ok())
            .filter(|number| *number > 0)
            .ok_or(words::RUN_NUMBER.say())?,
    };
    Ok(RunRef::Numbered(program(id)?, number))
}

/// `PLATFORM:YYYY-MM`.
pub(super) fn owed(text: &str) -> Result<(PlatformId, Period), String> {
    let (id, text) = text
        .split_once([':', '：'])
        .ok_or(words::OWED_PERIOD.say())?;
    Ok((platform(id)?, period(text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_its_id_or_by_program_and_number() {
        let program = ProgramId::parse("card-fee-relief").unwrap();
        assert_eq!(run("0198-x"), Ok(RunRef::Id("0198-x".to_owned())));
        let id = "a1a222ae-9337-7d95-b1af-cac8ea7644a8";
        assert_eq!(run(id), Ok(RunRef::Id(id.to_owned())));
        assert_eq!(
            run("card-fee-relief#3"),
            Ok(RunRef::Numbered(program.clone(), 3))
        );
        for text in ["card-fee-relief#latest", "card-fee-relief＃latest"] {
            assert_eq!(run(text), Ok(RunRef::Numbered(program.clone(), 0)));
        }
        for text in [
            "card-fee-relief",
            "card-fee-relief#0",
            "card-fee-relief#",
            "card-fee-relief#-1",
            "X#1",
        ] {
            assert!(run(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_order_is_told_of_orders() {
        assert_eq!(order("a-share#2"), run("a-share#2"));
        let told = order("huimin").unwrap_err();
        assert!(told.contains("an order") && !told.contains("run"), "{told}");
        let told = words::in_chinese(|| order("huimin")).unwrap_err();
        assert!(told.contains("支付单") && !told.contains("核算"), "{told}");
    }

    #[test]
    fn a_url_of_a_service_has_a_scheme_and_a_host() {
        for text in [
            "http://localhost:50051",
            "https://a.example/",
            "http://[::1]:1",
        ] {
            assert_eq!(service_url(text), Ok(text.to_owned()));
        }
        for text in [
            "localhost:50051",
            "",
            "http://",
            "ftp://a",
            "https://:443",
            "http://a b",
            "https://a:99999",
            "https://a:port",
            "https://a:+443",
            "https://me:secret@a",
            "http://a:1#f",
            "http://a:1?q=1",
            "http://a/#f",
        ] {
            assert!(service_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_to_leave_out_names_its_platform() {
        for text in ["alpha-mall:2025-03", "alpha-mall：2025-03"] {
            let (platform, period) = owed(text).unwrap();
            assert_eq!(
                (platform.as_str(), period.to_string().as_str()),
                ("alpha-mall", "2025-03")
            );
        }
        for text in ["alpha-mall", "2025-03", "alpha-mall:2025-13", ":2025-03"] {
            assert!(owed(text).is_err(), "{text}");
        }
    }
}
