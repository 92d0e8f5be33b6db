#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-captures.sh: makes tests/data/captures anew: of each kernel a small capture and the CPU
# oracle's answers about it. Unit tests replay them, and 'make demo' answers from one.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
to=$top/tests/data/captures

# Between them: 4 and 5 levels, with and without PTI.
declare -A modes=([5.10]='--append pti=on' [6.1]='' [6.12]='--cpu max' [7]='')

make -s -C "$top" build/kwcheck build/tests/oracle-compare
mkdir -p "$to"
for series in 5.10 6.1 6.12 7; do
	out=$build/captures/$series
	rm -rf "$out"
	mkdir -p "$out"
	"$here/build-module.sh" "$series" "$here/oracle" "$build/oracle/$series"
	read -ra mode <<<"${modes[$series]}"
	"$here/boot.sh" --kernel "$series" "${mode[@]}" --timeout 400 --out "$out" \
		--exec "$build/kwcheck" --exec "$build/tests/oracle-compare" \
		--module "$build/oracle/$series/oracle.ko" -- '
oracle-compare --kwcheck /bin/kwcheck --min 6000 --record /out/oracle.txt \
	--first "kwcheck capture --small /out/capture.zst" -- --no-aliases'
	zstd -dc "$out/capture.zst" | zstd -q -19 -f -o "$to/$series.zst"
	sort -u "$out/oracle.txt" >"$to/$series.oracle"
	chmod 644 "$to/$series".*
done
ls -l "$to"
