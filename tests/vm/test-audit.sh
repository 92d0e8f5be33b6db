#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-audit.sh [SERIES...]: stock kernels are sealed and nothing else is said of them; then
# real damage, one kind at a time, is found, named, and nothing beside it. The map of each
# kernel is looked at in a browser where there is one.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build

# Each way to boot with some kernel. Without SERIES the oldest and the newest are booted with
# rodata=off, too.
rodata_off=" ${*:-5.10 7} "
(($#)) || set -- 5.10 6.1 6.12 7
declare -A modes=(
	# Debian's 5.10 leaves bpf out of the list.
	[5.10]='--append lsm=lockdown,yama,apparmor,tomoyo,bpf --append pti=on'
	[6.1]='--append nokaslr'
	[6.12]='--cpu max'
	[7]='--cpu max --append pti=on')

make -s -C "$top" build/kwcheck build/tests/attach-lsm
failed=0
for series; do
	"$here/provision.sh" "$series"
	"$here/build-module.sh" "$series" "$here/modules/audit" "$build/audit/$series"
	files=(--file "$here/guest-audit.sh:/bin/guest-audit")
	for ko in "$build/audit/$series"/*.ko; do
		files+=(--file "$ko")
	done
	out=$build/audit/$series/out
	mkdir -p "$out"
	read -ra mode <<<"${modes[$series]}"
	"$here/boot.sh" --kernel "$series" "${mode[@]}" --smp 2 --exec "$build/kwcheck" \
		--exec "$build/tests/attach-lsm" "${files[@]}" \
		--distro-module kvm --out "$out" --timeout 900 \
		-- guest-audit "$series" stock || failed=1
	[[ $rodata_off != *" $series "* ]] ||
		"$here/boot.sh" --kernel "$series" --exec "$build/kwcheck" "${files[@]}" \
			--append rodata=off -- guest-audit "$series" rodata-off || failed=1
	"$here/browse-map.sh" "$out/map.html" "$out/map.json" || failed=1
done
exit $failed
