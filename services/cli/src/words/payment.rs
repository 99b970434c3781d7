//! Of payment accounts, orders, answers and the books.

super::catalogue! {
    PAYMENT_TEXTS;
    ACCOUNT_HIDDEN: "account_number: a part of the number is hidden, as lists show it; give the whole number",
        "account_number：账号的一部分已被隐去（如清单中所示）；请给出完整账号";
    ACCOUNTS_CUT: "account numbers with zeros from the 16th digit on, as a spreadsheet leaves those that it cuts; compare them with where they are from: {rows}",
        "下列账号自第 16 位起全为 0，可能被电子表格截断，请与来源核对：{rows}";
    ACCOUNTS_SHARED: "two payees with one account number each time; see whether both are paid there: {rows}",
        "下列不同收款方的账号相同，请核实：{rows}";
    ACCOUNT_OF_LINE: "line {line} {payee} (…{end})", "第 {line} 行 {payee}（…{end}）";
    ACCOUNT_OF_LINES: "lines {first} and {second}, {one} and {other} (…{end})",
        "第 {first} 行 {one} 与第 {second} 行 {other}（…{end}）";
    ACCOUNT_PROPOSED: "PROPOSED", "待确认";
    ACCOUNT_CONFIRMED: "CONFIRMED", "已确认";
    ACCOUNT_REJECTED: "REJECTED", "已退回";
    ACCOUNT_REPLACED: "REPLACED", "已更换";
    CONFIRMED_COUNT: "{confirmed} account{confirmed:s} confirmed", "已确认 {confirmed} 个账户";
    LEFT_COUNT: "left to somebody else, since you proposed them yourself: {left}", "您提出的 {left} 个留待他人确认";
    ACCOUNT_LINE: "  {payee}  {name}, {bank} ({code}), number …{last}; version {version}, proposed by {by}",
        "  {payee}  {name}，{bank}（{code}），账号 …{last}；第 {version} 版，提出人 {by}";
    ACCOUNT_IN_FORCE: "; in force", "；在用";
    BANK_CODE_DOUBTFUL: "; ATTENTION: the bank code's check digit is wrong", "；注意：行号校验码不符";
    NAME_ACCEPTED_ON: "; another name than the registered one, accepted on: {evidence}", "；户名与登记名称不同，依据：{evidence}";
    MORE_ACCOUNTS: "  and {count} more: `gazelle account list --state proposed` has all", "  另有 {count} 个：`gazelle account list --state proposed` 列出全部";
    ABOUT_TO_CONFIRM_ACCOUNTS: "This confirms exactly these accounts, but for those that you proposed: payments go to them.",
        "此操作将确认上述账户（您自己提出的除外）：款项将付往这些账户。";
    ABOUT_TO_REJECT_ACCOUNTS: "This rejects exactly these accounts: nothing is paid to them.", "此操作将退回上述账户：不再向其付款。";
    NOTHING_PROPOSED: "nothing is proposed for {payee}, nor version {version}",
        "{payee} 没有待确认的账户，也没有待确认的第 {version} 版";
    VERSION_OF_ONE: "--version is of one payee's account, and {count} are named",
        "--version 只用于一个收款人，而现有 {count} 个";
    OTHER_VERSION: "of {payee} version {found} is proposed now, and not version {version}: look at it with `gazelle account show {payee}`",
        "{payee} 现在待确认的是第 {found} 版，不是第 {version} 版：请用 `gazelle account show {payee}` 查看";
    LOOK_AGAIN: "it was replaced or decided since it was shown: look again", "该账户在显示之后已被更换或处理：请重新查看";
    REJECTED_COUNTS: "{proposed} proposal{proposed:s} and {confirmed} account{confirmed:s} in force rejected",
        "已退回 {proposed} 个待确认账户和 {confirmed} 个在用账户";
    ORDER_PREPARED: "PREPARED", "待放款";
    ORDER_RELEASED: "RELEASED", "已放款";
    ORDER_ANSWERED: "ANSWERED", "已回盘";
    ORDER_CANCELLED: "CANCELLED", "已取消";
    PAYMENT_PENDING: "PENDING", "待回盘";
    PAYMENT_SETTLED: "SETTLED", "已到账";
    PAYMENT_RETURNED: "RETURNED", "已退票";
    PAYMENT_CANCELLED: "CANCELLED", "已取消";
    HELD_BELOW_MINIMUM: "less than the least payment", "低于最低支付额";
    HELD_ACCOUNT_MISSING: "no confirmed account", "没有已确认的账户";
    HELD_ACCOUNT_RETURNED: "a payment came back; the account has to be confirmed anew", "曾退票，账户须重新确认";
    PAYEE_RENAMED: "ATTENTION: {payee} is now registered as {name}, and the account that is paid to is in the name of {account}: if the name has changed, propose its account anew, have it confirmed, cancel this order and prepare another",
        "注意：{payee} 现登记名称为 {name}，而收款账户户名为 {account}：如已更名，请重新提出账户并经确认，取消此支付单后重新编制";
    ORDER_SUMMARY: "order {order} ({id}) of program {program}: {count} payment{count:s}, {total} yuan from {payer}; {held} payee{held:s} held\n  digest {digest}",
        "项目 {program} 的支付单 {order}（{id}）：{count} 笔，{total} 元，由 {payer} 付款；暂不支付 {held} 个收款人\n  摘要 {digest}";
    ABOUT_TO_RELEASE: "This releases exactly these payments: they go to the bank.", "此操作将为上述支付放款，交银行付款。";
    ABOUT_TO_CANCEL_ORDER: "This drops the order; what it would pay is payable again.", "此操作将取消该支付单，款项恢复为应付。";
    FILE_WRITTEN: "{path}: {bytes} bytes, SHA-256 {digest}", "{path}：{bytes} 字节，SHA-256 {digest}";
    ANSWER_SAYS: "the file says: {settled} settled, {settled_yuan} yuan; {returned} returned, {returned_yuan} yuan; {noted} otherwise",
        "文件内容：到账 {settled} 笔，{settled_yuan} 元；退票 {returned} 笔，{returned_yuan} 元；其他 {noted} 笔";
    ABOUT_TO_TAKE_ANSWER: "This books the answer: what is settled counts as paid, what came back is owed again, and it cannot be undone.",
        "此操作将把回盘记账：到账的视为已付，退票的恢复为应付，且不能撤销。";
    ANSWER_TAKEN: "order {order}: {settled} settled, {returned} returned, {noted} noted", "支付单 {order}：到账 {settled}，退票 {returned}，其他 {noted}";
    ANSWER_REPEATED: "the same file was taken before; nothing changed", "该文件此前已处理，没有变化";
    ANSWER_UNCOMPARED: "ATTENTION: of those settled, {count} without comparing the amount: the answer gives none for them. Compare with the treasury's or the bank's own list what was paid",
        "注意：到账的付款中有 {count} 笔未核对金额：回盘没有给出金额，请与国库或银行的清单核对实付金额";
    ANSWER_LIST_HINT: "`gazelle payment answer --help` has the columns and words of an answer list",
        "回盘清单的列名与结果用词见 `gazelle payment answer --help`";
    NOBODY_PAYABLE: "`gazelle payment balances` shows who is owed what, and `gazelle account list` whose account is confirmed",
        "`gazelle payment balances` 列出各收款人的应付款，`gazelle account list` 列出账户是否已确认";
    BREAK_ORDER_UNKNOWN: "no such order, not released, or in part about another", "没有该支付单、尚未放款，或部分对应其他支付单";
    BREAK_PAYMENT_UNKNOWN: "no such payment in the order", "支付单中没有该笔";
    BREAK_OTHER_AMOUNT: "another amount", "金额不同";
    BREAK_CONTRADICTION: "settles what came back, or refuses what goes: it may go out twice", "已退票的又称到账，或已拒绝的又称付款：可能重复付款";
    LEDGER_RIGHT: "the books are right: {count} entr{count:y}, the last with digest {digest}", "账目无误：共 {count} 条，末条摘要 {digest}";
    CHECKPOINT_UNREADABLE: "{path} is no checkpoint; keep what `gazelle ledger checkpoint --output json` prints",
        "{path} 不是检查点；请保存 `gazelle ledger checkpoint --output json` 的输出";
    CAUSE_APPROVED: "run_approved", "核算获批";
    CAUSE_PREPARED: "order_prepared", "编制支付单";
    CAUSE_CANCELLED: "order_cancelled", "取消支付单";
    CAUSE_ANSWERED: "answer_taken", "回盘记账";
    BOOK_SUBSIDY: "expenses:subsidy", "补贴支出";
    BOOK_PAYABLE: "liabilities:payable", "应付";
    BOOK_IN_PAYMENT: "liabilities:in-payment", "支付中";
    BOOK_RECEIVABLE: "assets:receivable", "应收回";
    BOOK_TREASURY: "assets:treasury", "国库";
}
