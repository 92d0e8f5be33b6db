#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh [SERIES...]: ratios, measured in one guest run per kernel (default 6.1). Times
# under emulation mean nothing by themselves; only the ratios do.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
vm=$here/../vm

(($#)) || set -- 6.1
"$vm/provision.sh" "$@"
make -s -C "$top" build/kwcheck build/tests/ratio
cp "$(command -v grep)" "$top/build/tests/gnu-grep" # the guest's own is busybox's, and slow
# shellcheck disable=SC2016 # the guest expands
questions='
ratio 11 "kwcheck apparmor_hooks" "gnu-grep -w apparmor_hooks /proc/kallsyms"
hex=0x$(gnu-grep -w apparmor_hooks /proc/kallsyms | cut -d " " -f 1)
echo "reads of /proc/kcore for a hex address (aim: at most 16):"
kwcheck -v $hex | gnu-grep reads
'
for series; do
	echo "== $series"
	"$vm/boot.sh" --kernel "$series" --timeout 300 --exec "$top/build/kwcheck" \
		--exec "$top/build/tests/ratio" --exec "$top/build/tests/gnu-grep" -- \
		"$questions"
done
