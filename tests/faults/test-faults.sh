#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-faults.sh BUILD [--every K] [--samples S] [--verb NAME] [--call WHAT]
#
# Faults on purpose: each verb is asked over captures while its N-th allocation, open, read,
# write, mapping, fork, ... fails (fail.c names the kinds), for N from 1 until there is no
# N-th call any more. Every answer is the one of the run in which nothing failed, or there is
# a line on stderr, a status that says so, and no result that differs (facts.jq). No run
# hangs, dies of a signal, leaves a file, or ends with more files open.
#
# --every K tries each K-th N, --samples S only S calls of each verb; SEED, which is printed,
# gives them.
# BUILD with sanitizers has each run's leaks told, too.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$(realpath "$1")
shift
every=1 samples=0 verbs='' calls=''
while (($# > 0)); do
	case $1 in
	--every) every=$2 ;;
	--verb) verbs=$2 ;;
	--call) calls=$2 ;;
	--samples) samples=$2 ;;
	*) exit 64 ;;
	esac
	shift 2
done
kwcheck=${KWCHECK:-$build/kwcheck} fail=$top/build/tests/fail shim=$top/build/tests/failalloc.so
seed=${SEED:-$RANDOM}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
RANDOM=$seed
failed=0

export ASAN_OPTIONS=verify_asan_link_order=0:exitcode=99:allocator_may_return_null=1
export UBSAN_OPTIONS=exitcode=99
if ldd "$kwcheck" | grep -q libasan; then
	FAULT_PRELOAD=$(ldd "$kwcheck" | awk '/libasan/ { print $3 }')
	export FAULT_PRELOAD
fi

questions=()
# shellcheck source=tests/faults/questions.sh
. "$here/questions.sh"

# ask FOLDER FAIL-OPTION... -- COMMAND...: the answer is in FOLDER; sets @status.
ask()
{
	local to=$1 options=()
	shift

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	rm -rf out
	mkdir out
	status=0
	timeout -k 5 20 "$fail" "${options[@]}" --report "$to/report" "$kwcheck" "$@" \
		>"$to/out" 2>"$to/err" </dev/null || status=$?
	# A compressed capture has the time in it.
	[[ $1 != capture ]] || sed -i 's/: [0-9]* bytes (/: bytes (/' "$to/out"
}

is_same()
{
	[[ $status == "$whole_status" ]] && cmp -s whole/out now/out &&
		cmp -s whole/files now/files
}

compare()
{
	jq -rn --slurpfile whole whole/out --slurpfile faulty now/out \
		-f "$here/facts.jq" 2>/dev/null
}

# Says what is wrong with the answer in "now"; nothing if all is right.
judge()
{
	local nr_files

	if ((status == 124 || status == 137)); then
		echo 'it hangs'
	# The loader's own end, in a library that is opened (elf/dl-lookup.c: what is unique in
	# libstdc++).
	elif ((status == 127)) &&
		grep -q 'error while loading\|symbol lookup\|^out of memory$' now/err; then
		return
	elif ((status == 99 || status >= 125)) ||
		grep -q 'runtime error\|AddressSanitizer\|LeakSanitizer: detected' now/err; then
		echo "it dies, status $status: $(grep -m 1 -A 8 'ERROR\|rror' now/err | tr '\n' ' ')"
	elif is_same; then
		:
	elif [[ $status == "$whole_status" && $1 == *--json* ]] && compare >now/differ &&
		[[ ! -s now/differ ]] && cmp -s whole/files now/files; then
		:
	else
		case $status in
		2 | 3) ;;
		*) echo "status $status for $whole_status" ;;
		esac
		grep -q '^kwcheck: \|"errors": *\[.*[a-z]\|unknown\|undecided' now/err now/out ||
			echo 'no line says why'
		if [[ $1 == *--json* && -s now/out && -s whole/out ]] &&
			! { head -c 1 now/out; tail -n 1 now/out; } | grep -q '}'; then
			grep -q 'standard output' now/err || echo 'half an object'
		elif [[ $1 == *--json* && -s now/out ]] && jq -e . now/out >/dev/null 2>&1; then
			compare
		fi
		# A file is the whole one, or is not there.
		grep -vxFf whole/files now/files | sed 's/^/file: /' || true
	fi
	nr_files=$(cut -d' ' -f 3 now/report)
	((nr_files <= whole_files)) || echo "$nr_files files open at the end for $whole_files"
}

# count KIND COMMAND...: the answer without a fault, in "whole"; sets @nr.
count()
{
	mkdir -p whole now
	ask whole --call "$1" --shim "$shim" -- "${@:2}"
	written whole
	whole_status=$status
	read -r nr _ whole_files <whole/report
}

# try NAME KIND HOW N: false if there is no N-th call.
try()
{
	local wrong

	ask now --call "$2" --shim "$shim" --nth "$4" --as "$3" -- "${command[@]}"
	grep -q failed now/report || return 1
	written now
	asked=$((asked + 1))
	if is_same; then same=$((same + 1)); else told=$((told + 1)); fi
	wrong=$(judge "${command[*]}")
	[[ -n $wrong ]] || return 0
	echo "not ok $1: $2 $4 as $3: $(tr '\n' ' ' <<<"$wrong" | cut -c 1-500) [$(head -n 1 now/err | cut -c 1-120)]"
	bad=$((bad + 1))
}

# try_all NAME KIND HOW...
try_all()
{
	local how n

	count "$2" "${command[@]}"
	for how in "${@:3}"; do
		for ((n = 1 + (seed + nr) % every; n <= nr + 8 && bad < 20; n += every)); do
			try "$1" "$2" "$how" "$n" || break
		done
	done
}

# try_some NAME: @samples kinds, one call of each.
try_some()
{
	local i ways

	for ((i = 0; i < samples; i++)); do
		read -ra ways <<<"${kinds[RANDOM % ${#kinds[@]}]}"
		count "${ways[0]}" "${command[@]}"
		((nr)) || continue
		try "$1" "${ways[0]}" "${ways[1 + RANDOM % (${#ways[@]} - 1)]}" \
			$((1 + RANDOM % nr)) || true
	done
}

mapfile -t kinds < <("$fail" list)
# A sanitizer's own run time does not survive every failure.
if [[ -n ${FAULT_PRELOAD-} ]]; then
	mapfile -t kinds < <("$fail" list | grep -vE '^(fork|mmap|mremap|mprotect|read|seek|stat|dup) ')
fi
for question in "${questions[@]}"; do
	name=${question%% *}
	[[ -z $verbs || " $verbs " == *" $name "* ]] || continue
	read -ra command <<<"${question#* }"
	asked=0 told=0 same=0 bad=0
	if ((samples)); then
		try_some "$name"
	else
		for kind in "${kinds[@]}"; do
			read -ra ways <<<"$kind"
			[[ -z $calls || " $calls " == *" ${ways[0]} "* ]] || continue
			try_all "$name" "${ways[@]}"
		done
	fi
	((bad)) || echo "ok $name: $asked faults, $same answered as without, $told told"
	((bad == 0)) || failed=1
done
# Half a read of a pipe waits for who writes, whose calls the same supervisor answers.
for n in {1..10}; do
	status=0
	timeout -k 5 20 "$fail" --call read --nth "$n" --as short --report now/report \
		sh -c '{ sleep 0.1; echo late; } | cat' >now/out || status=$?
	[[ $status == 0 && $(<now/out) == late ]] || {
		echo "not ok fail: half of read $n of a pipe: status $status, $(<now/out)"
		failed=1
	}
done
echo "seed $seed"
exit $failed
