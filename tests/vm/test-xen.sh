#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-xen.sh: stock 6.1 as dom0 of Debian's Xen, a PV domain: its tables hold machine frames.
# check, walk, map, audit and captures answer, and the CPU agrees on 20,000 addresses.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

"$here/provision.sh" 6.1 xen
make -s -C "$top" build/kwcheck build/tests/oracle-compare
"$here/build-module.sh" 6.1 "$here/oracle" "$build/oracle/6.1"

"$here/boot.sh" --kernel 6.1 --xen "$cache/xen/xen" --memory 2G --timeout 1500 \
	--exec "$build/kwcheck" --library "$unicorn" --exec "$build/tests/oracle-compare" \
	--file "$here/guest-lib.sh:/bin/guest-lib" --file "$here/guest-xen.sh:/bin/guest-xen" \
	--file "$cache/6.1/vmlinuz:/vmlinuz" \
	--file "$build/oracle/6.1/oracle.ko" --module "$build/oracle/6.1/oracle.ko" -- guest-xen
