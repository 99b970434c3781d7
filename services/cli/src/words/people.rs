//! Of commands to people: summaries, questions, small words.

super::catalogue! {
    PEOPLE_TEXTS;
    ERROR: "error", "错误";
    YES: "yes", "是";
    NO: "no", "否";
    NOTHING_LISTED: "no {what}", "没有记录（{what}）";
    END_OF_DAY: "end of {day}", "{day} 日终";
    NO_MORE_KNOWN: "no more is known", "没有更多信息";
    AND_MORE: "and {count} more", "另有 {count} 项";
    YOU_ACT_AS: "you act as {profile}", "当前身份是 {profile}";
    NOT_CONFIRMED: "not confirmed, so nothing was done; --yes answers beforehand",
        "未确认，没有执行任何操作；可用 --yes 预先确认";
    GO_AHEAD: "Go ahead? [y/N] ", "是否继续？[y/N] ";
    ONLY_THE_PLATFORM: "only the platform itself may: --as platform:{platform}",
        "只有平台自己可以：--as platform:{platform}";
    MAN_WRITTEN: "{count} man pages in {folder}", "已在 {folder} 写入 {count} 个手册页";
    ROWS_OF: "{what}: {counts}", "{what}：{counts}";
    CREATED: "{count} created", "新增 {count}";
    CHANGED: "{count} changed", "更改 {count}";
    UNCHANGED: "{count} unchanged", "未变 {count}";
    REJECTED: "{count} rejected", "退回 {count}";
    WARNED: "{count} with a warning", "有提示 {count}";
    IGNORED_COLUMNS: "columns that were ignored: {columns}", "未使用的列：{columns}";
    ROWS_REJECTED: "rejected {count} of the {what} ({reasons}), the others went in; correct those that are listed and send them again",
        "退回 {count} 条（{what}；{reasons}），其余已接收；请更正所列各条后重新提交";
    ROWS_WOULD_BE_REJECTED: "{count} of the {what} would be rejected ({reasons}); nothing was kept",
        "将退回 {count} 条（{what}；{reasons}）；未保存任何内容";
    WARNING: "line {line}, {id}: {message} ({reason})", "第 {line} 行 {id}：{message}（{reason}）";
    SUITE_DOWN: "is the suite up? start it with `gazelle up`", "服务是否已启动？可用 `gazelle up` 启动";
    NUMBER_INVALID: "{column}: {text} is not a whole number in its range, written with digits alone",
        "{column}：{text} 不是范围内的整数；只能用数字书写";
    COMPUTING: "computing", "正在计算";
    COMPUTING_AGAIN: "computing again", "正在重新计算";
    SEALING: "sealing", "正在封存";
    PREPARING: "preparing", "正在编制";
    EXPORTING: "exporting", "正在导出";
    TAKING_ANSWER: "taking the answer", "正在处理回盘";
    WAITING_FOR_SUITE: "waiting for the suite", "正在等待服务";
}
