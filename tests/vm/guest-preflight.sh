#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# In the guest: for the lines "NAME EXIT ARGUMENTS" of /corpus/list, asks kwcheck about all
# /corpus/NAME.ko at once, then loads each and, where EXIT is 1, unloads it. Gives on
# stdout a tar of answer.json, answer.err, what the options of the dry run gave (OPTION.json)
# and, for each, NAME.log (what the kernel logged meanwhile). "@symbol" in the arguments
# becomes that symbol's address. Those that others link against (d*) are loaded before the
# question.

# A shell that lost a child to an oops says "Killed".
exec 3>&1 >/dev/null 2>&1
mkdir -p /tmp/corpus
dmesg -n 1

# give ARGUMENTS: sets arguments, without any "@".
give()
{
	arguments=$1
	while :; do
		case $arguments in
		*@*) ;;
		*) break ;;
		esac
		symbol=${arguments##*@}
		address=$(awk -v s="$symbol" '$3 == s { print $1; exit }' /proc/kallsyms)
		arguments=${arguments%@*}0x$address
	done
}

# load NAME ARGUMENTS: packed, so that insmod falls back to init_module(2):
# finit_module(2) keeps a list with entries on its callers' stacks (since 6.5), and those
# that oops never leave it.
load()
{
	dmesg -c >/dev/null
	gzip -1 "/corpus/$1.ko"
	# shellcheck disable=SC2086 # several words
	insmod "/corpus/$1.ko.gz" $2 >"/tmp/corpus/$1.insmod" 2>&1
}

set --
while read -r name unload arguments; do
	give "$arguments"
	# shellcheck disable=SC2086 # several words
	set -- "$@" "/corpus/$name.ko" $arguments
	echo "$name $unload $arguments" >>/tmp/list
	case $name in
	d*)
		cp "/corpus/$name.ko" /tmp/
		load "$name"
		dmesg >"/tmp/corpus/$name.log"
		mv "/tmp/$name.ko" /corpus/
		;;
	esac
done </corpus/list
ask()
{
	kwcheck preflight --json "$@"
}
# Emulated, 5.10's kallsyms_lookup_name() takes longer than the usual 20 s.
time=milliseconds=120000
ask --limit=$time "$@" >/tmp/corpus/answer.json 2>/tmp/corpus/answer.err
ask --limit=$time --exit /corpus/w44_exit.ko /corpus/n10_register_ops.ko >/tmp/corpus/exit.json
ask --limit=$time --call=changed --trace /corpus/w47_callback.ko >/tmp/corpus/call.json
ask --limit=$time --call=opened /corpus/n10_register_ops.ko >/tmp/corpus/opened.json
ask --limit=$time --call=nothing /corpus/w47_callback.ko >/tmp/corpus/nothing.json
for limit in instructions=1000 pages=200 depth=3 milliseconds=1; do
	ask --limit=$limit /corpus/n10_register_ops.ko >"/tmp/corpus/${limit%=*}.json"
done

while read -r name unload arguments; do
	case $name in
	d*) continue ;;
	esac
	load "$name" "$arguments"
	if [ "$unload" = 1 ]; then
		rmmod "$name" >>"/tmp/corpus/$name.insmod" 2>&1
	fi
	# The oops takes the process with it that writes.
	case $name in
	w48*) (echo 5 >/sys/module/w48_ro_after_init/parameters/limit) 2>/dev/null ;;
	esac
	dmesg >"/tmp/corpus/$name.log"
done </tmp/list

tar -c -f - -C /tmp/corpus . >&3
exit 0
