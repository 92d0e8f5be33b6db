#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# answers.sh KWCHECK TO FOLDER
#
# Asks a kwcheck everything that a capture answers and puts each answer with its exit
# status into a file of the folder TO: about the captures and logs of tests/data, and about
# FOLDER's memory.zst with the symbols in FOLDER/names and the modules in FOLDER/ko. Two
# builds must answer alike. Needs little but coreutils, for it runs in a bare chroot, too.

set -euo pipefail

mkdir -p "$2"
kwcheck=$(realpath "$1") to=$(realpath "$2") folder=$(realpath "$3")
declare -A logs=([5.10]='4.19-lsm 5.10-lsm 5.10-many' [6.1]=6.1-lsm [6.12]=6.12-lsm
	[7]='7.3-lsm 7.3-many')

# ask NAME ARGUMENT...
ask()
{
	local status=0

	"$kwcheck" "${@:2}" >"$to/$1" 2>&1 || status=$?
	echo "exit $status" >>"$to/$1"
}

# Answers say how a file was named.
cd "$(dirname "$(readlink -f "$0")")/data"
for series in 5.10 6.1 6.12 7; do
	core=captures/$series.zst
	sed 's/ .*//; s/^/0x/' "captures/$series.oracle" >"$to/addresses"
	ask "check-$series" check --json --core="$core" "@$to/addresses"
	ask "walk-$series" walk --json --core="$core" apparmor_hooks init_task modprobe_path \
		sys_call_table landlock_hooks _text __end_rodata init_net 0xdead
	ask "map-$series" map --json --core="$core"
	ask "audit-$series" audit --json --core="$core"
	for log in ${logs[$series]}; do
		ask "oops-$log" oops --json --core="$core" "oops/$log.txt"
	done
done
rm "$to/addresses"

cd "$folder"
core=memory.zst
ask check-names check --no-aliases --core="$core" "@names"
ask check-no-btf check --json --no-btf --core="$core" modprobe_path landlock_hooks
ask map-memory map --json --core="$core"
ask audit-memory audit --json --core="$core"
ask preflight-static preflight --json --no-dry-run --core="$core" ko/*.ko
# A limit of time that no machine comes near: the answer must not depend on it.
ask preflight-dry-run preflight --json --limit=milliseconds=600000 --core="$core" ko/*.ko
# These differ from run to run.
sed -i 's/"\(cpu_ms\|fetched_pages\)": *[0-9]*//g' "$to/preflight-dry-run"
