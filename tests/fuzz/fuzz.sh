#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh [COUNT [FIRST]]: damaged modules, crash logs and captures, against the build with
# sanitizers: COUNT modules (default 3000), a tenth of that of the others, by the seeds
# FIRST (default 1) and on. What fails is told by its seed: build/san/fuzz write SEED FILE
# makes that file again.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
count=${1:-3000} first=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=''
# Allocations that fail are told to the caller, as they are without the sanitizer.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1

fuzz_modules()
{
	local series=$1 modules

	mapfile -t modules < <(
		find "$cache/$series/modules/kernel" -name '*.ko*' -size -96k | sort |
			awk 'NR % 41 == 0'
		find "$work/$series" -name '*.ko' | sort)
	if "$top/build/san/fuzz" module "$top/tests/data/captures/$series.zst" "$first" \
		"$((count / 2))" "${modules[@]}" 2>"$work/log"; then
		echo "ok $series: $((count / 2)) damaged modules of ${#modules[@]}"
	else
		tr '\r' '\n' <"$work/log" | tail -n 40
		echo "not ok $series: damaged modules"
		failed=1
	fi
}

# fuzz_files NAME FILE... -- ARGUMENTS: kwcheck with these and the damaged file.
fuzz_files()
{
	local name=$1 files=() seed status

	shift
	while [[ $1 != -- ]]; do
		files+=("$1")
		shift
	done
	shift
	for ((seed = first; seed < first + count / 10; seed++)); do
		"$top/build/san/fuzz" write "$seed" "${files[seed % ${#files[@]}]}" \
			>"$work/file"
		status=0
		timeout 60 "$top/build/san/kwcheck" "$@" "$work/file" >/dev/null \
			2>"$work/log" </dev/null || status=$?
		((status <= 3 || status == 64)) && continue
		cat "$work/log"
		echo "not ok $name: seed $seed of ${files[seed % ${#files[@]}]}: $status"
		failed=1
		return
	done
	echo "ok $name: $((count / 10)) damaged files"
}

"$here/../vm/provision.sh" 6.1 7
for series in 6.1 7; do
	"$here/../vm/build-module.sh" "$series" "$here/../vm/modules/preflight/common" \
		"$work/$series"
	fuzz_modules "$series"
done
fuzz_files oops "$top"/tests/data/oops/*.txt -- oops --no-sandbox
zstd -dqo "$work/core" "$top/tests/data/captures/6.1.zst"
fuzz_files core "$top"/tests/data/captures/{6.1,7}.zst "$work/core" -- check --no-sandbox \
	apparmor_hooks --core
[[ -z $failed ]]
