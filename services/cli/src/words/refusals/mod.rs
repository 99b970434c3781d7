//! Refusals that say more to people in words of our own than in those of a service, which has
//! fen and UTC.

use std::collections::HashMap;
use std::hash::BuildHasher;

use gazelle_kernel::{Fen, parse_instant};

use super::{Lang, filled, lang};
use crate::output::{shanghai_end, thousands};

/// What officials meet first, in Chinese; in English the service's own words say it. Of several for
/// one reason the first of which all is known.
const CHINESE: &[(&str, &str)] = &[
    ("ENTERPRISE_NOT_FOUND", "没有登记 {uscc}"),
    (
        "NOT_STATED",
        "{platform_id} 的 {period} 尚未报送合计，不能封存",
    ),
    (
        "ORDER_OPEN",
        "支付单 {program_id}#{number} 尚未办结，须先放款或取消",
    ),
    (
        "PERIOD_BEFORE_LAST_RUN",
        "上一次批准的核算截至 {last_period}",
    ),
    (
        "PERIOD_NOT_FOUND",
        "{platform_id} 的 {period} 既未报数据，也未报合计",
    ),
    ("PERIOD_NOT_OVER", "{period} 按北京时间尚未结束"),
    ("PERIOD_NOT_OWED", "{periods}（{causes}）"),
    ("PERIOD_NOT_SEALED", "未封存：{periods}"),
    (
        "PERIOD_SEALED",
        "{platform_id} 的 {period} 已封存，数据和合计不再更改",
    ),
    ("PERMISSION_DENIED", "此操作须由 {may} 执行"),
    ("PLATFORM_NOT_FOUND", "没有平台 {platform_id}"),
    ("PROGRAM_NOT_FOUND", "没有项目 {program_id}"),
    ("RUN_CLOSED", "现为 {state}，不再更改"),
    ("RUN_NOT_COMPUTED", "现为 {state}，只有已计算的才能公示"),
    ("RUN_NOT_FOUND", "项目 {program_id} 没有第 {number} 次核算"),
    (
        "RUN_NOT_PUBLISHED",
        "现为 {state}，只有公示中的才能批准或提出异议",
    ),
    (
        "RUN_OPEN",
        "核算 {program_id}#{number} 尚未办结，须先批准或取消",
    ),
];

/// What callers, states and causes are called.
const NAMES: &[(&str, &str)] = &[
    ("APPROVED", "已批准"),
    ("CANCELLED", "已取消"),
    ("COMPUTED", "已计算"),
    ("NOT_OWED", "平台不欠报，也未报送"),
    ("OUTSIDE_RUN", "不在核算的月份内"),
    ("PLATFORM_NOT_COVERED", "平台不在项目范围内"),
    ("PUBLISHED", "公示中"),
    ("SEALED", "已封存"),
    ("approver", "审批人 approver"),
    ("auditor", "审计员 auditor"),
    ("officer", "经办人 officer"),
    ("platform", "平台自己"),
    ("registrar", "登记员 registrar"),
    ("service", "服务"),
];

fn in_chinese<S: BuildHasher>(
    reason: &str,
    figures: &HashMap<String, String, S>,
) -> Option<String> {
    let known = |template: &str| {
        let mut places = template.split('{').skip(1);
        places.all(|rest| {
            let name = rest.split('}').next().unwrap_or_default();
            figures.get(name).is_some_and(|value| !value.is_empty())
        })
    };
    let mut found = CHINESE.iter().filter(|(refusal, _)| *refusal == reason);
    let (_, template) = found.find(|(_, template)| known(template))?;
    let named = |text: &str| {
        let found = NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map_or_else(|| text.to_owned(), |(_, chinese)| (*chinese).to_owned())
    };
    let told = |(name, value): (&'_ String, &String)| {
        // Anything else may be called as one of them.
        let is_named = ["causes", "may", "state"].contains(&name.as_str());
        let parts = value.split(',').map(|part| named(part.trim()));
        if is_named {
            parts.collect::<Vec<_>>().join("、")
        } else {
            value.clone()
        }
    };
    let values: Vec<_> = figures
        .iter()
        .map(|figure| (figure.0.as_str(), told(figure)))
        .collect();
    let values: Vec<(&str, &dyn std::fmt::Display)> = values
        .iter()
        .map(|(name, value)| (*name, value as _))
        .collect();
    Some(filled(template, &values))
}

/// What a refusal says, from its figures; none: what the service says is right for people.
#[must_use]
pub fn refusal<S: BuildHasher>(
    reason: &str,
    figures: &HashMap<String, String, S>,
) -> Option<String> {
    let number = |name: &str| figures.get(name)?.parse::<i64>().ok();
    let count = |name: &str| number(name).map(thousands);
    let yuan = |name: &str| number(name).map(|fen| Fen::new(fen).to_yuan());
    match reason {
        "NOTICE_NOT_OVER" => {
            let until = parse_instant(figures.get("notice_ends_at")?).ok()?;
            let until = shanghai_end(until, lang());
            Some(super::NOTICE_UNTIL.with(&[("until", &until)]))
        }
        "STATEMENT_MISMATCH" => Some(super::STATED_AND_RECEIVED.with(&[
            ("stated", &count("stated_record_count")?),
            ("stated_yuan", &yuan("stated_total_fen")?),
            ("received", &count("received_record_count")?),
            ("received_yuan", &yuan("received_total_fen")?),
            ("refused", &count("refused_count")?),
        ])),
        "CHECK_TOO_LARGE" => Some(super::CHECK_LATER.with(&[("max", &count("records_max")?)])),
        "RECEIPT_MISMATCH" => Some(super::HELD_OTHERWISE.with(&[
            ("held", &count("received_record_count")?),
            ("yuan", &yuan("received_total_fen")?),
            ("digest", figures.get("received_digest")?),
        ])),
        _ if lang() == Lang::Zh => in_chinese(reason, figures),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reason: &str, figures: &[(&str, &str)]) -> Option<String> {
        let figures = figures
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        refusal(reason, &figures.collect::<HashMap<_, _>>())
    }

    #[test]
    fn a_notice_is_told_by_the_day_that_it_ends_with() {
        assert_eq!(
            told(
                "NOTICE_NOT_OVER",
                &[("notice_ends_at", "2026-12-06T16:00:00Z")]
            )
            .unwrap(),
            "the public notice is not over before end of 2026-12-06"
        );
        assert_eq!(told("NOTICE_NOT_OVER", &[]), None);
    }

    #[test]
    fn what_officials_meet_is_chinese_where_all_of_it_is_known() {
        let told = |reason: &str, figures: &[(&str, &str)]| {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            in_chinese(reason, &figures.iter().map(own).collect::<HashMap<_, _>>())
        };
        for (reason, figures, said) in [
            (
                "RUN_OPEN",
                &[("program_id", "a-share"), ("number", "3"), ("run_id", "x")][..],
                Some("核算 a-share#3 尚未办结，须先批准或取消"),
            ),
            (
                "PERIOD_NOT_OWED",
                &[("periods", "a-mall 2025-01"), ("causes", "SEALED")],
                Some("a-mall 2025-01（已封存）"),
            ),
            (
                "PERMISSION_DENIED",
                &[("may", "officer,auditor")],
                Some("此操作须由 经办人 officer、审计员 auditor 执行"),
            ),
            (
                "PLATFORM_NOT_FOUND",
                &[("platform_id", "officer")],
                Some("没有平台 officer"),
            ),
            (
                "RUN_NOT_PUBLISHED",
                &[("state", "approved")],
                Some("现为 已批准，只有公示中的才能批准或提出异议"),
            ),
            ("PERMISSION_DENIED", &[("may", "")], None),
            ("RUN_NOT_FOUND", &[("run_id", "x")], None),
            ("OVERFLOW", &[("value", "x")], None),
        ] {
            assert_eq!(told(reason, figures).as_deref(), said, "{reason}");
        }
        assert!(CHINESE.is_sorted_by(|one, next| one.0 <= next.0));
        assert!(NAMES.is_sorted_by(|one, next| one.0 < next.0));
    }

    #[test]
    fn both_sides_of_a_statement_are_told_in_yuan() {
        let figures = [
            ("stated_record_count", "1"),
            ("stated_total_fen", "1"),
            ("received_record_count", "20"),
            ("received_total_fen", "1145866"),
            ("refused_count", "0"),
        ];
        assert_eq!(
            told("STATEMENT_MISMATCH", &figures).unwrap(),
            "stated 1 record, 0.01 yuan; received 20 records, 11,458.66 yuan; refused 0"
        );
    }
}
