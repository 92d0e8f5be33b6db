#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-dumps.sh [--all] [--kept] [--damaged COUNT] [SERIES...]: dumps made for real. A guest
# with a crash kernel writes to a sealed array and panics; the crash kernel copies /proc/vmcore
# and has makedumpfile write its forms. QEMU writes its own forms, and LiME its own, of the same
# guest just before. Debian 12's makedumpfile packs by zlib and LZO only: trixie's packs by zstd,
# out of the copy of /proc/vmcore, and dump-forms.c does by snappy, and writes AVML's, VMware's
# and Xen's forms, from their published layouts. What each form says of symbols is what the plain
# dump of that moment says, or is unknown for the reason that the page was left out; kwcheck oops
# finds the crash in each; what ought to be sealed is, as in the plain dump; a module's dry run
# ends the same where memory is whole, else it may be undecided for a page that is missing.
#
#	--all	every symbol, else a sample of some 2,000
#	--kept	ask the dumps that KEEP=DIR has of an earlier run again
#	--damaged COUNT
#		nothing of that: each form is damaged COUNT times (fuzz/dumps.py) and asked
#		with the build with sanitizers
#
# KEEP=DIR keeps the dumps there.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"
every=80
# 6.1 has the fewest, some 89,000.
min_symbols=85000

kept='' damaged=''
while [[ ${1-} == --* ]]; do
	case $1 in
	--all) every=1 ;;
	--kept) kept=${KEEP:?} ;;
	--damaged) damaged=$2 && shift ;;
	*) echo "test-dumps.sh: $1 is no option" >&2; exit 64 ;;
	esac
	shift
done
series=("$@")
(($#)) || series=(6.1)

install_missing()
{
	local -a missing=()

	[[ -x /usr/sbin/kexec ]] || missing+=(kexec-tools)
	[[ -x /usr/bin/makedumpfile ]] || missing+=(makedumpfile)
	[[ -x /usr/sbin/mkfs.ext4 ]] || missing+=(e2fsprogs)
	[[ -x /usr/bin/qemu-img ]] || missing+=(qemu-utils)
	((${#missing[@]})) || return 0
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
		"${missing[@]}" >/dev/null
}

# LiME's source out of Debian's package, built for the series; prints the module, or nothing.
build_lime()
{
	local src=$cache/lime

	if [[ ! -e $src/Kbuild ]]; then
		(cd "$work" && apt-get -qq download lime-forensics-dkms 2>/dev/null &&
			dpkg-deb -x lime-forensics-dkms_*.deb lime) || return 0
		mkdir -p "$src"
		cp "$work"/lime/usr/src/lime-forensics-*/*.[ch] "$src/"
		printf 'obj-m := lime.o\nlime-objs := tcp.o disk.o main.o hash.o deflate.o\n' \
			>"$src/Kbuild"
	fi
	"$here/build-module.sh" "$1" "$src" "$work/lime-$1" >/dev/null 2>&1 || return 0
	[[ ! -e $work/lime-$1/lime.ko ]] || echo "$work/lime-$1/lime.ko"
}

# One line a symbol: name, address, size, verdict. LiME's dump has its own module, whose
# symbols are asked for nowhere and share names with others.
verdicts()
{
	"$build/kwcheck" "$@" --no-aliases "@$names" 2>"$work/errors" |
		sed -n "/^  /d; /symbols have this name\$/d; s/^[0-9]* of [0-9]*, '.': //; p" | grep -v '^lime:' | sort -u
}

# compare NAME REFERENCE FILE...: its verdicts are the reference's, or unknown.
compare()
{
	local name=$1 reference=$2 file other unknown
	local -a cores=()

	shift 2
	for file in "$@"; do
		cores+=(--core="$file")
	done
	verdicts "${cores[@]}" | sed "${sizes-}" | sort -u >"$work/answers" || true
	unknown=$(grep -c ' unknown$' "$work/answers" || true)
	other=$(grep -v ' unknown$' "$work/answers" | comm -23 - "$reference" | wc -l) || true
	if (($(wc -l <"$work/answers") == $(wc -l <"$reference") && other == 0 &&
		$(wc -l <"$reference") >= min_symbols / every)); then
		echo "ok $name: $(wc -l <"$reference") verdicts, $unknown of them unknown"
	else
		say 1 "$name: $other other verdicts, $(head -n 1 "$work/errors")"
		grep -v ' unknown$' "$work/answers" | comm -23 - "$reference" | head -n 3
	fi
}

# crash NAME FILE...: the dump alone tells the crash.
crash()
{
	local name=$1 file r=0
	local -a cores=()

	shift
	for file in "$@"; do
		cores+=(--core="$file")
	done
	"$build/kwcheck" oops --json "${cores[@]}" </dev/null >"$work/oops.json" \
		2>"$work/errors" || true
	jq -e '[.results[] | select(.site.function == "oops_hook")] | length == 1 and
		(.[0] | (.cause.kind | startswith("lsm-")) and .target.section != null and
		.boot.verdict == "same" and .walk.denial == "no-rw")' \
		"$work/oops.json" >/dev/null 2>&1 || r=1
	say $r "$name: the crash, out of the dump alone"
	((r == 0)) || { cat "$work/errors"; jq -c '.results[0] // .errors' "$work/oops.json"; }
}

# What an audit says of each object; what is told of one that changes from one boot to the
# next is not in it.
audits()
{
	"$build/kwcheck" audit --json "$@" 2>"$work/errors" |
		jq -r '.results[] | [.group, .name, .symbol, .address, .verdict] | @tsv' |
		sort
}

# audit_of NAME REFERENCE FILE...: sealed is sealed, and unknown is no finding.
audit_of()
{
	local name=$1 reference=$2 r=0 file
	local -a cores=()

	shift 2
	for file in "$@"; do
		cores+=(--core="$file")
	done
	audits "${cores[@]}" >"$work/audit" || true
	[[ -s $work/audit ]] || r=1
	grep -v 'unknown$' "$work/audit" | comm -23 - "$reference" >"$work/other" || true
	[[ ! -s $work/other ]] || r=1
	say $r "$name: audit, $(grep -c 'unknown$' "$work/audit") of $(wc -l <"$work/audit") unknown"
	((r == 0)) || head -n 3 "$work/other" "$work/errors"
}

# How a stock module's init ends over that memory.
dry_run()
{
	"$build/kwcheck" preflight --json "$@" "$module" 2>"$work/errors" |
		jq -c '.results[0] | [.verdict, (.dry_run | .outcome, .return, .reason_code)]'
}

# dry_run_of NAME REFERENCE whole|part FILE...
dry_run_of()
{
	local name=$1 reference=$2 memory=$3 r=0 answer file
	local -a cores=()

	shift 3
	for file in "$@"; do
		cores+=(--core="$file")
	done
	answer=$(dry_run "${cores[@]}") || true
	[[ $answer == "$reference" ||
		($memory == part && $answer == '["undecided","undecided",null,"unreadable"]') ]] || r=1
	say $r "$name: dry run $answer"
	((r == 0)) || head -n 3 "$work/errors"
}

check_series()
{
	local out=${KEEP:-$work}/$1

	[[ -n $kept ]] || make_dumps "$1" "$out"
	if [[ -n $damaged ]]; then
		"$here/../fuzz/dumps.py" "$build/san/kwcheck" "$out" "$damaged" || failed=1
	else
		ask_dumps "$1" "$out"
	fi
	[[ -n ${KEEP-} ]] || rm -rf "$out"
}

make_dumps()
{
	local version=$1 out=$2 lime
	local -a files=()

	"$here/build-module.sh" "$version" "$here/modules/oops" "$build/oops/$version"
	if grep -q crc32c_generic "$cache/$version/modules/modules.dep"; then
		files+=(--distro-module crc32c_generic)
	fi
	lime=$(build_lime "$version")
	[[ -z $lime ]] || files+=(--file "$lime:/crash/lime.ko")
	rm -rf "$out"
	mkdir "$out"
	truncate -s 6G "$out/disk"
	mkfs.ext4 -q -F "$out/disk"
	"$here/boot.sh" --kernel "$version" --memory 640M --timeout 560 \
		--append 'crashkernel=256M' --disk "$out/disk" --distro-module virtio_blk \
		--distro-module ext4 --exec /usr/sbin/kexec --exec /usr/bin/makedumpfile \
		--file "$cache/$version/vmlinuz:/crash/vmlinuz" \
		--file "$build/oops/$version/oops_hook.ko:/crash/oops.ko" "${files[@]}" \
		--file "$here/guest-dumps.sh:/bin/guest-dumps" --console "$out/console" \
		--monitor "$out/monitor" \
		--monitor-command "dump-guest-memory $out/plain" \
		--monitor-command "dump-guest-memory -p $out/paging" \
		--monitor-command "dump-guest-memory -z $out/qemu-zlib" \
		--monitor-command "pmemsave 0 0x28000000 \"$out/raw\"" \
		-- guest-dumps live || say 1 "$version: the guest"
	debugfs -R "rdump / $out" "$out/disk" 2>/dev/null
	rm "$out/disk"
	make_forms "$out"
}

# What nothing in the guest writes.
make_forms()
{
	local out=$1 form

	for form in avml vmem vmsn xen; do
		"$build/tests/dump-forms" "$form" "$out/raw" "$out/$form"
	done
	"$build/tests/dump-forms" snappy "$out/none" "$out/snappy"
	"$here/enter.sh" "$cache/makedumpfile/chroot" --bind "$out:/build" --folder /build -- \
		makedumpfile -z -d 31 vmcore zstd >/dev/null 2>&1 || say 1 "$out: zstd"
}

# packing FILE: by what its pages are packed; 0 is by nothing. diskdump_mod.h: status.
packing()
{
	case $(od -A n -t u4 -j 424 -N 4 "$1") in
	*" 1") echo zlib ;;
	*" 2") echo lzo ;;
	*" 4") echo snappy ;;
	*" 32") echo zstd ;;
	esac
}

# cost_of FILE: kwcheck's CPU seconds and peak memory in KiB over one symbol.
cost_of()
{
	"$build/tests/cost" "$build/kwcheck" --core="$1" apparmor_hooks | cut -d ' ' -f 2,3
}

# The same with 64 GiB of RAM more, as a hole in the file or left out of it.
compare_big()
{
	local version=$1 out=$2 form file cpu kib small_cpu r

	while read -r form file; do
		"$build/tests/dump-forms" "$form" "$out/$file" "$out/big"
		read -r cpu kib < <(cost_of "$out/big")
		read -r small_cpu _ < <(cost_of "$out/$file")
		r=0
		((kib <= 65536)) && cmp -s <("$build/kwcheck" --core="$out/big" apparmor_hooks) \
			<("$build/kwcheck" --core="$out/$file" apparmor_hooks) || r=1
		say $r "$version $form: $cpu s of CPU, without 64 GiB more $small_cpu; $kib KiB"
		rm "$out/big"
	done <<-END
		big-elf raw
		big-lime raw
		big-kdump zlib
	END
}

ask_dumps()
{
	local version=$1 out=$2 form memory plain_run vmcore_run r=0

	module=$(find "$cache/$version/modules/kernel" -name 'dummy.ko*' | head -n 1)
	names=$work/names
	awk -v every="$every" 'NR % every == 0' "$out/names" >"$names"

	verdicts --core="$out/plain" >"$work/plain" || true
	audits --core="$out/plain" >"$work/plain-audit" || true
	plain_run=$(dry_run --core="$out/plain") || true
	for form in paging qemu-zlib raw avml vmem.vmem vmsn xen; do
		compare "$version $form" "$work/plain" "$out/$form"
		audit_of "$version $form" "$work/plain-audit" "$out/$form"
		dry_run_of "$version $form" "$plain_run" whole "$out/$form"
	done
	# Its own module is in it, which may be next to a symbol: sizes are others then.
	if [[ -e $out/lime ]]; then
		sed -i 's/  [0-9]* bytes*//' "$work/plain"
		sizes='s/  [0-9]* bytes*//' compare "$version lime" "$work/plain" "$out/lime"
	fi
	verdicts --core="$out/vmcore" >"$work/vmcore" || true
	audits --core="$out/vmcore" >"$work/vmcore-audit" || true
	vmcore_run=$(dry_run --core="$out/vmcore") || true
	[[ $plain_run == '["clean","returned",0,null]' && $vmcore_run == "$plain_run" ]] || r=1
	say $r "$version: dry run over plain $plain_run, over /proc/vmcore $vmcore_run"
	say "$((($(wc -l <"$work/vmcore") > 500) ? 0 : 1))" "$version: /proc/vmcore"
	crash "$version vmcore" "$out/vmcore"
	for form in zlib lzo snappy zstd; do
		[[ $(packing "$out/$form") == "$form" ]] || say 1 "$version $form: how it is packed"
	done
	for form in elf31 none zlib zlib0 lzo snappy zstd flat flatelf; do
		[[ -e $out/$form ]] || { say 1 "$version $form: not written"; continue; }
		compare "$version $form" "$work/vmcore" "$out/$form"
		crash "$version $form" "$out/$form"
		audit_of "$version $form" "$work/vmcore-audit" "$out/$form"
		memory=part
		[[ $form != zlib0 ]] || memory=whole
		dry_run_of "$version $form" "$vmcore_run" $memory "$out/$form"
	done
	for form in gzip xz zstd; do
		"$form" -1 -c <"$out/flat" >"$out/packed" 2>/dev/null
		compare "$version flat, $form" "$work/vmcore" "$out/packed"
		rm "$out/packed"
	done
	if [[ -e $out/split1 ]]; then
		compare "$version split" "$work/vmcore" "$out/split1" "$out/split2"
		crash "$version split" "$out/split2" "$out/split1"
	fi
	compare_big "$version" "$out"
	"$build/kwcheck" dmesg --core="$out/zlib" >"$work/dmesg" 2>&1 || true
	r=0
	grep -q 'BUG: unable to handle page fault' "$work/dmesg" || r=1
	say $r "$version: dmesg out of the dump"
}

install_missing
"$here/provision.sh" makedumpfile
make -s -C "$top" build/kwcheck build/tests/dump-forms build/tests/cost
for version in "${series[@]}"; do
	[[ -n $kept ]] || "$here/provision.sh" "$version"
	check_series "$version"
done
exit $failed
