//! What services find where trails or books are not what was written.

/// Reasons of which these are the details.
pub(super) const REASONS: &[&str] = &["CHAIN_BROKEN", "LEDGER_BROKEN"];

/// The sentence in a service's words, and in Chinese; of several that fit the first.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    ("its digest is of something else", "其摘要不是该内容的"),
    ("the checkpoint has another digest", "与检查点的摘要不同"),
    ("the end has another digest", "末条的摘要不同"),
    ("entry {number} has its content", "第 {number} 条有其内容"),
    ("the next does not follow it", "其后一条与之不相衔接"),
    ("{count} are missing", "缺少 {count} 条"),
    ("the checkpoint is of {number}", "检查点为第 {number} 条"),
    ("the end is said to be {number}", "所记末条为第 {number} 条"),
    (
        "the next that is there is {number}",
        "其后所存为第 {number} 条",
    ),
    ("there is no end", "没有末条标记"),
    (
        "posting {number} says that it is of {entry}",
        "分录 {number} 自称属于第 {entry} 条",
    ),
    (
        "posting {number} stands where {expected} should",
        "应为分录 {expected}，所存为分录 {number}",
    ),
    (
        "posting {number}: its balance repeats something else",
        "分录 {number} 的余额所重复的内容不符",
    ),
    (
        "it has {count} postings and says {said}",
        "有 {count} 笔分录，而自称有 {said} 笔",
    ),
    ("there is no account {account}", "没有账户 {account}"),
    ("there are two accounts {account}", "账户 {account} 有两个"),
    ("of posting {number}", "属于分录 {number}"),
    ("the end of the books is further on", "账目的末条标记在其后"),
    ("the end of the books is before it", "账目的末条标记在其前"),
    ("there are postings of no entry", "有不属于任何条目的分录"),
    ("there are balances of no posting", "有不属于任何分录的余额"),
    ("there is an account without postings", "有账户没有分录"),
    (
        "payment {payment}: booked {fen} for {payee}, {state}; there is {found} for {other}, {now}",
        "支付 {payment}：账上为 {payee} {fen} 分（{state}），所存为 {other} {found} 分（{now}）",
    ),
    (
        "{balance} of run {run}: booked {fen}, caused {caused}",
        "核算 {run} 的{balance}：账上 {fen} 分，应为 {caused} 分",
    ),
    (
        "{payee} by run {run}: booked {fen}, given {caused}",
        "核算 {run} 发给 {payee}：账上 {fen} 分，所存 {caused} 分",
    ),
    (
        "{balance}, {payee} of {program}: booked {fen}, there is {caused}",
        "项目 {program} 的 {payee}，{balance}：账上 {fen} 分，所存 {caused} 分",
    ),
    (
        "{balance} of {program} {year}: booked {fen}, caused {caused}",
        "项目 {program} {year} 年的{balance}：账上 {fen} 分，应为 {caused} 分",
    ),
    (
        "the books come to something else than what they are of",
        "账目与其来源的合计不符",
    ),
    (
        "the enrollments are not what was put",
        "所存报名与所办理的不符",
    ),
    (
        "{payee} of {program} is owed and owes",
        "项目 {program} 的 {payee} 同时有应付和应收",
    ),
    (
        "the objection of {uscc} to run {run} is not what was done",
        "{uscc} 对核算 {run} 的异议与所办理的不符",
    ),
    (
        "the enrollment of {uscc} in {program} from {from} is not what was put",
        "{uscc} 自 {from} 起参加项目 {program} 的登记与所提交的不符",
    ),
    (
        "{year} of {program} stays with version {version}, and its first run was by {other}",
        "项目 {program} {year} 年固定于第 {version} 版，而其首次核算依据第 {other} 版",
    ),
    (
        "open items of {id} are not what was left of them",
        "{id} 的未结项目与应余的不符",
    ),
    (
        "{stray} of {id}, which is not there",
        "有属于 {id} 的{stray}，而 {id} 并不存在",
    ),
    ("answer {id} is not what came", "回盘 {id} 与所收到的不符"),
    (
        "order {id} is not what its steps made of it",
        "支付单 {id} 与其各步骤不符",
    ),
    ("run {id} is not what was done", "核算 {id} 与所办理的不符"),
    ("run {id} is not what it came to", "核算 {id} 与其结果不符"),
    (
        "entry {number}: nobody did {cause} {id}, as it says",
        "第 {number} 条称有 {cause} {id}，而无人办理",
    ),
    (
        "version {version} of the account of {payee} is not what was proposed",
        "{payee} 账户的第 {version} 版与所提出的不符",
    ),
    (
        "version {version} of the account of {payee} was proposed again and never in force",
        "{payee} 账户的第 {version} 版曾再次提出，而从未生效",
    ),
    (
        "version {version} of {program} is not what was applied",
        "项目 {program} 的第 {version} 版与所提交的不符",
    ),
    (
        "where version {version} of the account of {payee} stands since revision {revision} is not what was done",
        "{payee} 账户第 {version} 版自登记版本 {revision} 起的状态与所办理的不符",
    ),
    (
        "the return of payment {payment} is not what was noted",
        "支付 {payment} 的退票与所记的不符",
    ),
    (
        "the registry is not at revision {revision}, which the last change made",
        "登记的版本不是最后一次变更所至的 {revision}",
    ),
    (
        "the enterprise {uscc} of revision {revision} is not what was put",
        "登记版本 {revision} 的企业 {uscc} 与所提交的不符",
    ),
    (
        "the filing of {uscc} for {year}, of revision {revision}, is not what was put",
        "登记版本 {revision} 的 {uscc} {year} 年度年报与所提交的不符",
    ),
    (
        "the suspension of {uscc} from {from} on, of revision {revision}, is not what was put",
        "登记版本 {revision} 的 {uscc} 自 {from} 起的暂停与所提交的不符",
    ),
    (
        "the platform {platform} of revision {revision} is not what was put",
        "登记版本 {revision} 的平台 {platform} 与所提交的不符",
    ),
    (
        "the binding of {merchant} on {platform} from {from} on, of revision {revision}, is not what was put",
        "登记版本 {revision} 的 {platform} 账号 {merchant} 自 {from} 起的绑定与所提交的不符",
    ),
    (
        "the {code_kind} of {uscc} from {from} on, of revision {revision}, is not what was put",
        "登记版本 {revision} 的 {uscc} 自 {from} 起的{code_kind}与所提交的不符",
    ),
    (
        "the statement of {period} is not what was stated",
        "{period} 的合计与所报送的不符",
    ),
    (
        "the seal of {period} is not what was sealed",
        "{period} 的封存与所封存的不符",
    ),
    (
        "the records of {period} are not those that were sealed",
        "{period} 的记录不是所封存的",
    ),
    (
        "the records of withdrawal {number} of {period} come to {count} of {fen} fen with digest {digest}, and {others} of {other_fen} fen with digest {other_digest} were withdrawn",
        "{period} 第 {number} 次撤回的记录为 {count} 条、{fen} 分，摘要 {digest}；而所撤回的为 {others} 条、{other_fen} 分，摘要 {other_digest}",
    ),
    (
        "the records of {period} come to {count} of {fen} fen with digest {digest}, and its row says {others} of {other_fen} fen with digest {other_digest}",
        "{period} 的记录为 {count} 条、{fen} 分，摘要 {digest}；而其合计栏为 {others} 条、{other_fen} 分，摘要 {other_digest}",
    ),
    (
        "withdrawal {number} of {period} is not what was withdrawn",
        "{period} 第 {number} 次撤回与所撤回的不符",
    ),
    (
        "withdrawal {number} of {period} has {count} refused records, and {others} went with it",
        "{period} 第 {number} 次撤回有 {count} 条退回的记录，而随之撤回的为 {others} 条",
    ),
    (
        "{period} was withdrawn {count} times",
        "{period} 曾撤回 {count} 次，与所存不符",
    ),
    (
        "{period} has {count} refused records, {sealing} of them by sealing, and its row says {others} and {other_sealing}",
        "{period} 有 {count} 条退回的记录，其中封存时剔除 {sealing} 条；而其合计栏为 {others} 条和 {other_sealing} 条",
    ),
    (
        "{count} periods of {platform} are sealed, and {others} are counted",
        "{platform} 有 {count} 个月份已封存，而所计为 {others} 个",
    ),
    (
        "the refused record {id} is not the one that was refused",
        "退回的记录 {id} 不是当时退回的那条",
    ),
    (
        "the record {id} has another key or fee date than it was given",
        "记录 {id} 的键或费用日期与原有的不同",
    ),
    (
        "of record {key} in period {period} of platform number {number}, {fen} fen are taken back, and {kept} are kept",
        "{number} 号平台 {period} 的记录 {key} 被冲减 {fen} 分，而所存为 {kept} 分",
    ),
    (
        "record {key} in period {period} of platform number {number} is not what is kept of it",
        "{number} 号平台 {period} 的记录 {key} 与为冲减所存的不符",
    ),
    (
        "withdrawn reversal {key} in period {period} of platform number {number} is of no such fee",
        "{number} 号平台 {period} 已撤回的冲减 {key} 没有对应的费用",
    ),
    (
        "reversal {key} in period {period} of platform number {number} is of no such fee",
        "{number} 号平台 {period} 的冲减 {key} 没有对应的费用",
    ),
    (
        "{row} of platform number {number} and period {period}, where none can be",
        "{number} 号平台 {period} 有不应存在的{row}",
    ),
    (
        "refused records are of withdrawal {withdrawal} of {period} of platform number {number}, which is not stored",
        "有退回的记录属于 {number} 号平台 {period} 的第 {withdrawal} 次撤回，而未存此次撤回",
    ),
    (
        "records of platform number {number} fell {count} times by sealing, and {others} are told",
        "{number} 号平台的记录因封存被剔除 {count} 次，而所记为 {others} 次",
    ),
    (
        "the totals of {merchant} in {period} are not its records'",
        "{period} 中 {merchant} 的合计与其记录不符",
    ),
    (
        "the sealed keys in {period} are not its records'",
        "{period} 所封存的键与其记录不符",
    ),
    ("{period} is not stored", "没有所存的 {period}"),
    ("no {action} is written like this", "{action} 不会如此记载"),
    (
        "{column} holds what was never written: {source}",
        "{column} 中有从未写入的内容",
    ),
    (
        "{trail_kind}: entry {number}, {why}",
        "操作记录第 {number} 条：{trail_kind}（{why}）",
    ),
    ("entry {number} {why}", "第 {number} 条{why}"),
    ("should be here", "应在此处"),
    ("stands in its place", "占了其位置"),
];

/// What the values of some places are called.
pub(super) const VALUES: &[(&str, &str, &str)] = &[
    ("balance", "budget", "预算"),
    ("balance", "committed", "已承诺"),
    ("balance", "free", "可用"),
    ("balance", "granted", "已发放"),
    ("balance", "in payment", "支付中"),
    ("balance", "open", "未结"),
    ("balance", "paid", "已付"),
    ("balance", "subsidy", "补贴"),
    ("code_kind", "district", "区划"),
    ("code_kind", "industry", "行业"),
    ("now", "CANCELLED", "已取消"),
    ("now", "PENDING", "待回盘"),
    ("now", "RETURNED", "退票"),
    ("now", "SETTLED", "已到账"),
    ("row", "a record", "记录"),
    ("row", "a sealed key", "封存的键"),
    ("row", "a total", "合计"),
    ("row", "a withdrawn record", "撤回的记录"),
    ("state", "CANCELLED", "已取消"),
    ("state", "PENDING", "待回盘"),
    ("state", "RETURNED", "退票"),
    ("state", "SETTLED", "已到账"),
    ("stray", "a break", "不符"),
    ("stray", "a held payee", "暂不支付的收款人"),
    ("stray", "a line", "明细"),
    ("stray", "a remittance", "支付构成"),
    ("stray", "a seal", "封存"),
    ("stray", "an enterprise", "企业"),
    ("stray", "an exclusion", "不计入的费用"),
    ("trail_kind", "ENTRIES_SWAPPED", "条目次序被调换"),
    ("trail_kind", "ENTRY_DELETED", "条目被删除"),
    ("trail_kind", "ENTRY_EDITED", "条目被改动"),
    ("trail_kind", "ENTRY_INSERTED", "条目是插入的"),
    ("trail_kind", "HEAD_EDITED", "末条标记被改动"),
    ("trail_kind", "STATE_DISAGREES", "所存内容与该条不符"),
    ("trail_kind", "TAIL_CUT", "末尾被截去"),
    ("trail_kind", "WRITTEN_ANEW", "全部被重写"),
];

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use super::super::{filled, sentence};
    use super::*;

    /// Places and what stands there, different for each.
    fn values(template: &str) -> Vec<(&str, String)> {
        let places = template
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next());
        let value = |(at, place): (usize, _)| {
            let known = VALUES.iter().find(|(name, ..)| *name == place);
            (
                place,
                known.map_or_else(|| format!("v{at}"), |(_, value, _)| (*value).to_owned()),
            )
        };
        places.enumerate().map(value).collect()
    }

    #[test]
    fn no_sentence_is_taken_for_another() {
        for (english, chinese) in SENTENCES {
            let values = values(english);
            let named = |(place, value): &(&str, String)| {
                let known = VALUES
                    .iter()
                    .find(|(name, it, _)| name == place && it == value);
                known.map_or_else(|| value.clone(), |(_, _, chinese)| (*chinese).to_owned())
            };
            let named: Vec<_> = values.iter().map(named).collect();
            let told: Vec<(&str, &dyn Display)> = values
                .iter()
                .zip(&named)
                .map(|((place, _), value)| (*place, value as _))
                .collect();
            let said: Vec<(&str, &dyn Display)> = values
                .iter()
                .map(|(place, value)| (*place, value as _))
                .collect();
            let said = filled(english, &said);
            assert_eq!(
                sentence("LEDGER_BROKEN", &said),
                Some(filled(chinese, &told)),
                "{said}"
            );
        }
    }
}
