#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernels.sh [--blind] [NAME...]: kernels to order (build-kernel.sh) and flavours of Debian's
# (6.12-rt); those of kernels.list, each made where it is not there yet and tested as stock ones
# are, by rules that hold for any kernel:
#
#   - the CPU and kwcheck agree on 20,000 addresses;
#   - the audit of the boot finds nothing, and each unknown says why;
#   - damage done on purpose is found, unless the row that would tell was unknown before;
#   - no module is clean, or runs through dry, that oopses or that the loader refuses; none
#     is accused that does neither; where the dry run ends in a fault that is the oops.
#
# Many minutes each, so no part of 'make check'. KEEP=DIR: what the guests left goes there.
#
# --blind: stock kernels (NAME is a series) as kwcheck sees one without CONFIG_KALLSYMS_ALL and
# without BTF. Of these the corpus alone.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
kwcheck=${KWCHECK:-$build/kwcheck}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/corpus.sh
. "$here/corpus.sh"
failed=0

say()
{
	echo "$1 $name: $2"
	[[ $1 != "not ok" ]] || failed=1
}

has_option()
{
	grep -qx "$1=y" "$cache/$name/config"
}

# The boot: oracle, audit, damage.
test_boot()
{
	local ko files=()

	[[ ! -e $cache/$name/System.map ]] || files+=(--file "$cache/$name/System.map")
	if has_option CONFIG_MODULES; then
		"$here/build-module.sh" "$name" "$here/oracle" "$build/oracle/$name"
		"$here/build-module.sh" "$name" "$here/modules/audit" "$build/audit/$name"
		files+=(--module "$build/oracle/$name/oracle.ko")
		for ko in "$build/audit/$name"/*.ko; do
			files+=(--file "$ko")
		done
	fi
	has_option CONFIG_KALLSYMS || files+=(--append nokaslr)
	mkdir -p "$work/$name/boot"
	# What the kernel does not list its own file has; without lines, which nobody asks for.
	if ! has_option CONFIG_KALLSYMS_ALL && [[ -e $cache/$name/vmlinux ]]; then
		objcopy --strip-debug "$cache/$name/vmlinux" "$work/$name/vmlinux"
		files+=(--file "$work/$name/vmlinux")
	fi
	"$here/boot.sh" --kernel "$name" --memory 1G --smp 2 --timeout 1500 \
		--exec "$kwcheck" --exec "$build/tests/oracle-compare" \
		--file "$here/guest-kernels.sh:/bin/guest-kernels" \
		"${files[@]}" "${stand_in[@]}" --out "$work/$name/boot" \
		-- guest-kernels "$name" || failed=1
}

# Without /proc/kcore nothing can be asked, and that is said in one line.
test_refusal()
{
	local said

	said=$("$here/boot.sh" --kernel "$name" --exec "$kwcheck" \
		-- 'kwcheck modprobe_path; echo "exit $?"') || true
	if [[ $said == *"/proc/kcore"*CONFIG_PROC_KCORE*$'\n'"exit 2" ]]; then
		say ok "refused: ${said%%$'\n'*}"
	else
		say "not ok" "a kernel without /proc/kcore is refused: $said"
	fi
}

# Did loading, unloading or using it hurt the kernel?
has_crashed()
{
	grep -qE 'BUG: unable|Oops|CFI failure|general protection|kernel BUG|Missing ENDBR' "$1"
}

# What is wrong with an answer, given what really happened. Nothing: it is right.
judge()
{
	local module=$1 out=$2 got run value crashed=no

	got=$(jq -r '.results[0].verdict' "$out/$module.json")
	run=$(jq -r '.results[0].dry_run.outcome' "$out/$module.json")
	value=$(insmod_value "$out/$module.insmod")
	! has_crashed "$out/$module.log" || crashed=yes
	case $got.$crashed in
	clean.yes) echo "clean, and it crashes" ;;
	refused.yes) echo "refused, and it crashes" ;;
	would-fault.no) echo "would-fault, and it does not crash" ;;
	esac
	[[ $got != refused || $value != 0 ]] || echo "refused, and it loads"
	# ENOENT may be what its init returns; the loader says which symbol it did not find.
	if [[ $got == clean && ($value == -8 || $value == -2) ]] &&
		{ [[ $value == -8 ]] || grep -q 'Unknown symbol' "$out/$module.log"; }; then
		echo "clean, and insmod gets $value"
	fi
	if [[ $module == n* && $crashed == no && $got == suspect ]]; then
		echo "suspect, though nothing is wrong with it"
	fi
	case $run in
	returned)
		[[ $when == unload || $when == sysfs || $crashed == no ]] ||
			echo "the dry run returns, and it crashes"
		[[ $crashed == yes || $value == "$(jq '.results[0].dry_run.return' \
			"$out/$module.json")" ]] || echo "the dry run does not return $value"
		;;
	fault)
		read_oops "$out/$module.log"
		[[ $crashed == yes ]] || echo "the dry run faults, and it does not crash"
		[[ -z $address ]] || jq -e --arg rip "$rip" '
			def hex: [while(. > 0; . / 16 | floor) % 16] | reverse |
				map("0123456789abcdef"[.:.+1]) | add // "0";
			.results[0].dry_run.fault.instruction |
			.symbol + "+0x" + (.offset | hex) | sub("^init_module"; "corpus_init") |
			. == $rip' "$out/$module.json" >/dev/null ||
			echo "the dry run does not fault at $rip"
		;;
	esac
}

test_corpus()
{
	local folder source module out=$work/$name/out folders=(common static)
	local wrong nr=0 nr_wrong=0

	case $name in
	5.10* | 6.1 | 6.1[+-]*) folders=(common lists) ;;
	esac
	make_corpus "$name" "${folders[1]}"
	boot_corpus "$name" "${stand_in[@]}" || { say "not ok" "the corpus's guest"; return; }
	for folder in "${folders[@]}"; do
		for source in "$sources/$folder"/*.c; do
			module=$(basename "$source" .c)
			[[ -e $out/$module.json && -e $out/$module.insmod ]] || continue
			expectation "$folder" "$module"
			nr=$((nr + 1))
			[[ $when != loaded ]] || continue
			wrong=$(judge "$module" "$out" | paste -sd ';')
			[[ -n $wrong ]] || continue
			nr_wrong=$((nr_wrong + 1))
			echo "# $name $module: $wrong"
		done
	done
	echo "# $name: $(jq -r '.results[0] | .verdict' "$out"/[bdlnsw][0-9]*.json |
		sort | uniq -c | awk '{ printf "%s%d %s", (NR > 1 ? ", " : ""), $1, $2 }');" \
		"$(jq -r '.results[0].dry_run.outcome' "$out"/[bdlnsw][0-9]*.json |
		sort | uniq -c | awk '{ printf "%s%d %s", (NR > 1 ? ", " : ""), $1, $2 }') dry"
	if ((nr > 0 && nr_wrong == 0)); then
		say ok "$nr modules asked about and loaded"
	else
		say "not ok" "$nr modules asked about and loaded, $nr_wrong answers wrong"
	fi
}

# put_before SCRIPT: in the guest SCRIPT is called in kwcheck's place.
put_before()
{
	stand_in=(--exec "$work/kwcheck-seeing" --file "$1:/bin/kwcheck")
	kwcheck=$1
}

is_blind=
if [[ ${1-} == --blind ]]; then
	shift
	is_blind=1
fi
(($#)) || readarray -t names < <(grep -v '^#' "$here/kernels.list")
(($# == 0)) || names=("$@")
make -s -C "$top" build/kwcheck build/tests/oracle-compare
cp "$kwcheck" "$work/kwcheck"
cp "$kwcheck" "$work/kwcheck-seeing"
for name in "${names[@]}"; do
	"$here/provision.sh" "$name" || { say "not ok" "cannot be built"; continue; }
	stand_in=() kwcheck=$work/kwcheck
	if [[ -n $is_blind ]]; then
		put_before "$here/guest-blind.sh"
		stand_in+=(--append nokaslr)
		test_corpus
		continue
	fi
	# Seccomp filters need CONFIG_NET.
	has_option CONFIG_SECCOMP_FILTER || put_before "$here/guest-unfiltered.sh"
	if ! has_option CONFIG_PROC_KCORE; then
		test_refusal
		continue
	fi
	test_boot
	! has_option CONFIG_MODULES || ! has_option CONFIG_KALLSYMS || test_corpus
	[[ -z ${KEEP:-} ]] || cp -r "$work/$name" "$KEEP/"
done
exit $failed
