-- What a run was decided from. Sealed totals stay in the usage service, where
-- they never change, and are named by their seals; the rest is kept here.

create table run_seal
(
    run_id      uuid             not null,
    platform_id text collate "C" not null,
    period      text collate "C" not null, -- calendar month, `YYYY-MM`
    digest      bytea            not null,
    constraint run_seal_pkey primary key (run_id, platform_id, period),
    constraint run_seal_of_run foreign key (run_id) references run (run_id),
    constraint run_seal_digest_length check (length(digest) = 32)
);
create trigger run_seal_closed_insert after insert on run_seal
    referencing new table as changed for each statement execute function refuse_change_of_result();
create trigger run_seal_append_only before update or delete or truncate on run_seal
    for each statement execute function refuse_change();

-- Contents by their SHA-256: what equals an earlier run's is kept once.
create table input
(
    digest  bytea not null,
    content bytea not null,
    constraint input_pkey primary key (digest),
    constraint input_digest check (digest = sha256(content))
);
create trigger input_append_only before update or delete or truncate on input
    for each statement execute function refuse_change();

create table run_input
(
    run_id uuid    not null,
    kind   text    not null,
    part   integer not null, -- from 0; a kind's content is its parts, one after the other
    digest bytea   not null,
    constraint run_input_pkey primary key (run_id, kind, part),
    constraint run_input_of_run foreign key (run_id) references run (run_id),
    constraint run_input_of_content foreign key (digest) references input (digest),
    constraint run_input_kind check (kind in ('programs', 'enrollments', 'facts'))
);
create trigger run_input_closed_insert after insert on run_input
    referencing new table as changed for each statement execute function refuse_change_of_result();
create trigger run_input_append_only before update or delete or truncate on run_input
    for each statement execute function refuse_change();

grant select, insert on run_seal, input, run_input to gazelle_settlement;
