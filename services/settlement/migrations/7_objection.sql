-- An enterprise's objection to what a published run grants it, one a run.
create table objection
(
    run_id     uuid             not null,
    uscc       text collate "C" not null,
    statement  text             not null,
    state      text             not null,
    raised_by  text             not null,
    raised_at  timestamptz      not null,
    decided_by text,
    decided_at timestamptz,
    decision   text,
    constraint objection_pkey primary key (run_id, uscc),
    constraint objection_of_run foreign key (run_id) references run (run_id),
    constraint objection_state check (state in ('open', 'upheld', 'dismissed')),
    constraint objection_decided check (
        (state = 'open') = (decided_by is null)
        and (state = 'open') = (decided_at is null)
        and (state = 'open') = (decision is null))
);

-- What was decided stays decided, and what was said stays said.
create function refuse_change_of_objection() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if tg_op = 'DELETE' or old.state <> 'open' then
        raise exception 'the objection is %', old.state
            using errcode = 'restrict_violation', constraint = 'objection_closed';
    end if;
    return new;
end;
$$;
create trigger objection_closed before update or delete on objection
    for each row execute function refuse_change_of_objection();
create trigger objection_never_truncated before truncate on objection
    for each statement execute function refuse_change();

-- An objection is raised while its run is on notice, and each step is taken at the
-- moment that the database's clock says.
create function check_step_of_objection() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'open'
            or not exists (select from run where run_id = new.run_id and state = 'published')
        then
            raise exception 'an objection is raised to a run on notice'
                using errcode = 'check_violation', constraint = 'objection_step';
        end if;
        perform check_moment(new.raised_at, 'objection');
    else
        perform check_moment(new.decided_at, 'objection');
    end if;
    return new;
end;
$$;
create trigger objection_step before insert or update on objection
    for each row execute function check_step_of_objection();

grant select, insert, update (state, decided_by, decided_at, decision) on objection
    to gazelle_settlement;
