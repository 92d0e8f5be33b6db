#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh: 'kwcheck apparmor_hooks' on the running kernel where it has a /proc/kcore that we
# may read, else in a guest that runs a stock Debian kernel.

set -euo pipefail

top=$(dirname "$(readlink -f "$0")")/..
questions='kwcheck apparmor_hooks; kwcheck modprobe_path; kwcheck walk apparmor_hooks'

if [[ -r /proc/kcore && -s /proc/kcore ]]; then
	echo "the running kernel, $(uname -r):"
	PATH=$top/build:$PATH sh -c "$questions" || true
else
	echo "this kernel has no readable /proc/kcore; a stock Debian 6.1 guest answers:"
	"$top/tests/vm/provision.sh" 6.1
	"$top/tests/vm/boot.sh" --kernel 6.1 --exec "$top/build/kwcheck" -- "$questions" || true
fi
