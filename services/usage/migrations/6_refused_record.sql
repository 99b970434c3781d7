-- What was refused, once for each reason and content, to be looked into by the
-- platform. Texts are as they were sent, cut where they are too long to keep.
create table refused_record
(
    platform           smallint    not null,
    period             smallint    not null,
    withdrawal         integer     not null default 0, -- with which it left; 0: with none yet
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
    constraint refused_record_pkey primary key (platform, period, withdrawal, reason, content_key),
    constraint refused_record_times_positive check (times >= 1),
    constraint refused_record_withdrawal_not_negative check (withdrawal >= 0)
);
-- They are listed by the time that they first came.
create index refused_record_by_time on refused_record
    (platform, period, withdrawal, first_received_at, content_key, reason);
-- Of what was refused, the writer sees keys alone.
grant insert, update (times, withdrawal), select (platform, period, withdrawal, reason, content_key, times)
    on refused_record to gazelle_usage_writer;
grant select on refused_record to gazelle_usage_platform, gazelle_usage_staff;
alter table refused_record enable row level security, force row level security;
create policy refused_record_platform on refused_record for select to gazelle_usage_platform
    using (platform = (select own_platform()));
create policy refused_record_staff on refused_record for select to gazelle_usage_staff using (true);
create policy refused_record_auditor on refused_record for select to gazelle_usage_auditor using (true);

-- Whether a record of the same id stands now, in any period of the platform: it was
-- corrected, or reported where it belongs. Where one stood already when it came, only
-- a record of the same content is meant. `offset 0` makes it one look into the index
-- of each period, whatever the planner believes.
create function is_resolved(refused refused_record) returns boolean
    language sql stable parallel safe as
$$
select exists (
    select from period p
    cross join lateral (
        select r.*, name from record r join fee_kind using (fee_kind)
        where r.platform = p.platform and r.period = p.period and r.key = record_key(refused.record_id)
        offset 0
    ) r
    where p.platform = refused.platform and p.accepted_count > 0 and refused.withdrawal = 0
      and r.record_id = refused.record_id
      and (refused.reason not in ('RECORD_CONFLICT', 'RECORD_IN_SEALED_PERIOD')
          or (r.merchant_id, r.name, r.occurred_on::text, r.amount_fen, coalesce(r.reverses_record_id, ''))
              = (refused.merchant_id, refused.fee_kind, refused.occurred_on, refused.amount_fen,
                  refused.reverses_record_id))
)
$$;
