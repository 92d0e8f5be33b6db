#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-oops.sh [SERIES...]: real crashes on stock kernels, explained in the guest. Test
# modules of modules/oops/ crash in as many ways; the guest's own dmesg goes through
# kwcheck oops, and what it says is held against what the modules did. One boot a kernel.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build

series=("$@")
(($#)) || series=(5.10 6.1 6.12 7)

# Four levels and five, with and without page-table isolation and KASLR.
declare -A cpu=([5.10]='qemu64,+smap,+smep' [6.1]='qemu64,+smap,+smep' [6.12]=max [7]=max)
declare -A append=([5.10]='' [6.1]='pti=on' [6.12]='' [7]='nokaslr')

# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"

# holds NAME FILE FILTER: jq's answer must be true.
holds()
{
	local r=0

	# jq 1.6 is content with no input at all.
	[[ -s $2 ]] && jq -e "$3" "$2" >/dev/null 2>&1 || r=1
	say $r "$1"
}

# crash NAME FILE FUNCTION FILTER: of the one crash in FUNCTION.
crash()
{
	holds "$1" "$2" "[.results[] | select(.site.function == \"$3\")] | length == 1 and
		(.[0] | $4)"
}

same='(.boot.verdict == "same") and (.walk.now != null) and (.walk.changed_levels == [])'

check_hook()
{
	local version=$1 file=$2 name=$3 where

	if [[ $version == 5.10 || $version == 6.1 ]]; then
		where='.cause.kind == "lsm-hook-list" and .target.lsm.structure == "hook-array"
			and .target.lsm.member == "list.next" and
			(.target.symbol | endswith("_hooks"))'
	else
		where='.cause.kind == "lsm-static-call" and .target.symbol == "static_calls_table"
			and .target.lsm.structure == "static-calls" and .target.lsm.member == "hl"'
	fi
	crash "$name: a hook" "$file" oops_hook "$where and .target.lsm.hook == \"file_open\"
		and .target.section == \"ro-after-init\" and .walk.denial == \"no-rw\"
		and .error_code.flags == [\"P\", \"W\"] and .init_running and $same"
}

check_writes()
{
	local file=$1 name=$2

	crash "$name: the system-call table" "$file" oops_syscall "
		.cause.kind == \"syscall-table\" and .target.symbol == \"sys_call_table\"
		and .target.symbol_offset_bytes == 39 * 8 and .target.section == \"rodata\"
		and (.target.entry | test(\"getpid\")) and .walk.denial == \"no-rw\" and $same"
	crash "$name: its own constant" "$file" oops_const "
		.cause.kind == \"module-const\" and .target.module == \"oops_const\"
		and .target.symbol == \"oops_const_value\" and .target.symbol_offset_bytes == 16
		and .walk.denial == \"no-rw\" and .walk.denied_by == \"PTE\" and $same"
	crash "$name: its own ro_after_init" "$file" oops_sealed "
		.cause.kind == \"module-ro-after-init\" and .target.module == \"oops_sealed\"
		and .target.symbol == \"oops_sealed_value\" and .walk.denial == \"no-rw\"
		and (.init_running | not) and $same"
	crash "$name: kernel text" "$file" oops_text "
		.cause.kind == \"kernel-text\" and .target.symbol == \"vfs_read\"
		and .target.symbol_offset_bytes == 32 and .target.section == \"text\"
		and .walk.now.executable and .walk.denial == \"no-rw\" and $same"
}

check_others()
{
	local file=$1 name=$2

	crash "$name: a NULL pointer" "$file" oops_null '.cause.kind == "null-pointer"
		and .target.address == "0x0000000000000010" and .error_code.access == "write"
		and .walk.denial == "not-present"'
	crash "$name: data executed" "$file" oops_nx_data "
		.cause.kind == \"execute-data\" and .error_code.access == \"fetch\"
		and .target.symbol == \"oops_nx_data\" and .walk.denial == \"nx\"
		and .walk.denied_by == \"PTE\" and $same"
	crash "$name: user space touched" "$file" oops_user '.cause.kind == "user-access"
		and .target.kind == "user" and .walk.denial == "smap" and .walk.now == null'
	crash "$name: a poisoned pointer" "$file" oops_poison '
		.kind == "general-protection" and .cause.kind == "list-poison"
		and (.target.address | startswith("0xdead0000000001"))'
	holds "$name: a list deleted from twice" "$file" '[.results[] |
		select(.kind == "list-corruption" and .cause.kind == "list-corruption")] |
		length == 1 and (.[0].detail + .[0].headline | test("list_del corruption"))'
	crash "$name: BUG()" "$file" oops_bug '.kind == "bug" and .cause.kind == "bug"
		and (.bug_at | endswith("oops_bug.c:10"))'
}

check_series()
{
	local version=$1 out=$build/oops/$1/out nr=11 files=() ko

	"$here/build-module.sh" "$version" "$here/modules/oops" "$build/oops/$version"
	for ko in "$build/oops/$version"/*.ko; do
		files+=(--file "$ko:/oops/${ko##*/}")
	done
	rm -rf "$out"
	mkdir -p "$out"
	"$here/boot.sh" --kernel "$version" --cpu "${cpu[$version]}" \
		--append "${append[$version]}" --exec "$build/kwcheck" "${files[@]}" \
		--file "$top/tests/data/oops/4.19-lsm.txt:/oops/4.19-lsm.txt" \
		--file "$here/guest-oops.sh:/bin/guest-oops" --out "$out" -- guest-oops

	[[ ${append[$version]} != *pti=on* ]] || nr=12
	for ko in piped own; do
		holds "$version $ko: all crashes" "$out/$ko.json" "(.results | length == $nr) and
			all(.results[]; .status == \"explained\") and .errors == []"
		check_hook "$version" "$out/$ko.json" "$version $ko"
		check_writes "$out/$ko.json" "$version $ko"
		check_others "$out/$ko.json" "$version $ko"
		say "$(<"$out/$ko.status")" "$version $ko: exit status"
	done
	[[ $nr == 11 ]] || crash "$version: freed boot memory" "$out/own.json" oops_init "
		.cause.kind == \"freed-init\" and .target.section == \"freed-init\"
		and .walk.denial == \"not-present\" and $same"
	"$build/kwcheck" oops --json --core "$out/core" "$out/dmesg.txt" \
		>"$out/core.json" 2>"$out/core.err" || true
	if [[ ${append[$version]} == *nokaslr* ]]; then
		holds "$version: a core, without KASLR" "$out/core.json" 'all(.results[];
			.boot.verdict == "unknown" and .walk.now == null)'
	else
		crash "$version: a core" "$out/core.json" oops_syscall "
			.cause.kind == \"syscall-table\" and .target.source == \"kernel\" and $same"
	fi
	holds "$version: no crash yet" "$out/none.json" '.results == []'
	[[ $(<"$out/none.status") == 1 ]]
	say $? "$version: exit status without a crash"
	holds "$version: nobody" "$out/nobody.json" ".kernel == null and
		(.results | length == $nr) and all(.results[]; .status == \"explained\" and
		.boot.verdict == \"unknown\" and .walk.now == null)"
	for ko in moved foreign; do
		holds "$version: of another boot ($ko)" "$out/$ko.json" '(.results | length > 0)
			and all(.results[]; .boot.verdict == "other" and .walk.now == null and
			.target.source != "kernel")'
	done
	crash "$version: the module's file" "$out/module.json" oops_hook '
		(.module_file.bytes == "same" or .module_file.bytes == "patched") and
		(.module_file.source | length > 1) and
		(.module_file.source[-1].function == "oops_hook") and
		(.module_file.source[-1].file | endswith("oops_hook.c")) and
		(.module_file.source[-1].line > 0)'
	# Without KASLR the addresses prove nothing.
	if [[ ${append[$version]} == *nokaslr* ]]; then
		holds "$version: log cleared" "$out/cleared.json" 'all(.results[];
			.boot.verdict == "unknown" and .walk.now == null)'
	else
		holds "$version: log cleared" "$out/cleared.json" 'all(.results[];
			.boot.verdict == "same")'
	fi
}

make -s -C "$top" build/kwcheck
for version in "${series[@]}"; do
	check_series "$version"
done
exit $failed
