#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# The guest's init; boot.sh tells what it is for. Speaks to the host on three virtio
# ports, each of which only one process may have open at a time.

/bin/busybox --install -s /bin
export PATH=/bin HOME=/root TERM=dumb

control=/dev/vport0p1 stdout=/dev/vport0p2 out=/dev/vport0p3

# Files that boot.sh put where a file system goes are taken along.
mount_tmpfs()
{
	mount -t tmpfs tmpfs /mnt
	cp -a "$1/." /mnt/
	mount --move /mnt "$1"
}

say()
{
	echo "$*" >"$control"
}

# There is no going on, and the host kills the machine when it has heard.
fail()
{
	echo "guest-init: $*" >/dev/console
	say "fail $*"
	sleep 1000
}

load()
{
	local ko message

	for ko in "$1"/*.ko; do
		[ -e "$ko" ] || continue
		message=$(insmod "$ko" 2>&1) ||
			fail "module ${ko##*/} does not load: $message"
	done
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug
mount -t securityfs securityfs /sys/kernel/security
mount_tmpfs /tmp
mount_tmpfs /out
chmod 1777 /tmp

load /vm/boot
# The driver finds its ports by a work item, after insmod has returned.
tries=500
until [ -c "$control" ] && [ -c "$stdout" ] && [ -c "$out" ]; do
	tries=$((tries - 1))
	if [ "$tries" = 0 ]; then
		echo "guest-init: no virtio ports" >/dev/console
		exit 1 # init's end is a panic, and the host hears of that
	fi
	usleep 20000
done
load /vm/distro
load /vm/modules
ifconfig lo up 2>/dev/null

mark=$(cat /vm/mark)
command=$(cat /vm/command)
# A command that makes a root file system of this one for another boot keeps them.
if [ -d /crash ]; then
	echo "$mark" >/crash/mark
else
	rm -rf /vm/* /init
fi
rm -f /vm/stdout
mkfifo /vm/stdout
{ cat /vm/stdout & echo $! >/vm/cat; wait $!; echo "$mark"; } >"$stdout" &
writer=$!
say ready
cd /
sh -c "$command" </dev/null >/vm/stdout 2>&1
status=$?
say "done $status"
# What the command left running may hold its stdout open for ever.
{ sleep 2; kill "$(cat /vm/cat)"; } 2>/dev/null &
wait "$writer"
{ tar -C /out -cf - .; echo "$mark"; } >"$out"
sleep 1000
