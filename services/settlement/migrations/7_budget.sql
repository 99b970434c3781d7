-- The version that a year is settled by, from its first approved run on.
create table program_year
(
    program_id     text collate "C" not null,
    year           integer          not null,
    pinned_version integer          not null,
    primary key (program_id, year),
    constraint program_year_version foreign key (program_id, pinned_version)
        references program_version (program_id, version)
);
create trigger append_only before update or delete or truncate on program_year
    for each statement execute function refuse_change();
grant select, insert on program_year to gazelle_settlement;

-- What approved runs took out of a year's budget and gave back to it, one entry
-- a run. Each entry goes on from the balance that the entry before it left, by
-- foreign key, so there is one history, without gap or fork; and an entry that
-- grants never grants past what was released. So the database itself keeps every
-- budget, whoever writes.
create table budget_entry
(
    program_id      text collate "C" not null,
    year            integer          not null,
    number          integer          not null, -- of the year's entries, from 1
    previous        integer generated always as (nullif(number - 1, 0)) stored,
    run_id          uuid             not null references run (run_id),
    released_fen    bigint           not null, -- through the run's period
    before_fen      bigint           not null, -- granted by the entries before, net
    granted_fen     bigint           not null,
    clawed_back_fen bigint           not null,
    after_fen       bigint generated always as (before_fen + granted_fen + clawed_back_fen) stored,
    primary key (program_id, year, number),
    constraint budget_entry_one_per_run unique (run_id),
    -- What the next entry refers to.
    constraint budget_entry_balance unique (program_id, year, number, after_fen),
    constraint budget_entry_continues foreign key (program_id, year, previous, before_fen)
        references budget_entry (program_id, year, number, after_fen),
    constraint budget_entry_first check (number > 1 or number = 1 and before_fen = 0),
    constraint budget_entry_signs check (
        released_fen >= 0 and granted_fen >= 0 and clawed_back_fen <= 0),
    -- A budget that was cut may be exceeded already; then nothing is granted.
    constraint budget_entry_within_released check (
        granted_fen = 0 or before_fen + granted_fen <= released_fen)
);
create trigger append_only before update or delete or truncate on budget_entry
    for each statement execute function refuse_change();
grant select, insert on budget_entry to gazelle_settlement;
