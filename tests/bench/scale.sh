#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# scale.sh [GIB|large|guest]...
#
# What check, audit tables and map take on large machines, whose cores bigcore.c makes in
# build/tests/scale, one after another (1, 16, 256 and 1024 GiB in 4-KiB pages, and "large",
# 64 TiB in larger ones). Aims: linear in tables, at most 32 MiB, a page below 5 MB, check at
# most 1.1 x map -q, 10,000 targets near the cost of one. "guest" is a kernel of 6.12 with
# 8 GiB, running, whose direct map is in 4-KiB pages as well.
#
# scale.sh --check: the small ones, asked for answers, memory and reads: a line "ok NAME" or
# "not ok NAME" per test.

set -euo pipefail

machine=tests/scale
kwcheck=./kwcheck
failed=0
vm=$(dirname "$(readlink -f "$0")")/../vm
cd "$vm/../../build"
trap 'rm -rf "$machine"' EXIT

# make_machine GIB|large
make_machine()
{
	local words=("$1")

	[[ $1 != large ]] || words=(65536 large)
	rm -rf "$machine"
	mkdir -p "$machine"
	tests/bigcore "$machine" "${words[@]}"
	seq -f 'function_%05g' 0 9999 >"$machine/list"
}

# The pages that bigcore.c takes for tables, as a command that reads them.
dd_of_tables()
{
	local nr_tables

	nr_tables=$("$kwcheck" audit tables --sysroot="$machine" |
		sed -n 's/.*(\([0-9]*\) tables read.*/\1/p')
	echo "dd if=$machine/proc/kcore of=/dev/null bs=64K status=none iflag=skip_bytes,count_bytes" \
		"skip=$((64 * 1024 * 1024 + 8192)) count=$((nr_tables * 4096))"
}

questions=("map -q" "check apparmor_hooks" "check -q apparmor_hooks" "check @$machine/list"
	"audit tables" map "map --json-lines" "map --json" "map --html=$machine/map.html")

# bench_machine GIB|large
bench_machine()
{
	local question line

	make_machine "$1"
	[[ $1 == large ]] || set -- "$1 GiB"
	echo "== $1, $(du -m "$machine/proc/kcore" | cut -f 1) MiB of it no hole"
	printf '%8s %8s %9s %9s %10s\n' seconds CPU "peak KiB" "read MiB" written
	for question in "${questions[@]}"; do
		# shellcheck disable=SC2086
		line=$(tests/cost "$kwcheck" $question --sysroot="$machine")
		# shellcheck disable=SC2086
		set -- $line
		printf '%8s %8s %9s %9s %10s  kwcheck %s\n' "$1" "$2" "$3" "$(($4 / 1024))" "$5" \
			"$question"
	done
	echo "$(stat -c %s "$machine/map.html") bytes of HTML (aim: below 5000000)"
	echo "check, map and audit against each other and dd of as many pages (aims: at most 1.1;" \
		"3 beyond the start and the opening, which is the last):"
	tests/ratio 5 "$kwcheck check apparmor_hooks --sysroot=$machine" \
		"$kwcheck map -q --sysroot=$machine"
	for question in "map -q" "audit tables" "check --no-aliases apparmor_hooks"; do
		tests/ratio 5 "$kwcheck $question --sysroot=$machine" "$(dd_of_tables)"
	done
}

# In a guest; where its CPU has no large pages there are none.
bench_guest()
{
	# shellcheck disable=SC2016 # the guest expands
	local ask='
address() { grep -w "$1" /proc/kallsyms | cut -d " " -f 1; }
tables=$(kwcheck audit tables | sed -n "s/.*(\([0-9]*\) tables read.*/\1/p")
dd="dd if=/proc/kcore of=/dev/null bs=4096 count=$tables skip=$(((0x$(address _stext) & 0x7fffffffffff) / 4096 + 16))"
echo "$tables tables, $(kwcheck -v apparmor_hooks | sed -n "s/ reads of the core//p") reads for check"
exec 2>/dev/null
echo "check against map -q (aim: at most 1.1):"
ratio 9 "kwcheck check apparmor_hooks" "kwcheck map -q"
echo "against dd of as many pages (aim: at most 3 beyond the start and the opening, the last):"
ratio 9 "kwcheck check apparmor_hooks" "$dd"
ratio 9 "kwcheck map -q" "$dd"
ratio 9 "kwcheck audit -q tables" "$dd"
ratio 9 "kwcheck check --no-aliases apparmor_hooks" "$dd"
'

	echo "== a guest of 8 GiB"
	"$vm/provision.sh" 6.12
	"$vm/boot.sh" --kernel 6.12 --memory 8G --cpu qemu64,-pse --timeout 900 \
		--exec "$kwcheck" --exec tests/ratio -- "$ask"
}

# expect NAME IS WANTED
expect()
{
	if [[ $2 == "$3" ]]; then
		echo "ok $1"
	else
		echo "not ok $1: $2, wanted $3"
		failed=1
	fi
}

# ask QUESTION...: as JSON; the status is the answer's, which the tests do not ask for.
ask()
{
	"$kwcheck" "$@" --json --sysroot="$machine" || (($? <= 3))
}

# check_costs NAME
check_costs()
{
	local question kib read_kib most=0 most_read=0 core_kib

	core_kib=$(du -k "$machine/proc/kcore" | cut -f 1)
	for question in "${questions[@]}"; do
		# shellcheck disable=SC2086
		read -r _ _ kib read_kib _ < <(tests/cost "$kwcheck" $question --sysroot="$machine")
		((kib <= most)) || most=$kib
		((read_kib <= most_read)) || most_read=$read_kib
	done
	expect "$1: at most 32 MiB of memory ($most KiB)" "$((most <= 32768))" 1
	# Tables are looked at twice where a page is written, and symbols, 3 MiB, are read.
	expect "$1: holes are not read ($most_read KiB of $core_kib)" \
		"$((most_read <= 3 * core_kib + 32768))" 1
	expect "$1: the page is below 5 MB" \
		"$(($(stat -c %s "$machine/map.html") < 5000000))" 1
}

# reads_of TARGET: of the core, for check.
reads_of()
{
	{ "$kwcheck" check -v --sysroot="$machine" "$1" || true; } |
		sed -n 's/ reads of the core$//p'
}

# check_answers NAME KIB-OF-RAM LEVELS: the same on every machine.
check_answers()
{
	local map modules one all

	map=$(ask map)
	expect "$1: all of memory is in the direct map" \
		"$(jq '[.results[] | select(.region == "direct map") | .mapped_bytes] | add / 1024' \
			<<<"$map")" "$2"
	expect "$1: of modules all parts are there" \
		"$(jq -c '[.results[] | select(.region == "module area") | .rights] |
			group_by(.) | map([.[0], length])' <<<"$map")" \
		'[["r--",200],["r-x",200],["rw-",200]]'
	# 2,048 tables of 512 entries each, and all that follows of the region.
	expect "$1: what a million entries share is one range" \
		"$(jq -c '[.results[] | select(.region == "no known region") |
			[.rights, .size_bytes == .mapped_bytes]]' <<<"$map")" '[["r--",true]]'
	expect "$1: the tables" \
		"$(ask audit tables | jq -r '.kernel.levels, ([.results[] | .detail // ""] | join(" ") |
			capture("(?<n>[0-9]+) reached again").n | tonumber > 1000000)' | xargs)" "$3 true"
	modules=$(ask check mod007:table_007)
	expect "$1: the frames of a module are found" \
		"$(jq -c '[.results[0].pages[].aliases | map(.region)]' <<<"$modules")" \
		'[["direct map"],["direct map"]]'
	one=$(reads_of function_00000)
	all=$(reads_of "@$machine/list")
	expect "$1: 10,000 targets cost one sweep ($all reads, $one for one)" \
		"$((all <= one + 16))" 1
}

if [[ ${1-} == --check ]]; then
	make_machine 1
	check_answers "1 GiB" 1048576 4
	check_costs "1 GiB"
	make_machine large
	check_answers "64 TiB" 68719476736 5
	check_costs "64 TiB"
	exit $failed
fi
(($#)) || set -- 1 16 256 1024 large guest
for size; do
	case $size in
	guest) bench_guest ;;
	*) bench_machine "$size" ;;
	esac
done
