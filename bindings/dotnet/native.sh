#!/bin/sh
# native.sh LIBRARY OUT [RID]: puts an installed library where NuGet packages and programs have native ones,
# OUT/RID/native, by the name that .NET looks for. RID is that of this system where it is left out; name it for a
# library of another one: linux-x64, linux-arm64, linux-musl-x64, linux-musl-arm64, osx-x64, osx-arm64, win-x64, win-arm64.
# `all.sh` packs what is laid out.
set -eu
fail() {
    echo "native.sh: $1" >&2
    exit 1
}
[ $# = 2 ] || [ $# = 3 ] || fail "usage: native.sh LIBRARY OUT [RID]"
[ -f "$1" ] || fail "$1 is not there: PREFIX=... scripts/install.sh install"
# By what the library itself wants: glibc's loaded on Alpine ends the process.
if od -An -c "$1" | tr -d ' \n' | grep -q 'libc\.musl-'; then
    wants=linux-musl
else
    wants=linux
fi
if [ $# = 3 ]; then
    rid=$3
else
    [ "$(uname -s)" = Linux ] || fail "name the runtime identifier of this system"
    case $(uname -m) in
    x86_64) rid=$wants-x64 ;;
    aarch64) rid=$wants-arm64 ;;
    *) fail "no runtime identifier is known for $(uname -m)" ;;
    esac
fi
case $rid in
linux-musl-x64 | linux-musl-arm64) [ $wants = linux-musl ] || fail "$1 is not built for musl, and $rid is" ;;
linux-x64 | linux-arm64) [ $wants = linux ] || fail "$1 is built for musl, and $rid is not" ;;
osx-x64 | osx-arm64 | win-x64 | win-arm64) ;;
*) fail "$rid is no runtime identifier that is known here" ;;
esac
case $rid in
win-*) name=tollgate.dll ;;
osx-*) name=libtollgate.dylib ;;
*) name=libtollgate.so ;;
esac
mkdir -p "$2/$rid/native"
# Links are followed: NuGet knows none.
cp -L "$1" "$2/$rid/native/$name"
echo "$rid"
