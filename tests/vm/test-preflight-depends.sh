#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-preflight-depends.sh: a module that is not installed and needs one that is, but is
# not loaded. What preflight says is what insmod and modprobe do; likewise for two modules
# of which the second needs the first, and for a core with a tree given.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
modules=$cache/6.1/modules
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2
nr_failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# expect NAME PATTERN FILE
expect()
{
	if grep -qE "$2" "$3"; then
		echo "ok $1"
	else
		cat "$3"
		echo "not ok $1"
		nr_failed=$((nr_failed + 1))
	fi
}

"$here/provision.sh" 6.1
release=$(cat "$cache/6.1/release")
tree=/lib/modules/$release
# act_csum needs libcrc32c alone. Of the two that are given, neither is in the guest's tree.
"$here/boot.sh" --kernel 6.1 --memory 2G --exec "$kwcheck" --library "$unicorn" --out "$work" \
	--file "$modules/kernel/lib/libcrc32c.ko:$tree/kernel/lib/libcrc32c.ko" \
	--file "$modules/modules.dep:$tree/modules.dep" \
	--file "$modules/modules.dep.bin:$tree/modules.dep.bin" \
	--file "$modules/kernel/crypto/crc32c_generic.ko:$tree/kernel/crypto/crc32c_generic.ko" \
	--file "$modules/kernel/net/sched/act_csum.ko:/act_csum.ko" \
	--file "$modules/kernel/net/ipv4/tcp_diag.ko:/two/tcp_diag.ko" \
	--file "$modules/kernel/net/ipv4/inet_diag.ko:/two/inet_diag.ko" -- "
	kwcheck preflight --no-dry-run /act_csum.ko >/out/before
	kwcheck preflight --no-dry-run /two/tcp_diag.ko >/out/one
	kwcheck preflight --no-dry-run -v /two/tcp_diag.ko /two/inet_diag.ko >/out/two
	dmesg -c >/dev/null
	insmod /two/tcp_diag.ko; echo \$? >/out/insmod-one
	insmod /two/inet_diag.ko && insmod /two/tcp_diag.ko; echo \$? >/out/insmod-two
	insmod /act_csum.ko; echo \$? >/out/insmod
	dmesg >/out/log
	insmod $tree/kernel/crypto/crc32c_generic.ko
	kwcheck preflight -v /act_csum.ko >/out/dry
	cp /act_csum.ko $tree/kernel/lib/
	echo 'kernel/lib/act_csum.ko: kernel/lib/libcrc32c.ko' >$tree/modules.dep
	echo 'kernel/lib/libcrc32c.ko:' >>$tree/modules.dep
	modprobe act_csum; echo \$? >/out/modprobe
	kwcheck preflight --no-dry-run /act_csum.ko >/out/after
	" >"$work/output" 2>&1 || cat "$work/output"

expect "insmod alone refuses it" '^[^0]' "$work/insmod"
expect "and says so" 'Unknown symbol crc32c' "$work/log"
expect "modprobe loads it" '^0$' "$work/modprobe"
expect "preflight says both" \
	'libcrc32c, which is not loaded: insmod alone refuses it .*; modprobe' "$work/before"
expect "and that it is clean" '^/act_csum.ko  clean' "$work/before"
expect "the dry run comes through both" 'dry run: returned' "$work/dry"
expect "nothing of it once libcrc32c is loaded" '^/act_csum.ko  clean' "$work/after"
if grep -q needed-module "$work/after"; then
	echo "not ok a loaded module is still called needed"
	nr_failed=$((nr_failed + 1))
fi
expect "insmod refuses one of two" '^[^0]' "$work/insmod-one"
expect "so does preflight" '^/two/tcp_diag.ko  refused' "$work/one"
expect "insmod takes both in order" '^0$' "$work/insmod-two"
expect "preflight takes both in any order" '^/two/tcp_diag.ko  clean' "$work/two"
expect "and says which goes first" 'unless /two/inet_diag.ko goes first' "$work/two"

mkdir "$work/moddir"
core=$top/tests/data/captures/6.1.zst
# The capture may be of another build than the one that is provisioned.
of_core=$("$kwcheck" walk --json --core="$core" init_task | jq -r .kernel.release)
ln -s "$modules" "$work/moddir/$of_core"
[[ -e $work/moddir/$release ]] || ln -s "$modules" "$work/moddir/$release"
cp "$modules/kernel/net/sched/act_csum.ko" "$work/"
for options in "--moddir=$work/moddir" "-m $work/moddir -S $release"; do
	# shellcheck disable=SC2086 # several words
	"$kwcheck" preflight --no-dry-run --core="$core" $options act_csum \
		"$work/act_csum.ko" -v >"$work/core" || true
	expect "a core with $options: by name" '/act_csum.ko  ' "$work/core"
	expect "a core with $options: a file" 'modprobe, once it is installed, loads libcrc32c' \
		"$work/core"
done
((nr_failed == 0))
