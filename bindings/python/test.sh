#!/bin/sh
# Builds the sdist, the wheel out of it, and tests the wheel as it is installed, out of this tree.
#
#   test.sh [pytest's arguments]
#   test.sh bench [--quick]         builds what the bench needs as well, and runs it
#
# Everything goes below target/python. Needs python3 (3.11 or newer) with venv, cargo, and PyPI. TOLLGATE_BINARY
# names a `tollgate` to compare with (default target/release/tollgate, where that is).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
made=$root/target/python
venv=$made/venv
export PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CACHE_DIR="$made/cache"
# What cargo builds for the workspace serves here, too. Paths are none of the package's business.
export CARGO_TARGET_DIR="$root/target"

. "$root/scripts/need.sh"
need_python
mkdir -p "$made"

# A fresh environment whenever what is in it changes.
stamp=$(cat "$0" "$here/tests/requirements.txt" | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --only-binary :all: -r "$here/tests/requirements.txt"
    echo "$stamp" >"$venv/stamp"
fi

# The build's backend calls maturin by its name.
PATH=$venv/bin:$PATH
export PATH

if [ "${1:-}" = bench ]; then
    shift
    rm -rf "$made/bench"
    (cd "$here" && maturin build --quiet --release --features measure --out "$made/bench")
    "$venv/bin/pip" install --quiet --no-deps --force-reinstall "$made"/bench/*.whl
    cd "$here/tests" && exec "$venv/bin/python" bench.py "$@"
fi

rm -rf "$made/dist"
(cd "$here" && maturin sdist --out "$made/dist" >"$made/sdist.log" 2>&1) || { cat "$made/sdist.log" >&2; exit 1; }
# An sdist's files are all of one old date, by which cargo would take what it built before for this.
rm -rf "$made/unpacked" && mkdir "$made/unpacked"
tar -xzf "$made"/dist/*.tar.gz -C "$made/unpacked"
find "$made/unpacked" -exec touch {} +
"$venv/bin/pip" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$made/dist" "$made"/unpacked/*
"$venv/bin/pip" install --quiet --no-deps --force-reinstall "$made"/dist/*.whl

if [ -z "${TOLLGATE_BINARY:-}" ] && [ -x "$root/target/release/tollgate" ]; then
    TOLLGATE_BINARY=$root/target/release/tollgate
    export TOLLGATE_BINARY
fi
export TOLLGATE_SOURCE="$root"
cd "$here/tests"
exec "$venv/bin/python" -m pytest "$@"
