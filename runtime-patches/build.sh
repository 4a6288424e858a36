#!/usr/bin/env bash
# Builds the wasm modules into prebuilt/ with a manifest. Usage: build.sh [--check | --changed]
#
# --check builds into a temporary directory and compares with prebuilt/: exit 0 if equal, 1 if not, 3 if it cannot build.
# --changed builds nothing: exit 0 if the sources are not those of the manifest, 1 if they are; it says which.
#
# Two toolchains serve: rustup's with the target wasm32v1-none, else Debian's rustc-web, cargo-web and rust-web-src, which
# build the core library from source. The same toolchain gives the same bytes wherever the checkout lies.
# WASM_TOOLCHAIN=rustup or =debian chooses; CARGO_TARGET_DIR is respected.
set -euo pipefail

readonly target=wasm32v1-none
readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here"

fail() {
  echo "build.sh: $1" >&2
  exit 3
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi | cut -d' ' -f1
}

# Hash of all that the modules are made from, with this script, which holds the compiler's options.
hash_of_sources() {
  find build.sh Cargo.toml Cargo.lock yuma policies patch-module storage-cache pallet runtime -type f \
    \( -path '*/src/*' -o -name Cargo.toml -o -name Cargo.lock -o -name build.rs -o -name build.sh \) |
    LC_ALL=C sort | while read -r file; do echo "$file $(sha256 "$file")"; done | sha256
}

sources_sha256=$(hash_of_sources)

if [ "${1:-}" = --changed ]; then
  recorded=$(sed -n 's/.*"sourcesSha256": "\([0-9a-f]*\)".*/\1/p' prebuilt/manifest.json)
  if [ "$sources_sha256" = "$recorded" ]; then
    echo "The sources are those of prebuilt/manifest.json ($recorded)."
    exit 1
  fi
  echo "The sources ($sources_sha256) are not those of prebuilt/manifest.json (${recorded:-none})."
  exit 0
fi

has_rustup_target() {
  command -v rustc >/dev/null && [ -d "$(rustc --print target-libdir --target $target 2>/dev/null)" ]
}

has_debian_sources() {
  [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library" ]
}

# A linker for Debian's rustc, which has none of its own for wasm.
find_linker() {
  local candidate
  for candidate in \
    "$(command -v rust-lld || true)" \
    "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$(rustc -vV 2>/dev/null | sed -n 's/^host: //p')/bin/rust-lld" \
    "$(command -v wasm-ld || true)"; do
    if [ -x "$candidate" ]; then
      echo "$candidate"
      return
    fi
  done
  fail "no linker for wasm: install rustup (it brings rust-lld) or Debian's package lld."
}

case "${WASM_TOOLCHAIN:-}" in
rustup | debian) toolchain=$WASM_TOOLCHAIN ;;
'')
  if has_rustup_target; then
    toolchain=rustup
  elif has_debian_sources; then
    toolchain=debian
  else
    fail "no toolchain for $target. Run 'rustup target add $target', or install Debian's rustc-web cargo-web rust-web-src."
  fi
  ;;
*) fail "WASM_TOOLCHAIN is 'rustup' or 'debian', not '$WASM_TOOLCHAIN'." ;;
esac

build_std=()
if [ "$toolchain" = rustup ]; then
  has_rustup_target || fail "rustup has no target $target: run 'rustup target add $target'."
  cargo=cargo
  export RUSTC=rustc
else
  has_debian_sources || fail "Debian's packages rustc-web cargo-web rust-web-src are not installed."
  cargo=/usr/bin/cargo
  export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
  linker=$(find_linker)
  export CARGO_TARGET_WASM32V1_NONE_LINKER=$linker
  build_std=(-Z build-std=core,alloc)
fi

# No path of the machine may reach the bytes.
sysroot=$($RUSTC --print sysroot)
sources=$sysroot/lib/rustlib/src/rust
flags=(
  -C link-arg=--export-table
  --cfg substrate_runtime
  --remap-path-prefix "$here=."
  --remap-path-prefix "$sources=/rust"
)
[ -d "$sources" ] && flags+=(--remap-path-prefix "$(cd -P "$sources" && pwd)=/rust")
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
  flags+=(--remap-path-prefix "$registry=/crates")
done
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
unset RUSTFLAGS

# Builds package $1 with features $3 and copies its module to $2.
build() {
  "$cargo" build ${build_std[@]+"${build_std[@]}"} --locked --release --target $target --no-default-features -p "$1" \
    --features "${3:-}" &&
    install -m 644 "${CARGO_TARGET_DIR:-target}/$target/release/${1//-/_}.wasm" "$2"
}

# Describes the modules in directory $1.
manifest() {
  local file separator=
  printf '{\n  "specVersion": %s,\n' "$(sed -n 's/^ *spec_version: \([0-9]*\),$/\1/p' runtime/src/lib.rs)"
  printf '  "target": "%s",\n  "rustc": "%s",\n' $target "$($RUSTC --version)"
  printf '  "sourcesSha256": "%s",\n  "modules": [' "$sources_sha256"
  for file in epochdiff_runtime.wasm epochdiff_runtime_terms.wasm epochdiff_runtime_node.wasm patch_module.wasm \
    storage_cache.wasm; do
    [ -f "$1/$file" ] || continue
    printf '%s\n    { "file": "%s", "bytes": %s, "sha256": "%s" }' \
      "$separator" $file "$(wc -c <"$1/$file" | tr -d ' ')" "$(sha256 "$1/$file")"
    separator=,
  done
  printf '\n  ]\n}\n'
}

out=prebuilt
if [ "${1:-}" = --check ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
elif [ $# -gt 0 ]; then
  fail "usage: build.sh [--check | --changed]"
fi
mkdir -p $out
build epochdiff-runtime "$out/epochdiff_runtime.wasm" || fail "the runtime does not build."
build epochdiff-runtime "$out/epochdiff_runtime_terms.wasm" terms || fail "the runtime's twin does not build."
build epochdiff-runtime "$out/epochdiff_runtime_node.wasm" consensus || fail "the runtime for nodes does not build."
build patch-module "$out/patch_module.wasm" || fail "the patch module does not build."
build storage-cache "$out/storage_cache.wasm" || fail "the storage cache does not build."
manifest "$out" >"$out/manifest.json"

if [ "$out" = prebuilt ]; then
  cat prebuilt/manifest.json
elif diff -u prebuilt/manifest.json "$out/manifest.json"; then
  echo "prebuilt/ is what these sources give."
else
  if [ "$(grep '"rustc"' prebuilt/manifest.json)" != "$(grep '"rustc"' "$out/manifest.json")" ]; then
    echo "The toolchain is not the one prebuilt/ was made with: different bytes are expected." >&2
  fi
  echo "prebuilt/ is not what these sources give (- prebuilt, + rebuilt)." >&2
  exit 1
fi
