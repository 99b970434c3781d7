//! Of runs: their states, what is left out, why fees are not shared, questions.

super::catalogue! {
    SETTLEMENT_TEXTS;
    RUN_DISAGREES: "computed again, the run comes to another result than the stored one; have the database and the audit chain examined",
        "重新计算的结果与所存的不同；请检查数据库，并核对操作记录";
    RUN_COMPUTED: "COMPUTED", "已计算";
    RUN_PUBLISHED: "PUBLISHED", "公示中";
    RUN_APPROVED: "APPROVED", "已批准";
    RUN_CANCELLED: "CANCELLED", "已取消";
    OBJECTION_OPEN: "OPEN", "待处理";
    OBJECTION_UPHELD: "UPHELD", "成立";
    OBJECTION_DISMISSED: "DISMISSED", "不成立";
    RUN_SUMMARY: "run {run}: program {program}, year {year}, through {through}\n  granted {granted} yuan, clawed back {clawed_back} yuan, unfunded {unfunded} yuan; the government bears {government} yuan of fees of {fees} yuan\n  digest {digest}",
        "核算 {run}：项目 {program}，{year} 年度，截至 {through}\n  发放 {granted} 元，收回 {clawed_back} 元，未拨 {unfunded} 元；费用 {fees} 元中政府承担 {government} 元\n  摘要 {digest}";
    LEFT_OUT: "  knowingly computed without: {periods}", "  经办人明知而略过：{periods}";
    SILENT: "  covered platforms that owe no month and reported nothing: {platforms}", "  在范围内、无应报月份且未报数据的平台：{platforms}";
    RUN_IS_EMPTY: "ATTENTION: no fee of {year} through {through} is shared, and nothing is given or taken: are year and month the right ones? `gazelle settlement cancel` takes the run away",
        "注意：{year} 年度截至 {through} 没有任何费用分担，也没有发放或收回：年度和月份是否正确？可用 `gazelle settlement cancel` 取消";
    RUN_CHANGES_NOTHING: "ATTENTION: nothing of {year} through {through} has changed since the runs before it, so nothing is given or taken; `gazelle settlement cancel` takes the run away",
        "注意：{year} 年度截至 {through} 与此前核算相比没有变化，因此没有发放或收回；可用 `gazelle settlement cancel` 取消";
    NOTICE_UNTIL: "the public notice is not over before {until}", "公示至北京时间 {until}";
    ABOUT_TO_PUBLISH: "This puts the run on public notice: anybody named can object, and it cannot be put back.",
        "此操作将公示该次核算：名单上的企业可提出异议，公示后不能收回。";
    ABOUT_TO_APPROVE: "This approves exactly this result: its grants are posted and never change.",
        "此操作将批准上述结果：发放记入账目，此后不能更改。";
    ABOUT_TO_CANCEL: "This cancels the run for ever; another can be computed.",
        "此操作将永久取消该次核算；之后可重新核算。";
    ABOUT_TO_UPHOLD: "This upholds the objection of {uscc}: it gets nothing in this run, and what is decided cannot be undone.",
        "此操作将认定 {uscc} 的异议成立：本次核算不向其发放，决定后不能撤销。";
    ABOUT_TO_DISMISS: "This dismisses the objection of {uscc}: its grant stands, and what is decided cannot be undone.",
        "此操作将认定 {uscc} 的异议不成立：对其发放的金额不变，决定后不能撤销。";
    BUDGET_OVERDRAWN: "ATTENTION: the budget of {year} is now less than what it has granted or committed: free is {free} yuan, and new runs of that year grant nothing until it is 0 or more",
        "注意：{year} 年预算现已低于已发放和已承诺的金额：可用 {free} 元，在不低于零之前该年度新的核算不再发放";
    PROGRAM_WITHOUT_BUDGET: "ATTENTION: the program has no budget, so its runs grant nothing",
        "注意：该项目没有预算，其核算不发放任何金额";
    YEARS_STAY: "years with an approved run are still settled by the program as it was then, but for their budget: {years}",
        "已有批准核算的年度，除预算外仍按当时的项目核算：{years}";
    PROGRAM_ALL: "all", "全部";
    SHARE_LINE: "{kind} government {government} platform {platform}", "{kind}：政府 {government}、平台 {platform}";
    BUDGET_LINE: "{year} {amount} yuan", "{year} 年 {amount} 元";
    CODE_UNKNOWN: "UNKNOWN", "未知";
    RELEASE_AT_ONCE: "AT_ONCE", "一次释放";
    RELEASE_MONTHLY: "MONTHLY", "按月释放";
    FIRST_COME: "FIRST_COME", "先到先得";
    PRO_RATA: "PRO_RATA", "按比例";
    PAYEE_ENTERPRISE: "ENTERPRISE", "企业";
    PAYEE_PLATFORM: "PLATFORM", "平台";
    CLASS_MICRO: "MICRO", "微型";
    CLASS_SMALL: "SMALL", "小型";
    CLASS_MEDIUM: "MEDIUM", "中型";
    CLASS_LARGE: "LARGE", "大型";
    NOT_OVER: "the month is not over", "该月尚未结束";
    NOT_REPORTED: "nothing reported", "未报数据";
    NOT_STATED: "reported, not stated", "已报数据，未报合计";
    NOT_SEALED: "stated, not sealed", "已报合计，未封存";
    SEALED: "sealed", "已封存";
    TURN_TIME: "wait for its end", "等待月末";
    TURN_PLATFORM_REPORT: "the platform: report (a month without fees: state 0 records)", "平台：报送数据（无费用的月份报 0 条）";
    TURN_PLATFORM_STATE: "the platform: state its totals", "平台：报送合计";
    TURN_OFFICER_SEAL: "an officer: seal it", "经办人：封存";
    STATED_OTHERWISE: "stated, and not what was received", "报送合计与收到的不符";
    TURN_PLATFORM_CORRECT: "the platform: report what is missing, or state its totals anew", "平台：补报数据，或重报合计";
    NO_SUCH_ORDER: "{program} has no payment order {number}", "{program} 没有第 {number} 号支付单";
    NO_ORDERS: "{program} has no payment order", "{program} 没有支付单";
    NOT_IN_TERM: "ATTENTION: the program runs from {from} to before {to}, so no fee of {year} through {through} is shared: is --year the right one?",
        "注意：项目期限自 {from} 起、{to} 之前，{year} 年度截至 {through} 没有可分担的费用：--year 是否正确？";
    AFTER_TERM: "ATTENTION: the program ended before {to}; later months only matter for what is reported late or taken back, and a run through {last} needs none of them",
        "注意：项目已于 {to} 之前结束；此后的月份只涉及迟报和冲销，截至 {last} 的核算不需要这些月份";
    LEAVE_OUT: "--without PLATFORM:YYYY-MM leaves a month out, and `gazelle settlement readiness` shows whose turn each is",
        "可用 --without 平台:月份 略过；`gazelle settlement readiness` 显示轮到谁办理";
    WHICH_RUN: "name a run, or a program by --latest", "请指明核算，或用 --latest 指明项目";
    READY: "ready: a run through {through} can be computed", "就绪：可以核算到 {through}";
    NOT_READY: "not ready: months that are missing: {count}", "未就绪：尚缺 {count} 个月";
    RUN_IS_OPEN: "run {run} is open and has to be approved or cancelled first", "核算 {run} 尚未办结，须先批准或取消";
    PERIOD_NOT_OVER: "{through} is not over in Asia/Shanghai", "{through} 按北京时间尚未结束";
    NO_SUCH_RUN: "{program} has no runs", "{program} 没有核算";
    EXCLUDED_TERM: "outside the program's term", "不在项目期限内";
    EXCLUDED_UNBOUND: "no enterprise was bound to the merchant account", "商户账号当日未绑定企业";
    EXCLUDED_NOT_ENROLLED: "the enterprise was not enrolled", "企业当日未参加项目";
    EXCLUDED_SUSPENDED: "the enterprise was suspended", "企业当日被暂停";
    EXCLUDED_SIZE_UNKNOWN: "no filing tells the enterprise's size", "没有年报可判定规模";
    EXCLUDED_SIZE: "the enterprise's size is not the program's", "企业规模不符";
    EXCLUDED_DISTRICT: "the district is not the program's", "所属区划不符";
    EXCLUDED_INDUSTRY: "the industry is not the program's", "所属行业不符";
    EXCLUDED_COVERED: "another program covers the fee", "费用由其他项目承担";
}

/// Why fees are not shared, in words.
#[must_use]
pub fn exclusion(reason: &str) -> Option<&'static str> {
    let text = match reason {
        "OUTSIDE_PROGRAM_TERM" => EXCLUDED_TERM,
        "UNBOUND_MERCHANT" => EXCLUDED_UNBOUND,
        "NOT_ENROLLED" => EXCLUDED_NOT_ENROLLED,
        "SUSPENDED" => EXCLUDED_SUSPENDED,
        "SIZE_UNKNOWN" => EXCLUDED_SIZE_UNKNOWN,
        "SIZE_NOT_ELIGIBLE" => EXCLUDED_SIZE,
        "DISTRICT_NOT_ELIGIBLE" => EXCLUDED_DISTRICT,
        "INDUSTRY_NOT_ELIGIBLE" => EXCLUDED_INDUSTRY,
        "COVERED_BY_OTHER_PROGRAM" => EXCLUDED_COVERED,
        _ => return None,
    };
    Some(text.say())
}
