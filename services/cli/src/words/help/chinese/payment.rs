//! Of accounts, payments and the books.

use super::registry::IMPORT_ACCOUNTS;

const PAYMENT: &str = "\
一张支付单：编制（prepare）-> 放款（release，放款人既不是编制人也不是账户提出人）-> 导出（export）-> 回盘（answer）。
  gazelle --as officer  payment prepare --program card-fee-relief
  gazelle --as approver payment release card-fee-relief#1
  gazelle --as officer  payment export card-fee-relief#1 --out payments.xml
  gazelle --as officer  payment answer answer.xml
ORDER 为支付单编号、PROGRAM#序号 或 PROGRAM#latest。";

const ANSWER: &str = "\
回盘文件自己说明所属支付单。在终端上会先显示将有的变化并询问。要么全部处理，要么全不处理；同一文件再次提交没有变化。不符之处见 `gazelle payment answers`。

国库回盘清单即导出的清单（`payment export --format treasury-csv` 或 treasury-xlsx）加上并填好“结果”和“原因”两列。各列次序不限：
  批次号     （order_id）    支付单
  支付单号   （payment_id）  该笔付款
  结果       （result）      成功（SETTLED）、退回或失败（RETURNED、FAILED）、处理中（PENDING）
  金额(元)   （amount）      与支付单的金额核对；也可写作 金额、支付金额、amount_yuan
  原因       （reason）      退回的原因；也可写作 退回原因、失败原因
前三列必须有。没有金额列则不核对金额，处理结果中会说明。导出清单的其他列、序号和备注不使用；有其他列则拒收，因为它可能就是金额。";

/// The texts, by key.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("account:about", "收款账户：向收款人付款的账户"),
    (
        "account import:about",
        "提出账户：payee_id、account_name、account_number、bank_code、bank_name [、name_exception_evidence]",
    ),
    (
        "account import.file",
        "带表头的 CSV 文件或 Excel 工作簿（.xlsx，第一个工作表）；`-` 为标准输入",
    ),
    ("account import:after", IMPORT_ACCOUNTS),
    ("account confirm:about", "确认他人提出的账户（审批人）"),
    ("account confirm.payees", "哪些收款人：企业代码或平台编号"),
    ("account confirm.all", "除自己提出的以外，全部待确认账户"),
    (
        "account confirm:after",
        "先显示将要确认的账户，在终端上还会询问；此后提出的不会确认。使用 --all 时，您自己提出的会留下并报告数目。脚本可给出自己看过的内容：`account list --output json` 中的 `version` 或 `proposed_revision`。",
    ),
    ("account confirm.version", "只确认该收款人账户的这一版"),
    (
        "account confirm.through_revision",
        "只确认登记版本不晚于此的提出",
    ),
    (
        "account reject:after",
        "先显示将要退回的账户，在终端上还会询问；此后变动的不会退回。",
    ),
    (
        "account reject:about",
        "退回待确认账户；没有待确认的则退回在用账户（审批人）",
    ),
    ("account reject.payees", "哪些收款人：企业代码或平台编号"),
    ("account list:about", "按收款人列出账户，只显示账号末四位"),
    ("account list.payee", "只列该收款人的"),
    ("account list.state", "只列该状态的"),
    (
        "account show:about",
        "显示一个收款人账户的全部版本，含完整账号",
    ),
    ("account show.payee", "收款人：企业代码或平台编号"),
    (
        "account statement:about",
        "列出一个收款人在各项目的全部流水",
    ),
    (
        "account statement.payee",
        "收款人：企业代码或平台编号；只有以平台身份操作时可不写，即本平台",
    ),
    ("payment:about", "支付：将核算发放的款项付到账户"),
    ("payment:after", PAYMENT),
    ("payment prepare:about", "把全部应付款编成一张支付单"),
    ("payment prepare.program", "哪个项目"),
    (
        "payment prepare.last",
        "最后一单：低于项目最低支付额的也支付",
    ),
    ("payment show:about", "显示一张支付单，或其中一张表"),
    (
        "payment show.order",
        "支付单：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("payment show.table", "哪张表"),
    ("payment release:about", "为一张支付单放款（审批人）"),
    (
        "payment release.order",
        "支付单：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("payment release.digest", "只为摘要与此相同的内容放款"),
    (
        "payment release:after",
        "先显示所付内容及其摘要，在终端上还会询问。使用 --digest 时只为您看过的内容放款。",
    ),
    ("payment cancel:about", "取消未放款的支付单；款项恢复为应付"),
    (
        "payment cancel.order",
        "支付单：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    (
        "payment export:about",
        "把已放款的支付单写成付款文件；每次内容完全相同",
    ),
    (
        "payment export.order",
        "支付单：编号、PROGRAM#序号 或 PROGRAM#latest",
    ),
    ("payment export.format", "文件格式"),
    ("payment export.out", "写到哪个文件；- 为标准输出"),
    (
        "payment answer:about",
        "处理付款方的回盘：pain.002，或国库回盘清单（CSV、.xlsx）",
    ),
    ("payment answer.file", "回盘文件"),
    ("payment answer:after", ANSWER),
    (
        "payment answers:about",
        "列出收到的回盘，含被拒收的，新的在前",
    ),
    ("payment answers.order", "只列该支付单的"),
    (
        "payment balances:about",
        "列出收款人在项目中的余额：累计发放、应付、支付中、已付、应收回",
    ),
    ("payment balances.program", "哪个项目"),
    ("payment list:about", "按项目和序号列出支付单"),
    ("payment list.program", "只列该项目的"),
    (
        "payment money:about",
        "显示一个项目的资金：按年度、按核算、合计",
    ),
    ("payment money.program", "哪个项目"),
    ("ledger:about", "账目：每一元的去向，可核对、可重新加总"),
    (
        "ledger verify:about",
        "从第一条到最后一条核对账目（审计员）",
    ),
    (
        "ledger verify.checkpoint",
        "此前由 `gazelle ledger checkpoint --output json` 输出并另行保存的检查点",
    ),
    (
        "ledger verify:after",
        "遇到第一条有误的条目时以 1 退出，原因为 LEDGER_BROKEN。使用 --checkpoint 还能发现末尾被删和整本重写。",
    ),
    (
        "ledger export:about",
        "把账目写成其他程序可重新加总的日记账（审计员）",
    ),
    ("ledger export.format", "格式"),
    ("ledger export.out", "写到哪个文件；- 为标准输出"),
    (
        "ledger checkpoint:about",
        "显示最后一条的序号和摘要，供另行保存",
    ),
];
