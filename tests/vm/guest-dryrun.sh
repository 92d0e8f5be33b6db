#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# In the guest: /sample/list has lines "NAME NEEDED...": modules of the sample and what must
# be loaded before, in order; the files are beside it. In groups, what is needed is loaded,
# kwcheck is asked about the group, then each module is loaded for real and taken out again.
# /out gets GROUP.json (what kwcheck said), actual ("NAME VALUE", "NAME died"), and for each
# group what the kernel's state was before and after the dry runs, and what these opened.

group_size=20
# Emulated, everything takes some thirty times as long.
limit=--limit=milliseconds=120000

symbol()
{
	awk -v s="$1" '$3 == s { print $1; exit }' /proc/kallsyms
}

# What nobody may have changed: the image's sealed part, the loaded modules, the taint.
state()
{
	page-hashes "$(symbol _stext)" "$(symbol _etext)"
	page-hashes "$(symbol __start_rodata)" "$(symbol __end_rodata)"
	page-hashes "$(symbol _sdata)" "$(symbol _edata)"
	cat /proc/sys/kernel/tainted
	cut -d ' ' -f 1,2,3,6 /proc/modules
}

slabs()
{
	awk 'NR > 2 { n += $2 } END { print n }' /proc/slabinfo
}

died()
{
	dmesg | tail -n 30 >"/out/$1.died"
	echo "$1 died" >>/out/actual
}

load_one()
{
	value=$(timeout 60 load-module "/sample/$1.ko" 2>/dev/null)
	case $value in
	'') died "$1" ;;
	*) echo "$1 $value" >>/out/actual ;;
	esac
	[ "$value" != 0 ] || timeout 20 rmmod "$1" >/dev/null 2>&1
}

dmesg -n 1
exec 2>/out/errors
nr=0
while true; do
	first=$((nr * group_size + 1))
	names=$(sed -n "$first,$((first + group_size - 1))p" /sample/list | cut -d ' ' -f 1)
	[ -n "$names" ] || break
	# shellcheck disable=SC2013 # words
	for needed in $(sed -n "$first,$((first + group_size - 1))p" /sample/list |
		cut -s -d ' ' -f 2-); do
		[ -d "/sys/module/$needed" ] ||
			timeout 60 load-module "/sample/$needed.ko" >/dev/null
	done
	files=''
	for name in $names; do
		files="$files /sample/$name.ko"
	done
	if [ "$nr" = 0 ]; then
		# Data that changes while kwcheck only reads the modules changes by itself.
		symbol _sdata >/out/sdata
		state >/out/still
		# shellcheck disable=SC2086 # several words
		kwcheck preflight --no-dry-run --json $files >/dev/null
	fi
	state >"/out/$nr.before"
	slabs >"/out/$nr.slabs" # of the allocator; strace's own are among them
	# shellcheck disable=SC2086 # several words
	strace --seccomp-bpf -f -qq -o "/out/$nr.strace" \
		-e trace=open,openat,creat,execve,init_module,finit_module \
		kwcheck preflight --json $limit $files >"/out/$nr.json"
	slabs >>"/out/$nr.slabs"
	state >"/out/$nr.after"
	for name in $names; do
		load_one "$name"
	done
	nr=$((nr + 1))
done
exit 0
