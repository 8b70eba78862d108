# A short front for meson, the only build definition.
B ?= build
MESON_FLAGS ?=

.PHONY: all setup demo test check asan tsan lint install clean

all: $(B)/build.ninja
	@ninja -C $(B)

$(B)/build.ninja:
	@tools/setup
	@meson setup $(B) --prefix=$${PREFIX:-/usr/local} $(MESON_FLAGS)

setup:
	@tools/setup

demo: all
	@tools/demo

test: all lint
	@meson test -C $(B) --print-errorlogs

check: test

# Unit tests under the address and undefined-behaviour sanitizers.
asan:
	@tools/setup
	@test -f build-asan/build.ninja || meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false
	@meson test -C build-asan --print-errorlogs --suite unit

# Unit tests of the threaded rooms under the thread sanitizer.
tsan:
	@tools/setup
	@test -f build-tsan/build.ninja || meson setup build-tsan -Db_sanitize=thread -Db_lundef=false
	@meson test -C build-tsan --print-errorlogs --suite unit

lint:
	@tools/lint

install: all
	@meson install -C $(B)

clean:
	@rm -rf $(B) build-asan build-tsan
