//! Of runs.

const FLOW: &str = "\
一次核算：计算（compute）-> 公示（publish）-> 批准（approve），批准人既不是计算人也不是公示人。
  gazelle --as officer  settlement compute --program card-fee-relief --through 2025-01
  gazelle --as auditor  settlement show card-fee-relief#1 --table lines --output csv
  gazelle --as officer  settlement publish card-fee-relief#1
  gazelle --as approver settlement approve card-fee-relief#1
RUN 为核算编号、PROGRAM#序号 或 PROGRAM#latest。";

/// The texts, by key.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("settlement approve.digest", "只批准摘要与此相同的结果"),
    (
        "settlement approve.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement approve:about", "批准公示期满的核算"),
    (
        "settlement approve:after",
        "先显示其合计和摘要，在终端上还会询问。不使用 --digest 时批准当前的结果；使用时只批准您看过的结果。",
    ),
    (
        "settlement cancel.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    (
        "settlement cancel:about",
        "取消尚未批准的核算；作为证据保留",
    ),
    ("settlement compute.program", "哪个项目"),
    ("settlement compute.through", "读取的最后一个月"),
    (
        "settlement compute.without",
        "明知而略过平台应报的某月：写入核算并随之公示。可多次使用",
    ),
    ("settlement compute.year", "项目年度 [默认：该月所在年度]"),
    (
        "settlement compute:about",
        "计算一次核算：一个项目、一个年度、截至某月",
    ),
    ("settlement decide.decision", "理由"),
    ("settlement decide.dismiss", "不成立：发放的金额不变"),
    (
        "settlement decide.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    (
        "settlement decide.uphold",
        "成立：本次不发放，应发金额留待下次",
    ),
    ("settlement decide.uscc", "企业的统一社会信用代码"),
    ("settlement decide:about", "决定一项异议（经办人）"),
    (
        "settlement explain.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement explain.uscc", "企业的统一社会信用代码"),
    (
        "settlement explain:about",
        "逐步说明一家企业在一次核算中的份额",
    ),
    ("settlement list.program", "只列该项目的"),
    ("settlement list:about", "按项目和序号列出核算"),
    (
        "settlement object.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement object.statement", "异议内容"),
    ("settlement object.uscc", "企业的统一社会信用代码"),
    (
        "settlement object:about",
        "记录企业对公示核算的异议（经办人）",
    ),
    (
        "settlement objections.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement objections:about", "列出一次核算的异议"),
    (
        "settlement publish.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement publish:about", "公示已计算的核算"),
    ("settlement readiness.program", "哪个项目"),
    ("settlement readiness.through", "核算将读取的最后一个月"),
    ("settlement readiness.year", "项目年度 [默认：该月所在年度]"),
    (
        "settlement readiness:about",
        "按平台和月份显示核算将读取什么、缺什么、轮到谁",
    ),
    ("settlement show.latest", "该项目最近一次核算"),
    (
        "settlement show.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement show.table", "哪张表"),
    ("settlement show:about", "显示一次核算的合计，或其结果表"),
    (
        "settlement verify.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("settlement verify:about", "按当时的依据重新计算并比对"),
    ("settlement:about", "核算：谁承担多少"),
    ("settlement:after", FLOW),
];
