#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-load.sh [SERIES...]: kwcheck on a live kernel whose machine has too little for it: 64 runs
# at once, small memory cgroups, busy CPUs. The answers are those of the idle machine.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
(($#)) || set -- 6.12
# Loaded by dlopen(3).
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2

[[ -n ${KWCHECK:-} ]] || make -s -C "$top" build/kwcheck
failed=0
for series; do
	"$here/provision.sh" "$series"
	"$here/build-module.sh" "$series" "$here/modules/churn" "$build/churn/$series"
	"$here/boot.sh" --kernel "$series" --smp 2 --parallel --memory 6G --exec "${KWCHECK:-$build/kwcheck}" \
		--library "$unicorn" --file "$here/guest-load.sh:/bin/guest-load" \
		--file "$build/churn/$series/churn_faults.ko" --timeout 2400 \
		-- guest-load "$series" || failed=1
done
exit $failed
