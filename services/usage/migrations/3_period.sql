-- A platform's month: what is held of it, what the platform stated, and the seal.
--
-- The row also orders writers and sealing: whoever adds records locks it `for key
-- share` and finds it open; sealing locks it `for update`, so it waits for them,
-- and they for it. It is there as soon as anything was sent, but counts as
-- reported only once something was accepted or stated: a batch that was refused
-- whole must not keep settlement waiting for a seal.
create table period
(
    platform          smallint    not null,
    period            smallint    not null, -- year x 12 + month - 1
    accepted_count    bigint      not null default 0,
    -- Wider than 64 bits: a sum of records may be, and is no reason to refuse one.
    total_fen         numeric(39) not null default 0,
    -- Sum, modulo 2^256, of SHA-256 of the records' canonical forms.
    digest            bytea       not null default decode(repeat('00', 32), 'hex'),
    -- Rises with each change of the three above: of two receipts, which is newer.
    revision          bigint      not null default 0,
    -- Rows of refused_record, but those that were withdrawn.
    refused_count     bigint      not null default 0,
    -- Of these, those that were accepted, and fell when a period was sealed.
    refused_by_seal_count bigint  not null default 0,
    withdrawal_count  integer     not null default 0,
    stated_count      bigint,
    stated_total_fen  bigint,
    stated_at         timestamptz,
    stated_by         text,
    sealed_at         timestamptz,
    sealed_by         text,
    seal_digest       bytea,
    constraint period_pkey primary key (platform, period),
    constraint period_of_platform foreign key (platform) references platform (platform),
    constraint period_period_known check (period between 24000 and 25199), -- 2000-01 to 2099-12
    constraint period_counts_not_negative check
        (accepted_count >= 0 and withdrawal_count >= 0 and refused_by_seal_count between 0 and refused_count),
    constraint period_digest_length check (length(digest) = 32),
    constraint period_stated_whole check (num_nulls(stated_count, stated_total_fen, stated_at, stated_by) in (0, 4)),
    constraint period_sealed_whole check (num_nulls(sealed_at, sealed_by, seal_digest) in (0, 3)),
    constraint period_seal_digest_length check (length(seal_digest) = 32),
    -- What an officer seals is what the platform stated.
    constraint period_sealed_as_stated check
        (sealed_at is null or (accepted_count = stated_count and total_fen = stated_total_fen))
);
grant select, insert,
    update (accepted_count, total_fen, digest, revision, refused_count, refused_by_seal_count, withdrawal_count,
            stated_count, stated_total_fen, stated_at, stated_by, sealed_at, sealed_by, seal_digest)
    on period to gazelle_usage_writer;
grant select on period to gazelle_usage_platform, gazelle_usage_staff;
alter table period enable row level security, force row level security;
create policy period_platform on period for select to gazelle_usage_platform
    using (platform = (select own_platform()));
create policy period_staff on period for select to gazelle_usage_staff using (true);
create policy period_auditor on period for select to gazelle_usage_auditor using (true);

-- A month is sealed once it is over in Shanghai, by the database's own clock:
-- the clock of whoever serves may be wrong.
create function check_seal_moment() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as
$$
declare
    next integer := new.period + 1;
    over timestamptz := make_date(next / 12, next % 12 + 1, 1)::timestamp at time zone 'Asia/Shanghai';
begin
    if new.sealed_at not between transaction_timestamp() and clock_timestamp() or new.sealed_at < over then
        raise exception 'it is %, and the month is over at %', clock_timestamp(), over
            using errcode = 'check_violation', constraint = 'period_clock';
    end if;
    return new;
end;
$$;
create trigger period_clock before insert or update of sealed_at on period
    for each row when (new.sealed_at is not null)
    execute function check_seal_moment();

-- A sealed period never changes. Only refusals, of which it takes none in, go on
-- being counted.
create function refuse_change_of_sealed() returns trigger
    language plpgsql as
$$
begin
    if tg_op = 'DELETE' or old.sealed_at is not null then
        if tg_op = 'UPDATE' then
            old.refused_count := new.refused_count;
            if old is not distinct from new then
                return new;
            end if;
        end if;
        raise exception 'a sealed period never changes, and none is deleted'
            using errcode = 'restrict_violation', constraint = 'period_sealed_fixed';
    end if;
    return new;
end;
$$;
create trigger period_sealed_fixed before update or delete on period
    for each row execute function refuse_change_of_sealed();
