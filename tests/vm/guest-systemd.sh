#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In a guest: systemd, as PID 1 of a namespace of its own, starts the timer, that the service,
# and that writes the metrics, with all that the unit forbids it; a finding fails the unit.

# shellcheck source=tests/vm/guest-lib.sh
. guest-lib
# shellcheck disable=SC2034 # say() reads it
subject=systemd

metrics=/var/lib/prometheus/node-exporter/kwcheck.prom

start_systemd()
{
	mkdir -p /run /home /var/tmp /var/lib/prometheus/node-exporter \
		/etc/systemd/system/kwcheck-audit.timer.d
	mount -t tmpfs none /run
	mount -t cgroup2 none /sys/fs/cgroup
	echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	echo 'root:x:0:0::/root:/bin/sh' >/etc/passwd
	echo 'root:x:0:' >/etc/group
	# At once, and not when the machine has been up for some minutes.
	printf '[Timer]\nOnBootSec=\nOnActiveSec=1\nRandomizedDelaySec=0\nAccuracySec=1\n' \
		>/etc/systemd/system/kwcheck-audit.timer.d/now.conf
	printf '[Unit]\nWants=kwcheck-audit.timer\n' >/etc/systemd/system/test.target
	container='test' unshare --mount --fork --pid --mount-proc systemd --unit=test.target \
		--log-target=console >/out/systemd.log 2>&1 &
}

# wait_for SECONDS COMMAND...
wait_for()
{
	seconds=$1
	shift
	while ! "$@" && [ "$seconds" -gt 0 ]; do
		sleep 1
		seconds=$((seconds - 1))
	done
}

# Of the namespace that systemd is in: who asks from outside has no process number there.
inside()
{
	nsenter --target "$(pidof systemd)" --pid --mount "$@"
}

property()
{
	inside systemctl show kwcheck-audit.service --property="$1" --value
}

# shellcheck disable=SC2317 # called through wait_for
has_ended()
{
	[ "$(property ActiveState)" != activating ]
}

start_systemd
wait_for 200 [ -s $metrics ]
[ -s $metrics ]
say $? "the timer starts the service, which writes the metrics"
wait_for 30 has_ended
[ "$(property Result)" = success ]
say $? "no finding is a success: $(property Result), status $(property ExecMainStatus)"
kwcheck audit -q --prometheus=/tmp/by-hand.prom
grep -v timestamp /tmp/by-hand.prom >/tmp/a
grep -v timestamp $metrics >/tmp/b
cmp -s /tmp/a /tmp/b
say $? "the metrics are those of a run by hand"
end=$(kwcheck --no-aliases vmlinux:__end_rodata | awk 'NR == 1 { print "0x" $2 }')
insmod /damage_rodata.ko target="$(printf '0x%x' $((end - 4096)))"
inside systemctl start kwcheck-audit.service 2>/dev/null
[ "$(property Result)/$(property ExecMainStatus)" = exit-code/1 ]
say $? "a finding fails the unit: $(property Result), status $(property ExecMainStatus)"
exit $failed
