#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# includes.sh [TREE]: every include between folders points to a lower floor (the table is
# tests/lint/floors), and no headers include each other in a circle.

set -euo pipefail

floors=$(dirname "$(readlink -f "$0")")/floors
cd "${1:-$(dirname "$floors")/../..}"
status=0

while IFS=: read -r room uses; do
	while IFS=: read -r file line include; do
		[[ " $room $uses " == *" ${include%%/*} "* ]] && continue
		echo "$file:$line: $include: $room/ may include ${uses:- nothing} only (tests/lint/floors)"
		status=1
	done < <(grep -nHoE '^#include "[^"]+' "$room"/*.[ch] | sed 's/#include "//')
done < <(grep -v '^#' "$floors")

# tsort wants pairs, and names the members of a circle.
pairs=$(grep -HoE '^#include "[^"]+' ./*/*.h | sed 's|^\./||; s|:#include "| |') || true
if ! circle=$(tsort <<<"$pairs" 2>&1 >/dev/null); then
	echo "headers in a circle:"
	echo "$circle"
	status=1
fi
exit $status
