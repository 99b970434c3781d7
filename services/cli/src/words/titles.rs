//! Titles of columns and fields, which are keyed by their English.

use super::{Lang, lang};

/// A title in the language of this process.
#[must_use]
pub fn title(english: &'static str) -> &'static str {
    match lang() {
        Lang::En => english,
        Lang::Zh => chinese(english).unwrap_or(english),
    }
}

/// A title that is not known while the program is built, as [`title`].
#[must_use]
pub fn title_of(english: &str) -> &str {
    match lang() {
        Lang::En => english,
        Lang::Zh => chinese(english).unwrap_or(english),
    }
}

/// What a table says that has no rows.
#[must_use]
pub fn nothing_listed(what: &str) -> String {
    super::NOTHING_LISTED.with(&[("what", &title_of(what))])
}

/// A title in Chinese; in English it may have blanks before it.
#[must_use]
pub fn chinese(english: &str) -> Option<&'static str> {
    let bare = english.trim_start();
    let found = TITLES.iter().find(|(title, _)| *title == bare);
    found.map(|(_, chinese)| *chinese)
}

const TITLES: &[(&str, &str)] = &[
    ("SHA-256", "SHA-256"),
    ("accepted", "接收"),
    ("accepted on", "例外依据"),
    ("account", "账户"),
    ("account name", "户名"),
    ("account number", "账号"),
    ("account statement", "账户流水"),
    ("accounts", "账户"),
    ("action", "操作"),
    ("added", "将新增"),
    ("agrees", "一致"),
    ("amount (yuan)", "金额（元）"),
    ("answer", "回盘"),
    ("answers", "回盘"),
    ("applied at", "申请时间"),
    ("applied by", "提交人"),
    ("assets (yuan)", "资产总额（元）"),
    ("at", "时间"),
    ("authority's certificate", "证书机构的证书"),
    ("available", "可用"),
    ("balances", "余额"),
    ("bank", "开户行"),
    ("bank code", "行号"),
    ("breaks", "不符笔数"),
    ("budget (yuan)", "预算（元）"),
    ("budget released (yuan)", "已释放预算（元）"),
    ("budgets", "预算"),
    ("by", "操作人"),
    ("by enterprises", "企业承担"),
    ("by government", "政府承担"),
    ("by platforms", "平台承担"),
    ("bytes", "字节数"),
    ("cap a year (yuan)", "年度封顶（元）"),
    ("cause", "事由"),
    ("certificates", "证书"),
    ("changed", "已更改"),
    ("changed at", "更改时间"),
    ("changes", "变更"),
    ("checked", "已核对"),
    ("stored compared", "所存已核对"),
    ("clawed back (yuan)", "收回（元）"),
    ("code", "代码"),
    ("committed (yuan)", "已承诺（元）"),
    ("computed at", "计算时间"),
    ("computed by", "计算人"),
    ("computed without", "略过的月份"),
    ("confirmed", "已确认"),
    ("confirmed at", "确认时间"),
    ("confirmed by", "确认人"),
    ("content", "内容"),
    ("created", "新增"),
    ("credential", "凭据"),
    ("credit", "贷方"),
    ("days of notice", "公示天数"),
    ("debit", "借方"),
    ("decided at", "决定时间"),
    ("decided by", "决定人"),
    ("decision", "决定"),
    ("digest", "摘要"),
    ("digest of the run now", "核算当前摘要"),
    ("district", "区划"),
    ("districts", "区划"),
    ("due (yuan)", "应发（元）"),
    ("duplicates", "重复"),
    ("eligible", "计入"),
    ("endpoint", "地址"),
    ("ends at", "到期时间"),
    ("enrollments", "参加项目"),
    ("enterprise", "企业"),
    ("enterprise (yuan)", "企业（元）"),
    ("enterprises", "企业"),
    ("entitled (yuan)", "应享（元）"),
    ("entries", "条目"),
    ("entry", "条目"),
    ("established on", "成立日期"),
    ("excluded", "不计入"),
    ("exclusions", "不计入的费用"),
    ("fee (yuan)", "费用（元）"),
    ("fee kind", "费用类型"),
    ("fees (yuan)", "费用（元）"),
    ("fees in scope (yuan)", "范围内费用（元）"),
    ("fees on its lines (yuan)", "明细费用（元）"),
    ("fell at a seal", "封存时剔除"),
    ("figure", "项目"),
    ("file", "文件"),
    ("filings", "年报"),
    ("finding", "结论"),
    ("first received", "首次收到"),
    ("folder", "文件夹"),
    ("fiscal year", "会计年度"),
    ("free (yuan)", "可用（元）"),
    ("from", "起"),
    ("given (yuan)", "累计发放（元）"),
    ("government (yuan)", "政府（元）"),
    ("granted (yuan)", "发放（元）"),
    ("granted before (yuan)", "此前发放（元）"),
    ("headcount", "从业人员"),
    ("held", "暂不支付"),
    ("id", "编号"),
    ("ignored columns", "未使用的列"),
    ("in payment (yuan)", "支付中（元）"),
    ("industries", "行业"),
    ("industry", "行业"),
    ("key", "公钥"),
    ("last order", "最后一单"),
    ("paid from", "付款账户"),
    ("least payment (yuan)", "最低支付（元）"),
    ("left", "未处理"),
    ("line", "行"),
    ("lines", "明细"),
    ("merchant", "商户"),
    ("merchant accounts", "商户账号"),
    ("merchants", "商户账号"),
    ("message", "说明"),
    ("month over", "月份已结束"),
    ("name", "名称"),
    ("name in Chinese", "中文名称"),
    ("noted", "其他"),
    ("notice ends at", "公示截止"),
    ("number", "序号"),
    ("objections", "异议"),
    ("occurred on", "费用日期"),
    ("of", "对象"),
    ("on what", "对象"),
    ("open run", "未办结的核算"),
    ("order", "支付单"),
    ("orders", "支付单"),
    ("owes from", "应报起始"),
    ("owes until before", "应报截止（不含）"),
    ("paid (yuan)", "已付（元）"),
    ("paid to", "支付给"),
    ("payable (yuan)", "应付（元）"),
    ("pages", "页数"),
    ("payee", "收款人"),
    ("payment", "支付编号"),
    ("payment accounts", "收款账户"),
    ("payment returned at", "退票时间"),
    ("payments", "支付"),
    ("period", "月份"),
    ("periods", "月份"),
    ("platform", "平台"),
    ("platform (yuan)", "平台（元）"),
    ("platforms", "平台"),
    ("posting", "分录"),
    ("prepared at", "编制时间"),
    ("prepared by", "编制人"),
    ("profile", "身份"),
    ("profiles", "身份"),
    ("program", "项目"),
    ("program version", "项目版本"),
    ("programs", "项目"),
    ("proposed", "待确认"),
    ("proposed at", "提出时间"),
    ("proposed by", "提出人"),
    ("published at", "公示时间"),
    ("published by", "公示人"),
    ("raised at", "提出时间"),
    ("raised by", "提出人"),
    ("ready", "就绪"),
    ("reason", "原因"),
    ("receipt", "回执"),
    ("receipt check", "回执核对"),
    ("receivable (yuan)", "应收回（元）"),
    ("received at", "收到时间"),
    ("received by", "收到人"),
    ("recomputed digest", "重算摘要"),
    ("record", "记录"),
    ("recorded at", "记账时间"),
    ("records", "记录"),
    ("refused", "退回"),
    ("refused for", "拒收原因"),
    ("refused records", "退回的记录"),
    ("refused, and resolved since", "退回后已更正"),
    ("registry revision", "登记版本"),
    ("rejected", "退回"),
    ("rejections", "退回"),
    ("released at", "放款时间"),
    ("released by", "放款人"),
    ("remittances", "支付构成"),
    ("repeated", "重复文件"),
    ("resolved", "已解决"),
    ("returned", "退票"),
    ("returned (yuan)", "退票（元）"),
    ("returned for", "退票原因"),
    ("revenue (yuan)", "营业收入（元）"),
    ("reverses", "冲销记录"),
    ("revision", "版本"),
    ("revoked at", "吊销时间"),
    ("roles", "角色"),
    ("rule", "规则"),
    ("run", "核算"),
    ("runs", "核算"),
    ("seal", "封存摘要"),
    ("sealed at", "封存时间"),
    ("sealed by", "封存人"),
    ("seals", "封存"),
    ("serial number", "序列号"),
    ("service", "服务"),
    ("services", "服务"),
    ("set off (yuan)", "轧抵（元）"),
    ("settled", "已到账"),
    ("settled (yuan)", "已到账（元）"),
    ("settled, amount not compared", "到账未核对金额"),
    ("shares", "分担"),
    ("signed at", "签发时间"),
    ("silent platforms", "无数据的平台"),
    ("size class", "规模"),
    ("size classes", "规模"),
    ("state", "状态"),
    ("stated", "已报合计"),
    ("stated (yuan)", "报送合计（元）"),
    ("stated records", "报送条数"),
    ("statement", "陈述"),
    ("statements", "月度合计"),
    ("step", "步骤"),
    ("steps", "步骤"),
    ("stored digest", "原摘要"),
    ("subject", "主体"),
    ("submitted at", "提交时间"),
    ("submitted by", "提交人"),
    ("suspended from", "暂停起始"),
    ("suspensions", "暂停"),
    ("through", "截至"),
    ("times", "次数"),
    ("to", "止（不含）"),
    ("token", "令牌"),
    ("total (yuan)", "合计（元）"),
    ("trails", "操作记录"),
    ("uncapped (yuan)", "封顶前（元）"),
    ("unchanged", "未变"),
    ("unfunded (yuan)", "未拨（元）"),
    ("version", "版本"),
    ("warnings", "提示"),
    ("what does not fit", "不符内容"),
    ("when short", "预算不足时"),
    ("usage records", "费用记录"),
    ("whose turn", "轮到谁"),
    ("withdrawal", "撤回序号"),
    ("withdrawn (yuan)", "撤回金额（元）"),
    ("withdrawn at", "撤回时间"),
    ("withdrawn by", "撤回人"),
    ("withdrawn digest", "撤回摘要"),
    ("withdrawn records", "撤回条数"),
    ("year", "年度"),
    ("years", "年度"),
    ("yields to", "让位于"),
    ("yuan", "元"),
];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(path);
            }
        }
    }

    /// The texts between quotes in the arguments of each `call` of a source.
    fn texts_of<'a>(source: &'a str, call: &'a str) -> impl Iterator<Item = Vec<&'a str>> + 'a {
        source.split(call).skip(1).map(|rest| {
            let arguments = rest.split(')').next().unwrap_or_default();
            // Parentheses inside a title do not end the call.
            let arguments = if arguments.matches('"').count() % 2 == 0 {
                arguments
            } else {
                &rest[..rest
                    .match_indices(')')
                    .nth(1)
                    .map_or(rest.len(), |(at, _)| at)]
            };
            arguments.split('"').skip(1).step_by(2).collect()
        })
    }

    #[test]
    fn every_title_of_the_commands_is_there_in_chinese() {
        let mut files = Vec::new();
        for folder in ["src/commands", "src/sample"] {
            sources(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
                &mut files,
            );
        }
        let mut missing = Vec::new();
        let mut found = 0;
        for file in files {
            let source = std::fs::read_to_string(&file).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for call in ["column(", "text(", "moment("] {
                for texts in texts_of(source, call).filter(|texts| texts.len() >= 2) {
                    found += 1;
                    if chinese(texts[1]).is_none() {
                        missing.push(format!("{}: {}", file.display(), texts[1]));
                    }
                }
            }
        }
        assert!(
            missing.is_empty() && found > 100,
            "{found} titles; not in Chinese: {missing:#?}"
        );
    }
}
