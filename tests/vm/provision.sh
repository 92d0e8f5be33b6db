#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# provision.sh [--tools-only] [SERIES|RELEASE|SERIES-source|SERIES-debug|SERIES+FRAGMENT|
#	xen|makedumpfile|debuggers...]
#
# Fetches stock Debian kernels and what builds modules for them into the cache folder
# (KWCHECK_CACHE, else XDG_CACHE_HOME/kwcheck, else ~/.cache/kwcheck):
#
#	SERIES/vmlinuz	the kernel
#	SERIES/config	its .config
#	SERIES/release	what uname -r says there
#	SERIES/modules/	/lib/modules/RELEASE, with modules.dep
#	SERIES/chroot/	gcc, make and the headers of that release; unpacked, never configured
#	SERIES/stamp	written last
#
# a SERIES is 5.10, 6.1, 6.12 or 7, or a flavour of it: 6.12-rt, 6.12-cloud;
# and Debian releases, to build and test in:
#
#	RELEASE/chroot/	what tests/deps.sh names, and clang; unpacked, never configured
#	RELEASE/lacks	packages of these that the release has not, a line each
#	RELEASE/stamp	written last
#
# and what tests/vm/build-kernel.sh builds kernels of any configuration with:
#
#	SERIES-source/chroot/	compilers and tools of that release, and the source of its
#				kernel in /usr/src/linux; unpacked, never configured
#	SERIES-source/stamp	written last
#
# what debuggers ask for, of one release of a kernel (a download of 1 GB):
#
#	SERIES-debug/vmlinuz, config, release, modules/	as above
#	SERIES-debug/vmlinux	with debuginfo
#	SERIES-debug/stamp	written last
#
# A name with a + is a kernel that build-kernel.sh builds. And a hypervisor, and programs to
# compare with, of trixie:
#
#	xen/xen			Debian 12's, as QEMU's -kernel takes it
#	makedumpfile/chroot/	makedumpfile, which packs by zstd there
#	debuggers/chroot/	crash and drgn
#	*/stamp			written last
#
# Nothing is installed on the host but the tools in $tools. No point release is named: a
# cache made later may hold a later one. What is there is never fetched again (remove its
# folder), but for a release when the list of packages is another.

set -euo pipefail
shopt -s extglob

readonly all_series=(5.10 6.1 6.12 7)
readonly all_releases=(bullseye bookworm trixie sid)
readonly -a source_packages=(linux-source clang lld llvm flex bison bc libelf-dev libssl-dev
	cpio kmod rsync python3-minimal dwarves xz-utils zstd lz4 bzip2 tar patch hostname
	findutils zlib1g-dev libdw-dev openssl gzip diffutils)
# Makes builds faster and no other: a folder that was made without it is as good.
readonly -a source_extras=(ccache)
# What a folder of programs has in its chroot, besides what runs them.
readonly -A programs=([makedumpfile]='makedumpfile' [debuggers]='crash python3-drgn')
readonly layout=1 # raise it when what a folder holds changes
# command:package; the command is only looked up
readonly tools=(qemu-system-x86_64:qemu-system-x86 cpio:cpio jq:jq flock:util-linux
	depmod:kmod xz:xz-utils strace:strace)

here=$(dirname "$(readlink -f "$0")")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

die()
{
	echo "provision.sh: $*" >&2
	exit 1
}

# shellcheck source=tests/vm/apt.sh
source "$here/apt.sh"

# Prints the Debian release of a series and, where it is there, its backports' name. A
# series may have a flavour: 6.12-rt, 6.12-cloud.
suites_of()
{
	case ${1%-@(rt|cloud|debug)} in
	5.10) echo bullseye ;;
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	7) echo trixie trixie-backports ;;
	*) return 1 ;;
	esac
}

is_static_busybox()
{
	[[ -x /bin/busybox ]] && ! ldd /bin/busybox >/dev/null 2>&1
}

host_apt()
{
	DEBIAN_FRONTEND=noninteractive quietly apt-get -qq -o DPkg::Lock::Timeout=600 "$@"
}

ensure_tools()
{
	local missing=() tool

	for tool in "${tools[@]}"; do
		PATH=$PATH:/usr/sbin:/sbin type -P "${tool%%:*}" >/dev/null ||
			missing+=("${tool#*:}")
	done
	is_static_busybox || missing+=(busybox-static)
	[[ -r $keyring ]] || missing+=(debian-archive-keyring)
	((${#missing[@]})) || return 0

	((EUID == 0)) || die "not root, and these packages are missing: ${missing[*]}"
	# Lists that are there are tried first: apt-get update may take longer than all else.
	host_apt install --no-install-recommends "${missing[@]}" 2>/dev/null ||
		{ host_apt update &&
			host_apt install --no-install-recommends "${missing[@]}"; } ||
		die "cannot install ${missing[*]}"
}

# download_kernel SERIES WORK PACKAGE...: of that series' suites, to WORK/apt. The stub keeps
# an initramfs builder (and udev, and more) out of the dependencies.
download_kernel()
{
	local series=$1 apt=$2/apt suite backports

	read -r suite backports < <(suites_of "$series")
	mkdir -p "$apt"
	printf '%s\n' 'Package: kwcheck-no-initramfs' 'Status: install ok installed' \
		'Architecture: all' 'Version: 1' 'Provides: linux-initramfs-tool' \
		'Description: stub' '' >"$apt/status"
	apt_open "$apt" "$suite" "$backports" ||
		die "$series: cannot read the package lists of $suite"
	apt_download "${@:3}" || die "$series: cannot fetch the packages"
}

# Packages of the kernel itself go to $work/kernel, all others to $work/new/chroot. The
# kernel's are told by their name: linux-image- only in older releases, and from 7 on
# linux-binary-, linux-modules- and linux-base- with a version.
unpack_all()
{
	local work=$1 chroot=$1/new/chroot deb

	mkdir -p "$work/kernel/usr/lib"
	ln -s usr/lib "$work/kernel/lib"
	make_root "$chroot"
	for deb in "$work"/apt/cache/archives/*.deb; do
		case ${deb##*/} in
		linux-image-* | linux-modules-* | linux-binary-* | linux-base-[0-9]*)
			unpack "$deb" "$work/kernel" ;;
		*)
			unpack "$deb" "$chroot" ;;
		esac
		rm -f "$deb"
	done
	finish_root "$chroot"
}

# Prints the first of the files that is there.
first_of()
{
	local file

	for file; do
		[[ ! -e $file ]] || { echo "$file"; return; }
	done
	return 1
}

# take_kernel SERIES WORK: kernel, configuration and modules go to WORK/new.
take_kernel()
{
	local series=$1
	local kernel=$2/kernel new=$2/new modules=("$2"/kernel/usr/lib/modules/*)
	local release=${modules[0]##*/} vmlinuz config

	((${#modules[@]} == 1)) || die "$series: several kernels: ${modules[*]}"
	# Up to 6.12 they lie in /boot, from 7 on beside the modules.
	vmlinuz=$(first_of "$kernel/boot/vmlinuz-$release" "${modules[0]}/vmlinuz") ||
		die "$series: no vmlinuz in the packages of $release"
	config=$(first_of "$kernel/boot/config-$release" "${modules[0]}/config") ||
		die "$series: no config in the packages of $release"
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$kernel" "$release"
	mv "$vmlinuz" "$new/vmlinuz"
	mv "$config" "$new/config"
	mv "${modules[0]}" "$new/modules"
	echo "$release" >"$new/release"
}

make_kernel()
{
	local series=$1 work=$2 flavour='' release

	[[ $series != *-* ]] || flavour=${series##*-}-
	download_kernel "$series" "$work" "linux-image-${flavour}amd64" \
		"linux-headers-${flavour}amd64" "${base_packages[@]}"
	unpack_all "$work"
	take_kernel "$series" "$work"
	release=$(<"$work/new/release")
	[[ -f $work/new/chroot/usr/src/linux-headers-$release/Makefile ]] ||
		die "$series: no headers for $release"
}

is_debug()
{
	[[ $1 == *-debug ]] && suites_of "$1" >/dev/null
}

# Of the debuginfo, 5 GB, the kernel's own is taken.
make_debug()
{
	local name=$1 work=$2 deb vmlinux

	download_kernel "$name" "$work" linux-image-amd64 linux-image-amd64-dbg
	mkdir -p "$work/kernel/usr/lib"
	ln -s usr/lib "$work/kernel/lib"
	for deb in "$work"/apt/cache/archives/linux-*.deb; do
		case ${deb##*/} in
		*-dbg_*)
			dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/kernel" \
				--wildcards './usr/lib/debug/*/vmlinux*' 2>/dev/null || true ;;
		*)
			unpack "$deb" "$work/kernel" ;;
		esac
		rm -f "$deb"
	done
	take_kernel "$name" "$work"
	vmlinux=$(find "$work/kernel/usr/lib/debug" -name 'vmlinux*' -type f | head -n 1)
	[[ -n $vmlinux ]] || die "$name: no vmlinux in the packages"
	mv "$vmlinux" "$work/new/vmlinux"
}

# Prints what is to be in a release's chroot.
release_packages()
{
	"$here/../deps.sh" --list build test | tr ' ' '\n'
	# Up to bullseye the sanitizers' libraries are in a package of clang's own.
	printf '%s\n' "${base_packages[@]}" clang libclang-rt-dev
}

make_release()
{
	local release=$1 work=$2 package wanted=() deb

	apt_open "$work/apt" "$release" || die "$release: cannot read the package lists"
	: >"$work/new/lacks"
	while read -r package; do
		if apt_has "$package"; then
			wanted+=("$package")
		else
			echo "$package" >>"$work/new/lacks"
		fi
	done < <(release_packages)
	apt_download "${wanted[@]}" || die "$release: cannot fetch the packages"
	make_root "$work/new/chroot"
	for deb in "$work"/apt/cache/archives/*.deb; do
		unpack "$deb" "$work/new/chroot"
		rm -f "$deb"
	done
	finish_root "$work/new/chroot"
}

is_source()
{
	[[ $1 == *-source ]] && suites_of "${1%-source}" >/dev/null
}

make_source()
{
	local name=$1 work=$2 chroot=$2/new/chroot suite backports deb tarballs

	read -r suite backports < <(suites_of "${name%-source}")
	apt_open "$work/apt" "$suite" "$backports" || die "$name: cannot read the package lists"
	apt_download "${base_packages[@]}" "${source_packages[@]}" "${source_extras[@]}" ||
		die "$name: cannot fetch the packages"
	make_root "$chroot"
	for deb in "$work"/apt/cache/archives/*.deb; do
		unpack "$deb" "$chroot"
		rm -f "$deb"
	done
	finish_root "$chroot"
	tarballs=("$chroot"/usr/src/linux-source-*.tar.xz)
	mkdir "$chroot/usr/src/linux"
	tar -xf "${tarballs[0]}" --strip-components=1 -C "$chroot/usr/src/linux" ||
		die "$name: no source in ${tarballs[0]}"
	rm -f "${tarballs[@]}"
}

make_xen()
{
	local work=$2 deb package

	apt_open "$work/apt" bookworm || die "xen: cannot read the package lists"
	package=$(apt-cache "${apt_options[@]}" depends xen-system-amd64 |
		sed -n 's/.*Depends: \(xen-hypervisor-[0-9].*\)/\1/p')
	apt_download "${package:-xen-hypervisor}" || die "xen: cannot fetch the package"
	mkdir "$work/xen"
	for deb in "$work"/apt/cache/archives/xen-hypervisor-*.deb; do
		unpack "$deb" "$work/xen"
	done
	gzip -dc "$work"/xen/boot/xen-*.gz >"$work/new/xen" || die "xen: no hypervisor in $package"
}

make_programs()
{
	local name=$1 work=$2 wanted=() deb

	apt_open "$work/apt" trixie || die "$name: cannot read the package lists"
	read -ra wanted <<<"${programs[$name]} base-files bash dash coreutils"
	apt_download "${wanted[@]}" || die "$name: cannot fetch the packages"
	make_root "$work/new/chroot"
	for deb in "$work"/apt/cache/archives/*.deb; do
		unpack "$deb" "$work/new/chroot"
	done
	finish_root "$work/new/chroot"
}

is_programs()
{
	[[ -n ${programs[$1]-} ]]
}

is_release()
{
	[[ " ${all_releases[*]} " == *" $1 "* ]]
}

# Prints what the stamp of a folder says when nothing need be fetched.
stamp_of()
{
	echo "$layout"
	! is_release "$1" || release_packages | sha256sum | cut -c 1-32
	! is_source "$1" || sha256sum <<<"${source_packages[*]}" | cut -c 1-32
	! is_programs "$1" || echo "${programs[$1]}"
}

is_provisioned()
{
	[[ -r $cache/$1/stamp && $(<"$cache/$1/stamp") == "$(stamp_of "$1")" ]]
}

# provision SERIES|RELEASE
provision()
{
	local name=$1 work make=make_kernel

	exec 9>"$cache/.$name.lock"
	flock 9
	# Another run may have done it while this one waited.
	is_provisioned "$name" && return

	echo "provision.sh: fetching $name" >&2
	! is_release "$name" || make=make_release
	! is_source "$name" || make=make_source
	! is_debug "$name" || make=make_debug
	! is_programs "$name" || make=make_programs
	[[ $name != xen ]] || make=make_xen
	# The lock is held, so these were left by runs that were killed.
	rm -rf "$cache/.$name.new."*
	work=$(mktemp -d "$cache/.$name.new.XXXXXX")
	# shellcheck disable=SC2064 # $work is to be expanded now
	trap "rm -rf '$work'" EXIT
	chmod 755 "$work"
	mkdir "$work/new"
	"$make" "$name" "$work"
	stamp_of "$name" >"$work/new/stamp"
	# Whoever uses it holds this lock, shared: a tree with another list of packages.
	exec 8>"$cache/.$name.use"
	flock 8
	rm -rf "${cache:?}/$name"
	mv -T "$work/new" "$cache/$name"
	rm -rf "$work"
	[[ ! -e $cache/$name/release ]] ||
		echo "provision.sh: kernel $name is $(<"$cache/$name/release")" >&2
}

if [[ ${1-} == --tools-only ]]; then
	ensure_tools
	exit
fi
(($#)) || set -- "${all_series[@]}"
for name; do
	[[ $name == *+* || $name == xen ]] || suites_of "$name" >/dev/null || is_release "$name" ||
		is_source "$name" || is_programs "$name" ||
		die "what is '$name'? Kernels: ${all_series[*]}; releases: ${all_releases[*]}"
done

mkdir -p "$cache"
ensure_tools
for name; do
	if [[ $name == *+* ]]; then
		IFS=+ read -ra parts <<<"$name"
		"$here/build-kernel.sh" "${parts[@]}" >/dev/null
		continue
	fi
	is_provisioned "$name" && continue
	# A subshell, for the lock and the trap; set -e does not reach into "( ) || exit".
	(provision "$name")
done
