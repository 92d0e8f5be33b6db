#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-storms.sh's guests: guest-storms SERIES SECONDS KIND... A line "ok NAME" or
# "not ok NAME" per kind and verb. While a part of the kernel is kept busy for SECONDS, each
# verb is asked again and again: no finding, the verdicts of the quiet kernel and of the CPU,
# no hang. A KIND of several, joined by +, keeps all of these busy at once.
#
# The storms are called by their kind's name, and counts are set by eval:
# shellcheck disable=SC2317,SC2154,SC2086

verbs='audit map check oracle preflight capture damage'
series=$1 seconds=$2
shift 2
failed=0
report=/tmp/report
tracing=/sys/kernel/tracing
mount -t tracefs tracefs "$tracing" 2>/dev/null || tracing=/sys/kernel/debug/tracing

verdict()
{
	if [ "$1" = 0 ]; then
		echo "ok $series: $2"
	else
		echo "not ok $series: $2"
		head -n 40 "$report"
		failed=1
	fi
}

is_stopped()
{
	[ -e /tmp/stop ]
}

put()
{
	echo "$1" >"$2" 2>>/tmp/storm-errors
}

# Each goes round until it is stopped and prints how often.
storm_bpf() { storm /tmp/stop bpf; }
storm_exec() { storm /tmp/stop exec; }

storm_merge()
{
	put 1 /sys/kernel/mm/ksm/run
	put 10 /sys/kernel/mm/ksm/sleep_millisecs
	put always /sys/kernel/mm/transparent_hugepage/enabled
	storm /tmp/stop pages
	put 0 /sys/kernel/mm/ksm/run
}

# Trampolines: a program on a hook comes and goes.
storm_trampoline()
{
	rounds=0
	until is_stopped; do
		attach-lsm file_open true 2>>/tmp/storm-errors && rounds=$((rounds + 1))
	done
	echo $rounds
}

storm_trace()
{
	rounds=0
	put 'vfs_read vfs_write do_sys_openat2 ksys_read' "$tracing/set_ftrace_filter"
	put 'p:storm_entry do_sys_openat2' "$tracing/kprobe_events"
	echo 'r:storm_return vfs_read' >>"$tracing/kprobe_events"
	until is_stopped; do
		for tracer in function function_graph nop; do
			put $tracer "$tracing/current_tracer" && rounds=$((rounds + 1))
		done
		put 1 "$tracing/events/kprobes/enable"
		put 0 "$tracing/events/kprobes/enable"
	done
	put '' "$tracing/kprobe_events"
	put '' "$tracing/set_ftrace_filter"
	echo $rounds
}

# Schedstats and bpf_stats are static keys; a tracepoint has a static call, which changes with
# the number of its probes.
storm_keys()
{
	rounds=0
	until is_stopped; do
		for on in 1 0; do
			put $on /proc/sys/kernel/sched_schedstats
			put $on /proc/sys/kernel/bpf_stats_enabled
			put $on "$tracing/events/sched/sched_switch/enable" && rounds=$((rounds + 1))
			put $on "$tracing/events/sched/sched_wakeup/enable"
		done
		for mode in none voluntary full; do
			[ -e /sys/kernel/debug/sched/preempt ] && put $mode /sys/kernel/debug/sched/preempt
		done
	done
	echo $rounds
}

storm_livepatch()
{
	rounds=0
	until is_stopped; do
		insmod /storm_livepatch.ko 2>>/tmp/storm-errors || break
		sleep 0.2
		tries=0
		until [ ! -d /sys/kernel/livepatch/storm_livepatch ] || [ $tries = 200 ]; do
			put 0 /sys/kernel/livepatch/storm_livepatch/enabled
			sleep 0.1
			tries=$((tries + 1))
		done
		rmmod storm_livepatch 2>>/tmp/storm-errors && rounds=$((rounds + 1))
	done
	echo $rounds
}

# The last CPU, and blocks of memory that let themselves be taken out. 5.10 tries for ever to
# empty a block of which one page stays, and KSM waits for that, too; a signal ends it.
storm_hotplug()
{
	rounds=0
	cpu=$(find /sys/devices/system/cpu -maxdepth 1 -name 'cpu[1-9]*' | sort | tail -n 1)
	until is_stopped; do
		put 0 "$cpu/online"
		sleep 0.3
		put 1 "$cpu/online" && rounds=$((rounds + 1))
		for block in $(find /sys/devices/system/memory -maxdepth 1 -name 'memory[0-9]*' | tail -n 2); do
			timeout 5 sh -c "echo offline >$block/state" 2>>/tmp/storm-errors &&
				put online_movable "$block/state"
			grep -q offline "$block/state" && put online "$block/state"
		done
	done
	echo $rounds
}

storm_attributes()
{
	insmod /storm_memory.ko || return
	until is_stopped; do
		sleep 1
	done
	rmmod storm_memory && echo 1
}

storm_modules() { churn /tmp/stop /churn_comes.ko /churn_fails.ko; }

answer_of()
{
	grep -oE '"verdict":"[a-z-]*","reason"|"dry_run":\{"outcome":"[a-z-]*"' "$1" |
		sed 's/,"reason"$//; s/.*:"\([a-z-]*\)"$/\1/' | tr '\n' ' '
}

# is_as_quiet NAME ANSWER: where the quiet kernel's dry run was not finished another's may be.
is_as_quiet()
{
	quiet=$(cat "/tmp/quiet-$1")
	case "$quiet:$2" in
	"$2:$2" | "${quiet%% *} undecided :${quiet%% *} "*) true ;;
	*) false ;;
	esac
}

# The verdicts of names that no storm changes.
ask_check()
{
	timeout 60 kwcheck check --no-aliases sys_call_table apparmor_hooks modprobe_path \
		init_task vmlinux:_text 2>&1 | grep -E '^[a-z_:]+ +[0-9a-f]{16}'
}

# count NAME: adds to what is said of a verb; the words are nr_NAME_{runs,same,unknown,false}.
count()
{
	eval "nr_$1_$2=\$((nr_$1_$2 + 1))"
}

ask_audit()
{
	timeout 120 kwcheck audit --only=findings >/tmp/one 2>&1
	case $? in
	0) count audit same ;;
	2) count audit unknown && { echo '== audit'; cat /tmp/one; } >>/tmp/unknown ;;
	*) count audit false && { echo '== audit'; cat /tmp/one; } >>"$report" ;;
	esac
}

# Trampolines of 5.10 lie in pages that are writable and executable. While one comes or goes
# its page has no name of its own.
ask_map()
{
	right='^$'
	case $series,$kind in
	5.10,*trampoline*) right=' module area ' ;;
	esac
	timeout 120 kwcheck map --wx >/tmp/one 2>&1
	status=$?
	if [ $status = 0 ] && grep -q ' ranges: ' /tmp/one &&
		! grep 'rwx   ' /tmp/one | grep -qv "$right"; then
		count map same
	elif [ $status = 2 ] && ! grep -q 'rwx ' /tmp/one; then
		count map unknown
	else
		count map false
		{ echo "== map: $status"; cat /tmp/one; } >>"$report"
	fi
}

ask_checks()
{
	ask_check >/tmp/one
	if cmp -s /tmp/one /tmp/quiet-check; then
		count check same
	elif grep -qE 'unknown' /tmp/one; then
		count check unknown
	else
		count check false
		{ echo '== check'; cat /tmp/one; } >>"$report"
	fi
}

# The CPU is asked about the same addresses while the storm goes on; what the two disagree
# about is asked again, since it may have changed in between.
ask_oracle()
{
	timeout 300 oracle-compare --kwcheck /bin/kwcheck --min 2000 >/tmp/one 2>&1
	status=$?
	if [ $status = 0 ]; then
		count oracle same
	elif [ $status = 1 ] && ! grep '^0x' /tmp/one | grep -qv 'kwcheck unknown'; then
		count oracle unknown && { echo '== oracle'; cat /tmp/one; } >>/tmp/unknown
	else
		count oracle false
		{ echo "== oracle: $status"; cat /tmp/one; } >>"$report"
	fi
}

ask_preflight()
{
	timeout 200 kwcheck preflight -J "/churn_$1.ko" >/tmp/one.json 2>&1
	answer=$(answer_of /tmp/one.json)
	if is_as_quiet "$1" "$answer"; then
		count preflight same
		return
	fi
	right=false
	case $answer in
	*' returned ' | *' fault ') ;;
	# The verdict of what the code does, and a dry run that was not finished.
	undecided* | "$(cut -d ' ' -f 1 "/tmp/quiet-$1") "*) right=unknown ;;
	esac
	count preflight $right
	{
		echo "== preflight of $1: $answer"
		grep -o '"reason":"[^"]*"' /tmp/one.json
		grep -o '"note":"[^"]*"' /tmp/one.json | head -n 3
	} >>/tmp/unknown
	[ $right = unknown ] || tail -n 4 /tmp/unknown >>"$report"
}

# ask_damage NAME PATTERN ARGUMENTS: what was planted is told in the midst of it, and alone.
ask_damage()
{
	name=$1 pattern=$2
	shift 2
	insmod "/damage_$name.ko" "$@" 2>>/tmp/storm-errors || {
		count damage unknown
		return
	}
	timeout 120 kwcheck audit --only=findings >/tmp/one 2>&1
	grep '^[a-z-]*: .*\.$' /tmp/one | grep -v '^note: ' >/tmp/told
	rmmod "damage_$name"
	if grep -q "^$pattern" /tmp/told && ! grep -qv "^$pattern" /tmp/told; then
		count damage same
	else
		count damage false
		{ echo "== damage_$name"; cat /tmp/one; } >>"$report"
	fi
}

ask_capture()
{
	rm -f /tmp/copy
	timeout 200 kwcheck capture --small /tmp/copy >/tmp/one 2>&1 &&
		timeout 60 kwcheck check --core=/tmp/copy --no-aliases sys_call_table init_task 2>/tmp/errors |
		grep -E '^[a-z_:]+ +[0-9a-f]{16}' >/tmp/copied
	if grep -E '^(sys_call_table|init_task) ' /tmp/quiet-check | cmp -s - /tmp/copied; then
		count capture same
	else
		count capture false
		{ echo '== capture'; cat /tmp/one /tmp/errors /tmp/copied; } >>"$report"
	fi
	grep -q '^for a capture of one moment' /tmp/one && count capture unknown
	rm -f /tmp/copy
}

one_kind()
{
	kind=$1
	for verb in $verbs; do
		for what in same unknown false; do
			eval "nr_${verb}_$what=0"
		done
	done
	rm -f /tmp/stop /tmp/unknown /tmp/storm-errors /tmp/rounds-*
	: >"$report"
	storm_pids=''
	for part in $(echo "$kind" | tr + ' '); do
		"storm_$part" >"/tmp/rounds-$part" 2>>/tmp/storm-errors &
		storm_pids="$storm_pids $!"
	done
	sleep 1
	# Beside ten storms kwcheck would have a tenth of the time.
	renice -n -10 $$ >/dev/null
	end=$(($(date +%s) + seconds))
	turn=0
	while [ "$(date +%s)" -lt $end ]; do
		ask_audit
		ask_map
		ask_checks
		case $((turn % 6)) in
		0) ask_preflight asked ;;
		1) ask_damage rodata 'writable: 1 page of read-only data' "target=$page" ;;
		2) ask_oracle ;;
		3) ask_preflight faults ;;
		4) ask_capture ;;
		5) ask_damage alias 'writable-alias: 1 page of .*sys_call_table' "target=$table" ;;
		esac
		turn=$((turn + 1))
	done
	# One that has ended before its time, or never went round, was no storm.
	nr_idle=0
	for pid in $storm_pids; do
		kill -0 "$pid" || nr_idle=$((nr_idle + 1))
	done 2>>/tmp/storm-errors
	renice -n 10 $$ >/dev/null
	touch /tmp/stop
	wait $storm_pids
	rounds=''
	for part in $(echo "$kind" | tr + ' '); do
		nr=$(tail -n 1 "/tmp/rounds-$part")
		rounds="$rounds $part ${nr:-0}"
		[ "${nr:-0}" -gt 0 ] || nr_idle=$((nr_idle + 1))
	done
	text="$kind for $seconds s, rounds:$rounds"
	for verb in $verbs; do
		eval "text=\"\$text, $verb \$nr_${verb}_same right \$nr_${verb}_unknown unknown \$nr_${verb}_false false\""
	done
	: $((nr_false = nr_audit_false + nr_map_false + nr_check_false + nr_oracle_false + \
		nr_preflight_false + nr_capture_false + nr_damage_false))
	[ $nr_false = 0 ] && [ $nr_idle = 0 ] &&
		[ $((nr_audit_unknown * 2)) -le $((nr_audit_same + nr_audit_unknown)) ]
	verdict $? "$text"
	sort /tmp/unknown 2>/dev/null | uniq -c | sort -rn | head -n 8
	[ $nr_idle = 0 ] || head -n 3 /tmp/storm-errors
}

address_of()
{
	kwcheck --no-aliases "vmlinux:$1" | awk 'NR == 1 { print "0x" $2 }'
}

table=$(address_of sys_call_table)
page=$(printf '0x%x' $(($(address_of __end_rodata) - 4096)))
# The dry run's emulator wants 1 GiB of address space, which is this machine's memory.
echo 1 >/proc/sys/vm/overcommit_memory
kwcheck audit --only=findings >"$report" 2>&1
verdict $? "a quiet kernel is sealed"
ask_check >/tmp/quiet-check
[ "$(wc -l </tmp/quiet-check)" = 5 ]
verdict $? "the quiet kernel's verdicts are known"
for name in asked faults; do
	kwcheck preflight -J "/churn_$name.ko" >/tmp/one.json
	answer_of /tmp/one.json >"/tmp/quiet-$name"
	grep -qE '^[a-z-]+ (returned|fault|undecided) ' "/tmp/quiet-$name"
	verdict $? "preflight of churn_$name on a quiet kernel: $(cat "/tmp/quiet-$name")"
done
for kind; do
	one_kind "$kind"
done
exit $failed
