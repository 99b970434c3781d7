-- What has programs is settled by them, so no version of one ever changes: each
-- `ApplyProgram` with other content adds a version.

-- One row, locked by whoever changes any program: the rules over all programs
-- (who yields to whom, how much of a fee is shared) are judged on a set that
-- stands still.
create table catalog
(
    only_row boolean not null default true,
    constraint catalog_pkey primary key (only_row),
    constraint catalog_only_row check (only_row)
);
insert into catalog default values;
-- `select ... for update` needs the right to update.
grant select, update on catalog to gazelle_settlement;

-- A program. Its row is the lock of everything that belongs to it: enrollments,
-- runs, approvals.
create table program
(
    program_id          text collate "C" not null,
    latest_version      integer          not null, -- from 1
    -- Rises with each batch that changed its enrollments.
    enrollment_revision bigint           not null,
    constraint program_pkey primary key (program_id),
    constraint program_latest_version_positive check (latest_version >= 1),
    constraint program_enrollment_revision_positive check (enrollment_revision >= 0)
);
grant select, insert, update (latest_version, enrollment_revision) on program to gazelle_settlement;

create table program_version
(
    program_id text collate "C" not null,
    version    integer          not null,
    content    text             not null, -- canonical JSON: equal programs have equal texts
    applied_by text             not null,
    applied_at timestamptz      not null,
    constraint program_version_pkey primary key (program_id, version),
    constraint program_version_of_program foreign key (program_id) references program (program_id)
);
create trigger program_version_append_only
    before update or delete or truncate on program_version
    for each statement execute function refuse_change();
grant select, insert on program_version to gazelle_settlement;
