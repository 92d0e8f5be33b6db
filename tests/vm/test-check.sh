#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-check.sh: the main question on a stock 6.1 kernel, asked as a user would: text, JSON,
# exit status, names that several symbols share, and the CPU's own word on 20,000 addresses.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build

"$here/provision.sh" 6.1
make -s -C "$top" build/kwcheck build/tests/oracle-compare
"$here/build-module.sh" 6.1 "$here/oracle" "$build/oracle/6.1"

"$here/boot.sh" --kernel 6.1 --exec "$build/kwcheck" --exec "$build/tests/oracle-compare" \
	--file "$here/guest-lib.sh:/bin/guest-lib" \
	--file "$here/guest-check.sh:/bin/guest-check" --smp 2 --distro-module bridge \
	--module "$build/oracle/6.1/oracle.ko" -- guest-check
