#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in kernels.sh's guests: the audit of the boot, the CPU oracle, damage. The argument is
# the kernel's name. What this kernel cannot know is no failure where it says so.

name=$1
failed=0
report=/tmp/report

say()
{
	echo "$1 $name: $2"
	[ "$1" = "ok" ] || [ "$1" = skipped ] || {
		failed=1
		head -n 40 "$report"
	}
}

verdict()
{
	if [ "$1" = 0 ]; then
		say ok "$2"
	else
		say "not ok" "$2"
	fi
}

# From kallsyms where it is there, else as far from _text as in the kernel's own map. A kernel
# without kallsyms runs where that says (nokaslr).
text=
[ ! -e /proc/kallsyms ] || text=$(awk '$3 == "_text" || $3 == "_stext" { print $3, $1; exit }' /proc/kallsyms)
address_of()
{
	if [ -z "$text" ]; then
		echo "0x$(map_of "$1")"
		return
	fi
	found=$(awk -v s="$1" '$3 == s && !$4 { print $1; exit }' /proc/kallsyms)
	[ -n "$found" ] || found=$(printf '%x' $((0x$(map_of "$1") - 0x$(map_of "${text% *}") +
		0x${text#* })))
	echo "0x$found"
}

# Of a stock kernel kallsyms has all of it.
map=/System.map
[ -e $map ] || map=/proc/kallsyms
map_of()
{
	awk -v s="$1" '$3 == s { print $1; exit }' $map
}

# Kinds of findings, each as often as it is there.
kinds()
{
	sed -n 's/^\([a-z-]*\): .*\.$/\1/p' "$report" | grep -v '^note$' | sort | uniq -c |
		awk '{ printf "%s%s", (NR > 1 ? " " : ""), $1 " " $2 }'
}

audit()
{
	kwcheck audit --only=findings >"$report" 2>&1
	status=$?
}

test_stock()
{
	kwcheck audit >"$report" 2>&1
	status=$?
	cp "$report" /out/audit
	grep '^unknown' "$report" | sed 's/^/# /'
	cp "$report" /tmp/stock
	[ -z "$(kinds)" ] && { [ $status = 0 ] || [ $status = 2 ]; }
	verdict $? "the boot's audit finds nothing (exit $status, $(kinds))"
	[ "$(grep -c '^unknown' "$report")" = "$(grep -c '^unknown.*[a-z]\{4\}.* .*' "$report")" ]
	verdict $? "each unknown has its reason"
}

test_oracle()
{
	[ -e /dev/kwcheck-oracle ] || [ -e /proc/modules ] || return 0
	oracle-compare --kwcheck /bin/kwcheck --min 20000 >"$report" 2>&1
	verdict $? "$(tail -n 1 "$report")"
	cp "$report" /out/oracle
}

# damage NAME KIND ROW [PARAMETER...]: KIND is found, unless ROW was unknown before.
damage()
{
	module=$1 kind=$2 row=$3
	shift 3
	if ! insmod "/damage_$module.ko" "$@" >"$report" 2>&1; then
		say skipped "damage_$module does not load here: $(head -n 1 "$report")"
		return
	fi
	audit
	if grep -q "^$kind: " "$report"; then
		say ok "damage_$module is told: $kind"
	elif grep -q "^unknown.* $row" /tmp/stock; then
		say skipped "damage_$module ($kind): the row that would tell is unknown here"
	else
		say "not ok" "damage_$module is told: $kind (exit $status, $(kinds))"
	fi
	rmmod "damage_$module" || return
	audit
	[ -z "$(kinds)" ]
	verdict $? "nothing is told after damage_$module ($(kinds))"
}

test_damage()
{
	end=$(address_of __end_rodata)
	damage rodata writable "read-only data" target="$(printf '0x%x' $((end - 4096)))"
	damage wx writable-executable "writable and executable"
	damage alias writable-alias "[a-z]*  *\(sys_call\|tables of f\)" target="$(address_of sys_call_table)"
	damage ftrace redirected "security_. functions"
	slot=_lsm_static_call_file_open_
	if [ -n "$(map_of static_calls_table)" ]; then
		for i in 0 1 2 3 4 5 6 7 8 9; do
			[ -n "$(map_of __SCK_$slot$i)" ] && last=$i
		done
		# The last slot of a hook is free where not all security modules have it.
		[ -z "$last" ] || damage slot slot-hijacked "[a-z]*  *hook \(static calls\|functions\)" \
			key="$(address_of "__SCK_$slot$last")" \
			trampoline="$(address_of "__SCT_$slot$last")" \
			active="$(address_of "security_hook_active_file_open_$last")"
	else
		damage hook hook-outside "[a-z]*  *hook " heads="$(address_of security_hook_heads)"
	fi
}

# Without --no-sandbox: what stands for kwcheck gives it.
test_no_filters()
{
	kwcheck-seeing modprobe_path >"$report" 2>&1
	[ $? = 2 ] && grep -q "CONFIG_SECCOMP_FILTER is off.: --no-sandbox" "$report"
	verdict $? "a kernel without seccomp filters is told"
}

# A kernel that does not list its data: by the file that it was linked as.
test_file()
{
	wrong=
	for s in sys_call_table init_task modprobe_path tainted_mask jiffies_64 security_hook_heads \
		inode_permission __end_rodata; do
		[ -n "$(map_of $s)" ] || continue
		kwcheck --json --vmlinux=/vmlinux $s >"$report" 2>&1
		grep -q "\"address\": *\"$(address_of $s)\"" "$report" || wrong="$wrong $s"
	done
	[ -z "$wrong" ]
	verdict $? "names of data by --vmlinux$wrong"
	kwcheck audit --vmlinux=/vmlinux >"$report" 2>&1
	status=$?
	grep '^unknown' "$report" | sed 's/^/# with --vmlinux: /'
	[ -z "$(kinds)" ] && { [ $status = 0 ] || [ $status = 2 ]; } &&
		grep -q "^sealed.*read-only data" "$report" &&
		[ "$(grep -c '^unknown' "$report")" -lt "$(grep -c '^unknown' /tmp/stock)" ]
	verdict $? "the audit by --vmlinux knows more, and finds nothing (exit $status, $(kinds))"
}

[ ! -e /bin/kwcheck-seeing ] || test_no_filters
test_stock
[ ! -e /vmlinux ] || test_file
test_oracle
[ ! -e /proc/modules ] || test_damage
exit $failed
