-- Who did what, when, on which content, in the transaction that did it. Each
-- digest covers the one before, so nothing earlier can be edited, dropped or
-- inserted without every later digest changing.
create table event
(
    number  bigint      not null, -- from 1, without gaps
    at      timestamptz not null,
    actor   text        not null,
    action  text        not null,
    subject text        not null,
    content text        not null, -- JSON, byte for byte as it was hashed
    digest  bytea       not null,
    constraint event_pkey primary key (number),
    constraint event_number_positive check (number >= 1),
    constraint event_digest_length check (length(digest) = 32)
);
create trigger event_append_only before update or delete or truncate on event
    for each statement execute function refuse_change();
grant select, insert on event to gazelle_settlement;

-- The end of the chain, which whoever appends locks.
create table event_head
(
    only_row boolean not null default true,
    number   bigint  not null,
    digest   bytea   not null,
    constraint event_head_pkey primary key (only_row),
    constraint event_head_only_row check (only_row)
);
insert into event_head (number, digest) values (0, decode(repeat('00', 32), 'hex'));
grant select, update (number, digest) on event_head to gazelle_settlement;
