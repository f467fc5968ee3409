#!/bin/sh
# Builds the binding by Debian's mcs, for where there is no .NET SDK: build.sh mono|web|coreclr|standard OUT.
#
# mono     Tollgate.dll for Mono, and the programs of tests/, bench/ and examples/.
# web      beside it Tollgate.AspNet.dll and the application of its tests; needs System.Web (mono-fastcgi-server4).
# coreclr  Tollgate.dll and the programs for .NET Core 3.1 (tests only); TOLLGATE_CORECLR names the folder that
#          has `dotnet`.
# standard Tollgate.dll alone, as .NET Core before 8 takes it from the package: that of netstandard2.0 (tests only).
#
# What Microsoft's SDK builds of the same sources, all.sh builds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "build.sh: $1" >&2
    exit 1
}

[ $# = 2 ] || fail "usage: build.sh mono|web|coreclr|standard OUT"
command -v mcs >/dev/null || fail "mcs is not there: apt-get install mono-mcs"
mkdir -p "$2"
out=$(cd "$2" && pwd)

platform=
case $1 in
mono) ;;
web) [ -f "$out/Tollgate.dll" ] || fail "$out has no Tollgate.dll: build.sh mono first" ;;
coreclr | standard)
    [ -x "${TOLLGATE_CORECLR:-}/dotnet" ] || fail "TOLLGATE_CORECLR names no folder that has dotnet: see coreclr.sh"
    framework=$(echo "$TOLLGATE_CORECLR"/shared/Microsoft.NETCore.App/*)
    platform="-nostdlib -noconfig -nowarn:1701,1702"
    [ "$1" = standard ] || platform="$platform -define:NETCOREAPP,NETCOREAPP3_1"
    for name in System.Private.CoreLib System.Runtime System.Runtime.Extensions System.Runtime.InteropServices \
        System.Runtime.InteropServices.RuntimeInformation System.Memory System.Buffers System.Collections \
        System.Security.Claims System.Security.Principal System.Net.Primitives System.Net.HttpListener System.Threading \
        System.Threading.Thread System.Security.Cryptography.Algorithms System.Security.Cryptography.Primitives \
        System.Security.Cryptography.X509Certificates System.Text.Encoding.Extensions \
        System.Console System.Linq System.IO.FileSystem System.Diagnostics.Process System.ComponentModel.Primitives \
        System.Net.WebHeaderCollection System.Collections.Specialized System.Collections.NonGeneric; do
        platform="$platform -r:$framework/$name.dll"
    done
    cat >"$out/runtimeconfig.json" <<EOT
{"runtimeOptions": {
  "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
  "configProperties": {"System.Globalization.Invariant": true}
}}
EOT
    ;;
*)
    fail "$1 is none of mono, web, coreclr, standard"
    ;;
esac

# compile KIND NAME REFERENCES... -- FILES...: one assembly, strictly.
compile() {
    kind=$1
    name=$2
    shift 2
    # No word of $platform holds a space: paths with one are not supported here.
    # shellcheck disable=SC2086
    mcs -langversion:latest -unsafe -optimize+ -warn:4 -warnaserror -target:"$kind" $platform -out:"$out/$name" "$@" ||
        fail "$name does not compile"
}

if [ "$1" = web ]; then
    compile library Tollgate.AspNet.dll -doc:"$out/Tollgate.AspNet.xml" -r:"$out/Tollgate.dll" -r:System.Web.dll \
        -r:System.Configuration.dll "$here"/Tollgate.AspNet/*.cs
    compile library Site.dll -r:"$out/Tollgate.dll" -r:"$out/Tollgate.AspNet.dll" -r:System.Web.dll \
        "$here"/tests/web/Who.cs
    exit 0
fi
compile library Tollgate.dll -doc:"$out/Tollgate.xml" "$here"/Tollgate/*.cs "$here"/Tollgate/*/*.cs
[ "$1" != standard ] || exit 0
compile exe Themes.exe -r:"$out/Tollgate.dll" "$here"/tests/themes/*.cs
compile exe Vectors.exe -r:"$out/Tollgate.dll" "$here"/tests/Vectors.cs
compile exe Callbacks.exe -r:"$out/Tollgate.dll" "$here"/tests/Callbacks.cs
compile exe Bench.exe -r:"$out/Tollgate.dll" "$here"/bench/*.cs
compile exe Gateway.exe -r:"$out/Tollgate.dll" "$here"/../../examples/Gateway.cs
[ "$1" = mono ] || exit 0
# Against declarations of ours, for want of ASP.NET Core: nothing that could be used comes of it.
compile library AspNetCoreDeclared.dll -nowarn:1591 -r:"$out/Tollgate.dll" "$here"/Tollgate.AspNetCore/*.cs \
    "$here"/tests/aspnetcore/*.cs
