#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-systemd.sh [SERIES...]: the service and the timer of doc/examples/systemd, started by the
# host's systemd in a guest (6.12).

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
build=$top/build
units=/lib/systemd/system
failed=0

(($#)) || set -- 6.12
[[ -x /lib/systemd/systemd ]] || { echo "skipped systemd: there is none here"; exit; }
"$here/provision.sh" "$@"
make -s -C "$top" build/kwcheck
files=()
for unit in basic sysinit timers sockets paths shutdown local-fs swap umount; do
	files+=(--file "$units/$unit.target:/etc/systemd/system/$unit.target")
done
for unit in service timer; do
	files+=(--file "$top/doc/examples/systemd/kwcheck-audit.$unit:/etc/systemd/system/kwcheck-audit.$unit")
done
# Since systemd 254 PID 1 starts services by it.
[[ ! -x /lib/systemd/systemd-executor ]] ||
	files+=(--library /lib/systemd/systemd-executor
		--file /lib/systemd/systemd-executor:/lib/systemd/systemd-executor)
for series in "$@"; do
	"$here/build-module.sh" "$series" "$here/modules/audit" "$build/audit/$series" >/dev/null
	"$here/boot.sh" --kernel "$series" --append no_timer_check --memory 768M --timeout 900 \
		--exec "$build/kwcheck" --exec /lib/systemd/systemd --exec "$(type -P systemctl)" \
		--exec "$(type -P unshare)" --exec "$(type -P nsenter)" \
		--file "$build/audit/$series/damage_rodata.ko" \
		"${files[@]}" --file "$here/guest-lib.sh:/bin/guest-lib" \
		--file "$here/guest-systemd.sh:/bin/guest-systemd" ${SYSTEMD_OUT:+--out "$SYSTEMD_OUT"} \
		-- guest-systemd | sed -u "s/systemd: /&$series, /" || failed=1
done
exit $failed
