#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in static.sh's guest. /dyn has the other kwcheck and its libraries.

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib

dynamic()
{
	/dyn/ld-linux-x86-64.so.2 --library-path /dyn /dyn/kwcheck "$@"
}

# What two runs of one program differ in, too: the time, the process's own table, what comes
# and goes in vmalloc's area, and how many instructions a moving kernel's allocators take.
steady()
{
	sed -e 's/, [0-9-]*T[0-9:]*Z,/,/' -e '/root own-mm/d' -e '/ PGD /d' -e '/vmalloc/d' \
		-e 's/"time":"[^"]*"//' -e 's/"cpu_ms":[0-9]*//g' \
		-e 's/ ([0-9]* instructions)//' -e '/pages fetched/d'
}

# same NAME PATTERN ARGUMENT...: both answer alike, and so that a line matches.
same()
{
	name=$1 pattern=$2
	shift 2
	kwcheck "$@" >/tmp/out 2>&1
	status=$?
	steady </tmp/out >/tmp/static
	dynamic "$@" >/tmp/out 2>&1
	other=$?
	steady </tmp/out >/tmp/dynamic
	if [ $other = $status ] && cmp -s /tmp/static /tmp/dynamic &&
		grep -q -- "$pattern" /tmp/static; then
		say 0 "$name"
	else
		say 1 "$name: exit $status"
		head -n 5 /tmp/static
		diff /tmp/static /tmp/dynamic | head -n 10
	fi
}

# milliseconds COMMAND...: of the fastest of ten runs.
milliseconds()
{
	best=99999
	for _ in 0 1 2 3 4 5 6 7 8 9; do
		read -r from _ </proc/uptime
		for _ in 0 1 2 3 4; do
			"$@" >/dev/null 2>&1
		done
		read -r to _ </proc/uptime
		took=$(((${to%.*}${to#*.} - ${from%.*}${from#*.}) * 2))
		[ $took -ge $best ] || best=$took
	done
	echo $best
}

# shellcheck disable=SC2034 # say() reads it
subject=static
say "$(find / -xdev -name '*.so*' ! -path '/dyn/*' | grep -c .)" "the guest has no library"
same check '^apparmor_hooks.*ro_after_init\|sealed' apparmor_hooks
same "check with JSON" '"verdict"' --json apparmor_hooks
same "audit" 'lsm' audit
same "walk" 'PTE\|PMD' walk sys_call_table
same "map" 'kernel image' map
for module in /ko/*.ko; do
	same "preflight ${module##*/}" "${module##*/}" preflight "$module"
done
same "preflight with a dry run" 'dry.run' preflight -v /ko/w01_direct.ko
same "preflight of all" '3 would-fault' preflight /ko/*.ko
echo "static: --version takes $(milliseconds kwcheck --version) ms, with the libraries $(milliseconds dynamic --version) ms"
echo "static: --help takes $(milliseconds kwcheck --help) ms, with the libraries $(milliseconds dynamic --help) ms"
echo "static: an address takes $(milliseconds kwcheck 0xffffffff81000000) ms, with the libraries $(milliseconds dynamic 0xffffffff81000000) ms"
exit "$failed"
