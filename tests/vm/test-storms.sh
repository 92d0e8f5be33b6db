#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-storms.sh [--seconds N] [--cpus N] [--kinds LIST] [SERIES...]: every verb on a kernel of
# which one part after the other is kept busy (guest-storms.sh has the kinds). The counts are
# printed: right, unknown, false.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
build=$top/build
kinds='modules bpf trampoline trace keys livepatch hotplug attributes exec merge'
seconds=8 cpus=2 series=()
while (($#)); do
	case $1 in
	--seconds) seconds=$2 && shift 2 ;;
	--cpus) cpus=$2 && shift 2 ;;
	--kinds) kinds=$2 && shift 2 ;;
	*) series+=("$1") && shift ;;
	esac
done
((${#series[@]})) || series=(7)
read -ra kinds <<<"$kinds"
# Loaded by dlopen(3).
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2

[[ -n ${KWCHECK:-} ]] || make -s -C "$top" build/kwcheck
make -s -C "$top" build/tests/churn build/tests/storm build/tests/attach-lsm
kwcheck=${KWCHECK:-$build/kwcheck}
failed=0
# storm OPTION KIND...
storm()
{
	"$here/boot.sh" --kernel "$one" --smp "$cpus" ${1:+"$1"} --memory 1G \
		--append 'rcupdate.rcu_expedited=1 pti=on' --exec "$kwcheck" \
		--exec "$build/tests/churn" --exec "$build/tests/storm" \
		--exec "$build/tests/attach-lsm" --library "$unicorn" \
		--file "$here/guest-storms.sh:/bin/guest-storms" "${files[@]}" \
		--timeout $((300 + $# * (seconds + 120))) \
		-- guest-storms "$one" "$seconds" "${@:2}" || failed=1
}

# Emulated CPUs do not keep apart what one patches and another runs: where two are idle enough
# to run at once, the guest's kernel crashes. Where its text is patched they run in turn.
patching=() others=()
for kind in "${kinds[@]}"; do
	case $kind in
	trampoline|trace|keys|livepatch) patching+=("$kind") ;;
	*) others+=("$kind") ;;
	esac
done

for one in "${series[@]}"; do
	"$here/provision.sh" "$one"
	files=()
	for folder in churn storm; do
		"$here/build-module.sh" "$one" "$here/modules/$folder" "$build/$folder/$one"
		for ko in "$build/$folder/$one"/*.ko; do
			files+=(--file "$ko")
		done
	done
	((${#others[@]} == 0)) || storm --parallel "${others[@]}"
	((${#patching[@]} == 0)) || storm "" "${patching[@]}"
done
exit $failed
