#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# guest-loader.sh TITLE FILE...: runs in test-loader.sh's guest. Is each module refused by
# the kernel if, and only if, kwcheck says so, and with the error that its words name?

title=$1
shift
failed=0
for file in "$@"; do
	name=${file##*/}
	said=$(kwcheck preflight --no-dry-run "$file" 2>&1)
	verdict=$(printf '%s\n' "$said" | sed -n "s|^$file  *||p")
	error=$(insmod "$file" 2>&1)
	status=$?
	[ $status -ne 0 ] || rmmod "$(kwcheck -J preflight --no-dry-run "$file" |
		sed -n 's/.*"module":"\([a-z0-9_]*\)","verdict".*/\1/p')"
	# What busybox says, and how the errors are called.
	case $error in
	'') want='-' ;;
	*'invalid module format') want=ENOEXEC ;;
	*'Key was rejected by service') want=EKEYREJECTED ;;
	*'Bad message') want=EBADMSG ;;
	*'invalid parameter' | *'Invalid argument') want=-22 ;;
	*'Operation not permitted') want=EPERM ;;
	*) want=$error ;;
	esac
	if { [ "$verdict" = refused ] && [ $status -ne 0 ] &&
		printf '%s\n' "$said" | grep -q -- "$want"; } ||
		{ [ "$verdict" != refused ] && [ "$verdict" != undecided ] &&
			[ -n "$verdict" ] && [ $status -eq 0 ]; } ||
		# Whether 5.18 to 6.2 take such a module cannot be told.
		case $verdict,$name,$(uname -r) in
		undecided*,btf-*,6.1.*) printf '%s\n' "$said" | grep -q 'undecided \[btf\]' ;;
		*) false ;;
		esac; then
		echo "ok $title: $name: $verdict $want"
	else
		echo "not ok $title: $name: insmod $status ($error), kwcheck:"
		printf '%s\n' "$said" | head -n 6
		failed=1
	fi
done
exit $failed
