#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-preflight-bug.sh: real bugs of stock modules. kwcheck names the instruction, and
# the kernel oopses there.
#
# 5.10's aic79xx stores an option's value in a table that is const; insmod dies of it.
# 7's intel_rapl_msr sets a __ro_after_init variable in its probe function, for the two
# models of CPU (Panther Lake, Wildcat Lake) whose table entry asks for it: the store is
# good while init runs, and faults when the device is bound anew.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
nr_failed=0

# compare NAME TARGET OUTPUT: is the oops in OUTPUT at the one place that kwcheck says
# there, and of a write that is denied?
compare()
{
	local name=$1 target=$2 out=$3 said was

	said=$(grep -A 1 --no-group-separator '\[store\] at ' <<<"$out" |
		sed -n "N; s/.*\[store\] at \([^ ]*\) .* to $target .*/\1/p" | sort -u)
	was=$(sed -n "s/.*RIP: 0010:\([^ /]*\)\/.*\[${name#* }\].*/\1/p" <<<"$out" |
		head -n 1)
	if [[ -n $was && $said == "$was" ]] && grep -q 'error_code(0x0003)' <<<"$out"; then
		echo "ok $name: a store at $said, and the oops is there"
	else
		echo "not ok $name: kwcheck said '$said', the oops is at '$was'"
		nr_failed=$((nr_failed + 1))
	fi
}

"$here/provision.sh" 5.10 7

option='aic79xx=slewrate:{3}'
out=$("$here/boot.sh" --kernel 5.10 --distro-module scsi_transport_spi --exec "$kwcheck" \
	--file "$cache/5.10/modules/kernel/drivers/scsi/aic7xxx/aic79xx.ko:/aic79xx.ko" -- "
	kwcheck preflight /aic79xx.ko '$option'
	dmesg -c >/dev/null
	insmod /aic79xx.ko '$option'
	dmesg")
compare '5.10 aic79xx' 'aic79xx:aic79xx_iocell_info+0x[0-9a-f]*' "$out"

out=$("$here/boot.sh" --kernel 7 --cpu qemu64,vendor=GenuineIntel,family=6,model=204 \
	--distro-module intel_rapl_common --exec "$kwcheck" --file \
	"$cache/7/modules/kernel/drivers/powercap/intel_rapl_msr.ko.xz:/intel_rapl_msr.ko.xz" \
	-- '
	kwcheck preflight /intel_rapl_msr.ko.xz
	xz -d /intel_rapl_msr.ko.xz
	insmod /intel_rapl_msr.ko
	dmesg -c >/dev/null
	cd /sys/bus/platform/drivers/intel_rapl_msr
	# The guest has no such registers: the probe has failed, after its store.
	(echo intel_rapl_msr.0 >bind)
	dmesg')
compare '7 intel_rapl_msr' intel_rapl_msr:rapl_msr_pmu "$out"
((nr_failed == 0))
