#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-xen.sh's guest.

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib

expect "it is a Xen PV domain" 0 "^PV$" cat /sys/hypervisor/guest_type
expect "a variable is writable" 0 "^modprobe_path .* writable$" kwcheck modprobe_path
expect "and Xen may deny it" 0 "the hypervisor (Xen) below this kernel may still deny" \
	kwcheck modprobe_path
expect "a constant is read-only" 1 "^sys_call_table .* read-only$" kwcheck sys_call_table
expect "a walk shows the domain's frames" 1 \
	"effective: r--, supervisor; 4K page, physical 0*$(printf '%x' $((0x$(awk '$3 == "sys_call_table" {
		print $1; exit }' /proc/kallsyms) - 0xffffffff80000000)))$" kwcheck walk sys_call_table
expect "what is Xen's is not the kernel's" 1 "any access here faults: the PGD has USER clear" \
	kwcheck 0xffff830000000000
expect "the hypervisor's list of frames is unknown" 2 "unknown" kwcheck 0xffff800000000000
kwcheck audit >/tmp/audit 2>&1
say $? "the boot's audit finds nothing, and all of it is known"
grep -E "^(UNSEALED|unknown|HIJACKED)|^[a-z-]*: |^kwcheck" /tmp/audit
expect "the audit knows whose entries lead nowhere" 0 "none but .* of the hypervisor's" \
	kwcheck audit --verbose tables
kwcheck audit --only=findings --image=/vmlinuz unchanged >/tmp/unchanged 2>&1
[ $? = 2 ] && grep -q "^unknown.*text against its image .*Xen PV" /tmp/unchanged &&
	! grep -q "^[a-z-]*: .*\.$" /tmp/unchanged
say $? "against its image text is unknown, and nothing is accused"
grep -v "^sealed" /tmp/unchanged
kwcheck map >/tmp/map 2>&1
# The list of frames is unknown.
[ $? = 2 ]
say $? "there is a map"
grep -q "^ffffffff81000000 .*r-x" /tmp/map
say $? "text is mapped as text"
expect "nothing is run dry" 0 "a Xen PV domain" kwcheck preflight --verbose /oracle.ko
kwcheck capture --small /tmp/capture >/dev/null 2>&1
say $? "a capture can be made"
for symbol in sys_call_table modprobe_path apparmor_hooks _stext; do
	kwcheck "$symbol" | grep -v "also mapped" >/tmp/live
	kwcheck --core=/tmp/capture "$symbol" | grep -v "also mapped" >/tmp/captured
	cmp /tmp/live /tmp/captured
	say $? "a capture says the same of $symbol"
done

oracle-compare --kwcheck /bin/kwcheck --min 20000 >/tmp/oracle 2>&1
status=$?
cat /tmp/oracle
say $status "the CPU agrees: $(tail -n 1 /tmp/oracle)"
exit "$failed"
