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
create trigger append_only before update or truncate on record
    for each statement execute function refuse_change();
grant select, insert, delete on record to gazelle_usage;

-- Sealing takes out what it refuses, before it seals.
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
create trigger sealed_fixed after delete on record
    referencing old table as gone
    for each statement execute function refuse_delete_from_sealed();

-- How much of a record its reversals take back; for records that one has named.
-- The key leads with the id: it belongs to the platform over all periods.
create table reversed
(
    platform     smallint not null,
    key          uuid     not null,
    period       smallint not null,
    amount_fen   bigint   not null,
    reversed_fen bigint   not null default 0,
    -- A reversal of it is in a sealed period, so sealing can't refuse it any more:
    -- where another period holds the id too, that one's is refused.
    sealed       boolean  not null default false,
    constraint reversed_pkey primary key (platform, key, period),
    -- Whoever writes, and from however many processes: never more than the record.
    constraint reversed_within_record check (reversed_fen between 0 and amount_fen)
);
grant select, insert, update (reversed_fen, sealed), delete on reversed to gazelle_usage;

-- What was refused, once for each reason and content, to be looked into by the
-- platform. Texts are as they were sent, cut where they are too long to keep.
create table refused_record
(
    platform           smallint    not null,
    period             smallint    not null,
    reason             text collate "C" not null,
    content_key        uuid        not null, -- 128 bits of SHA-256 over the whole content
    record_id          text        not null,
    merchant_id        text        not null,
    fee_kind           text        not null,
    occurred_on        text        not null,
    amount_fen         bigint      not null,
    reverses_record_id text        not null,
    message            text        not null,
    first_received_at  timestamptz not null,
    times              bigint      not null,
    constraint refused_record_pkey primary key (platform, period, reason, content_key),
    constraint refused_record_times_positive check (times >= 1)
);
-- They are listed by the time that they first came.
create index refused_record_by_time on refused_record (platform, period, first_received_at, content_key, reason);
grant select, insert, update (times) on refused_record to gazelle_usage;
