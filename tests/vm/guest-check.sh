#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in test-check.sh's guest.

# shellcheck source=tests/vm/guest-lib.sh
. /bin/guest-lib

expect "apparmor_hooks is read-only" 1 \
	"^apparmor_hooks  [0-9a-f]*  [0-9]* bytes  read-only$" kwcheck apparmor_hooks
expect "the sentence names the level and the section" 1 \
	"a write here faults: the P[MT][DE] (.* page) has RW clear; .data..ro_after_init, sealed after boot" \
	kwcheck apparmor_hooks
expect "kallsyms' letter is contradicted" 1 "calls it 'd' (data); the page table decides" \
	kwcheck apparmor_hooks
expect "modprobe_path is writable" 0 "^modprobe_path .* writable$" kwcheck modprobe_path
expect "a hypervisor may deny all the same" 0 \
	"hypervisor.* below this kernel may still deny a write by its own tables" kwcheck modprobe_path
expect "JSON says so, too" 0 '"may_be_denied_by":"' kwcheck --json modprobe_path
expect "of what faults nobody else is asked" 1 '"may_be_denied_by":null' kwcheck --json apparmor_hooks
expect "check is the verb of a bare word" 1 "read-only" kwcheck check apparmor_hooks
expect "landlock_hooks lists three" 1 "^landlock_hooks: 3 symbols" kwcheck landlock_hooks
expect_count "each of the three has a verdict" 3 "^[123] of 3, 'd': landlock_hooks .* read-only$" \
	kwcheck landlock_hooks
expect "bpf_lsm_hooks lists two" 1 "^bpf_lsm_hooks: 2 symbols" kwcheck bpf_lsm_hooks
expect "a module's symbol" 1 "^bridge:br_handle_frame  .* read-only$" \
	kwcheck bridge:br_handle_frame
expect "a walk names its root" 1 "root own-mm at " kwcheck walk apparmor_hooks
expect "a walk shows every level" 1 "PGD 511 .* PRESENT RW" kwcheck walk apparmor_hooks
expect "the verbose answer says what was opened" 0 "^kernel 6.1.*4-level tables, names from memory, root own-mm" \
	kwcheck -v modprobe_path
expect "--expect=ro holds" 0 "read-only" kwcheck --expect=ro apparmor_hooks
expect "--expect=rw does not" 1 "read-only" kwcheck --expect=rw apparmor_hooks
expect "a per-CPU symbol is no address" 2 "a per-CPU symbol names an offset, not an address" kwcheck gdt_page
# Whose memory it is by now, and so what may be done there, differs from boot to boot.
expect "a freed init symbol is explained" "0|1" "freed after boot" kwcheck __init_begin
expect "an unknown name has neighbours" 2 "did you mean apparmor_hooks" kwcheck aparmor_hooks
expect "quiet is silent" 1 "^$" kwcheck -q apparmor_hooks
expect "json of a read-only symbol" 1 '"verdict":"read-only"' kwcheck --json apparmor_hooks
expect "json of a writable symbol" 0 '"verdict":"writable"' kwcheck --json modprobe_path
expect "json carries the design's keys" 1 \
	'"schema":"kwcheck/1","command":"check","kernel":{"release":"6.1.*"denied_by":"P[MT][DE]","entries":\[{"level":"PGD","index":511,"address":"0x.*"aliases":' \
	kwcheck --json apparmor_hooks

# 512 MiB of guest: the JSON of a few thousand addresses at a time, as oracle-compare asks.
oracle-compare --kwcheck /bin/kwcheck --min 20000 >/tmp/oracle 2>&1
status=$?
cat /tmp/oracle
if [ $status = 0 ]; then
	echo "ok the CPU agrees: $(tail -n 1 /tmp/oracle)"
else
	echo "not ok the CPU disagrees, or the comparison failed (exit $status)"
	failed=1
fi

exit "$failed"
