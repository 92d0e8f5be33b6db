#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-modprobe.sh [SERIES...]: modules by name, in a tree that depmod indexed, with what they
# need and what modprobe tries before (softdep). What the dry run says is what the real
# modprobe gets. Then the same of modules that are loaded: rmmod, and modprobe again.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2
# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What loads by itself, what needs a chain, what a softdep comes before, what finds no device,
# what starts threads; the hash of crc32c is asked for by request_module(), too. The kernel's
# tests of itself, which know whether they came out right.
asked=(libcrc32c nf_conntrack nf_nat xt_nat sctp ext4 jbd2 pktgen cryptd hv_sock hv_vmbus
	crc32c_generic nls_utf8 loop dummy tcp_diag inet_diag veth crc_itu_t dm_mod dm_bufio
	test_static_key_base test_static_keys test_firmware)

# The tree of the modules that are asked about, as depmod indexes it.
make_tree()
{
	local name path

	mkdir -p "$work/root$tree"
	cp "$modules"/modules.{builtin,builtin.modinfo,order} "$work/root$tree/"
	for name in "${asked[@]}" crc32c_intel; do
		while read -r path; do
			mkdir -p "$work/root$tree/${path%/*}"
			cp "$modules/$path" "$work/root$tree/$path"
		done < <(needs "$name")
	done
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$work/root" "$release"
}

# The files of module NAME and of what it needs. The '-' of a file's name may be a '_'.
needs()
{
	sed -nE "s|^(([^:]*/)?${1//_/[-_]}\.ko[^:]*): *(.*)|\1 \3|p" "$modules/modules.dep" |
		tr ' ' '\n' | grep . || true
}

# What really happens, by what was said of it: lines of "NAME RETURN MODPROBE".
compare()
{
	local name said really nr=0 nr_bad=0

	while read -r name said really; do
		case $said in
		null) continue ;; # undecided, or no dry run: counted below
		0) [[ $really == 0 ]] ;;
		-2) [[ $really == *'No such file or directory' ]] ;;
		-19) [[ $really == *'No such device' ]] ;;
		*) [[ $really != 0 ]] ;;
		esac && { nr=$((nr + 1)); continue; }
		echo "$series $name: said $said, really $really"
		nr_bad=$((nr_bad + 1))
	done <"$1"
	say $((nr_bad > 0 || nr * 10 < $(wc -l <"$1") * 8)) "$2: $nr of $(wc -l <"$1") as said, $nr_bad not"
}

run_series()
{
	modules=$cache/$series/modules
	"$here/provision.sh" "$series"
	release=$(<"$cache/$series/release")
	tree=/lib/modules/$release
	rm -rf "$work/root" "$work/out"
	make_tree
	mapfile -t asked_here < <(for name in "${asked[@]}"; do
		[[ -z $(needs "$name") ]] || echo "$name"
	done)
	"$here/boot.sh" --kernel "$series" --memory 2G --timeout 1200 --exec "$kwcheck" \
		--exec "$(command -v kmod || echo /usr/bin/kmod)" --exec "$(command -v jq)" \
		--library "$unicorn" --file "$work/root$tree:$tree" \
		--exec "$here/guest-modprobe.sh" --console "$work/console" --out "$work/out" -- \
		"guest-modprobe.sh ${asked_here[*]}" >"$work/output" 2>&1 || cat "$work/output"
	compare "$work/out/fresh" "modprobe"
	compare "$work/out/again" "modprobe after rmmod"
	say "$(grep -c . "$work/out/wrong" || true)" "rmmod, and options, do as was said" \
		"$(cat "$work/out/wrong")"
}

for series in "${@:-6.1}"; do
	# shellcheck disable=SC2034 # say() reads it
	subject=$series
	run_series
done
exit $failed
