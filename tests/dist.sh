#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dist.sh [--build]
#
# The tarball of make dist is made in two clones at two times: they are equal. What it has
# is installed and uninstalled again: nothing is left. With --build both tarballs are built,
# in two folders, at two times and in two time zones: the programs are equal.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"

# A tarball's own tests have no git to make another of.
if ! git -C "$top" rev-parse -q --verify HEAD >/dev/null 2>&1; then
	echo "skipped dist: this tree is no clone"
	exit
fi

commit=$(git -C "$top" rev-parse HEAD)

# at WHEN COMMAND...
at()
{
	local when=$1
	shift
	if type -P faketime >/dev/null; then
		faketime -f "$when" "$@"
	else
		"$@"
	fi
}

# unpacked NAME FOLDER WHEN UMASK ZONE: a clone's tarball, unpacked in a folder of its own.
unpacked()
{
	git clone -q --no-hardlinks "$top" "$work/$1"
	git -C "$work/$1" checkout -q --detach "$commit"
	(umask "$4" && TZ=$5 at "$3" make -s -C "$work/$1" dist >/dev/null)
	mkdir -p "$2"
	tar -xf "$work/$1"/build/kwcheck-*.tar.gz -C "$2" --strip-components=1
}

# What an install leaves in a folder: files and links.
nr_files()
{
	find "$1" ! -type d 2>/dev/null | wc -l
}

unpacked one "$work/a" +0d 022 UTC
unpacked two "$work/some where/b" '+400d' 077 Pacific/Kiritimati
say "$(cmp -s "$work"/one/build/kwcheck-*.tar.gz "$work"/two/build/kwcheck-*.tar.gz; echo $?)" \
	"the tarballs of two clones are equal"
say "$(grep -qx "$commit" "$work/a/.commit"; echo $?)" \
	"the tarball names its commit"
missing=$(comm -23 <(git -C "$top" ls-tree -r --name-only "$commit" | sort) \
	<(cd "$work/a" && find . ! -type d | sed 's,^\./,,' | sort))
say "$([[ -z $missing ]]; echo $?)" "the tarball has every file${missing:+, but: $missing}"

if [[ ${1-} == --build ]]; then
	rm -rf "$work/one" "$work/two"
	mv "$work/some where/b" "$work/b"
	make -s -C "$work/a" -j"$(nproc)" build/kwcheck
	TZ=Pacific/Kiritimati at '+400d' make -s -C "$work/b" -j"$(nproc)" build/kwcheck
	say "$(cmp -s "$work/a/build/kwcheck" "$work/b/build/kwcheck"; echo $?)" \
		"the programs built in two folders at two times are equal"
	say "$("$work/a/build/kwcheck" --version |
		grep -q "commit ${commit:0:12}"; echo $?)" \
		"the program built of the tarball names the commit"
else
	# What is installed is this tree's, whose program is there.
	make -s -C "$top" build/kwcheck
fi

to=$work/to
for prefix in /usr /opt/kwcheck; do
	make -s -C "$top" DESTDIR="$to" PREFIX="$prefix" install
	nr=$(nr_files "$to")
	say "$([[ -x $to$prefix/sbin/kwcheck && $nr -ge 5 ]]; echo $?)" \
		"make install PREFIX=$prefix installs $nr files"
	touch "$to/theirs"
	make -s -C "$top" DESTDIR="$to" PREFIX="$prefix" uninstall
	left=$(find "$to" -mindepth 1 ! -path "$to/theirs")
	say "$([[ -z $left && -e $to/theirs ]]; echo $?)" \
		"make uninstall PREFIX=$prefix leaves nothing of it${left:+, but: $left}"
	rm -rf "$to"
done
exit $failed
