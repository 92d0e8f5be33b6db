#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# Runs in test-refusals.sh's guest: every reason not to answer that a running kernel can
# give, provoked. Lockdown comes last: it only ever gets tighter.

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib

# By its path: a busybox shell prefers its own setpriv, which cannot do this.
setpriv=/bin/setpriv
lockdown=/sys/kernel/security/lockdown

# with FILE OVER COMMAND...: FILE is mounted over OVER meanwhile.
with()
{
	local over="$2" status
	mount --bind "$1" "$2" || return 99
	shift 2
	"$@"
	status=$?
	umount "$over"
	return $status
}

jail()
{
	mkdir -p /tmp/jail/bin /tmp/jail/lib /tmp/jail/lib64 /tmp/jail/proc
	mount --bind /bin /tmp/jail/bin
	mount --bind /lib /tmp/jail/lib
	mount --bind /lib64 /tmp/jail/lib64
}

expect_refused "an ordinary user" 2 not-root "run kwcheck as root" \
	$setpriv --reuid=1000 --regid=1000 --clear-groups kwcheck apparmor_hooks
expect_refused "root without CAP_SYS_RAWIO" 2 no-cap-sys-rawio "CAP_SYS_RAWIO is missing" \
	$setpriv --bounding-set=-sys_rawio kwcheck apparmor_hooks
jail
expect_refused "no /proc/kcore" 2 no-kcore "CONFIG_PROC_KCORE" \
	chroot /tmp/jail kwcheck apparmor_hooks

: >/tmp/empty
with /tmp/empty /proc/kcore expect_refused "an empty file over kcore" 2 masked-kcore \
	"masked by another file.*run kwcheck on the host" kwcheck apparmor_hooks
with /dev/null /proc/kcore expect_refused "/dev/null over kcore" 2 masked-kcore \
	"masked by another file.*run kwcheck on the host" kwcheck apparmor_hooks
dd if=/proc/kcore of=/tmp/kcore bs=64k count=1 2>/dev/null
with /tmp/kcore /proc/kcore expect_refused "a copy over kcore" 2 masked-kcore \
	"masked by another file" kwcheck apparmor_hooks
with /tmp/empty /proc/kallsyms expect "an empty file over kallsyms: names from memory" 1 \
	"^apparmor_hooks .* read-only$" kwcheck vmlinux:apparmor_hooks
with /dev/null /proc/kallsyms expect_refused "/dev/null over kallsyms" 2 no-symbols \
	"empty.*give addresses" kwcheck --symbols=text apparmor_hooks
echo "kwcheck is not here" >/tmp/garbage
with /tmp/garbage /proc/kallsyms expect_refused "garbage over kallsyms" 2 no-symbols \
	"line 1 is not of the form" kwcheck --symbols=text apparmor_hooks
grep '^[0-9a-f]* [tT] ' /proc/kallsyms >/tmp/functions
with /tmp/functions /proc/kallsyms expect_refused "functions only" 2 no-kallsyms-all \
	"CONFIG_KALLSYMS_ALL is off" kwcheck --symbols=text apparmor_hooks

expect_refused "a name mistyped" 2 no-such-symbol "did you mean apparmor_hooks$" \
	kwcheck aparmor_hooks
expect_refused "no name like it" 2 no-such-symbol "xyzzy_plugh_frobnicate: no such symbol$" \
	kwcheck xyzzy_plugh_frobnicate
expect_refused "a module that is not loaded" 2 no-such-symbol "nomod:apparmor_hooks: no such" \
	kwcheck nomod:apparmor_hooks
expect_refused "an address without 0x" 2 no-such-symbol "ask .kwcheck 0xffffffff81000000" \
	kwcheck ffffffff81000000
expect_refused "a decimal number" 64 malformed-target "write 0x" kwcheck 12345
expect_refused "a range that ends before it starts" 64 malformed-target "" \
	kwcheck 0xffffffff81000000-0xffffffff80000000
expect_refused "a range too large" 64 range-too-large "ask for less" \
	kwcheck 0xffffff0000000000+0x8000000000
expect_refused "a list that is not there" 2 file "No such file" kwcheck @/tmp/nowhere
expect_refused "no such CPU" 2 no-such-cpu "" kwcheck --cpu=99 current_task
expect_refused "no such process" 2 no-such-root "no such process" kwcheck --pid=99999 init_task
expect_refused "no such root" 2 no-such-root "no RAM" kwcheck --root=0x8000000000000 init_task
expect_refused "no user copy without PTI" 2 no-such-root "without PTI" \
	kwcheck --user-root init_task

# A table page that the kernel holds for broken: kcore gives zeros for it, with success.
address=$(sed -n 's/^\([0-9a-f]*\) . br_handle_frame\t.*/\1/p' /proc/kallsyms)
table=$(kwcheck walk "0x$address" | sed -n 's/^  PTE *[0-9]*  \([0-9a-f]*\)  .*/\1/p')
expect "a page of a module is read-only" 1 "read-only$" kwcheck "0x$address"
echo $((0x$table >> 12)) >/sys/kernel/debug/hwpoison/corrupt-pfn 2>/dev/null
expect "its table poisoned, it is unknown" 2 "PTE table .* is poisoned or offline memory" \
	kwcheck "0x$address"
expect "its table poisoned, the reason has a name" 2 \
	'"verdict":"unknown","reason":"poisoned-table"' kwcheck --json bridge:br_handle_frame
kwcheck -q capture /tmp/capture
expect "its table poisoned, a capture does not know either" 2 "PTE table .* is not in this capture" \
	kwcheck --core=/tmp/capture "0x$address"

if echo integrity >$lockdown; then
	expect "lockdown=integrity: answered" 1 "^apparmor_hooks .* read-only$" \
		kwcheck vmlinux:apparmor_hooks
else
	echo "not ok lockdown=integrity cannot be set"
	failed=1
fi
echo confidentiality >$lockdown
expect_refused "lockdown=confidentiality" 2 lockdown "locked down (confidentiality)" \
	kwcheck apparmor_hooks
expect_refused "lockdown=confidentiality, an ordinary user" 2 not-root "run kwcheck as root" \
	$setpriv --reuid=1000 --regid=1000 --clear-groups kwcheck apparmor_hooks

exit $failed
