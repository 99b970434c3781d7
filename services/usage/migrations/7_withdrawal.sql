-- What a platform took back of an open period as a whole, and what it was: evidence,
-- which nothing else reads.
create table withdrawal
(
    platform         smallint    not null,
    period           smallint    not null,
    number           integer     not null, -- from 1, of the period
    withdrawn_at     timestamptz not null,
    withdrawn_by     text        not null,
    record_count     bigint      not null,
    total_fen        numeric(39) not null,
    digest           bytea       not null,
    refused_count    bigint      not null,
    stated_count     bigint,
    stated_total_fen bigint,
    stated_at        timestamptz,
    stated_by        text,
    constraint withdrawal_pkey primary key (platform, period, number),
    constraint withdrawal_of_period foreign key (platform, period) references period (platform, period),
    constraint withdrawal_number_positive check (number >= 1),
    constraint withdrawal_counts_not_negative check (record_count >= 0 and refused_count >= 0),
    constraint withdrawal_digest_length check (length(digest) = 32),
    constraint withdrawal_stated_whole check (num_nulls(stated_count, stated_total_fen, stated_at, stated_by) in (0, 4))
);
create trigger withdrawal_append_only before update or delete or truncate on withdrawal
    for each statement execute function refuse_change();
-- Who withdraws sees none of it again.
grant insert on withdrawal to gazelle_usage_writer;
grant select on withdrawal to gazelle_usage_platform, gazelle_usage_staff;
alter table withdrawal enable row level security, force row level security;
create policy withdrawal_platform on withdrawal for select to gazelle_usage_platform
    using (platform = (select own_platform()));
create policy withdrawal_staff on withdrawal for select to gazelle_usage_staff using (true);
create policy withdrawal_auditor on withdrawal for select to gazelle_usage_auditor using (true);

-- The records of withdrawals, as they stood. The key tells the same record of two
-- withdrawals apart; it lists one in the order of its keys.
create table withdrawn_record
(
    platform           smallint         not null,
    period             smallint         not null,
    withdrawal         integer          not null,
    fee_kind           integer          not null,
    amount_fen         bigint           not null,
    key                uuid             not null,
    occurred_on        date             not null,
    fee_date           date             not null,
    reverses_period    smallint,
    record_id          text collate "C" not null,
    merchant_id        text collate "C" not null,
    reverses_record_id text collate "C",
    constraint withdrawn_record_pkey primary key (platform, period, withdrawal, key)
);
create trigger withdrawn_record_append_only before update or delete or truncate on withdrawn_record
    for each statement execute function refuse_change();
grant insert on withdrawn_record to gazelle_usage_writer;
grant select on withdrawn_record to gazelle_usage_platform, gazelle_usage_staff;
alter table withdrawn_record enable row level security, force row level security;
create policy withdrawn_record_platform on withdrawn_record for select to gazelle_usage_platform
    using (platform = (select own_platform()));
create policy withdrawn_record_staff on withdrawn_record for select to gazelle_usage_staff using (true);
create policy withdrawn_record_auditor on withdrawn_record for select to gazelle_usage_auditor using (true);
