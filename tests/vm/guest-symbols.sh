#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-symbols memory|text: runs in test-symbols.sh's guests. memory: this kernel has its
# names where VMCOREINFO says (6.0 and newer).

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib

tracing=/sys/kernel/tracing

# shellcheck disable=SC2317 # called through expect
ask_bpf()
{
	# shellcheck disable=SC2016 # the inner shell expands
	symbols-compare --bpf sh -c 'kwcheck "$(sed -n \
		"s/.* \(bpf_prog_[0-9a-f]*\)\t\[bpf\]$/\1/p" /proc/kallsyms | head -n 1)"'
}

start_ftrace()
{
	mount -t tracefs tracefs $tracing 2>/dev/null
	echo do_sys_openat2 >$tracing/set_ftrace_filter &&
		echo function >$tracing/current_tracer
}

# In the middle of a function: at its start ftrace would take it, and it would need no
# page of its own. Not every offset is an instruction's.
start_kprobe()
{
	for offset in 5 7 9 10 11 12 13 14 15 16; do
		echo "p:kwcheck vfs_read+$offset" >$tracing/kprobe_events 2>/dev/null &&
			echo 1 >$tracing/events/kprobes/kwcheck/enable && return
	done
}

expect "names come from $1" 0 "names from $([ "$1" = memory ] && echo memory || echo kallsyms)" \
	kwcheck -v modprobe_path
expect "a module's symbol" 1 "^bridge:br_handle_frame  .* read-only$" kwcheck br_handle_frame
expect "a module's symbol, by its module" 1 "^bridge:br_handle_frame  .* read-only$" \
	kwcheck bridge:br_handle_frame
expect "a BPF program" 1 "^bpf:bpf_prog_[0-9a-f]*  .* read-only$" ask_bpf
start_ftrace
expect "ftrace's trampoline" 1 "^__builtin__ftrace:ftrace_trampoline  .* read-only$" \
	kwcheck ftrace_trampoline
start_kprobe
if [ "$1" = memory ]; then
	# Of BPF, too: the program lives while the comparison runs.
	symbols-compare --bpf symbols-compare --lists --order >/tmp/compared 2>&1
	status=$?
	if [ $status = 0 ]; then
		echo "ok every line of kallsyms: $(tail -n 1 /tmp/compared)"
	else
		echo "not ok every line of kallsyms (exit $status)"
		tail -n 25 /tmp/compared
		failed=1
	fi
fi

address=$(awk '$3 == "apparmor_hooks" { print $1 }' /proc/kallsyms)
echo 2 >/proc/sys/kernel/kptr_restrict
expect "kptr_restrict=2 blanks the text" 1 "^$" grep -v '^0000000000000000 ' /proc/kallsyms
expect "kptr_restrict=2: an address is answered" 1 "read-only$" kwcheck "0x$address"
advice="kernel.kptr_restrict hides them; 'sysctl kernel.kptr_restrict=1' shows them to root$"
if [ "$1" = memory ]; then
	expect "kptr_restrict=2: the kernel's names from memory" 1 \
		"^apparmor_hooks  [0-9a-f]*  [0-9]* bytes  read-only$" kwcheck apparmor_hooks
	expect "kptr_restrict=2: a module's names, too" 1 \
		"^bridge:br_handle_frame  .* read-only$" kwcheck br_handle_frame
	hidden=
else
	hidden=apparmor_hooks
fi
[ "$hidden" ] || exit $failed
expect "kptr_restrict=2: $hidden is refused" 2 "$advice" kwcheck "$hidden"
expect "kptr_restrict=2: $hidden has a code" 2 \
	'"results":\[\],"errors":\[{"code":"kptr-restrict"' kwcheck --json "$hidden"
expect_count "kptr_restrict=2: $hidden is refused in one line" 1 "" kwcheck "$hidden"

exit $failed
