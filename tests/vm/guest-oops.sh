#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Inside the guest: provokes one crash per module of /oops, each of which takes only its
# own process along, and has kwcheck explain the log, piped and by itself. What it said
# goes to /out; test-oops.sh reads it.

explain()
{
	name=$1
	shift
	kwcheck oops --json "$@" >"/out/$name.json" 2>"/out/$name.err"
	echo $? >"/out/$name.status"
}

# Before anything has crashed.
explain none

# Packed, so that insmod falls back to init_module(2): finit_module(2) keeps a list with
# entries on its callers' stacks (since 6.5), and those that oops never leave it.
for ko in /oops/*.ko; do
	gzip -c "$ko" >"$ko.gz"
	insmod "$ko.gz" 2>/dev/null
done
sh -c 'echo 1 >/sys/module/oops_sealed/parameters/trigger' 2>/dev/null

dmesg >/out/dmesg.txt
dmesg | explain piped -
explain own
kwcheck oops -v /out/dmesg.txt >/out/text.txt 2>&1
# As it would be of another boot: other bases, other times, registers with other values.
sed -e 's/^\[ *[0-9.]*\] //' -e '/^FS: \|^RAX: /y/01234567/10325476/' /out/dmesg.txt |
	explain moved -
explain foreign /oops/4.19-lsm.txt
explain module --module /oops/oops_hook.ko /out/dmesg.txt
kwcheck capture --small /out/core >/dev/null 2>/out/capture.err
# Once the crashes are out of the log, what the addresses say must do.
echo on >/proc/sys/kernel/printk_devkmsg
line=$(printf '%0800d' 0)
n=0
while [ $n -lt 1500 ]; do
	echo "<15>$line"
	n=$((n + 1))
done >/dev/kmsg
explain cleared /out/dmesg.txt
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
# Nobody's user: the log alone.
su -s /bin/sh nobody -c 'kwcheck oops --json /out/dmesg.txt' >/out/nobody.json 2>/out/nobody.err
echo $? >/out/nobody.status
