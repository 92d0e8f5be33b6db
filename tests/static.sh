#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# static.sh [SERIES]
#
# The static kwcheck in a guest that has busybox and no library at all: it answers there as the
# one does that brings its libraries along. How long both take to start is told.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
series=${1:-6.12}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"
# shellcheck disable=SC2034 # say() reads it
subject=static

program=$top/build/static/kwcheck
say "$(readelf -lW "$program" | grep -c INTERP)" "it asks for no loader"
say "$(readelf -dW "$program" | grep -c NEEDED)" "it needs no library"
say "$("$program" --version | grep -qx 'left out: libkdumpfile (compressed kdump), libsnappy (AVML)'; echo $?)" \
	"it says what was left out"

files=(--file "$program:/bin/kwcheck" --file "$top/build/kwcheck:/dyn/kwcheck")
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2
while read -r library; do
	files+=(--file "$(readlink -f "$library"):/dyn/${library##*/}")
done < <({ ldd "$top/build/kwcheck"; ldd "$unicorn"; echo "$unicorn"; } |
	grep -o '/[^ :]*' | sort -u)

"$here/vm/provision.sh" "$series"
"$here/vm/build-module.sh" "$series" "$here/vm/modules/preflight/common" "$work/ko"
for name in w01_direct w11_memcpy w40_set_memory_rw n01_read n03_copy_from; do
	files+=(--file "$work/ko/$name.ko:/ko/$name.ko")
done
"$here/vm/boot.sh" --kernel "$series" --memory 2G --timeout 600 "${files[@]}" \
	--file "$here/vm/guest-lib.sh:/bin/guest-lib" \
	--file "$here/vm/guest-static.sh:/bin/guest-static" -- sh /bin/guest-static || failed=1
exit "$failed"
