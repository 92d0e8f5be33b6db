#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-unchanged.sh's guests: guest-unchanged SERIES [all|modules [every]]. A line
# "ok NAME" or "not ok NAME" per test; what was counted stands behind it.

# shellcheck source=/dev/null
. /bin/guest-lib

series=$1 every=${3-}
tracing=/sys/kernel/tracing
mount -t tracefs tracefs "$tracing" 2>/dev/null || tracing=/sys/kernel/debug/tracing

image= # what to compare with, for some tests

# has_turn NUMBER...: whether this series is one of these four; all are where all is asked for.
case $series in
5.10*) turn=0 ;;
6.1 | 6.1-*) turn=1 ;;
6.12*) turn=2 ;;
*) turn=3 ;;
esac
nr_turns=4
has_turn()
{
	[ -n "$every" ] && return
	for number; do
		[ "$number" != $turn ] || return 0
	done
	return 1
}

# quiet NAME [PATTERN]: no finding, nothing unknown; and a line of the answer.
quiet()
{
	# shellcheck disable=SC2086
	kwcheck audit unchanged $image >/tmp/report 2>&1
	status=$?
	if [ $status = 0 ] && grep -q "^no finding" /tmp/report &&
		grep -q -e "${2:-.}" /tmp/report; then
		echo "ok $series: $1: $(sed -n 's/^sealed  *unchanged  *.*(\(.*\))$/\1/p' \
			/tmp/report | tr '\n' ';')"
	else
		echo "not ok $series: $1: exit $status"
		head -n 30 /tmp/report
		failed=1
	fi
}

put()
{
	echo "$1" >"$2" || echo "# cannot write $1 to $2"
}

# Not by awk from kallsyms, which takes four seconds.
address_of()
{
	case $1 in
	*:*) place=$1 ;;
	*) place=vmlinux:$1 ;;
	esac
	kwcheck --no-aliases "$place" | awk 'NR == 1 { print "0x" $2 }'
}

wait_for()
{
	tries=0
	until [ "$(cat "$1" 2>/dev/null)" = "$2" ] || [ $tries = 100 ]; do
		sleep 0.2
		tries=$((tries + 1))
	done
}

# Entries of functions (by ftrace), and the middle of others: those with a jump in place of
# a breakpoint are optimised after a moment.
test_kprobes()
{
	: >"$tracing/kprobe_events"
	for function in vfs_read vfs_write do_sys_openat2 cap_capable ksys_read wake_up_new_task \
		copy_process; do
		for offset in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 25 30 41 52; do
			echo "p:kw_${function}_$offset $function+$offset" \
				>>"$tracing/kprobe_events" 2>/dev/null
		done
	done
	put 1 "$tracing/events/kprobes/enable"
	quiet "$(wc -l <"$tracing/kprobe_events") kprobes" "kprobes"
	sleep 2
	quiet "kprobes, optimised: $(grep -c OPTIMIZED /sys/kernel/debug/kprobes/list)"
	put 0 "$tracing/events/kprobes/enable"
	put '' "$tracing/kprobe_events"
	# Where and how LKRG (https://lkrg.org) looks on: at entries and at returns.
	for function in do_exit wake_up_new_task commit_creds override_creds revert_creds \
		security_bprm_committing_creds generic_permission lookup_fast scm_send schedule \
		__queue_work call_usermodehelper call_usermodehelper_exec_async set_current_groups \
		arch_jump_label_transform_apply arch_jump_label_transform arch_static_call_transform \
		ftrace_modify_all_code __x64_sys_setresuid cap_task_prctl mark_inode_dirty; do
		echo "p:lkrg_$function $function" >>"$tracing/kprobe_events" 2>/dev/null
		echo "r:lkrg_r_$function $function" >>"$tracing/kprobe_events" 2>/dev/null
	done
	put 1 "$tracing/events/kprobes/enable"
	put 1 /proc/sys/kernel/sched_schedstats
	sleep 1
	quiet "$(grep -c ^r "$tracing/kprobe_events") kretprobes, as LKRG sets them"
	put 0 /proc/sys/kernel/sched_schedstats
	put 0 "$tracing/events/kprobes/enable"
	put '' "$tracing/kprobe_events"
}

test_tracers()
{
	put function "$tracing/current_tracer"
	quiet "ftrace=function"
	put function_graph "$tracing/current_tracer"
	quiet "ftrace=function_graph"
	put nop "$tracing/current_tracer"
	put vfs_read "$tracing/set_ftrace_filter"
	put function "$tracing/current_tracer"
	quiet "ftrace of one function"
	put nop "$tracing/current_tracer"
	put '' "$tracing/set_ftrace_filter"
}

test_keys()
{
	put 1 "$tracing/events/enable"
	quiet "all tracepoints on"
	put 0 "$tracing/events/enable"
	for on in 1 0; do
		put $on /proc/sys/kernel/sched_schedstats
		put $on /proc/sys/kernel/bpf_stats_enabled
		quiet "static keys $on"
	done
}

test_livepatch()
{
	patch=/sys/kernel/livepatch/damage_livepatch
	insmod /damage_livepatch.ko
	wait_for $patch/transition 0
	quiet "a live patch"
	echo 0 >$patch/enabled
	wait_for $patch/transition ""
	rmmod damage_livepatch
}

# damaged NAME KIND SYMBOL PATTERN [PARAMETERS]: one finding, which matches; nothing after it
# is gone.
nr_damaged=0
damaged()
{
	# Each kind of damage on one series, unless all is asked for.
	nr_damaged=$((nr_damaged + 1))
	has_turn $((nr_damaged % nr_turns)) || return 0
	name=$1 kind=$2 symbol=$3 pattern=$4
	shift 4
	insmod /damage_code.ko kind="$kind" target="$(address_of "$symbol")" "$@" ||
		echo "not ok $series: damage_code.ko does not load: $name"
	# shellcheck disable=SC2086
	kwcheck audit unchanged $image >/tmp/report 2>&1
	status=$?
	if [ $status = 1 ] && grep -q "^1 finding;" /tmp/report &&
		grep -q -e "^[a-z-]*: ${symbol#*:}+*[0-9a-fx]*:* .*$pattern" /tmp/report; then
		echo "ok $series: $name: $(grep "^[a-z]*-[a-z]*:" /tmp/report)"
	else
		echo "not ok $series: $name: exit $status"
		head -n 30 /tmp/report
		failed=1
	fi
	rmmod damage_code
}

test_damage()
{
	evil='damage_evil .damage_code.'
	damaged "a jump at a function's entry" jump kernel_power_off "jumps to $evil"
	damaged "a jump at what procfs answers statfs() by" jump simple_statfs "jumps to $evil"
	damaged "a call in the place of ftrace's" fentry kernel_power_off "calls $evil"
	damaged "a jump by register" register kernel_power_off "has the address of $evil"
	damaged "push and ret" push kernel_power_off "has the address of $evil"
	damaged "a jump by a place in the text" slot kernel_power_off "jumps, .*to $evil"
	damaged "a call in the middle" call kernel_power_off "calls $evil"
	damaged "a pointer of file operations" pointer ptmx_fops "points to $evil"
	damaged "a pointer of constants" pointer null_fops "points to $evil"
	damaged "a system call" pointer sys_call_table+0x430 "points to $evil"
	damaged "the trampoline of a static call" jump __SCT__x86_pmu_read "jumps to $evil"
	if [ -n "$(address_of x64_sys_call 2>/dev/null)" ]; then
		damaged "the switch's call of a system call" switch x64_sys_call \
			"jumps to $evil\|calls $evil" from="$(address_of __x64_sys_vhangup)"
	else
		nr_damaged=$((nr_damaged + 1))
	fi
	insmod /damage_code.ko kind=gate target="$(address_of idt_table+0x50)"
	expect "$series: a gate of the interrupt table" 1 \
		"^handler-outside: interrupt vector 5 leads to damage_evil" kwcheck audit cpu
	rmmod damage_code
	quiet "nothing is left"
}

# Everything that the kernel patches, held against what was built; then what stays in it.
test_image()
{
	image=--image=/vmlinuz
	quiet "the image" "bytes compared"
	: >"$tracing/kprobe_events"
	for offset in 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 25 30; do
		echo "p:kw_$offset copy_process+$offset" >>"$tracing/kprobe_events" 2>/dev/null
	done
	put 1 "$tracing/events/enable"
	put function "$tracing/current_tracer"
	put 1 /proc/sys/kernel/sched_schedstats
	sleep 2
	quiet "the image; kprobes, ftrace, tracepoints, static keys" "bytes compared"
	put nop "$tracing/current_tracer"
	put 0 "$tracing/events/enable"
	put '' "$tracing/kprobe_events"
	damaged "a call led to another function" call kernel_power_off "5 bytes differ\|[1-4] bytes* differ" \
		other="$(address_of kernel_halt)"
	damaged "a call taken out" no-call kernel_power_off "bytes differ from the image: 0f 1f 44 00 00"
	damaged "one bit of an instruction" bit kernel_power_off+0x19 "1 byte differs from the image"
	damaged "one bit of a system call" bit __do_sys_vhangup+0x10 "1 byte differs from the image"
	damaged "a text" bit linux_proc_banner+0x3 "1 byte differs from the image"
	damaged "an immediate" immediate kernel_power_off "1 byte differs from the image: 03 in place of 02"
	damaged "an alternative" alternative asm_exc_bounds "differ from the image: 0f 01 cb"
	damaged "the trampoline of a static call, led to a function of the kernel" jump \
		__SCT__x86_pmu_read "5 bytes differ from the image" other="$(address_of kernel_halt)"
	damaged "a system call led to a function of the kernel" pointer sys_call_table+0x430 \
		"bytes* differ*s* from the image" other="$(address_of kernel_halt)"
	# struct security_hook_list: behind three words, or since 6.12 one.
	hook=0x18
	[ $turn -lt 2 ] || hook=0x8
	damaged "a hook of an LSM, sealed after boot" pointer yama_hooks+$hook \
		"8 bytes differ from the image" other="$(address_of kernel_halt)"
	for by in vmap poke entry; do
		damaged "one bit, by $by" bit kernel_power_off+0x19 "1 byte differs from the image" \
			by=$by poke="$(address_of text_poke)"
	done
	damaged "a jump into a module" jump kernel_power_off "jumps to damage_evil"
	image=
}

# A capture of it told apart elsewhere, and by a baseline.
test_offline()
{
	image=--image=/vmlinuz
	kwcheck audit unchanged $image --json >/tmp/before.json
	expect "$series: the baseline of before" 0 "^0 changes" \
		kwcheck audit unchanged $image --baseline=/tmp/before.json
	insmod /damage_code.ko kind=bit target="$(address_of kernel_power_off+0x19)"
	kwcheck capture --text /tmp/damaged.kwc
	expect "$series: the baseline tells a change of code" 1 "new-finding .*kernel_power_off" \
		kwcheck audit unchanged $image --baseline=/tmp/before.json
	rmmod damage_code
	expect "$series: a capture with the image" 1 "bytes-changed: kernel_power_off" \
		kwcheck audit unchanged $image --core=/tmp/damaged.kwc
	expect "$series: a capture with the image has one finding" 1 "^1 finding" \
		kwcheck audit unchanged $image --core=/tmp/damaged.kwc
	image=
}

# Modules as well, held against the files that they came from.
test_files()
{
	image=--moddir=/tree
	quiet "$(lsmod | sed 1d | wc -l) modules against their files" "dummy against its file"
	image=
}

test_traced_files()
{
	image=--moddir=/tree
	: >"$tracing/kprobe_events"
	for function in dummy_xmit br_dev_xmit br_add_if nf_tables_newtable; do
		for offset in 0 4 5 7 9 10 12 14 15 17 20 25 30 41; do
			echo "p:kw_${function}_$offset $function+$offset" \
				>>"$tracing/kprobe_events" 2>/dev/null
		done
	done
	put 1 "$tracing/events/enable"
	put function "$tracing/current_tracer"
	sleep 2
	quiet "the same with $(wc -l <"$tracing/kprobe_events") kprobes, ftrace and tracepoints" \
		"dummy against its file"
	put nop "$tracing/current_tracer"
	put 0 "$tracing/events/enable"
	put '' "$tracing/kprobe_events"
	image=
}

test_damaged_modules()
{
	image=--moddir=/tree
	damaged "one bit of a module's code" bit dummy:dummy_xmit+0x21 "1 byte differs from its file"
	damaged "a jump at a module's function" jump dummy:dummy_xmit "differ* from its file\|jumps to"
	damaged "a call in the place of a module's call of ftrace" fentry dummy:dummy_xmit \
		"bytes differ from its file: e8"
	damaged "one bit of a module's constants" bit dummy:dummy_ethtool_ops+0x20 \
		"1 byte differs from its file"
	damaged "a pointer of a module's constants" pointer dummy:dummy_netdev_ops \
		"differs* from its file"
	insmod /damage_victim.ko
	damaged "a pointer of a module's operations" pointer damage_victim:victim_ops \
		"differs* from its file"
	damaged "a module's pointer that was sealed after init" pointer \
		damage_victim:victim_sealed "8 bytes differ from its file"
	for by in vmap poke entry; do
		damaged "one bit of a module's code, by $by" bit dummy:dummy_xmit+0x21 \
			"1 byte differs from its file" by=$by poke="$(address_of text_poke)"
	done
	quiet "nothing is left in modules"
	image=
}

image=--image=/vmlinuz
quiet "a stock boot, $(tr ' ' '\n' </proc/cmdline | grep -e pti -e nokaslr -e mitigations -e retbleed |
	tr '\n' ' ')" "bytes compared"
image=
if [ "$2" = modules ]; then
	# Two series have it.
	nr_turns=2 turn=$((turn / 2))
	test_files
	test_traced_files
	test_damaged_modules
fi
[ "$2" = all ] || exit "$failed"
quiet "$(lsmod | sed 1d | wc -l) modules"
if has_turn 0 2; then
	test_kprobes
	test_tracers
fi
if has_turn 1 3; then
	test_keys
	test_livepatch
	test_files
	expect "$series: a BPF program" 0 "1 of BPF lead out" \
		attach-lsm file_open kwcheck audit unchanged
	expect "$series: an XDP program" 0 "of BPF lead out\|of static calls lead out" \
		attach-lsm xdp kwcheck audit unchanged --image=/vmlinuz
fi
test_damage
test_image
! has_turn 2 || test_offline
exit "$failed"
