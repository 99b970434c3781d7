-- Small numbers in place of long names, since every record carries both. The
-- next number is taken on first sight; nothing but equality is ever read from it.
create table platform
(
    platform     smallint         not null,
    platform_id  text collate "C" not null,
    -- Sealing locks this row: one period of a platform at a time, so that of two
    -- periods with the same record id one is sealed before the other is compared.
    sealed_count integer          not null default 0,
    constraint platform_pkey primary key (platform),
    -- Two processes that see a platform for the first time must agree on its number.
    constraint platform_platform_id unique (platform_id),
    constraint platform_sealed_count_not_negative check (sealed_count >= 0)
);
grant select, insert, update (sealed_count) on platform to gazelle_usage_writer;
grant select (platform, platform_id) on platform to gazelle_usage_platform;
-- Of those who read, only who holds the tables against the trail looks at the count.
grant select on platform to gazelle_usage_staff;
alter table platform enable row level security, force row level security;
create policy platform_platform on platform for select to gazelle_usage_platform
    using (platform_id = current_setting('gazelle.platform', true));
create policy platform_staff on platform for select to gazelle_usage_staff using (true);
create policy platform_auditor on platform for select to gazelle_usage_auditor using (true);

-- The number of the platform that a transaction reads for; null where it does not say,
-- and no row is of that. `(select ...)` around it makes it one look a statement.
create function own_platform() returns smallint
    language sql stable parallel safe as
$$
select platform from platform where platform_id = current_setting('gazelle.platform', true)
$$;

-- An integer, since any platform may invent kinds and 32,767 could be used up.
create table fee_kind
(
    fee_kind integer          not null,
    name     text collate "C" not null,
    constraint fee_kind_pkey primary key (fee_kind),
    -- As for platforms.
    constraint fee_kind_name unique (name)
);
create trigger fee_kind_append_only before update or delete or truncate on fee_kind
    for each statement execute function refuse_change();
-- Names that anybody may use are nobody's.
grant select, insert on fee_kind to gazelle_usage_writer;
grant select on fee_kind to gazelle_usage_platform, gazelle_usage_staff;
