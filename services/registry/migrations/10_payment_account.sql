-- The account that a payee is paid to, as somebody proposed it. What was proposed never
-- changes: where it stands is in `payment_account_state`.
create table payment_account
(
    payee_id                text collate "C" not null, -- an enterprise's code or a platform's id
    version                 integer          not null, -- counts the payee's, from 1
    account_name            text             not null, -- trimmed, in NFKC
    account_number          text collate "C" not null,
    bank_code               text collate "C" not null, -- CNAPS
    bank_name               text             not null,
    name_exception_evidence text,                      -- null: the name is the registered one
    salt                    bytea            not null, -- of the digest that the event shows of it
    proposed_by             text collate "C" not null, -- `person:SUB`
    proposed_at             timestamptz      not null,
    proposed_revision       bigint           not null,
    constraint payment_account_pkey primary key (payee_id, version),
    -- Versions count from 1.
    constraint payment_account_version check (version >= 1),
    -- What is neither number is no account that money can go to.
    constraint payment_account_number check (account_number ~ '^[0-9A-Z-]{5,34}$'),
    constraint payment_account_bank_code check (bank_code ~ '^[0-9]{12}$')
);

create trigger payment_account_append_only
    before update or delete
    on payment_account
    for each row
execute function refuse_change();

create trigger payment_account_never_truncated
    before truncate
    on payment_account
execute function refuse_change();

grant select, insert on payment_account to gazelle_registry;

-- Where a payment account stands: proposed, then confirmed, rejected or replaced; a
-- confirmed one may be rejected or replaced later.
create table payment_account_state
(
    payee_id       text collate "C" not null,
    version        integer          not null,
    proposed_by    text collate "C" not null, -- of the account; `payment_account_state_rule`
    state          text collate "C" not null, -- proposed | confirmed | rejected | replaced
    confirmed_by   text collate "C",          -- null: nobody confirmed it
    confirmed_at   timestamptz,
    rejected_by    text collate "C",          -- null: nobody rejected it
    rejected_at    timestamptz,
    since_revision bigint           not null,
    until_revision bigint,
    constraint payment_account_state_pkey primary key (payee_id, version, since_revision),
    -- Nobody confirms what they proposed themselves, nor by a name that differs in
    -- capitals or width alone.
    constraint payment_account_state_confirmed_by_another check (
        lower(normalize(confirmed_by, nfkc)) <> lower(normalize(proposed_by, nfkc))),
    -- The state is what was done.
    constraint payment_account_state_is_what_was_done check (case state
        when 'proposed' then confirmed_by is null and rejected_by is null
        when 'confirmed' then confirmed_by is not null and rejected_by is null
        when 'rejected' then rejected_by is not null
        when 'replaced' then rejected_by is null
        else false end),
    -- Who and when come together.
    constraint payment_account_state_who_and_when check (
        (confirmed_by is null) = (confirmed_at is null)
        and (rejected_by is null) = (rejected_at is null)),
    -- A version that ends before it starts would never have held.
    constraint payment_account_state_until_after_since check (until_revision > since_revision)
);

-- An account stands somewhere once.
create unique index payment_account_state_now
    on payment_account_state (payee_id, version) where until_revision is null;

-- A payee has one account in force, and one that waits to be decided.
create unique index payment_account_state_confirmed
    on payment_account_state (payee_id) where until_revision is null and state = 'confirmed';
create unique index payment_account_state_proposed
    on payment_account_state (payee_id) where until_revision is null and state = 'proposed';

-- Guards the order: an account is proposed first, and what was decided stays as it was. Accounts
-- never change or go, so one look a statement also proves what a foreign key would, which looks
-- for each row and locks what it finds: of a file of accounts, most of the time. What stands is
-- found by key, also by a plan that was made while there was little, and no plan is worth
-- compiling.
create function follow_payment_account_state() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as
$$
declare
    stands text;
    follows text;
begin
    if exists (select from written where not exists (
                   select from payment_account account
                   where account.payee_id = written.payee_id
                     and account.version = written.version
                     and account.proposed_by = written.proposed_by)) then
        raise exception 'where an account stands that is not there, or that somebody else proposed'
            using errcode = 'foreign_key_violation',
                  constraint = 'payment_account_state_of_account';
    end if;

    select before.state, written.state into stands, follows
    from written
    left join lateral (
        select * from payment_account_state earlier
        where earlier.payee_id = written.payee_id and earlier.version = written.version
          and earlier.since_revision <> written.since_revision
        order by earlier.since_revision desc
        limit 1) before on true
    where not coalesce(
        before.state is null and written.state = 'proposed'
        or before.until_revision = written.since_revision
            and (before.state, written.state) in (('proposed', 'confirmed'),
                ('proposed', 'rejected'), ('proposed', 'replaced'), ('confirmed', 'rejected'),
                ('confirmed', 'replaced'))
            and (before.state = 'proposed'
                    and (written.state = 'confirmed' or written.confirmed_by is null)
                or (before.confirmed_by, before.confirmed_at)
                    = (written.confirmed_by, written.confirmed_at)),
        false)
    limit 1;
    if found then
        raise exception 'a payment account does not go from % to %', stands, follows
            using errcode = 'restrict_violation', constraint = 'payment_account_state_rule';
    end if;
    return null;
end;
$$;

create trigger payment_account_state_rule
    after insert
    on payment_account_state
    referencing new table as written
    for each statement
execute function follow_payment_account_state();

create trigger payment_account_state_append_only
    before update or delete
    on payment_account_state
    for each row
execute function keep_versions();

create trigger payment_account_state_never_truncated
    before truncate
    on payment_account_state
execute function refuse_change();

grant select, insert, update (until_revision) on payment_account_state to gazelle_registry;
