-- What was refused, once for each reason and content, to be looked into by the
-- platform. Texts are as they were sent, cut where they are too long to keep.
create table refused_record
(
    platform           smallint    not null,
    period             smallint    not null,
    withdrawal         integer     not null default 0, -- with which it left the period; 0: with none yet
    reason             text collate "C" not null,
    content_key        uuid        not null, -- 128 bits of SHA-256 over the whole content
    record_id          text        not null,
    merchant_id        text        not null,
    fee_kind           text        not null,
    occurred_on        text        not null,
    amount_fen         bigint      not null,
    reverses_record_id text        not null,
    message            text        not null,
    first_received_at  timestamptz not null,
    times              bigint      not null,
    constraint refused_record_pkey primary key (platform, period, withdrawal, reason, content_key),
    constraint refused_record_times_positive check (times >= 1),
    constraint refused_record_withdrawal_not_negative check (withdrawal >= 0)
);
-- They are listed by the time that they first came.
create index refused_record_by_time on refused_record
    (platform, period, withdrawal, first_received_at, content_key, reason);
grant select, insert, update (times, withdrawal) on refused_record to gazelle_usage;
