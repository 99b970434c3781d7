//! The Chinese texts, by key: `PATH:about`, `PATH:after`, `PATH.ARGUMENT`; `*` for every command.

/// The text of a key.
pub(super) fn text(key: &str) -> Option<&'static str> {
    let found = TEXTS.iter().find(|(known, _)| *known == key);
    found.map(|(_, text)| *text)
}

#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(key, _)| *key)
}

const IMPORT: &str = "\
文件以表头列出列名，次序不限；其他列不使用。日期为 YYYY-MM-DD，也可为 2025/1/3；`to` 留空表示无限期。
正确的行导入，有误的行列出行号和原因，此时退出码为 1。再次导入同一文件不产生变化。";

const OWED: &str = "\
平台自 --reports-from 起、至 --reports-to 之前的每个月都应报数：核算须等这些月份封存。未设起始月时，自首次报送数据或合计的月份起。没有费用的月份报 0 条。
例：gazelle --as registrar platform add alpha-mall --name 'Alpha Mall' --reports-from 2025-01";

const EXAMPLES: &str = "\
试用：
  gazelle demo                                 一座虚构的城市，逐月核算
  gazelle up                                   在本机启动全部服务

在另一个终端中操作：
  gazelle status --wait 60
  gazelle sample-city --out city
  gazelle --as registrar enterprise import city/enterprises.csv
  gazelle --as officer program apply city/programs/marketplace-fee-share.json
  gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 city/usage/alpha-mall/2025-01.csv
  gazelle --as officer settlement readiness --program marketplace-fee-share --through 2025-01

文件、选项、JSON 和 CSV 中的金额都是整数分（1 元 = 100 分）；表格显示元。
退出码：0 全部完成；1 有内容被拒绝，标准错误有一行 `错误: 原因代码: 说明`；2 用法有误。";

const UP: &str = "\
数据、密钥和身份存放在 --home 下；再次以同一文件夹启动会从停下的地方继续，崩溃之后也一样。
端口在首次启动时选定并保持。SIGTERM 或 Ctrl-C 等待处理完毕后停止；再按一次立即停止。
GAZELLE_LOG 过滤标准错误上的日志，如 GAZELLE_LOG=info,gazelle_usage=debug。

使用其他 PostgreSQL：gazelle up --database-url 'postgres://{role}:secret@db.example/{database}'
  其中须有数据库 gazelle_registry、gazelle_usage、gazelle_settlement，各有同名角色和所有者 gazelle_X_owner。";

const PROGRAM: &str = "\
键：program_id、name、name_zh、valid_from、valid_to、platforms、districts、industries、size_classes、shares [{fee_kind, government_bps, platform_bps}]、enterprise_year_cap_fen、budgets [{year, amount_fen, release}]、allocation、payee、excludes、notice_days（不写为 7）、payment_min_fen、payer {account_name, account_number, bank_code, bank_name}。
比率为基点（万分之一）。示例见 `gazelle sample-city` 生成的项目；`gazelle program show ID --output json` 输出这样的文件。";

const REPORT: &str = "\
以平台自己的身份：gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 january.csv
重复报送没有害处：已有的记录计为重复。一条被退回不影响其他各条；列出其行号和原因，此时退出码为 1。
连接中断后（包括服务重启）会自动继续约半分钟；若最终停止，再次报送同一文件即可。
--check 只检查，不保存。

回执说明服务保存了该月的哪些数据：条数、合计和内容摘要。每批的确认和最后的回执都与本机计算的比对：
  WHOLE_PERIOD  除退回的以外，该月恰好是本文件的记录
  INCREASE      该月恰好增加了接收的记录；另有其他记录
  UNDECIDED     其间另有数据报入，不能完全确定
回执缺少已确认的记录时，退出码为 1，原因为 RECEIPT_MISMATCH。--receipt 把回执存为 JSON，连同文件的 SHA-256、时间和此前的数据：供审计的证据，请与文件一并保存。

JSON：accepted、duplicates、rejected、receipt {record_count, total_fen, digest}、receipt_check、rejections [{line, record_id, reason, message}]、warnings [{kind, record_count, of_record_count, message}]。";

const FLOW: &str = "\
一次核算：计算（compute）-> 公示（publish）-> 批准（approve），批准人既不是计算人也不是公示人。
  gazelle --as officer  settlement compute --program card-fee-relief --through 2025-01
  gazelle --as auditor  settlement show card-fee-relief#1 --table lines --output csv
  gazelle --as officer  settlement publish card-fee-relief#1
  gazelle --as approver settlement approve card-fee-relief#1
RUN 为核算编号、PROGRAM#序号 或 PROGRAM#latest。";

const TEXTS: &[(&str, &str)] = &[
    ("*.help", "显示帮助"),
    (
        "*.home",
        "存放 `gazelle up` 的数据和身份文件的文件夹 [默认：root 为 /var/lib/gazelle，其他用户为其数据文件夹下的 gazelle]",
    ),
    (
        "*.lang",
        "帮助和提示的语言 [默认：按 LC_ALL、LC_MESSAGES、LANG]",
    ),
    (
        "*.otlp_endpoint",
        "把操作的追踪发送到该 OTLP 收集器（gRPC），如 http://localhost:4317",
    ),
    (
        "*.output",
        "结果的形式：供人阅读的表格（元），或供程序使用的 json、csv（分）",
    ),
    (
        "*.profile",
        "以谁的身份操作：registrar、officer、approver、auditor、admin、platform:ID，或自己添加的身份（见 `gazelle profile list`）",
    ),
    ("*.version", "显示版本"),
    (
        "*.yes",
        "执行不可撤销的操作前不再询问；不在终端上运行时本来就不询问",
    ),
    (
        ":about",
        "把平台收取的费用在政府、平台和小微企业之间分担，精确到分",
    ),
    (":after", EXAMPLES),
    ("completions.shell", "哪种 shell"),
    ("completions:about", "输出命令行补全脚本"),
    (
        "completions:after",
        "例：gazelle completions bash > /etc/bash_completion.d/gazelle",
    ),
    ("demo.enterprises", "企业数"),
    ("demo.seed", "生成城市的随机种子"),
    (
        "demo:about",
        "生成一座城市，启动服务，核算一年，并展示谁承担多少",
    ),
    (
        "demo:after",
        "数据写入 --home（给出时须不存在或为空），否则写入默认文件夹旁的新文件夹。数据保留，可继续查看。",
    ),
    (
        "enrollment import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "enrollment import:about",
        "导入参加项目：program_id、uscc、applied_at、effective_from、effective_to",
    ),
    ("enrollment import:after", IMPORT),
    ("enrollment list.program", "哪个项目"),
    ("enrollment list:about", "按企业和首日列出项目的参加情况"),
    ("enrollment:about", "企业参加项目"),
    ("enterprise change.district", "自该日起的区划代码（6 位）"),
    ("enterprise change.from", "日期，YYYY-MM-DD"),
    ("enterprise change.industry", "自该日起的行业代码（4 位）"),
    ("enterprise change.uscc", "哪家企业"),
    ("enterprise change:about", "记录企业自某日起迁址或变更行业"),
    (
        "enterprise change:after",
        "例：gazelle enterprise change 91330106MA20003340 --district 330108 --from 2025-07-01",
    ),
    (
        "enterprise import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "enterprise import:about",
        "导入企业：uscc、name、district_code、industry_code、established_on [、uscc_exception_evidence]",
    ),
    ("enterprise import:after", IMPORT),
    (
        "enterprise list:about",
        "按代码列出全部企业；CSV 可原样再导入",
    ),
    (
        "enterprise register.district",
        "区划代码，6 位（GB/T 2260）",
    ),
    ("enterprise register.established_on", "成立日期，YYYY-MM-DD"),
    (
        "enterprise register.exception_evidence",
        "官方发放但校验码有误的代码：依据",
    ),
    (
        "enterprise register.industry",
        "行业代码，4 位（GB/T 4754-2017）",
    ),
    ("enterprise register.name", "登记名称"),
    ("enterprise register.uscc", "统一社会信用代码，18 位"),
    (
        "enterprise register:about",
        "登记一家企业，或更正其登记信息",
    ),
    ("enterprise show.uscc", "统一社会信用代码"),
    (
        "enterprise show:about",
        "显示一家企业及其年报、暂停和商户账号",
    ),
    ("enterprise:about", "企业：登记信息"),
    (
        "filing import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "filing import:about",
        "导入年报：uscc、fiscal_year、headcount、annual_revenue_fen、total_assets_fen",
    ),
    ("filing import:after", IMPORT),
    ("filing:about", "年报：决定企业规模"),
    ("man.out", "写入的文件夹；没有则新建"),
    ("man:about", "把手册写成 man 页，每个命令一页"),
    (
        "man:after",
        "例：gazelle man --out /usr/local/share/man/man1",
    ),
    (
        "merchant import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "merchant import:about",
        "导入商户账号：platform_id、merchant_id、uscc、bound_from、bound_to",
    ),
    ("merchant import:after", IMPORT),
    ("merchant list.platform", "只列该平台的"),
    ("merchant list.uscc", "只列该企业的"),
    ("merchant list:about", "按平台、账号和首日列出商户账号"),
    ("merchant:about", "商户账号：哪个店铺属于哪家企业"),
    ("platform add.name", "平台名称"),
    ("platform add.platform", "平台编号"),
    (
        "platform add.reports_from",
        "应报的第一个月；留空：自首次报数起",
    ),
    (
        "platform add.reports_to",
        "不再应报的第一个月；留空：无限期",
    ),
    ("platform add:about", "在平台报数之前先行登记"),
    ("platform add:after", OWED),
    ("platform change.name", "平台名称"),
    ("platform change.platform", "平台编号"),
    (
        "platform change.reports_from",
        "应报的第一个月；留空：自首次报数起",
    ),
    (
        "platform change.reports_to",
        "不再应报的第一个月；留空：无限期",
    ),
    (
        "platform change:about",
        "更改平台名称或其应报月份；未给出的保持不变",
    ),
    ("platform change:after", OWED),
    ("platform list:about", "列出已知平台及其应报月份"),
    ("platform:about", "合作平台"),
    (
        "profile add.ca_file",
        "校验 https:// 服务器所用的证书（PEM）",
    ),
    ("profile add.name", "名称，用于 --as"),
    (
        "profile add.registry",
        "登记服务的 URL，http:// 或 https://",
    ),
    ("profile add.settlement", "核算服务的 URL"),
    ("profile add.token_file", "存放令牌的文件；每次操作重新读取"),
    ("profile add.usage", "用量服务的 URL"),
    ("profile add:about", "为在别处运行的服务添加身份"),
    ("profile list:about", "列出本机的身份"),
    ("profile token.hours", "令牌的有效小时数"),
    ("profile token.name", "身份，同 --as"),
    (
        "profile token:about",
        "输出某身份的令牌，供自己的客户端使用（curl、grpcurl 或其他语言）",
    ),
    (
        "profile token:after",
        "例：grpcurl -plaintext -H \"authorization: Bearer $(gazelle profile token auditor)\" 地址 gazelle.registry.v1.RegistryService/ListPlatforms",
    ),
    ("profile:about", "身份：--as 所用"),
    ("program apply.file", "JSON 文件"),
    ("program apply:about", "由 JSON 文件新建或更改项目"),
    ("program apply:after", PROGRAM),
    ("program list:about", "列出全部项目"),
    ("program show.program", "项目编号"),
    ("program show.version", "较早的版本"),
    ("program show:about", "显示一个项目"),
    ("program:about", "项目：分担什么、和谁分担、用哪笔预算"),
    (
        "registry changes:about",
        "列出每次变更、操作人和时间，以摘要相连（审计员）",
    ),
    ("registry:about", "登记服务自身的历史"),
    ("sample-city.enterprises", "企业数"),
    ("sample-city.out", "写入的文件夹；没有则新建"),
    (
        "sample-city.records",
        "用量记录数，约 [默认：每家企业 25 条]",
    ),
    ("sample-city.seed", "随机种子"),
    (
        "sample-city:about",
        "生成一座虚构的城市（CSV 和 JSON 文件），用来试用",
    ),
    (
        "sample-city:after",
        "种子和规模相同时，在任何机器上生成的文件完全相同。",
    ),
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
    ("settlement decide.dismiss", "不成立：发放不变"),
    (
        "settlement decide.run",
        "核算：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    (
        "settlement decide.uphold",
        "成立：本次不发放，应发金额留待下次",
    ),
    ("settlement decide.uscc", "企业的统一社会信用代码"),
    ("settlement decide:about", "决定一项异议"),
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
    ("settlement object:about", "记录企业对公示核算的异议"),
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
    ("status.wait", "最多等待这么多秒，直到全部可用"),
    ("status:about", "显示各服务是否可用及其地址"),
    (
        "suspension import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "suspension import:about",
        "导入暂停：uscc、suspended_from、suspended_to、reason",
    ),
    ("suspension import:after", IMPORT),
    ("suspension:about", "暂停享受"),
    (
        "up.admin_listen",
        "提供 /livez、/readyz、/metrics 的 HTTP 地址，各服务共用 [默认：无]",
    ),
    (
        "up.database_url",
        "使用该 PostgreSQL 而不是自带的：含 {database} 和 {role} 的 URL",
    ),
    ("up.registry_listen", "登记服务的监听地址"),
    ("up.settlement_listen", "核算服务的监听地址"),
    ("up.usage_listen", "用量服务的监听地址"),
    (
        "up:about",
        "在一个进程中启动全部服务，使用 --home 下自带的 PostgreSQL",
    ),
    ("up:after", UP),
    ("usage periods.platform", "只列该平台的"),
    ("usage periods:about", "列出各月收到、报送合计和封存的情况"),
    ("usage records.period", "月份"),
    ("usage records.platform", "平台"),
    ("usage records.record", "只列该记录"),
    ("usage records.withdrawal", "该次撤回的记录，按撤回序号"),
    (
        "usage records:about",
        "列出一个月已接收的记录（平台或审计员）",
    ),
    ("usage refused.by_seal", "只列原已接收、封存时被剔除的"),
    ("usage refused.period", "月份"),
    ("usage refused.platform", "平台"),
    (
        "usage refused.withdrawal",
        "随该次撤回一并撤回的，按撤回序号",
    ),
    ("usage refused:about", "列出一个月被退回的记录"),
    ("usage report.check", "按报送的规则检查文件，不保存任何内容"),
    (
        "usage report.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    ("usage report.period", "月份"),
    ("usage report.platform", "平台"),
    ("usage report.receipt", "把回执保存到该文件"),
    (
        "usage report:about",
        "报送一个月的记录：record_id、merchant_id、fee_kind、occurred_on、amount_fen、reverses_record_id",
    ),
    ("usage report:after", REPORT),
    ("usage seal.period", "月份"),
    ("usage seal.platform", "平台"),
    (
        "usage seal:about",
        "封存合计与收到的数据一致的月份（经办人）",
    ),
    ("usage state.from", "按该文件逐月报送"),
    ("usage state.period", "月份"),
    ("usage state.platform", "平台"),
    ("usage state.record_count", "该月全部记录的条数，含冲销"),
    ("usage state.total_fen", "合计（分），冲销为负"),
    ("usage state:about", "报送一个月的条数与合计"),
    (
        "usage state:after",
        "使用 --from 时报送文件中的全部月份：platform_id、period、record_count、total_fen。以平台身份操作时只取本平台的行；可用 --platform 和 --period 另行指定。",
    ),
    ("usage withdraw.digest", "只撤回摘要与此相同的数据"),
    ("usage withdraw.period", "月份"),
    ("usage withdraw.platform", "平台"),
    (
        "usage withdraw:about",
        "撤回未封存月份的全部数据：报错了文件（平台）",
    ),
    (
        "usage withdraw:after",
        "先显示该月现有的数据，在终端上还会询问。使用 --digest 时只撤回您看过的数据。撤回的数据作为证据保留，其编号可再次使用。",
    ),
    ("usage:about", "用量：平台收取的费用"),
];
