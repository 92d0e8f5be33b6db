#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh: 'kwcheck apparmor_hooks' on the running kernel where it has a /proc/kcore that we
# may read, else on a capture of a real kernel.

set -euo pipefail

top=$(dirname "$(readlink -f "$0")")/..
capture=tests/data/captures/6.1.zst

# Shows a command and runs it. The exit status is an answer: 1 is "a write would fault".
ask()
{
	local status=0

	echo
	echo "\$ $*"
	PATH=$top/build:$PATH "$@" || status=$?
	((status <= 1)) || exit "$status"
}

cd "$top"
core=()
if [[ -r /proc/kcore && -s /proc/kcore ]]; then
	echo "The running kernel, $(uname -r):"
else
	echo "This kernel has no readable /proc/kcore; a capture of a stock Debian kernel answers:"
	core=(--core="$capture")
fi
ask kwcheck "${core[@]}" apparmor_hooks
ask kwcheck "${core[@]}" modprobe_path
ask kwcheck "${core[@]}" walk apparmor_hooks
