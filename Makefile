# Two commands: `make run` shows it, `make test` proves it. Both set up what they need.

.PHONY: run test bench compare clean

run:
	@scripts/run.sh

test:
	@scripts/test.sh

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
