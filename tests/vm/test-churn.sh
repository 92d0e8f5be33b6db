#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-churn.sh [SERIES...]: audit and preflight on a kernel that loads and unloads modules
# all the while, by two CPUs. No finding is false, real damage is found each time, and
# preflight says what it says of the quiet kernel. RUNS: how often each is asked.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
(($#)) || set -- 6.12
# Loaded by dlopen(3).
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2

[[ -n ${KWCHECK:-} ]] || make -s -C "$top" build/kwcheck
make -s -C "$top" build/tests/churn
kwcheck=${KWCHECK:-$build/kwcheck}
failed=0
for series; do
	"$here/provision.sh" "$series"
	files=()
	for folder in churn audit; do
		"$here/build-module.sh" "$series" "$here/modules/$folder" "$build/$folder/$series"
		for ko in "$build/$folder/$series"/*.ko; do
			files+=(--file "$ko")
		done
	done
	"$here/boot.sh" --kernel "$series" --smp 2 --parallel --memory 1G --append rcupdate.rcu_expedited=1 --exec "$kwcheck" \
		--exec "$build/tests/churn" \
		--library "$unicorn" --file "$here/guest-churn.sh:/bin/guest-churn" \
		"${files[@]}" --timeout 900 -- guest-churn "$series" "${RUNS:-15}" || failed=1
done
exit $failed
