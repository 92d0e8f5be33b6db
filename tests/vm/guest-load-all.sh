#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# guest-load-all.sh LIST: in the guest. Each module of LIST is given to the real modprobe, and
# taken out again with all that came with it: two of 7's nhc_* may not be loaded at once.
# /out/really gets "NAME RESULT": 0, modprobe's last words, "died" where the kernel ended it,
# or "loaded" where something did not go again.

echo /bin/modprobe >/proc/sys/kernel/modprobe

# What came is what was not there before; each round takes what nothing uses any more.
take_out()
{
	local before=''

	while busybox lsmod | cut -d ' ' -f 1 >/tmp/now && [ "$(cat /tmp/now)" != "$before" ]; do
		before=$(cat /tmp/now)
		grep -vxFf /tmp/first /tmp/now | while read -r came; do
			timeout 30 busybox rmmod "$came" 2>/dev/null
		done
	done
}

busybox lsmod | cut -d ' ' -f 1 >/tmp/first
: >/out/really
while read -r name; do
	[ ! -d "/sys/module/$name/holders" ] || { echo "$name loaded" >>/out/really; continue; }
	timeout 100 modprobe "$name" 2>/tmp/error </dev/null
	case $? in
	0) echo "$name 0" ;;
	143|124) echo "$name late" ;;
	137|139) echo "$name died" ;;
	*) echo "$name $(tail -n 1 /tmp/error)" ;;
	esac >>/out/really
	take_out
done <"$1"
exit 0
