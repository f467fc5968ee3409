#!/bin/sh
# native.sh LIBRARY OUT: puts an installed libtollgate.so where NuGet packages and programs have native libraries:
# OUT/<rid>/native/libtollgate.so. `all.sh` packs it; on each system that a package is for, run it there.
set -eu
[ $# = 2 ] || {
    echo "usage: native.sh PREFIX/lib/libtollgate.so OUT" >&2
    exit 1
}
[ -f "$1" ] || {
    echo "native.sh: $1 is not there: PREFIX=... scripts/install.sh install" >&2
    exit 1
}
case $(uname -m) in
x86_64) machine=x64 ;;
aarch64) machine=arm64 ;;
*)
    echo "native.sh: no runtime identifier is known for $(uname -m)" >&2
    exit 1
    ;;
esac
# By what the library itself wants: glibc's loaded on Alpine ends the process.
if od -An -c "$1" | tr -d ' \n' | grep -q 'libc\.musl-'; then
    rid=linux-musl-$machine
else
    rid=linux-$machine
fi
mkdir -p "$2/$rid/native"
# Links are followed: NuGet knows none.
cp -L "$1" "$2/$rid/native/libtollgate.so"
echo "$rid"
