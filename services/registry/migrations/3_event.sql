-- Who changed what, when, in the transaction that did it. Each digest covers the one
-- before, so that no row can be edited, dropped, inserted or moved without every later
-- digest changing.
create table event
(
    number  bigint           not null, -- from 1, without gaps
    at      timestamptz      not null,
    actor   text collate "C" not null, -- `person:SUB`, `service:NAME`
    action  text collate "C" not null, -- the verb, as `put_filings`
    subject text collate "C" not null, -- the revision that it made
    -- Refused attempts, and what somebody read, made none.
    revision bigint generated always as
        (case when action in ('refuse', 'read') then null else subject::bigint end) stored,
    content text collate "C" not null, -- what changed: JSON, byte for byte as it was hashed
    digest  bytea            not null, -- by `runtime::audit`
    constraint event_pkey primary key (number),
    -- Each change made one revision.
    constraint event_revision unique (revision),
    -- Nothing comes before the first.
    constraint event_number_positive check (number >= 1),
    -- Anything else is no SHA-256, and would break the chain silently.
    constraint event_digest_length check (octet_length(digest) = 32)
);

create trigger event_append_only
    before update or delete or truncate
    on event
    for each statement
execute function refuse_change();

grant select, insert on event to gazelle_registry;

-- The end of the chain, which whoever appends locks.
create table event_head
(
    only_row boolean not null default true,
    number   bigint  not null,
    digest   bytea   not null,
    constraint event_head_pkey primary key (only_row),
    -- A second end would be a second chain.
    constraint event_head_only_row check (only_row)
);

insert into event_head (number, digest)
values (0, decode(repeat('00', 32), 'hex'));

grant select, update (number, digest) on event_head to gazelle_registry;
