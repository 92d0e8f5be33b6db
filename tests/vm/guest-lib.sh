# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# shellcheck disable=SC2034 # failed is for who sources this
# What guest scripts share: sourced as /bin/guest-lib. A line "ok NAME" or "not ok NAME" per
# test; the script ends with "exit $failed".

failed=0

# expect NAME STATUS PATTERN COMMAND...: the exit status, and a line of the output.
expect()
{
	name=$1 want=$2 pattern=$3
	shift 3
	output=$("$@" 2>&1)
	status=$?
	if [ "$status" = "$want" ] && printf '%s\n' "$output" | grep -q -- "$pattern"; then
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
	name=$1 want=$2 pattern=$3
	shift 3
	got=$("$@" 2>&1 | grep -c -- "$pattern")
	if [ "$got" = "$want" ]; then
		echo "ok $name"
	else
		echo "not ok $name: $got lines match /$pattern/, wanted $want"
		failed=1
	fi
}
