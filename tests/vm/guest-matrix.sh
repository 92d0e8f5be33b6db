#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-matrix MIN [MODE...]: runs in test-matrix.sh's guests. Prints whether each mode is
# really on, then what oracle-compare prints; its status is the answer. What the monitor is
# compared with goes first and without a seccomp filter: each BPF program's page, a filter's
# too, becomes read-only in the direct map while it is there.

set -u

# 0 to 3 are answers.
ask()
{
	"$@"
	[ $? -le 3 ]
}

# Tells by other means than kwcheck's, but for rodata=off, which nothing else shows.
is_on()
{
	case $1 in
	4-level) ! grep -qw la57 /proc/cpuinfo ;;
	5-level) grep -qw la57 /proc/cpuinfo ;;
	pti) grep -qw pti /proc/cpuinfo ;;
	nokaslr) grep -q '^ffffffff81000000 T _text$' /proc/kallsyms ;;
	rodata-off) kwcheck --no-sandbox -q --expect=rw linux_banner ;;
	2-cpus) [ "$(grep -c ^processor /proc/cpuinfo)" = 2 ] ;;
	1g-pages) ! grep -q 'DirectMap1G: *0 kB' /proc/meminfo &&
		[ "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)" -gt 4194304 ] ;;
	*) false ;;
	esac
}

min=$1
shift
for mode in "$@"; do
	if is_on "$mode"; then
		echo "mode $mode is on"
	else
		echo "mode $mode is off"
	fi
done
kwcheck --no-sandbox -v modprobe_path | head -n 1
monitor-compare --ranges >/tmp/ranges || exit 3
ask kwcheck --no-sandbox --json check @/tmp/ranges >/out/regions.json || exit 3
ask kwcheck --no-sandbox --json check vmlinux:apparmor_hooks modprobe_path idt_table \
	linux_banner init_task _stext >/out/names.json || exit 3
vm-pause
oracle-compare --kwcheck /bin/kwcheck --min "$min"
