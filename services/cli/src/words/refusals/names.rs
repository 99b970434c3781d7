//! What the values of figures are called: callers, states, causes.

/// A figure, a value of it, and its name.
const NAMES: &[(&str, &str, &str)] = &[
    ("causes", "NOT_OWED", "平台不欠报，也未报送"),
    ("causes", "OUTSIDE_RUN", "不在核算的月份内"),
    ("causes", "PLATFORM_NOT_COVERED", "平台不在项目范围内"),
    ("causes", "SEALED", "已封存"),
    ("cause", "BEHIND", "此前发送的尚未写入，请稍后重试"),
    (
        "cause",
        "NOTHING_SHOWN",
        "没有出示令牌或客户端证书；不属于服务所认机构的证书，客户端往往不会出示",
    ),
    (
        "cause",
        "NOT_BELIEVED",
        "服务不认可此令牌，请向签发方换取新令牌；原因见服务日志，可询问运维方",
    ),
    ("cause", "NO_ANSWER", "没有应答，请稍后重试"),
    (
        "cause",
        "NO_CONNECTION",
        "连接都在使用中，或数据库不可用，请稍后重试",
    ),
    ("cause", "PERIOD_SEALING", "该月正在封存，请稍后重试"),
    ("cause", "READ_ONLY", "暂时只读，请稍后重试"),
    ("cause", "STOPPING", "服务正在停止，请重新连接"),
    ("cause", "GAVE_WAY", "连接已让给他人，请重新连接"),
    ("cause", "STREAM_STALLED", "应答流没有及时读取，请重新开始"),
    ("cause", "TOKEN_REFUSED", "不接受本服务的令牌，请运维方更换"),
    ("dependency", "database", "数据库"),
    ("dependency", "service", "另一服务"),
    ("held", "ACCOUNT_MISSING", "没有已确认的账户"),
    ("held", "ACCOUNT_RETURNED", "曾退票，账户须重新确认"),
    ("held", "BELOW_MINIMUM", "低于最低支付额"),
    ("held", "none", "无"),
    ("kind", "ACCOUNT_EDITED", "账户被改动"),
    ("kind", "BALANCE_DELETED", "余额被删除"),
    ("kind", "BALANCE_EDITED", "余额被改动"),
    ("kind", "BALANCE_INSERTED", "余额是插入的"),
    ("kind", "CAUSE_DISAGREES", "与其事由不符"),
    ("kind", "ENTRIES_SWAPPED", "条目次序被调换"),
    ("kind", "ENTRY_DELETED", "条目被删除"),
    ("kind", "ENTRY_EDITED", "条目被改动"),
    ("kind", "ENTRY_INSERTED", "条目是插入的"),
    ("kind", "HEAD_EDITED", "末条标记被改动"),
    ("kind", "POSTING_DELETED", "分录被删除"),
    ("kind", "POSTING_INSERTED", "分录是插入的"),
    ("kind", "STATE_DISAGREES", "所存内容与该条不符"),
    ("kind", "TAIL_CUT", "末尾被截去"),
    ("kind", "TRAIL_BROKEN", "用以核对的操作记录有误"),
    ("kind", "WRITTEN_ANEW", "全部被重写"),
    ("may", "approver", "审批人 approver"),
    ("may", "auditor", "审计员 auditor"),
    ("may", "officer", "经办人 officer"),
    ("may", "platform", "平台自己"),
    ("may", "registrar", "登记员 registrar"),
    ("may", "service", "服务"),
    ("revoked", "authority", "签发机构"),
    ("revoked", "certificate", "证书"),
    ("revoked", "key", "签名密钥"),
    ("revoked", "subject", "该主体"),
    ("revoked", "token", "令牌"),
    ("scope", "address", "该地址"),
    ("scope", "caller", "您"),
    ("scope", "connection", "该连接"),
    ("scope", "service", "服务"),
    ("state", "answered", "已回盘"),
    ("state", "approved", "已批准"),
    ("state", "cancelled", "已取消"),
    ("state", "computed", "已计算"),
    ("state", "prepared", "待放款"),
    ("state", "published", "公示中"),
    ("state", "released", "已放款"),
    ("step", "objection.decide", "处理了该次核算的异议"),
    ("step", "program.apply", "提交了所依据的项目版本或预算"),
    ("step", "run.compute", "计算了该次核算"),
    ("step", "run.publish", "公示了该次核算"),
];

/// What the value of a figure is called, each part of a list; none: the figure has no names.
pub(super) fn named(figure: &str, value: &str) -> Option<String> {
    let of_figure = |entry: &&(&str, &str, &str)| entry.0 == figure;
    NAMES.iter().find(of_figure)?;
    let part = |part: &str| {
        // A count stands after a name, as `ACCOUNT_MISSING 2`.
        let (name, count) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        let mut of_figure = NAMES.iter().filter(of_figure);
        let found = of_figure.find(|(_, known, _)| known.eq_ignore_ascii_case(name));
        let chinese = found.map_or(name, |(_, _, chinese)| *chinese);
        let space = if count.is_empty() { "" } else { " " };
        format!("{chinese}{space}{count}")
    };
    Some(value.split(',').map(part).collect::<Vec<_>>().join("、"))
}
