-- The registry keeps every version of every item. A row of the tables that follow
-- holds from `since_revision` on, up to but without `until_revision` (null: it holds
-- now), so that the facts of any past revision can be read again.
--
-- Migrations run as the owner. The service's own role, `gazelle_registry`, owns nothing
-- and gets what each table grants: nothing here can be deleted, and only the end of a
-- version can be set.
-- What it answers a platform, it reads as `gazelle_registry_platform`, which
-- row-level security shows that platform alone; the service itself has a policy that shows
-- it all, and does not inherit the other. `gazelle_registry_auditor` reads everything.

-- Who may come at all, and that the auditor reads whatever tables there will be.
do
$$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to gazelle_registry, gazelle_registry_auditor', current_database());
end
$$;
alter default privileges grant select on tables to gazelle_registry_auditor;

-- Guards the versions: one may end, once, at a later revision; nothing else about it
-- changes, and none goes away. Grants say the same to the service; this says it to the
-- owner too.
create function keep_versions() returns trigger
    language plpgsql as
$$
begin
    if tg_op = 'UPDATE' then
        if old.until_revision is null
            and new.until_revision is not null
            and to_jsonb(new) - 'until_revision' = to_jsonb(old) - 'until_revision'
        then
            return new;
        end if;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end;
$$;

-- Guards what is never touched again at all.
create function refuse_change() returns trigger
    language plpgsql as
$$
begin
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
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
grant select on schema_floor to gazelle_registry;

-- What was migrated, which the service compares with what it knows. It is not
-- there where these files are run by hand.
do
$$
begin
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to gazelle_registry, gazelle_registry_auditor;
    end if;
end
$$;
