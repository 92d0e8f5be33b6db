#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-dkms.sh SERIES
#
# Prints a folder that has the modules of Debian's -dkms packages, those of that series' own
# release, as they build for its stock kernel: PACKAGE/NAME.ko. Built in that release's
# chroot by what each dkms.conf says. What does not build is in PACKAGE.log and is no error:
# some packages are older than the kernel. Kept in the cache folder under the kernel's release.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

die()
{
	echo "make-dkms.sh: $*" >&2
	exit 1
}

# shellcheck source=tests/vm/apt.sh
. "$here/apt.sh"

series=${1:?usage: make-dkms.sh SERIES}
((EUID == 0)) || die "must be root, for chroot"
"$here/provision.sh" "$series" >&2
chroot=$(readlink -f "$cache/$series/chroot")
release=$(<"$cache/$series/release")
built=$cache/$series/dkms/$release

# What dkms(8) does with a dkms.conf, in the chroot: its variables, then its MAKE.
# shellcheck disable=SC2016 # for the shell there
build='
kernelver=$1 arch=x86_64
kernel_source_dir=/usr/src/linux-headers-$1
dkms_tree=$(mktemp -d) source_tree=$(dirname "$PWD")
declare -a MAKE BUILT_MODULE_NAME BUILT_MODULE_LOCATION
. ./dkms.conf
mkdir -p "$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION"
ln -s "$PWD" "$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build"
if [[ -n ${PRE_BUILD-} ]]; then $PRE_BUILD || true; fi
export KERNELRELEASE=$kernelver KERNELVERSION=$kernelver
make=${MAKE[0]-}
[[ $make == make* ]] && make="make -j2 KERNELRELEASE=$kernelver ${make#make}"
eval "${make:-make -j2 KERNELRELEASE=$kernelver -C $kernel_source_dir M=$PWD modules}"
'

# build_package DEB
build_package()
{
	local deb=$1 package conf folder

	package=${deb##*/}
	package=${package%%_*}
	rm -rf "$inner/unpacked"
	mkdir "$inner/unpacked"
	dpkg-deb -x "$deb" "$inner/unpacked"
	while read -r conf; do
		folder=${conf#"$chroot"}
		"$here/enter.sh" "$chroot" --folder "${folder%/*}" -- \
			timeout 600 bash -c "$build" build "$release" </dev/null \
			>"$new/$package.log" 2>&1 || true
	done < <(find "$inner/unpacked/usr/src" -name dkms.conf | sort)
	mkdir "$new/$package"
	find "$inner/unpacked" -name '*.ko' -exec cp -t "$new/$package" {} +
	if rmdir "$new/$package" 2>/dev/null; then
		echo "$package does not build for $release" >&2
	else
		rm -f "$new/$package.log"
	fi
}

exec 9>"$cache/.$series.dkms.lock"
flock 9
if [[ ! -d $built ]]; then
	# shellcheck source=/dev/null
	suite=$(. "$chroot/etc/os-release" && echo "$VERSION_CODENAME")
	inner=$(mktemp -d "$chroot/build/XXXXXX")
	new=$(mktemp -d "$cache/$series/.dkms.XXXXXX")
	trap 'rm -rf "$inner" "$new"' EXIT
	apt_open "$inner/apt" "$suite" || die "$suite: cannot read the package lists"
	mapfile -t packages < <(apt-cache "${apt_options[@]}" search --names-only -- '-dkms$' |
		cut -d ' ' -f 1 | grep -vx dh-dkms | sort)
	mkdir "$inner/debs"
	for package in "${packages[@]}"; do
		(cd "$inner/debs" && quietly apt-get "${apt_options[@]}" download "$package")
	done
	for deb in "$inner"/debs/*.deb; do
		build_package "$deb"
	done
	compgen -G "$new/*/*.ko" >/dev/null || die "$series: nothing builds"
	mkdir -p "${built%/*}"
	mv -T "$new" "$built"
fi
echo "$built"
