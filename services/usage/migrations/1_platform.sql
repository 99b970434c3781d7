-- Small numbers in place of long names, since every record carries both. The
-- next number is taken on first sight; nothing but equality is ever read from it.
--
-- The service's role owns nothing and is granted, table by table, what its verbs
-- need. Where nothing may ever change, triggers refuse it to the owner as well.

-- Refuses what an append-only table never takes: update, delete, truncate.
create function refuse_change() returns trigger
    language plpgsql as
$$
begin
    raise exception 'rows of % never change', tg_table_name
        using errcode = 'restrict_violation', constraint = tg_table_name || '_append_only';
end;
$$;

create table platform
(
    platform     smallint         not null,
    platform_id  text collate "C" not null,
    -- Sealing locks this row: one period of a platform at a time, so that of two
    -- periods with the same record id one is sealed before the other is compared.
    sealed_count integer          not null default 0,
    constraint platform_pkey primary key (platform),
    -- Two processes that see a platform for the first time must agree on its number.
    constraint platform_platform_id_key unique (platform_id),
    constraint platform_sealed_count_not_negative check (sealed_count >= 0)
);
grant select, insert, update (sealed_count) on platform to gazelle_usage;

-- An integer, since any platform may invent kinds and 32,767 could be used up.
create table fee_kind
(
    fee_kind integer          not null,
    name     text collate "C" not null,
    constraint fee_kind_pkey primary key (fee_kind),
    -- As for platforms.
    constraint fee_kind_name_key unique (name)
);
create trigger append_only before update or delete or truncate on fee_kind
    for each statement execute function refuse_change();
grant select, insert on fee_kind to gazelle_usage;
