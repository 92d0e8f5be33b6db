#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-preflight-bug.sh: a real bug of a stock module. 5.10's aic79xx stores an option's
# value in a table that is const: kwcheck names the instruction, insmod oopses there.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
option='aic79xx=slewrate:{3}'

"$here/provision.sh" 5.10
out=$("$here/boot.sh" --kernel 5.10 --distro-module scsi_transport_spi --exec "$kwcheck" \
	--file "$cache/5.10/modules/kernel/drivers/scsi/aic7xxx/aic79xx.ko:/aic79xx.ko" -- "
	kwcheck preflight /aic79xx.ko '$option'
	dmesg -c >/dev/null
	insmod /aic79xx.ko '$option'
	dmesg")
said=$(sed -n 's/.*\[store\] at \([^ ]*\) .*/\1/p' <<<"$out" | sort -u)
was=$(sed -n 's/.*RIP: 0010:\([^ /]*\)\/.*\[aic79xx\].*/\1/p' <<<"$out" | head -n 1)
[[ -n $was && $said == "$was" ]] || {
	echo "not ok kwcheck said '$said', the oops is at '$was'"
	exit 1
}
echo "ok 5.10 aic79xx: a store at $said, and the oops is there"
