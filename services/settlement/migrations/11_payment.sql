-- Money on its way (`PAYMENT.md`). The ledger says what is owed, in payment and
-- paid; these tables say to which account, in which order, and made of what.

-- What runs gave and no payment holds, by run: of one sign for each payee, since
-- amounts of both signs cover each other, oldest first. Rows come and go; what
-- they add up to is the payee's payable less its receivable.
create table open_item
(
    program_id text collate "C" not null,
    payee_id   text collate "C" not null,
    run_number integer          not null, -- of the program's runs
    amount_fen bigint           not null, -- negative: taken back and not covered yet
    constraint open_item_pkey primary key (program_id, payee_id, run_number),
    constraint open_item_of_run foreign key (program_id, run_number)
        references run (program_id, number),
    constraint open_item_amount check (amount_fen <> 0)
);
grant select, insert, update (amount_fen), delete on open_item to gazelle_settlement;

-- Payments of a program that are made together.
create table payment_order
(
    order_id         text collate "C" not null,    -- `MsgId` of the payment file
    program_id       text collate "C" not null,
    number           integer          not null,    -- of the program's orders, from 1
    final            boolean          not null,    -- the least payment was not asked for
    state            text             not null,
    digest           bytea            not null,    -- SHA-256 over what is to be paid
    payment_count    integer          not null,
    held_count       integer          not null,
    total_fen        bigint           not null,
    program_name     text             not null,    -- what follows, as files show it
    payer_name       text             not null,
    payer_number     text             not null,
    payer_bank_code  text             not null,
    payer_bank_name  text             not null,
    proposed_by      text[]           not null,    -- who proposed the accounts that it pays to
    prepared_by      text             not null,
    prepared_at      timestamptz      not null,
    decided_by       text,                         -- who released or cancelled it
    decided_at       timestamptz,
    constraint payment_order_pkey primary key (order_id),
    constraint payment_order_of_program foreign key (program_id) references program (program_id),
    constraint payment_order_number unique (program_id, number),
    constraint payment_order_id_length check (length(order_id) between 1 and 35),
    constraint payment_order_state check (
        state in ('prepared', 'released', 'answered', 'cancelled')),
    constraint payment_order_digest_length check (length(digest) = 32),
    constraint payment_order_pays check (payment_count > 0 and total_fen > 0),
    -- The payment file holds 18 digits.
    constraint payment_order_total check (total_fen <= 999999999999999999),
    constraint payment_order_decided check (
        (decided_by is null) = (decided_at is null)
        and (state = 'prepared') = (decided_by is null)),
    -- Nobody releases what they prepared, or what goes to accounts that they proposed.
    constraint payment_order_not_self_released check (
        state not in ('released', 'answered')
        or not may_be_any(decided_by, prepared_by || proposed_by))
);
create unique index payment_order_one_open on payment_order (program_id) where state = 'prepared';

-- What was prepared stays as it was; a decided order is only answered.
create function refuse_change_of_order() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if tg_op = 'DELETE'
        or (old.state, new.state) not in (
            ('prepared', 'released'), ('prepared', 'cancelled'), ('released', 'answered'))
        or old.decided_by is not null
            and (old.decided_by, old.decided_at) is distinct from (new.decided_by, new.decided_at)
    then
        raise exception 'order % is %', old.order_id, old.state
            using errcode = 'restrict_violation', constraint = 'payment_order_closed';
    end if;
    return new;
end;
$$;
create trigger payment_order_closed before update or delete on payment_order
    for each row execute function refuse_change_of_order();
create trigger payment_order_never_truncated before truncate on payment_order
    for each statement execute function refuse_change();
grant select, insert, update (state, decided_by, decided_at) on payment_order to gazelle_settlement;

-- A payment, to the account as it was when its order was prepared.
create table payment
(
    payment_id      text collate "C" not null,    -- `EndToEndId`, unique for ever
    order_id        text collate "C" not null,
    payee_id        text collate "C" not null,
    amount_fen      bigint           not null,
    account_version integer          not null,    -- of the payee's accounts in the registry
    account_name    text             not null,
    account_number  text             not null,
    bank_code       text             not null,
    bank_name       text             not null,
    state           text             not null,
    return_reason   text             not null default '',
    constraint payment_pkey primary key (payment_id),
    constraint payment_once_an_order unique (order_id, payee_id),
    constraint payment_id_length check (length(payment_id) between 1 and 35),
    constraint payment_amount check (amount_fen > 0),
    constraint payment_state check (state in ('PENDING', 'SETTLED', 'RETURNED', 'CANCELLED'))
)
-- An answer changes each payment of its order: on the page that it is on there is room for
-- that, so that no index is written again.
with (fillfactor = 50);

-- An order gets its payments while it is prepared, and is released with those that
-- its digest covers. One look a statement, not a row, as in the books: orders and
-- payments never go.
create function refuse_late_payment() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if exists (select from (select distinct order_id from written) written
               where not exists (
                   select from payment_order
                   where payment_order.order_id = written.order_id and state = 'prepared')) then
        raise exception 'a payment of no order that is prepared'
            using errcode = 'restrict_violation', constraint = 'payment_order_closed';
    end if;
    return null;
end;
$$;
create trigger payment_in_time after insert on payment
    referencing new table as written
    for each statement execute function refuse_late_payment();

create function refuse_other_payments() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if (select (count(*), sum(amount_fen)) from payment where order_id = new.order_id)
        is distinct from (new.payment_count::bigint, new.total_fen::numeric)
    then
        raise exception 'order % has other payments than were prepared', new.order_id
            using errcode = 'restrict_violation', constraint = 'payment_order_whole';
    end if;
    return null;
end;
$$;
create trigger payment_order_whole after update on payment_order
    for each row when (new.state = 'released' and old.state = 'prepared')
    execute function refuse_other_payments();

-- A payment is settled or comes back once; what came back or was cancelled is over.
create function refuse_change_of_payment() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp as
$$
begin
    if tg_op = 'DELETE'
        or (old.state, new.state) not in (
            ('PENDING', 'SETTLED'), ('PENDING', 'RETURNED'), ('PENDING', 'CANCELLED'),
            ('SETTLED', 'RETURNED'))
    then
        raise exception 'payment % is %', old.payment_id, old.state
            using errcode = 'restrict_violation', constraint = 'payment_closed';
    end if;
    return new;
end;
$$;
create trigger payment_closed before update or delete on payment
    for each row execute function refuse_change_of_payment();
create trigger payment_never_truncated before truncate on payment
    for each statement execute function refuse_change();
grant select, insert, update (state, return_reason) on payment to gazelle_settlement;

-- What a payment is made of, by run.
create table remittance
(
    payment_id text collate "C" not null,
    run_number integer          not null, -- of the program's runs
    year       integer          not null, -- the run's budget year
    amount_fen bigint           not null,
    constraint remittance_pkey primary key (payment_id, run_number),
    constraint remittance_amount check (amount_fen > 0)
);
create trigger remittance_append_only before update or delete or truncate on remittance
    for each statement execute function refuse_change();
create function check_remittances() returns trigger
    language plpgsql set search_path = pg_catalog, public, pg_temp
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off as
$$
begin
    if exists (select from written where not exists (
                   select from payment where payment.payment_id = written.payment_id)) then
        raise exception 'a remittance of a payment that is not there'
            using errcode = 'foreign_key_violation', constraint = 'remittance_of_payment';
    end if;
    return null;
end;
$$;
create trigger remittance_refers after insert on remittance
    referencing new table as written
    for each statement execute function check_remittances();
grant select, insert on remittance to gazelle_settlement;

-- Payees that an order did not pay, with the first reason that applies.
create table held_payee
(
    order_id    text collate "C" not null,
    payee_id    text collate "C" not null,
    payable_fen bigint           not null,
    reason      text             not null,
    constraint held_payee_pkey primary key (order_id, payee_id),
    constraint held_payee_of_order foreign key (order_id) references payment_order (order_id),
    constraint held_payee_reason check (
        reason in ('BELOW_MINIMUM', 'ACCOUNT_MISSING', 'ACCOUNT_RETURNED'))
);
create trigger held_payee_append_only before update or delete or truncate on held_payee
    for each statement execute function refuse_change();
grant select, insert on held_payee to gazelle_settlement;

-- What whoever pays answered; refused answers are kept to be shown.
create table payment_answer
(
    answer_id        uuid             not null,
    number           bigint generated always as identity, -- in the order in which they came
    order_id         text             not null, -- as it names it; empty where it can't be read
    content_digest   bytea            not null, -- SHA-256 of its bytes
    received_by      text             not null,
    received_at      timestamptz      not null,
    settled_count    integer          not null,
    returned_count   integer          not null,
    noted_count      integer          not null,
    uncompared_count integer          not null, -- settled, without an amount to compare
    refusal_reason   text             not null, -- empty: it was taken
    break_count      integer          not null,
    constraint payment_answer_pkey primary key (answer_id),
    constraint payment_answer_number unique (number),
    constraint payment_answer_digest_length check (length(content_digest) = 32),
    -- A refused answer changes nothing at all.
    constraint payment_answer_all_or_nothing check (
        refusal_reason = '' or settled_count = 0 and returned_count = 0)
);
-- The same bytes are taken once, whoever enters them again.
create unique index payment_answer_taken_once on payment_answer (content_digest)
    where refusal_reason = '';
create index payment_answer_of_order on payment_answer (order_id, number);
create trigger payment_answer_append_only before update or delete or truncate on payment_answer
    for each statement execute function refuse_change();
grant select, insert on payment_answer to gazelle_settlement;

-- What in an answer does not fit, the first of it.
create table payment_break
(
    answer_id  uuid    not null,
    place      integer not null, -- from 1, in the order of the answer
    payment_id text    not null, -- as it names it
    kind       text    not null,
    detail     text    not null,
    constraint payment_break_pkey primary key (answer_id, place),
    constraint payment_break_of_answer foreign key (answer_id) references payment_answer (answer_id),
    constraint payment_break_kind check (kind in (
        'ORDER_UNKNOWN', 'PAYMENT_UNKNOWN', 'OTHER_AMOUNT', 'CONTRADICTION'))
);
create trigger payment_break_append_only before update or delete or truncate on payment_break
    for each statement execute function refuse_change();
grant select, insert on payment_break to gazelle_settlement;
