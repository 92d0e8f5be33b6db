#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-roots.sh's guest: guest-roots SERIES.

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib

series=$1

expect "$series: the kernel half of process 1" 0 "root process at physical" \
	kwcheck -v --pid=1 modprobe_path
expect "$series: a kernel thread has no root" 2 "a kernel thread: it has no root table" \
	kwcheck --pid=2 modprobe_path
expect "$series: no such process" 2 "pid 99999: no such process" \
	kwcheck --pid=99999 modprobe_path
expect "$series: user code does not see data" 1 "modprobe_path .* unmapped" \
	kwcheck --user-root modprobe_path
expect "$series: user code sees the entry text" 1 "entry_SYSCALL_64 .* read-only" \
	kwcheck --user-root entry_SYSCALL_64
expect "$series: the user copy is 4 KiB above" 1 "root process-user at [0-9a-f]*[13579bdf]000, 4 levels" \
	kwcheck walk --pid=1 --user-root modprobe_path
root=$(kwcheck walk --pid=1 modprobe_path | sed -n 's/.*root process at \([0-9a-f]*\),.*/\1/p')
expect "$series: a root given by address" 0 "root given at $root" \
	kwcheck walk "--root=0x$root" modprobe_path
expect "$series: no root at an odd address" 2 "no root table" \
	kwcheck --root=0x1234 modprobe_path
expect "$series: --pid and --root exclude each other" 64 "exclude each other" \
	kwcheck --pid=1 --root=0x1000 modprobe_path

expect "$series: a per-CPU symbol is no address" 2 "every CPU has its own copy: ask with --cpu" \
	kwcheck gdt_page
expect "$series: CPU 0's GDT is writable" 0 "CPU 0's copy of a per-CPU symbol" \
	kwcheck --cpu=0 gdt_page
expect "$series: and read-only where the CPU uses it" 0 \
	"also mapped at fffffe.* read-only (cpu_entry_area)" kwcheck --cpu=0 gdt_page
expect "$series: no such CPU" 2 "CPU 7: no such CPU" kwcheck --cpu=7 gdt_page
expect "$series: an end label says so" 1 "end label of a section" kwcheck __end_rodata
expect "$series: freed init memory says so" 1 "was freed after boot" kwcheck __init_begin
expect "$series: the IDT has three mappings" 1 \
	"also mapped at fffffe0000000000 read-only (cpu_entry_area)" kwcheck idt_table
expect "$series: --no-aliases looks for none" 1 "^idt_table .* read-only$" \
	kwcheck --no-aliases idt_table
expect_count "$series: and lists none" 0 "also mapped" kwcheck --no-aliases idt_table
case $series in
7) expect "$series: a 'T' that is data" 0 "kallsyms calls it 'T' (text)" kwcheck modprobe_path ;;
esac
exit "$failed"
