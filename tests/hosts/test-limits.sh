#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-limits.sh BUILD
#
# The kwcheck of BUILD under the limits that containers and units set: few open files, by a
# limit that it may not raise; a root that is read-only and has no /tmp, /sys or /dev/shm;
# little memory of its own. It answers as without, or one line says which limit.

set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$(realpath "$1")
kwcheck=$build/kwcheck
work=$(mktemp -d)
trap 'umount -R "$work/root" 2>/dev/null || true; rm -rf "$work"' EXIT
failed=0

"$here/../vm/provision.sh" 6.12
modules=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}/6.12/modules
mkdir "$work/q"
cd "$work/q" || exit 1
cp "$top/tests/data/captures/6.12.zst" core.zst
cp "$top/tests/data/oops/6.12-lsm.txt" oops.txt
"$here/../vm/build-module.sh" 6.12 "$here/../vm/modules/preflight/common" ko >/dev/null

verdict()
{
	if [[ $1 == 0 ]]; then
		echo "ok $2"
	else
		echo "not ok $2"
		failed=1
	fi
}

# poor NR COMMAND...: at most NR open files, and no right to raise that.
poor()
{
	prlimit --nofile="$1:$1" setpriv --bounding-set -sys_resource \
		--inh-caps -sys_resource "${@:2}"
}

# static FOLDER: is asked of it.
static()
{
	"$@" "$kwcheck" preflight --json --no-dry-run --core=core.zst "$folder"
}

folder=$(find "$modules" -path '*drivers/net/ethernet' -type d)
static env >many 2>/dev/null || true
static poor 160 >few 2>errors || true
nr=$(find "$folder" -name '*.ko*' | wc -l)
cmp -s many few && ! grep -q . errors
verdict $? "160 open files: the answer for $nr modules is the same"
poor 1024 "$kwcheck" preflight --no-dry-run --core=core.zst "$modules" >tree 2>errors || true
nr=$(find "$modules" -name '*.ko*' | wc -l)
grep -q "^$nr modules: " tree && ! grep -q . errors
verdict $? "1024 open files: $(grep "^$nr modules: " tree)"
static poor 160 "$build/tests/deny" memfd,tmpfile env >few 2>errors || true
cmp -s many few
verdict $? '160 open files, no file in memory: the same'

# A folder of links has no index: what its modules need is read from them all.
mkdir loose
find "$folder" -name '*.ko*' -exec ln -s -t loose {} +
folder=loose
static env >many 2>/dev/null || true
static poor 160 >few 2>errors || true
cmp -s many few
verdict $? '160 open files: a folder without an index'

cat >ask.sh <<'END'
cd /q || exit 1
for words in 'check --json apparmor_hooks' 'walk init_task' 'map --json' 'audit --json' \
	'oops --json oops.txt' 'preflight --json ko/w01_direct.ko ko/n10_register_ops.ko'; do
	set -- $words
	verb=$1
	shift
	$KWCHECK $verb --core=core.zst "$@" 2>&1 | sed 's/"\(cpu_ms\|fetched_pages\)": *[0-9]*//g'
done
END
# Outside, the same words are asked in the same folder's place.
mkdir -p "$work/root"
mount -t tmpfs none "$work/root"
make_root()
{
	local at
	cd "$work/root" || exit 1
	mkdir q proc dev usr etc
	for at in bin lib lib64 sbin; do
		if [[ -L /$at ]]; then cp -a "/$at" .; else mkdir "$at"; mount --bind "/$at" "$at"; fi
	done
	mount --bind /usr usr
	mount --bind "$work/q" q
	mount -t proc proc proc
	mknod -m 666 dev/null c 1 3
	cp "$kwcheck" kwcheck
	cd "$work" || exit 1
}
make_root
export KWCHECK=/kwcheck
chroot "$work/root" sh /q/ask.sh >"$work/before" 2>&1
mount -o remount,ro "$work/root"
mount -o remount,bind,ro "$work/root/q"
[[ -s $work/before ]] && chroot "$work/root" sh /q/ask.sh 2>&1 | cmp -s - "$work/before"
verdict $? 'a read-only root without /tmp, /sys and /dev/shm: all answers are the same'
[[ $(grep -c '"verdict"' "$work/before") -ge 4 ]]
verdict $? 'the answers hold verdicts'
said=$(chroot "$work/root" /kwcheck capture --core=/q/core.zst /q/copy 2>&1) || true
[[ $said == *'/q/copy: Read-only file system' ]]
verdict $? "a capture there: $said"
umount "$work/root/proc"
said=$(chroot "$work/root" /kwcheck --core=/q/core.zst init_task 2>&1) || true
[[ $said == *'as root: mount -t proc proc /proc' ]]
verdict $? "without /proc: $said"

# Memory of its own: all or a line.
for mib in 24 40 64 128; do
	for verb in check walk audit map preflight; do
		cd "$work/q" || exit 1
		what=()
		[[ $verb != @(check|walk) ]] || what=(apparmor_hooks)
		[[ $verb != preflight ]] || what=(--no-dry-run ko/w01_direct.ko)
		status=0
		"$kwcheck" "$verb" --core=core.zst "${what[@]}" >whole 2>/dev/null || status=$?
		limited=0
		prlimit --as=$((mib << 20)) "$kwcheck" "$verb" --core=core.zst "${what[@]}" \
			>answer 2>errors || limited=$?
		right=1
		if cmp -s whole answer; then
			[[ $limited == "$status" ]] && right=0
		else
			[[ $limited == @(2|3|127) ]] &&
				grep -qE 'memory|allocate' answer errors && right=0
		fi
		verdict $right "$verb in $mib MiB of address space: status $limited$(head -n 1 errors | cut -c 1-90 | sed 's/^/, /')"
	done
done

# A few open files, or files that may not grow: the answer, or a line that names the limit.
# The answer goes through a pipe, which has no such limit.
# limited LIMIT NAME-OF-LIMIT VERB OPERAND...
limited()
{
	local limit=$1 name=$2 verb=$3 whole_status=0 status

	shift 3
	rm -f copy
	"$kwcheck" "$verb" --core=core.zst "$@" >whole 2>&1 || whole_status=$?
	rm -f copy
	{
		prlimit "$limit" "$kwcheck" "$verb" --core=core.zst "$@" 2>&1
		echo "status $?"
	} | cat >answer
	status=$(sed -n '$s/status //p' answer)
	sed -i '$d' answer
	if [[ $status == "$whole_status" ]] && cmp -s whole answer; then
		return 0
	fi
	[[ $status == 2 && $(wc -l <answer) == 1 && ! -e copy ]] &&
		grep -q "may have .*(ulimit $name" answer
}
cd "$work/q" || exit 1
for ((nr = 4; nr <= 24; nr++)); do
	for question in 'check apparmor_hooks' 'map' 'audit' 'oops oops.txt' \
		'preflight --no-dry-run ko/w01_direct.ko'; do
		# shellcheck disable=SC2086
		limited "--nofile=$nr:$nr" -n $question ||
			verdict 1 "$question with $nr open files: $(head -n 2 answer)"
	done
done
verdict 0 '4 to 24 open files: the answer, or a line that names the limit'
for bytes in 0 1 4096 1000000; do
	for question in 'check apparmor_hooks' 'capture copy'; do
		rm -f copy
		# shellcheck disable=SC2086
		limited "--fsize=$bytes:$bytes" -f $question ||
			verdict 1 "$question where files may have $bytes bytes: $(head -n 2 answer)"
	done
done
verdict 0 'files that may not grow: a line that names the limit, and no file is left'
exit $failed
