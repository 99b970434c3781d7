-- An enterprise. Values are checked before they come here: the service alone writes,
-- and parses everything once.
create table enterprise
(
    uscc                    text collate "C" not null, -- unified social credit code
    name                    text             not null,
    district_code           text collate "C" not null, -- holds from the start
    industry_code           text collate "C" not null, -- holds from the start
    established_on          date,                      -- null: not known
    uscc_exception_evidence text,                      -- null: the code passes its check
    since_revision          bigint           not null,
    until_revision          bigint,
    constraint enterprise_pkey primary key (uscc, since_revision),
    -- A version that ends before it starts would never have held.
    constraint enterprise_until_after_since check (until_revision > since_revision)
);

-- An enterprise has one version now.
create unique index enterprise_now on enterprise (uscc) where until_revision is null;

create trigger enterprise_append_only
    before update or delete
    on enterprise
    for each row
execute function keep_versions();

create trigger enterprise_never_truncated
    before truncate
    on enterprise
execute function refuse_change();

grant select, insert, update (until_revision) on enterprise to gazelle_registry;
