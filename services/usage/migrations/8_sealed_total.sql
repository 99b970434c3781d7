-- The totals of a sealed period, made once, in the transaction that seals it:
-- what settlement reads. One row a merchant, with a column of each figure, since
-- a year has as many totals as records where shops are small; `unnest` of the
-- four arrays gives them one by one. No foreign keys: it is one statement over
-- `record`, and a check for each row would cost more than the sums.
create table sealed_total
(
    platform      smallint         not null,
    period        smallint         not null,
    merchant_id   text collate "C" not null,
    -- Of each total in one order, which is any.
    fee_kinds     integer[]        not null,
    fee_dates     date[]           not null,
    fees_fen      bigint[]         not null,
    record_counts bigint[]         not null,
    constraint sealed_total_pkey primary key (platform, period, merchant_id),
    constraint sealed_total_columns_whole check
        (cardinality(fee_kinds) >= 1 and cardinality(fee_dates) = cardinality(fee_kinds)
            and cardinality(fees_fen) = cardinality(fee_kinds) and cardinality(record_counts) = cardinality(fee_kinds)),
    constraint sealed_total_record_count_positive check (0 < all (record_counts))
);
-- They hardly get smaller, and reading them is what counts.
alter table sealed_total
    alter fee_kinds set storage external,
    alter fee_dates set storage external,
    alter fees_fen set storage external,
    alter record_counts set storage external;
create trigger sealed_total_append_only before update or delete or truncate on sealed_total
    for each statement execute function refuse_change();
-- Settlement reads them; no platform does.
grant insert on sealed_total to gazelle_usage_writer;
grant select on sealed_total to gazelle_usage_staff;
alter table sealed_total enable row level security, force row level security;
create policy sealed_total_staff on sealed_total for select to gazelle_usage_staff using (true);
create policy sealed_total_auditor on sealed_total for select to gazelle_usage_auditor using (true);

-- A sealed period has all of these already.
create function refuse_addition_to_sealed() returns trigger
    language plpgsql as
$$
begin
    if exists (select from (select distinct platform, period from added) a
               join period using (platform, period) where sealed_at is not null) then
        raise exception 'what belongs to a sealed period never changes'
            using errcode = 'restrict_violation', constraint = tg_table_name || '_fixed';
    end if;
    return null;
end;
$$;
create trigger sealed_total_fixed after insert on sealed_total
    referencing new table as added
    for each statement execute function refuse_addition_to_sealed();
