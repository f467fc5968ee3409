# Two commands: `make run` shows it, `make test` proves it. Both set up what they need.

.PHONY: run test library install uninstall bench compare clean

run:
	@scripts/run.sh

test:
	@scripts/test.sh

# The C library and the binary. PREFIX (/usr/local), LIBDIR (lib) and DESTDIR say where: docs/c.md.
library:
	@scripts/install.sh build

install:
	@PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" scripts/install.sh install

uninstall:
	@PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" scripts/install.sh uninstall

# For people, with plots in target/criterion/report; `tollgate bench` measures without any of this.
bench:
	@. scripts/need.sh && need_rust
	cargo bench --bench '*'

# Beside jsonwebtoken, fast-jwt, maps off the shelf and Envoy, in one run; draws the hits.
compare:
	@. scripts/need.sh && need_rust
	cd benches/compare && cargo run --release -- --svg ../../docs/performance-hits.svg

clean:
	rm -rf target demo benches/compare/target
