-- The registry keeps every version of every item. A row of a table with versions holds
-- from `since_revision` on, up to but without `until_revision` (null: it holds now), so
-- that the facts of any past revision can be read again.

-- How often the registry has changed. Every writer locks this row first: writes are
-- serialized, so that what one of them read still holds when it decides.
create table revision
(
    only_row boolean not null default true,
    revision bigint  not null, -- of the last change; 0: nothing has happened yet
    constraint revision_pkey primary key (only_row),
    -- A second counter would be a second registry.
    constraint revision_only_row check (only_row)
);

insert into revision (revision)
values (0);

grant select, update (revision) on revision to gazelle_registry;

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
    raise exception 'rows of % never change', tg_table_name
        using errcode = 'restrict_violation', constraint = tg_table_name || '_append_only';
end;
$$;
