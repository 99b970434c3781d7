-- Whose shop a merchant account is, from a day on. That bindings of one account do not
-- overlap is decided by the service under the lock of `revision`: an exclusion
-- constraint would tie the registry to PostgreSQL itself.
create table merchant_binding
(
    platform_id    text collate "C" not null,
    merchant_id    text collate "C" not null, -- the platform's name for the account
    bound_from     date             not null,
    bound_to       date,                      -- first day after; null: until further notice
    uscc           text collate "C" not null, -- who owns it
    since_revision bigint           not null,
    until_revision bigint,
    constraint merchant_binding_pkey
        primary key (platform_id, merchant_id, bound_from, since_revision),
    -- A version that ends before it starts would never have held.
    constraint merchant_binding_until_after_since check (until_revision > since_revision)
);

-- An account is bound from a day on once.
create unique index merchant_binding_now
    on merchant_binding (platform_id, merchant_id, bound_from)
    where until_revision is null;

-- Shows an enterprise with its accounts.
create index merchant_binding_by_uscc on merchant_binding (uscc) where until_revision is null;

create trigger merchant_binding_append_only
    before update or delete
    on merchant_binding
    for each row
execute function keep_versions();

create trigger merchant_binding_never_truncated
    before truncate
    on merchant_binding
execute function refuse_change();

grant select, insert, update (until_revision) on merchant_binding to gazelle_registry;
