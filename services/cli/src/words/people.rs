//! Of commands to people: summaries, questions, small words.

super::catalogue! {
    PEOPLE_TEXTS;
    ERROR: "error", "错误";
    YES: "yes", "是";
    NO: "no", "否";
    NOTHING_LISTED: "no {what}", "没有记录（{what}）";
    END_OF_DAY: "end of {day}", "{day} 日终";
    PLATFORM_KNOWN: "{platform} is known already; `gazelle platform change` changes it",
        "{platform} 已登记；可用 `gazelle platform change` 更改";
    PLATFORM_UNKNOWN: "no platform {platform} is known; `gazelle platform add` makes it so",
        "没有登记平台 {platform}；可用 `gazelle platform add` 登记";
    PLATFORM_TO_ADD: "the registry knows no platform {platform}; `gazelle --as registrar platform add {platform}` makes it known, and see `gazelle platform list`",
        "没有登记平台 {platform}；可用 `gazelle --as registrar platform add {platform}` 登记，已登记的见 `gazelle platform list`";
    PROFILE_UNKNOWN: "no profile {profile}; there are {names} and platform:ID",
        "没有身份 {profile}；现有身份：{names} 和 platform:ID";
    PLATFORM_MEANT: "{platform} ({near} is registered)", "{platform}（已登记的有 {near}）";
    PLATFORMS_MADE_KNOWN: "ATTENTION: not registered before, and registered now since the file names them: {platforms}: are they spelled right?",
        "注意：此前未登记，因文件中出现而登记：{platforms}：名称是否正确？";
    PLATFORMS_NOT_REGISTERED: "ATTENTION: the program covers platforms that are not registered: {platforms}: are they spelled right?",
        "注意：项目范围内有未登记的平台：{platforms}：名称是否正确？";
    CERTIFICATE_UNKNOWN: "no certificate {serial} was signed here for {platform}",
        "此处没有为 {platform} 签发过证书 {serial}";
    CERTIFICATES_NONE: "no certificate was signed here for {platform}", "此处没有为 {platform} 签发过证书";
    ABOUT_TO_REVOKE: "This revokes {count} certificate{count:s} of {platform}, all that are in force: the services refuse them within seconds, and none can be made valid again.",
        "此操作将吊销 {platform} 的 {count} 份证书，即全部有效的证书：数秒内服务将不再接受，吊销后不能恢复。";
    ABOUT_TO_REVOKE_ONE: "This revokes the certificate {serial} of {platform}: the services refuse it within seconds, and it cannot be made valid again.",
        "此操作将吊销 {platform} 的证书 {serial}：数秒内服务将不再接受，吊销后不能恢复。";
    REQUEST_REFUSED: "the signing request is refused: {why}", "签名请求未被接受：{why}";
    REQUEST_NO_PEM: "it is not PEM; `openssl req -new` writes one", "不是 PEM 格式；可用 `openssl req -new` 生成";
    REQUEST_OTHER_PEM: "it holds a {label}; a signing request is asked for, and a private key never leaves its owner",
        "内容是 {label}；此处须给出签名请求，私钥不应离开其所有者";
    REQUEST_UNREADABLE: "it cannot be read as PKCS #10", "不能按 PKCS #10 读取";
    REQUEST_TAILED: "something follows it", "其后还有其他内容";
    REQUEST_UNSIGNED: "its signature is not by its own key, or of a kind that is not taken; take EC (P-256, P-384), Ed25519 or RSA",
        "签名不是由其自身的密钥作出，或签名种类不受支持；请用 EC（P-256、P-384）、Ed25519 或 RSA";
    REQUEST_KEY_SHORT: "an RSA key needs {bits} bits or more", "RSA 密钥须有 {bits} 位以上";
    REQUEST_KEY_KIND: "its key is of no kind that is taken: {error}", "密钥种类不受支持：{error}";
    ARGUMENT_MISSING: "these are missing: {argument}", "缺少必需的参数：{argument}";
    ARGUMENT_UNKNOWN: "there is no {argument}", "没有参数 {argument}";
    ARGUMENTS_CONFLICT: "{argument} cannot be given with {other}", "{argument} 不能与 {other} 同时使用，也不能重复";
    COMMAND_UNKNOWN: "there is no command {command}", "没有命令 {command}";
    YUAN: "{amount} yuan", "{amount} 元";
    MORE_THAN: "more than {yuan}", "超过 {yuan}";
    LESS_THAN: "less than {yuan}", "低于 {yuan}";
    COMMAND_MISSING: "{command} needs a command", "{command} 之后须给出命令";
    VALUE_MISSING: "{argument} needs a value", "{argument} 须给出值";
    VALUE_UNKNOWN: "{argument} cannot be {value}, only {valid}", "{argument} 不能是 {value}，只能是 {valid}";
    VALUE_INVALID: "{argument} cannot be {value}", "{argument} 不能是 {value}";
    VALUE_TOO_MANY: "{value} is one value too many for {argument}", "{argument} 的值过多：{value}";
    USAGE_BAD: "the command line cannot be read", "无法读懂命令行";
    MEANT: "do you mean {meant}?", "是否指 {meant}？";
    MORE_IN_HELP: "See --help.", "更多说明见 --help。";
    RUN_NUMBER: "after # comes a number, from 1, or latest", "# 之后须是从 1 起的序号，或 latest";
    RUN_NAME: "a run is named by its id, or as PROGRAM#3 or PROGRAM#latest", "请用编号、项目#3 或 项目#latest 指明一次核算";
    ORDER_NAME: "an order is named by its id, or as PROGRAM#3 or PROGRAM#latest", "请用编号、项目#3 或 项目#latest 指明一张支付单";
    OWED_PERIOD: "a platform and one of its months, as alpha-mall:2025-03", "须是平台及其月份，如 alpha-mall:2025-03";
    FEN_NEEDED: "a whole number of fen: 18,816.78 yuan are 1881678", "须为整数，单位为分：18816.78 元写作 1881678";
    COUNT_NEEDED: "a whole number, 0 or more, is expected", "须为整数，应不小于 0";
    URL_NEEDED: "a URL such as https://registry.example:443", "须是 https://registry.example:443 这样的地址";
    THEN: "; ", "；";
    CERTIFICATE_NOT_TAKEN: "the service does not take the certificate of this profile ({alert}); ask whoever runs it for a new one",
        "服务不接受此身份的证书（{alert}）；请向运行方申请新证书";
    CERTIFICATE_WANTED: "the service asks for a certificate, and this profile shows none ({alert}); name one with --certificate-file when the profile is added",
        "服务要求出示证书，而此身份没有（{alert}）；请在添加身份时用 --certificate-file 给出";
    NOT_THAT_SERVICE: "the address does not serve the service that was asked for; are the addresses of this profile in their places? {places}",
        "该地址不提供所请求的服务；请检查此身份的各地址是否放对位置：{places}";
    PORT_SPEAKS_TLS: "{url} speaks TLS; use https:// (and --ca-file with the authority's certificate)",
        "{url} 使用 TLS；请改用 https://（并用 --ca-file 给出签发机构的证书）";
    PORT_SPEAKS_NO_TLS: "{url} speaks no TLS; is it the port for gRPC, or is it served by http:// there?",
        "{url} 不使用 TLS；请确认端口是否为 gRPC 端口，或改用 http://";
    SERVER_UNTRUSTED: "the certificate of {url} is of no authority in {ca}; get the right file from whoever runs the service, and give it with --ca-file",
        "{url} 的证书不是由 {ca} 中的机构签发的；请向运行方索取正确的文件，并用 --ca-file 给出";
    SERVER_BAD: "the certificate of {url} is not believed: {cause}", "{url} 的证书不可信：{cause}";
    SERVER_NOT_YET: "the certificate of {url} is in force from {from}, and this machine's clock says {now} (Shanghai's time): set the clock right, or ask whoever runs the service where it is right",
        "{url} 的证书自 {from} 起有效，而本机时钟为 {now}（北京时间）：请校正本机时间；时间无误时，请联系服务的运行方";
    SERVER_EXPIRED: "the certificate of {url} was in force until {until}, and this machine's clock says {now} (Shanghai's time): set the clock right, or ask whoever runs the service where it is right",
        "{url} 的证书已于 {until} 到期，而本机时钟为 {now}（北京时间）：请校正本机时间；时间无误时，请联系服务的运行方";
    OWN_TOKEN_NOT_BELIEVED: "the token is not believed, though this home's own key signed it; it did so by this machine's clock, which says {now} (Shanghai's time) and is likely wrong: set it right; where it is right, the log of the services says why",
        "服务不认可此令牌，而它由此数据文件夹的密钥签发；签发所依的本机时钟为 {now}（北京时间），很可能有误：请校正本机时间；时间无误时，原因见服务日志";
    SERVING: "SERVING", "正常";
    SILENT_STATE: "NOT_SERVING", "不可用";
    SERVICE_AT: "{service} at {url}", "{service}（{url}）";
    OWN_NOT_SERVING: "{services} not serving; start the suite with `gazelle up`, or wait with --wait",
        "不可用：{services}；请用 `gazelle up` 启动，或用 --wait 等待";
    UP_AND_NOT_SERVING: "{services} up, but not serving: the log of the services says why, as where the database does not answer or its disk is full; --wait waits for it",
        "已启动但暂不可用：{services}；原因见服务日志（如数据库没有应答或磁盘已满），可用 --wait 等待";
    NOT_SERVING: "{services} not serving; is the address right? --wait waits for it",
        "不可用：{services}；请确认地址，或用 --wait 等待";
    SERVICE_DOWN: "is the address right, and does the service run there?", "请确认地址无误，且服务正在运行";
    MAY_BE_DONE: "whether it was done is not known: look, or give the command again, which does nothing twice",
        "是否已办成尚不清楚：请先查看，或重新执行同一命令，不会重复办理";
    WHO_YOU_ARE: "say who you are, with --as PROFILE before or after the command, or once with `export GAZELLE_AS=PROFILE`; there are {names} and platform:ID",
        "在命令之前或之后加 --as 身份，或先执行一次 `export GAZELLE_AS=身份`；现有身份：{names} 和 platform:ID";
    NO_MORE_KNOWN: "no more is known", "没有更多信息";
    AND_MORE: "and {count} more", "另有 {count} 项";
    CREDENTIAL_OF_ANOTHER: "what it shows is of {shown}, not of {asked}", "所出示的凭据属于 {shown}，而不是 {asked}";
    ADD_ADDRESS: "add it: `gazelle profile add {profile} --replace`, with all of the profile's options and this address",
        "请补上该地址：`gazelle profile add {profile} --replace`，并给出此身份的全部选项";
    YOU_ACT_AS: "you act as {profile}", "当前身份是 {profile}";
    NOT_CONFIRMED: "not confirmed, so nothing was done; --yes answers beforehand",
        "未确认，没有执行任何操作；可用 --yes 预先确认";
    GO_AHEAD: "Go ahead? [y/N] ", "是否继续？[y/N] ";
    ONLY_THE_PLATFORM: "only the platform itself may: --as platform:{platform}",
        "只有平台自己可以：--as platform:{platform}";
    IS_UP: "Gazelle is up.", "Gazelle 已启动。";
    ELSEWHERE: "In another terminal:", "在另一个终端中：";
    STOPS_BY: "Ctrl-C drains and stops; the data stays.", "按 Ctrl-C 停止；数据保留。";
    OWN_KEY: "this home's key", "此数据文件夹的密钥";
    EACH_PLATFORM: "each platform that the registry knows", "登记的每个平台";
    PROFILE_ADDED: "added; use it with --as {profile}", "已添加；使用时加 --as {profile}";
    PROFILE_OF_SUITE: "the profile {profile} is one that a suite makes itself; choose another name",
        "身份 {profile} 由服务自己生成；请另取名称";
    PROFILE_OF_HOME: "the profile {profile} belongs to this home; choose another name",
        "身份 {profile} 属于此数据文件夹；请另取名称";
    PROFILE_THERE: "the profile {profile} is there already; --replace takes its place",
        "身份 {profile} 已存在；可用 --replace 替换";
    TOKEN_IN_CLEAR: "{url} is reached without TLS, so that anybody on the way could read the token; use https://, or say --plaintext where the network itself encrypts",
        "{url} 未使用 TLS，途中任何人都能读到令牌；请改用 https://，网络本身已加密时可加 --plaintext";
    MAN_WRITTEN: "{count} man page{count:s} in {folder}", "已在 {folder} 写入 {count} 个手册页";
    DISTRICT_FROM: "district {code} from {day}", "{day} 起区划 {code}";
    INDUSTRY_FROM: "industry {code} from {day}", "{day} 起行业 {code}";
    COMMA: ", ", "，";
    SEMICOLON: "; ", "；";
    ROWS_OF: "{what}: {counts}", "{what}：{counts}";
    CREATED: "{count} created", "新增 {count} 条";
    CHANGED: "{count} changed", "更改 {count} 条";
    UNCHANGED: "{count} unchanged", "未变 {count} 条";
    REJECTED: "{count} rejected", "退回 {count} 条";
    CHANGED_ROWS: "changed: {rows}", "已更改：{rows}";
    CHANGED_ROW: "line {line} {id}", "第 {line} 行 {id}";
    WARNED: "{count} with a warning", "有提示 {count} 条";
    IGNORED_COLUMNS: "columns that were ignored: {columns}", "未使用的列：{columns}";
    ROWS_REJECTED: "rejected {count} of the {what} ({reasons}), ", "退回{what} {count} 条（{reasons}），";
    OTHERS_WENT_IN: "the others went in", "其余已接收";
    OTHERS_WERE_THERE: "the others were there already", "其余此前已在库中";
    NONE_WENT_IN: "none went in", "没有接收任何一条";
    CORRECT_AND_SEND: "correct those that are listed and send them again", "请更正所列各条后重新提交";
    CORRECT_THE_REST: "correct the rest of those that are listed and send them again", "所列其余各条请更正后重新提交";
    SEALED_TAKES_NOTHING: "a sealed month takes nothing more, late fees go into an open one",
        "已封存的月份不再接收，迟到的费用请报入未封存的月份";
    FOR_ITS_OWN_PERIOD: "of those whose day is after the month: where the day is right, report them for the month of their day",
        "日期晚于该月的，日期无误时请报入日期所在的月份";
    WHAT_WAS_ACCEPTED_STANDS: "of those whose id is taken: what was accepted stands; take it back by a reversal and report it anew under a new id, or withdraw the open month that has it",
        "编号已被占用的：此前接收的仍有效；请报冲销并以新编号重报，或撤回占用该编号的未封存月份";
    EACH_ITS_OWN: "each platform sends its own", "各平台只能提交自己的";
    AS_WHO_MAY: "send them as who may", "请以有权限的身份提交";
    AGAIN_LATER: "send them again later", "请稍后重新提交";
    ROWS_WOULD_BE_REJECTED: "{count} of the {what} would be rejected ({reasons}); nothing was kept",
        "将退回{what} {count} 条（{reasons}）；未保存任何内容";
    WARNING: "line {line}, {id}: {message} ({reason})", "第 {line} 行 {id}：{message}（{reason}）";
    SUITE_DOWN: "is the suite up? start it with `gazelle up`", "服务是否已启动？可用 `gazelle up` 启动";
    INSTANT_FORMS: "{column}: {text} is no moment that exists; give a day (2025-01-03), a day and a time in Shanghai (2025-01-03 09:30), or a time with its offset (2025-01-03T09:30:00+08:00)",
        "{column}：{text} 不是存在的时间；可写日期（2025-01-03）、北京时间（2025-01-03 09:30）或带时区的时间（2025-01-03T09:30:00+08:00）";
    NUMBER_INVALID: "{column}: {text} is not a whole number in its range, written with digits alone",
        "{column}：{text} 不是范围内的整数；只能用数字书写";
    COMPUTING: "computing", "正在计算";
    COMPUTING_AGAIN: "computing again", "正在重新计算";
    GENERATING: "generating", "正在生成";
    SEALING: "sealing", "正在封存";
    PREPARING: "preparing", "正在编制";
    EXPORTING: "exporting", "正在导出";
    TAKING_ANSWER: "taking the answer", "正在处理回盘";
    TIME_LEFT: ", {eta} left", "，剩余 {eta}";
    TRYING_AGAIN: "the service cannot do it just now, trying again", "服务暂时无法处理，正在重试";
    WAITING_FOR_SUITE: "waiting for the suite", "正在等待服务";
}
