#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-roots.sh: other roots (a process's, a given one, PTI's user copy), per-CPU copies, and
# labels that mislead, on 6.1 with page-table isolation and on the newest kernel.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
failed=0

"$here/provision.sh" 6.1 7
make -s -C "$top" build/kwcheck
for series in 6.1 7; do
	"$here/boot.sh" --kernel "$series" --append pti=on --exec "$build/kwcheck" \
		--file "$here/guest-lib.sh:/bin/guest-lib" \
		--file "$here/guest-roots.sh:/bin/guest-roots" \
		-- "guest-roots $series" || failed=1
done
exit $failed
