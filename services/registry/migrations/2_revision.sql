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
