#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# circles.sh OBJECT...: no files call each other in a circle, by what the linker sees.

set -euo pipefail

pairs=$(nm -A "$@" | awk '
	{ sub(/:/, " "); object = $1; type = $(NF - 1); name = $NF }
	type ~ /^[TDRBC]$/ { defined[name] = object }
	type == "U" { wanted[object, name] = 1 }
	END {
		for (pair in wanted) {
			split(pair, of, SUBSEP)
			if (of[2] in defined) print of[1], defined[of[2]]
		}
	}')
[[ -n $pairs ]] || { echo "circles.sh: no object uses another: $*"; exit 1; }
# tsort names the members of each circle, one a line.
if ! circles=$(tsort <<<"$pairs" 2>&1 >/dev/null); then
	echo "files that call each other in a circle:"
	sed 's/^tsort: //; s/^-: input contains a loop:/-/' <<<"$circles" |
		awk '/^-$/ { if (line) print line; line = ""; next } { line = line " " $0 }
			END { print line }' | sort -u
	exit 1
fi
