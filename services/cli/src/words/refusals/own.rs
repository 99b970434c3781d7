//! What other parts of this program say in English: the client, and the embedded database.

/// The reason, the sentence, and in Chinese; `{why}` may be such a sentence itself.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "ACKNOWLEDGEMENT_BROKEN",
        "the acknowledgement of a batch {why}",
        "一批记录的确认{why}",
    ),
    (
        "ACKNOWLEDGEMENT_BROKEN",
        "does not say what the batch added",
        "没有说明该批新增的内容",
    ),
    (
        "ACKNOWLEDGEMENT_BROKEN",
        "has counts that are not those of its outcomes",
        "的条数与各条结果不符",
    ),
    ("ACKNOWLEDGEMENT_BROKEN", "has no receipt", "没有回执"),
    (
        "ACKNOWLEDGEMENT_BROKEN",
        "leaves a record's fate open",
        "没有说明某条记录的结果",
    ),
    (
        "ACKNOWLEDGEMENT_BROKEN",
        "speaks of a record that was not in it",
        "涉及该批没有的记录",
    ),
    ("CREDENTIAL_UNUSABLE", "cannot sign a token", "无法签发令牌"),
    (
        "CREDENTIAL_UNUSABLE",
        "cannot sign a token: {cause}",
        "无法签发令牌（{cause}）",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "cannot use the signing key {path}: {why}",
        "无法使用签名密钥 {path}：{why}",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "cannot use the signing key {path}",
        "无法使用签名密钥 {path}",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "the signing key {path} can be read by others; allow its owner alone",
        "签名密钥 {path} 可被他人读取；请只允许其所有者读取",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "the signing key is not an Ed25519 key in PKCS #8",
        "签名密钥不是 Ed25519 密钥（PKCS #8）",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "the signing key is not an Ed25519 key in PKCS #8: {cause}",
        "签名密钥不是 Ed25519 密钥（PKCS #8）：{cause}",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "no random numbers for a signing key",
        "无法取得生成签名密钥所需的随机数",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "no random numbers for a signing key: {cause}",
        "无法取得生成签名密钥所需的随机数（{cause}）",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "cannot use {path}: {why}",
        "无法使用 {path}：{why}",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "no token to call a service with: {why}",
        "没有可用的令牌：{why}",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "there is no token, but a certificate",
        "此身份没有令牌，只有证书",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "the file of the token is empty",
        "令牌文件是空的",
    ),
    (
        "CREDENTIAL_UNUSABLE",
        "the token has characters that no token has, as blanks or a second line: the file holds the token alone",
        "令牌含有不可能出现的字符（如空格、换行或汉字）：文件中只应有令牌本身",
    ),
    (
        "DATABASE_FAILED",
        "PostgreSQL does not do as asked: {why}",
        "PostgreSQL 没有执行：{why}",
    ),
    (
        "DATABASE_FAILED",
        "PostgreSQL does not stop",
        "PostgreSQL 没有停止",
    ),
    (
        "DATABASE_FAILED",
        "PostgreSQL ended at its start ({status}): {log}",
        "PostgreSQL 启动即退出（{status}）：{log}",
    ),
    (
        "DATABASE_FAILED",
        "cannot run {program}; `setpriv` comes with util-linux, the others with PostgreSQL: {why}",
        "无法运行 {program}：{why}；`setpriv` 属于 util-linux，其余属于 PostgreSQL",
    ),
    (
        "DATABASE_FAILED",
        "the start was broken off: {why}",
        "启动被中断：{why}",
    ),
    (
        "DATABASE_FAILED",
        "{program} failed: {output}",
        "{program} 失败：{output}",
    ),
    (
        "ENDPOINT_INVALID",
        "`{url}` is not the URL of a service: {why}",
        "{url} 不是服务的地址：{why}",
    ),
    (
        "ENDPOINT_INVALID",
        "`{url}` over TLS: {why}",
        "{url} 使用 TLS：{why}",
    ),
    (
        "ENDPOINT_INVALID",
        "cannot use {path}: {why}",
        "无法使用 {path}：{why}",
    ),
    (
        "ENDPOINT_INVALID",
        "`{scheme}` is no scheme of it",
        "不能以 {scheme} 开头",
    ),
    (
        "ENDPOINT_INVALID",
        "it has no scheme",
        "没有以 https:// 或 http:// 开头",
    ),
    ("ENDPOINT_INVALID", "it has no host", "没有主机名"),
    (
        "ENDPOINT_INVALID",
        "it names a user, whom nobody would ask for",
        "其中有用户名，而服务不问用户名",
    ),
    (
        "ENDPOINT_INVALID",
        "nothing may follow its host and port",
        "主机和端口之后不能有其他内容",
    ),
    (
        "ENDPOINT_INVALID",
        "it has no certificate in PEM",
        "其中没有 PEM 格式的证书",
    ),
    (
        "ENDPOINT_INVALID",
        "it has no private key in PEM",
        "其中没有 PEM 格式的私钥",
    ),
    (
        "ENDPOINT_INVALID",
        "the key in it is not the one of the certificate {path}; a certificate and its key belong together",
        "其中的密钥不是证书 {path} 的密钥；证书和密钥须成对使用",
    ),
    (
        "ENDPOINT_INVALID",
        "`certificate_file` and `key_file` belong together",
        "证书和密钥须成对给出",
    ),
    (
        "ENDPOINT_INVALID",
        "{why}; write it like https://registry.example:7001",
        "{why}；请写成 https://registry.example:7001 这样",
    ),
    (
        "ENDPOINT_INVALID",
        "it needs `ca_file`, the certificates that may vouch for it",
        "须用 --ca-file 给出其签发机构的证书",
    ),
    (
        "HOME_IN_USE",
        "{path} is in use by another process",
        "{path} 正被另一进程使用",
    ),
    (
        "HOME_NOT_USABLE",
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`",
        "PostgreSQL 不能以 root 运行，而系统中既无用户 postgres，也无 nobody",
    ),
    (
        "HOME_NOT_USABLE",
        "PostgreSQL runs as `{user}`, who may not enter {folder}; choose a home elsewhere, such as /var/lib/gazelle, or allow it: {command}",
        "PostgreSQL 以 {user} 运行，不能进入 {folder}；请另选数据文件夹，如 /var/lib/gazelle，或放开权限：{command}",
    ),
    (
        "HOME_NOT_USABLE",
        "cannot {action} {path}: {why}",
        "无法使用 {path}（{action}）：{why}",
    ),
    (
        "HOME_NOT_USABLE",
        "{path} belongs to somebody else; remove it, or set TMPDIR",
        "{path} 属于他人；请删除，或另设 TMPDIR",
    ),
    (
        "HOME_NOT_USABLE",
        "{path} is too long a path for a socket; set TMPDIR to a shorter one",
        "{path} 作套接字路径太长；请将 TMPDIR 设为较短的路径",
    ),
    (
        "INTERNAL",
        "the service answered without a period",
        "服务的应答中没有月份",
    ),
    (
        "INTERNAL",
        "the service answered without a program",
        "服务的应答中没有项目",
    ),
    (
        "INTERNAL",
        "the service answered without a run",
        "服务的应答中没有核算",
    ),
    (
        "INTERNAL",
        "the service answered without a withdrawal",
        "服务的应答中没有撤回",
    ),
    (
        "INTERNAL",
        "the service answered without an explanation",
        "服务的应答中没有说明",
    ),
    (
        "INTERNAL",
        "the service answered without an objection",
        "服务的应答中没有异议",
    ),
    (
        "INTERNAL",
        "the service answered without an order",
        "服务的应答中没有支付单",
    ),
    (
        "INTERNAL",
        "a list does not go on after its page",
        "列表没有接着上一页继续",
    ),
    (
        "INTERNAL",
        "the service answered without a result",
        "服务的应答中没有结果",
    ),
    (
        "INTERNAL",
        "the check ended before the last entry",
        "核对在最后一条之前中断",
    ),
    (
        "INTERNAL",
        "the registry answered without an enterprise",
        "登记服务的应答中没有企业",
    ),
    (
        "POSTGRESQL_NOT_FOUND",
        "PostgreSQL {found} in {bin} is too old, 15 or newer is needed; install it: apt-get install postgresql",
        "{bin} 中的 PostgreSQL {found} 太旧，须 15 以上；请安装：apt-get install postgresql",
    ),
    (
        "POSTGRESQL_NOT_FOUND",
        "no PostgreSQL server was found; install it: apt-get install postgresql",
        "没有找到 PostgreSQL 服务器；请安装：apt-get install postgresql",
    ),
    (
        "POSTGRESQL_NOT_FOUND",
        "the data in {data} needs PostgreSQL {needed}; install it: {command}",
        "{data} 中的数据须用 PostgreSQL {needed}；请安装：{command}",
    ),
    (
        "TELEMETRY_FAILED",
        "metrics cannot be kept: {why}",
        "无法保存指标：{why}",
    ),
    ("UNAVAILABLE", "no acknowledgement came", "没有收到确认"),
    (
        "UNAVAILABLE",
        "the stream ended before all was acknowledged",
        "连接在全部确认之前中断",
    ),
];

/// Why a connection fails: a part of what libraries say, in small letters, and in Chinese.
pub(super) const CONNECTIONS: &[(&str, &str)] = &[
    ("connection refused", "连接被拒绝"),
    ("connection reset", "连接被对方中断"),
    ("broken pipe", "连接被对方中断"),
    ("close_notify", "连接被对方中断"),
    ("network is unreachable", "网络不通"),
    ("no route to host", "无法到达该主机"),
    ("deadline has elapsed", "连接超时"),
    ("dns error", "找不到该主机名"),
    ("timed out", "连接超时"),
    ("timeout expired", "等待应答超时"),
    ("error reading a body", "应答未传完，连接已中断"),
    ("connection closed", "连接已断开"),
    ("connection error", "连接已中断"),
];
