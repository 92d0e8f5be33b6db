#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [COMMAND...]
#
# Runs test commands, two at a time, and sums up. A command's output is shown whole when it
# ends. What counts: each line "ok NAME" or "not ok NAME", and Criterion's own count; a
# command that fails without a failed test counts as one. "skipped NAME: WHY" is what
# cannot be tried here. The last line is the sum.

set -uo pipefail

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

run_one()
{
	local log=$1 command=$2 start=$SECONDS status

	bash -c "$command" >"$log" 2>&1
	status=$?
	echo "exit $status after $((SECONDS - start)) s: $command" >>"$log"
	echo "$status" >"$log.status"
	flock "$logs/lock" cat "$log"
}
export -f run_one
export logs

commands=("$@")
list()
{
	local i

	for i in "${!commands[@]}"; do
		printf '%s\0%s\0' "$logs/$i.log" "${commands[i]}"
	done
}
# shellcheck disable=SC2016 # the inner bash expands
list | xargs -0 -n 2 -P 2 bash -c 'run_one "$0" "$1"'

passed=0 failed=0 skipped=0
for i in "${!commands[@]}"; do
	log=$logs/$i.log
	synthesis=$(sed -n 's/.*Synthesis: Tested: .*Passing: \([0-9]*\) | Failing: \([0-9]*\) | Crashing: \([0-9]*\).*/\1 \2 \3/p' "$log" | tail -n 1)
	read -r good bad crashed <<<"${synthesis:-0 0 0}"
	good=$((good + $(grep -c '^ok ' "$log")))
	bad=$((bad + crashed + $(grep -c '^not ok ' "$log")))
	missed=$(grep -c '^skipped ' "$log")
	if ((bad == 0)) && { [[ $(cat "$log.status" 2>/dev/null) != 0 ]] ||
		((good + missed == 0)); }; then
		bad=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + missed))
done
((skipped == 0)) || echo "$skipped skipped: what is missing here is said above"
echo "$passed passed, $failed failed"
((failed == 0))
