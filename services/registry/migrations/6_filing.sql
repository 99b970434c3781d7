-- What an enterprise filed for a fiscal year. No foreign key: an enterprise's key is
-- that of its versions, and enterprises never go away.
create table filing
(
    uscc               text collate "C" not null, -- whose
    fiscal_year        integer          not null,
    headcount          bigint           not null, -- persons
    annual_revenue_fen bigint           not null,
    total_assets_fen   bigint           not null,
    since_revision     bigint           not null,
    until_revision     bigint,
    constraint filing_pkey primary key (uscc, fiscal_year, since_revision),
    -- A version that ends before it starts would never have held.
    constraint filing_until_after_since check (until_revision > since_revision)
);

-- A year has one filing now.
create unique index filing_now on filing (uscc, fiscal_year) where until_revision is null;

create trigger filing_append_only
    before update or delete
    on filing
    for each row
execute function keep_versions();

create trigger filing_never_truncated
    before truncate
    on filing
execute function refuse_change();

grant select, insert, update (until_revision) on filing to gazelle_registry;
