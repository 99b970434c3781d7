-- Payments that came back, as settlement tells: an account that one came back from since
-- it was confirmed is proposed anew although nothing about it changed.
create table payment_return
(
    payment_id  text collate "C" not null, -- unique for ever
    payee_id    text collate "C" not null, -- who was to be paid
    returned_at timestamptz      not null,
    revision    bigint           not null, -- that noted it
    constraint payment_return_pkey primary key (payment_id)
);

-- Tells a payee's last return.
create index payment_return_by_payee on payment_return (payee_id, returned_at);

create trigger payment_return_append_only
    before update or delete or truncate
    on payment_return
    for each statement
execute function refuse_change();

grant select, insert on payment_return to gazelle_registry;

-- Who last proposed what is in force already, which changes nothing: a return that is
-- noted later, and came before, makes it a proposal. No history, and so nothing that the
-- trail could be compared with: what comes of it is one.
create table payment_account_repeat
(
    payee_id    text collate "C" not null,
    version     integer          not null, -- that was in force
    repeated_by text collate "C" not null, -- `person:SUB`
    repeated_at timestamptz      not null,
    constraint payment_account_repeat_pkey primary key (payee_id, version),
    constraint payment_account_repeat_of_account
        foreign key (payee_id, version) references payment_account (payee_id, version)
);

grant select, insert, update (repeated_by, repeated_at) on payment_account_repeat
    to gazelle_registry;
