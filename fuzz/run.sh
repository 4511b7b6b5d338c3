#!/usr/bin/env bash
# Runs every fuzz target for so many seconds (60 by default), one after another.
#   fuzz/run.sh [seconds] [target…]
# Needs a nightly compiler and `cargo install cargo-fuzz --locked`. What was found in
# earlier runs is kept in fuzz/corpus and tried first; what broke, in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-60}"
shift || true
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
  mapfile -t targets < <(cargo +nightly fuzz list --fuzz-dir .)
fi
failed=()
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target"
  printf '== %s, %s s\n' "$target" "$seconds"
  seeds=()
  if [ -d "seeds/$target" ]; then seeds=("seeds/$target"); fi
  cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "${seeds[@]}" -- \
    -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
    -dict=words.dict -print_final_stats=1 || failed+=("$target")
done
if [ "${#failed[@]}" -gt 0 ]; then
  printf 'broken: %s\n' "${failed[*]}" >&2
  exit 1
fi
