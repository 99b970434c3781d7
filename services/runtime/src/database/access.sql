-- Who may do what with this database and what is in it, one fact a line: the same wherever
-- it was made as it should be. `gazelle.service` says of which service it is.
with service as (
    select 'gazelle_' || current_setting('gazelle.service') as name
), role as (
    select pg_roles.* from pg_roles, service
    where rolname = name or starts_with(rolname, name || '_')
), own as ( -- objects that no extension brought
    select c.oid, c.relkind, c.relname, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
), granted as (
    select 'database' as what, datdba as owner, a.*
    from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
    where datname = current_database()
    union all
    select 'schema public', nspowner, a.*
    from pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a
    where nspname = 'public'
    union all
    select case relkind when 'S' then 'sequence ' else 'table ' end || relname, relowner, a.*
    from own, aclexplode(coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner))) a
    union all
    select format('table %s column %s', relname, attname), relowner, a.*
    from own join pg_attribute on attrelid = own.oid, aclexplode(attacl) a
    where not attisdropped
    union all
    select case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
               else 'other things' end || ' to come', defaclrole, a.*
    from pg_default_acl, aclexplode(defaclacl) a
)
select ('role ' || rolname || ': ' || concat_ws(', ',
           case when rolcanlogin then 'logs in' else 'does not log in' end,
           case when rolsuper then 'is superuser' end,
           case when rolbypassrls then 'passes row-level security' end,
           case when rolcreaterole then 'makes roles' end,
           case when rolcreatedb then 'makes databases' end,
           case when rolreplication then 'replicates' end,
           case when rolcanlogin and not rolinherit then 'inherits nothing' end)) collate "C" as fact
from role
union all
-- Who may become one of them, beside superusers.
select format('role %s: may become %s%s%s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid),
           case when pg_has_role(m.member, m.roleid, 'USAGE') then ', and has its rights without' end,
           case when m.admin_option then ', and let others' end)
from pg_auth_members m
where m.roleid in (select oid from role) or m.member in (select oid from role)
union all
-- What would change who a session is, or what it sees.
select format('role %s: sets %s', coalesce(rolname, 'all'), setting)
from pg_db_role_setting s left join role on role.oid = setrole, unnest(setconfig) setting
where (setrole = 0 or role.oid is not null)
  and (setdatabase = 0 or setdatabase = (select oid from pg_database where datname = current_database()))
  and split_part(setting, '=', 1) in ('role', 'row_security', 'search_path', 'session_authorization',
      'session_replication_role', 'gazelle.platform')
union all
select format('%s: %s may %s%s', what, case grantee when 0 then 'everybody' else pg_get_userbyid(grantee) end,
           lower(privilege_type), case when is_grantable then ' and grant it' end)
from granted
where grantee <> owner
union all
select 'database: is owned by ' || pg_get_userbyid(datdba) from pg_database where datname = current_database()
union all
select format('%s %s: is owned by %s', case relkind when 'S' then 'sequence' else 'table' end, relname,
           pg_get_userbyid(relowner))
from own
union all
select format('table %s: shows rows by policy%s', relname,
           case when relforcerowsecurity then ', to its owner too' end)
from own where relrowsecurity
union all
select format('table %s: policy %s %s %s for %s: %s%s', relname, polname,
           case when polpermissive then 'shows' else 'restricts' end,
           case when 0 = any (polroles) then 'everybody' else
               (select string_agg(pg_get_userbyid(r), ', ' order by pg_get_userbyid(r)) from unnest(polroles) r) end,
           case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
               else 'all' end,
           regexp_replace(coalesce(pg_get_expr(polqual, polrelid), '-'), '\s+', ' ', 'g'),
           ' with check ' || regexp_replace(pg_get_expr(polwithcheck, polrelid), '\s+', ' ', 'g'))
from pg_policy join own on own.oid = polrelid
union all
select format('table %s: trigger %s runs %s %s %s, for each %s%s%s%s', relname, tgname, tgfoid::regproc,
           case when tgtype & 2 > 0 then 'before' else 'after' end,
           concat_ws(' or ', case when tgtype & 4 > 0 then 'insert' end, case when tgtype & 16 > 0 then 'update' end,
               case when tgtype & 8 > 0 then 'delete' end, case when tgtype & 32 > 0 then 'truncate' end),
           case when tgtype & 1 > 0 then 'row' else 'statement' end,
           case when tgattr <> '' then ', of some columns' end,
           case when tgqual is not null then ', where it says so' end,
           case tgenabled when 'O' then '' when 'A' then ', always' when 'R' then ', on replicas only'
               else ', and is disabled' end)
from pg_trigger join own on own.oid = tgrelid where not tgisinternal
union all
-- What a row must hold, whoever writes it.
select format('table %s: constraint %s%s', relname, conname,
           case when not convalidated then ', of new rows alone' end)
from pg_constraint join own on own.oid = conrelid where contype in ('c', 'f', 'p', 'u', 'x')
union all
select format('table %s: unique index %s', relname, indexrelid::regclass)
from pg_index join own on own.oid = indrelid
where indisunique and not exists (
    select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
union all
select distinct format('table %s: constraint %s is not looked at', relname, conname)
from pg_trigger join own on own.oid = tgrelid join pg_constraint c on c.oid = tgconstraint
where tgisinternal and tgenabled in ('D', 'R')
union all
-- What becomes of a statement instead.
select format('table %s: rule %s', relname, rulename)
from pg_rewrite join own on own.oid = ev_class where rulename <> '_RETURN'
union all
-- What becomes of a row is decided by their bodies.
select format('function %s: is owned by %s%s%s, of content %s', p.oid::regprocedure, pg_get_userbyid(proowner),
           case when prosecdef then ' and runs as its owner' end,
           ', with ' || array_to_string(proconfig, ', '), left(md5(prosrc), 12))
from pg_proc p
where pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
-- Whoever may connect can make them, and fill the disk.
select distinct 'large object: is owned by ' || pg_get_userbyid(lomowner)
from pg_largeobject_metadata where lomowner in (select oid from role)
order by fact
