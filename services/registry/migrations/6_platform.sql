-- A partner platform.
create table platform
(
    platform_id    text collate "C" not null,
    name           text,                     -- null: none recorded
    since_revision bigint           not null,
    until_revision bigint,
    constraint platform_pkey primary key (platform_id, since_revision),
    -- A version that ends before it starts would never have held.
    constraint platform_until_after_since check (until_revision > since_revision)
);

-- A platform has one version now.
create unique index platform_now on platform (platform_id) where until_revision is null;

create trigger platform_append_only
    before update or delete
    on platform
    for each row
execute function keep_versions();

create trigger platform_no_truncate
    before truncate
    on platform
execute function keep_rows();

grant select, insert, update (until_revision) on platform to gazelle_registry;
