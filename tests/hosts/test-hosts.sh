#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-hosts.sh BUILD [FOLDER]
#
# The kwcheck of BUILD on hosts that lack something: system calls of newer kernels, a clock,
# files in memory or without a name, another filter, memory to execute from, processes.
# BUILD/tests/deny takes them away, under a seccomp filter that is on already. Every verb
# answers as with them, or says in one line what is missing. FOLDER is as tests/answers.sh
# wants it, with packed.ko.gz beside; without, it is made.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$(realpath "$1")
kwcheck=$build/kwcheck deny=$build/tests/deny
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

folder=${2-}
if [[ -z $folder ]]; then
	folder=$work/questions
	mkdir "$folder"
	ln -s "$("$here/../vm/make-memory.sh" 6.12)/memory.zst" "$folder/memory.zst"
	"$here/../vm/build-module.sh" 6.12 "$here/../vm/modules/preflight/common" "$folder/ko"
	gzip -c "$folder/ko/w01_direct.ko" >"$folder/packed.ko.gz"
fi
core=$folder/memory.zst
captures=$top/tests/data/captures
modules=("$folder"/ko/{w01_direct,w44_exit,n10_register_ops}.ko)
modules+=("$folder/packed.ko.gz")

# ask TO NAME COMMAND...
ask()
{
	local status=0

	"${@:3}" >"$1/$2" 2>&1 || status=$?
	echo "exit $status" >>"$1/$2"
}

# ask_all TO PREFIX...: every verb, each run behind PREFIX.
ask_all()
{
	local to=$1
	shift

	mkdir "$to"
	cd "$to"
	ask . check "$@" check --core="$core" apparmor_hooks init_task
	ask . walk "$@" walk --json --core="$captures/7.zst" apparmor_hooks
	ask . map "$@" map --core="$captures/6.1.zst" --html=map.html
	ask . audit "$@" audit --json --core="$core" --prometheus=audit.prom
	ask . oops "$@" oops --json --core="$captures/6.1.zst" "$top/tests/data/oops/6.1-lsm.txt"
	ask . capture "$@" capture --quiet --core="$captures/6.1.zst" copy.zst
	ask . copied "$kwcheck" --core=copy.zst apparmor_hooks
	rm -f copy.zst
	ask . static "$@" preflight --no-dry-run --core="$core" "${modules[@]}"
	ask . preflight "$@" preflight --json --limit=milliseconds=600000 --core="$core" \
		"${modules[@]}"
	sed -i 's/"\(cpu_ms\|fetched_pages\)": *[0-9]*//g' preflight
	[[ ! -e audit.prom ]] || sed -i '/timestamp/d' audit.prom
	cd - >/dev/null
}

# same NAME FOLDER [BUT...]: its answers are those of the whole host; BUT are not compared.
same()
{
	local name=$1 to=$2 excluded=() but

	for but in "${@:3}"; do
		excluded+=(--exclude="$but")
	done
	if diff -r "${excluded[@]}" "$work/whole" "$to" >"$work/differ"; then
		echo "ok $name: all answers are the same"
	else
		echo "not ok $name: an answer differs: $(cut -c 1-300 "$work/differ" | head -n 4)"
		failed=1
	fi
}

# says NAME FILE STATUS WORDS: a line of the answer, and its exit status.
says()
{
	local nr

	nr=$(grep -c "$4" "$2" || true)
	if ((nr > 0)) && grep -qx "exit $3" "$2"; then
		echo "ok $1: it is said: $(grep -o "$4" "$2" | head -n 1)"
	else
		echo "not ok $1: $nr lines say '$4', $(tail -n 1 "$2")"
		failed=1
	fi
}

ask_all "$work/whole" "$kwcheck"
says 'the whole host' "$work/whole/check" 1 'apparmor_hooks .* read-only'

lacks=(memfd statx openat2 clone3 pidfd getrandom close-range rseq membarrier faccessat2
	affinity seccomp-call thp boottime cputime tmpfile)
for one in memfd cputime affinity; do
	ask_all "$work/$one" "$deny" "$one" "$kwcheck"
	same "without $one" "$work/$one"
done
all=$(IFS=,; echo "${lacks[*]}")
ask_all "$work/all" "$deny" "$all" "$kwcheck"
same 'without any of these' "$work/all"
# A container whose filter knows no newer calls.
ask_all "$work/eperm" "$deny" --eperm "$all" "$kwcheck"
same 'all of these forbidden' "$work/eperm"

ask_all "$work/execmem" "$deny" execmem "$kwcheck"
same 'no memory to write and execute' "$work/execmem" preflight
says 'no memory to write and execute' "$work/execmem/preflight" 1 \
	'the emulator wants memory that can be written and executed'

ask_all "$work/fork" "$deny" fork,clone3 "$kwcheck"
same 'no process more' "$work/fork" preflight static capture copied audit audit.prom map \
	map.html
for verb in static capture audit map; do
	says "no process more: $verb" "$work/fork/$verb" 2 'no process can be started'
done

ask_all "$work/filter" "$deny" seccomp-call,seccomp-prctl "$kwcheck"
says 'no filter can be had' "$work/filter/check" 2 \
	'this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER is off): --no-sandbox does without'
ask_all "$work/sandbox" "$deny" seccomp-call,seccomp-prctl "$kwcheck" --no-sandbox
same 'no filter is wanted' "$work/sandbox"

exit $failed
