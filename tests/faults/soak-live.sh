#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak-live.sh [SAMPLES [SERIES...]]: the live verbs in guests while calls of each kind fail; part
# of make check-soak.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
vm=$here/../vm
build=$top/build
samples=${1:-20}
(($# < 1)) || shift
(($#)) || set -- 6.12 7
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2

make -s -C "$top" build/kwcheck build/tests/fail build/tests/failalloc.so
failed=0
for series; do
	"$vm/provision.sh" "$series"
	"$vm/build-module.sh" "$series" "$vm/modules/churn" "$build/churn/$series"
	"$vm/boot.sh" --kernel "$series" --memory 1G --exec "$build/kwcheck" \
		--exec "$build/tests/fail" --library "$unicorn" \
		--file "$build/tests/failalloc.so" \
		--file "$vm/guest-faults.sh:/bin/guest-faults" \
		--file "$top/tests/data/oops/6.12-lsm.txt:/oops.txt" \
		--file "$build/churn/$series/churn_faults.ko" \
		--timeout $((1200 + samples * 900)) -- guest-faults "$samples" || failed=1
done
exit $failed
