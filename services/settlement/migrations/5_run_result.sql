-- What a run decides: its three tables, as the result files have them.

create table run_enterprise
(
    run_id             uuid             not null,
    uscc               text collate "C" not null,
    uncapped_fen       bigint           not null,
    entitled_fen       bigint           not null,
    granted_before_fen bigint           not null,
    due_fen            bigint           not null,
    granted_fen        bigint           not null,
    unfunded_fen       bigint           not null,
    constraint run_enterprise_pkey primary key (run_id, uscc),
    constraint run_enterprise_of_run foreign key (run_id) references run (run_id),
    -- A positive due is granted in part, a negative one taken back whole.
    constraint run_enterprise_within_due check (
        due_fen > 0 and granted_fen between 0 and due_fen or due_fen < 0 and granted_fen = due_fen),
    constraint run_enterprise_adds_up check (unfunded_fen = due_fen - granted_fen)
);

create table run_line
(
    run_id         uuid             not null,
    uscc           text collate "C" not null,
    platform_id    text collate "C" not null,
    fee_kind       text collate "C" not null,
    fee_fen        bigint           not null,
    government_fen bigint           not null,
    platform_fen   bigint           not null,
    enterprise_fen bigint           not null,
    constraint run_line_pkey primary key (run_id, uscc, platform_id, fee_kind),
    constraint run_line_of_run foreign key (run_id) references run (run_id),
    constraint run_line_conserves check (
        fee_fen::numeric = government_fen::numeric + platform_fen + enterprise_fen)
);

create table run_exclusion
(
    run_id  uuid             not null,
    reason  text collate "C" not null,
    fee_fen bigint           not null,
    constraint run_exclusion_pkey primary key (run_id, reason),
    constraint run_exclusion_of_run foreign key (run_id) references run (run_id)
);

-- Results of a closed run never change. One look a statement, not a row: a run
-- may have very many rows.
create function refuse_change_of_result() returns trigger
    language plpgsql as
$$
begin
    if exists (select from changed join run using (run_id) where state in ('approved', 'cancelled'))
    then
        raise exception 'the run is closed'
            using errcode = 'restrict_violation', constraint = 'run_closed';
    end if;
    return null;
end;
$$;

create trigger run_enterprise_closed_insert after insert on run_enterprise
    referencing new table as changed for each statement execute function refuse_change_of_result();
create trigger run_enterprise_closed_delete after delete on run_enterprise
    referencing old table as changed for each statement execute function refuse_change_of_result();
create trigger run_enterprise_append_only before update or truncate on run_enterprise
    for each statement execute function refuse_change();

create trigger run_line_closed_insert after insert on run_line
    referencing new table as changed for each statement execute function refuse_change_of_result();
create trigger run_line_closed_delete after delete on run_line
    referencing old table as changed for each statement execute function refuse_change_of_result();
create trigger run_line_append_only before update or truncate on run_line
    for each statement execute function refuse_change();

create trigger run_exclusion_closed_insert after insert on run_exclusion
    referencing new table as changed for each statement execute function refuse_change_of_result();
create trigger run_exclusion_append_only before update or delete or truncate on run_exclusion
    for each statement execute function refuse_change();

-- An upheld objection replaces the rows of one enterprise, so these two may go.
grant select, insert, delete on run_enterprise, run_line to gazelle_settlement;
grant select, insert on run_exclusion to gazelle_settlement;
