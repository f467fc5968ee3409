#!/bin/sh
# `make run`: builds the binary, makes a demo in ./demo and shows verdicts on it.
set -eu
cd "$(dirname "$0")/.."
. scripts/need.sh
start=$(date +%s)

# Everything that is built stays in the clone, whatever the environment says.
export CARGO_TARGET_DIR="$PWD/target"
need_rust
echo "building (the first time takes some minutes)"
cargo build --release --locked --quiet --package tollgate-server
tollgate=target/release/tollgate
export TOLLGATE_CONFIG=demo/tollgate.toml

"$tollgate" demo demo
"$tollgate" config check

show() {
    echo
    echo "\$ $*"
    # A refusal exits with 1, and is what some of these are for.
    "$@" || [ $? = 1 ]
}
show "$tollgate" check --token-file demo/user.jwt --scenario user
show "$tollgate" check --token-file demo/device.jwt
show "$tollgate" check --token-file demo/device.jwt --scenario user
show "$tollgate" check --token-file demo/user.jwt --windows 6.1
show "$tollgate" check --token-file demo/expired.jwt
show "$tollgate" check --token-file demo/foreign.jwt
show "$tollgate" check --token-file demo/altered.jwt --json
show "$tollgate" explain --token-file demo/expired.jwt

cat <<EOT

ready in $(($(date +%s) - start)) s. Try next:

  export TOLLGATE_CONFIG=demo/tollgate.toml PATH=\$PWD/target/release:\$PATH
  tollgate check --token-file demo/user.jwt --scenario user --json
  tollgate check --token-file demo/user.jwt --at \$((\$(date +%s) + 172800))     # in two days
  tollgate explain --token-file demo/altered.jwt
  tollgate bench --quick

  Edit demo/tollgate.toml (say, audience instead of audiences) and run: tollgate config check
EOT
