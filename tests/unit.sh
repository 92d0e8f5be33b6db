#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# unit.sh BUILD: runs BUILD/unit. A sanitizer's report fails it even where the test passes:
# Criterion does not see a leak that LeakSanitizer finds at a test's exit.

set -uo pipefail

build=$1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$logs/asan \
	UBSAN_OPTIONS=log_path=$logs/ubsan:print_stacktrace=1 \
	"$build/unit"
status=$?
if [[ -n $(ls -A "$logs") ]]; then
	cat "$logs"/*
	echo "not ok $build/unit: a sanitizer complained"
	status=1
fi
exit $status
