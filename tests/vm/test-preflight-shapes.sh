#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-preflight-shapes.sh [SERIES...]: the corpus once more, its files changed in ways
# that change nothing of what they do: stripped, every name taken, sections renamed and in
# reverse order, 20 MB of other code in front. Against the captures, without a guest:
# verdict, place and target must stay what they are for the file as it was built. Without
# SERIES the oldest and the newest one are asked.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -s -C "$top" build/tests/unname

strip_unneeded() { strip --strip-unneeded "$1"; }
strip_locals() { objcopy --discard-all --strip-debug "$1"; }
no_names() { strip --strip-debug "$1" && "$top/build/tests/unname" "$1"; }

renamed()
{
	objcopy --strip-debug --rename-section .text=code --rename-section .rodata=.data.a \
		--rename-section .data=.rodata.b "$1"
}

# ld -r lays out what its script lists in the script's order.
reversed()
{
	strip --strip-debug "$1"
	readelf -SW "$1" | sed -n 's/^ *\[ *[0-9]*\] \([^ ]*\) .*\(PROGBITS\|NOBITS\) .*/\1/p' |
		grep -v '^\.note\|^\.comment' | tac |
		awk 'BEGIN { print "SECTIONS {" } { print $0 " 0 : { *(" $0 ") }" }
			END { print "}" }' >"$1.lds"
	ld -r -T "$1.lds" -o "$1.new" "$1"
	mv "$1.new" "$1"
	rm "$1.lds"
}

# A driver of more than 20 MB: two of the largest there are, and the module behind them.
make_large()
{
	local name ko

	for name in amdgpu i915; do
		ko=$(find "$cache/$series/modules" -name "$name.ko*")
		if [[ $ko == *.xz ]]; then
			xz -dc "$ko" >"$work/$series/$name.ko"
		else
			cp "$ko" "$work/$series/$name.ko"
		fi
		objcopy --rename-section .gnu.linkonce.this_module=.data.other \
			--rename-section .modinfo=.data.info \
			--rename-section __versions=.data.versions \
			--redefine-sym "__this_module=other_$name" \
			--redefine-sym "init_module=init_$name" \
			--redefine-sym "cleanup_module=exit_$name" "$work/$series/$name.ko"
	done
	ld -r -z muldefs -o "$work/$series/large.o" "$work/$series"/{amdgpu,i915}.ko
}

large()
{
	[[ -e $work/$series/large.o ]] || make_large
	strip --strip-debug "$1"
	ld -r -z muldefs -o "$1.new" "$1" "$work/$series/large.o"
	mv "$1.new" "$1"
}

# ask FOLDER: a line for each module: what was found and the worst of it, but for places by
# name and offset, which may be told otherwise where names are gone, and for what the loader
# would say of its symbols: the drivers in front import hundreds more.
ask()
{
	{ "$kwcheck" preflight --json --no-dry-run --core "$top/tests/data/captures/$series.zst" "$1" || true; } |
		jq -c '.results[] | [.findings[] | select(.kind | IN("unknown-symbol",
			"needed-module", "missing-module", "not-tested") | not)] as $found |
			[(.file | sub(".*/"; "")), first("would-fault", "bypass", "suspect",
			 "refused", "undecided", "clean" | select(. as $v | . == "clean" or
				($found | any(.verdict == $v)))), ([$found[] |
			[.kind, .verdict, .access.kind, .access.size_bytes, .access.callee,
			 if .target.module == null then .target.symbol, .target.offset
			 else null end]] | sort)]'
}

run_shape()
{
	local shape=$1 ko modules=("$work/$series"/built/*.ko)

	mkdir "$work/$series/$shape"
	[[ $shape != large ]] || modules=("$work/$series"/built/{w01,w21,n06,l05,s01}_*.ko)
	for ko in "${modules[@]}"; do
		[[ -e $ko ]] || continue
		cp "$ko" "$work/$series/$shape/"
		# What others link against stays as it was built.
		[[ $ko == */d[0-9]* ]] || "$shape" "$work/$series/$shape/${ko##*/}"
	done
	ask "$work/$series/$shape" >"$work/got"
	grep -F "$(sed 's/^\["\([^"]*\)".*/["\1"/' "$work/got")" "$work/built" >"$work/want"
	if [[ -s $work/got ]] && diff "$work/want" "$work/got" >&2; then
		echo "ok $series $shape: $(wc -l <"$work/got") modules"
	else
		echo "not ok $series $shape"
		failed=1
	fi
}

failed=''
(($#)) || set -- 5.10 7
for series; do
	case $series in
	5.10|6.1) folder=lists ;;
	*) folder=static ;;
	esac
	for one in common "$folder"; do
		"$here/build-module.sh" "$series" "$here/modules/preflight/$one" \
			"$work/$series/built"
	done
	ask "$work/$series/built" >"$work/built"
	for shape in strip_unneeded strip_locals no_names renamed reversed large; do
		run_shape "$shape"
	done
done
[[ -z $failed ]]
