-- A partner platform.
create table platform
(
    platform_id    text collate "C" not null,
    name           text,                     -- null: none recorded
    reports_from   text collate "C",         -- first month that it owes, `YYYY-MM`; null: not set
    reports_to     text collate "C",         -- first that it no longer owes; null: not set
    since_revision bigint           not null,
    until_revision bigint,
    constraint platform_pkey primary key (platform_id, since_revision),
    -- The first month owed is before the first that is not.
    constraint platform_reports_to_after_from check (reports_to > reports_from),
    -- A version that ends before it starts would never have held.
    constraint platform_until_after_since check (until_revision > since_revision)
);

-- A platform has one version now.
create unique index platform_now on platform (platform_id) where until_revision is null;

create trigger platform_append_only
    before update or delete
    on platform
    for each row
execute function keep_versions();

create trigger platform_never_truncated
    before truncate
    on platform
execute function refuse_change();

grant select, insert, update (until_revision) on platform to gazelle_registry;

-- A platform sees itself; in `gazelle.platform` a transaction says which it reads for.
grant select on platform to gazelle_registry_platform;
alter table platform enable row level security, force row level security;
create policy platform_platform on platform for select to gazelle_registry_platform
    using (platform_id = current_setting('gazelle.platform', true));
create policy platform_service on platform to gazelle_registry using (true);
create policy platform_auditor on platform for select to gazelle_registry_auditor using (true);
