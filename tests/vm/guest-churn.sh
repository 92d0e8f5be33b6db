#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-churn.sh's guests: a line "ok NAME" or "not ok NAME" per test. The arguments
# are the kernel's series and how many times audit and preflight are run.

series=$1 nr_runs=$2
failed=0
report=/tmp/report

# verdict STATUS NAME: of what was just counted.
verdict()
{
	if [ "$1" = 0 ]; then
		echo "ok $series: $2"
	else
		echo "not ok $series: $2"
		head -n 30 "$report"
		failed=1
	fi
}

# Loads and unloads two modules, of which one's init fails, until /tmp/stop is there.
start_churn()
{
	rm -f /tmp/stop
	churn /tmp/stop /churn_comes.ko /churn_fails.ko >/tmp/nr-rounds 2>&1 &
	churn_pid=$!
}

# Says how often the modules came and went: a churn that stood still proves nothing.
stop_churn()
{
	touch /tmp/stop
	wait "$churn_pid"
	nr_rounds=$(cat /tmp/nr-rounds)
	[ "$nr_rounds" -ge "$nr_runs" ]
	verdict $? "$1: the modules came and went $nr_rounds times"
}

# What is said of a module, without what differs between two runs.
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

audit_quiet()
{
	kwcheck audit --only=findings >"$report" 2>&1
	verdict $? "a quiet kernel is sealed"
}

audit_churning()
{
	nr_clean=0 nr_unknown=0 nr_false=0 nr_notes=0
	for _ in $(seq "$nr_runs"); do
		kwcheck audit --only=findings >/tmp/one 2>&1
		case $? in
		0) nr_clean=$((nr_clean + 1)) ;;
		2) nr_unknown=$((nr_unknown + 1)) && cat /tmp/one >>/tmp/unknown ;;
		*) nr_false=$((nr_false + 1)) && cat /tmp/one >>/tmp/false ;;
		esac
		grep -q '^note: .*changing' /tmp/one && nr_notes=$((nr_notes + 1))
	done
	cat /tmp/false /tmp/unknown >"$report" 2>/dev/null
	[ $nr_false = 0 ]
	verdict $? "audit: $nr_runs runs, $nr_clean clean, $nr_unknown unknown, $nr_false false, $nr_notes with findings that vanished"
	grep '^unknown ' /tmp/unknown 2>/dev/null | sort | uniq -c
}

# audit_damaged NAME PATTERN ARGUMENTS: the damage is told in each run, and nothing else.
audit_damaged()
{
	name=$1 pattern=$2
	shift 2
	insmod "/damage_$name.ko" "$@" || failed=1
	nr_told=0 nr_others=0
	: >"$report"
	for _ in $(seq $((nr_runs / 3))); do
		kwcheck audit --only=findings >/tmp/one 2>&1
		if grep -q "^$pattern" /tmp/one; then
			nr_told=$((nr_told + 1))
		else
			cat /tmp/one >>"$report"
		fi
		if grep -v "^$pattern" /tmp/one | grep -q '^[a-z-]*: .*\.$' &&
			grep -v "^$pattern" /tmp/one | grep '^[a-z-]*: .*\.$' | grep -qv '^note: '; then
			nr_others=$((nr_others + 1))
			cat /tmp/one >>"$report"
		fi
	done
	rmmod "damage_$name"
	[ $nr_told = $((nr_runs / 3)) ] && [ $nr_others = 0 ]
	verdict $? "damage_$name: told in $nr_told of $((nr_runs / 3)) runs, $nr_others with another finding"
}

# preflight_churning NAME: the same answer as on the quiet kernel, or undecided.
preflight_churning()
{
	nr_same=0 nr_undecided=0 nr_other=0
	: >"$report"
	for _ in $(seq "$nr_runs"); do
		kwcheck preflight -J "/churn_$1.ko" >/tmp/one.json 2>&1
		answer=$(answer_of /tmp/one.json)
		if is_as_quiet "$1" "$answer"; then
			nr_same=$((nr_same + 1))
		else
			case $answer in
			*' returned ' | *' fault ') nr_other=$((nr_other + 1)) ;;
			undecided* | "$(cut -d ' ' -f 1 "/tmp/quiet-$1") "*)
				nr_undecided=$((nr_undecided + 1))
				;;
			*) nr_other=$((nr_other + 1)) ;;
			esac
			echo "$answer" >>"$report"
			grep -o '"reason":"[^"]*"' /tmp/one.json >>"$report"
		fi
	done
	# 95 per cent; one in so small a sample is no proof of less.
	[ $nr_other = 0 ] && [ $(((nr_undecided - 1) * 20)) -le "$nr_runs" ]
	verdict $? "preflight of churn_$1: $nr_runs runs, $nr_same as when quiet, $nr_undecided undecided, $nr_other another answer"
}

address_of()
{
	kwcheck --no-aliases "vmlinux:$1" | awk 'NR == 1 { print "0x" $2 }'
}

# The dry run's emulator wants 1 GiB of address space, which is this machine's memory.
echo 1 >/proc/sys/vm/overcommit_memory
# Before the churn: what is right.
audit_quiet
for name in asked faults; do
	kwcheck preflight -J "/churn_$name.ko" >/tmp/one.json
	answer_of /tmp/one.json >"/tmp/quiet-$name"
	grep -qE '^[a-z-]+ (returned|fault|undecided) ' "/tmp/quiet-$name"
	verdict $? "preflight of churn_$name on a quiet kernel: $(cat "/tmp/quiet-$name")"
done
table=$(address_of sys_call_table)
page=$(printf '0x%x' $(($(address_of __end_rodata) - 4096)))

start_churn
audit_churning
stop_churn "audit"
start_churn
preflight_churning asked
preflight_churning faults
stop_churn "preflight"
start_churn
audit_damaged rodata "writable: 1 page of read-only data" target="$page"
audit_damaged alias "writable-alias: 1 page of .*sys_call_table" target="$table"
audit_damaged wx "writable-executable: 1 page at"
stop_churn "damage"
exit $failed
