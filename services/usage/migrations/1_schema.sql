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
