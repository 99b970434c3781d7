-- Small numbers in place of long names, since every record carries both. The
-- next number is taken on first sight; nothing but equality is ever read from it.
--
-- The service's login owns nothing and may do nothing with what platforms sent. Its
-- transactions become one of three roles, each granted, table by table, what its verbs
-- need: `writer`, which row-level security does not hold, since it refuses COPY;
-- `platform`, which sees what is of the platform in `gazelle.platform`; and `staff`,
-- which sees all rows. Each of the two has one policy a table, and nobody has both, so
-- no rows are ever found by the one or the other. `auditor` reads all. The owner has no
-- policy, and security is forced on it: it sees no rows either.
--
-- Where nothing may ever change, triggers refuse it to the owner as well.

-- Who may come at all, and that the auditor reads whatever tables there will be.
do
$$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to gazelle_usage, gazelle_usage_auditor', current_database());
end
$$;
alter default privileges grant select on tables to gazelle_usage_auditor;

-- Refuses what an append-only table never takes: update, delete, truncate.
create function refuse_change() returns trigger
    language plpgsql as
$$
begin
    raise exception 'rows of % never change', tg_table_name
        using errcode = 'restrict_violation', constraint = tg_table_name || '_append_only';
end;
$$;

create table platform
(
    platform     smallint         not null,
    platform_id  text collate "C" not null,
    -- Sealing locks this row: one period of a platform at a time, so that of two
    -- periods with the same record id one is sealed before the other is compared.
    sealed_count integer          not null default 0,
    constraint platform_pkey primary key (platform),
    -- Two processes that see a platform for the first time must agree on its number.
    constraint platform_platform_id_key unique (platform_id),
    constraint platform_sealed_count_not_negative check (sealed_count >= 0)
);
grant select, insert, update (sealed_count) on platform to gazelle_usage_writer;
grant select (platform, platform_id) on platform to gazelle_usage_platform, gazelle_usage_staff;
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
    constraint fee_kind_name_key unique (name)
);
create trigger fee_kind_append_only before update or delete or truncate on fee_kind
    for each statement execute function refuse_change();
-- Names that anybody may use are nobody's.
grant select, insert on fee_kind to gazelle_usage_writer;
grant select on fee_kind to gazelle_usage_platform, gazelle_usage_staff;

-- The last migration that a binary must know to serve on these tables. Whatever a
-- migration adds leaves it alone; one that takes something away, a release after
-- it was last used, raises it to the last migration of the oldest binaries that it
-- leaves in service.
create table schema_floor
(
    only_row  boolean not null default true,
    migration bigint  not null,
    constraint schema_floor_pkey primary key (only_row),
    constraint schema_floor_only_row check (only_row)
);
insert into schema_floor (migration) values (1);
grant select on schema_floor to gazelle_usage;

-- What was migrated, which the service compares with what it knows. It is not
-- there where these files are run by hand.
do
$$
begin
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to gazelle_usage, gazelle_usage_auditor;
    end if;
end
$$;
