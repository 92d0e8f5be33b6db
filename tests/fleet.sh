#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fleet.sh BUILD [HOSTS]: doc/examples/slurm's job array, run by Debian's Slurm on this machine as
# its only node, over crash logs of HOSTS (default 200) hosts and a dump. It is killed in the
# middle, by Slurm and by SIGKILL, and goes on with the next call: each result is there once, and
# the report is what one run over all would say. munged, slurmctld and slurmd have folders and
# ports of their own; no service of this machine is touched.

# shellcheck disable=SC2317 # cleanup is called by the trap

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
build=$(realpath "$1")
hosts=${2:-200}
fleet=$top/doc/examples/slurm/kwcheck-fleet
work=$(mktemp -d)
daemons=()
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"
# shellcheck disable=SC2034 # say() reads it
subject=fleet

cleanup()
{
	((${#daemons[@]} == 0)) || kill "${daemons[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# In the foreground, each: it ends with this script.
start_slurm()
{
	local name
	name=$(hostname -s)
	head -c 1024 /dev/urandom >"$work/key"
	chmod 400 "$work/key"
	mkdir "$work/state" "$work/spool"
	cat >"$work/slurm.conf" <<-END
		ClusterName=kwcheck
		SlurmctldHost=$name(127.0.0.1)
		SlurmUser=root
		AuthType=auth/munge
		AuthInfo=socket=$work/munge.socket
		CryptoType=crypto/munge
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		AccountingStorageType=accounting_storage/none
		SelectType=select/linear
		MpiDefault=none
		StateSaveLocation=$work/state
		SlurmdSpoolDir=$work/spool
		SlurmctldPidFile=$work/slurmctld.pid
		SlurmdPidFile=$work/slurmd.pid
		SlurmctldPort=$(free_port)
		SlurmdPort=$(free_port)
		ReturnToService=2
		MinJobAge=2
		KillWait=1
		NodeName=$name NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
		PartitionName=all Nodes=$name Default=YES OverSubscribe=FORCE:4 State=UP
	END
	export SLURM_CONF=$work/slurm.conf
	munged --foreground --force --key-file="$work/key" --socket="$work/munge.socket" \
		--pid-file="$work/munged.pid" --log-file="$work/munged.log" \
		--seed-file="$work/seed" >/dev/null 2>&1 &
	daemons+=($!)
	until [[ -S $work/munge.socket ]]; do sleep 0.1; done
	slurmctld -D >"$work/slurmctld.log" 2>&1 &
	daemons+=($!)
	slurmd -D >"$work/slurmd.log" 2>&1 &
	daemons+=($!)
	for ((i = 0; i < 300; i++)); do
		[[ $(sinfo -h -o %t 2>/dev/null) == idle ]] && return 0
		sleep 0.1
	done
	tail -n 20 "$work"/slurm*.log
	return 1
}

# Each host's crash is of another time and another process.
make_logs()
{
	local i

	for ((i = 1; i <= hosts; i++)); do
		mkdir -p "$work/logs/host$i"
		sed "s/PID: [0-9]*/PID: $((1000 + i))/; s/^/2026-11-$(printf %02d \
			$((i % 28 + 1)))T12:00:00Z host$i kernel: /" \
			"$top/tests/data/oops/6.1-lsm.txt" >"$work/logs/host$i/messages"
		touch -d '2026-11-30' "$work/logs/host$i/messages"
	done
	# One without a crash, one that is no log, a dump that is none.
	echo 'all is well' >"$work/logs/host1/dmesg"
	printf '\177ELF and no more' >"$work/logs/host2/vmcore"
	cp "$top/tests/data/oops/4.19-lsm.txt" "$work/logs/nameless.txt"
}

submit()
{
	KWCHECK=$1 "$fleet" "$work/logs" "$work/results" 8 >/dev/null
}

# All jobs are gone.
drain()
{
	for ((i = 0; i < 3000; i++)); do
		[[ -n $(squeue -h) ]] || return 0
		sleep 0.1
	done
	squeue
	return 1
}

nr_results()
{
	find "$work/results/lines" -name '*.jsonl' | wc -l
}

# The first call is ended in the middle, once by Slurm, once by a SIGKILL to all of its kwcheck.
interrupt()
{
	# So slow that there is a middle.
	printf '#!/bin/bash\nsleep 0.1\nexec %q "$@"\n' "$build/kwcheck" >"$work/slow"
	chmod +x "$work/slow"
	submit "$work/slow"
	until (($(nr_results) > hosts / 10)); do sleep 0.1; done
	scancel --signal=KILL --full "$(squeue -h -o %A | head -n 1)" || true
	squeue -h -o %A | sort -u | xargs -r scancel
	drain
	first=$(nr_results)
	submit "$work/slow"
	until (($(nr_results) > hosts / 3)); do sleep 0.1; done
	# Those alone whose parent is this slurmd's job: they have the path of this test.
	pgrep -f "$work/logs/host" | xargs -r kill -KILL 2>/dev/null || true
	sleep 0.3
	squeue -h -o %A | sort -u | xargs -r scancel
	drain
	second=$(nr_results)
}

compare()
{
	jq -S '[.results[] | {kind, crashes, copies, hosts, first_seen, last_seen, site,
		host_names: (.host_names | sort), nameless_logs, files: (.files | sort)}]' "$1"
}

check()
{
	local all=$((hosts + 3)) status=0

	say "$(((first > 0 && first < all && second > first && second < all) ? 0 : 1))" \
		"it was interrupted in the middle: $first and $second of $all results"
	find "$work/results/lines" -name '*.jsonl' -exec tail -qc 1 {} + >"$work/ends"
	say "$([[ $(tr -d '\n' <"$work/ends" | wc -c) == 0 ]]; echo $?)" \
		"what is there is whole, each of $second"
	submit "$build/kwcheck"
	drain
	say "$([[ $(nr_results) == "$all" ]]; echo $?)" "the next call goes on: $(nr_results) of $all"
	say "$([[ $(jq '.results[0].hosts' "$work/results/report.json") == "$hosts" ]]; echo $?)" \
		"the report has each of $hosts hosts once"
	say "$([[ $(jq '[.results[] | .crashes, .copies] | add' "$work/results/report.json") == \
		$((2 * (hosts + 1))) ]]; echo $?)" "no crash is there twice"
	say "$(grep -q 'vmcore: ' "$work/results/report.errors"; echo $?)" \
		"a dump that cannot be read is told"
	find "$work/logs" -type f ! -name vmcore -print0 |
		xargs -0 "$build/kwcheck" oops --json-lines >"$work/at-once.jsonl" || true
	"$build/kwcheck" oops --merge --json "$work/at-once.jsonl" >"$work/at-once.json" ||
		status=$?
	say "$(diff <(compare "$work/at-once.json") <(compare "$work/results/report.json") \
		>"$work/diff"; echo $?)" "it is what one run over all says ($status)"
	head -n 20 "$work/diff"
	touch -d '+1 hour' "$work/logs/host3/messages"
	submit "$build/kwcheck"
	drain
	say "$([[ $(nr_results) == "$all" && $(jq '.results[0].copies' \
		"$work/results/report.json") == "$hosts" ]]; echo $?)" \
		"a log that has changed replaces its result"
}

"$here/deps.sh" fleet
make_logs
start_slurm || { say 1 "Slurm starts"; exit 1; }
say 0 "Slurm $(sinfo --version | cut -d' ' -f2) has a node"
interrupt
check
exit $failed
