#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# static.sh FOLDER
#
# Makes static libraries in FOLDER: libkmod.a, libsmartcols.a and libZydis.a, which Debian has
# no package of, from the release's own source packages (kept in the cache folder); and of
# Debian's libunicorn.a, where it is installed, the x86 half. Of each library nothing but its
# own functions is seen from outside.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
die()
{
	echo "static.sh: $*" >&2
	exit 1
}
# shellcheck source=tests/vm/apt.sh
. "$here/../tests/vm/apt.sh"

(($# == 1)) || die "usage: static.sh FOLDER"
mkdir -p "$1"
out=$(readlink -f "$1")
type apt-get >/dev/null 2>&1 || die "needs Debian's source packages of kmod, util-linux and zydis; there is no apt-get here"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
sources=$cache/$release-static
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE...: their tarballs.
fetch()
{
	local package

	apt_open "$work/apt" "$release"
	sed -i 'p; s/^deb /deb-src /' "$apt_sources"
	apt_update || die "no lists of $release's sources can be had"
	mkdir -p "$work/new"
	# Each alone: of several apt-get gives none where one cannot be had.
	for package in "$@"; do
		(cd "$work/new" && quietly apt-get "${apt_options[@]}" source --download-only \
			"$package") || die "the source of $package cannot be had"
	done
	mkdir -p "$cache"
	rm -rf "$sources"
	mv "$work/new" "$sources"
}

# unpack_source PACKAGE: prints the folder, as Debian has patched it.
unpack_source()
{
	local tarball

	mkdir "$work/$1"
	for tarball in "$sources/$1"_*.orig.tar.*; do
		tar -x --strip-components=1 -f "$tarball" -C "$work/$1"
	done
	for tarball in "$sources/$1"_*.debian.tar.*; do
		tar -x -f "$tarball" -C "$work/$1"
	done
	[[ ! -e $work/$1/debian/patches/series ]] ||
		sed 's/#.*//' "$work/$1/debian/patches/series" | while read -r patch; do
			[[ -z $patch ]] || patch -d "$work/$1" -p1 -s -f \
				-i "$work/$1/debian/patches/$patch" >&2
		done
	echo "$work/$1"
}

# archive NAME PREFIX FILE... -- FLAG...: out/libNAME.a; only PREFIX's functions are global.
archive()
{
	local name=$1 prefix=$2 files=() file objects=()

	shift 2
	while [[ $1 != -- ]]; do
		files+=("$1")
		shift
	done
	shift
	mkdir "$work/$name.o"
	for file in "${files[@]}"; do
		objects+=("$work/$name.o/${file//\//-}.o")
		# shellcheck disable=SC2086 # CC may be several words
		${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -g -w -fPIE -fstack-protector-strong \
			-fcf-protection -ffile-prefix-map="$PWD=." "$@" -c "$file" \
			-o "${objects[-1]}"
	done
	join "$name" "$prefix" "${objects[@]}"
}

# join NAME PREFIX WORD...: an archive of what ld makes of the words.
join()
{
	local all=$work/$1.all.o

	ld -r -o "$all" "${@:3}"
	objcopy --wildcard --keep-global-symbol="$2*" "$all"
	ar rcsD "$out/lib$1.a.new" "$all"
	mv "$out/lib$1.a.new" "$out/lib$1.a"
}

make_kmod()
{
	cd "$(unpack_source kmod)"
	archive kmod kmod_ libkmod/*.c shared/*.c -- -I. -include linux/module.h \
		-include shared/missing.h -DSYSCONFDIR='"/etc"' -DENABLE_LOGGING \
		-DENABLE_ZSTD -DENABLE_XZ -DENABLE_ZLIB -DHAVE_SECURE_GETENV \
		-DHAVE_DECL_STRNDUPA=1 -DHAVE_DECL_BE32TOH=1 -DHAVE_STRUCT_STAT_ST_MTIM \
		-DHAVE_STATIC_ASSERT -DHAVE_NORETURN -DHAVE_LINUX_MODULE_H
}

make_smartcols()
{
	cd "$(unpack_source util-linux)"
	archive smartcols scols_ libsmartcols/src/*.c \
		lib/{buffer,color-names,jsonwrt,mbsalign,strutils,ttyutils}.c -- \
		-Iinclude -Ilibsmartcols/src -I/usr/include/libsmartcols \
		-DPACKAGE_STRING='"util-linux"' -DHAVE_WIDECHAR -DHAVE_LOCALE_H \
		-DHAVE_LANGINFO_H -DHAVE_NANOSLEEP -DHAVE_ERR_H -DHAVE_ERR -DHAVE_ERRX \
		-DHAVE_WARN -DHAVE_WARNX -DHAVE_FSYNC -DHAVE_STRNLEN -DHAVE_STRNDUP \
		-DHAVE_PROGRAM_INVOCATION_SHORT_NAME -DHAVE_OPEN_MEMSTREAM \
		-DHAVE_MEMPCPY -DHAVE_SYS_SYSMACROS_H
}

make_zydis()
{
	cd "$(unpack_source zydis)"
	archive Zydis Zydis src/*.c -- -DZYDIS_STATIC_BUILD -Iinclude -Isrc
}

# Its other halves are of processors that kwcheck never opens, and its crc32() is not zlib's.
make_unicorn()
{
	local theirs others

	# shellcheck disable=SC2086 # CC may be several words
	theirs=$(${CC:-gcc} -print-file-name=libunicorn.a)
	[[ $theirs == /* ]] || return 0
	(cd "$work" && ar x "$theirs" uc.c.o)
	others=$(nm -u "$work/uc.c.o" | awk '{ print $2 }' | grep -E \
		'(^|_)(aarch64|arm|arm64|m68k|mips(64)?(el)?|ppc(64)?|riscv(32|64)|s390x?|sparc(64)?|tricore)(_|$)') || true
	# shellcheck disable=SC2046,SC2086 # a word for each
	join unicorn uc_ "$work/uc.c.o" $(printf -- '--defsym=%s=0 ' $others) "$theirs"
}

exec 9>"$out/.lock"
flock 9
packages=(kmod util-linux zydis)
for package in "${packages[@]}"; do
	compgen -G "$sources/${package}_*.orig.tar.*" >/dev/null || { fetch "${packages[@]}"; break; }
done
(make_kmod)
(make_smartcols)
(make_zydis)
make_unicorn
