# Common commands. `make report WITH=config/offline.yaml` adds overlays to the quick run.

EXTRA ?= $(or $(shell cat .venv/.extra 2>/dev/null),cpu)# cpu, gpu, jax or jax-gpu; default: the last one
CORES ?= all
WITH ?=
# Checks the overlays first: Snakemake has no error message for files that it cannot read.
run = .venv/bin/python -m reverie.config check config.yaml $(1) && \
      .venv/bin/snakemake --cores $(CORES) $(if $(strip $(1)),--configfile $(1))
# All variables of the command line, quoted for the shell: 'TARGET=T (degC)'.
arguments = $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),'$(name)=$(subst ','\'',$(value $(name)))'))
# The quick run with an overlay that is guessed from a file.
own = overlay=$$(.venv/bin/python -m reverie.own $(1) $(arguments)) && { \
      $(call run,config/quick.yaml $(WITH) $$overlay); ended=$$?; \
      echo "Its settings: $$overlay; edit them, then repeat the command."; exit $$ended; }

.PHONY: report reproduce demo forecast write dream compare test bench lint docs lock slurm venv clean

report: venv ## the whole report in minutes, with embedded samples if data cannot be reached
	@$(call run,config/quick.yaml $(WITH))

reproduce: venv ## the lecture at its full budget, on its own data
	@$(call run,$(WITH))

demo: venv ## a two-minute run of forecast and text
	@$(call run,config/demo.yaml $(WITH))

forecast: venv ## a series of your own: make forecast SERIES=river.csv TARGET=level_m
	@$(call own,forecast)

write: venv ## a text of your own: make write TEXT=letters.txt
	@$(call own,write)

dream: venv ## a picture of your own: make dream PICTURE=harbour.jpg STYLE=painting.jpg
	@$(call own,dream)

compare: venv ## compare runs: make compare RUNS="lecture quick", or RUNS="docs/reproduction/offline quick"
	@.venv/bin/python -m reverie.report compare $(foreach run,$(RUNS),$(if $(findstring /,$(run)),,results/)$(run))

test: venv ## all tests
	@.venv/bin/python -m pytest

bench: venv ## benchmarks against the lecture's own method, into docs/performance.md (long)
	@.venv/bin/python -m benchmarks

lint: venv ## style and workflow checks
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/snakefmt --check Snakefile workflow
	@.venv/bin/snakemake --lint

docs: venv ## generate the schema and the settings page from the code
	@.venv/bin/python -m reverie.config schema > workflow/schemas/config.schema.json
	@.venv/bin/python -m reverie.config table > docs/settings.md

lock: ## regenerate the locks from pyproject.toml (needs uv)
	@for extra in cpu gpu jax jax-gpu; do uv pip compile -q --upgrade pyproject.toml --extra $$extra --extra dev \
	    --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url -o requirements-$$extra.lock; done
	@printf 'snakemake-executor-plugin-slurm\nsnakemake-executor-plugin-slurm-jobstep\n' | \
	    uv pip compile -q --upgrade - --no-deps --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url -o requirements-slurm.lock

slurm: venv ## install what Slurm submission needs
	@.venv/bin/python -m pip install -q --no-deps --require-hashes -r requirements-slurm.lock

venv:
	@envs/venv.sh $(EXTRA)

clean: ## remove .venv, caches, quick and demo runs; keep other runs and downloads
	rm -rf .venv .venv-jax .snakemake .pytest_cache .hypothesis .ruff_cache $(wildcard results/quick results/quick-* results/demo results/demo-*)
