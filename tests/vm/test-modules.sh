#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-modules.sh [--count N] [--seed TEXT] [SERIES...]: modules of net, fs,
# crypto, block, lib and of the drivers of disks, USB and input. kwcheck says over a capture of
# a stock kernel's memory what their init returns; what cannot be said is listed by reason, and
# is one in a hundred at most. None of them faults.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
kwcheck=${KWCHECK:-$top/build/kwcheck}
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
[[ -n ${KEEP:-} ]] || trap 'rm -rf "$work"' EXIT
folders=(net fs crypto block lib drivers/{block,md,usb,hid,input})

count=40 seed=kwcheck
while (($#)); do
	case $1 in
	--count) count=$2; shift 2 ;;
	--seed) seed=$2; shift 2 ;;
	*) break ;;
	esac
done
(($#)) || set -- 6.1 6.12 7

# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"
# Paths below the tree.
choose()
{
	local folder

	for folder in "${folders[@]}"; do
		[[ ! -d $modules/kernel/$folder ]] || (cd "$modules" && find "kernel/$folder" -name '*.ko*')
	done | LC_ALL=C sort | shuf -n "$count" --random-source=<(yes "$seed")
}

# "NAME OUTCOME VALUE REASON" of each.
predict()
{
	local memory

	memory=$("$here/make-memory.sh" "$series")
	(cd "$modules" && xargs "$kwcheck" preflight --json \
		--core="$memory/memory.zst" <"$work/$series/chosen") \
		>"$work/$series/answer.json" || true
	jq -r '.results[] | [(.file | sub(".*/"; "") | sub("\\.ko.*"; "") | gsub("-"; "_")),
		.dry_run.outcome, .dry_run.return // 0,
		(.dry_run.reason_code // "") + ": " + .dry_run.reason] | @tsv' \
		"$work/$series/answer.json" >"$work/$series/said"
}

sum_up()
{
	local said=$1 nr nr_undecided

	nr=$(wc -l <"$said")
	awk -F '\t' '$2 != "returned" && $2 != "fault" { print $1, $4 }' "$said" >"$said.not"
	nr_undecided=$(wc -l <"$said.not")
	cut -d ' ' -f 2- "$said.not" | sed 's/0x[0-9a-f]*/ADDRESS/g' | sort | uniq -c | sort -rn |
		sed 's/^/undecided: /'
	say $((nr < count * 9 / 10 && nr < $(wc -l <"$work/$series/chosen"))) "$nr modules were looked at"
	say "$(grep -c $'\tfault\t' "$said" || true)" "none would fault"
	say $((nr_undecided * 100 > nr + 99)) "$nr_undecided of $nr undecided"
}

make -s -C "$top" build/kwcheck
for series; do
	# shellcheck disable=SC2034 # say() reads it
	subject=$series
	"$here/provision.sh" "$series"
	modules=$cache/$series/modules
	mkdir -p "$work/$series"
	choose >"$work/$series/chosen"
	predict
	sum_up "$work/$series/said"
done
exit $failed
