//! Of what every command has, and of the suite itself.

const EXAMPLES: &str = "\
试用：
  gazelle demo                                 一座虚构的城市，逐月核算
  gazelle up                                   在本机启动全部服务

在另一个终端中操作：
  gazelle status --wait 60
  gazelle sample-city --out city
  gazelle --as registrar platform import city/platforms.csv
  gazelle --as registrar enterprise import city/enterprises.csv
  gazelle --as officer program apply city/programs/card-fee-relief.json
  gazelle --as platform:alpha-mall usage report --platform alpha-mall --period 2025-01 city/usage/alpha-mall/2025-01.csv
  gazelle --as officer settlement readiness --program card-fee-relief --through 2025-01

文件、选项、JSON 和 CSV 中的金额都是整数分（1 元 = 100 分）；表格显示元。
退出码：0 全部完成；1 有内容被拒绝，标准错误有一行 `错误: 原因代码: 说明`；2 用法有误。";

const UP: &str = "\
数据、密钥和身份存放在 --home 下；再次以同一文件夹启动会从停下的地方继续，崩溃之后也一样。
端口在首次启动时选定并保持。SIGTERM 或 Ctrl-C 等待处理完毕后停止；再按一次立即停止。
GAZELLE_LOG 过滤标准错误上的日志，如 GAZELLE_LOG=info,gazelle_usage=debug。

使用其他 PostgreSQL：gazelle up --database-url 'postgres://{role}:secret@db.example/{database}'
  其中须有数据库 gazelle_registry、gazelle_usage、gazelle_settlement，所有者各为 gazelle_X_owner，并有 deploy/config/roles.sql 中的角色。";

/// The texts, by key.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("*.help", "显示帮助"),
    (
        "*.home",
        "存放 `gazelle up` 的数据和身份文件的文件夹 [默认：root 为 /var/lib/gazelle，其他用户为其数据文件夹下的 gazelle]",
    ),
    (
        "*.lang",
        "帮助和提示的语言 [默认：按 LC_ALL、LC_MESSAGES、LANG]",
    ),
    (
        "*.otlp_endpoint",
        "把操作的追踪发送到该 OTLP 收集器（gRPC），如 http://localhost:4317",
    ),
    (
        "*.output",
        "结果的形式：供人阅读的表格（元），或供程序使用的 json、csv（分）",
    ),
    (
        "*.profile",
        "以谁的身份操作：registrar、officer、approver、auditor、admin、platform:ID，或自己添加的身份（见 `gazelle profile list`）；向服务查询或提交的命令必须指明",
    ),
    ("*.version", "显示版本"),
    (
        "*.yes",
        "执行不可撤销的操作前不再询问；不在终端上运行时本来就不询问",
    ),
    (
        ":about",
        "把平台收取的费用在政府、平台和小微企业之间分担，精确到分",
    ),
    (":after", EXAMPLES),
    ("completions.shell", "哪种 shell"),
    ("completions:about", "输出命令行补全脚本"),
    (
        "completions:after",
        "例：gazelle completions bash > /etc/bash_completion.d/gazelle",
    ),
    ("demo.enterprises", "企业数"),
    ("demo.seed", "生成城市的随机种子"),
    (
        "demo:about",
        "生成一座城市，启动服务，核算一年，并展示谁承担多少",
    ),
    (
        "demo:after",
        "数据写入 --home（给出时须不存在或为空），否则写入默认文件夹旁的新文件夹。数据保留，可继续查看。",
    ),
    ("man.out", "写入的文件夹；没有则新建"),
    ("man:about", "把手册写成 man 页，每个命令一页"),
    (
        "man:after",
        "例：gazelle man --out /usr/local/share/man/man1",
    ),
    (
        "profile add.ca_file",
        "校验 https:// 服务器所用的证书（PEM）",
    ),
    (
        "profile add.certificate_file",
        "要出示的平台或服务证书（PEM），代替令牌或与令牌同用",
    ),
    (
        "profile add.key_file",
        "该证书的密钥（PEM）[默认：在同一文件中]",
    ),
    ("profile add.name", "名称，用于 --as"),
    (
        "profile add.registry",
        "登记服务的 URL，http:// 或 https://",
    ),
    (
        "profile add.plaintext",
        "允许通过 http:// 向其他机器发送令牌，仅限网络本身已加密时",
    ),
    (
        "profile add.platform",
        "所代表的平台 [默认：按令牌或证书所示]",
    ),
    ("profile add.settlement", "核算服务的 URL"),
    ("profile add.token_file", "存放令牌的文件；每次操作重新读取"),
    (
        "profile add.usage",
        "用量服务的 URL，平台只需此项；三个 URL 至少给出一个",
    ),
    ("profile add:about", "为在别处运行的服务添加身份"),
    ("profile list:about", "列出本机的身份"),
    ("profile token.hours", "令牌的有效小时数"),
    ("profile token.name", "身份，同 --as"),
    (
        "profile token:about",
        "输出某身份的令牌，供自己的客户端使用（curl、grpcurl 或其他语言）",
    ),
    (
        "profile token:after",
        "例：grpcurl -cacert ~/.local/share/gazelle/ca.pem -H \"authorization: Bearer $(gazelle profile token auditor)\" 地址 gazelle.registry.v1.RegistryService/ListPlatforms",
    ),
    ("profile:about", "身份：--as 所用"),
    ("sample-city.enterprises", "企业数"),
    ("sample-city.out", "写入的文件夹；没有则新建"),
    (
        "sample-city.records",
        "用量记录数，约 [默认：每家企业 25 条]",
    ),
    ("sample-city.seed", "随机种子"),
    (
        "sample-city:about",
        "生成一座虚构的城市（CSV 和 JSON 文件），用来试用",
    ),
    (
        "sample-city:after",
        "种子和规模相同时，在任何机器上生成的文件完全相同。",
    ),
    ("status.wait", "最多等待这么多秒，直到全部可用"),
    ("status:about", "显示各服务是否可用及其地址"),
    (
        "up.admin_listen",
        "提供 /livez、/readyz、/metrics 的 HTTP 地址，各服务共用 [默认：无]",
    ),
    (
        "up.database_url",
        "使用该 PostgreSQL 而不是自带的：含 {database} 和 {role} 的 URL",
    ),
    (
        "up.name",
        "他人访问本机所用的其他名称或地址，写入证书；可多次给出",
    ),
    ("up.registry_listen", "登记服务的监听地址"),
    ("up.settlement_listen", "核算服务的监听地址"),
    ("up.usage_listen", "用量服务的监听地址"),
    (
        "up:about",
        "在一个进程中启动全部服务，使用 --home 下自带的 PostgreSQL",
    ),
    ("up:after", UP),
    ("profile add.replace", "替换自己添加的同名身份"),
];
