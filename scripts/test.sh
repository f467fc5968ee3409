#!/bin/sh
# `make test`: everything that proves it. What is skipped says so loudly, at the end once more.
set -eu
cd "$(dirname "$0")/.."
. scripts/need.sh
start=$(date +%s)
skipped=

skip() {
    skipped="$skipped
  SKIPPED: $1"
    echo "SKIPPED: $1" >&2
}
step() {
    echo "== $1 ($(($(date +%s) - start)) s)"
}

# Everything that is built stays in the clone, whatever the environment says.
export CARGO_TARGET_DIR="$PWD/target"
need_rust
step "other parties' token makers (into target/counterparts)"
if [ -n "${TOLLGATE_OFFLINE:-}" ]; then
    skip "tokens of other parties: TOLLGATE_OFFLINE is set"
else
    tests/counterparts/setup.sh target/counterparts || {
        echo "without a network, TOLLGATE_OFFLINE=1 make test leaves the other parties out" >&2
        exit 1
    }
    TOLLGATE_COUNTERPARTS=$PWD/target/counterparts
    export TOLLGATE_COUNTERPARTS
fi
[ -n "${TOLLGATE_VECTORS:-}" ] ||
    skip "outside vectors (Wycheproof, x509-limbo, PKITS): set TOLLGATE_VECTORS to a folder that holds wycheproof/, limbo/ and pkits/"

need openssl openssl ||
    skip "certificates that openssl makes and judges (tests/openssl.rs)"
need strace strace ||
    skip "that hits make no system call (tests/quiet/calls.rs)"

for tool in g++:g++ cmake:cmake pkg-config:pkg-config valgrind:valgrind abidw:abigail-tools; do
    need "${tool%:*}" "${tool#*:}" ||
        skip "what the C library's tests do with ${tool%:*} (bindings/c/tests/native)"
done

# A user's path may lack the folder that Debian has nginx in.
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null 2>&1 || get_stopped nginx nginx ||
    skip "everything in a real nginx (bindings/nginx/tests)"
[ -f /usr/share/nginx/src/configure ] || get "the sources of nginx" nginx-dev ||
    skip "everything in a real nginx (bindings/nginx/tests)"
for tool in curl:curl h2load:nghttp2-client wrk:wrk; do
    need "${tool%:*}" "${tool#*:}" || skip "what nginx's tests do with ${tool%:*}"
done

for tool in mcs:mono-mcs mono:mono-runtime fastcgi-mono-server4:mono-fastcgi-server4; do
    need "${tool%:*}" "${tool#*:}" || skip "what .NET's tests do with ${tool%:*} (bindings/dotnet/tests)"
done
if [ -x target/coreclr/dotnet ]; then
    :
elif [ -n "${TOLLGATE_OFFLINE:-}" ]; then
    skip ".NET on CoreCLR: TOLLGATE_OFFLINE is set"
else
    step "a CoreCLR for the tests (into target/coreclr)"
    PYTHON=target/counterparts/venv/bin/python bindings/dotnet/coreclr.sh target/coreclr ||
        skip ".NET on CoreCLR: the PyPI package dotnetcore2 cannot be had"
fi

if cargo fmt --version >/dev/null 2>&1; then
    step "format"
    cargo fmt --all --check
else
    skip "format: rustup component add rustfmt"
fi
if cargo clippy --version >/dev/null 2>&1; then
    step "lints"
    cargo clippy --locked --quiet --workspace --all-targets --all-features -- -D warnings
else
    skip "lints: rustup component add clippy"
fi
if cargo deny --version >/dev/null 2>&1; then
    step "dependencies"
    cargo deny --all-features --log-level error check bans licenses sources
else
    skip "licences and sources of dependencies: cargo install cargo-deny"
fi

step "the core without aws-lc-rs"
cargo check --locked --quiet --package tollgate --lib
step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --workspace --no-deps
step "the C library (into target/prefix)"
rm -rf target/prefix
PREFIX="$PWD/target/prefix" LIBDIR=lib DESTDIR= scripts/install.sh install
TOLLGATE_PREFIX=$PWD/target/prefix
export TOLLGATE_PREFIX
# The tests ask for it themselves; here it is seen that it takes a while.
cargo build --locked --quiet --package tollgate-artifact --features panic-test
step "tests"
cargo test --locked --workspace --all-features --no-fail-fast
step "the Python binding, as installed (into target/python)"
if [ -n "${TOLLGATE_OFFLINE:-}" ]; then
    skip "the Python binding (bindings/python/tests): TOLLGATE_OFFLINE is set"
elif ! need_python; then
    skip "the Python binding (bindings/python/tests): there is no python3 >= 3.11 with venv"
else
    bindings/python/test.sh
fi
# Loom's world is another build of the table and its few dependencies; the rest is not built anew.
step "model of the table's threads"
RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR="$PWD/target/model" \
    cargo test --locked --quiet --release --package tollgate-table --lib
step "benches run"
cargo bench --locked --quiet --bench '*' -- --test >/dev/null

echo "all done in $(($(date +%s) - start)) s$skipped"
