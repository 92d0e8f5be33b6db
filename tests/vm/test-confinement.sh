#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-confinement.sh [SERIES...]: somebody else's code in kwcheck, behind its privileges, on real
# kernels (6.12): what it tries is refused by the filter, and by Landlock alone where the kernel has
# that: not 5.10, files on 6.1, signals, too, on 6.12 and newer.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
declare -A landlock=([5.10]=0 [6.1]=2 [6.12]=6 [7]=6)
failed=0

(($#)) || set -- 6.12
"$here/provision.sh" "$@"
make -s -C "$top" build/kwcheck build/tests/attacked
for series in "$@"; do
	"$here/boot.sh" --kernel "$series" --timeout 600 --exec "$build/tests/attacked" \
		--exec "$(type -P setpriv)" --file "$here/guest-lib.sh:/bin/guest-lib" \
		--file "$top/tests/data/captures/6.1.zst:/6.1.zst" \
		--file "$here/guest-confinement.sh:/bin/guest-confinement" \
		-- "guest-confinement ${landlock[$series]} /6.1.zst" | sed -u "s/confinement: /&$series, /" ||
		failed=1
done
exit $failed
