#!/bin/sh
# `make install` and `make uninstall`: the library, its headers, what builds find it by, and the binary.
#
# PREFIX   where it is to live (default /usr/local); has to be absolute
# LIBDIR   of the libraries: below PREFIX, or relative to it (default lib; Debian's is lib/<multiarch>)
# DESTDIR  put in front of everything, for packages (default none)
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "tollgate: $1" >&2
    exit 1
}

what=${1:-install}
prefix=${PREFIX:-/usr/local}
destdir=${DESTDIR:-}
libdir=${LIBDIR:-lib}
built=${CARGO_TARGET_DIR:-$PWD/target}/release

# build: one after the other, or cargo would give the library the features of the binary, which signs.
build() {
    echo "building (the first time takes some minutes)"
    cargo build --release --locked --quiet --package tollgate-artifact
    cargo build --release --locked --quiet --package tollgate-server
}

# list: mode, place below the prefix, and the file that goes there; its name may hold spaces.
list() {
    cat <<EOT
755 $libdir/$full $built/libtollgate.so
644 $libdir/libtollgate.a $built/libtollgate.a
644 include/tollgate.h include/tollgate.h
644 include/tollgate.hpp include/tollgate.hpp
$(for part in include/tollgate/*.hpp; do echo "644 $part $part"; done)
644 $libdir/pkgconfig/tollgate.pc $made/tollgate.pc
644 $libdir/cmake/tollgate/tollgateConfig.cmake $made/tollgateConfig.cmake
644 $libdir/cmake/tollgate/tollgateConfigVersion.cmake $made/tollgateConfigVersion.cmake
755 bin/tollgate $built/tollgate
644 share/doc/tollgate/LICENSE-MIT LICENSE-MIT
644 share/doc/tollgate/LICENSE-APACHE LICENSE-APACHE
EOT
}

make_templates() {
    pointer_bytes=$(($(getconf LONG_BIT) / 8))
    for name in tollgate.pc tollgateConfig.cmake tollgateConfigVersion.cmake; do
        sed -e "s|@VERSION@|$version|" -e "s|@ABI@|$abi|" -e "s|@LIBDIR@|$libdir|" -e "s|@UP@|$up|" \
            -e "s|@POINTER_BYTES@|$pointer_bytes|" "bindings/c/install/$name.in" >"$made/$name"
    done
}

install_all() {
    list | while read -r mode place source; do
        [ -e "$source" ] || fail "$source is missing"
        mkdir -p "$root/${place%/*}"
        # By another name first: a process that runs the old one keeps it, none sees half of the new.
        install -m "$mode" "$source" "$root/$place.new"
        mv -f "$root/$place.new" "$root/$place"
    done
    remove_other_releases
    ln -sf "$full" "$root/$libdir/libtollgate.so.$abi"
    ln -sf "libtollgate.so.$abi" "$root/$libdir/libtollgate.so"
    refresh_linker
    echo "installed tollgate $version below $root"
}

# ldconfig points the soname to the highest release it finds: going back to an older one would do nothing.
remove_other_releases() {
    for other in "$root/$libdir/libtollgate.so.$abi".*; do
        [ "$other" = "$root/$libdir/$full" ] || rm -f "$other"
    done
}

uninstall_all() {
    remove_other_releases
    rm -f "$root/$libdir/libtollgate.so" "$root/$libdir/libtollgate.so.$abi"
    list | while read -r _ place _; do
        rm -f "$root/$place" 2>/dev/null || fail "$root/$place cannot be removed: use sudo"
    done
    # Folders of our own alone, and only if nothing else was put there.
    rmdir "$root/$libdir/cmake/tollgate" "$root/include/tollgate" "$root/share/doc/tollgate" 2>/dev/null || true
    refresh_linker
    echo "removed tollgate $version from below $root"
}

# The loader's own list of where libraries are, where it has to know of them.
refresh_linker() {
    case "$destdir:$prefix" in
    :/usr | :/usr/local)
        if [ "$(id -u)" = 0 ] && command -v ldconfig >/dev/null 2>&1; then ldconfig; fi
        ;;
    esac
}

case $prefix in
/*) ;;
*) fail "PREFIX=$prefix is not absolute: write PREFIX=\$PWD/$prefix" ;;
esac
case $libdir in
"$prefix"/*) libdir=${libdir#"$prefix"/} ;;
/*) fail "LIBDIR=$libdir is not below PREFIX=$prefix: name a folder in it, as LIBDIR=lib" ;;
esac
case "$destdir$prefix$libdir" in
*[[:space:]\|\&]*) fail "PREFIX, LIBDIR and DESTDIR must not hold white space, | or &" ;;
esac
version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
abi=$(sed -n 's/^#define TOLLGATE_ABI_VERSION //p' include/tollgate.h)
[ -n "$version" ] && [ -n "$abi" ] ||
    fail "Cargo.toml has no version, or include/tollgate.h no TOLLGATE_ABI_VERSION: is this the whole source?"
full=libtollgate.so.$abi.$version
root=$destdir$prefix
# From pkgconfig/ up to the prefix: one step for it, one for each folder of libdir. CMake's files lie one
# folder deeper, and their templates say so.
up=$(printf '%s\n' "$libdir/pkgconfig" | sed -e 's|[^/][^/]*|..|g')
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

case $what in
build)
    . scripts/need.sh
    need_rust
    build
    ;;
install)
    [ "$(uname -s)" = Linux ] || fail "make install knows Linux; elsewhere build the package tollgate-artifact"
    mkdir -p "$root" 2>/dev/null && [ -w "$root" ] ||
        fail "$root cannot be written: use sudo, or another one: make install PREFIX=\$HOME/.local"
    if command -v cargo >/dev/null 2>&1; then
        . scripts/need.sh
        need_rust
        build
    elif [ -e "$built/libtollgate.so" ] && [ -e "$built/tollgate" ]; then
        echo "cargo is not on the path: installing what is built in $built"
    else
        fail "cargo is not on the path (sudo drops it): run \`make library\` as yourself, then this again"
    fi
    make_templates
    install_all
    ;;
uninstall)
    uninstall_all
    ;;
*)
    fail "$what is none of build, install, uninstall"
    ;;
esac
