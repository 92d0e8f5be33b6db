#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# targets.sh LIBFUZZER SECONDS [TARGET...]
#
# Each target of tests/fuzz/target.c for SECONDS, by libFuzzer with the sanitizers, from the seeds in
# tests/fuzz/seeds and, where $FUZZ_CORPUS is a folder, from what was found there before and is kept
# there. A line each: executions, and places of the code that were reached; the last one is the sum.
# What fails is kept, and its name is told.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cd "$here/../.."
fuzzer=$(realpath "$1")
seconds=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
corpus=${FUZZ_CORPUS:-$work}
sum=0 failed=''
# Allocations that fail are told to the caller, as they are without the sanitizer.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

# The seeds of target $1 to the folder $2.
unpack_seeds()
{
	local line number=0

	mkdir -p "$2"
	while read -r line; do
		number=$((number + 1))
		xxd -r -p <<<"$line" >"$2/seed-$number"
	done <"$here/seeds/$1.hex"
}

value()
{
	grep -ao "$1[: ] *[0-9]*" "$work/log" | tail -n 1 | grep -o '[0-9]*$' || echo 0
}

fuzz()
{
	local target=$1 max_bytes status=0 executions

	max_bytes=$(sed -n "s/.*\"$target\",.*max_bytes = \([0-9]*\).*/\1/p" "$here/target.c")
	unpack_seeds "$target" "$work/seeds-$target"
	mkdir -p "$corpus/$target"
	KWCHECK_FUZZ=$target "$fuzzer" -max_total_time="$seconds" -max_len="$max_bytes" \
		-rss_limit_mb=3000 -timeout=60 -print_final_stats=1 \
		-artifact_prefix="build/fuzz-$target-" "$corpus/$target" \
		"$work/seeds-$target" >"$work/log" 2>&1 || status=$?
	executions=$(value number_of_executed_units)
	sum=$((sum + executions))
	if ((status == 0)); then
		echo "ok fuzz: $target: $executions executions, $(value cov) places"
	else
		grep -av '^#\|^INFO' "$work/log" | head -n 40
		echo "not ok fuzz: $target: after $executions executions"
		failed=1
	fi
}

(($#)) || mapfile -t targets < <(sed -n 's/.*{\.name = "\([a-z-]*\)".*/\1/p' "$here/target.c")
(($# == 0)) || targets=("$@")
for target in "${targets[@]}"; do
	fuzz "$target"
done
echo "$sum executions of ${#targets[@]} targets"
[[ -z $failed ]]
