# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by ./run, ./test and web/build.sh: the npm packages of the page, Node itself among them. Debian's node is older
# than the page's tools need, so that Debian's npm only fetches, and what it fetched does the work.

# Debian's packages that the page is built with. npm fetches; clang and wasi-libc compile the core, binaryen makes it
# smaller and writes it as JavaScript; dpkg-dev unpacks the codecs' sources.
web_packages() {
    echo npm nodejs clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 binaryen dpkg-dev ninja-build python3 \
        ca-certificates
}

# Prints the folder of the Node that the lock file names.
web_node_folder() {
    local folder
    for folder in "$1"/web/node_modules/node-linux-*/bin; do
        [ ! -x "$folder/node" ] || { printf '%s\n' "$folder"; return 0; }
    done
    return 1
}

# install_web ROOT: fetches what web/package-lock.json names, unless that was done since it last changed.
install_web() {
    local root=$1 stamp=$1/web/node_modules/.oilskin-stamp
    if [ -e "$stamp" ] && cmp -s "$stamp" "$root/web/package-lock.json" && web_node_folder "$root" >/dev/null; then
        return 0
    fi
    echo "Fetching the page's npm packages, as web/package-lock.json names them (about 120 MB)." >&2
    if ! (cd "$root/web" && npm ci --no-fund --no-audit --loglevel=error >&2); then
        echo "The page's packages could not be fetched." >&2
        return 1
    fi
    cp "$root/web/package-lock.json" "$stamp"
    # What lies in tests/web finds the same packages.
    mkdir -p "$root/tests/web"
    ln -sfn ../../web/node_modules "$root/tests/web/node_modules"
}
