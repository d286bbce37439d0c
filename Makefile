# Everything is installed inside the checkout, in .deps; only missing system packages are not.

CONFIGURATION ?= release
TEST_CONFIGURATION ?= debug
# Swift Testing runs tests in parallel, so each keeps libtorch to one thread: a team of threads per test would fight for the cores.
TEST_THREADS ?= 1
FILTER ?=
TEST_FLAGS ?=
BENCH_FLAGS ?=
PEERS ?=
RUNS ?= 1000000
FORMAT ?= all
EPOCHS ?= 25

ifdef LIBTORCH
export LIBTORCH
endif
export EPOCHS RUNS FORMAT

ifeq ($(shell uname -s),Darwin)
keg = $(shell brew --prefix $(1) 2>/dev/null)/lib/pkgconfig
export PKG_CONFIG_PATH := $(call keg,libpng):$(call keg,jpeg-turbo):$(PKG_CONFIG_PATH)
endif

rooms = Torch Configuration Probability Networks Inference Datasets Generative Training Evaluation Figures Systems Runs \
  Watch Reproductions

test_environment = SWIFT_BACKTRACE=enable=no OMP_NUM_THREADS=$(TEST_THREADS)

.DEFAULT_GOAL := help
.PHONY: help setup build demo test lint docs bench fuzz peers clean distclean

help:
	@echo 'make demo    train a small VAE, sample from it, measure it (a few minutes; EPOCHS=$(EPOCHS))'
	@echo 'make test    build and run every test (FILTER=name for some of them)'
	@echo 'make build   build the library and the tool (CONFIGURATION=release or debug)'
	@echo 'make lint    check how the code is laid out'
	@echo 'make docs    build the reference of all modules into .build/docs'
	@echo 'make bench   measure step times (PEERS=1: beside PyTorch and JAX; BENCH_FLAGS="...")'
	@echo 'make fuzz    attack the decoders of files with libFuzzer (RUNS=$(RUNS) each; FORMAT=npz for one of them)'
	@echo 'make setup   install what is missing; every command above does it first'
	@echo 'make peers   install PyTorch and JAX for the comparison into .deps/peers'
	@echo 'make clean   remove what was built; make distclean also removes .deps'
	@echo
	@echo 'LIBTORCH=/path uses a libtorch of your own instead of installing one.'

setup:
	@Scripts/setup

build: setup
	@swift build -c $(CONFIGURATION)

demo: setup
	@swift build -c $(CONFIGURATION) --product helmholtz
	@Scripts/demo "$$(swift build -c $(CONFIGURATION) --show-bin-path)/helmholtz"

# The tests of the commands run the built tool, so the whole package is built first.
test: setup
	@swift build -c $(TEST_CONFIGURATION) --build-tests
	@$(test_environment) swift test -c $(TEST_CONFIGURATION) --skip-build \
	  $(if $(FILTER),--filter '$(FILTER)') $(TEST_FLAGS)

lint:
	@swift format lint --strict --parallel --recursive Sources Tests Benchmarks/Sources Snippets Fuzz \
	  Documentation/Sources Package.swift Benchmarks/Package.swift Documentation/Package.swift

# The reference is a package of its own too: nobody else downloads or builds what makes it.
docs: setup
	@mkdir -p .build
	@swift package --package-path Documentation --scratch-path .build/documentation \
	  --allow-writing-to-directory .build/docs generate-documentation \
	  --enable-experimental-combined-documentation --disable-indexing \
	  --transform-for-static-hosting --output-path .build/docs $(foreach room,$(rooms),--product $(room)) \
	  --target Helmholtz
	@echo '.build/docs: python3 -m http.server -d .build/docs shows it'

# The benchmarks are a package of their own. The common scratch path saves building the library twice; two packages
# that share it must not share a cached build plan.
bench: setup $(if $(PEERS),peers)
	@swift build -c release --product helmholtz
	@swift run -c release --package-path Benchmarks --scratch-path .build \
	  --disable-build-manifest-caching benchmarks $(if $(PEERS),--peer) $(BENCH_FLAGS)

fuzz: setup
	@Fuzz/run

peers:
	@Scripts/peers

clean:
	@rm -rf .build Benchmarks/.build

distclean: clean
	@rm -rf .deps
