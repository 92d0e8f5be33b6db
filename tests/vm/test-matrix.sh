#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-matrix.sh [--all] [SERIES...]
#
# kwcheck's verdicts against two judges, in one boot per cell: the CPU, which the oracle
# module asks about 20,000 addresses, and QEMU's own walk of the tables. A cell is a kernel
# and a mode; without --all, a few cells that have each kernel and each mode once.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
readonly here top build min_addresses=20000 min_leaves=1000

all_series=(5.10 6.1 6.12 7)
all_modes=(qemu64 max pti nokaslr rodata-off 2-cpus 1g-pages)
covering=('5.10 pti 2-cpus' '6.1 nokaslr rodata-off' '6.12 1g-pages' '7 max'
	'6.12 qemu64')

# Sets $options to boot.sh's, and $facts to what the guest is to find.
options_of()
{
	local series=$1 mode
	shift

	options=() facts=()
	for mode in "$@"; do
		case $mode in
		qemu64) facts+=(4-level) ;;
		# 5.10 is not built for 5 levels.
		max)
			options+=(--cpu max)
			[[ $series == 5.10 ]] && facts+=(4-level) || facts+=(5-level)
			continue ;;
		pti) options+=(--append pti=on) ;;
		nokaslr) options+=(--append nokaslr) ;;
		rodata-off) options+=(--append rodata=off) ;;
		2-cpus) options+=(--smp 2) ;;
		1g-pages) options+=(--cpu 'qemu64,+pdpe1gb' --memory 6G) ;;
		*) echo "test-matrix.sh: no mode $mode" >&2; exit 2 ;;
		esac
		[[ $mode == qemu64 ]] || facts+=("$mode")
	done
}

# judge CELL WHAT STATUS LOG PATTERN: a line ok or not ok; the log where it is not.
judge()
{
	local cell=$1 what=$2 status=$3 log=$4 pattern=$5 line

	line=$(grep "$pattern" "$log" | tail -n 1) || true
	if ((status == 0)) && [[ -n $line ]]; then
		echo "ok $cell: $what: $line"
	else
		echo "not ok $cell: $what: ${line:-no answer} (exit $status)"
		head -n 60 "$log" | sed 's/^not ok/not  ok/; s/^/  /'
		failed=1
	fi
}

run_cell()
{
	local series=$1 cell="$*" start=$SECONDS status fact dir=$work/cell
	shift

	options_of "$series" "$@"
	rm -rf "$dir"
	mkdir "$dir"
	status=0
	"$here/boot.sh" --kernel "$series" "${options[@]}" --timeout 400 \
		--exec "$build/kwcheck" --exec "$build/tests/monitor-compare" \
		--exec "$build/tests/oracle-compare" \
		--module "$build/oracle/$series/oracle.ko" \
		--file "$here/guest-matrix.sh:/bin/guest-matrix" \
		--monitor "$dir/monitor" --monitor-command 'info tlb' --out "$dir/out" \
		-- "guest-matrix $min_addresses ${facts[*]}" >"$dir/guest" 2>&1 || status=$?
	for fact in "${facts[@]}"; do
		grep -qx "mode $fact is on" "$dir/guest" || {
			echo "not ok $cell: the guest is not $fact"
			failed=1
		}
	done
	judge "$cell" "the CPU" "$status" "$dir/guest" '^oracle: '
	status=0
	"$build/tests/monitor-compare" --min "$min_leaves" "$dir/monitor" \
		"$dir/out/regions.json" "$dir/out/names.json" >"$dir/compared" 2>&1 || status=$?
	judge "$cell" "QEMU's walk" "$status" "$dir/compared" '^monitor: '
	echo "# $cell: $(grep '^kernel [0-9]' "$dir/guest" || true); $((SECONDS - start)) s"
}

all='' failed=0 cells=()
if [[ ${1-} == --all ]]; then
	all=1
	shift
fi
series=("${all_series[@]}")
if (($#)); then
	series=("$@")
fi
for one in "${series[@]}"; do
	if [[ -n $all ]]; then
		for mode in "${all_modes[@]}"; do
			cells+=("$one $mode")
		done
	else
		for cell in "${covering[@]}"; do
			[[ $cell != "$one "* ]] || cells+=("$cell")
		done
	fi
done

"$here/provision.sh" "${series[@]}"
make -s -C "$top" build/kwcheck build/tests/oracle-compare build/tests/monitor-compare
for one in "${series[@]}"; do
	"$here/build-module.sh" "$one" "$here/oracle" "$build/oracle/$one"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for cell in "${cells[@]}"; do
	read -ra words <<<"$cell"
	run_cell "${words[@]}"
done
exit "$failed"
