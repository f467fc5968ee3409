# Sourced: makes sure that a tool is there, or says exactly what to install.

# need COMMAND PACKAGE: the command, from this Debian package.
need() {
    command -v "$1" >/dev/null 2>&1 || get "$1" "$2"
}

# get WHAT PACKAGE: as root by apt, which is announced; else says what to install.
get() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing the Debian package $2 (for $1)"
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -y -qq "$2" >/dev/null 2>&1 && return 0
        # The package lists may be missing or old.
        apt-get update -qq >/dev/null && apt-get install -y -qq "$2" >/dev/null && return 0
    fi
    echo "tollgate needs $1: install it with   apt-get install $2" >&2
    return 1
}

# get_stopped WHAT PACKAGE: as get, but a service that the package brings is not started (policy-rc.d: Debian's
# way to say so).
get_stopped() {
    policy=/usr/sbin/policy-rc.d
    [ "$(id -u)" = 0 ] && [ ! -e "$policy" ] || policy=
    [ -z "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"; }
    get "$1" "$2" && got=0 || got=1
    [ -z "$policy" ] || rm -f "$policy"
    return "$got"
}

# A Python that the binding supports, and that makes environments.
need_python() {
    for python in python3 /usr/bin/python3; do
        has_python "$python" && return 0
    done
    get "a python3 that makes environments" python3-venv && has_python /usr/bin/python3
}

has_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# The Rust toolchain is the reader's own; it is never installed here.
need_rust() {
    command -v cargo >/dev/null 2>&1 || {
        echo "tollgate needs cargo, Rust $(rust_version) or newer: see https://rustup.rs" >&2
        return 1
    }
    found=$(rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\).*/\1/p')
    [ -n "$found" ] || {
        echo "rustc does not run (rustup: \"rustup default stable\"); tollgate needs Rust $(rust_version) or newer" >&2
        return 1
    }
    [ "$found" -ge "$(rust_version | sed 's/^1\.//')" ] || {
        echo "tollgate needs Rust $(rust_version) or newer; this is $(rustc --version)" >&2
        return 1
    }
    need cc gcc || return 1
    # gcc only recommends the headers, and images without recommended packages lack them.
    echo "#include <stdlib.h>" | cc -E -x c - >/dev/null 2>&1 || get "the C headers" libc6-dev
}

rust_version() {
    sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml
}
