#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-lint.sh: the lint steps of this folder pass over a sound tree and fail on a planted
# fault.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect 0|1 NAME COMMAND...
expect()
{
	local wanted=$1 name=$2 status=0

	"${@:3}" >"$work/log" 2>&1 || status=1
	if ((status == wanted)); then
		echo "ok lint: $name"
	else
		cat "$work/log"
		echo "not ok lint: $name"
		failed=1
	fi
}

# A tree with a header and a source in each folder of the table.
while IFS=: read -r room _; do
	mkdir -p "$work/tree/$room"
	echo "int $room(void);" >"$work/tree/$room/$room.h"
	printf '#include "%s/%s.h"\nint %s(void) { return 0; }\n' "$room" "$room" "$room" \
		>"$work/tree/$room/$room.c"
done < <(grep -v '^#' "$here/floors")
cd "$work/tree"
echo '#include "pagetable/pagetable.h"' >>kcore/kcore.c
expect 0 "includes that point down" "$here/includes.sh" .

cp kcore/kcore.c "$work/kept"
echo '#include "cmd/cmd.h"' >>kcore/kcore.c
expect 1 "an include that points up" "$here/includes.sh" .
cp "$work/kept" kcore/kcore.c
echo '#include "oops/oops.h"' >>audit/audit.h
expect 1 "an include of a folder beside" "$here/includes.sh" .
echo 'int audit(void);' >audit/audit.h
echo '#include "kcore/other.h"' >>kcore/kcore.h
echo '#include "kcore/kcore.h"' >kcore/other.h
expect 1 "headers in a circle" "$here/includes.sh" .

build()
{
	local file

	for file; do
		cc -I. -c -o "$file.o" -x c - <<<"${bodies[$file]}"
	done
}
declare -A bodies=(
	[a]='int b(void); int a(void) { return b(); }'
	[b]='int c(void); int b(void) { return c(); }'
	[c]='int c(void) { return 0; }'
)
build a b c
expect 0 "calls that point down" "$here/circles.sh" a.o b.o c.o
bodies[c]='int a(void); int c(void) { return a(); }'
build c
expect 1 "three files that call each other in a circle" "$here/circles.sh" a.o b.o c.o
exit $failed
