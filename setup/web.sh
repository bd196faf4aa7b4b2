# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by ./run, ./test and web/build.sh: the npm packages of the page, and Node and npm themselves. Debian's node is
# older than the page's tools need, so that Debian's npm fetches those two, and they do the rest.

# Debian's packages that the page is built with. npm fetches; clang and wasi-libc compile the core, binaryen makes it
# smaller and writes it as JavaScript; dpkg-dev unpacks the codecs' sources.
web_packages() {
    # Where both came from elsewhere, Debian's would be in conflict with them.
    command -v npm >/dev/null && command -v node >/dev/null || echo npm nodejs
    echo clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 binaryen dpkg-dev ninja-build python3 ca-certificates
}

# Prints the folder of the Node that the lock file names.
web_node_folder() {
    local folder
    for folder in "$1"/web/node/node_modules/node-linux-*/bin; do
        [ ! -x "$folder/node" ] || { printf '%s\n' "$folder"; return 0; }
    done
    return 1
}

# is_fetched FOLDER: what its lock file names is there.
is_fetched() {
    cmp -s "$1/node_modules/.oilskin-stamp" "$1/package-lock.json"
}

mark_fetched() {
    cp "$1/package-lock.json" "$1/node_modules/.oilskin-stamp"
}

# install_web ROOT: fetches what the lock files name, unless that was done since they last changed. First Node and npm,
# with whatever npm there is; then the rest with those: npm leaves out, in silence, what is optional and asks for a newer
# Node than it runs on, and that is how the page's tools carry their machine code.
install_web() {
    local root=$1 folder npm
    if ! is_fetched "$root/web/node" || ! is_fetched "$root/web" || [ ! -e "$root/tests/web/node_modules" ]; then
        echo "Fetching Node and the page's npm packages, as their lock files name them." >&2
    fi
    if ! is_fetched "$root/web/node"; then
        if ! (cd "$root/web/node" && npm ci --no-fund --no-audit --loglevel=error >&2); then
            echo "Node could not be fetched." >&2
            return 1
        fi
        mark_fetched "$root/web/node"
    fi
    folder=$(web_node_folder "$root") || { echo "There is no Node for this kind of processor." >&2; return 1; }
    if ! is_fetched "$root/web"; then
        npm=$root/web/node/node_modules/npm/bin/npm-cli.js
        if ! (cd "$root/web" && PATH=$folder:$PATH node "$npm" ci --no-fund --no-audit --loglevel=error >&2); then
            echo "The page's packages could not be fetched." >&2
            return 1
        fi
        mark_fetched "$root/web"
    fi
    # What lies in tests/web finds the same packages, and people find this Node beside them.
    mkdir -p "$root/tests/web"
    ln -sfn ../../web/node_modules "$root/tests/web/node_modules"
    ln -sfn "../node/node_modules/$(basename "$(dirname "$folder")")" "$root/web/node_modules/$(basename "$(dirname "$folder")")"
}
