#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-dryrun.sh [--count N] [--seed TEXT] [--waiting] [SERIES...]: a sample of the stock
# kernels' own modules. In a guest of each series kwcheck says what init would return; then
# the module is loaded, and the kernel says what it did return. What cannot be said is listed
# by reason. The kernel is the same after the dry runs as before, and nothing was opened for
# writing. With --waiting modules/waiting, too: what a module has done later, and waits for.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
kwcheck=${KWCHECK:-$top/build/kwcheck}
# Loaded by dlopen(3).
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
[[ -n ${KEEP:-} ]] || trap 'rm -rf "$work"' EXIT

count=12 seed=kwcheck is_waiting=''
while (($#)); do
	case $1 in
	--count) count=$2; shift 2 ;;
	--seed) seed=$2; shift 2 ;;
	--waiting) is_waiting=1; shift ;;
	*) break ;;
	esac
done
(($#)) || set -- 5.10 6.1 6.12 7

# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"
# Modules that take the guest along or never come back from init, whatever kwcheck says.
unwanted='/(rcutorture|rcuscale|refscale|scftorture|torture|locktorture|test_lockup|mtd_|nand_|test_|kunit|crash|hwlat|preemptirq_delay)'

unpack()
{
	local name=${1##*/}

	name=${name%%.ko*}
	[[ -e $2/${name//-/_}.ko ]] && return
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*) cat "$1" ;;
	esac >"$2/${name//-/_}.ko"
}

# The sample and what it needs, from modules.dep: there the last of a line is needed first.
make_sample()
{
	local modules=$cache/$series/modules dir=$work/$series/sample paths path i line

	mkdir -p "$dir"
	grep -vE "$unwanted" "$modules/modules.dep" |
		shuf -n "$count" --random-source=<(yes "$seed") >"$work/$series/chosen"
	while read -r line; do
		read -ra paths <<<"${line/:/}"
		for path in "${paths[@]}"; do
			unpack "$modules/$path" "$dir"
		done
		line=''
		for ((i = ${#paths[@]} - 1; i > 0; i--)); do
			path=${paths[i]##*/}
			path=${path%%.ko*}
			line+=" ${path//-/_}"
		done
		path=${paths[0]##*/}
		path=${path%%.ko*}
		echo "${path//-/_}$line"
	done <"$work/$series/chosen" >"$dir/list"
}

# Modules of ours, whose inits wait for what they have done later.
add_waiting()
{
	local dir=$work/$series/sample ko

	"$here/build-module.sh" "$series" "$here/modules/waiting" "$work/$series/waiting"
	for ko in "$work/$series/waiting"/*.ko; do
		cp "$ko" "$dir/"
		basename "$ko" .ko >>"$dir/list"
	done
}

# "NAME OUTCOME VALUE|REASON" of each.
read_predictions()
{
	jq -r '.results[] | [(.file | sub(".*/"; "") | sub("\\.ko$"; "")),
		(if .dry_run.after_rmmod and .dry_run.outcome == "returned" then "loaded"
		 elif .dry_run.needed_module then "needed" else .dry_run.outcome end),
		(if .dry_run.outcome == "returned" then .dry_run.return
		 else .dry_run.reason_code // .dry_run.reason end)] | @tsv' "$1"/*.json
}

check_untouched()
{
	local out=$1 sdata before nr_groups=0 nr=0 moved=0 calls

	sdata=$(<"$out/sdata")
	{ diff "$out/still" "$out/0.before" || true; } >"$out/moving"
	for before in "$out"/*.before; do
		nr_groups=$((nr_groups + 1))
		{ diff "$before" "${before%before}after" || true; } >"$out/differ"
		# Text and constants, modules and taint; of data nobody knows what is still.
		awk -v d="$sdata" '/^[<>]/ && (length($2) != 16 || $2 < d)' "$out/differ" \
			>"$out/differ.still"
		cat "$out/differ.still"
		nr=$((nr + $(grep -c . "$out/differ.still" || true)))
		moved=$((moved + $(grep -c '^<' "$out/differ" || true)))
	done
	say $((nr > 0 || nr_groups == 0)) "untouched: text, constants, modules and taint," \
		"$nr_groups times; $nr differences"
	echo "data: $((moved / nr_groups)) of $(grep -c . "$out/0.before") pages changed" \
		"meanwhile, $(grep -c '^<' "$out/moving" || true) while kwcheck only read the" \
		"modules; slabs: $(paste -sd ' ' "$out/0.slabs") objects before and after"
	calls=$(cat "$out"/*.strace | wc -l)
	{ grep -hv ENOENT "$out"/*.strace |
		grep -E 'O_WRONLY|O_RDWR|O_CREAT|creat\(|init_module' || true; } >"$out/writers"
	cat "$out/writers"
	say $(($(wc -l <"$out/writers") > 0 || calls < 10 * nr_groups)) \
		"untouched: $calls calls, none opens a file for writing"
}

compare()
{
	local out=$1 name outcome what actual
	local nr=0 nr_conclusive=0 nr_right=0 nr_wrong=0

	: >"$out/reasons"
	while IFS=$'\t' read -r name outcome what; do
		actual=$(sed -n "s/^$name //p" "$out/actual")
		nr=$((nr + 1))
		case $outcome in
		returned)
			nr_conclusive=$((nr_conclusive + 1))
			[[ $what == "$actual" ]] && { nr_right=$((nr_right + 1)); continue; }
			;;
		fault)
			nr_conclusive=$((nr_conclusive + 1))
			[[ $actual == died ]] && { nr_right=$((nr_right + 1)); continue; }
			;;
		not-run)
			# "the kernel would refuse to load it": then it does. Loaded already,
			# for another that needs it, and in use: EEXIST.
			nr_conclusive=$((nr_conclusive + 1))
			[[ $what == *'rmmod would not'* && $actual == -17 ]] &&
				{ nr_right=$((nr_right + 1)); continue; }
			[[ $what == *refuse* && $actual == -* ]] &&
				{ nr_right=$((nr_right + 1)); continue; }
			;;
		loaded)
			# What it would be after rmmod, which does not happen here.
			nr_conclusive=$((nr_conclusive + 1))
			[[ $actual == -17 ]] && { nr_right=$((nr_right + 1)); continue; }
			;;
		needed)
			# insmod gets -2, of the symbols that are not there.
			nr_conclusive=$((nr_conclusive + 1))
			[[ $actual == -2 ]] && { nr_right=$((nr_right + 1)); continue; }
			;;
		*)
			echo "$outcome $what" >>"$out/reasons"
			continue
			;;
		esac
		nr_wrong=$((nr_wrong + 1))
		echo "WRONG $series $name: $outcome $what, really $actual"
	done <"$out/predictions"
	sort "$out/reasons" | uniq -c | sed 's/^/undecided: /'
	say $((nr_wrong > 0 || nr < count * 9 / 10)) "$nr modules, $nr_conclusive conclusive, $nr_right right, $nr_wrong wrong"
	# A sample is small, and memory that changes while it is read may spoil one or two.
	say $((nr_conclusive * 4 < count * 3)) "at least three of four are conclusive"
}

run_series()
{
	local out=$work/$series/out cpu=qemu64

	# Tables of five levels, and every instruction that QEMU has.
	[[ $series != 6.12 ]] || cpu=max

	"$here/provision.sh" "$series"
	make_sample
	[[ -z $is_waiting ]] || add_waiting
	"$here/boot.sh" --kernel "$series" --timeout 5400 --memory 2G --smp 2 --cpu "$cpu" \
		--exec "$kwcheck" --exec "$top/build/tests/load-module" \
		--exec "$top/build/tests/page-hashes" --exec "$(command -v strace)" \
		--library "$unicorn" --file "$work/$series/sample:/sample" \
		--exec "$here/guest-dryrun.sh" --console "$work/$series/console" \
		--out "$out" -- guest-dryrun.sh
	read_predictions "$out" >"$out/predictions"
	check_untouched "$out"
	compare "$out"
}

make -s -C "$top" build/kwcheck build/tests/load-module build/tests/page-hashes
for series; do
	# shellcheck disable=SC2034 # say() reads it
	subject=$series
	run_series
done
exit $failed
