#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# coverage.sh BUILD
#
# Runs the unit tests of a build with --coverage and prints which part of each room's lines
# they run. Fails where one of the rooms that answers rest on is below 90 %. kwcheck itself,
# which unit tests run too, is not counted: its sandbox lets it write no counts.

set -euo pipefail

build=$1
must=(pagetable kcore module insn dataflow machine dryrun audit oops)
others=(preflight unchanged guest cmd)
failed=0

find "$build" -name '*.gcda' -delete
"$build/unit" >"$build/log" 2>&1 </dev/null || { tail -n 20 "$build/log"; failed=1; }

# share ROOM: "EXECUTED LINES" of its files.
share()
{
	gcov -n -r -o "$build/$1" "$1"/*.c 2>/dev/null | awk -v room="$1/" '
		/^File / { ours = index($2, "\047" room) == 1 }
		/^Lines executed:/ && ours {
			split($2, part, /[:%]/)
			lines += $4
			executed += part[2] * $4 / 100
			ours = 0 # what follows the last file is the sum
		}
		END { printf "%d %d\n", executed + 0.5, lines }'
}

for room in "${must[@]}" "${others[@]}"; do
	read -r executed lines < <(share "$room")
	percent=$((executed * 1000 / (lines ? lines : 1)))
	printf '%-10s %5d of %5d lines  %3d.%d %%\n' "$room" "$executed" "$lines" \
		$((percent / 10)) $((percent % 10))
	if [[ " ${must[*]} " == *" $room "* ]] && ((percent < 900)); then
		echo "not ok coverage: $room is below 90 %"
		failed=1
	fi
done
exit "$failed"
