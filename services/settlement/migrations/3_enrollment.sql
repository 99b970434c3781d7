-- Which enterprises have a place in which program. A changed row is kept beside
-- the one that replaced it: `since` and `until` count the program's
-- `enrollment_revision`, so that any past state can be read.
create table enrollment
(
    program_id     text collate "C" not null,
    -- The registry has its own database, so this can't be a foreign key; an
    -- enrollment may come before the enterprise is registered.
    uscc           text collate "C" not null,
    effective_from date             not null,
    since          bigint           not null, -- the revision that recorded it
    until          bigint,                    -- the revision that replaced it; null: it holds
    effective_to   date,                      -- the first day after; null: until further notice
    -- RFC 3339 in UTC. Text, because nanoseconds decide who comes first and
    -- `timestamptz` would drop them.
    applied_at     text             not null,
    recorded_by    text             not null,
    recorded_at    timestamptz      not null,
    constraint enrollment_pkey primary key (program_id, uscc, effective_from, since),
    constraint enrollment_of_program foreign key (program_id) references program (program_id),
    constraint enrollment_not_empty check (effective_to > effective_from),
    constraint enrollment_replaced_later check (until > since)
);
-- The natural key: one row holds at a time. Also what a run reads, in order.
create unique index enrollment_current on enrollment (program_id, uscc, effective_from)
    where until is null;
grant select, insert, update (until) on enrollment to gazelle_settlement;
