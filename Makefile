# Everything from a fresh checkout. The first run builds the Kubernetes binaries (about ten minutes) and the packages
# (a few minutes); both are kept. KUBERNETES_BIN=folder takes other binaries, for example of a newer Kubernetes, and
# PROMETHEUS_BIN=folder another Prometheus.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The walls between the targets: an import of what Package.swift does not list for a target is an error. The flag is
# given everywhere, since builds with other flags would start from nothing.
swift_flags := --explicit-target-dependency-import-check error
cluster_folder := .build/cluster
# Tests that have the machine to themselves: those that measure times, and those that take all of it.
alone := EndToEndTests\.Availability
torture := EndToEndTests\.Torture
# Tests of the test clusters themselves, each with some of its own.
own_clusters := LocalClusterTests|DifferentialTests
# What computes for seconds without a pause, which would keep tests waiting that wait for sockets.
simulated := SimulationTests|FuzzTests
# What starts control planes.
clusters := EndToEndTests|$(own_clusters)
comma := ,
say = @printf '\n==> %s\n' "$(1)" >&2

.PHONY: help
help: ## Shows this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: binaries local-cluster ## A bad release is rolled out on a real control plane, and undone while you watch.
	$(call say,Running the demo)
	@.build/debug/local-cluster demo

# Runs tests, and says again in the end which failed and why: that may be thousands of lines back.
test_log := .build/test.log
by_line := $(shell command -v stdbuf >/dev/null && echo stdbuf -oL)
define run-tests
@$(by_line) swift test $(swift_flags) --skip-build $(1) 2>&1 | tee $(test_log) || { \
  printf '\n==> What failed\n'; \
  { grep -E -A 3 'recorded an issue|Fatal error|unexpected signal' $(test_log) || true; } | cut -c 1-1000 | head -n 150; \
  { grep -E '^✘ (Test|Suite) ' $(test_log) || true; } | { grep -v 'recorded an issue' || true; } | cut -c 1-300 | tail -n 30; \
  exit 1; }
endef

# The operator's own code on a simulated cluster, built for release: it computes all the time.
SEEDS ?= 10000
FROM ?= 1
SCENARIOS ?= all
simulate := .build/release/simulate
define build-simulation
$(call say,Building the simulation for release (the first time this takes some minutes))
@swift build $(swift_flags) --configuration release --product simulate >&2
endef
define run-seeds
$(call say,Running the operator on a simulated cluster where anything may fail: $(SEEDS) seeds)
@$(simulate) seeds --scenarios $(SCENARIOS) --from $(FROM) --count $(SEEDS)
endef
define run-sweep
$(call say,Running it with every fault at every place)
@$(simulate) sweep
endef

.PHONY: simulate
simulate: swift ## SEEDS=10000 simulated runs in which anything may fail, from FROM=1; SCENARIOS=watched, measured or all.
	$(build-simulation)
	$(run-seeds)

.PHONY: sweep
sweep: swift ## Runs of it in which every fault strikes at every place, one after the other.
	$(build-simulation)
	$(run-sweep)

.PHONY: test
test: binaries lint ## All tests, those against the real control plane included.
	$(call say,Building all tests)
	@swift build $(swift_flags) --build-tests
	$(call say,Running the tests that need no cluster)
	$(call run-tests,--skip '$(clusters)|$(simulated)')
	$(call say,Running the tests of the simulation and the fuzzed readers)
	$(call run-tests,--filter '$(simulated)' --skip '$(own_clusters)')
	$(build-simulation)
	$(run-seeds)
	$(run-sweep)
	$(call say,Running the tests of the test clusters)
	$(call run-tests,--filter '$(own_clusters)')
	$(call say,Running the tests against real control planes)
	$(call run-tests,--filter 'EndToEndTests' --skip '$(alone)|$(torture)')
	$(call say,Running the tests that measure times$(comma) one after the other)
	$(call run-tests,--no-parallel --filter '$(alone)')
	$(call say,Killing the operator at random)
	$(call run-tests,--filter '$(torture)')

# A folder of its own, since the compiler's sanitizer changes every file that is built. FUZZ="json watch" for some of them.
FUZZ_SECONDS ?= 60
FUZZ ?=
fuzz_folder := .build/fuzz
fuzz_flags := --configuration release --scratch-path $(fuzz_folder) -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld \
  -Xswiftc -DLIBFUZZER -Xswiftc -enable-testing

.PHONY: fuzz
fuzz: swift ## Each reader of foreign bytes against made-up input, FUZZ_SECONDS=60 each; what breaks one is kept.
	$(call say,Building the readers for libFuzzer (the first time this takes some minutes))
	@swift build $(swift_flags) $(fuzz_flags) --product fuzz >&2
	@for name in $(or $(FUZZ),$$($(fuzz_folder)/release/fuzz --list)); do \
	  printf '\n==> Fuzzing %s for %s s\n' "$$name" "$(FUZZ_SECONDS)" >&2; \
	  mkdir -p $(fuzz_folder)/corpus/$$name; \
	  SWIFT_BACKTRACE=enable=no $(fuzz_folder)/release/fuzz $$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	    -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix=$(fuzz_folder)/$$name- \
	    $(fuzz_folder)/corpus/$$name Tests/FuzzTargets/Corpus/$$name; \
	done

.PHONY: cluster
cluster: binaries local-cluster ## Starts a local control plane with simulated nodes, in the background.
	@.build/debug/local-cluster up --directory $(cluster_folder) --crds manifests/crds

.PHONY: cluster-down
cluster-down: local-cluster ## Stops it.
	@.build/debug/local-cluster down --directory $(cluster_folder)

.PHONY: bench
bench: binaries ## The benchmarks, as a table; BENCH_FLAGS="--only decode" for a part, "--help" for what there is.
	$(call say,Building the operator and the benchmarks for release (the first time this takes some minutes))
	@swift build $(swift_flags) --configuration release --product rollback-operator >&2
	@swift build $(swift_flags) --configuration release --product benchmarks >&2
	$(call say,Measuring)
	@.build/release/benchmarks $(BENCH_FLAGS)

MUTANTS ?=
.PHONY: mutants
mutants: swift ## Known bugs, put back one after the other: the simulation finds each. MUTANTS="13 r6" for some of them.
	$(call say,Putting known bugs back into a copy of the code)
	@Tests/mutants/run $(MUTANTS)

ROUNDS ?= 1000
WORKLOADS ?= 50
LANES ?= 1
SEED ?=
.PHONY: torture
torture: binaries ## ROUNDS=1000 in which WORKLOADS=50 roll back while the operator is killed at random; SEED=n repeats.
	$(call say,Building all tests)
	@swift build $(swift_flags) --build-tests
	$(call say,$(ROUNDS) rounds of $(WORKLOADS) workloads)
	@TORTURE_ROUNDS=$(ROUNDS) TORTURE_WORKLOADS=$(WORKLOADS) TORTURE_LANES=$(LANES) TORTURE_SEED=$(SEED) \
	  swift test $(swift_flags) --skip-build --filter '$(torture)'

embedded := Sources/RollbackCommands/Schema/EmbeddedDefinitions.swift
.PHONY: schema
schema: ## Writes manifests/crds into the kubectl plugin, which shows and judges objects by them.
	@{ printf '// swift-format-ignore-file\n/// The files of manifests/crds; `make schema` writes them here, a test compares.\n'; \
	  printf 'enum EmbeddedDefinitions {\n  static let files: [(name: String, text: String)] = [\n'; \
	  for file in manifests/crds/*.yaml; do \
	    printf '    (\n      "%s",\n      ##"' "$${file##*/}"; awk '{ printf "%s\\##n", $$0 }' "$$file"; printf '"##\n    ),\n'; \
	  done; \
	  printf '  ]\n}\n'; } > $(embedded)

.PHONY: plugin
plugin: swift ## Builds the kubectl plugin for release and says how to install it.
	$(call say,Building kubectl-rollback (the first time this takes some minutes))
	@swift build $(swift_flags) --configuration release --product kubectl-rollback >&2
	@echo "$$(swift build $(swift_flags) --configuration release --show-bin-path)/kubectl-rollback"
	@echo 'Copy it to a folder of your PATH; kubectl then knows it as "kubectl rollback".' >&2

.PHONY: format
format: swift ## Formats all Swift files.
	@swift format --in-place --parallel --recursive Sources Tests Package.swift

.PHONY: lint
lint: swift ## Checks that all Swift files are formatted.
	$(call say,Checking the format of all Swift files)
	@swift format lint --strict --parallel --recursive Sources Tests Package.swift

.PHONY: clean
clean: swift ## Stops the local cluster and removes what was built here.
	@[[ ! -x .build/debug/local-cluster ]] || .build/debug/local-cluster down --directory $(cluster_folder)
	@rm -rf $(cluster_folder) $(cluster_folder).log
	@swift package clean

.PHONY: binaries
binaries: swift ## Gets the binaries of Kubernetes and Prometheus for tests and demos.
	$(call say,Looking for the binaries of Kubernetes and Prometheus)
	@Sources/LocalCluster/Scripts/kubernetes-binaries.sh
	@Sources/LocalCluster/Scripts/prometheus.sh

.PHONY: local-cluster
local-cluster: swift
	$(call say,Building local-cluster and the operator)
	@swift build $(swift_flags) --product local-cluster >&2
	@swift build $(swift_flags) --product rollback-operator >&2

.PHONY: swift
swift:
	@command -v swift >/dev/null || { echo "Swift 6.2 or newer is needed and is not in PATH: see https://www.swift.org/install" >&2; exit 1; }
	@swift --version 2>/dev/null | awk '/Swift version/ { for (i = 1; i < NF; i++) if ($$i == "version") split($$(i + 1), v, ".") } \
	  END { if (v[1] * 100 + v[2] < 602) { print "Swift 6.2 or newer is needed; this is " v[1] "." v[2] > "/dev/stderr"; exit 1 } }'
	@command -v git >/dev/null || { echo "git is needed to fetch the Swift packages: apt-get install git" >&2; exit 1; }
