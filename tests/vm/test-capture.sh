#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-capture.sh: a capture answers as the live kernel did, for every symbol; so does what
# QEMU's dump-guest-memory writes. A capture of all memory is enough for a dry run.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

"$here/provision.sh" 5.10 6.12
make -s -C "$top" build/kwcheck

# One line a symbol: name, address, size, verdict.
verdicts()
{
	sed -n "/^  /d; /symbols have this name\$/d; s/^[0-9]* of [0-9]*, '.': //; p" | sort
}

# same NAME LIVE OTHER: the two hold the same verdicts, and many of them.
same()
{
	local nr

	nr=$(wc -l <"$2")
	if ((nr > 50000)) && cmp -s "$2" "$3"; then
		echo "ok $1: $nr lines alike"
	else
		echo "not ok $1: $(diff "$2" "$3" | grep -c '^[<>]') of $nr lines differ, such as:"
		diff "$2" "$3" | head -n 6 || true
		failed=1
	fi
}

for series in 5.10 6.12; do
	out=$work/$series
	mkdir "$out"
	# shellcheck disable=SC2016 # the guest expands
	"$here/boot.sh" --kernel "$series" --memory 768M --timeout 400 --distro-module bridge \
		--exec "$build/kwcheck" --out "$out" --monitor "$work/monitor" \
		--monitor-command "dump-guest-memory $work/$series.dump" -- '
cut -d " " -f 3- /proc/kallsyms | sed "s/\(.*\)\t\[\(.*\)\]/\2:\1/" | sort -u >/out/names
# The seccomp filter is a BPF program, whose page is sealed while it runs: in memory that init
# left, it would differ from one run to the next.
kwcheck capture --no-sandbox /out/capture.zst
kwcheck capture /out/capture.zst 2>/out/again; echo $? >>/out/again
kwcheck --no-sandbox --no-aliases @/out/names >/out/live 2>/out/live.errors
vm-pause
# In memory that it captures, too.
kwcheck capture --memory /out/memory.zst'
	verdicts <"$out/live" >"$work/live"
	"$build/kwcheck" --core="$out/capture.zst" --no-aliases "@$out/names" \
		2>"$work/errors" | verdicts >"$work/captured" || true
	same "$series: capture and live kernel" "$work/live" "$work/captured"
	if [[ ! -s $out/live.errors && ! -s $work/errors ]]; then
		echo "ok $series: every name of kallsyms was found"
	else
		echo "not ok $series: $(cat "$out/live.errors" "$work/errors" | head -n 3)"
		failed=1
	fi
	if "$build/kwcheck" audit lsm --json --core="$out/capture.zst" | jq -e '
		[.results[] | select(.verdict == "unknown")] == []' >/dev/null; then
		echo "ok $series: a capture answers audit lsm"
	else
		echo "not ok $series: audit lsm of a capture"
		"$build/kwcheck" audit lsm --core="$out/capture.zst" | grep ^unknown || true
		failed=1
	fi
	if grep -q 'never written over' "$out/again" && grep -qx 2 "$out/again" &&
		[[ $(stat -c %a "$out/capture.zst") == 600 ]]; then
		echo "ok $series: a capture is private and never written over a file"
	else
		echo "not ok $series: mode $(stat -c %a "$out/capture.zst"), $(cat "$out/again")"
		failed=1
	fi
done

# Other modules of the running kernel, over its memory: init runs to the end.
for series in 5.10 6.12; do
	module=$(find "$cache/$series/modules/kernel" -name 'dummy.ko*')
	"$build/kwcheck" preflight --json --core="$work/$series/memory.zst" "$module" \
		>"$work/answer" || true
	bytes=$(stat -c %s "$work/$series/memory.zst")
	if jq -e '.results[0].dry_run | .outcome == "returned" and .return == 0' \
		"$work/answer" >/dev/null && ((bytes < 200 << 20)); then
		echo "ok $series: a dry run over $((bytes >> 20)) MiB of captured memory"
	else
		echo "not ok $series: over $bytes bytes of captured memory:" \
			"$(jq -c '.results[0].dry_run, .errors' "$work/answer")"
		failed=1
	fi
done

# A dump from outside has no kallsyms' text: its names come from memory alone, where
# VMCOREINFO names the tables.
grep -v : "$work/6.12/names" >"$work/own"
"$build/kwcheck" --core="$work/6.12.dump" --no-aliases "@$work/own" 2>"$work/errors" |
	verdicts >"$work/dumped" || true
"$build/kwcheck" --core="$work/6.12/capture.zst" --no-aliases "@$work/own" 2>/dev/null |
	verdicts >"$work/captured" || true
same "6.12: dump-guest-memory and capture" "$work/captured" "$work/dumped"

exit $failed
