-- A time in which an enterprise is suspended from support. Lifting one means giving it
-- an end: a new version.
create table suspension
(
    uscc           text collate "C" not null, -- who
    suspended_from date             not null,
    suspended_to   date,                      -- first day after; null: until further notice
    reason         text             not null,
    since_revision bigint           not null,
    until_revision bigint,
    constraint suspension_pkey primary key (uscc, suspended_from, since_revision),
    -- A version that ends before it starts would never have held.
    constraint suspension_until_after_since check (until_revision > since_revision)
);

-- An enterprise is suspended from a day on once.
create unique index suspension_now on suspension (uscc, suspended_from)
    where until_revision is null;

create trigger suspension_append_only
    before update or delete
    on suspension
    for each row
execute function keep_versions();

create trigger suspension_never_truncated
    before truncate
    on suspension
execute function refuse_change();

grant select, insert, update (until_revision) on suspension to gazelle_registry;
