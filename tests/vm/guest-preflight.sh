#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# In the guest: for each line "NAME EXIT ARGUMENTS" of /corpus/list, asks kwcheck about
# /corpus/NAME.ko, then loads it and, where EXIT is 1, unloads it. Gives on
# stdout a tar of NAME.json, NAME.log (what the kernel logged meanwhile) and NAME.rc. "@symbol" in the
# arguments becomes that symbol's address.

# A shell that lost a child to an oops says "Killed".
exec 3>&1 >/dev/null 2>&1
mkdir -p /tmp/corpus
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
		>"/tmp/corpus/$name.json" 2>"/tmp/corpus/$name.err"
	echo $? >"/tmp/corpus/$name.rc"
	dmesg -c >/dev/null
	# Packed, so that insmod falls back to init_module(2): finit_module(2) keeps a list
	# with entries on its callers' stacks (since 6.5), and those that oops never leave it.
	gzip "/corpus/$name.ko"
	# shellcheck disable=SC2086
	insmod "/corpus/$name.ko.gz" $arguments >"/tmp/corpus/$name.insmod" 2>&1
	if [ "$unload" = 1 ]; then
		rmmod "$name" >>"/tmp/corpus/$name.insmod" 2>&1
	fi
	# The oops takes the process with it that writes.
	case $name in
	w48*) (echo 5 >/sys/module/w48_ro_after_init/parameters/limit) 2>/dev/null ;;
	esac
	dmesg >"/tmp/corpus/$name.log"
done </corpus/list

tar -c -f - -C /tmp/corpus . >&3
exit 0
