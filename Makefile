# The only door to this repository: `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup check fix test demo stand-in images qemu bench docs golden

# Targets that name others need them done first, also under -j.
.NOTPARALLEL:

TSX := node_modules/.bin/tsx

$(TSX):
	@echo 'run `make setup` first' >&2; exit 3

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian and npm packages that are missing (root or sudo), build the program
	@scripts/setup.sh

check: $(TSX) ## format, lint, types, layers, dead code, generated files, shell scripts; under a minute
	@$(TSX) scripts/check.ts

fix: $(TSX) ## mend what `check` can mend by itself
	node_modules/.bin/biome check --write .
	$(MAKE) docs

test: setup stand-in ## units, integration and the named boots; installs what it needs
	@$(TSX) scripts/test.ts unit integration boot

demo: ## build profiles/quickstart.yaml for arm64 and boot it in QEMU; installs what it needs
	@scripts/demo.sh

stand-in: $(TSX) ## build the stand-in for k3s that tests and the demo can use instead of a release
	@$(TSX) qemu-tests/k3s-stand-in/build.ts

images: setup stand-in ## lock and build every profile in profiles/
	@$(TSX) scripts/build-images.ts

qemu: setup stand-in ## every boot test, also the slow ones
	@APPLIANCE_ALL_BOOTS=1 $(TSX) scripts/test.ts boot

bench: setup stand-in ## measure and print the table of figures
	@$(TSX) scripts/bench.ts

docs: $(TSX) ## write the files that are generated from the schema and the catalogue of codes
	@for script in scripts/gen-*.ts; do $(TSX) "$$script" || exit 1; done

golden: $(TSX) ## rewrite the golden files; review the difference
	node_modules/.bin/vitest run --project unit --update
