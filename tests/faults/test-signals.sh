#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-signals.sh BUILD [ROUNDS]
#
# Each verb over captures gets SIGINT, SIGTERM, SIGHUP and SIGPIPE at random moments, by
# itself as from kill(1) and with all its processes as from a terminal. Afterwards there is
# no process of it, no file but a whole one, and the terminal is as it was. SEED (printed)
# gives the moments.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$(realpath "$1")
rounds=${2:-1}
kwcheck=${KWCHECK:-$build/kwcheck}
seed=${SEED:-$RANDOM}
RANDOM=$seed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

questions=()
# shellcheck source=tests/faults/questions.sh
. "$here/questions.sh"

now_us()
{
	echo "${EPOCHREALTIME/./}"
}

# start COMMAND...: in a session of its own, whose number is @child.
start()
{
	rm -rf out
	mkdir out
	# What runs in the background of a script has SIGINT ignored.
	env --default-signal=INT,QUIT setsid "$kwcheck" "$@" >answer 2>errors </dev/null &
	child=$!
	# Until then a signal makes this shell's copy of itself run the trap at the top.
	while read -r comm <"/proc/$child/comm" && [[ $comm == "${0##*/}"* ]]; do
		sleep 0.001
	done 2>/dev/null
}

# Processes that are left, after some time to end.
left_over()
{
	local i

	for ((i = 0; i < 30; i++)); do
		pgrep -s "$child" >/dev/null || return 0
		sleep 0.1
	done
	pgrep -as "$child" | tr '\n' ' '
}

# one NAME SIGNAL WHOM COMMAND...
one()
{
	local name=$1 signal=$2 whom=$3 wait_us status=0 wrong
	shift 3

	wait_us=$((RANDOM * 32768 % whole_us))
	start "$@"
	sleep "$(printf '0.%06d' "$((wait_us % 1000000))")"
	if [[ $whom == all ]]; then
		kill -s "$signal" -- "-$child" 2>/dev/null || true
	else
		kill -s "$signal" "$child" 2>/dev/null || true
	fi
	wait "$child" 2>/dev/null || status=$?
	wrong=$(left_over)
	written now
	# What was there in the whole run, or nothing.
	wrong+=$(grep -vxFf whole/files now/files || true)
	((status != 70 && status != 64)) || wrong+=" status $status"
	sent=$((sent + 1))
	((status == whole_status)) || ended=$((ended + 1))
	[[ -z $wrong ]] && return
	echo "not ok $name: $signal to $whom after $wait_us us: $wrong"
	bad=1
}

mkdir -p whole now
for question in "${questions[@]}"; do
	name=${question%% *}
	read -ra command <<<"${question#* }"
	begin=$(now_us)
	start "${command[@]}"
	whole_status=0
	wait "$child" || whole_status=$?
	whole_us=$(($(now_us) - begin))
	written whole
	sent=0 ended=0 bad=0
	for ((round = 0; round < rounds; round++)); do
		for signal in INT TERM HUP PIPE; do
			one "$name" "$signal" it "${command[@]}"
			one "$name" "$signal" all "${command[@]}"
		done
	done
	((bad)) || echo "ok $name: $sent signals, $ended of them ended it, nothing is left"
	failed=$((failed | bad))
done

# Progress is shown on a terminal, colours, too.
bad=0
for verb in "capture --core=$core out/copy" "preflight --core=$core $ko" "audit --core=$core"; do
	rm -rf out
	mkdir out
	script -qec "stty -g; timeout -s INT 0.0$((RANDOM % 90 + 10)) $kwcheck $verb; stty -g" \
		typescript >/dev/null </dev/null || true
	nr=$(tr -d '\r' <typescript | grep -aoE '^[0-9a-f]+(:[0-9a-f]+){10,}$' | sort -u | wc -l)
	((nr == 1)) || { bad=1; echo "not ok the terminal: ${verb%% *}: $nr states of it"; }
done
((bad)) || echo 'ok the terminal is as it was'
failed=$((failed | bad))
echo "seed $seed"
exit $failed
