#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-audit.sh's guests: a line "ok NAME" or "not ok NAME" per test. The first
# argument is the kernel's series, the second "stock" or "rodata-off".

series=$1 boot=$2
failed=0
report=/tmp/report
under= # what the audit runs under

# Not by awk from kallsyms, which takes four seconds.
address_of()
{
	kwcheck --no-aliases "vmlinux:$1" | awk 'NR == 1 { print "0x" $2 }'
}

has_static_calls()
{
	[ "$series" = 6.12 ] || [ "$series" = 7 ]
}

say()
{
	outcome=$1
	shift
	echo "$outcome $series: $*"
	[ "$outcome" = ok ] || {
		failed=1
		head -n 40 "$report"
	}
}

# verdict STATUS NAME: of what was just tried.
verdict()
{
	if [ "$1" = 0 ]; then
		say ok "$2"
	else
		say "not ok" "$2"
	fi
}

# expect NAME STATUS KINDS [PATTERN]: the audit's exit status; the kinds of its findings,
# each as often as it is there, sorted, "" for none; and a line of the report.
expect()
{
	$under kwcheck audit --only=findings >"$report" 2>&1
	status=$?
	kinds=$(sed -n 's/^\([a-z-]*\): .*\.$/\1/p' "$report" | grep -v '^note$' | sort |
		tr '\n' ' ' | sed 's/ $//')
	if [ "$status" != "$2" ]; then
		say "not ok" "$1: exit $status, wanted $2"
	elif [ "$kinds" != "$3" ]; then
		say "not ok" "$1: findings '$kinds', wanted '$3'"
	elif [ -n "$4" ] && ! grep -q -e "$4" "$report"; then
		say "not ok" "$1: no line /$4/"
	else
		say ok "$1"
	fi
}

damage()
{
	name=$1
	shift
	insmod "/damage_$name.ko" "$@" >"$report" 2>&1 ||
		say "not ok" "damage_$name.ko does not load"
}

repair()
{
	rmmod "damage_$1"
	expect "clean after damage_$1" 0 ""
}

test_rodata_off()
{
	expect "rodata=off" 1 "$1" "booted with rodata=off: [0-9]* pages of its image and modules are not sealed"
	kwcheck audit >"$report" 2>&1
	for row in "kernel text" "read-only data" "data sealed after boot" apparmor capability \
		sys_call_table; do
		grep -q "^UNSEALED .*$row " "$report"
		verdict $? "rodata=off: $row is told unsealed"
	done
}

test_rights()
{
	end=$(address_of __end_rodata)
	target=$(printf '0x%x' $((end - 4096)))

	damage rodata target="$target"
	expect "one writable page of rodata" 1 "writable" \
		"1 page of read-only data at 0x$(echo "$target" | cut -c 3-) .* can be written; the direct map still says read-only"
	repair rodata

	damage wx
	expect "a W+X page" 1 "writable-executable" "^writable-executable: 1 page at 0x.* (vmalloc) can be written and executed"
	if [ -e /sys/kernel/debug/check_wx_pages ]; then
		grep -q "^FAILED" /sys/kernel/debug/check_wx_pages
		verdict $? "check_wx_pages agrees"
	fi
	repair wx

	damage alias target="$(address_of sys_call_table)"
	expect "a writable alias of rodata" 1 "writable-alias" \
		"1 page of .*sys_call_table.* can be written at 0x.* (vmalloc), past the seal of"
	repair alias

	damage ftrace function=security_file_open
	expect "a function redirected through ftrace" 1 "redirected" \
		"security_file_open (a security wrapper) is redirected through ftrace to damage_trace \[damage_ftrace\]"
	repair ftrace
}

# check NAME COMMAND...: an exit status of 0.
check()
{
	name=$1
	shift
	"$@" >"$report" 2>&1
	verdict $? "$name"
}

test_baseline()
{
	kwcheck audit -J >/tmp/baseline.json
	check "nothing changed since the baseline" kwcheck audit --baseline=/tmp/baseline.json
	damage wx
	kwcheck audit --baseline=/tmp/baseline.json >"$report"
	[ $? = 1 ] && grep -q "^new-finding  executable writable and executable: 1 page at " "$report"
	verdict $? "the baseline tells what is new"
	! grep -q "apparmor" "$report"
	verdict $? "the baseline tells only what is new"
	rmmod damage_wx
	sed 's/"build_id":"[0-9a-f]*"/"build_id":"00"/' /tmp/baseline.json >/tmp/other.json
	kwcheck audit --baseline=/tmp/other.json >"$report" 2>&1
	[ $? = 2 ] && grep -q "made on build 00" "$report"
	verdict $? "a baseline of another build is refused"
}

test_prometheus()
{
	check "metrics are written" kwcheck audit -q --prometheus=/tmp/kwcheck.prom
	cp /tmp/kwcheck.prom "$report"
	for line in 'kwcheck_audit_findings{kind="writable"} 0' \
		'kwcheck_audit_objects{verdict="unsealed"} 0' \
		'kwcheck_audit_sealed{group="lsm",name="apparmor"} 1'; do
		grep -qxF "$line" "$report"
		verdict $? "metric $line"
	done
	! grep -q ffffffff "$report"
	verdict $? "no address in the metrics"
	[ "$(echo /tmp/kwcheck.prom*)" = /tmp/kwcheck.prom ]
	verdict $? "no temporary file is left"
	kwcheck audit -q --prometheus=/none/kwcheck.prom >"$report" 2>&1
	[ $? = 2 ]
	verdict $? "a folder that is not there"
}

# Hook, place in the order of calls, element and function of every registered hook.
slots()
{
	kwcheck audit -v "$@" lsm | grep "^         [a-z]"
}

# The kernel without its BTF: the same hooks by the same names; modules are not known.
test_no_btf()
{
	slots >/tmp/with
	slots --no-btf >"$report"
	[ "$(wc -l </tmp/with)" -gt 50 ] && cmp -s /tmp/with "$report"
	verdict $? "the same $(wc -l </tmp/with) hooks without BTF"
	kwcheck audit --no-btf modules >"$report"
	[ $? = 2 ] && grep -q "^unknown .*no BTF for struct module" "$report"
	verdict $? "without BTF modules are unknown, and that is said"
}

# Tracing is named for what it is, and no finding.
test_tracing()
{
	mount -t tracefs none /sys/kernel/tracing 2>/dev/null
	(
		cd /sys/kernel/tracing || exit
		echo security_file_open apparmor_file_open >set_ftrace_filter
		echo function >current_tracer
		echo p:kwcheck cap_capable >kprobe_events
		echo 1 >events/kprobes/kwcheck/enable
	)
	expect "a tracer and a kprobe are no finding" 0 "" \
		"^note: security_file_open (a security wrapper) is traced by ftrace"
	grep -q "^note: apparmor_file_open (apparmor's hook file_open) is traced by ftrace" "$report"
	verdict $? "a traced hook function is named"
	grep -q "^note: cap_capable (capability's hook capable).*kprobe" "$report"
	verdict $? "the kprobe is named"
	(
		cd /sys/kernel/tracing || exit
		echo 0 >events/kprobes/kwcheck/enable
		echo >kprobe_events
		echo nop >current_tracer
	)
}

# So is a BPF program on a security hook.
test_bpf()
{
	note="^note: bpf_lsm_file_open (bpf's hook file_open): a BPF program is attached (bpf_trampoline_[0-9]*"
	under="attach-lsm file_open"
	if [ "$series" = 5.10 ]; then
		expect "a BPF program: its page is open, by the kernel's own doing" 1 \
			"writable-executable" "; kernels before 6.1 keep BPF trampolines so"
		grep -q "$note" "$report"
		verdict $? "and the program is named"
	else
		expect "a BPF program is no finding" 0 "" "$note"
	fi
	under=
	expect "and leaves nothing behind" 0 ""
}

# wait_for FILE VALUE: up to 20 seconds.
wait_for()
{
	for i in $(seq 100); do
		[ "$(cat "$1" 2>/dev/null)" = "$2" ] && return
		sleep 0.2
	done
}

test_livepatch()
{
	patch=/sys/kernel/livepatch/damage_livepatch
	damage livepatch
	wait_for $patch/transition 0
	expect "a live patch is no finding" 0 "" \
		"^note: apparmor_file_open (apparmor's hook file_open): a live patch replaces it"
	echo 0 >$patch/enabled
	wait_for $patch/transition ""
	repair livepatch
}

# A hook taken out of the text although its key is as it was.
test_patched_text()
{
	damage patch key="$(address_of __SCK__lsm_static_call_ptrace_traceme_0)" \
		start="$(address_of __start_static_call_sites)" \
		stop="$(address_of __stop_static_call_sites)"
	expect "a patched call" 1 "call-site" \
		"the call of hook ptrace_traceme, slot 0, in security_ptrace_traceme+0x[0-9a-f]* is patched to give 0; its key says to call cap_ptrace_traceme"
	repair patch
	damage patch active="$(address_of security_hook_active_ptrace_traceme_0)" \
		start="$(address_of __start___jump_table)" \
		stop="$(address_of __stop___jump_table)"
	expect "a patched jump" 1 "jump-label" \
		"the switch of hook ptrace_traceme, slot 0, in security_ptrace_traceme+0x[0-9a-f]* is patched off; its key says on"
	repair patch
}

test_hook()
{
	damage hook heads="$(address_of security_hook_heads)"
	expect "a hook linked into a sealed list" 1 \
		"callback-outside hook-outside kernel-disagrees" \
		"hook-outside: hook file_open of damage is registered by an element outside the kernel: hook \[damage_hook\]"
	grep -q "callback-outside: hook file_open of damage calls hook_file_open \[damage_hook\], which is not kernel text but module area" "$report"
	verdict $? "its function is named"
	repair hook
}

test_slot()
{
	# An empty slot: after those of all security modules.
	i=8
	damage slot key="$(address_of "__SCK__lsm_static_call_file_open_$i")" \
		trampoline="$(address_of "__SCT__lsm_static_call_file_open_$i")" \
		active="$(address_of "security_hook_active_file_open_$i")"
	expect "a hook installed by __static_call_update()" 1 "slot-hijacked" \
		"hook file_open, slot $i, calls damage_file_open \[damage_slot\] (module area): no security module registered it"
	repair slot
}

test_wp()
{
	damage wp target="$(address_of sys_call_table)"
	if has_static_calls; then
		expect "one write with CR0.WP cleared" 1 "dirty" \
			"something wrote to the read-only page at 0x"
	else
		expect "one write with CR0.WP cleared is out of reach" 0 ""
		kwcheck audit tables >"$report"
		grep -q "cannot be seen on this kernel" "$report"
		verdict $? "and that is said"
	fi
}

if [ "$boot" = rodata-off ]; then
	test_rodata_off rodata-off
	exit $failed
fi

expect "stock boot: all sealed, nothing undecided" 0 "" "^no finding; [0-9]* objects sealed, 0 unsealed, 0 undecided"
kwcheck audit lsm >"$report" 2>&1
grep -q "^sealed .* apparmor .* [0-9]* hooks apparmor_hooks" "$report"
verdict $? "AppArmor has its row"
kwcheck audit -J >/out/audit.json || say "not ok" "audit --json"
kwcheck map -J --html /out/map.html >/out/map.json || say "not ok" "map --json --html"
kwcheck map --wx >"$report" 2>&1
grep -q "^0 ranges" "$report"
verdict $? "map --wx is empty"
if [ -e /sys/kernel/debug/check_wx_pages ]; then
	kwcheck audit executable >"$report" 2>&1
	grep -q "(0 pages; the kernel's check_wx_pages says SUCCESS" "$report"
	verdict $? "check_wx_pages agrees"
fi
test_no_btf
test_tracing
test_bpf
test_livepatch
test_baseline
test_prometheus
test_rights
if has_static_calls; then
	test_slot
	test_patched_text
else
	test_hook
fi
test_wp
exit $failed
