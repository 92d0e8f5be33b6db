#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# provision.sh [--tools-only] [SERIES...]
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
# Nothing is installed on the host but the tools in $tools. apt works on a state, lists
# and sources of its own, so the host's release and its apt do not matter; the mirror is
# the one in the host's own sources. No point release is named: a cache made later may
# hold a later one. A series that is there is never fetched again (remove its folder).

set -euo pipefail

readonly all_series=(5.10 6.1 6.12 7)
readonly layout=1 # raise it when what a series' folder holds changes
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# command:package; the command is only looked up
readonly tools=(qemu-system-x86_64:qemu-system-x86 cpio:cpio jq:jq flock:util-linux
	depmod:kmod xz:xz-utils strace:strace)
readonly -a build_packages=(linux-headers-amd64 gcc make libc6-dev base-files bash dash
	coreutils diffutils findutils gawk grep sed perl-base)

cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

die()
{
	echo "provision.sh: $*" >&2
	exit 1
}

# Prints the Debian release of a series and, where it is there, its backports' name.
suites_of()
{
	case $1 in
	5.10) echo bullseye ;;
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	7) echo trixie trixie-backports ;;
	*) return 1 ;;
	esac
}

# Runs a command that has nothing to say unless it fails.
quietly()
{
	local log
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
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

# Prints the host's mirror of the archive and that of the security archive.
mirrors()
{
	local uri suite main='' security=''

	# shellcheck disable=SC2016 # apt's own variables
	while read -r uri suite; do
		case $suite in
		*-security) security=${security:-$uri} ;;
		*-*) ;;
		*) main=${main:-$uri} ;;
		esac
	done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | awk '$3 == "main" && $1 ~ /debian/ { print $1, $2 }')
	[[ -n $main ]] || return 1
	main=${main%/}
	security=${security:-${main%/debian}/debian-security}
	echo "$main" "${security%/}"
}

# write_sources FILE SUITE BACKPORTS [no-security]
write_sources()
{
	local main security pair

	pair=$(mirrors) || die "the host's apt sources name no Debian mirror"
	read -r main security <<<"$pair"
	{
		echo "deb [signed-by=$keyring] $main $2 main"
		[[ -n ${4-} ]] || echo "deb [signed-by=$keyring] $security $2-security main"
		[[ -z $3 ]] || echo "deb [signed-by=$keyring] $main $3 main"
	} >"$1"
}

# Downloads the kernel, the headers and the build packages of a series to $work/apt.
# The stub keeps an initramfs builder (and udev, and more) out of the dependencies.
download()
{
	local series=$1 work=$2
	local apt=$work/apt suite backports
	local opts=(-qq -y --no-install-recommends
		-o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status"
		-o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt/sources.list"
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
		-o Dir::Etc::preferencesparts=/dev/null
		-o APT::Architecture=amd64 -o APT::Architectures=amd64
		-o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Languages=none)

	read -r suite backports < <(suites_of "$series")
	# Naming a release puts it before its own security updates: only where need be.
	[[ -z $backports ]] || opts+=(-t "$backports")

	mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial
	printf '%s\n' 'Package: kwcheck-no-initramfs' 'Status: install ok installed' \
		'Architecture: all' 'Version: 1' 'Provides: linux-initramfs-tool' \
		'Description: stub' '' >"$apt/status"

	# A release that has left security support may have no such suite any more.
	write_sources "$apt/sources.list" "$suite" "$backports"
	# Without the error mode, lists that cannot be had are no error to apt-get.
	opts+=(-o APT::Update::Error-Mode=any)
	if ! quietly apt-get "${opts[@]}" update 2>/dev/null; then
		echo "provision.sh: $series: trying without security updates" >&2
		write_sources "$apt/sources.list" "$suite" "$backports" no-security
		quietly apt-get "${opts[@]}" update ||
			die "$series: cannot read the package lists of $suite"
	fi
	quietly apt-get "${opts[@]}" install --download-only linux-image-amd64 \
		"${build_packages[@]}" || die "$series: cannot fetch the packages"
}

unpack()
{
	dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2" \
		--exclude='./usr/share/doc' --exclude='./usr/share/man' \
		--exclude='./usr/share/locale' --exclude='./usr/share/info'
}

# Packages of the kernel itself go to $work/kernel, all others to $work/new/chroot. The
# kernel's are told by their name: linux-image- only in older releases, and from 7 on
# linux-binary-, linux-modules- and linux-base- with a version.
unpack_all()
{
	local work=$1 chroot=$1/new/chroot dir deb

	mkdir -p "$work/kernel" "$chroot"/{usr/{bin,sbin,lib,lib64},proc,dev,tmp,build}
	ln -s usr/lib "$work/kernel/lib"
	mkdir -p "$work/kernel/usr/lib"
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "$chroot/$dir"
	done
	for deb in "$work"/apt/cache/archives/*.deb; do
		case ${deb##*/} in
		linux-image-* | linux-modules-* | linux-binary-* | linux-base-[0-9]*)
			unpack "$deb" "$work/kernel" ;;
		*)
			unpack "$deb" "$chroot" ;;
		esac
		rm -f "$deb"
	done
	# What the maintainer scripts, which never run, would have linked.
	[[ -e $chroot/usr/bin/sh ]] || ln -s dash "$chroot/usr/bin/sh"
	[[ -e $chroot/usr/bin/awk ]] || ln -s gawk "$chroot/usr/bin/awk"
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

assemble()
{
	local series=$1 work=$2
	local kernel=$2/kernel new=$2/new modules=("$2"/kernel/usr/lib/modules/*)
	local release=${modules[0]##*/} vmlinuz config

	((${#modules[@]} == 1)) || die "$series: several kernels: ${modules[*]}"
	# Up to 6.12 they lie in /boot, from 7 on beside the modules.
	vmlinuz=$(first_of "$kernel/boot/vmlinuz-$release" "${modules[0]}/vmlinuz") ||
		die "$series: no vmlinuz in the packages of $release"
	config=$(first_of "$kernel/boot/config-$release" "${modules[0]}/config") ||
		die "$series: no config in the packages of $release"
	[[ -f $new/chroot/usr/src/linux-headers-$release/Makefile ]] ||
		die "$series: no headers for $release"

	PATH=$PATH:/usr/sbin:/sbin depmod -b "$kernel" "$release"
	mv "$vmlinuz" "$new/vmlinuz"
	mv "$config" "$new/config"
	mv "${modules[0]}" "$new/modules"
	echo "$release" >"$new/release"
	echo "$layout" >"$new/stamp"
}

is_provisioned()
{
	[[ -r $cache/$1/stamp && $(<"$cache/$1/stamp") == "$layout" ]]
}

provision()
{
	local series=$1 work

	exec 9>"$cache/.$series.lock"
	flock 9
	# Another run may have done it while this one waited.
	is_provisioned "$series" && return

	echo "provision.sh: fetching kernel $series" >&2
	# The lock is held, so these were left by runs that were killed.
	rm -rf "$cache/.$series.new."*
	work=$(mktemp -d "$cache/.$series.new.XXXXXX")
	# shellcheck disable=SC2064 # $work is to be expanded now
	trap "rm -rf '$work'" EXIT
	chmod 755 "$work"
	download "$series" "$work"
	unpack_all "$work"
	assemble "$series" "$work"
	rm -rf "${cache:?}/$series"
	mv -T "$work/new" "$cache/$series"
	rm -rf "$work"
	echo "provision.sh: kernel $series is $(<"$cache/$series/release")" >&2
}

if [[ ${1-} == --tools-only ]]; then
	ensure_tools
	exit
fi
(($#)) || set -- "${all_series[@]}"
for series; do
	suites_of "$series" >/dev/null || die "no series '$series': ${all_series[*]}"
done

mkdir -p "$cache"
ensure_tools
for series; do
	is_provisioned "$series" && continue
	# A subshell, for the lock and the trap; set -e does not reach into "( ) || exit".
	(provision "$series")
done
