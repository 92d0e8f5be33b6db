#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# parts.sh [PART]...
#
# Builds kwcheck without each optional part in turn, without a warning: the build passes its
# unit tests and says in one line of --version what is missing. PART is a name below.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
cd "$top"
# The Makefile's variables that are emptied, and what --version calls the library.
declare -A names=([LIBDW]=libdw [SMARTCOLS]=libsmartcols [UNICORN]=Unicorn [CRYPTO]=libcrypto
	[KDUMPFILE]=libkdumpfile [SNAPPY]=libsnappy)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"

parts=("$@")
((${#parts[@]})) || mapfile -t parts < <(printf '%s\n' "${!names[@]}" | sort)
for part in "${parts[@]}"; do
	name=${names[$part]:?parts.sh: no such part: $part}
	# shellcheck disable=SC2034 # say() reads it
	subject="without $name"
	build=build/parts/$name
	if ! make -s -j"$(nproc)" O="$build" "$part=" CC="${CC:-gcc} -Werror" \
		"$build/kwcheck" "$build/unit" >"$log" 2>&1; then
		tail -n 20 "$log"
		say 1 "it builds"
		continue
	fi
	said=$("$build/kwcheck" --version | grep '^left out: ') || true
	say "$([[ $said == "left out: $name ("*")" && $said != *,*lib* ]]; echo $?)" "$said"
	status=0
	tests/unit.sh "$build" >"$log" 2>&1 </dev/null || status=$?
	((status == 0)) || tail -n 20 "$log"
	say "$status" "unit tests: $(grep -o 'Tested: .*' "$log" | tail -n 1)"
done
exit "$failed"
