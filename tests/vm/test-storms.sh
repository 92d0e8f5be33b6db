#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-storms.sh [--seconds N] [--cpus N] [--kinds LIST] [--together] [SERIES...]: every verb on
# a kernel of which one part after the other is kept busy (guest-storms.sh has the kinds; a+b
# has both at once, --together all that were named). Without SERIES the kinds are shared out
# among all four. The counts are printed: right, unknown, false.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
kinds='modules bpf trampoline trace keys livepatch hotplug attributes exec merge'
# What make check asks of each.
declare -A shares=(
	[5.10]='exec merge keys'
	[6.1]='hotplug livepatch'
	[6.12]='modules trace'
	[7]='bpf attributes trampoline')
seconds=60 cpus=2 series=()
while (($#)); do
	case $1 in
	--seconds) seconds=$2 && shift 2 ;;
	--cpus) cpus=$2 && shift 2 ;;
	--kinds) kinds=$2 && shift 2 ;;
	--together) kinds=${kinds// /+} && shift ;;
	*) series+=("$1") && shift ;;
	esac
done
if ((${#series[@]} == 0)); then
	series=(5.10 6.1 6.12 7)
else
	for one in "${series[@]}"; do
		shares[$one]=$kinds
	done
fi
# Loaded by dlopen(3).
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2

[[ -n ${KWCHECK:-} ]] || make -s -C "$top" build/kwcheck
make -s -C "$top" build/tests/churn build/tests/storm build/tests/attach-lsm \
	build/tests/oracle-compare
kwcheck=${KWCHECK:-$build/kwcheck}
failed=0
# storm OPTION KIND...
storm()
{
	"$here/boot.sh" --kernel "$one" --smp "$cpus" ${1:+"$1"} --memory 1G \
		--append 'rcupdate.rcu_expedited=1 pti=on' --exec "$kwcheck" \
		--exec "$build/tests/churn" --exec "$build/tests/storm" \
		--exec "$build/tests/attach-lsm" --library "$unicorn" \
		--exec "$build/tests/oracle-compare" --module "$build/oracle/$one/oracle.ko" \
		--file "$here/guest-storms.sh:/bin/guest-storms" "${files[@]}" \
		--timeout $((300 + $# * (seconds + 120))) \
		-- guest-storms "$one" "$seconds" "${@:2}" || failed=1
}

# Emulated CPUs do not keep apart what one patches and another runs: where two are idle enough
# to run at once, the guest's kernel crashes. Where its text is patched they run in turn.
for one in "${series[@]}"; do
	patching=() others=()
	for kind in ${shares[$one]}; do
		case $kind in
		*trampoline*|*trace*|*keys*|*livepatch*) patching+=("$kind") ;;
		*) others+=("$kind") ;;
		esac
	done
	"$here/provision.sh" "$one"
	files=()
	for folder in churn storm audit; do
		"$here/build-module.sh" "$one" "$here/modules/$folder" "$build/$folder/$one"
		for ko in "$build/$folder/$one"/*.ko; do
			files+=(--file "$ko")
		done
	done
	"$here/build-module.sh" "$one" "$here/oracle" "$build/oracle/$one"
	((${#others[@]} == 0)) || storm --parallel "${others[@]}"
	((${#patching[@]} == 0)) || storm "" "${patching[@]}"
done
exit $failed
