# What people run. Everything is a plain cargo or shell command underneath.
# One profile for all, so that nothing is built twice.

.DEFAULT_GOAL := help
.PHONY: help build demo test acceptance bench lint deploy-check format sql baseline postgresql python bookkeeping

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the suite, optimised
	cargo build --release --workspace --bins

demo: postgresql build ## Settle a sample city's year on an embedded database, pay it, and show who bears and gets what
	target/release/gazelle demo

test: postgresql python bookkeeping build ## Run all the tests, against the real suite on real databases, and look through its logs for what is personal
	target/release/scan-logs --begin
	cargo test --release --workspace
	@$(MAKE) --no-print-directory acceptance
	target/release/scan-logs

acceptance: postgresql build ## Settle whole years through the binary, pay them, and compare every fen
	tests/acceptance/check.py target/release/gazelle
	tests/acceptance/pay.py target/release/gazelle --xsd "$$(deploy/dev/bookkeeping)"

bench: postgresql build ## Measure ingest, imports, seals, settlement and payments against PostgreSQL's own COPY and SQL; ARGS='--records 100000 --payees 10000 --skip-5m' for a short run
	cargo bench --package gazelle-tests --bench ingest -- $(ARGS)

lint: postgresql ## Check format, lints, dependencies, the contract, and that .sqlx is fresh
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- --deny warnings
	deploy/dev/cargo-deny --locked check bans licenses sources
	deploy/dev/buf lint
	deploy/dev/buf format --diff --exit-code
	deploy/dev/buf breaking --against proto/baseline.binpb
	deploy/dev/prepare-sql --check

deploy-check: postgresql build ## Check manifests and alerts, build and start the images where that can be done, and restore a backup
	deploy/dev/check-kubernetes
	deploy/dev/check-alerts
	deploy/dev/build-images --if-possible
	deploy/backup/test

format: ## Format Rust and proto files
	cargo fmt --all
	deploy/dev/buf format --write

sql: postgresql ## Regenerate .sqlx after changing a query or a migration
	deploy/dev/prepare-sql

baseline: ## Make the contract as it is what later ones may not break; with a release, or when it was agreed before the first
	deploy/dev/buf build --exclude-source-info --output proto/baseline.binpb

postgresql: ## Install the PostgreSQL binaries if there are none (says so first)
	@deploy/dev/install-postgresql

python: ## Make the Python environment of the tests with a client that is not ours, if there is none
	@deploy/dev/python

bookkeeping: ## Install hledger, beancount and xmllint, which check the books in the tests, if they are missing
	@deploy/dev/bookkeeping >/dev/null
