#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-preflight-trees.sh [SERIES...]: every module of the stock kernels against a capture
# of its own kernel. None would fault, none bypasses anything, and those that are suspect
# are the ones of tests/data/preflight/suspects, at the places named there.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
max_undecided=0
nr_failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
	echo "FAIL: $*" >&2
	nr_failed=$((nr_failed + 1))
	is_sound=''
}

(($#)) || set -- 5.10 6.1 6.12 7
for series; do
	is_sound=1
	"$here/provision.sh" "$series"
	"$kwcheck" preflight --json --no-dry-run --core "$top/tests/data/captures/$series.zst" \
		"$cache/$series/modules/kernel" >"$work/json" || true
	jq -r --arg series "$series" '.results[] | . as $r |
		select(.verdict != "clean" and .verdict != "undecided") |
		(.findings[] | select(.verdict == $r.verdict) |
		 [$series, $r.module, .verdict, .site.function, .target.symbol] | join(" "))' \
		"$work/json" | sort -u >"$work/got"
	grep "^$series " "$top/tests/data/preflight/suspects" | sort >"$work/want" || true
	diff "$work/want" "$work/got" >&2 || fail "$series: not the suspects that are known"
	# Such a capture does not hold what the loader asks for: that alone is not counted.
	nr=$(jq '[.results[] | select(.verdict == "undecided" and
		((.reason | startswith("not in this core") | not) or
		 ([.findings[] | select(.verdict == "undecided")] | length > 1)))] | length' \
		"$work/json")
	((nr <= max_undecided)) || fail "$series: $nr modules are undecided"
	jq -e '.errors == []' "$work/json" >/dev/null || fail "$series: errors"
	counts=$(jq -r '[.results[] | .verdict] | group_by(.) |
		map("\(length) \(.[0])") | join(", ")' "$work/json")
	if [[ -n $is_sound ]]; then
		echo "ok $series: $counts"
	else
		echo "not ok $series: $counts"
	fi
done
((nr_failed == 0))
