//! Of settlement: programs, runs, objections, orders, answers and the books.

pub(super) const DETAILS: &[(&str, &str)] = &[
    (
        "ACCOUNT_CHANGED",
        "{payee_count} 个收款人的账户有变动：{payee_ids}；请取消此支付单后重新编制",
    ),
    (
        "ANSWER_MISMATCH",
        "有 {break_count} 处不符，第一处：支付 {payment_id}，{detail}；已留存为回盘 {answer_id}，未作任何更改",
    ),
    (
        "ANSWER_MISMATCH",
        "{detail}；已留存为回盘 {answer_id}，未作任何更改",
    ),
    (
        "ANSWER_MISMATCH",
        "有 {break_count} 处不符；已留存为回盘 {answer_id}，未作任何更改",
    ),
    (
        "ANSWER_TOO_LARGE",
        "回盘文件不超过 {bytes_max} 字节，请拆分",
    ),
    (
        "ANSWER_UNREADABLE",
        "{detail}；已留存为回盘 {answer_id}，未作任何更改",
    ),
    (
        "CONSERVATION_BROKEN",
        "不能证明每一分钱都有归属，该次核算未保留；请联系运维方",
    ),
    (
        "DIGEST_MISMATCH",
        "公示结果已不是您看过的：现摘要为 {digest}，请重新查看该次核算",
    ),
    (
        "DIGEST_MISMATCH",
        "待付内容已不是您看过的，请重新查看支付单",
    ),
    ("ENTERPRISE_NOT_IN_RUN", "该次核算不涉及 {uscc}"),
    (
        "EXCLUDED_PROGRAM_NOT_FOUND",
        "项目 {program_id} 让位于 {excluded_program_id}，而没有这个项目",
    ),
    ("EXCLUDES_CIRCLE", "循环让位的项目：{program_ids}"),
    (
        "LEDGER_BROKEN",
        "账目第 {entry_number} 条：{kind}（{detail}）",
    ),
    (
        "NOTHING_GRANTED",
        "该次核算没有向 {uscc} 发放，不能对其提出异议",
    ),
    ("NOTHING_TO_PAY", "{held_count} 个收款人暂不支付：{held}"),
    ("OBJECTION_EXISTS", "{uscc} 对该次核算已有异议"),
    ("OBJECTION_NOT_FOUND", "{uscc} 对该次核算没有待处理的异议"),
    ("OBJECTION_OPEN", "请先处理该次核算的异议"),
    ("ORDER_NOT_FOUND", "没有支付单 {order_id}"),
    ("ORDER_NOT_PREPARED", "现为{state}，不能再放款或取消"),
    ("ORDER_NOT_RELEASED", "现为{state}，只有已放款的才能导出"),
    (
        "ORDER_OPEN",
        "支付单 {program_id}#{number} 尚未办结，须先放款或取消",
    ),
    (
        "ORDER_TOO_LARGE",
        "支付单有 {payment_count} 笔，一个工作表最多 {payments_max} 笔；CSV 和 pain.001 不限笔数",
    ),
    ("OVERFLOW", "{value}超出 64 位范围"),
    (
        "PAYER_MISSING",
        "项目 {program_id} 和系统配置都没有写明付款账户",
    ),
    (
        "PAYMENT_CLOSED",
        "有 {break_count} 处不符，第一处：支付 {payment_id}，{detail}；已留存为回盘 {answer_id}，未作任何更改",
    ),
    (
        "PERIOD_BEFORE_LAST_RUN",
        "上一次批准的核算截至 {last_period}",
    ),
    ("PERIOD_BEFORE_YEAR", "{period} 早于项目年度 {year} 的 1 月"),
    ("PERIOD_NOT_OVER", "{period} 按北京时间尚未结束"),
    ("PERIOD_NOT_OWED", "{periods}（{causes}）"),
    ("PERIOD_NOT_SEALED", "未封存：{periods}"),
    (
        "PROGRAM_NOT_FOUND",
        "没有项目 {program_id}，或没有所指的版本",
    ),
    ("RUN_CLOSED", "现为{state}，不再更改"),
    ("RUN_NOT_COMPUTED", "现为{state}，只有已计算的才能公示"),
    ("RUN_NOT_FOUND", "项目 {program_id} 没有第 {number} 次核算"),
    ("RUN_NOT_FOUND", "没有核算 {run_id}"),
    (
        "RUN_NOT_PUBLISHED",
        "现为{state}，只有公示中的才能批准或提出异议",
    ),
    (
        "RUN_OPEN",
        "核算 {program_id}#{number} 尚未办结，须先批准或取消",
    ),
    ("SELF_APPROVAL", "{actor} {step}，须由他人批准"),
    (
        "SELF_APPROVAL",
        "{actor} 编制了该支付单，或提出了其中的收款账户，须由他人放款",
    ),
    (
        "SHARES_EXCEED_FEE",
        "自 {day} 起，项目 {program_ids} 对平台 {platform_id} 的 {fee_kind} 合计分担 {total_bps} 个基点，超过 10,000",
    ),
    (
        "SHARES_EXCEED_FEE",
        "自 {day} 起，项目 {program_ids} 对其余各平台的 {fee_kind} 合计分担 {total_bps} 个基点，超过 10,000",
    ),
];
