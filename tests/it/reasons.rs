//! Every reason of the contract has an example, which says how it is sent.

use std::collections::BTreeSet;

use gazelle_proto::{DESCRIPTORS, reason::bare};
use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use serde_json::{Map, Value};

/// Codes that a call is refused with. A comment names that of its reason, if calls are refused for
/// it.
const CODES: [&str; 13] = [
    "ALREADY_EXISTS",
    "DATA_LOSS",
    "DEADLINE_EXCEEDED",
    "FAILED_PRECONDITION",
    "INTERNAL",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNIMPLEMENTED",
];

type Object = Map<String, Value>;

/// A reason, and what is said of it.
struct Reason {
    package: String,
    name: String,
    comment: String,
}

fn files() -> Vec<FileDescriptorProto> {
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
    let ours = |file: &FileDescriptorProto| file.package().starts_with("gazelle.");
    files.into_iter().filter(ours).collect()
}

/// The reasons of a file.
fn reasons(file: &FileDescriptorProto) -> Vec<Reason> {
    let locations = file.source_code_info.iter().flat_map(|it| &it.location);
    let locations: Vec<_> = locations.collect();
    let mut reasons = Vec::new();
    for (enum_index, an_enum) in (0..).zip(&file.enum_type) {
        if an_enum.name() != "ErrorReason" {
            continue;
        }
        for (at, value) in (0..).zip(&an_enum.value) {
            // An enum of a file is its field 5, and a value field 2 of that.
            let location = locations
                .iter()
                .find(|it| it.path == [5, enum_index, 2, at]);
            reasons.push(Reason {
                package: file.package().to_owned(),
                name: bare(value.name()).to_owned(),
                comment: location.unwrap().leading_comments().to_owned(),
            });
        }
    }
    reasons.retain(|reason| reason.name != "UNSPECIFIED");
    reasons
}

/// The messages of a package that tell of one row why it was refused: the names of their fields.
fn rows(package: &str) -> Vec<BTreeSet<String>> {
    let files = files();
    let messages = files.iter().filter(|file| file.package() == package);
    let messages = messages.flat_map(|file| &file.message_type);
    let fields = messages.map(|message| message.field.iter().map(|it| it.name().to_owned()));
    let fields = fields.map(BTreeSet::from_iter);
    fields.filter(|fields| fields.contains("reason")).collect()
}

/// What is indented in a comment, a block each.
fn examples(comment: &str) -> Vec<String> {
    let blocks = comment.split("\n\n");
    let blocks = blocks.filter(|block| block.starts_with("     ") || block.starts_with("\n     "));
    blocks.map(str::to_owned).collect()
}

fn is_text(object: &Object, key: &str, expected: &str) -> bool {
    object.get(key).and_then(Value::as_str) == Some(expected)
}

/// Whether it is an `ErrorInfo`, all of it, with nothing beside it but fields.
fn is_info(example: &Object) -> bool {
    let keys = ["reason", "domain", "metadata", "field_violations"];
    let metadata = example.get("metadata").and_then(Value::as_object);
    metadata.is_some_and(|metadata| metadata.values().all(Value::is_string))
        && example.keys().all(|key| keys.contains(&key.as_str()))
}

/// Whether a field is refused for the reason, in a call that is refused for one of `calls`.
fn is_field(reason: &Reason, example: &Object, calls: &[(String, String)]) -> bool {
    let fields = example.get("field_violations").and_then(Value::as_array);
    let fields = fields.into_iter().flatten().filter_map(Value::as_object);
    let mut fields = fields.filter(|field| field.contains_key("field"));
    is_info(example)
        && calls.iter().any(|(package, name)| {
            is_text(example, "domain", package) && is_text(example, "reason", name)
        })
        && fields.any(|field| is_text(field, "reason", &reason.name))
}

/// Whether a call is refused for the reason itself.
fn is_call(reason: &Reason, example: &Object) -> bool {
    is_info(example)
        && !example.contains_key("field_violations")
        && is_text(example, "reason", &reason.name)
        && is_text(example, "domain", &reason.package)
}

/// Whether a row is refused for the reason.
fn is_row(reason: &Reason, example: &Object, rows: &[BTreeSet<String>]) -> bool {
    let is_of = |fields: &BTreeSet<String>| example.keys().all(|key| fields.contains(key));
    is_text(example, "reason", &reason.name) && example.len() > 1 && rows.iter().any(is_of)
}

fn refuses_calls(reason: &Reason) -> bool {
    let mut code = reason.comment.split('`').skip(1).step_by(2);
    code.any(|code| CODES.contains(&code))
}

/// What is wrong with the examples of a reason.
fn wrong(reason: &Reason, calls: &[(String, String)]) -> Option<String> {
    let examples = examples(&reason.comment);
    if examples.is_empty() {
        return Some("it has no example".to_owned());
    }
    let rows = rows(&reason.package);
    examples.iter().find_map(|example| {
        let Ok(example) = serde_json::from_str::<Object>(example) else {
            return Some(format!("no JSON: {example}"));
        };
        let is_right = if refuses_calls(reason) {
            is_call(reason, &example)
        } else {
            is_field(reason, &example, calls) || is_row(reason, &example, &rows)
        };
        (!is_right).then(|| format!("not as it is sent: {example:?}"))
    })
}

#[test]
fn every_reason_has_an_example_as_it_is_sent() {
    let reasons: Vec<Reason> = files().iter().flat_map(reasons).collect();
    let calls = reasons.iter().filter(|reason| refuses_calls(reason));
    let calls = calls.map(|reason| (reason.package.clone(), reason.name.clone()));
    let calls: Vec<(String, String)> = calls.collect();
    let mut faults = Vec::new();
    for reason in &reasons {
        let told = wrong(reason, &calls);
        faults.extend(told.map(|told| format!("{}.{}: {told}", reason.package, reason.name)));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(reasons.len() > 150, "{} are hardly all", reasons.len());
}
