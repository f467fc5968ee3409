#!/bin/sh
# coreclr.sh FOLDER: gets a CoreCLR for the tests, of the PyPI package dotnetcore2, into FOLDER, once. It is .NET
# Core 3.1, out of support: it runs tests and is never shipped. PYTHON names a python with pip (default python3).
set -eu
folder=$1
python=${PYTHON:-python3}
version=3.1.23
[ ! -x "$folder/dotnet" ] || exit 0
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$python" -m pip --disable-pip-version-check download --quiet --no-deps --dest "$made" "dotnetcore2==$version"
"$python" -m zipfile -e "$made"/*.whl "$made/unpacked"
mkdir -p "$(dirname "$folder")"
rm -rf "$folder"
mv "$made/unpacked/dotnetcore2/bin" "$folder"
chmod 755 "$folder/dotnet"
