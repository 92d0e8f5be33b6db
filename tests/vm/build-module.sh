#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-module.sh SERIES SRCDIR OUTDIR
#
# Builds the modules of SRCDIR (its Kbuild names them) for the stock kernel of SERIES, or for
# one that build-kernel.sh has built (SERIES+FRAGMENT...), in that release's chroot, and puts
# the .ko files into OUTDIR, signed where that kernel wants it. Says nothing unless it fails.
# What was built is kept in the cache folder under a hash of the kernel's release and of
# all files of SRCDIR, and comes from there next time.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

die()
{
	echo "build-module.sh: $*" >&2
	exit 1
}

(($# == 3)) || die "usage: build-module.sh SERIES SRCDIR OUTDIR"
series=$1 src=$2 out=$3
[[ -f $src/Kbuild ]] || die "$src has no Kbuild"
((EUID == 0)) || die "must be root, for chroot"
"$here/provision.sh" "$series"

chroot=$(readlink -f "$cache/$series/chroot")
release=$(<"$cache/$series/release")
hash=$({
	echo "$release"
	cd "$src" && find . -type f -print0 | sort -z | xargs -0 sha256sum
} | sha256sum | cut -c 1-32)
built=$cache/$series/built/$hash

if [[ ! -d $built ]]; then
	mkdir -p "$cache/$series/built"
	work=$(mktemp -d "$chroot/build/XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/src" "$work/ko"
	cp -RL "$src/." "$work/src/"
	bind=() how=(-C "/usr/src/linux-headers-$release")
	if [[ -d $cache/$series/tree ]]; then
		bind=(--bind "$cache/$series/tree:/build/tree")
		how=(-C /usr/src/linux O=/build/tree)
		[[ $(<"$cache/$series/compiler") != clang ]] || how+=(LLVM=1)
	fi
	if ! "$here/enter.sh" "$chroot" "${bind[@]}" -- make "${how[@]}" \
		M="/build/${work##*/}/src" modules </dev/null >"$work/log" 2>&1; then
		cat "$work/log" >&2
		die "$series: $src does not build"
	fi
	if [[ -d $cache/$series/tree ]] &&
		grep -q '^CONFIG_MODULE_SIG_FORCE=y' "$cache/$series/config"; then
		find "$work/src" -name '*.ko' -printf '%P\0' | xargs -0 -I '{}' \
			"$here/enter.sh" "$chroot" "${bind[@]}" -- \
			/build/tree/scripts/sign-file sha256 \
			/build/tree/certs/signing_key.pem \
			/build/tree/certs/signing_key.x509 "/build/${work##*/}/src/{}"
	fi
	find "$work/src" -name '*.ko' -exec cp -t "$work/ko" {} +
	# Another run may have been faster with the same.
	mv -T "$work/ko" "$built" 2>/dev/null || [[ -d $built ]]
fi

mkdir -p "$out"
# Another run may be copying the same, or reading it.
fresh=$(mktemp -d "$out/.XXXXXX")
cp "$built"/*.ko "$fresh/"
mv "$fresh"/*.ko "$out/"
rmdir "$fresh"
