#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# valgrind.sh BUILD
#
# Asks BUILD/kwcheck, under valgrind, what it is asked most, of captures, logs and a module: no
# byte is used that nobody wrote, none outside of what it belongs to, none is lost for good, and
# the answer is the same as without. Not in the sandbox, whose filter does not know valgrind's own
# calls.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
kwcheck=$(readlink -f "$1")/kwcheck
captures=$top/tests/data/captures
logs=$top/tests/data/oops
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# look NAME ARGUMENT...
look()
{
	local name=$1 wanted=0 status=0

	shift
	"$kwcheck" "$@" >"$work/wanted" 2>&1 || wanted=$?
	valgrind --quiet --vgdb=no --error-exitcode=99 --trace-children=yes --leak-check=full \
		--errors-for-leak-kinds=definite --log-file="$work/log.%p" \
		"$kwcheck" "$@" >"$work/found" 2>&1 || status=$?
	if [[ $status == "$wanted" && -z $(cat "$work"/log.*) ]] &&
		cmp -s "$work/wanted" "$work/found"; then
		echo "ok valgrind: $name"
	else
		echo "not ok valgrind: $name: status $status, without valgrind $wanted"
		diff "$work/wanted" "$work/found" | head -n 20 || true
		cat "$work"/log.*
		failed=1
	fi
	rm -f "$work"/log.*
}

# of SERIES VERB ARGUMENT...
of()
{
	look "$2 of $1" "$2" --no-sandbox --core "$captures/$1.zst" "${@:3}"
}

for series in 5.10 6.1 6.12 7; do
	of "$series" check --json apparmor_hooks jiffies '*_hooks'
done
of kcfi-randstruct check jiffies
of functions-only walk jiffies
of 6.1 map
of 6.1 map --json
of 7 audit
of 6.12 audit --json
of 7 dump apparmor_hooks
of 7 check no_such_symbol
for log in 4.19-kallsyms 5.10-many 6.1-lsm; do
	look "oops of $log" oops --no-sandbox --json "$logs/$log.txt"
done
look 'what is no log' oops --no-sandbox "$captures/7.oracle"
look 'what is no core' check --no-sandbox --core "$logs/6.1-lsm.txt" jiffies
look 'what is no module' preflight --no-sandbox --core "$captures/7.zst" "$logs/6.1-lsm.txt"
exit "$failed"
