#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-refusals.sh: where there is no answer, the reason is the right one: its code, its
# exit status and one line that says what to do. kptr_restrict is test-symbols.sh's.

set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
export PATH=$build:$PATH

# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"

"$here/provision.sh" 6.1 || exit 2
make -s -C "$top" build/kwcheck || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/proc"

if [[ ! -e /proc/kcore ]]; then
	expect_refused "this machine" 2 no-kcore "not there" kwcheck apparmor_hooks
fi

# core HEX...: a file of these bytes, padded, in place of kcore.
core()
{
	printf '%b' "$(printf '\\x%s' "$@")" >"$work/proc/kcore"
	truncate -s 8192 "$work/proc/kcore"
}

# An Elf64_Ehdr: ident, type CORE, machine, version 1; the rest is zeros.
ident=(7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00 04 00)
core "${ident[@]}" b7 00 01 00
expect_refused "a core of an ARM machine" 2 wrong-architecture "another architecture" \
	kwcheck --sysroot="$work" apparmor_hooks
core 68 65 6c 6c 6f
expect_refused "no core at all" 2 malformed-core "no dump that kwcheck knows" \
	kwcheck --sysroot="$work" apparmor_hooks
cp "$build/kwcheck" "$work/proc/kcore"
expect_refused "a program in place of a core" 2 malformed-core "not a core" \
	kwcheck --sysroot="$work" apparmor_hooks

"$here/boot.sh" --kernel 6.1 --exec "$build/kwcheck" --exec "$(command -v setpriv)" \
	--distro-module bridge --distro-module hwpoison-inject \
	--file "$here/guest-refusals.sh:/bin/guest-refusals" \
	--file "$here/guest-lib.sh:/bin/guest-lib" --out "$work/out" \
	-- 'dd if=/proc/kcore of=/out/kcore bs=4k count=3 2>/dev/null; guest-refusals' ||
	failed=1

# What cp leaves of a kcore: its headers.
if [[ -s $work/out/kcore ]]; then
	cp "$work/out/kcore" "$work/proc/kcore"
	expect_refused "a core cut short" 2 truncated-core "truncated" \
		kwcheck --sysroot="$work" apparmor_hooks
else
	echo "not ok no head of kcore came from the guest"
	failed=1
fi
exit "$failed"
