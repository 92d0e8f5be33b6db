#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-confinement.sh BUILD [FOLDER]
#
# BUILD/tests/attacked is kwcheck with an attacker in it, who wakes in each process whose
# privileges have gone (tests/hosts/attack.c): in what reads kernels, logs, captures and modules, in
# the dry run's workers, in the clerk that opens modules for them, in the process that reads a
# kernel's image. Whatever it tries is refused, no descriptor is there that should not be, and
# kwcheck answers as it does without. FOLDER has a memory.zst and a module.ko; without, they are made.

# shellcheck disable=SC2317 # cleanup is called by the trap

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
build=$(realpath "$1")
attacked=$build/tests/attacked
captures=$top/tests/data/captures
work=$(mktemp -d)
chmod 755 "$work"
victim=''
failed=0

cleanup()
{
	[[ -z $victim ]] || kill "$victim" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

say()
{
	if [[ $1 == 0 ]]; then
		echo "ok confinement: $2"
	else
		echo "not ok confinement: $2"
		failed=1
	fi
}

# Of the user that kwcheck becomes: nobody, or the one that it is.
start_victim()
{
	if ((EUID == 0)); then
		setpriv --reuid 65534 --regid 65534 --clear-groups sleep 1000 &
	else
		sleep 1000 &
	fi
	victim=$!
}

# attack ROLE WORDS...: the same words to kwcheck and to the one with the attacker in it.
attack()
{
	local role=$1 status=0 wanted=0 nr through

	shift
	rm -f "$work/copy.zst"
	"$build/kwcheck" "$@" >"$work/wanted" 2>"$work/wanted.err" </dev/null || wanted=$?
	rm -f "$work/copy.zst"
	: >"$work/report"
	KWCHECK_ATTACK_FD=9 KWCHECK_ROLE=$role KWCHECK_VICTIM=$victim "$attacked" "$@" \
		>"$work/answer" 2>"$work/err" 9>>"$work/report" </dev/null || status=$?
	nr=$(grep -c . "$work/report" || true)
	through=$(grep DONE "$work/report" || true)
	say "$([[ -z $through && $nr -gt 100 ]]; echo $?)" \
		"$role: $nr attacks in $(cut -d' ' -f1 "$work/report" | sort -u | wc -l) processes refused"
	[[ -z $through ]] || sort -u <<<"$through" | head -n 20
	say "$([[ $status == "$wanted" ]] && cmp -s "$work/wanted" "$work/answer"; echo $?)" \
		"$role: the answer is the same ($status)"
	[[ $status == "$wanted" ]] || head -n 3 "$work/err"
	kill -0 "$victim" 2>/dev/null || { say 1 "$role: another process was ended"; start_victim; }
}

folder=${2-}
if [[ -z $folder ]]; then
	folder=$work/questions
	mkdir "$folder"
	ln -s "$("$here/../vm/make-memory.sh" 6.12)/memory.zst" "$folder/memory.zst"
	"$here/../vm/build-module.sh" 6.12 "$here/../vm/modules/preflight/common" "$folder/ko"
	ln -s "$folder/ko/w01_direct.ko" "$folder/module.ko"
fi
# This kernel may take no call of another architecture at all.
"$build/tests/i386" 2>/dev/null || export KWCHECK_NO_I386=1
start_victim
"$build/kwcheck" oops --json-lines "$top/tests/data/oops/6.1-lsm.txt" >"$work/lines.jsonl"
attack check check --core="$captures/6.1.zst" apparmor_hooks
attack walk walk --core="$captures/7.zst" apparmor_hooks
attack map map --core="$captures/6.1.zst"
attack audit audit lsm --core="$captures/6.1.zst"
attack oops oops "$top/tests/data/oops/6.1-lsm.txt"
attack merge oops --merge "$work/lines.jsonl"
attack dump-log dmesg --core="$folder/memory.zst"
attack diff diff "$captures/6.1.zst" "$captures/6.12.zst"
KWCHECK_WRITES=1 attack capture capture --quiet --core="$captures/6.1.zst" "$work/copy.zst"
attack static preflight --no-dry-run --core="$captures/6.12.zst" "$folder/module.ko"
KWCHECK_NARROWED=1 attack dry-run preflight --core="$folder/memory.zst" "$folder/module.ko"
image=$(find "${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}" -name 'vmlinuz*' 2>/dev/null |
	sort | head -n 1)
if [[ -n $image ]]; then
	attack image check --kernel="$image" --no-boot init_task
else
	echo "skipped confinement: the process that reads an image: no image is here"
fi
if [[ -r /proc/kcore ]]; then
	attack live check init_task
else
	echo "skipped confinement: the running kernel: no /proc/kcore"
fi
exit $failed
