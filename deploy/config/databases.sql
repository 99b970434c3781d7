-- Once per cluster, as a superuser: a database a service, an owner that runs its
-- migrations, and the service's own role, which owns nothing and gets its grants
-- from the migrations. Set passwords or certificates as your site does. Whatever the
-- machine's locale, texts are UTF-8.

create role gazelle_registry_owner login;
create role gazelle_registry login;
create database gazelle_registry owner gazelle_registry_owner template template0 encoding 'UTF8' locale 'C.UTF-8';

create role gazelle_usage_owner login;
create role gazelle_usage login;
create database gazelle_usage owner gazelle_usage_owner template template0 encoding 'UTF8' locale 'C.UTF-8';

create role gazelle_settlement_owner login;
create role gazelle_settlement login;
create database gazelle_settlement owner gazelle_settlement_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
