#!/usr/bin/env bash
# Builds the node and puts it where `epochdiff rehearse` looks for it. Usage: build.sh [--changed]
#
# Writes built.json, whose hash of the sources names the folder: <cache>/node/<hash>/epochdiff-node, where <cache> is
# EPOCHDIFF_CACHE, else epochdiff in XDG_CACHE_HOME or ~/.cache. Commit built.json with the sources.
# --changed builds nothing: exit 0 if the sources are not those of built.json, 1 if they are; it says which.
#
# Needs Rust 1.88 or newer, a C compiler, make, perl and protoc. CARGO_TARGET_DIR is respected.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
  echo "node/build.sh: $1" >&2
  exit 3
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

sources=$(find Cargo.toml Cargo.lock src -type f | LC_ALL=C sort | while read -r file; do sha256 "$file"; done | sha256 | cut -d' ' -f1)
recorded=$(sed -n 's/.*"sourcesSha256": "\([0-9a-f]*\)".*/\1/p' built.json 2>/dev/null || true)

case "${1:-}" in
--changed)
  if [ "$sources" = "$recorded" ]; then
    echo "The node's sources are those of built.json ($sources): not built."
    exit 1
  fi
  echo "The node's sources ($sources) are not those of built.json (${recorded:-none}): to be built."
  exit 0
  ;;
'') ;;
*) fail 'usage: build.sh [--changed]' ;;
esac

command -v cargo >/dev/null || fail 'cargo is missing: install Rust 1.88 or newer.'
command -v "${PROTOC:-protoc}" >/dev/null || fail 'protoc is missing: install protobuf-compiler, or set PROTOC.'
[ -f ../prebuilt/epochdiff_runtime_node.wasm ] || fail 'the runtime for nodes is missing: run ../build.sh.'
cargo build --release --locked

case "${XDG_CACHE_HOME:-}" in
/*) cache=$XDG_CACHE_HOME ;;
*) cache=$HOME/.cache ;;
esac
folder=${EPOCHDIFF_CACHE:-$cache/epochdiff}/node/$sources
binary=${CARGO_TARGET_DIR:-target}/release/epochdiff-node
mkdir -p "$folder"
# Whoever looks meanwhile finds the old binary or the new one, never a part of one.
install -m 755 "$binary" "$folder/.epochdiff-node.$$"
mv "$folder/.epochdiff-node.$$" "$folder/epochdiff-node"
version=$("$folder/epochdiff-node" --version)
printf '{\n  "sourcesSha256": "%s",\n  "version": "%s"\n}\n' "$sources" "${version##* }" >built.json
echo "$folder/epochdiff-node"
