-- Payments that came back and that the registry was not told of yet. An answer writes
-- them in its own transaction, and whoever told the registry takes them away; until then
-- their payees are held by these rows, from then on by the registry.
create table untold_return
(
    payment_id  text collate "C" not null,
    payee_id    text collate "C" not null,
    returned_at timestamptz      not null,
    constraint untold_return_pkey primary key (payment_id),
    constraint untold_return_of_payment foreign key (payment_id) references payment (payment_id)
);
-- They are told in the order in which they came back.
create index untold_return_by_time on untold_return (returned_at, payment_id);
grant select, insert, delete on untold_return to gazelle_settlement;
