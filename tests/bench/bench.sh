#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh [SERIES...]: ratios, measured in one guest run per kernel (default 6.1, 6.12, 7).
# Times under emulation mean nothing by themselves; only the ratios do. The guest's own grep
# is busybox's; GNU grep, the faster, is compared with, too.
#
# bench.sh modules: preflight of every module of 6.1 against objdump of the same files, here.
# bench.sh trial: preflight --kernel the first time, from the kept look, and with --trial against
#	a boot that loads the same module, here.
# bench.sh oops: what a pasted log of 1, 10 and 100 MB takes, here.
# bench.sh dry-run: what a dry run takes, here, over a dump of a guest's RAM.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
vm=$here/../vm

# What preflight reads of a module against what objdump does with it; what a run of the
# whole tree takes at most, and which module takes longest.
bench_modules()
{
	local tree=$cache/6.1/modules/kernel core=$top/tests/data/captures/6.1.zst
	local kwcheck=$top/build/kwcheck preflight peak start ms worst='' most=0 ko series

	preflight="$kwcheck preflight --no-dry-run --core $core"
	find "$tree" -name '*.ko' -print0 >"$top/build/tests/modules"
	cat >"$top/build/tests/objdump-all" <<-END
		#!/bin/sh
		exec xargs -0 objdump -dr <$top/build/tests/modules
	END
	chmod +x "$top/build/tests/objdump-all"
	echo "== preflight of $(find "$tree" -name '*.ko' | wc -l) modules against objdump -dr" \
		"of them, $(nproc) CPUs (aim: at most 0.05):"
	"$top/build/tests/ratio" 3 "$preflight -q $tree" "$top/build/tests/objdump-all"
	# Of the trees that are here: the largest module is 7's, and it is packed.
	for series in 5.10 6.1 6.12 7; do
		[[ -d $cache/$series/modules/kernel ]] || continue
		peak=$({ busybox time -f %M "$kwcheck" preflight --no-dry-run -q \
			--core "$top/tests/data/captures/$series.zst" \
			"$cache/$series/modules/kernel" 2>&1 || true; } | tail -n 1)
		echo "$((peak / 4)) KiB at most in one process for $series (aim: at most 262144)"
	done
	# shellcheck disable=SC2086
	while read -r ko; do
		start=${EPOCHREALTIME/./}
		$preflight -q "$ko" || true
		ms=$(((${EPOCHREALTIME/./} - start) / 1000))
		((ms <= most)) || { most=$ms worst=$ko; }
	done < <({ $preflight -v "$tree" || true; } |
		awk '/^\// { ko = $1 } / steps followed/ { print $(NF - 2), ko }' |
		sort -rn | head -n 30 | cut -d ' ' -f 2)
	echo "$most ms for the slowest, ${worst##*/}, with the start of kwcheck"
}

# A sample of the modules, those that they need included, over the RAM of a 6.1 guest.
bench_dry_run()
{
	local tests=$top/build/tests core=$top/build/tests/ram.core ko files=() peak
	local tree=$cache/6.1/modules/kernel

	rm -f "$core"
	"$vm/boot.sh" --kernel 6.1 --memory 384M --monitor "$tests/monitor" \
		--monitor-command "dump-guest-memory $core" -- vm-pause
	mapfile -t files < <(find "$tree" -name '*.ko' | LC_ALL=C sort |
		shuf -n 200 --random-source=<(yes kwcheck))
	echo "== dry run of init, ${#files[@]} modules of 6.1 and all that they need" \
		"(aim: median below 50 ms of CPU, 524288 KiB at most):"
	peak=$({ busybox time -f %M "$top/build/kwcheck" preflight --json --core "$core" \
		"${files[@]}" 2>&1 >"$tests/dry-run.json" || true; } | tail -n 1)
	jq -r '[.results[] | select(.dry_run.cpu_ms != null) | .dry_run + {name: .module}] |
		"\(length) ran, \(map(select(.outcome != "undecided")) | length) to an end",
		(["cpu_ms", "fetched_pages"][] as $key | sort_by(.[$key]) |
		"\($key): median \(.[length / 2 | floor][$key])," +
		" worst \(.[-1][$key]) (\(.[-1].name))")' "$tests/dry-run.json"
	echo "$((peak / 4)) KiB at most in one process"
	rm -f "$core"
}

# ms_of COMMAND...: how long it takes, whatever it says.
ms_of()
{
	local start=${EPOCHREALTIME/./}

	"$@" >/dev/null 2>&1 || true
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

# A module asked about and loaded in a kernel that is booted for it; the boot that it is
# compared with is of one guest that loads it and ends (virtme-ng's way).
bench_trial()
{
	local tests=$top/build/tests looks ko question series check
	local kwcheck=$top/build/kwcheck tree=$cache/6.1/modules

	looks=$(mktemp -d)
	ko=$(find "$tree" -name 'dummy.ko*')
	question="preflight --kernel=$cache/6.1/vmlinuz --moddir=$tree"
	export KWCHECK_CACHE=$cache XDG_CACHE_HOME=$looks
	# shellcheck disable=SC2086 # several words
	{
		echo "== preflight --kernel of one module, in ms:"
		echo "the first time $(ms_of "$kwcheck" -q $question "$ko") (aim: at most 60000)"
		echo "from the kept look $(ms_of "$kwcheck" -q $question "$ko") (aim: at most 2000)"
		echo "by the image alone $(ms_of "$kwcheck" -q $question --no-boot "$ko")"
	}
	rm -f "$looks"/kwcheck/looks/*.img
	for series in 6.1 7; do
		check=("$kwcheck" --no-boot --kernel="$cache/$series/vmlinuz" init_task)
		echo "check by the image alone, of $series: $(ms_of "${check[@]}")," \
			"when it was asked before $(ms_of "${check[@]}") (aim: at most 300)"
	done
	printf '#!/bin/sh\nexec %s -q %s --trial %s\n' "$kwcheck" "$question" "$ko" \
		>"$tests/trial"
	printf '#!/bin/sh\nexec %s --kernel 6.1 --file %s:/m.ko -- "insmod /m.ko"\n' \
		"$vm/boot.sh" "$ko" >"$tests/boot-and-insmod"
	chmod +x "$tests/trial" "$tests/boot-and-insmod"
	echo "with --trial against a boot and insmod:"
	"$tests/ratio" 3 "$tests/trial" "$tests/boot-and-insmod"
	rm -rf "$looks"
}

# cpu_ms_of COMMAND...: of the process alone, whatever it says.
cpu_ms_of()
{
	local TIMEFORMAT='%3U %3S' spent

	spent=$({ time "$@" >/dev/null 2>&1 || true; } 2>&1)
	awk '{ printf "%d", ($1 + $2) * 1000 }' <<<"$spent"
}

# What people paste: a crash among 3,000 other lines, over and over, as it is, quoted by a
# mailer that wraps, as a web page, last line first, and in one line.
bench_oops()
{
	local log=$top/build/tests/pasted.log form mb ms first
	local -A forms=([plain]=cat [quoted]="fold -s -w 72 | sed 's/^/> /'"
		[page]="sed 's/</\\&lt;/g; s/>/\\&gt;/g; s/\$/<br>/'" [reversed]=tac
		[joined]="tr '\\n' ' '")

	echo "== oops of a pasted log of 1, 10 and 100 MB, in ms of CPU" \
		"(aim: as many times as the text, give or take a third):"
	{
		awk 'BEGIN { for (i = 0; i < 3000; i++)
			printf "[%5d.%06d] usb 1-%d: new high-speed USB device\n",
				i / 100, i, i % 7 }'
		cat "$top/tests/data/oops/6.1-lsm.txt"
	} >"$log"
	for form in plain quoted page reversed joined; do
		bash -c "${forms[$form]}" <"$log" >"$log.$form"
		first=0
		for mb in 1 10 100; do
			# "yes" would take the newline away.
			{ while cat "$log.$form"; do :; done 2>/dev/null || true; } |
				head -c "${mb}000000" >"$log.$mb"
			ms=$(cpu_ms_of "$top/build/kwcheck" oops --sysroot=/nonexistent "$log.$mb")
			((first)) || first=$ms
			awk -v form=$form -v mb=$mb -v ms="$ms" -v first="$first" 'BEGIN {
				printf "%-8s %3d MB %6d ms, %.1f times 1 MB\n", form, mb, ms,
					ms / (first ? first : 1) }'
			rm -f "$log.$mb"
		done
		rm -f "$log.$form"
	done
	rm -f "$log"
}

cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
(($#)) || set -- 6.1 6.12 7 modules dry-run trial oops
wants=()
for one; do
	shift
	case $one in
	modules) wants+=(bench_modules) ;;
	dry-run) wants+=(bench_dry_run) ;;
	trial) wants+=(bench_trial) ;;
	oops) wants+=(bench_oops) ;;
	*) set -- "$@" "$one" ;;
	esac
done
"$vm/provision.sh" 6.1 "$@"
make -s -C "$top" build/kwcheck build/tests/ratio
cp "$(command -v grep)" "$top/build/tests/gnu-grep"
# shellcheck disable=SC2016 # the guest expands
questions='
ratio 11 "kwcheck apparmor_hooks" "grep -w apparmor_hooks /proc/kallsyms"
ratio 11 "kwcheck apparmor_hooks" "gnu-grep -w apparmor_hooks /proc/kallsyms"
ratio 11 "kwcheck --symbols=text --no-aliases apparmor_hooks" \
	"gnu-grep -w apparmor_hooks /proc/kallsyms"
ratio 5 "kwcheck -q --no-aliases apparmor_hooks" "kwcheck -q apparmor_hooks"
gnu-grep -v "	" /proc/kallsyms | cut -d " " -f 1 | gnu-grep ^f | awk "NR % 9 == 0 && n++ < 10000 { print \"0x\" \$1 }" >/tmp/list
echo "$(wc -l </tmp/list) addresses in one call, against one:"
ratio 3 "kwcheck -q @/tmp/list" "kwcheck -q modprobe_path"
hex=0x$(gnu-grep -w apparmor_hooks /proc/kallsyms | cut -d " " -f 1)
echo "reads of /proc/kcore for a hex address (aim: at most 16):"
kwcheck -v $hex | gnu-grep "reads of"
tables=$(kwcheck audit tables | sed -n "s/.*(\([0-9]*\) tables read.*/\1/p")
stext=$(gnu-grep -w _stext /proc/kallsyms | cut -d " " -f 1)
dd="dd if=/proc/kcore of=/dev/null bs=4096 count=$tables skip=$(((0x$stext & 0x7fffffffffff) / 4096 + 16))"
echo "map and audit against dd of as many pages as there are tables, $tables (aim: at most 3):"
ratio 5 "kwcheck map -q" "$dd"
ratio 5 "kwcheck audit -q" "$dd"
echo "what of that is the floor: to start and link the program, to open the kernel:"
ratio 5 "kwcheck --version" "$dd"
ratio 5 "kwcheck -q --no-aliases $hex" "$dd"
echo "peak memory of map and audit (aim: at most 65536 KiB):"
# busybox counts ru_maxrss, which is in KiB, as pages.
for verb in map audit; do
	peak=$(time -f %M kwcheck $verb -q 2>&1 | tail -n 1)
	echo "$((peak / 4)) KiB kwcheck $verb"
done
text=0x$(gnu-grep -w _text /proc/kallsyms | cut -d " " -f 1)
end=0x$(gnu-grep -w __end_rodata /proc/kallsyms | cut -d " " -f 1)
dd="dd if=/proc/kcore of=/dev/null bs=4096 count=$(((end - text) / 4096)) skip=$(((text & 0x7fffffffffff) / 4096 + 16))"
echo "audit of code and constants against dd of the same bytes (aim: at most 5):"
ratio 5 "kwcheck audit unchanged -q" "$dd"
echo "and with the image that they were built from (aim: at most 10):"
ratio 5 "kwcheck audit unchanged -q --image=/vmlinuz" "$dd"
echo "what of that is the floor: to unpack the image:"
ratio 5 "$(cat /unpack)" "$dd"
echo "peak memory of these (aim: at most 131072 KiB):"
for image in "" --image=/vmlinuz; do
	peak=$(time -f %M kwcheck audit unchanged -q $image 2>&1 | tail -n 1)
	echo "$((peak / 4)) KiB kwcheck audit unchanged $image"
done
'
# payload VMLINUZ: what it has packed, in build/tests/payload, and @unpacker, whose it is
# (Documentation/arch/x86/boot.rst).
payload()
{
	local sectors offset length

	sectors=$(od -An -j $((0x1f1)) -N 1 -t u1 "$1")
	read -r offset length < <(od -An -j $((0x248)) -N 8 -t u4 "$1")
	tail -c +$(((sectors + 1) * 512 + offset + 1)) "$1" | head -c $((length - 4)) \
		>"$top/build/tests/payload"
	unpacker=zstd
	[[ $(head -c 2 "$top/build/tests/payload" | od -An -t x1) != " fd 37" ]] || unpacker=xz
	echo "$unpacker -dc /payload" >"$top/build/tests/unpack"
}

for series; do
	echo "== $series"
	payload "$cache/$series/vmlinuz"
	"$vm/boot.sh" --kernel "$series" --timeout 300 --exec "$top/build/kwcheck" \
		--exec "$top/build/tests/ratio" --exec "$top/build/tests/gnu-grep" \
		--exec "$(command -v "$unpacker")" --file "$top/build/tests/payload" \
		--file "$top/build/tests/unpack" --file "$cache/$series/vmlinuz" -- "$questions"
done
for bench in "${wants[@]}"; do
	"$bench"
done
