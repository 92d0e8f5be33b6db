#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-symbols.sh: names decoded from the kernel's memory against every line of
# /proc/kallsyms, what only the text has, and kptr_restrict=2, which blanks the text.

set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
failed=0

"$here/provision.sh" 5.10 6.1 6.12 7 || exit 2
make -s -C "$top" build/kwcheck build/tests/symbols-compare || exit 2

# run SERIES memory|text
run()
{
	"$here/boot.sh" --kernel "$1" --exec "$build/kwcheck" \
		--exec "$build/tests/symbols-compare" --distro-module bridge \
		--distro-module tun --distro-module overlay --distro-module fuse \
		--file "$here/guest-symbols.sh:/bin/guest-symbols" \
		--file "$here/guest-lib.sh:/bin/guest-lib" \
		-- "guest-symbols $2" >"$work/guest" || failed=1
	sed -E "s/^((not )?ok )/\1$1: /" "$work/guest"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run 5.10 text
for series in 6.1 6.12 7; do
	run "$series" memory
done
exit "$failed"
