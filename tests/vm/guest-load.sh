#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-load.sh's guest: guest-load SERIES. A line "ok NAME" or "not ok NAME" per test:
# 64 runs at once, runs in a memory cgroup of their own, and nice runs beside busy CPUs give
# the answers of an idle machine, in bounded time.
# shellcheck disable=SC2086

series=$1
failed=0

verdict()
{
	if [ "$1" = 0 ]; then
		echo "ok $series: $2"
	else
		echo "not ok $series: $2"
		failed=1
	fi
}

# What is asked, without what differs between two runs: a kernel moves its counters, and each
# process walks from a root of its own.
ask()
{
	case $1 in
	check) kwcheck check --no-aliases sys_call_table apparmor_hooks modprobe_path ;;
	walk)
		kwcheck walk sys_call_table |
			sed 's/own-mm at [0-9a-f]*/own-mm/; s/^\(  PGD *[0-9]*\)  [0-9a-f]*/\1/'
		;;
	audit) kwcheck audit --only=findings ;;
	map) kwcheck map --wx ;;
	preflight)
		kwcheck preflight -J /churn_faults.ko |
			sed -n 's/.*"verdict":"\([a-z-]*\)","reason".*/\1/p'
		;;
	esac
}

verbs='check walk audit map preflight'
for verb in $verbs; do
	start=$(date +%s)
	ask $verb >/tmp/idle-$verb 2>&1
	echo $? >/tmp/idle-$verb.status
	took=$(($(date +%s) - start))
	echo $took >/tmp/idle-$verb.seconds
	echo "$verb alone: $took s, status $(cat /tmp/idle-$verb.status)"
done

# same VERB FILE: is the idle machine's answer.
same()
{
	cmp -s "$2" "/tmp/idle-$1"
}

many()
{
	verb=$1 nr=$2 pids='' right=0
	start=$(date +%s)
	for i in $(seq "$nr"); do
		ask "$verb" >"/tmp/many-$i" 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	for i in $(seq "$nr"); do
		if same "$verb" "/tmp/many-$i"; then right=$((right + 1)); else other=/tmp/many-$i; fi
	done
	[ $right = "$nr" ]
	verdict $? "$nr runs of $verb at once: $right right, $(($(date +%s) - start)) s"
	[ $right = "$nr" ] || head -n 5 "$other"
	rm -f /tmp/many-*
}
for verb in check walk audit map; do
	many $verb 64
done
many preflight 64

mkdir -p /cgroup
mount -t cgroup2 none /cgroup
echo +memory >/cgroup/cgroup.subtree_control
# in_group MIB VERB
in_group()
{
	mib=$1 verb=$2
	mkdir /cgroup/one
	echo $((mib << 20)) >/cgroup/one/memory.max
	(echo 0 >/cgroup/one/cgroup.procs && ask "$verb") >/tmp/grouped 2>&1
	same "$verb" /tmp/grouped
	verdict $? "$verb in a memory cgroup of $mib MiB: $(cat /cgroup/one/memory.peak 2>/dev/null || echo '?') bytes at most"
	same "$verb" /tmp/grouped || head -n 5 /tmp/grouped
	rmdir /cgroup/one
}
if [ -e /cgroup/cgroup.controllers ] && grep -q memory /cgroup/cgroup.controllers; then
	in_group 64 check
	in_group 64 walk
	in_group 128 audit
	in_group 128 map
else
	echo "skipped $series: memory cgroup: this kernel gives none"
fi

# Two busy loops on each CPU, and kwcheck that yields to them: one part in 140 is left to it.
pids=''
for _ in 1 2 3 4; do
	(while :; do :; done) &
	pids="$pids $!"
done
renice -n 19 $$ >/dev/null || failed=1
for verb in $verbs; do
	start=$(date +%s)
	ask $verb >/tmp/niced 2>&1
	took=$(($(date +%s) - start))
	same $verb /tmp/niced && [ $took -lt $((300 * ($(cat /tmp/idle-$verb.seconds) + 1))) ]
	verdict $? "$verb, nice 19, beside busy CPUs: $took s"
	same $verb /tmp/niced || head -n 5 /tmp/niced
done
# shellcheck disable=SC2086 # several
kill $pids
exit $failed
