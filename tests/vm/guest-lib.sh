# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# shellcheck disable=SC2034 # failed is for who sources this
# What guest scripts share, sourced as /bin/guest-lib, and some of the host's. A line
# "ok NAME" or "not ok NAME" per test; the script ends with "exit $failed".

failed=0

# say STATUS WORD...: 0 is ok. Of @subject, where that is set.
say()
{
	local status=$1
	shift
	if [ "$status" = 0 ]; then
		echo "ok ${subject:+$subject: }$*"
	else
		echo "not ok ${subject:+$subject: }$*"
		failed=1
	fi
}

# expect NAME STATUS PATTERN COMMAND...: the exit status (several: 0|1), and a line of the
# output.
expect()
{
	local name=$1 want=$2 pattern=$3 output status
	shift 3
	output=$("$@" 2>&1)
	status=$?
	if printf '%s\n' "$want" | tr '|' '\n' | grep -qx "$status" &&
		printf '%s\n' "$output" | grep -q -- "$pattern"; then
		echo "ok $name"
	else
		echo "not ok $name: exit $status, wanted $want and /$pattern/ in:"
		printf '%s\n' "$output" | head -n 20
		failed=1
	fi
}

# expect_count NAME NUMBER PATTERN COMMAND...: how many lines match.
expect_count()
{
	local name=$1 want=$2 pattern=$3 got
	shift 3
	got=$("$@" 2>&1 | grep -c -- "$pattern")
	if [ "$got" = "$want" ]; then
		echo "ok $name"
	else
		echo "not ok $name: $got lines match /$pattern/, wanted $want"
		failed=1
	fi
}

# expect_refused NAME STATUS CODE PATTERN COMMAND...: nothing on stdout and one line on
# stderr, which matches; with --json the code, and the same line.
expect_refused()
{
	local name=$1 want=$2 code=$3 pattern=$4 status out err json file
	shift 4
	file=$(mktemp)
	out=$("$@" 2>"$file")
	status=$?
	err=$(cat "$file")
	rm -f "$file"
	json=$("$@" --json 2>/dev/null)
	status=$status,$?
	if [ "$status" = "$want,$want" ] && [ -z "$out" ] &&
		[ "$(printf '%s\n' "$err" | wc -l)" = 1 ] &&
		printf '%s\n' "$err" | grep -q -- "^kwcheck: .*$pattern" &&
		printf '%s\n' "$json" | grep -q "\"errors\":\[{\"code\":\"$code\","; then
		echo "ok $name: $err"
	else
		echo "not ok $name: exit $status, wanted $want twice, $code and /$pattern/:"
		printf '%s\n' "$out" "$err" "$json" | head -n 20
		failed=1
	fi
}
