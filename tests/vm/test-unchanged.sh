#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-unchanged.sh [--all] [SERIES...]: all code and constants of stock kernels are accounted for,
# while every means of the kernel's own patches them, with many modules loaded; and damage is
# found, each kind by itself, and nothing beside it.
#
#	--all	every boot, every means and every kind of damage on each series, else a part of
#		them on each, all four together; without SERIES the files of modules are damaged
#		on the oldest and the newest alone

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
every=
[[ ${1-} != --all ]] || { every=every && shift; }
damaged_files=" ${*:-5.10 7} "
(($#)) || set -- 5.10 6.1 6.12 7

# Each kernel has its tests in one mode, and boots in others: which of them, without --all.
declare -A boot_of=([5.10]=2 [6.1]=0 [6.12]=3 [7]=4)
declare -A modes=(
	[5.10]='--append nokaslr'
	[6.1]='--smp 2'
	[6.12]='--cpu max --smp 2'
	[7]='--cpu max --append pti=on')
all_boots=('--cpu qemu64' '--cpu max --smp 2' '--append mitigations=off'
	'--cpu Skylake-Server --append nokaslr --append retbleed=stuff' '--append pti=on')

make -s -C "$top" build/kwcheck build/tests/attach-lsm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# libcrc32c asks for the first by its init.
loaded=(crc32c_generic kvm xfs btrfs overlay bridge bonding dummy veth vxlan nf_tables
	nf_nat xt_conntrack
	xt_MASQUERADE ip6table_filter ip_set nft_ct nft_nat dm_crypt dm_mirror dm_snapshot raid1
	raid456 fuse cifs nfs nfsd vfat isofs udf squashfs tun macvlan ipvlan sit ip_gre wireguard
	tcp_bbr sch_fq_codel cls_bpf act_mirred af_packet_diag 8021q l2tp_core ppp_generic)
few=(crc32c_generic dummy bridge nf_tables)
# The guest's own, where they are modules.
own=(virtio_console virtio_pci)
failed=0

# Releases differ in what is a module.
is_module()
{
	[[ $(find "$cache/$series/modules/" -name "${1//_/[_-]}.ko*") ]]
}

# distro_modules MODULE...: sets @names to those that are modules, and @modules to the
# options that load them.
distro_modules()
{
	local name

	modules=() names=()
	for name; do
		is_module "$name" || continue
		modules+=(--distro-module "$name")
		names+=("$name")
	done
}

# make_tree MODULE...: a folder with the packed files of these and of what they need, and
# that which does damage, as depmod knows it; @tree has the options that bring it to a
# guest's /tree.
make_tree()
{
	local release name file

	release=$(<"$cache/$series/release")
	rm -rf "$work/from" "$work/tree"
	mkdir -p "$work/from/lib/modules" "$work/tree/lib/modules/$release"
	ln -s "$cache/$series/modules" "$work/from/lib/modules/$release"
	for name in "$@" "${own[@]}"; do
		! is_module "$name" ||
			modprobe -d "$work/from" -S "$release" --show-depends "$name"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u |
		xargs cp -t "$work/tree/lib/modules/$release"
	cp "$build/audit/$series"/damage_{code,victim}.ko "$work/tree/lib/modules/$release"
	depmod -b "$work/tree" "$release" 2>"$work/depmod"
	tree=()
	for file in "$work/tree/lib/modules/$release"/*; do
		tree+=(--file "$file:/tree/$release/${file##*/}")
	done
}

for series; do
	"$here/provision.sh" "$series"
	"$here/build-module.sh" "$series" "$here/modules/audit" "$build/audit/$series"
	kwcheck=(--exec "$build/kwcheck" --exec "$build/tests/attach-lsm"
		--file "$here/guest-lib.sh:/bin/guest-lib"
		--file "$here/guest-unchanged.sh:/bin/guest-unchanged"
		--file "$cache/$series/vmlinuz")
	series_of=${series%%-*}
	boots=("${all_boots[@]}")
	[[ $every ]] || boots=("${all_boots[${boot_of[$series_of]}]}")
	for boot in "${boots[@]}"; do
		read -ra mode <<<"$boot"
		"$here/boot.sh" --kernel "$series" "${mode[@]}" "${kwcheck[@]}" \
			-- guest-unchanged "$series" || failed=1
	done
	if [[ $every || $damaged_files == *" $series "* ]]; then
		distro_modules "${few[@]}"
		make_tree "${names[@]}"
		"$here/boot.sh" --kernel "$series" --cpu max --memory 1G "${kwcheck[@]}" "${tree[@]}" \
			--file "$build/audit/$series/damage_code.ko" \
			--file "$build/audit/$series/damage_victim.ko" "${modules[@]}" \
			--timeout 600 -- guest-unchanged "$series" modules $every || failed=1
	fi
	distro_modules "${loaded[@]}"
	make_tree "${names[@]}"
	read -ra mode <<<"${modes[$series_of]}"
	"$here/boot.sh" --kernel "$series" "${mode[@]}" --memory 1G "${kwcheck[@]}" \
		--file "$build/audit/$series/damage_livepatch.ko" \
		--file "$build/audit/$series/damage_code.ko" \
		"${modules[@]}" "${tree[@]}" \
		--timeout 1500 -- guest-unchanged "$series" all $every || failed=1
done
exit $failed
