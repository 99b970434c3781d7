//! Why a command did not do all that it was asked.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;

use gazelle_client::{code, retry};
use gazelle_kernel::ParseError;
use gazelle_proto::reason::bare;
use gazelle_runtime::failure::causes;
use tonic::{Code, Status};
use tonic_types::{BadRequest, ErrorDetails, FieldViolation, StatusExt as _};

use crate::output::{for_people, printable};
use crate::words::{self, Lang, lang};

/// A command was given that somebody must be chosen for with `--as`, and nobody was.
pub const PROFILE_NOT_CHOSEN: &str = "PROFILE_NOT_CHOSEN";

/// The reason of a service that does not have what it is asked.
pub const RPC_NOT_SERVED: &str = "RPC_NOT_SERVED";

/// What ends a command with exit code 1, or 2 for bad usage: a machine reason, and one line for
/// people that says what was refused, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    reason: Cow<'static, str>,
    message: String,
    /// A call did not get through to a service that understands it.
    is_unreached: bool,
    /// What did not get through may have been done all the same.
    may_be_done: bool,
}

impl Failure {
    /// Refused for `reason`, capitals such as `FILE_UNREADABLE`.
    pub fn new(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            message: message.into(),
            is_unreached: false,
            may_be_done: false,
        }
    }

    /// Refused for `reason` in words that another part of this program, or a service, said in
    /// English; in Chinese where that is known and spoken.
    #[must_use]
    pub fn said(reason: &'static str, english: &str) -> Self {
        Self::new(reason, words::told_in_words(reason, english))
    }

    /// The same in the words of an error, and of all that is behind it.
    pub fn caused(reason: &'static str, error: &(dyn Error + 'static)) -> Self {
        let said: Vec<String> = causes(error).map(ToString::to_string).collect();
        Self::said(reason, &said.join(": "))
    }

    /// Whether a call did not get through to a service that understands it, for a cause that may
    /// be found by looking at the connection.
    #[must_use]
    pub fn is_unreached(&self) -> bool {
        self.is_unreached
    }

    /// The same, with other names for fields that it tells of: each stands at the begin of a part.
    #[must_use]
    pub fn renamed(self, names: &[(&str, &str)]) -> Self {
        let renamed = |part: &str| {
            let other =
                |(from, to): &(&str, &str)| Some(format!("{to}{}", part.strip_prefix(from)?));
            names
                .iter()
                .find_map(other)
                .unwrap_or_else(|| part.to_owned())
        };
        let of_parts = |text: &str, between: &str, each: &dyn Fn(&str) -> String| {
            let parts: Vec<_> = text.split(between).map(each).collect();
            parts.join(between)
        };
        let in_chinese = |text: &str| of_parts(text, "；", &renamed);
        let message = of_parts(&self.message, "; ", &in_chinese);
        Self { message, ..self }
    }

    /// Says that it may have been done all the same, of a command that `changes` something, where
    /// that is so.
    #[must_use]
    pub fn in_doubt(self, changes: bool) -> Self {
        if changes && self.may_be_done {
            return self.hint(words::MAY_BE_DONE.say());
        }
        self
    }

    /// Whoever read our output stopped reading, as `head` does. Nothing to complain about.
    #[must_use]
    pub fn output_closed() -> Self {
        Self::new("OUTPUT_CLOSED", "nobody reads the output any more")
    }

    /// Whether the command line itself was wrong, for which the exit code is 2.
    #[must_use]
    pub fn is_bad_usage(&self) -> bool {
        self.reason == PROFILE_NOT_CHOSEN
    }

    /// The machine reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What was refused and why, without the reason's name.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same failure with a hint at its end.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        let (message, and) = (self.message.trim_end_matches('.'), words::THEN.say());
        self.message = format!("{message}{and}{hint}");
        self
    }
}

/// `REASON: message`, on one line whatever the message holds.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.reason)?;
        let message = printable(
            &self
                .message
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        );
        let told = Some(message.as_str()).filter(|message| !message.is_empty());
        let told = told.unwrap_or(words::NO_MORE_KNOWN.say());
        match words::reason(&self.reason).filter(|_| lang() == Lang::Zh) {
            Some(chinese) => write!(f, "{chinese}（{told}）"),
            None => f.write_str(told),
        }
    }
}

impl Error for Failure {}

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Self {
        Self::said(error.reason(), &error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::output_closed();
        }
        Self::new("IO_ERROR", words::cause(&error))
    }
}

/// The reason is `ErrorInfo`'s, else the name of the gRPC code; figures of the metadata that the
/// message does not repeat are added, as both sides of a `STATEMENT_MISMATCH`.
impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let mut message = status.message().to_owned();
        if let Some(bad) = details.bad_request() {
            message = with_fields(message, bad, all_fields(&details));
        }
        let Some(info) = details.error_info() else {
            return unreached(&status, &message);
        };
        let reason = bare(&info.reason);
        let told = words::refusal(reason, &info.metadata)
            .or_else(|| {
                in_chinese(|| fields_in_chinese(details.bad_request()?, all_fields(&details)))
            })
            .or_else(|| in_chinese(|| words::sentence(reason, status.message())));
        message = match told {
            Some(told) => told,
            None => with_figures(for_people(&message), &message, &info.metadata),
        };
        // A field has a reason of its own, which says more than that some field is wrong.
        let field = details
            .bad_request()
            .and_then(|bad| bad.field_violations.first())
            .map(|violation| violation.reason.as_str())
            .filter(|reason| !reason.is_empty() && info.reason.ends_with("INVALID_FIELD"));
        let reason = field.unwrap_or(&info.reason);
        let mut failure = Self::new(bare(reason).to_owned(), message);
        failure.is_unreached = failure.reason == RPC_NOT_SERVED;
        failure.may_be_done = retry::may_be_done(&status);
        failure
    }
}

/// Adds the figures that `said`, which people read as `message`, does not repeat.
fn with_figures(message: String, said: &str, figures: &HashMap<String, String>) -> String {
    let untold: BTreeMap<_, _> = figures
        .iter()
        .filter(|(name, value)| {
            let is_told = !FOR_PROGRAMS_ALONE.contains(&name.as_str());
            // A list is said where all of its parts are, and how many more there are as well.
            let (listed, count) = words::cut(value).unwrap_or((value, ""));
            let is_counted = count.is_empty() || said.contains(&format!("{count} more"));
            let is_said = is_counted && listed.split(',').all(|part| said.contains(part));
            is_told && value.len() <= FIGURE_BYTES_MAX && !is_said
        })
        .collect();
    if untold.is_empty() {
        return message;
    }
    let figure = |(name, value): (&&String, &&String)| match name.strip_suffix("_fen") {
        Some(name) => for_people(&format!("{name} {value} fen")),
        None => format!("{name} {}", for_people(value)),
    };
    let told: Vec<_> = untold.iter().map(figure).collect();
    format!("{message} ({})", told.join(", "))
}

/// Figures that say nothing to people: the number of a batch, to who has a file, and what the
/// message says in words, or lists.
const FOR_PROGRAMS_ALONE: [&str; 5] =
    ["cause", "causes", "field_count", "period_count", "sequence"];
/// A longer figure of the metadata is a list, which the message tells as far as anybody reads.
const FIGURE_BYTES_MAX: usize = 200;
/// Wrong fields that are told.
const FIELDS_MAX: usize = 5;

/// How many fields are wrong, of which trailers have room for some.
fn all_fields(details: &ErrorDetails) -> usize {
    let info = details.error_info();
    let all = info.and_then(|info| info.metadata.get("field_count")?.parse().ok());
    let bad = details.bad_request();
    all.unwrap_or_else(|| bad.map_or(0, |bad| bad.field_violations.len()))
}

/// Adds what is wrong with each field, unless the message tells of any: then it tells all that
/// should be told, and nothing is said twice. Of `all` that are wrong, some are told.
fn with_fields(mut message: String, bad: &BadRequest, all: usize) -> String {
    let fields = &bad.field_violations;
    // One that is too long for trailers ends in dots.
    let is_told = |it: &FieldViolation| message.contains(it.description.trim_end_matches("..."));
    if fields.iter().any(is_told) {
        return message;
    }
    if all > fields.len()
        && let Some((said, _)) = message.rsplit_once(": ")
    {
        // How many of them the service tells, which are not as many as here.
        message = said.to_owned();
    }
    for violation in fields.iter().take(FIELDS_MAX) {
        message = format!("{message}; {}: {}", violation.field, violation.description);
    }
    if all > FIELDS_MAX {
        let count = all - FIELDS_MAX;
        message = format!("{message}; {}", words::AND_MORE.with(&[("count", &count)]));
    }
    message
}

/// What `told` says, where Chinese is spoken.
fn in_chinese(told: impl FnOnce() -> Option<String>) -> Option<String> {
    (lang() == Lang::Zh).then(told).flatten()
}

/// What is wrong with each field, in Chinese as far as it is known; none: no field is named.
fn fields_in_chinese(bad: &BadRequest, total: usize) -> Option<String> {
    let told = |violation: &FieldViolation| {
        let (reason, said) = (bare(&violation.reason), &violation.description);
        let told = match (words::sentence(reason, said), words::reason(reason)) {
            (Some(told), _) => told,
            (None, Some(title)) => format!("{title}（{said}）"),
            (None, None) => said.clone(),
        };
        format!("{}：{told}", violation.field)
    };
    let fields = &bad.field_violations;
    let mut all: Vec<_> = fields.iter().take(FIELDS_MAX).map(told).collect();
    if total > FIELDS_MAX {
        let count = total - FIELDS_MAX;
        all.push(words::AND_MORE.with_in(Lang::Zh, &[("count", &count)]));
    }
    (!all.is_empty()).then(|| all.join("；"))
}

/// What TLS says of a certificate that a service does not take, in the words of its library.
const CERTIFICATE_ALERTS: &[&str] = &[
    "CertificateRevoked",
    "CertificateExpired",
    "CertificateUnknown",
    "CertificateRequired",
    "BadCertificate",
    "UnknownCA",
    "UnsupportedCertificate",
    "DecryptError",
];

/// That a service does not take a certificate, where the `alert` that it sent says so.
#[must_use]
pub fn certificate_refused(alert: &str) -> Option<Failure> {
    let known = CERTIFICATE_ALERTS.iter().find(|it| alert.contains(**it))?;
    let text = match *known {
        "CertificateRequired" => words::CERTIFICATE_WANTED,
        _ => words::CERTIFICATE_NOT_TAKEN,
    };
    Some(Failure::new(
        "CERTIFICATE_REFUSED",
        text.with(&[("alert", known)]),
    ))
}

/// Without where a library's documentation says more, which is for who writes programs.
fn without_documentation(said: &str) -> String {
    let parts = said.split(": ");
    let parts = parts.filter(|part| !part.starts_with("https://docs.rs/"));
    parts.collect::<Vec<_>>().join(": ")
}

/// Adds why the call did not get through, which tonic keeps in the sources of its error.
fn unreached(status: &Status, message: &str) -> Failure {
    let mut said = vec![without_documentation(message)];
    for cause in causes(status).skip(1) {
        let text = without_documentation(&cause.to_string());
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
    }
    let message = said.join(": ");
    let chinese = in_chinese(|| {
        let ours = ["CREDENTIAL_UNUSABLE", "INTERNAL", "UNAVAILABLE"];
        let told = ours.iter().find_map(|it| words::sentence(it, &message));
        told.or_else(|| words::connection(&message).map(str::to_owned))
    });
    if message.contains("fatal alert")
        && let Some(failure) = certificate_refused(&message)
    {
        return failure;
    }
    let message = chinese.unwrap_or(message);
    let code = match status.code() {
        _ if retry::is_unavailable(status) => Code::Unavailable,
        code => code,
    };
    let mut failure = Failure::new(code::name(code), message);
    failure.may_be_done = retry::may_be_done(status);
    failure.is_unreached = status.source().is_some()
        || matches!(status.code(), Code::Unavailable | Code::Unimplemented);
    failure
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
