#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-dumps.sh live|crashed [one]
#
# Inside the guest of test-dumps.sh. live: LiME writes its dump to the disk, QEMU its own,
# then a module writes to a sealed array, and the crash kernel starts on this same root
# file system. crashed: there makedumpfile writes its forms to the disk. one: without LiME
# and QEMU, the kernel is told to crash, and makedumpfile writes one form.

set -eu

mount_disk()
{
	tries=100
	until [ -b /dev/vda ] || [ $tries = 0 ]; do
		tries=$((tries - 1))
		usleep 100000
	done
	mount -t ext4 /dev/vda /mnt
}

# The root file system as it is, with another command. The mark is this boot's.
make_initramfs()
{
	printf 'guest-dumps crashed %s\n' "$how" >/vm/command
	cp /crash/mark /vm/mark
	rm -f /vm/modules/*
	(cd / && find bin lib lib64 sbin usr vm init crash proc sys dev tmp out root etc mnt \
		-xdev \( -path proc/\* -o -path sys/\* -o -path dev/\* -o -path tmp/\* \
		-o -path out/\* -o -path mnt/\* \) -prune -o -print |
		grep -v '^crash/vmlinuz$' | cpio -o -H newc) >/tmp/crash.cpio 2>/dev/null
}

live()
{
	mount_disk
	cut -d ' ' -f 3- /proc/kallsyms | sed 's/\(.*\)\t\[\(.*\)\]/\2:\1/' | sort -u >/mnt/names
	if [ -e /crash/lime.ko ]; then
		insmod /crash/lime.ko path=/mnt/lime format=lime timeout=0 || true
		rmmod lime || true
	fi
	umount /mnt
	make_initramfs
	kexec -p /crash/vmlinuz --initrd=/tmp/crash.cpio \
		--append='console=ttyS0 panic=-1 edd=off nr_cpus=1 reset_devices' 2>&1
	[ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ] || exit 1
	rm /tmp/crash.cpio
	if [ "$how" = one ]; then
		echo c >/proc/sysrq-trigger
	fi
	vm-pause
	echo 1 >/proc/sys/kernel/panic_on_oops
	insmod /crash/oops.ko
	echo 'not ok the module did not crash the kernel'
	exit 1
}

# makedumpfile FORM OPTION...
form()
{
	name=$1
	shift
	makedumpfile "$@" /proc/vmcore "/mnt/$name" >/tmp/log 2>&1 || {
		echo "# makedumpfile $*: $(tail -n 1 /tmp/log)"
		rm -f "/mnt/$name"
	}
}

crashed()
{
	mount_disk
	if [ "$how" = one ]; then
		form dump -c -d 31
		umount /mnt
		sync
		echo 'ok the crash kernel wrote its dump'
		return
	fi
	cp --sparse=always /proc/vmcore /mnt/vmcore 2>/dev/null || cat /proc/vmcore >/mnt/vmcore
	form elf31 -E -d 31
	form zlib -c -d 31
	form zlib0 -c -d 0
	form lzo -l -d 31
	form none -d 31
	makedumpfile --split --splitblock-size 16 -c -d 31 /proc/vmcore /mnt/split1 /mnt/split2 >/dev/null 2>&1 ||
		rm -f /mnt/split1 /mnt/split2
	makedumpfile -F -c -d 31 /proc/vmcore >/mnt/flat 2>/dev/null || rm -f /mnt/flat
	makedumpfile -F -E -d 31 /proc/vmcore >/mnt/flatelf 2>/dev/null || rm -f /mnt/flatelf
	makedumpfile --dump-dmesg /proc/vmcore /mnt/dmesg >/dev/null 2>&1 || true
	umount /mnt
	sync
	echo 'ok the crash kernel wrote its dumps'
}

how=${2-}
"$1"
