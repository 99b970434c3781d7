-- The version that a year is settled by, from its first approved run on.
create table program_year
(
    program_id     text collate "C" not null,
    year           integer          not null,
    pinned_version integer          not null,
    constraint program_year_pkey primary key (program_id, year),
    constraint program_year_of_version foreign key (program_id, pinned_version)
        references program_version (program_id, version)
);
create trigger program_year_append_only before update or delete or truncate on program_year
    for each statement execute function refuse_change();
grant select, insert on program_year to gazelle_settlement;
