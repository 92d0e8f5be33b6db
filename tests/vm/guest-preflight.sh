#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the guest: for each line "NAME EXIT ARGUMENTS" of /corpus/list, asks kwcheck about
# /corpus/NAME.ko, then loads it and, where EXIT is 1, unloads it. Leaves in /out
# NAME.json, NAME.log (what the kernel logged meanwhile) and NAME.rc. "@symbol" in the
# arguments becomes that symbol's address.

mkdir -p /out
dmesg -n 1
while read -r name unload arguments; do
	while :; do
		case $arguments in
		*@*) ;;
		*) break ;;
		esac
		symbol=${arguments##*@}
		address=$(awk -v s="$symbol" '$3 == s { print $1; exit }' /proc/kallsyms)
		arguments=${arguments%@*}0x$address
	done
	# shellcheck disable=SC2086 # several words
	kwcheck preflight --json "/corpus/$name.ko" $arguments \
		>"/out/$name.json" 2>"/out/$name.err"
	echo $? >"/out/$name.rc"
	dmesg -c >/dev/null
	# shellcheck disable=SC2086
	insmod "/corpus/$name.ko" $arguments >"/out/$name.insmod" 2>&1
	if [ "$unload" = 1 ]; then
		rmmod "$name" >>"/out/$name.insmod" 2>&1
	fi
	case $name in
	w48*) echo 5 >/sys/module/w48_ro_after_init/parameters/limit ;;
	esac 2>/dev/null
	dmesg >"/out/$name.log"
done </corpus/list
