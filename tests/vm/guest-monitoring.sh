#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest: metrics of the kernel as it is, with a page unsealed, and where it cannot be
# audited. Then what the settings of systemd that hide /proc/kcore take, tried by hand, and
# that the others leave an audit as it is.

# shellcheck source=tests/vm/guest-lib.sh
. guest-lib
# shellcheck disable=SC2034 # say() reads it
subject=monitoring

kwcheck audit -q --prometheus=/out/good.prom
say $? "the stock kernel has no finding"
line=$(kwcheck audit --nrpe)
say $? "NRPE: $line"

# Those of the unit's CapabilityBoundingSet are enough.
caps=-all,+sys_rawio,+syslog,+setuid,+setgid,+setpcap,+dac_read_search
/bin/setpriv --bounding-set=$caps --inh-caps=-all --no-new-privs kwcheck audit -q --prometheus=/tmp/less.prom
say $? "the unit's capabilities are enough"
grep -v timestamp /out/good.prom >/tmp/a
grep -v timestamp /tmp/less.prom >/tmp/b
cmp -s /tmp/a /tmp/b
say $? "... and the answer is the same"
# What PrivateDevices= takes.
/bin/setpriv --bounding-set=-sys_rawio kwcheck audit -q --prometheus=/out/none.prom
say $(($? != 2)) "without CAP_SYS_RAWIO (PrivateDevices=) there is no audit"
grep '^kwcheck_audit_failed' /out/none.prom
say $? "... and the metrics say so"
unshare --user --map-root-user kwcheck audit -q
say $(($? != 2)) "in a user namespace (PrivateUsers=) there is no audit"
# ProcSubset=pid.
unshare --mount sh -c 'mount -t proc -o subset=pid proc /proc && kwcheck audit -q'
say $(($? != 2)) "with processes alone in /proc (ProcSubset=pid) there is no audit"
# ProtectKernelTunables= mounts what nobody reads over /proc/kcore and /proc/kallsyms.
touch /tmp/nothing
chmod 0 /tmp/nothing
unshare --mount sh -c 'mount --bind /tmp/nothing /proc/kcore && mount --bind /tmp/nothing /proc/kallsyms && kwcheck audit -q'
say $(($? != 2)) "with /proc/kcore hidden (ProtectKernelTunables=) there is no audit"
# ProtectKernelLogs= takes CAP_SYSLOG.
/bin/setpriv --bounding-set=-syslog kwcheck audit -q
say $? "without CAP_SYSLOG (ProtectKernelLogs=) the kernel's memory has the names"

end=$(kwcheck --no-aliases vmlinux:__end_rodata | awk 'NR == 1 { print "0x" $2 }')
insmod /damage_rodata.ko target="$(printf '0x%x' $((end - 4096)))"
kwcheck audit -q --prometheus=/out/bad.prom
say $((!($? & 1))) "an unsealed page is a finding"
line=$(kwcheck audit --nrpe)
say $(($? != 2)) "NRPE: $line"
exit $failed
