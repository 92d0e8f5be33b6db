#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-preflight.sh [SERIES...]: the corpus of tests/vm/modules/preflight, asked about and
# then loaded, in a guest of each series. Each source says in a line
#
#	preflight: VERDICT[|VERDICT] FUNCTION TARGET[|TARGET] WHEN [ARGUMENTS]
#
# what kwcheck must say; what really happens is read from the oops. WHEN: load (init
# faults there), load-in-callee (in a function of the kernel that init calls),
# load-stopped (with all CPUs stopped: not tried), unload, sysfs, never, survives (the
# store goes through), refused (by the loader), loaded (before the question).

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/corpus.sh
. "$here/corpus.sh"

fail()
{
	echo "FAIL: $*" >&2
	nr_failed=$((nr_failed + 1))
}

check_writer()
{
	local name=$1 out=$2 address rip

	read_oops "$out/$name.log"
	case $when in
	load|unload|sysfs)
		[[ -n $address ]] || { fail "$series $name: no oops"; return; }
		[[ $rip == "$function"[+.]* ]] ||
			fail "$series $name: the oops is at $rip, not in $function"
		jq -e --arg rip "$rip" --arg address "0x$address" '
			[.results[0].findings[] | select(.verdict != "refused") |
			 select(.site.function + "+0x" +
				(.site.offset | [while(. > 0; . / 16 | floor) % 16] |
				 reverse | map("0123456789abcdef"[.:.+1]) | add // "0")
				== $rip) |
			 select(.target.address == null or .target.address == $address or
				(.target.is_exact | not))] | length > 0' \
			"$out/$name.json" >/dev/null ||
			fail "$series $name: no finding is at $rip for 0x$address"
		;;
	load-in-callee)
		[[ -n $address ]] || fail "$series $name: no oops"
		;;
	survives|never|refused)
		[[ -z $address ]] || fail "$series $name: an oops at $rip"
		;;
	esac
}

# The modules are built with DWARF: each place in code has its lines, the outermost in the
# module's own source (a function inlined there is from a header).
check_source()
{
	local name=$1 out=$2 line

	jq -e --arg name "/$name.c" '[.results[0].findings[] |
		select(.site.section // "" | test("^\\.(init\\.|exit\\.)?text")) |
		.site.source // [{file: "none"}] |
		select(.[-1].file | endswith($name) or endswith("/corpus.h") | not)] == []' \
		"$out/$name.json" >/dev/null || fail "$series $name: a finding without its line"
	[[ $name != w01_direct ]] && return
	line=$(grep -n uuid_null "$sources/common/$name.c" | tail -n 1 | cut -d : -f 1)
	jq -e --argjson line "$line" \
		'.results[0].findings[0].site.source[-1].line == $line' \
		"$out/$name.json" >/dev/null || fail "$series $name: not at line $line"
}

# The first lines of the oops as foretold are in the kernel's log, but for the address of
# memory that is the module's own and for which of its init's two names is told.
check_oops_text()
{
	local name=$1 out=$2 line

	while read -r line; do
		line=${line/corpus_init/init_module}
		grep -qF -e "$line" <(sed 's/\<corpus_init\>/init_module/' "$out/$name.log") ||
			fail "$series $name: the oops has no line '$line'"
	done < <(jq -r '.results[0].dry_run.fault |
		if .target.module == null then .oops[0] else empty end, .oops[1, 2, 3]' \
		"$out/$name.json")
}

# ends OUT OPTION N JQ: the answer number N that was asked with OPTION.
ends()
{
	jq -e --argjson n "$3" ".results[\$n].dry_run | $4" "$1/$2.json" >/dev/null ||
		fail "$series: asked with --$2: $(jq -c --argjson n "$3" '.results[$n].dry_run |
			del(.calls, .registered)' "$1/$2.json")"
}

check_options()
{
	local out=$1 address rip limit

	read_oops "$out/w44_exit.log"
	ends "$out" exit 0 '.outcome == "fault" and .phase == "exit" and
		.fault.target.address == "0x'"$address"'" and
		(.fault.oops[3] | contains("'"${rip%+*}"'"))'
	ends "$out" exit 1 '.outcome == "returned" and .phase == "exit" and .return == 0'
	ends "$out" call 0 '.outcome == "fault" and .phase == "call" and
		.fault.instruction.symbol == "changed" and .fault.target.symbol == "uuid_null" and
		([.calls[] | select(.site.module == "w47_callback")] | length > 0)'
	ends "$out" opened 0 '.outcome == "returned" and .phase == "call" and .return == 0'
	jq -e '.results == [] and .errors[0].code == "usage" and
		(.errors[0].message | contains("no such function"))' "$out/nothing.json" >/dev/null ||
		fail "$series: --call of a function that there is not is no usage error"
	for limit in instructions pages depth; do
		ends "$out" "$limit" 0 ".outcome == \"undecided\" and .reason_code == \"$limit\""
	done
	ends "$out" milliseconds 0 '.outcome == "undecided" and .reason_code == "time"'
	jq -e '.results[0].dry_run.registered[] | select(.to.symbol == "misc_register") |
		.what.symbol == "device" and .functions[0].symbol == "opened"' \
		"$out/n10_register_ops.json" >/dev/null ||
		fail "$series: what init registered is not told"
}

# The dry run against the real one: where init faults, the instruction, the address and the
# error code of the oops; else what insmod got.
check_dry_run()
{
	local name=$1 out=$2 address rip code want

	read_oops "$out/$name.log"
	code=$(sed -n '/page fault for address/,$ s/.*error_code(0x\([0-9a-f]*\)).*/\1/p' \
		"$out/$name.log" | head -n 1)
	case $([[ $verdict == clean && $when != loaded ]] && echo clean || echo "$when") in
	load|load-in-callee)
		jq -e --arg rip "$rip" --arg address "0x$address" \
			--argjson code "$((16#${code:-0}))" '
			def hex: [while(. > 0; . / 16 | floor) % 16] | reverse |
				map("0123456789abcdef"[.:.+1]) | add // "0";
			.results[0].dry_run | .outcome == "fault" and
			(.fault.instruction | .symbol + "+0x" + (.offset | hex)) == $rip and
			.fault.error_code == $code and
			(.fault.target | .address == $address or .module != null)' \
			"$out/$name.json" >/dev/null ||
			fail "$series $name: the dry run is not the oops at $rip for 0x$address"
		check_oops_text "$name" "$out"
		;;
	loaded)
		# As after rmmod, unless what uses it is loaded, too.
		jq -e '.results[0].dry_run | .outcome == "returned" and .after_rmmod and
			.return == 0 or (.reason | test("rmmod would not unload it"))' \
			"$out/$name.json" >/dev/null ||
			fail "$series $name: it is loaded, and the dry run does not say so"
		;;
	refused)
		jq -e '.results[0].dry_run.outcome == "not-run"' "$out/$name.json" >/dev/null ||
			fail "$series $name: a refused module ran"
		;;
	*)
		want=$(insmod_value "$out/$name.insmod")
		jq -e --argjson want "$want" '.results[0].dry_run | .outcome == "returned" and
			.return == $want' "$out/$name.json" >/dev/null ||
			fail "$series $name: the dry run does not return $want"
		;;
	esac
}

check_module()
{
	local name=$1 out=$2 got

	expectation "$3" "$name"
	got=$(jq -r '.results[0].verdict' "$out/$name.json") || got=none
	if [[ "|$verdict|" != *"|$got|"* ]]; then
		fail "$series $name: $got instead of $verdict"
		return
	fi
	[[ $verdict != clean && $verdict != undecided ]] || {
		read_oops "$out/$name.log"
		[[ -z $address ]] || fail "$series $name: an oops at $rip"
		[[ $verdict == clean ]] || return 0
		check_dry_run "$name" "$out"
		return
	}
	jq -e --arg function "$function" --arg target "$target" '
		[.results[0].findings[] |
		 select(.site.function == $function or .site.section == $function or
			(.site.function // "" | startswith($function + "."))) |
		 select($target == "-" or
			(.target.symbol as $s | $target | split("|") | index($s)))] |
		length > 0' "$out/$name.json" >/dev/null ||
		fail "$series $name: no finding in $function for $target"
	check_source "$name" "$out"
	check_writer "$name" "$out"
	check_dry_run "$name" "$out"
}

# run_series FOLDER: the corpus's common part and FOLDER, in a guest of $series.
run_series()
{
	local folder out=$work/$series/out source name

	make_corpus "$series" "$1"
	boot_corpus "$series"
	check_options "$out"
	for folder in common $1; do
		for source in "$sources/$folder"/*.c; do
			name=$(basename "$source" .c)
			[[ -e $out/$name.json ]] || continue
			check_module "$name" "$out" "$folder"
			nr_modules=$((nr_modules + 1))
		done
	done
}

(($#)) || set -- 5.10 6.1 6.12 7
nr_failed_all=0
for series; do
	nr_modules=0 nr_failed=0
	case $series in
	5.10|6.1) run_series lists ;;
	*) run_series static ;;
	esac
	if ((nr_failed == 0 && nr_modules > 0)); then
		echo "ok $series: $nr_modules modules asked about and loaded"
	else
		echo "not ok $series: $nr_modules modules asked about and loaded," \
			"$nr_failed failures"
		nr_failed_all=$((nr_failed_all + 1))
	fi
done
[[ -z ${KEEP:-} ]] || cp -r "$work" "$KEEP"
((nr_failed_all == 0))
