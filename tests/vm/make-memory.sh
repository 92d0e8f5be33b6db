#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-memory.sh SERIES
#
# Prints a folder that has memory.zst, a capture of all memory of a stock kernel (what a dry
# run away from it needs), and names, the symbols of that kernel. Made in a guest, in some 20
# seconds, and kept in the cache folder under a hash of the kernel's release and of what
# writes captures. It is some 30 MB and is never committed.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
series=$1

"$here/provision.sh" "$series"
hash=$({
	cat "$cache/$series/release"
	cd "$top" && cat kcore/capture.[ch] kcore/elfcore.[ch] cmd/capture.c
} | sha256sum | cut -c 1-32)
memory=$cache/$series/memory/$hash

exec 9>"$cache/.$series.memory.lock"
flock 9
if [[ ! -e $memory ]]; then
	work=$(mktemp -d "$cache/$series/.memory.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	make -s -C "$top" build/kwcheck >&2
	"$here/boot.sh" --kernel "$series" --timeout 300 --out "$work" \
		--exec "$top/build/kwcheck" -- '
cut -d " " -f 3- /proc/kallsyms | sed "s/\(.*\)\t\[\(.*\)\]/\2:\1/" | sort -u >/out/names
kwcheck capture --memory /out/memory.zst' >&2
	mkdir -p "${memory%/*}"
	mv -T "$work" "$memory"
fi
echo "$memory"
