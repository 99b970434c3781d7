-- Who changed what, when: one row a revision. Each digest covers the one before, so
-- that no row can be edited, dropped or moved without every later digest changing.
create table change
(
    revision   bigint             not null, -- that it made
    changed_at timestamptz        not null,
    actor      text collate "C"   not null, -- `person:SUB`, `service:NAME`
    action     text collate "C"   not null, -- the verb, as `put_filings`
    content    text collate "C"   not null, -- the items that changed: JSON, as it was hashed
    digest     bytea              not null, -- by `runtime::audit`, with the revision as subject
    constraint change_pkey primary key (revision),
    -- Anything else is no SHA-256, and would break the chain silently.
    constraint change_digest_length check (octet_length(digest) = 32)
);

create trigger change_append_only
    before update or delete
    on change
    for each row
execute function keep_rows();

create trigger change_no_truncate
    before truncate
    on change
execute function keep_rows();

grant select, insert on change to gazelle_registry;
