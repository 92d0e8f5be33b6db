#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packages.sh [bookworm|trixie|rpm|pkgbuild]...
#
# Builds packages of what make dist makes. Of a Debian release: in a chroot of it, without a
# complaint of its lintian; the package is installed there, passes its autopkgtest (a guest's
# boot among it) and leaves nothing when it is purged. rpm: in bookworm's chroot by rpmbuild.
# pkgbuild: its functions are run in bash as makepkg runs them; Debian has no makepkg that
# works without Arch's packages, nor namcap, so their checks are not made.
#
# Chroots are in the cache folder, RELEASE-packages, and fetched once.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"
die()
{
	echo "packages.sh: $*" >&2
	exit 1
}
# shellcheck source=tests/vm/apt.sh
. "$here/vm/apt.sh"

# What a chroot has beside the essential packages.
tools="build-essential debhelper lintian autopkgtest rpm bash-completion
	qemu-system-x86 busybox-static cpio kmod xz-utils zstd linux-image-amd64"
packages="$("$here/deps.sh" --list build) $tools"

# inside COMMAND...: in $root, where $work is /mnt.
inside()
{
	"$here/vm/enter.sh" "$root" --bind "$work:/mnt" --env DEBIAN_FRONTEND=noninteractive \
		--env HOME=/root --env DEB_BUILD_OPTIONS="parallel=$(nproc)" \
		--folder "$1" -- "${@:2}"
}

# fetch_root RELEASE: sets root.
# shellcheck disable=SC2317 # called through run
fetch_root()
{
	local folder=$cache/$1-packages main security

	root=$folder/chroot
	mkdir -p "$folder"
	exec 7>>"$cache/.$1-packages.lock"
	flock 7
	[[ -e $folder/stamp && $(<"$folder/stamp") == "$packages" ]] && return
	read -r main security <<<"$(mirrors)"
	[[ -x $root/usr/bin/dpkg ]] ||
		mmdebstrap --quiet --variant=minbase "$1" "$root" "$main" || return
	# shellcheck disable=SC2086 # several words
	inside / apt-get -qq update && inside / apt-get -qq install -y --no-install-recommends \
		$packages || return
	echo "$packages" >"$folder/stamp"
}

# tried WORD...: whether "${run[@]}" works; else the end of what it says is told.
tried()
{
	local status=0

	"${run[@]}" >"$work/log" 2>&1 || status=$?
	((status == 0)) || tail -n 30 "$work/log"
	say "$status" "$@"
	return "$status"
}

# fresh FOLDER: the tarball in $work.
fresh()
{
	rm -rf "${work:?}/$1"
	mkdir "$work/$1"
	tar -xf "$work/$dist" -C "$work/$1"
}

check_debian()
{
	# shellcheck disable=SC2034 # say() reads it
	subject=$1
	local deb source

	run=(fetch_root "$1")
	tried "a chroot" || return 0
	fresh deb
	source=/mnt/deb/${dist%.tar.gz}
	run=(inside "$source" dpkg-buildpackage -us -uc)
	tried "dpkg-buildpackage" || return 0
	run=(inside /mnt/deb sh -c 'lintian --fail-on error,warning --info *.changes')
	tried "lintian has nothing to say" || true
	say "$(grep -cE '^[EW]:' "$work/log" || true)" "no error and no warning of lintian"
	deb=$(cd "$work/deb" && ls kwcheck_*.deb)
	run=(inside "$source" autopkgtest "/mnt/deb/$deb" . -- null)
	tried "autopkgtest" || true
	grep -E '^(captures|guest) +(PASS|SKIP|FAIL)' "$work/log" || true
	inside / dpkg --purge kwcheck >/dev/null 2>&1 || true
	say "$([[ -z $(find "$root/usr" -name '*kwcheck*') ]]; echo $?)" "purged without a rest"
}

check_rpm()
{
	# shellcheck disable=SC2034 # say() reads it
	subject=rpm

	run=(fetch_root bookworm)
	tried "a chroot" || return 0
	mkdir -p "$work"/rpm/{SOURCES,BUILD,RPMS,SRPMS}
	cp "$work/$dist" "$work/rpm/SOURCES/"
	cp "$top/packaging/kwcheck.spec" "$work/rpm/"
	# Its build packages are Debian's here, which rpm knows nothing of.
	run=(inside /mnt/rpm rpmbuild -ba --nodeps --define '_topdir /mnt/rpm' kwcheck.spec)
	tried "rpmbuild" || return 0
	run=(inside /mnt/rpm sh -c 'rpm -qlp RPMS/x86_64/kwcheck-0*.rpm')
	tried "the package can be read" || return 0
	say "$(grep -q '/sbin/kwcheck$' "$work/log"; echo $?)" "it has the program"
}

check_pkgbuild()
{
	# shellcheck disable=SC2034 # say() reads it
	subject=PKGBUILD

	fresh arch
	# shellcheck disable=SC2016 # the inner bash expands
	run=(env -C "$work/arch" bash -euc '. "$1"
		srcdir=$PWD pkgdir=$PWD/pkg
		for step in build check package; do
			(cd "$srcdir" && "$step")
		done
		[[ -n $pkgname && -n $pkgver && -x $pkgdir/usr/bin/kwcheck &&
			-e ${source[0]/#/"$2/"} ]]' _ "$top/packaging/PKGBUILD" "$work")
	tried "its functions build a package" || true
}

versions()
{
	local version

	version=$(sed -n 's/^VERSION := //p' "$top/Makefile")
	subject=versions
	say "$(grep -qx "Version:  *$version" "$top/packaging/kwcheck.spec"; echo $?)" "the spec's"
	say "$(grep -qx "pkgver=$version" "$top/packaging/PKGBUILD"; echo $?)" "the PKGBUILD's"
	say "$(head -n 1 "$top/debian/changelog" | grep -q "($version)"; echo $?)" "debian's"
}

((EUID == 0)) || die "must be root, for chroots"
"$here/deps.sh" packages
(($#)) || set -- bookworm trixie rpm pkgbuild
make -s -C "$top" dist >/dev/null
dist=$(basename "$(ls "$top"/build/kwcheck-*.tar.gz)")
cp "$top/build/$dist" "$work/"
versions
for what in "$@"; do
	case $what in
	rpm) check_rpm ;;
	pkgbuild) check_pkgbuild ;;
	*) check_debian "$what" ;;
	esac
done
exit $failed
