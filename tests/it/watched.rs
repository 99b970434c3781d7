//! Dashboards, alert rules and runbooks: what they name exists.
//!
//! Metrics and labels are held against the table of `deploy/metrics.md`, and that against what the
//! services show (`telemetry`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gazelle_tests::metrics::documented;

type Labels = BTreeSet<String>;

const DASHBOARDS: [&str; 2] = ["operations", "programme"];

/// What Prometheus adds to every series that it scrapes.
const OF_THE_TARGET: [&str; 2] = ["namespace", "pod"];

/// Metrics that are not ours, each with the labels that may be asked for.
const OTHERS: [(&str, &[&str]); 6] = [
    // Of Prometheus: alerts, with the labels of whatever they are about.
    (
        "ALERTS",
        &["alertname", "alertstate", "severity", "service", "platform"],
    ),
    // Of CloudNativePG, from its documentation; `cnpg_io_cluster` is of our PodMonitor.
    ("cnpg_collector_up", &["cnpg_io_cluster"]),
    ("cnpg_collector_sync_replicas", &["value"]),
    (
        "cnpg_pg_stat_archiver_last_archived_time",
        &["cnpg_io_cluster"],
    ),
    (
        "cnpg_pg_stat_archiver_last_failed_time",
        &["cnpg_io_cluster"],
    ),
    (
        "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
        &["cnpg_io_cluster"],
    ),
];

/// Words of `PromQL` that take labels in parentheses.
const GROUPINGS: [&str; 6] = [
    "by",
    "on",
    "without",
    "ignoring",
    "group_left",
    "group_right",
];

/// Other words of `PromQL` that no parenthesis follows.
const OPERATORS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap()
}

fn labels<'a>(names: impl IntoIterator<Item = &'a str>) -> Labels {
    names.into_iter().map(str::to_owned).collect()
}

/// What a query asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    /// Metrics, and the labels that they are chosen by.
    metrics: Vec<(String, Labels)>,
    /// Labels that it groups or joins by.
    grouped: Labels,
}

impl Query {
    fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if first == '[' {
                rest = enclosed(rest, '[', ']').1;
                continue;
            }
            let Some(word) = first_word(rest) else {
                rest = &rest[first.len_utf8()..];
                continue;
            };
            rest = rest[word.len()..].trim_start();
            // As in `sum by (pod) (...)`.
            let aggregates = matches!(first_word(rest), Some("by" | "without"));
            if GROUPINGS.contains(&word) {
                let (names, after) = enclosed(rest, '(', ')');
                let names = names.split(',').map(str::trim).filter(|it| !it.is_empty());
                query.grouped.extend(labels(names));
                rest = after;
            } else if first.is_alphabetic()
                && !aggregates
                && !rest.starts_with('(')
                && !OPERATORS.contains(&word)
            {
                let (matchers, after) = enclosed(rest, '{', '}');
                query.metrics.push((word.to_owned(), matched(matchers)));
                rest = after;
            }
        }
        query
    }
}

/// The name or number at the start of `text`.
fn first_word(text: &str) -> Option<&str> {
    let end = text.find(|it: char| !(it.is_alphanumeric() || "_:.".contains(it)));
    Some(&text[..end.unwrap_or(text.len())]).filter(|word| !word.is_empty())
}

/// What stands between these at the start of `text`, and what follows.
fn enclosed(text: &str, open: char, close: char) -> (&str, &str) {
    let inner = text.strip_prefix(open);
    inner
        .and_then(|it| it.split_once(close))
        .unwrap_or(("", text))
}

/// The labels of matchers.
fn matched(matchers: &str) -> Labels {
    // Every second part is a value.
    let outside = matchers.split('"').step_by(2);
    let names = outside.map(|it| it.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_')));
    labels(names.filter(|it| !it.is_empty()))
}

struct PrometheusRule {
    name: String,
    recorded: bool,
    query: String,
    text: String,
}

/// The rules, in their order.
fn rules() -> Vec<PrometheusRule> {
    let text = read("deploy/kubernetes/components/alerts/alerts.yaml");
    let mut found: Vec<PrometheusRule> = Vec::new();
    let mut query_indent = None;
    for line in text.lines() {
        let (indent, line) = (line.len() - line.trim_start().len(), line.trim());
        let names = ["- alert: ", "- record: "].map(|it| line.strip_prefix(it));
        if let Some(name) = names[0].or(names[1]) {
            found.push(PrometheusRule {
                name: name.to_owned(),
                recorded: names[1].is_some(),
                query: String::new(),
                text: String::new(),
            });
        }
        let Some(rule) = found.last_mut() else {
            continue;
        };
        if let Some(query) = line.strip_prefix("expr: ") {
            query_indent = Some(indent);
            query.trim_matches('|').clone_into(&mut rule.query);
        } else if query_indent.is_some_and(|it| indent > it) {
            rule.query = format!("{} {line}", rule.query);
        } else {
            query_indent = None;
            rule.text = format!("{}\n{line}", rule.text);
        }
    }
    found
}

/// The labels of every metric that there is.
fn known() -> BTreeMap<String, Labels> {
    let mut known = BTreeMap::new();
    for (name, (kind, labels, _)) in documented() {
        if kind == "histogram" {
            for part in ["_sum", "_count", "_bucket"] {
                known.insert(format!("{name}{part}"), labels.clone());
            }
            let buckets = known.get_mut(&format!("{name}_bucket")).unwrap();
            buckets.insert("le".to_owned());
        } else {
            known.insert(name, labels);
        }
    }
    for rule in rules().into_iter().filter(|it| it.recorded) {
        let grouped = Query::parse(&rule.query).grouped;
        known.insert(rule.name, grouped);
    }
    for (name, all) in OTHERS {
        known.insert(name.to_owned(), labels(all.iter().copied()));
    }
    for labels in known.values_mut() {
        labels.extend(OF_THE_TARGET.map(str::to_owned));
    }
    known
}

/// What is wrong with a query, and with a text that names its labels.
fn faults(query: &str, named: &Labels, known: &BTreeMap<String, Labels>) -> Vec<String> {
    let parsed = Query::parse(query);
    let mut faults = Vec::new();
    let mut there = Labels::new();
    if parsed.metrics.is_empty() {
        faults.push("asks for no metric".to_owned());
    }
    for (metric, chosen_by) in &parsed.metrics {
        let Some(has) = known.get(metric) else {
            faults.push(format!("{metric} is no metric"));
            continue;
        };
        let strange = chosen_by.difference(has);
        faults.extend(strange.map(|label| format!("{metric} has no {label}")));
        there.extend(has.iter().cloned());
    }
    let strange = parsed.grouped.difference(&there);
    faults.extend(strange.map(|label| format!("nothing has {label}")));
    // What is not aggregated keeps its labels.
    let kept = Some(&parsed.grouped).filter(|it| !it.is_empty());
    let strange = named.difference(kept.unwrap_or(&there));
    faults.extend(strange.map(|label| format!("the answer has no {label}")));
    faults
        .into_iter()
        .map(|it| format!("{it}: {query}"))
        .collect()
}

/// Names between these in a text.
fn between(text: &str, open: &str, close: &[char]) -> Labels {
    let parts = text.split(open).skip(1);
    labels(parts.map(|it| it.split(close).next().unwrap().trim()))
}

#[test]
fn every_alert_asks_for_metrics_and_labels_that_the_services_show() {
    let known = known();
    let rules = rules();
    assert!(rules.len() > 20);
    let wrong: Vec<String> = rules
        .iter()
        .flat_map(|rule| {
            let named = between(&rule.text, "$labels.", &[' ', '}']);
            let faults = faults(&rule.query, &named, &known);
            faults
                .into_iter()
                .map(|it| format!("{}: {it}", rule.name))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_panel_asks_for_metrics_and_labels_that_the_services_show_and_says_what_to_do() {
    let known = known();
    let mut wrong = Vec::new();
    for name in DASHBOARDS {
        let path = format!("deploy/kubernetes/components/dashboards/{name}.json");
        let text = read(&path);
        let board: serde_json::Value = serde_json::from_str(&text).unwrap();
        let own = format!("gazelle-{name}");
        assert_eq!(board["uid"], own);
        // The reader's Prometheus, and nobody else's.
        let uids = between(&text, "\"uid\": \"", &['"']);
        assert_eq!(uids, labels([own.as_str(), "${datasource}"]));
        let variables = board["templating"]["list"].as_array().unwrap();
        for variable in variables.iter().filter(|it| it["type"] == "query") {
            let query = variable["definition"].as_str().unwrap();
            let (metric, label) = query
                .strip_prefix("label_values(")
                .and_then(|it| it.strip_suffix(')')?.rsplit_once(", "))
                .unwrap();
            let values = format!("count by ({label}) ({metric})");
            wrong.extend(faults(&values, &Labels::new(), &known));
        }
        let panels = board["panels"].as_array().unwrap();
        for panel in panels.iter().filter(|it| it["type"] != "row") {
            let title = panel["title"].as_str().unwrap();
            if panel["description"].as_str().is_none_or(str::is_empty) {
                wrong.push(format!("{title}: says nothing"));
            }
            for target in panel["targets"].as_array().unwrap() {
                let query = target["expr"].as_str().unwrap();
                let legend = target["legendFormat"].as_str().unwrap();
                let named = between(legend, "{{", &['}']);
                let faults = faults(query, &named, &known);
                wrong.extend(faults.iter().map(|it| format!("{title}: {it}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert_in_the_same_order() {
    let alerts: Vec<PrometheusRule> = rules().into_iter().filter(|it| !it.recorded).collect();
    let runbooks = read("deploy/runbooks.md");
    let sections = runbooks
        .lines()
        .filter_map(|line| line.strip_prefix("## Gazelle"));
    let sections: Vec<String> = sections.map(|it| format!("Gazelle{it}")).collect();
    let names: Vec<&str> = alerts.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, sections);
    for alert in &alerts {
        let link = format!("deploy/runbooks.md#{}", alert.name.to_lowercase());
        assert!(alert.text.contains(&link), "{link}");
        for has in ["summary: ", "description: ", "labels: {severity: "] {
            assert!(alert.text.contains(has), "{} has no {has}", alert.name);
        }
    }
}

#[test]
fn a_query_is_taken_apart_as_prometheus_would() {
    let query = r#"sum by (service, le) (rate(a_bucket{code=~"X|(b)",method!="m"}[5m])) > 14.4 * 0.001
        and on (pod) max_over_time(b:c[1d]) unless d"#;
    let metric = |name: &str, by: &[&str]| (name.to_owned(), labels(by.iter().copied()));
    let expected = Query {
        metrics: vec![
            metric("a_bucket", &["code", "method"]),
            metric("b:c", &[]),
            metric("d", &[]),
        ],
        grouped: labels(["service", "le", "pod"]),
    };
    assert_eq!(Query::parse(query), expected);
}
