//! Of how an enterprise's share came about: the words for the contract's codes.

use std::collections::HashMap;
use std::fmt::Display;

use gazelle_proto::settlement::v1::{
    ExplanationCode, ExplanationFigure, ExplanationFigureCode, ExplanationRule, ExplanationStep,
};

use super::Text;

super::catalogue! {
    EXPLAIN_TEXTS;
    STEP: "{number}. {rule}: {finding}", "{number}. {rule}：{finding}";
    RULE_UNKNOWN: "A rule that is not known here", "此版本未知的规则";
    RULE_ELIGIBILITY: "Which fees count", "哪些费用计入";
    RULE_ENTITLEMENT: "What is due", "应享金额";
    RULE_BUDGET: "What is granted", "发放金额";
    RULE_SPLIT: "For which fees", "分到各项费用";
    FOUND_UNKNOWN: "a finding that is not known here", "此版本未知的结论";
    FILING_MISSING: "it filed for neither of the two fiscal years before the program year, so its size is not known",
        "项目年度之前两个会计年度均无年报，规模无法判定";
    FILING_USED: "its size is judged by the filing of {fiscal_year}, with {headcount} persons",
        "按 {fiscal_year} 年度年报判定规模，从业人员 {headcount} 人";
    SIZE_ELIGIBLE: "from {from} on, in industry {industry_code}, it is {size_class}: eligible",
        "自 {from} 起，行业 {industry_code}，规模为 {size_class}：符合条件";
    SIZE_NOT_ELIGIBLE: "from {from} on, in industry {industry_code}, it is {size_class}: not eligible",
        "自 {from} 起，行业 {industry_code}，规模为 {size_class}：不符合条件";
    SIZE_UNKNOWN_THEN: "from {from} on, in industry {industry_code}, its size is not known: not eligible",
        "自 {from} 起，行业 {industry_code}，规模未知：不符合条件";
    NO_FEES: "no fee in scope was charged to its accounts in the year so far",
        "本年度至今其账户没有范围内的费用";
    FEES_ELIGIBLE: "{record_count} of {fee_kind} on {platform_id} from {first_on} to {last_on}: eligible",
        "{platform_id} 的 {fee_kind} {record_count} 条，{first_on} 至 {last_on}：计入";
    FEES_EXCLUDED: "{record_count} of {fee_kind} on {platform_id} from {first_on} to {last_on}: {why}",
        "{platform_id} 的 {fee_kind} {record_count} 条，{first_on} 至 {last_on}：{why}";
    COVERED_BY: "covered by program {program}", "由项目 {program} 承担";
    COMPONENT: "{fee_kind} on {platform_id}: the government bears {government}, the platform {platform}",
        "{platform_id} 的 {fee_kind}：政府承担 {government}，平台承担 {platform}";
    COMPONENT_BELOW_NOTHING: "{fee_kind} on {platform_id}: more is taken back than was charged in the months that are read, which counts as nothing",
        "{platform_id} 的 {fee_kind}：冲销多于所读各月的费用，按零计";
    WITHOUT_CAP: "there is no cap, so it is entitled to the sum of these", "无封顶，应享各项之和";
    WITHIN_CAP: "the sum of these stays within the cap", "各项之和未超过封顶";
    ABOVE_CAP: "the sum of these exceeds the cap, so it is entitled to the cap", "各项之和超过封顶，按封顶计";
    TAKEN_BACK: "more was granted before than it is entitled to: the difference is taken back",
        "此前发放多于应享，收回差额";
    NOTHING_DUE: "nothing is due", "没有应发金额";
    BUDGET_SUFFICES: "the budget suffices for all that is due", "预算足以发放全部应发金额";
    SHORT_FIRST_COME: "the budget is short, and the earliest application comes first: it is number {place}",
        "预算不足，按申请先后发放：排在第 {place} 位";
    SHORT_PRO_RATA: "the budget is short, and all get a part in proportion to what they are due",
        "预算不足，按应发金额同比例发放";
    COMPONENT_GIVEN: "{fee_kind} on {platform_id}", "{platform_id} 的 {fee_kind}";
    OBJECTION_WAS_UPHELD: "an objection was upheld: nothing is granted or moved in this run, and what is due stays due",
        "异议成立：本次不发放也不调整，应发金额留待下次";
    FIGURE_UNKNOWN: "a figure that is not known here", "此版本未知的金额";
    ANNUAL_REVENUE: "operating revenue", "营业收入";
    TOTAL_ASSETS: "total assets", "资产总额";
    FEE: "fees", "费用";
    ELIGIBLE_FEE: "eligible fees of the year so far", "本年度至今计入的费用";
    GOVERNMENT_UNCAPPED: "the government's part, before cap and budget", "政府部分（封顶与预算之前）";
    PLATFORM_PART: "the platform's part", "平台部分";
    UNCAPPED: "sum of the government's parts", "政府部分合计";
    CAP: "cap of an enterprise and year", "每企业每年封顶";
    ENTITLED: "entitled to for the year so far", "本年度至今应享";
    GRANTED_BEFORE: "granted by earlier runs", "此前已发放";
    DUE: "due", "应发";
    RELEASED: "budget released", "已释放预算";
    GRANTED_TO_ALL_BEFORE: "granted to all by earlier runs", "此前已向全部企业发放";
    AVAILABLE: "available to this run", "本次可用";
    DUE_TO_ALL: "due to all", "全部应发";
    DUE_AHEAD: "due to those before it", "排在其前的应发";
    GRANTED: "granted by this run", "本次发放";
    UNFUNDED: "due and not granted; it stays due", "应发未发，留待下次";
    GIVEN_BEFORE: "given to it by earlier runs", "此前已分到";
    OPEN: "still due to it", "尚应分到";
    GOVERNMENT_PART: "borne by the government by this run", "本次由政府承担";
    MICRO: "micro", "微型";
    SMALL: "small", "小型";
    MEDIUM: "medium", "中型";
    LARGE: "large", "大型";
}

/// A rule, in words.
#[must_use]
pub fn rule(rule: ExplanationRule) -> Text {
    match rule {
        ExplanationRule::Unspecified => RULE_UNKNOWN,
        ExplanationRule::Eligibility => RULE_ELIGIBILITY,
        ExplanationRule::Entitlement => RULE_ENTITLEMENT,
        ExplanationRule::Budget => RULE_BUDGET,
        ExplanationRule::Split => RULE_SPLIT,
    }
}

/// A figure, in words.
#[must_use]
pub fn figure(code: ExplanationFigureCode) -> Text {
    use ExplanationFigureCode as Figure;
    match code {
        Figure::Unspecified => FIGURE_UNKNOWN,
        Figure::AnnualRevenue => ANNUAL_REVENUE,
        Figure::TotalAssets => TOTAL_ASSETS,
        Figure::Fee => FEE,
        Figure::EligibleFee => ELIGIBLE_FEE,
        Figure::GovernmentUncapped => GOVERNMENT_UNCAPPED,
        Figure::Platform => PLATFORM_PART,
        Figure::Uncapped => UNCAPPED,
        Figure::Cap => CAP,
        Figure::Entitled => ENTITLED,
        Figure::GrantedBefore => GRANTED_BEFORE,
        Figure::Due => DUE,
        Figure::Released => RELEASED,
        Figure::GrantedToAllBefore => GRANTED_TO_ALL_BEFORE,
        Figure::Available => AVAILABLE,
        Figure::DueToAll => DUE_TO_ALL,
        Figure::DueAhead => DUE_AHEAD,
        Figure::Granted => GRANTED,
        Figure::Unfunded => UNFUNDED,
        Figure::GivenBefore => GIVEN_BEFORE,
        Figure::Open => OPEN,
        Figure::Government => GOVERNMENT_PART,
    }
}

fn found(code: ExplanationCode) -> Text {
    use ExplanationCode as Code;
    match code {
        Code::Unspecified => FOUND_UNKNOWN,
        Code::FilingMissing => FILING_MISSING,
        Code::FilingUsed => FILING_USED,
        Code::SizeEligible => SIZE_ELIGIBLE,
        Code::SizeNotEligible => SIZE_NOT_ELIGIBLE,
        Code::NoFees => NO_FEES,
        Code::FeesEligible => FEES_ELIGIBLE,
        Code::FeesExcluded => FEES_EXCLUDED,
        Code::Component => COMPONENT,
        Code::WithoutCap => WITHOUT_CAP,
        Code::WithinCap => WITHIN_CAP,
        Code::AboveCap => ABOVE_CAP,
        Code::TakenBack => TAKEN_BACK,
        Code::NothingDue => NOTHING_DUE,
        Code::BudgetSuffices => BUDGET_SUFFICES,
        Code::BudgetShortFirstCome => SHORT_FIRST_COME,
        Code::BudgetShortProRata => SHORT_PRO_RATA,
        Code::ComponentGiven => COMPONENT_GIVEN,
        Code::ObjectionUpheld => OBJECTION_WAS_UPHELD,
    }
}

/// What a step found, in words.
#[must_use]
pub fn finding(step: &ExplanationStep) -> String {
    let given = &step.parameters;
    let mut values: HashMap<&str, String> = given
        .iter()
        .map(|(name, value)| (name.as_str(), shown(name, value)))
        .collect();
    let share = |name| {
        given
            .get(name)
            .and_then(|bps| bps.parse().ok())
            .map(percent)
    };
    values.insert("government", share("government_bps").unwrap_or_default());
    values.insert("platform", share("platform_bps").unwrap_or_default());
    values.insert("why", why_excluded(given));
    let mut text = found(step.code());
    if step.code() == ExplanationCode::SizeNotEligible && !given.contains_key("size_class") {
        text = SIZE_UNKNOWN_THEN;
    }
    if step.code() == ExplanationCode::Component && takes_back_more(step) {
        text = COMPONENT_BELOW_NOTHING;
    }
    let values: Vec<(&str, &dyn Display)> = values
        .iter()
        .map(|(name, value)| (*name, value as &dyn Display))
        .collect();
    text.with(&values)
}

/// Whether fees of a month that is left out are taken back, and more of them than there are of
/// others.
fn takes_back_more(step: &ExplanationStep) -> bool {
    let is_eligible =
        |figure: &&ExplanationFigure| figure.code() == ExplanationFigureCode::EligibleFee;
    let eligible = step.figures.iter().find(is_eligible);
    eligible.is_some_and(|figure| figure.amount_fen < 0)
}

fn why_excluded(given: &HashMap<String, String>) -> String {
    let reason = given.get("exclusion").map_or("", String::as_str);
    match given
        .get("covered_by")
        .filter(|program| !program.is_empty())
    {
        Some(program) => COVERED_BY.with(&[("program", program)]),
        None => super::exclusion(reason).unwrap_or(reason).to_owned(),
    }
}

fn shown(name: &str, value: &str) -> String {
    match (name, value) {
        ("size_class", "MICRO") => MICRO.say().to_owned(),
        ("size_class", "SMALL") => SMALL.say().to_owned(),
        ("size_class", "MEDIUM") => MEDIUM.say().to_owned(),
        ("size_class", "LARGE") => LARGE.say().to_owned(),
        _ => value.to_owned(),
    }
}

/// Basis points as people read them.
#[must_use]
pub fn percent(bps: i32) -> String {
    if bps % 100 == 0 {
        return format!("{} %", bps / 100);
    }
    format!("{}.{:02} %", bps / 100, bps % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(code: ExplanationCode, parameters: &[(&str, &str)]) -> ExplanationStep {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ExplanationStep {
            rule: ExplanationRule::Eligibility.into(),
            code: code.into(),
            parameters: parameters.iter().map(owned).collect(),
            figures: Vec::new(),
        }
    }

    fn said(code: ExplanationCode, parameters: &[(&str, &str)]) -> String {
        finding(&step(code, parameters))
    }

    #[test]
    fn a_step_is_told_with_its_parameters() {
        let size = [
            ("from", "2025-01-01"),
            ("industry_code", "5211"),
            ("size_class", "MICRO"),
        ];
        assert_eq!(
            said(ExplanationCode::SizeEligible, &size),
            "from 2025-01-01 on, in industry 5211, it is micro: eligible"
        );
        assert_eq!(
            said(ExplanationCode::SizeNotEligible, &size[..2]),
            "from 2025-01-01 on, in industry 5211, its size is not known: not eligible"
        );
        let rates = [
            ("platform_id", "alpha-mall"),
            ("fee_kind", "COMMISSION"),
            ("government_bps", "3000"),
            ("platform_bps", "1250"),
        ];
        assert_eq!(
            said(ExplanationCode::Component, &rates),
            "COMMISSION on alpha-mall: the government bears 30 %, the platform 12.50 %"
        );
        let below = ExplanationFigure {
            code: ExplanationFigureCode::EligibleFee.into(),
            amount_fen: -1,
        };
        let below = ExplanationStep {
            figures: vec![below],
            ..step(ExplanationCode::Component, &rates)
        };
        assert!(finding(&below).ends_with("which counts as nothing"));
        let fees = [
            ("platform_id", "alpha-mall"),
            ("fee_kind", "COMMISSION"),
            ("record_count", "3"),
            ("first_on", "2025-01-02"),
            ("last_on", "2025-01-09"),
            ("exclusion", "NOT_ENROLLED"),
        ];
        assert!(
            said(ExplanationCode::FeesExcluded, &fees).ends_with("the enterprise was not enrolled")
        );
    }

    #[test]
    fn each_code_of_the_contract_has_words_of_its_own() {
        let codes = (1..).map_while(|code| ExplanationCode::try_from(code).ok());
        let told: Vec<_> = codes.map(|code| found(code).say()).collect();
        let figures = (1..).map_while(|code| ExplanationFigureCode::try_from(code).ok());
        let figures: Vec<_> = figures.map(|code| figure(code).say()).collect();
        for mut all in [told, figures] {
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert!(count >= 18 && all.len() == count);
        }
    }
}
