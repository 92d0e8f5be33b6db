#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in the guests of ../faults/soak-live.sh: guest-faults SAMPLES. Each live verb while a call of each kind
# fails, at SAMPLES moments spread over the run. It answers as without, or ends with status 2 or
# 3 and a line on stderr; it dies of no signal, does not hang, and leaves no file.

# shellcheck disable=SC2086,SC2154
samples=$1
failed=0

ask()
{
	case $1 in
	check) set -- check --no-aliases sys_call_table apparmor_hooks modprobe_path ;;
	walk) set -- walk sys_call_table ;;
	map) set -- map --wx ;;
	audit) set -- audit --only=findings ;;
	capture) set -- capture --small --quiet /tmp/out/copy ;;
	oops) set -- oops /oops.txt ;;
	preflight) set -- preflight /churn_faults.ko ;;
	esac
	rm -rf /tmp/out
	mkdir /tmp/out
	timeout 120 fail $options --report /tmp/report kwcheck "$@" >/tmp/answer 2>/tmp/errors </dev/null
	status=$?
	# Of a live kernel instructions and times differ.
	grep -vE 'dry run|instructions|meanwhile' /tmp/answer >/tmp/said
	# Entries are marked accessed meanwhile.
	[ "$1" != walk ] || sed -i '2,$d' /tmp/said
}

# Says what is wrong.
judge()
{
	if [ $status = 127 ] && grep -q 'loading shared\|symbol lookup' /tmp/errors; then
		return
	elif [ $status -ge 124 ]; then
		echo "status $status: $(head -n 1 /tmp/errors)"
	elif [ $status = "$whole_status" ] && cmp -s /tmp/said "/tmp/whole-$verb"; then
		:
	elif [ $status != 2 ] && [ $status != 3 ]; then
		echo "status $status for $whole_status: $(head -n 1 /tmp/errors)"
	elif ! grep -q '^kwcheck: ' /tmp/errors && ! grep -qE 'unknown|undecided' /tmp/answer; then
		echo 'no line says why'
	fi
	for file in /tmp/out/*; do
		[ "$file" = '/tmp/out/*' ] && continue
		kwcheck check --core="$file" sys_call_table >/dev/null 2>&1
		[ $? = 1 ] || echo "left $file"
	done
}

for verb in check walk map audit oops capture preflight; do
	nr_asked=0 nr_wrong=0
	fail list >/tmp/kinds
	while read -r kind ways; do
		options="--call $kind --shim /failalloc.so"
		ask $verb
		whole_status=$status
		cp /tmp/said /tmp/whole-$verb
		read -r nr _ </tmp/report
		[ "${nr:-0}" -gt 0 ] || continue
		for how in $ways; do
			i=0
			while [ $i -lt "$samples" ] && [ $i -lt "$nr" ]; do
				n=$((1 + (i * nr + nr / 2) / samples % nr))
				options="--call $kind --shim /failalloc.so --nth $n --as $how"
				ask $verb
				nr_asked=$((nr_asked + 1))
				wrong=$(judge)
				if [ -n "$wrong" ]; then
					echo "not ok $verb: $kind $n of $nr as $how: $wrong"
					nr_wrong=$((nr_wrong + 1))
					failed=1
				fi
				i=$((i + 1))
			done
		done
	done </tmp/kinds
	[ $nr_wrong = 0 ] && echo "ok $verb: $nr_asked faults on a live kernel"
done
exit $failed
