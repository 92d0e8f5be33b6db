#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# guest-confinement LANDLOCK CAPTURE: the attacker of tests/hosts/attack.c in what asks the running
# kernel, as root; with the filter, and without it where Landlock, whose version is given, is alone.

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib
landlock=$1 capture=$2
# shellcheck disable=SC2034 # say() reads it
subject=confinement

# attack ROLE WORDS...
attack()
{
	local role=$1 nr
	shift
	: >/report
	KWCHECK_ATTACK_FD=9 KWCHECK_ROLE=$role KWCHECK_VICTIM=$victim KWCHECK_LANDLOCK=$landlock \
		attacked "$@" >/answer 2>/err 9>>/report </dev/null
	nr=$(grep -c . /report)
	! grep DONE /report | sort -u | head -n 20 | grep . && [ "$nr" -gt "$least" ] &&
		kill -0 "$victim"
	say $? "$role: $nr attacks refused"
	[ "$nr" -gt 0 ] || head -n 5 /err
}

mkdir -p /tmp /etc
echo root:x:0:0::/: >/etc/passwd
chmod 1777 /tmp
# Not busybox's own.
/bin/setpriv --reuid 65534 --regid 65534 --clear-groups sleep 1000 >/victim 2>&1 </dev/null &
victim=$!
sleep 1
kill -0 "$victim" || cat /victim
least=100
attack check check init_task
attack audit audit cpu
attack oops oops
KWCHECK_WRITES=1 attack capture capture /tmp/c.zst
attack core check --core="$capture" apparmor_hooks
if [ "$landlock" -gt 0 ]; then
	export KWCHECK_NO_FILTER=1
	least=5
	attack 'by Landlock alone, check' check init_task
	attack 'by Landlock alone, core' check --core="$capture" apparmor_hooks
fi
kill "$victim"
exit $failed
