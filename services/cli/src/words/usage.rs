//! Of what platforms report, state, withdraw; of months and their seals.

super::catalogue! {
    USAGE_TEXTS;
    PERIOD_IS_OPEN: "OPEN", "未封存";
    PERIOD_IS_SEALED: "SEALED", "已封存";
    KIND_IN_NO_PROGRAM: "records of the fee kind {kind}, which no program shares: {count} of {total}",
        "{total} 条中有 {count} 条的费用类型 {kind} 不属于任何项目";
    BEFORE_FIRST_PERIOD: "records with a day before {period}, the platform's first month: {count} of {total}",
        "{total} 条中有 {count} 条的日期早于平台的首月 {period}";
    IDS_CUT: "records with an id that a spreadsheet has cut, such as {found}: {count} of {total}; format the column as text and export the file again",
        "{total} 条中有 {count} 条的编号被电子表格截断（如 {found}）：请将该列设为文本格式后重新导出";
    DAYS_OUTSIDE: "records with a day before the period: {count} of {total}; is it the right file?{else}",
        "{total} 条中有 {count} 条的日期早于该月：文件是否正确？{else}";
    PERIOD_TO_COME: "the month has not begun: is it the right one?{else}", "该月尚未开始：月份是否正确？{else}";
    ELSE_WITHDRAW: " If not, `gazelle usage withdraw` takes back what was reported",
        "如不正确，可用 `gazelle usage withdraw` 撤回已报的数据";
    WOULD_BE: "checked, nothing was kept; it would be", "仅检查，未保存；结果将为";
    ACCEPTED: "accepted {count}", "接收 {count} 条";
    DUPLICATES: "duplicates {count}", "重复 {count} 条";
    REFUSED: "rejected {count}", "退回 {count} 条";
    REPORTED: "{platform} {period}: {counts}", "{platform} {period}：{counts}";
    NOW_HOLDS: "the period now holds {count} record{count:s}, {total} yuan (digest {digest}): {checked}",
        "该月现有 {count} 条，{total} 元（摘要 {digest}）：{checked}";
    SUM_BEYOND: "no statement can say a sum beyond 64 bits of fen, and without one the month cannot be sealed: is each amount right?{else}",
        "合计超出 64 位（分）的范围，无法报送合计，该月也不能封存：各条金额是否正确？{else}";
    WOULD_ADD: "to the period would be added {count} record{count:s}, {total} yuan (digest {digest})",
        "该月将新增 {count} 条，{total} 元（摘要 {digest}）";
    RECEIPT_EXISTS: "{path} is there already: the receipt of another report; name a new file, or move that one away; nothing was sent",
        "{path} 已存在，是另一次报送的回执；请指定新文件，或先移走它；未发送任何内容";
    CHECKED_WHOLE: "exactly the records of this file", "与本文件完全一致";
    CHECKED_ACCEPTED: "exactly the accepted records of this file", "与本文件中已接收的各条完全一致";
    CHECKED_NOTHING: "nothing, since nothing of this file was accepted", "本文件没有任何一条被接收，该月没有数据";
    CHECKED_INCREASE: "what it held before and exactly what was accepted", "原有数据加上本次接收的，完全一致";
    CHECKED_UNDECIDED: "what others reported meanwhile too, so this file alone proves less",
        "其间另有数据报入，仅凭本文件不能完全核对";
    CHECKED_MISMATCH: "not what was acknowledged", "与确认的不一致";
    KEPT_SO_FAR: "{count} record{count:s} of it acknowledged, and kept; report the same file again for the rest",
        "其中 {count} 条已确认并保留；其余请重新报送同一文件";
    RECEIPT_LACKS: "records that sealing refused since are in `gazelle usage refused`; if these are others, keep the file and the receipt, and ask who runs the service",
        "封存时剔除的记录见 `gazelle usage refused`；如非此类，请保留文件和回执并联系运行方";
    HELD_LESS: "the period held {before} record{before:s}, {accepted} more were accepted, and its receipt shows {after}",
        "该月原有 {before} 条，又接收 {accepted} 条，而回执为 {after} 条";
    HELD_OTHERS: "the period's receipt shows {after} record{after:s} as it should, but others than were acknowledged",
        "回执的条数 {after} 相符，但不是所确认的记录";
    ACKNOWLEDGED_MORE: "{acknowledged} record{acknowledged:s} acknowledged, and the period's receipt shows {after}",
        "已确认 {acknowledged} 条，而回执为 {after} 条";
    CHECK_IN_PARTS: "the service checks {max} records at most in one piece; a file that is named, and not piped, is checked in parts",
        "服务一次最多检查 {max} 条记录；直接给出文件名（而非管道）时，会自动分批检查";
    PERIOD_SUMMARY: "{platform} {period}: received {count} record{count:s}, {total} yuan; {stated}; refused {refused}",
        "{platform} {period}：收到 {count} 条，{total} 元；{stated}；退回 {refused} 条";
    STATED: "stated {count} record{count:s}, {total} yuan", "报送合计 {count} 条，{total} 元";
    NOTHING_STATED: "nothing stated yet, so it cannot be sealed", "未报合计，不能封存";
    STATED_AND_RECEIVED: "stated {stated} record{stated:s}, {stated_yuan} yuan; received {received} record{received:s}, {received_yuan} yuan; refused {refused}",
        "报送合计 {stated} 条、{stated_yuan} 元；收到 {received} 条、{received_yuan} 元；拒收 {refused} 条";
    HELD_OTHERWISE: "held are {held} record{held:s}, {yuan} yuan, digest {digest}: look at the month, and try again",
        "现有 {held} 条、{yuan} 元，摘要 {digest}：请查看该月后再试";
    STATED_DIFFERS: "what is stated does not agree with the {count} record{count:s}, {total} yuan, received: the month cannot be sealed so",
        "报送合计与收到的 {count} 条、{total} 元不符：该月不能如此封存";
    ONE_OR_FILE: "give --platform and --period, or --from", "请给出 --platform 和 --period，或 --from";
    ABOUT_TO_SEAL: "This seals the month: nothing of it ever changes again; late fees go into a later month.",
        "此操作将封存该月：此后不能更改，迟到的费用须报入以后的月份。";
    ABOUT_TO_WITHDRAW: "This takes back all that the month holds, its statement too (digest {digest}).",
        "此操作将撤回该月的全部数据及合计（摘要 {digest}）。";
    FELL: "{count} record{count:s} fell when the month was sealed; see gazelle usage refused --by-seal",
        "封存时有 {count} 条记录被剔除；见 gazelle usage refused --by-seal";
    ROWS_LEFT: "{count} row{count:s} of other platforms or months left", "未处理其他平台或月份的 {count} 行";
    NO_ROWS_TAKEN: "no row of {path} is for {whose}", "{path} 中没有 {whose} 的行";
}
