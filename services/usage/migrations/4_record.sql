-- The first 128 bits of SHA-256 of a record's id, as `RecordKey` in the code.
create function record_key(record_id text) returns uuid
    language sql immutable strict parallel safe as
$$
select encode(substring(sha256(convert_to(record_id, 'UTF8')) for 16), 'hex')::uuid
$$;

-- What the platforms charged: one row a record, millions a month.
--
-- The key leads with platform and period, so that only the open period's part of
-- the index is hot, whatever the history; and a record counts once by it. No
-- other index, no foreign key and no insert trigger stands in the way of COPY:
-- whoever writes holds the period's row and has found it open.
create table record
(
    platform           smallint         not null,
    period             smallint         not null,
    fee_kind           integer          not null,
    amount_fen         bigint           not null,
    key                uuid             not null, -- record_key(record_id)
    occurred_on        date             not null,
    fee_date           date             not null, -- of a reversal: of what it reverses
    reverses_period    smallint,                  -- where the reversed record is
    record_id          text collate "C" not null,
    merchant_id        text collate "C" not null,
    reverses_record_id text collate "C",
    constraint record_pkey primary key (platform, period, key),
    -- Only what takes a record back is negative, and it says what and where.
    constraint record_reversal_negative check
        ((amount_fen < 0) = (reverses_record_id is not null) and amount_fen <> 0
            and (reverses_period is null) = (reverses_record_id is null))
);
create trigger record_append_only before update or truncate on record
    for each statement execute function refuse_change();
-- To tell what comes again from what contradicts it, and to seal, it sees records whole.
grant select, insert, delete on record to gazelle_usage_writer;
grant select on record to gazelle_usage_platform, gazelle_usage_staff;
alter table record enable row level security, force row level security;
create policy record_platform on record for select to gazelle_usage_platform
    using (platform = (select own_platform()));
create policy record_staff on record for select to gazelle_usage_staff using (true);
create policy record_auditor on record for select to gazelle_usage_auditor using (true);

-- Sealing takes out what it refuses, before it seals; a platform withdraws an open period.
create function refuse_delete_from_sealed() returns trigger
    language plpgsql as
$$
begin
    if exists (select from (select distinct platform, period from gone) g
               join period using (platform, period) where sealed_at is not null) then
        raise exception 'records of a sealed period never change'
            using errcode = 'restrict_violation', constraint = 'record_sealed_fixed';
    end if;
    return null;
end;
$$;
create trigger record_sealed_fixed after delete on record
    referencing old table as gone
    for each statement execute function refuse_delete_from_sealed();
