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
echo
echo "== Microsoft Entra ID: users and devices"
show "$tollgate" check --token-file demo/user.jwt --scenario user
show "$tollgate" check --token-file demo/device.jwt
show "$tollgate" check --token-file demo/device.jwt --scenario user
show "$tollgate" check --token-file demo/user.jwt --windows 6.1
show "$tollgate" check --token-file demo/expired.jwt
show "$tollgate" check --token-file demo/foreign.jwt
show "$tollgate" check --token-file demo/altered.jwt --json
echo
echo "== a certificate of the organisation's PKI: devices"
show "$tollgate" check --cert demo/pc7.pem
show "$tollgate" check --cert demo/pc7.pem --scenario user
show "$tollgate" check --cert demo/pc7-ended.pem
echo
echo "== a token that the site issued, bound to the device's own key"
show "$tollgate" check --token-file demo/laptop9.jwt --cert demo/laptop9.pem
show "$tollgate" check --token-file demo/laptop9.jwt
show "$tollgate" check --token-file demo/bulk.jwt
echo
echo "== together: the token says who, the certificate has to be good"
show "$tollgate" check --token-file demo/user.jwt --cert demo/pc7.pem --scenario user
show "$tollgate" check --token-file demo/user.jwt --cert demo/pc7-ended.pem --scenario user
show "$tollgate" explain --cert demo/pc7-ended.pem
echo
echo "== what can clients do here?"
show "$tollgate" doctor

cat <<EOT

ready in $(($(date +%s) - start)) s. Try next:

  export TOLLGATE_CONFIG=demo/tollgate.toml PATH=\$PWD/target/release:\$PATH
  tollgate check --token-file demo/user.jwt --scenario user --json
  tollgate check --token-file demo/user.jwt --at \$((\$(date +%s) + 172800))     # in two days
  tollgate explain --token-file demo/altered.jwt
  tollgate check --header "Client-Cert: :\$(grep -v -- ----- demo/pc7.pem | tr -d '\\n'):"   # from an unlisted proxy
  tollgate keys list --data demo/tollgate-data
  tollgate bench --quick

  Edit demo/tollgate.toml (say, audience instead of audiences) and run: tollgate config check
EOT
