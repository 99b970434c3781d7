//! Of what platforms report.

const REPORT: &str = "\
以平台自己的身份：gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 january.csv
重复报送没有害处：已有的记录计为重复。一条被退回不影响其他各条；列出其行号和原因，此时退出码为 1。
连接中断后（包括服务重启）会自动继续：两分钟内反复重试，终端上有提示；从未应答过的服务不会等待。若最终停止，再次报送同一文件即可。
--check 只检查，不保存。

回执说明服务保存了该月的哪些数据：条数、合计和内容摘要。每批的确认和最后的回执都与本机计算的比对：
  WHOLE_PERIOD  除退回的以外，该月恰好是本文件的记录
  INCREASE      该月恰好增加了接收的记录；另有其他记录
  UNDECIDED     其间另有数据报入，不能完全确定
回执缺少已确认的记录时，退出码为 1，原因为 RECEIPT_MISMATCH。--receipt 把回执存为 JSON，连同文件的 SHA-256、时间和此前的数据：供审计的证据，请与文件一并保存。已有的回执不会被替换：此时不发送任何内容。

JSON：accepted、duplicates、rejected、receipt {record_count, total_fen, digest}、receipt_check、rejections [{line, record_id, reason, message}]、warnings [{kind, record_count, of_record_count, message}]；使用 --check 时没有回执，而有 added：该月将新增的数据。";

/// The texts, by key.
pub(super) const TEXTS: &[(&str, &str)] = &[
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
    (
        "usage refused:about",
        "列出一个月被退回的记录，按首次收到的时间",
    ),
    ("usage report.check", "按报送的规则检查文件，不保存任何内容"),
    (
        "usage report.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；冲销记录可在任意位置，最后报送；`-` 为标准输入，按原顺序报送",
    ),
    ("usage report.period", "月份"),
    ("usage report.platform", "平台"),
    ("usage report.receipt", "把回执保存到该文件，须是新文件"),
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
