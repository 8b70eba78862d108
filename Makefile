# A short front for meson, the only build definition. `make help` lists what there is.
B ?= build
MESON_FLAGS ?=

# `make install prefix=/usr DESTDIR=/tmp/image`; PREFIX is taken too.
prefix ?= $(PREFIX)
export DESTDIR

# Sanitized programs are slow, and the thread sanitizer wants the classic address layout.
SLOW = --timeout-multiplier 5
FLAT = $$(setarch -R true 2>/dev/null && echo setarch -R)

.DEFAULT_GOAL := all
.PHONY: all demo test check asan tsan lint analyze fuzz bench install clean help \
	setup-build setup-demo setup-lint setup-test setup-fuzz

## make                     build build/assay; brings the packages it needs first
all: $(B)/build.ninja
	@ninja -C $(B)

$(B)/build.ninja: | setup-build
	@meson setup $(B) $(MESON_FLAGS)

# Packages, one task at a time: apt is not to be called twice at once under -j.
setup-build:
	@tools/setup build
setup-demo: | setup-build
	@tools/setup demo
setup-test: | setup-build
	@tools/setup test
setup-lint:
	@tools/setup lint
setup-fuzz: | setup-build
	@tools/setup fuzz

## make demo                what assay does, in a few minutes, on this machine
demo: all | setup-demo
	@tools/demo

## make test, make check    all tests and static checks
test: all | setup-test
	@failed=0; \
	tools/lint || failed=1; \
	meson test -C $(B) --print-errorlogs || failed=1; \
	exit $$failed
check: test

## make asan                unit tests under the address and undefined-behaviour sanitizers
asan: build-asan/build.ninja
	@meson test -C build-asan --print-errorlogs --suite unit $(SLOW)

build-asan/build.ninja: | setup-build
	@meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false

## make tsan                unit tests under the thread sanitizer
tsan: build-tsan/build.ninja
	@$(FLAT) meson test -C build-tsan --print-errorlogs --suite unit $(SLOW)

build-tsan/build.ninja: | setup-build
	@meson setup build-tsan -Db_sanitize=thread -Db_lundef=false

## make lint                static checks: layers, banned calls, length, text, shell, format
lint: | setup-lint
	@tools/lint

# A false alarm that code can't answer takes a -Wno-analyzer-... here, with its reason.
ANALYZER = -fanalyzer
## make analyze             gcc's static analyzer over src/, findings are errors
analyze: build-analyze/build.ninja
	@ninja -C build-analyze assay

build-analyze/build.ninja: | setup-build
	@meson setup build-analyze --buildtype=debug -Dc_args='$(ANALYZER)'

## make fuzz                every fuzz target for FUZZ_SECONDS each (60)
FUZZ_SECONDS ?= 60
fuzz: build-fuzz/build.ninja
	@tools/fuzz build-fuzz $(FUZZ_SECONDS)

build-fuzz/build.ninja: | setup-fuzz
	@CC=clang-14 meson setup build-fuzz -Dwerror=false -Db_sanitize=address,undefined -Db_lundef=false \
		-Dc_args=-fsanitize=fuzzer-no-link

## make bench               assay beside other tools, and its own costs
bench: all | setup-demo
	@bench/run

## make install             [prefix=/usr/local] [DESTDIR=...]
install: all
	@$(if $(prefix),meson configure $(B) --prefix='$(prefix)' &&) meson install -C $(B)

## make clean               removes every build folder
clean:
	@rm -rf $(B) build-asan build-tsan build-analyze build-fuzz

## make help                this list
help:
	@sed -n 's/^## //p' Makefile
