//! Of what is registered, and of programs.

/// Of every import.
pub(super) const IMPORT: &str = "\
文件以表头列出列名，次序不限；其他列不使用。日期为 YYYY-MM-DD，也可为 2025/1/3；`to` 留空表示无限期。
正确的行导入，有误的行列出行号和原因，此时退出码为 1。再次导入同一文件不产生变化。";

/// Of the import of accounts.
pub(super) const IMPORT_ACCOUNTS: &str = "\
文件以表头列出列名，次序不限；其他列不使用。
正确的行导入，有误的行列出行号和原因，此时退出码为 1。再次导入同一文件不产生变化；但曾有付款退回的收款方，其账户将重新提出，经确认后恢复付款。账号写成 `account list` 所示的样子（…1234）时，只表示已登记的账户，不提出任何账户，因此清单可以原样再次导入。";

const ADD: &str = "\
平台自 --reports-from 起、至 --reports-to 之前的每个月都应报数：核算须等这些月份封存。未设起始月时，自首次报送数据或合计的月份起。没有费用的月份报 0 条。
例：gazelle --as registrar platform add alpha-mall --name 'Alpha Mall' --reports-from 2025-01";

const CHANGE: &str = "\
平台自 --reports-from 起、至 --reports-to 之前的每个月都应报数：核算须等这些月份封存。
例（平台停业）：gazelle --as registrar platform change alpha-mall --reports-to 2025-07";

const PROGRAM: &str = "\
键：program_id、name、name_zh、valid_from、valid_to、platforms、districts、industries、size_classes、shares [{fee_kind, government_bps, platform_bps}]、enterprise_year_cap_fen、budgets [{year, amount_fen, release}]、allocation、payee、excludes、notice_days（不写为 7）、payment_min_fen、payer {account_name, account_number, bank_code, bank_name}。
比率为基点（万分之一）。示例见 `gazelle sample-city` 生成的项目；`gazelle program show ID --output json` 输出这样的文件。";

const SIGN: &str = "\
平台自己生成密钥和请求，密钥不外传：openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout alpha.key -subj /CN=alpha-mall -out alpha.csr
例：gazelle platform certificate alpha-mall --csr alpha.csr --out alpha.pem
请求中只采用其密钥。再次签发后两张证书在各自到期之前都有效：请在旧证书到期之前更换。";

/// The texts, by key.
pub(super) const TEXTS: &[(&str, &str)] = &[
    (
        "enrollment import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "enrollment import:about",
        "导入参加项目：program_id、uscc、applied_at、effective_from、effective_to（不含当日）",
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
        "官方核发但校验码有误的代码：依据",
    ),
    (
        "enterprise register.industry",
        "行业代码，4 位（GB/T 4754-2017）",
    ),
    ("enterprise register.name", "登记名称"),
    ("enterprise register.uscc", "统一社会信用代码，18 位"),
    (
        "enterprise register:about",
        "登记一家企业，或更正其登记信息；未给出的保持不变",
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
    (
        "merchant import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "merchant import:about",
        "导入商户账号：platform_id、merchant_id、uscc、bound_from、bound_to（不含当日）",
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
    ("platform add:after", ADD),
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
    ("platform change:after", CHANGE),
    (
        "platform import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "platform import:about",
        "导入平台及其应报月份：platform_id、name、reports_from、reports_to",
    ),
    ("platform import:after", IMPORT),
    ("platform list:about", "列出已知平台及其应报月份"),
    (
        "platform certificate.csr",
        "平台的签名请求（PKCS #10，PEM）",
    ),
    ("platform certificate.days", "有效天数"),
    ("platform certificate.out", "证书写入的文件（PEM）"),
    ("platform certificate.platform", "平台编号"),
    (
        "platform certificate:about",
        "由本机的证书机构按签名请求为平台签发证书",
    ),
    ("platform certificate:after", SIGN),
    ("platform certificates.platform", "只列该平台的"),
    (
        "platform certificates:about",
        "列出本机的证书机构为平台签发的证书",
    ),
    ("platform revoke-certificate.all", "全部有效的证书"),
    ("platform revoke-certificate.platform", "哪个平台的"),
    (
        "platform revoke-certificate.serial",
        "只吊销该序列号的证书，序列号见 `gazelle platform certificates`",
    ),
    (
        "platform revoke-certificate:about",
        "吊销平台的证书；数秒之内各服务不再接受",
    ),
    (
        "platform revoke-certificate:after",
        "例：gazelle platform revoke-certificate alpha-mall --all",
    ),
    ("platform token.add", "平台尚未登记时先以 --as 所指身份登记"),
    ("platform token.hours", "令牌的有效小时数"),
    ("platform token.platform", "平台编号"),
    (
        "platform token:about",
        "输出平台的令牌及其应调用的地址，供合作方起步时使用",
    ),
    (
        "platform token:after",
        "例：gazelle --as registrar platform token alpha-mall --add --output json",
    ),
    ("platform:about", "合作平台"),
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
    (
        "suspension import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    (
        "suspension import:about",
        "导入暂停：uscc、suspended_from、suspended_to（不含当日）、reason",
    ),
    ("suspension import:after", IMPORT),
    ("suspension:about", "暂停享受"),
];
