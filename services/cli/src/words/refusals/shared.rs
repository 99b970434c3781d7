//! Of every service, and of the trails.

pub(super) const DETAILS: &[(&str, &str)] = &[
    ("ADDRESS_MISSING", "不知道 {service} 服务的地址"),
    (
        "CERTIFICATE_EXPIRED",
        "客户端证书已于 {expired_at} 到期，请换用新证书重新连接",
    ),
    (
        "CERTIFICATE_REQUIRED",
        "只有令牌不够，平台还须出示客户端证书",
    ),
    (
        "CERTIFICATE_REVOKED",
        "客户端证书不再有效：{revoked}已被吊销，请联系运维方",
    ),
    ("CHAIN_BROKEN", "第 {entry_number} 条：{kind}（{detail}）"),
    (
        "CHECKPOINT_AHEAD",
        "要求核对到第 {entry_number} 条，而操作记录只有 {entry_count} 条",
    ),
    (
        "DEADLINE_EXCEEDED",
        "{limit_ms} 毫秒内没有完成；已开始的操作可能仍会完成，请先查询，再决定是否重试",
    ),
    (
        "DEADLINE_EXCEEDED",
        "服务在时限内没有收到整条消息；请减少一次发送的内容，或换用更快的线路",
    ),
    ("DEPENDENCY_UNAVAILABLE", "{dependency}{cause}"),
    ("DEPENDENCY_UNAVAILABLE", "{cause}"),
    ("DEPENDENCY_UNAVAILABLE", "{dependency}暂不可用，请稍后重试"),
    (
        "ENCODING_UNSUPPORTED",
        "不能读取以 {encoding} 压缩的消息，可用 {accepted}",
    ),
    (
        "IDENTITY_MISMATCH",
        "客户端证书属于 {certificate}，令牌属于 {token}；请只用同一身份的，或不用令牌",
    ),
    ("INTERNAL", "原因见服务日志，请联系运维方"),
    (
        "MESSAGE_TOO_LARGE",
        "一条消息不超过 {limit_bytes} 字节（解压后）",
    ),
    ("MESSAGE_TOO_MANY_ITEMS", "一条消息不超过 {limit_items} 项"),
    (
        "MESSAGE_UNREADABLE",
        "内容不是接口规定的消息，或不完整，或多于一条",
    ),
    (
        "NOT_GRPC",
        "请求方法为 {method}，内容类型为 {content_type}；请确认客户端使用 gRPC",
    ),
    ("NOT_GRPC", "请求方法为 {method}；请确认客户端使用 gRPC"),
    ("OVERLOADED", "{cause}"),
    (
        "OVERLOADED",
        "{scope}同时进行的请求已达上限 {limit} 个，请稍后重试",
    ),
    ("OVERLOADED", "同时进行的请求太多，请稍后重试"),
    (
        "PAGE_TOKEN_INVALID",
        "不是此列表给出的标记，请用上一页的 next_page_token",
    ),
    ("PERMISSION_DENIED", "此操作须由 {may} 执行"),
    (
        "PERMISSION_DENIED",
        "没有该接口，或无人可以调用；客户端的版本是否比服务新？",
    ),
    (
        "RPC_NOT_SERVED",
        "该服务没有接口 {method}；地址是否属于另一服务，或版本不同？",
    ),
    (
        "SECOND_FACTOR_REQUIRED",
        "请以第二因素登录（{accepted}），再用新令牌操作",
    ),
    (
        "TOKEN_EXPIRED",
        "令牌已于 {expired_at} 到期，请换取新令牌后重新开始",
    ),
    ("TOKEN_REQUIRED", "只有客户端证书不够，平台还须出示令牌"),
    ("TOKEN_REVOKED", "{revoked}已被吊销，请联系运维方"),
    ("UNAUTHENTICATED", "{cause}"),
];
