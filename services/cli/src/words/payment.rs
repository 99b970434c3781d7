//! Of payment accounts, orders, answers and the books.

super::catalogue! {
    PAYMENT_TEXTS;
    ACCOUNT_PROPOSED: "PROPOSED", "待确认";
    ACCOUNT_CONFIRMED: "CONFIRMED", "已确认";
    ACCOUNT_REJECTED: "REJECTED", "已退回";
    ACCOUNT_REPLACED: "REPLACED", "已更换";
    CONFIRMED_COUNT: "{confirmed} accounts confirmed", "已确认 {confirmed} 个账户";
    LEFT_COUNT: "{left} that you proposed yourself are left to somebody else", "您提出的 {left} 个留待他人确认";
    REJECTED_COUNTS: "{proposed} proposals and {confirmed} accounts in force rejected",
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
    ORDER_SUMMARY: "order {order} ({id}) of program {program}: {count} payments, {total} yuan; {held} payees held\n  digest {digest}",
        "项目 {program} 的支付单 {order}（{id}）：{count} 笔，{total} 元；暂不支付 {held} 个收款人\n  摘要 {digest}";
    ABOUT_TO_RELEASE: "This releases exactly these payments: they go to the bank.", "此操作将放行上述支付，交银行付款。";
    ABOUT_TO_CANCEL_ORDER: "This drops the order; what it would pay is payable again.", "此操作将取消该支付单，款项恢复为应付。";
    FILE_WRITTEN: "{path}: {bytes} bytes, SHA-256 {digest}", "{path}：{bytes} 字节，SHA-256 {digest}";
    ANSWER_TAKEN: "order {order}: {settled} settled, {returned} returned, {noted} noted", "支付单 {order}：到账 {settled}，退票 {returned}，其他 {noted}";
    ANSWER_REPEATED: "the same file was taken before; nothing changed", "该文件此前已处理，没有变化";
    BREAK_ORDER_UNKNOWN: "no such order, or not released", "没有该支付单，或尚未放款";
    BREAK_PAYMENT_UNKNOWN: "no such payment in the order", "支付单中没有该笔";
    BREAK_OTHER_AMOUNT: "another amount", "金额不同";
    BREAK_CONTRADICTION: "settles what came back: it may go out twice", "已退票的又称到账：可能重复付款";
    LEDGER_RIGHT: "the books are right: {count} entries, the last with digest {digest}", "账目无误：共 {count} 条，末条摘要 {digest}";
    CHECKPOINT_UNREADABLE: "{path} is no checkpoint; keep what `gazelle ledger checkpoint --output json` prints",
        "{path} 不是检查点；请保存 `gazelle ledger checkpoint --output json` 的输出";
}
