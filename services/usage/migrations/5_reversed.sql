-- How much of a record its reversals take back; for records that one has named.
-- The key leads with the id: it belongs to the platform over all periods.
create table reversed
(
    platform     smallint not null,
    key          uuid     not null,
    period       smallint not null,
    amount_fen   bigint   not null,
    reversed_fen bigint   not null default 0,
    -- A reversal of it is in a sealed period, so sealing can't refuse it any more:
    -- where another period holds the id too, that one's is refused.
    sealed       boolean  not null default false,
    constraint reversed_pkey primary key (platform, key, period),
    -- Whoever writes, and from however many processes: never more than the record.
    constraint reversed_within_record check (reversed_fen between 0 and amount_fen)
);
grant select, insert, update (reversed_fen, sealed), delete on reversed to gazelle_usage_writer;
grant select on reversed to gazelle_usage_platform, gazelle_usage_staff;
alter table reversed enable row level security, force row level security;
create policy reversed_platform on reversed for select to gazelle_usage_platform
    using (platform = (select own_platform()));
create policy reversed_staff on reversed for select to gazelle_usage_staff using (true);
create policy reversed_auditor on reversed for select to gazelle_usage_auditor using (true);
