#!/bin/sh
# Builds, tests and packs everything wherever a .NET SDK (8 or newer) and a Rust toolchain are.
#
# TOLLGATE_PREFIX  where libtollgate is installed (scripts/install.sh)
# RUNTIMES         what native.sh laid out on other systems, to be packed as well (a folder; may be left out)
# OUT              where programs and packages go (default target/dotnet-sdk)
#
# The tests are those of `cargo test -p tollgate-dotnet`, with .NET itself as one more runtime beside Mono and CoreCLR.
set -eu
cd "$(dirname "$0")/../.."
fail() {
    echo "all.sh: $1" >&2
    exit 1
}
command -v dotnet >/dev/null || fail "there is no .NET SDK: https://dot.net"
[ -f "${TOLLGATE_PREFIX:-}/lib/libtollgate.so" ] || fail "TOLLGATE_PREFIX names no installed libtollgate"
TOLLGATE_PREFIX=$(cd "$TOLLGATE_PREFIX" && pwd)
mkdir -p "${OUT:=target/dotnet-sdk}"
OUT=$(cd "$OUT" && pwd)
export TOLLGATE_PREFIX DOTNET_CLI_TELEMETRY_OPTOUT=1

rm -rf "$OUT/runtimes" "$OUT/packages"
[ -z "${RUNTIMES:-}" ] || cp -R "$RUNTIMES" "$OUT/runtimes"
bindings/dotnet/native.sh "$TOLLGATE_PREFIX/lib/libtollgate.so" "$OUT/runtimes"
for name in Tollgate Tollgate.AspNetCore Tollgate.AspNet; do
    dotnet pack "bindings/dotnet/$name/$name.csproj" --configuration Release --output "$OUT/packages" \
        -p:TollgateRuntimes="$OUT/runtimes"
done

# As users have it: the packages alone, and no library but the one in them.
for name in Packed PackedSite; do
    dotnet build "bindings/dotnet/tests/$name.csproj" --configuration Release --output "$OUT/$name" \
        -p:TollgatePackages="$OUT/packages"
done
found=$(env -u TOLLGATE_LIBRARY -u LD_LIBRARY_PATH dotnet "$OUT/Packed/Packed.dll" --library)
case $found in
"found "*) ;;
*) fail "the package's library is not found: $found" ;;
esac
[ ! -f "$OUT/runtimes/win-x64/native/tollgate.dll" ] || [ -f "$OUT/PackedSite/tollgate.dll" ] ||
    fail "the package puts no tollgate.dll beside a program of .NET Framework"

for name in Themes Vectors Callbacks Bench Gateway Kestrel; do
    dotnet publish "bindings/dotnet/tests/$name.csproj" --configuration Release --output "$OUT/programs"
done
TOLLGATE_DOTNET_PROGRAMS="$OUT/programs" cargo test --locked -p tollgate-dotnet
echo "packages are in $OUT/packages"
