-- The service's role owns nothing and is granted, table by table, what its verbs
-- need. Where nothing may ever change, triggers refuse it to the owner as well.
--
-- What it answers a platform of its account, it reads as `gazelle_settlement_platform`,
-- which row-level security shows that platform's postings alone; the service itself has a
-- policy that shows it all, and does not inherit the other. `gazelle_settlement_auditor`
-- reads everything.

-- Who may come at all, and that the auditor reads whatever tables there will be.
do
$$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to gazelle_settlement, gazelle_settlement_auditor', current_database());
end
$$;
alter default privileges grant select on tables to gazelle_settlement_auditor;

-- Refuses what an append-only table never takes: update, delete, truncate.
create function refuse_change() returns trigger
    language plpgsql as
$$
begin
    raise exception 'rows of % never change', tg_table_name
        using errcode = 'restrict_violation', constraint = tg_table_name || '_append_only';
end;
$$;

-- Refuses a moment that is not within the transaction which writes it. What time it
-- is, PostgreSQL says and no function of another schema that a caller put first; so
-- do the other functions that judge steps.
create function check_moment(moment timestamptz, table_name text) returns void
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if moment is null or moment not between transaction_timestamp() and clock_timestamp() then
        raise exception 'it is %, not %', clock_timestamp(), moment
            using errcode = 'check_violation', constraint = table_name || '_clock';
    end if;
end;
$$;

-- Whether a name may be the same person's as one of others: they differ in capitals
-- or width at most.
create function may_be_any(name text, others text[]) returns boolean
    language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as
$$
    select exists (
        select from unnest(others) other
        where lower(normalize(other, nfkc)) = lower(normalize(name, nfkc)))
$$;

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
grant select on schema_floor to gazelle_settlement;

-- What was migrated, which the service compares with what it knows. It is not
-- there where these files are run by hand.
do
$$
begin
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to gazelle_settlement, gazelle_settlement_auditor;
    end if;
end
$$;
