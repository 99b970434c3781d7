-- Once per cluster, as a superuser, after `roles.sql`: a database a service, owned by who
-- runs its migrations, which say who may connect. Whatever the machine's locale, texts are
-- UTF-8.

create database gazelle_registry owner gazelle_registry_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
create database gazelle_usage owner gazelle_usage_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
create database gazelle_settlement owner gazelle_settlement_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
