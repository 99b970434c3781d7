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
    -- What a state refers to, so that who proposed it cannot be told otherwise there.
    constraint payment_account_proposer unique (payee_id, version, proposed_by),
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
    proposed_by    text collate "C" not null, -- of the account
    state          text collate "C" not null, -- proposed | confirmed | rejected | replaced
    confirmed_by   text collate "C",          -- null: nobody confirmed it
    confirmed_at   timestamptz,
    rejected_by    text collate "C",          -- null: nobody rejected it
    rejected_at    timestamptz,
    since_revision bigint           not null,
    until_revision bigint,
    constraint payment_account_state_pkey primary key (payee_id, version, since_revision),
    constraint payment_account_state_of_account
        foreign key (payee_id, version, proposed_by)
        references payment_account (payee_id, version, proposed_by),
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

-- Guards the order: an account is proposed first, and what was decided stays as it was.
create function follow_payment_account_state() returns trigger
    language plpgsql as
$$
declare
    before payment_account_state;
begin
    select * into before
    from payment_account_state
    where payee_id = new.payee_id and version = new.version
    order by since_revision desc
    limit 1;
    if not found and new.state = 'proposed' then
        return new;
    end if;
    if before.until_revision = new.since_revision
        and (before.state, new.state) in (('proposed', 'confirmed'), ('proposed', 'rejected'),
                                          ('proposed', 'replaced'), ('confirmed', 'rejected'),
                                          ('confirmed', 'replaced'))
        and (before.state = 'proposed' and (new.state = 'confirmed' or new.confirmed_by is null)
            or (before.confirmed_by, before.confirmed_at) = (new.confirmed_by, new.confirmed_at))
    then
        return new;
    end if;
    raise exception 'a payment account does not go from % to %', before.state, new.state
        using errcode = 'restrict_violation';
end;
$$;

create trigger payment_account_state_rule
    before insert
    on payment_account_state
    for each row
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
