-- The settlement of one program and one program year through one period. A
-- cancelled run stays as evidence of what was computed and who dropped it.
create table run
(
    run_id              uuid             not null,
    program_id          text collate "C" not null,
    number              integer          not null, -- of the program's runs, from 1
    year                integer          not null,
    through_period      text collate "C" not null, -- calendar month, `YYYY-MM`
    state               text             not null,
    program_version     integer          not null, -- that decided it
    budget_version      integer          not null, -- that its budget entry was taken from
    enrollment_revision bigint           not null, -- of the program, that it was decided from
    registry_revision   bigint           not null, -- that it was decided from
    computed_digest     bytea            not null, -- SHA-256 over its three tables, as computed
    digest              bytea            not null, -- the same, after objections

    in_scope_fen        bigint           not null,
    eligible_fen        bigint           not null,
    excluded_fen        bigint           not null,
    released_fen        bigint           not null,
    granted_before_fen  bigint           not null,
    available_fen       bigint           not null,
    granted_fen         bigint           not null,
    clawed_back_fen     bigint           not null,
    unfunded_fen        bigint           not null,
    line_fee_fen        bigint           not null,
    line_government_fen bigint           not null,
    line_platform_fen   bigint           not null,
    line_enterprise_fen bigint           not null,

    -- Months that platforms owe and that the run was knowingly computed without,
    -- and platforms that owe no month of it and reported none. Part of its digest.
    left_out_platform_ids text[]         not null default '{}',
    left_out_periods      text[]         not null default '{}',
    silent_platform_ids   text[]         not null default '{}',

    computed_by         text             not null,
    computed_at         timestamptz      not null,
    published_by        text,
    published_at        timestamptz,
    notice_ends_at      timestamptz,
    changed_by          text[]           not null default '{}', -- who decided objections
    decided_by          text,                                   -- who approved or cancelled it
    decided_at          timestamptz,

    constraint run_pkey primary key (run_id),
    -- Numbers follow the order in which the program's runs were computed.
    constraint run_number unique (program_id, number),
    constraint run_program_version foreign key (program_id, program_version)
        references program_version (program_id, version),
    constraint run_budget_version foreign key (program_id, budget_version)
        references program_version (program_id, version),
    constraint run_state check (state in ('computed', 'published', 'approved', 'cancelled')),
    constraint run_left_out_pairs check (
        cardinality(left_out_platform_ids) = cardinality(left_out_periods)),
    constraint run_digest_length check (length(computed_digest) = 32 and length(digest) = 32),
    -- What a state says happened is recorded, and nothing that did not.
    constraint run_published check (
        (published_by is null) = (published_at is null)
        and (published_by is null) = (notice_ends_at is null)
        and case state
            when 'computed' then published_by is null
            when 'cancelled' then true
            else published_by is not null
        end),
    constraint run_decided check (
        (decided_by is null) = (decided_at is null)
        and (state in ('approved', 'cancelled')) = (decided_by is not null)),
    constraint run_approved_after_notice check (state <> 'approved' or decided_at >= notice_ends_at),
    -- Every fen is eligible or excluded, and every line's fee is borne by somebody.
    constraint run_conserves_fees check (in_scope_fen = eligible_fen + excluded_fen),
    constraint run_conserves_lines check (
        line_fee_fen::numeric
            = line_government_fen::numeric + line_platform_fen + line_enterprise_fen),
    constraint run_grants_its_lines check (line_government_fen = granted_fen + clawed_back_fen)
);
-- A run reads what approved runs granted, so only one may be open.
create unique index run_one_open_per_program on run (program_id)
    where state in ('computed', 'published');
-- A run reads the approved runs of its program and year.
create index run_approved on run (program_id, year, number) where state = 'approved';

-- Once decided a run never changes, and what was published stays as it was.
create function refuse_change_of_run() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if tg_op = 'DELETE' then
        raise exception 'runs are never deleted'
            using errcode = 'restrict_violation', constraint = 'run_never_deleted';
    elsif old.state in ('approved', 'cancelled') then
        raise exception 'run % is %', old.run_id, old.state
            using errcode = 'restrict_violation', constraint = 'run_closed';
    elsif old.published_by is not null
        and (old.published_by, old.published_at, old.notice_ends_at)
            is distinct from (new.published_by, new.published_at, new.notice_ends_at)
        or not old.changed_by <@ new.changed_by then
        raise exception 'run % was published and changed by others', old.run_id
            using errcode = 'restrict_violation', constraint = 'run_history';
    end if;
    return new;
end;
$$;
create trigger run_closed before update or delete on run
    for each row execute function refuse_change_of_run();
create trigger run_never_truncated before truncate on run
    for each statement execute function refuse_change();

-- When something was done is said by the database's clock, whatever clock the
-- service has: a moment that is not within the transaction is refused. So a
-- notice lasts as long as its program says, and is over before the run is
-- approved. What is done follows what was done. And nobody approves their own
-- work, whatever the service thinks.
create function check_step_of_run() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
declare
    notice_days integer;
begin
    if tg_op = 'INSERT' then
        if new.state <> 'computed' then
            raise exception 'a run begins as computed'
                using errcode = 'check_violation', constraint = 'run_step';
        end if;
        perform check_moment(new.computed_at, 'run');
        return new;
    end if;
    if new.state <> old.state and (old.state, new.state) not in (
        ('computed', 'published'), ('published', 'approved'),
        ('computed', 'cancelled'), ('published', 'cancelled'))
    then
        raise exception 'a run that is % does not become %', old.state, new.state
            using errcode = 'check_violation', constraint = 'run_step';
    end if;
    if new.published_at is distinct from old.published_at then
        perform check_moment(new.published_at, 'run');
        select coalesce((content::jsonb ->> 'notice_days')::integer, 0) into notice_days
        from program_version where program_id = new.program_id and version = new.program_version;
        -- The notice ends with the last of its days in Asia/Shanghai, of which the
        -- day of publication is none; one without days, at once.
        if new.notice_ends_at is distinct from (case
            when notice_days = 0 then new.published_at
            else ((new.published_at at time zone 'Asia/Shanghai')::date + notice_days + 1)::timestamp
                at time zone 'Asia/Shanghai'
        end) then
            raise exception 'a notice of % days does not end at %', notice_days, new.notice_ends_at
                using errcode = 'check_violation', constraint = 'run_notice';
        end if;
    end if;
    if new.decided_at is distinct from old.decided_at then
        perform check_moment(new.decided_at, 'run');
    end if;
    -- What decides a run has makers too, whoever decided an objection to it had a
    -- part in it whether or not it says so, and a name in capitals or full width is
    -- no other person's.
    if new.state = 'approved' and may_be_any(new.decided_by,
        array[new.computed_by, new.published_by] || new.changed_by || array(
            select applied_by from program_version
            where program_id = new.program_id
                and version in (new.program_version, new.budget_version)) || array(
            select decided_by from objection
            where run_id = new.run_id and decided_by is not null))
    then
        raise exception '% had a part in run %', new.decided_by, new.run_id
            using errcode = 'check_violation', constraint = 'run_not_self_approved';
    end if;
    if new.state = 'approved' and exists (
        select from objection where run_id = new.run_id and state = 'open')
    then
        raise exception 'an objection to run % is open', new.run_id
            using errcode = 'check_violation', constraint = 'run_objection_open';
    end if;
    return new;
end;
$$;
create trigger run_step before insert or update on run
    for each row execute function check_step_of_run();

grant select, insert, update (
    state, digest, granted_fen, clawed_back_fen, unfunded_fen, line_fee_fen, line_government_fen,
    line_platform_fen, line_enterprise_fen, published_by, published_at, notice_ends_at, changed_by,
    decided_by, decided_at
) on run to gazelle_settlement;
