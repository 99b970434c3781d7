//! Of a home, its profiles and keys, and of `gazelle up`.

super::catalogue! {
    SUITE_TEXTS;
    HOME_UNKNOWN: "no data folder is known; say where with --home DIR", "不知道数据文件夹在哪里；请用 --home 指明";
    NO_SUITE: "no suite was started in {home} yet; run `gazelle --home {home} up`, or name its folder with --home",
        "{home} 中尚未启动过服务；请运行 `gazelle --home {home} up`，或用 --home 指明其文件夹";
    NOT_ITS_OWNER: "cannot use {path}: {error}; act as its owner", "无法使用 {path}：{error}；请以其所有者的身份运行";
    PROFILE_NAME_BAD: "`{profile}` is no name for a profile; use letters, digits, - _ . :",
        "{profile} 不能作身份名称；请用字母、数字和 - _ . :";
    ROLE_UNKNOWN: "no role {role}", "没有角色 {role}";
    IN_FILE: "{path}: {error}", "{path} 有误：{error}";
    OTHERS_MAY_READ: "others may read", "他人可读取";
    OTHERS_MAY_WRITE: "others may write to", "他人可写入";
    EXPOSED: "{what} {path}, so its secrets may be known already; take that away with `chmod go= {path}`, and begin on a new home if somebody else uses this machine",
        "{what} {path}，其中的密钥可能已泄露；请用 `chmod go= {path}` 收回权限；如有他人使用本机，请改用新的数据文件夹";
    HOME_USED: "{home} is not empty; the demo starts on an empty home", "{home} 不是空的；演示须用空的数据文件夹";
    HOME_NEEDED: "no folder for the demo; name one with --home", "没有可供演示的文件夹；请用 --home 指明";
    LISTEN: "cannot listen on {address}: {error}", "无法监听 {address}：{error}";
    URL_WITHOUT_PLACES: "the URL of a database needs {database} and {role} where those names go",
        "数据库地址中须以 {database} 和 {role} 标出库名和角色的位置";
    HOST_INVALID: "{name} is no name of a machine: it has letters, digits, hyphens and dots alone", "{name} 不是主机名：只能有字母、数字、- 和 .";
    URL_NO_POSTGRES: "not a postgres:// URL", "不是 postgres:// 地址";
    POSTGRES_ENDED: "PostgreSQL ended ({how})", "PostgreSQL 已退出（{how}）";
    MIGRATION: "the database of {service}: {error}", "{service} 的数据库：{error}";
    ENDED: "{service} ended by itself", "{service} 自行停止";
    ENDED_BY: "{service} ended by itself: {error}", "{service} 自行停止：{error}";
    ALL_ENDED: "all services have ended", "所有服务都已停止";
    A_SERVICE: "a service", "一项服务";
    STOPPED_BADLY: "{service} did not stop well: {error}", "{service} 未能正常停止：{error}";
    STOPPED_LATE: "a service did not stop in time", "有服务没有按时停止";
    STARTED_LATE: "the services did not start in time; see the log above", "服务没有按时启动；见上面的日志";
    DIGEST_OF_SERVICE: "the service's digest is {digest}", "服务给出的摘要为 {digest}";
    LOG_FILTER_UNREADABLE: "GAZELLE_LOG: `{part}` is no filter, and is not used; write it like info,gazelle_usage=debug",
        "GAZELLE_LOG：{part} 不是有效的过滤条件，未采用；可写作 info,gazelle_usage=debug";
    COLLECTOR_UNUSABLE: "traces cannot be sent to `{url}`: an OTLP collector has a URL such as http://localhost:4317",
        "无法把追踪发送到 {url}：OTLP 收集器的地址须如 http://localhost:4317";
    ADMIN_PORT: "admin", "管理端口";
    DATA_FOLDER: "data", "数据文件夹";
    OUT_OF_ORDER: "batch {sequence} was acknowledged out of order", "第 {sequence} 批的确认次序不对";
}
