# Everything a person types. Shell scripts in bin/ do the work.
.PHONY: env run test check bench bench-screening bench-trial bench-lists format
.DEFAULT_GOAL := run

env:            ## build .venv with what the product needs
	@bin/env

run:            ## start everything on http://127.0.0.1:8000 (HTTP_PORT changes it)
	@bin/run

test:           ## the whole suite, on SQLite and on PostgreSQL with Redis
	@bin/test

check:          ## style, types, imports between apps, migrations, templates, compose file, Dockerfile
	@bin/check

bench:          ## time what must stay fast
	@bin/bench

bench-screening: ## rescreening beside hand-written SQL, the ORM, OpenFisca, numpy; QUICK=1: without 1M households
	@bin/bench-screening $(if $(QUICK),--quick)

bench-trial:    ## 试算 over 200,000 households: seconds from the click, and equal to a real rescreening
	@bin/bench-trial

bench-lists:    ## a department's list of 100,000 lines, beside bulk_create(update_conflicts=True)
	@bin/bench-lists

format:         ## let ruff put the code in order
	@bin/env --dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
