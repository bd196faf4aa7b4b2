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

# explain_npm LOG WHAT: what npm said, and in one sentence what a person can do about it.
explain_npm() {
    cat "$1"
    if grep -qE 'SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_|certificate' "$1"; then
        echo "$2 could not be fetched: npm does not trust the certificate that it met. Where a company's proxy stands in" \
            "between, put the proxy's certificate (.crt) into /usr/local/share/ca-certificates, run update-ca-certificates" \
            "as root, then run this again."
    elif grep -qE 'ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT' "$1"; then
        echo "$2 could not be fetched: npm's registry can't be reached. Check the network, and npm's proxy if it needs one" \
            "(npm config set proxy), then run this again: what was built stays."
    elif grep -q 'EINTEGRITY' "$1"; then
        echo "$2 could not be fetched: what the registry sent is not what the lock file names. Nothing of it was kept."
    elif grep -q 'ENOSPC' "$1"; then
        echo "$2 could not be fetched: the disk is full. Make room, then run this again."
    else
        echo "$2 could not be fetched."
    fi
}

# npm_ci FOLDER WHAT COMMAND...: what the folder's lock file names.
npm_ci() {
    local folder=$1 what=$2 log code=0
    shift 2
    log=$(mktemp)
    (
        cd "$folder"
        # A Node that is not Debian's brings its own list of authorities. What this machine trusts, it trusts then, too.
        store=/etc/ssl/certs/ca-certificates.crt
        if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r "$store" ]; then
            export NODE_EXTRA_CA_CERTS=$store
        fi
        "$@" ci --prefer-offline --no-fund --no-audit --loglevel=error
    ) >"$log" 2>&1 || code=$?
    [ $code = 0 ] || explain_npm "$log" "$what" >&2
    rm -f "$log"
    return $code
}

# install_web ROOT: fetches what the lock files name, unless that was done since they last changed. First Node and npm,
# with whatever npm there is; then the rest with those: npm leaves out, in silence, what is optional and asks for a newer
# Node than it runs on, and that is how the page's tools carry their machine code.
install_web() {
    local root=$1 folder npm
    if ! is_fetched "$root/web/node" || ! is_fetched "$root/web" || [ ! -e "$root/tests/web/node_modules" ]; then
        echo "== Fetching Node and the page's npm packages, as their lock files name them."
    fi
    if ! is_fetched "$root/web/node"; then
        npm_ci "$root/web/node" "Node" npm || return 1
        mark_fetched "$root/web/node"
    fi
    folder=$(web_node_folder "$root") || { echo "There is no Node for this kind of processor." >&2; return 1; }
    if ! is_fetched "$root/web"; then
        npm=$root/web/node/node_modules/npm/bin/npm-cli.js
        (PATH=$folder:$PATH && npm_ci "$root/web" "The page's packages" node "$npm") || return 1
        mark_fetched "$root/web"
    fi
    # What lies in tests/web finds the same packages, and people find this Node beside them.
    mkdir -p "$root/tests/web"
    ln -sfn ../../web/node_modules "$root/tests/web/node_modules"
    ln -sfn "../node/node_modules/$(basename "$(dirname "$folder")")" "$root/web/node_modules/$(basename "$(dirname "$folder")")"
}

# install_peers ROOT: the programs of other people that tests talk to and benchmarks compare with.
install_peers() {
    local root=$1 folder npm=$1/web/node/node_modules/npm/bin/npm-cli.js
    is_fetched "$root/tests/peers" && return 0
    folder=$(web_node_folder "$root") || { echo "There is no Node for this kind of processor." >&2; return 1; }
    (PATH=$folder:$PATH && npm_ci "$root/tests/peers" "What the tests talk to" node "$npm") || return 1
    mark_fetched "$root/tests/peers"
}
