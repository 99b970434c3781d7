-- The books (`PAYMENT.md`, Ledger): double entry, append-only, chained by hash.
--
-- A posting is one row with a debited and a credited account and an amount above
-- 0, so the books balance by their form. Each posting makes a running balance of
-- either account; each of those goes on from the one before it by foreign key, so
-- an account has one history without gap or fork, and checks hold what a balance
-- may come to. So the database itself keeps what is free, committed, granted,
-- payable, in payment, paid and receivable, whoever writes.

-- An account, when something is first posted to it. Its name follows from these.
create table ledger_account
(
    account_id bigint generated always as identity,
    kind       text             not null,
    program_id text collate "C" not null,
    year       integer,          -- of a budget's accounts and of the subsidy's
    payee_id   text collate "C", -- of the others
    constraint ledger_account_pkey primary key (account_id),
    constraint ledger_account_once unique nulls not distinct (kind, program_id, payee_id, year),
    constraint ledger_account_kind check (kind in (
        'budget', 'free', 'committed', 'granted', 'subsidy',
        'payable', 'in_payment', 'receivable', 'treasury')),
    constraint ledger_account_whose check (
        (year is not null) = (kind in ('budget', 'free', 'committed', 'granted', 'subsidy'))
        and (year is null) = (payee_id is not null))
);
create trigger ledger_account_append_only before update or delete or truncate on ledger_account
    for each statement execute function refuse_change();
grant select, insert on ledger_account to gazelle_settlement;
-- A platform sees its own, and which accounts programs have: its postings' other sides.
grant select on ledger_account to gazelle_settlement_platform;
alter table ledger_account enable row level security, force row level security;
create policy ledger_account_platform on ledger_account for select to gazelle_settlement_platform
    using (payee_id is null or payee_id = current_setting('gazelle.platform', true));
create policy ledger_account_service on ledger_account to gazelle_settlement using (true);
create policy ledger_account_auditor on ledger_account for select to gazelle_settlement_auditor using (true);

-- What was written at once, and why. The digest covers the entry before.
create table ledger_entry
(
    entry_number  bigint           not null, -- from 1, without gaps
    previous      bigint generated always as (nullif(entry_number - 1, 0)) stored,
    cause         text             not null,
    cause_id      text collate "C" not null, -- a program's version, a run, an order, an answer
    program_id    text collate "C" not null,
    recorded_at   timestamptz      not null,
    recorded_by   text             not null,
    posting_count integer          not null,
    digest        bytea            not null, -- SHA-256
    constraint ledger_entry_pkey primary key (entry_number),
    constraint ledger_entry_of_program foreign key (program_id) references program (program_id),
    constraint ledger_entry_continues foreign key (previous) references ledger_entry (entry_number),
    constraint ledger_entry_first check (entry_number >= 1),
    -- Nothing is booked twice for one cause, whatever is retried or raced.
    constraint ledger_entry_one_per_cause unique (cause, cause_id),
    constraint ledger_entry_cause check (cause in (
        'budget_set', 'run_published', 'run_cancelled', 'run_approved', 'objection_upheld',
        'order_prepared', 'order_cancelled', 'answer_taken')),
    constraint ledger_entry_posts check (posting_count > 0),
    constraint ledger_entry_digest_length check (length(digest) = 32)
);
create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
    for each statement execute function refuse_change();
grant select, insert on ledger_entry to gazelle_settlement;

-- An amount that goes from one account to another.
create table ledger_posting
(
    posting_number    bigint not null, -- from 1, without gaps, in the order of entries
    entry_number      bigint not null,
    debit_account_id  bigint not null,
    credit_account_id bigint not null,
    amount_fen        bigint not null,
    payment_id        text collate "C", -- the payment that it is about, if any
    constraint ledger_posting_pkey primary key (posting_number),
    constraint ledger_posting_amount check (amount_fen > 0),
    constraint ledger_posting_moves check (debit_account_id <> credit_account_id)
);
-- Entries are read with their postings.
create index ledger_posting_of_entry on ledger_posting (entry_number, posting_number);
create trigger ledger_posting_append_only before update or delete or truncate on ledger_posting
    for each statement execute function refuse_change();
grant select, insert on ledger_posting to gazelle_settlement;

-- What a posting made of the balance of one of its accounts, debits less credits.
create table ledger_balance
(
    account_id     bigint not null,
    number         bigint not null, -- of the account's postings, from 1
    previous       bigint generated always as (nullif(number - 1, 0)) stored,
    kind           text   not null, -- the account's
    posting_number bigint not null,
    debit_fen      bigint not null,
    credit_fen     bigint not null,
    before_fen     bigint not null,
    after_fen      bigint generated always as (before_fen + debit_fen - credit_fen) stored,
    released_fen   bigint,          -- of a grant: what the year's budget has released
    constraint ledger_balance_pkey primary key (account_id, number),
    -- What the next balance refers to.
    constraint ledger_balance_after unique (account_id, number, after_fen),
    -- A posting counts once on either account; and balances are read in its order.
    constraint ledger_balance_once unique (posting_number, account_id),
    constraint ledger_balance_continues foreign key (account_id, previous, before_fen)
        references ledger_balance (account_id, number, after_fen),
    constraint ledger_balance_first check (number > 1 or number = 1 and before_fen = 0),
    constraint ledger_balance_one_side check (
        debit_fen > 0 and credit_fen = 0 or debit_fen = 0 and credit_fen > 0),
    -- What is owed, paid or kept is never below nothing. What is free may be: a
    -- budget may be cut below what it granted.
    constraint ledger_balance_sign check (
        case kind
            when 'free' then true
            when 'budget' then before_fen + debit_fen - credit_fen <= 0
            when 'payable' then before_fen + debit_fen - credit_fen <= 0
            when 'in_payment' then before_fen + debit_fen - credit_fen <= 0
            when 'treasury' then before_fen + debit_fen - credit_fen <= 0
            else before_fen + debit_fen - credit_fen >= 0
        end),
    -- The government never grants more than the budget has released.
    constraint ledger_balance_within_released check (
        kind <> 'granted' or debit_fen = 0
        or released_fen is not null and before_fen + debit_fen <= released_fen)
);
create trigger ledger_balance_append_only before update or delete or truncate on ledger_balance
    for each statement execute function refuse_change();
grant select, insert on ledger_balance to gazelle_settlement;
-- A platform sees what its own accounts came to, the postings that made it, and their entries.
grant select on ledger_balance to gazelle_settlement_platform;
alter table ledger_balance enable row level security, force row level security;
create policy ledger_balance_platform on ledger_balance for select to gazelle_settlement_platform
    using (account_id in (
        select account_id from ledger_account where payee_id = current_setting('gazelle.platform', true)));
create policy ledger_balance_service on ledger_balance to gazelle_settlement using (true);
create policy ledger_balance_auditor on ledger_balance for select to gazelle_settlement_auditor using (true);
grant select on ledger_posting to gazelle_settlement_platform;
alter table ledger_posting enable row level security, force row level security;
create policy ledger_posting_platform on ledger_posting for select to gazelle_settlement_platform
    using (exists (
        select from ledger_balance balance where balance.posting_number = ledger_posting.posting_number));
create policy ledger_posting_service on ledger_posting to gazelle_settlement using (true);
create policy ledger_posting_auditor on ledger_posting for select to gazelle_settlement_auditor using (true);
grant select on ledger_entry to gazelle_settlement_platform;
alter table ledger_entry enable row level security, force row level security;
create policy ledger_entry_platform on ledger_entry for select to gazelle_settlement_platform
    using (exists (
        select from ledger_posting posting where posting.entry_number = ledger_entry.entry_number));
create policy ledger_entry_service on ledger_entry to gazelle_settlement using (true);
create policy ledger_entry_auditor on ledger_entry for select to gazelle_settlement_auditor using (true);

-- An entry has as many postings as it says, each with the running balances of both
-- of its accounts, at the latest when its transaction ends.
create function refuse_partial_entry() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
declare
    postings bigint;
    balances bigint;
begin
    select count(*) into postings from ledger_posting where entry_number = new.entry_number;
    select count(*) into balances from ledger_posting join ledger_balance using (posting_number)
        where entry_number = new.entry_number;
    if postings <> new.posting_count or balances <> 2 * postings then
        raise exception 'entry % has % postings with % balances', new.entry_number, postings, balances
            using errcode = 'restrict_violation', constraint = 'ledger_entry_whole';
    end if;
    return null;
end;
$$;
create constraint trigger ledger_entry_whole after insert on ledger_entry
    deferrable initially deferred
    for each row execute function refuse_partial_entry();

-- The end of the books, which whoever writes locks.
create table ledger_head
(
    only_row      boolean not null default true,
    entry_number  bigint  not null,
    posting_count bigint  not null,
    digest        bytea   not null,
    constraint ledger_head_pkey primary key (only_row),
    constraint ledger_head_only_row check (only_row)
);
insert into ledger_head (entry_number, posting_count, digest)
values (0, 0, decode(repeat('00', 32), 'hex'));

-- It goes on by an entry at a time, and never back.
create function refuse_other_head() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if new.entry_number <> old.entry_number + 1 or new.posting_count <= old.posting_count then
        raise exception 'the books end at entry %, not at %', old.entry_number, new.entry_number
            using errcode = 'restrict_violation', constraint = 'ledger_head_goes_on';
    end if;
    return new;
end;
$$;
create trigger ledger_head_goes_on before update on ledger_head
    for each row execute function refuse_other_head();

-- What accounts, postings and balances refer to is there. It never changes or goes, so
-- one look a statement proves what foreign keys would, which look for each row and lock
-- what they find: of a city's payments, most of the time. It is found by key, also by a
-- plan that was made while there was little, and no plan is worth compiling.
create function check_accounts() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if exists (select from (select distinct program_id from written) written
               where not exists (
                   select from program where program.program_id = written.program_id)) then
        raise exception 'an account of a program that is not there'
            using errcode = 'foreign_key_violation', constraint = 'ledger_account_of_program';
    end if;
    return null;
end;
$$;
create trigger ledger_account_refers after insert on ledger_account
    referencing new table as written
    for each statement execute function check_accounts();

-- Nothing is added to an entry that the books already end behind, either.
create function check_postings() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as
$$
begin
    if exists (select from written, ledger_head head
               where written.entry_number <= head.entry_number) then
        raise exception 'a posting of an entry that was written before'
            using errcode = 'restrict_violation', constraint = 'ledger_posting_in_time';
    end if;
    if exists (select from written where not exists (
                   select from ledger_entry entry
                   where entry.entry_number = written.entry_number)) then
        raise exception 'a posting of an entry that is not there'
            using errcode = 'foreign_key_violation', constraint = 'ledger_posting_of_entry';
    end if;
    if exists (select from written where not exists (
                   select from ledger_account account
                   where account.account_id = written.debit_account_id))
        or exists (select from written where not exists (
                   select from ledger_account account
                   where account.account_id = written.credit_account_id)) then
        raise exception 'a posting to an account that is not there'
            using errcode = 'foreign_key_violation', constraint = 'ledger_posting_of_accounts';
    end if;
    return null;
end;
$$;
create trigger ledger_posting_refers after insert on ledger_posting
    referencing new table as written
    for each statement execute function check_postings();

-- A running balance is of its posting, on the side and of the amount that it says, and of
-- its account's kind, as which it is checked.
create function check_balances() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as
$$
begin
    if exists (select from written where not exists (
                   select from ledger_posting posting
                   where posting.posting_number = written.posting_number
                       and posting.amount_fen = written.debit_fen + written.credit_fen
                       and case when written.debit_fen > 0 then posting.debit_account_id
                               else posting.credit_account_id end = written.account_id)) then
        raise exception 'a balance that its posting does not make'
            using errcode = 'foreign_key_violation', constraint = 'ledger_balance_of_posting';
    end if;
    if exists (select from written where not exists (
                   select from ledger_account account
                   where account.account_id = written.account_id
                       and account.kind = written.kind)) then
        raise exception 'a balance of another kind than its account'
            using errcode = 'foreign_key_violation', constraint = 'ledger_balance_of_kind';
    end if;
    return null;
end;
$$;
create trigger ledger_balance_refers after insert on ledger_balance
    referencing new table as written
    for each statement execute function check_balances();

grant select, update (entry_number, posting_count, digest) on ledger_head to gazelle_settlement;
