#!/bin/sh
# Builds ngx_http_tollgate_module.so against the headers of nginx-dev (Debian), or other sources of nginx.
#
#   bindings/nginx/build.sh [FOLDER]      the module goes to FOLDER; left out: target/nginx
#
# TOLLGATE_PREFIX   where libtollgate is installed; left out: pkg-config says
# NGINX_SRC         nginx's own sources; left out: those of nginx-dev
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../target/nginx}
src=${NGINX_SRC:-/usr/share/nginx/src}

[ -f "$src/configure" ] || {
    echo "there are no sources of nginx in $src: apt-get install nginx-dev, or set NGINX_SRC" >&2
    exit 1
}
if [ -n "${TOLLGATE_PREFIX:-}" ]; then
    [ -f "$TOLLGATE_PREFIX/include/tollgate.h" ] || {
        echo "there is no $TOLLGATE_PREFIX/include/tollgate.h: install libtollgate there, or set another TOLLGATE_PREFIX" >&2
        exit 1
    }
    TOLLGATE_PREFIX=$(cd "$TOLLGATE_PREFIX" && pwd)
    export TOLLGATE_PREFIX
elif ! pkg-config --exists tollgate 2>/dev/null; then
    echo "libtollgate is not found: pkg-config does not know it; set TOLLGATE_PREFIX to where it is installed" >&2
    exit 1
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)

# What the result depends on; where that is as it was, configure (most of the time) is spared.
stamp="$src $(cat "$src/conf_flags" 2>/dev/null) ${TOLLGATE_PREFIX:-} ${CFLAGS:-} ${LDFLAGS:-} $(cat "$here/config" "${TOLLGATE_PREFIX:-/usr}/include/tollgate.h" 2>/dev/null | cksum)
$(command -v nginx >/dev/null && nginx -V 2>&1)"
if [ ! -f "$out/build/Makefile" ] || [ "$(cat "$out/build/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$out/build"
    mkdir -p "$out/build"
    # Debian's flags: the very switches that its nginx was configured with.
    # shellcheck disable=SC2016
    (
        cd "$src"
        bash -eu -c '
            NGX_CONF_FLAGS=(--with-compat --with-http_ssl_module)
            [ ! -f conf_flags ] || . ./conf_flags
            exec ./configure "${NGX_CONF_FLAGS[@]}" "$@"' configure \
            --builddir="$out/build" --add-dynamic-module="$here" \
            --with-cc-opt="${CFLAGS:--g -O2 -fstack-protector-strong -Wformat -Werror=format-security -Wdate-time -D_FORTIFY_SOURCE=2} -fPIC" \
            --with-ld-opt="${LDFLAGS:--Wl,-z,relro -Wl,-z,now} -fPIC"
    ) >"$out/build/configure.log" 2>&1 || {
        tail -n 20 "$out/build/configure.log" >&2
        echo "configure failed: all of it is in $out/build/configure.log" >&2
        exit 1
    }
    echo "$stamp" >"$out/build/stamp"
fi
make --silent -f "$out/build/Makefile" -C "$src" modules >"$out/build/make.log" 2>&1 || {
    tail -n 30 "$out/build/make.log" >&2
    exit 1
}
cp "$out/build/ngx_http_tollgate_module.so" "$out/ngx_http_tollgate_module.so"
echo "$out/ngx_http_tollgate_module.so"
