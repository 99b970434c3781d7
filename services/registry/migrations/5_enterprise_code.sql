-- A dated change of a code: holds from that day on, until the next change.
create table enterprise_code
(
    uscc           text collate "C" not null, -- whose
    kind           text collate "C" not null, -- district | industry
    effective_from date             not null,
    code           text collate "C" not null,
    since_revision bigint           not null,
    until_revision bigint,
    constraint enterprise_code_pkey primary key (uscc, kind, effective_from, since_revision),
    -- The kind decides how the code is read.
    constraint enterprise_code_kind check (kind in ('district', 'industry')),
    -- A version that ends before it starts would never have held.
    constraint enterprise_code_until_after_since check (until_revision > since_revision)
);

-- On one day a code changes once.
create unique index enterprise_code_now on enterprise_code (uscc, kind, effective_from)
    where until_revision is null;

create trigger enterprise_code_append_only
    before update or delete
    on enterprise_code
    for each row
execute function keep_versions();

create trigger enterprise_code_never_truncated
    before truncate
    on enterprise_code
execute function refuse_change();

grant select, insert, update (until_revision) on enterprise_code to gazelle_registry;
