#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-kernel.sh [SERIES...]: --kernel. The corpus of tests/vm/modules/preflight gets the
# verdicts of its sources from a kernel that kwcheck boots itself; the look is kept, and
# made again where what it depends on changes; nothing is left where it is interrupted.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
# In /tmp: a user of no rights has to get there.
work=$(mktemp -d /tmp/kwcheck-kernel.XXXXXX)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/corpus.sh
. "$here/corpus.sh"
# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"
(($#)) || set -- 6.1
make -s -C "$top" build/kwcheck
chmod 755 "$work"

# Looks of this test are in a folder of its own.
export KWCHECK_CACHE=$cache XDG_CACHE_HOME=$work/cache
mkdir "$work/cache"

looks()
{
	find "$work/cache" -name '*.zst' | wc -l
}

# check_corpus SERIES: verdicts over a look. A better CPU's checksums (pclmulqdq) are not for a
# dry run: undecided.
check_corpus()
{
	local name got
	local -a question=()

	"$here/build-module.sh" "$1" "$sources/common" "$work/ko"
	for name in "$sources"/common/*.c; do
		name=$(basename "$name" .c)
		expectation common "$name"
		# Not those that want an address of that boot, or a module that is loaded.
		[[ $when == loaded || -n $arguments || $target == corpus_exported ]] ||
			question+=("$work/ko/$name.ko")
	done
	"$kwcheck" preflight --json --kernel="$vmlinuz" --cpu=qemu64 "${question[@]}" >"$work/answer" || true
	while IFS=$'\t' read -r name got; do
		expectation common "$name"
		[[ "|$verdict|" == *"|$got|"* ]]
		say $? "$name is $verdict, told $got"
	done < <(jq -r '.results[] | [(.file | sub(".*/"; "") | sub("\\.ko$"; "")), .verdict] |
		@tsv' "$work/answer")
	[[ $(jq '.results | length' "$work/answer") -gt 30 ]]
	say $? "all of the corpus has an answer"
}

# try VERDICT NAME RETURN AGREEMENT MODULE [WORDS]: what a trial came to. Of verdicts and
# agreements several may do: a|b.
try()
{
	local told

	told=$("$kwcheck" preflight --json --kernel="$vmlinuz" --cpu=qemu64 --trial \
		--moddir="$cache/$series/modules" "${@:5}" 2>"$work/shouted" |
		jq -r '.results[0] | [.verdict, .trial.outcome, .trial.return, .trial.agreement] |
			map(. // "-") | join(" ")')
	[[ "$told" =~ ^($1)\ $2\ $3\ ($4)$ && ! -s $work/shouted ]]
	say $? "trial of ${*:5}: $1, $2 $3, $4 (told $told)"
}

# symbols_of QUESTION...: what each symbol of the kernel's own is.
symbols_of()
{
	"$kwcheck" check --no-aliases --noheadings -o target,type,verdict "$@" 'vmlinux:*' \
		2>"$work/told"
}

# By the image alone: no symbol is told otherwise than over the look, no module of the corpus is
# told otherwise than by the code over it, and without QEMU there is that answer.
check_image()
{
	local told

	symbols_of --kernel="$vmlinuz" >"$work/booted"
	symbols_of --kernel="$vmlinuz" --no-boot >"$work/read"
	# What was freed, and what the kernel remaps itself: the IDT, early tables.
	told=$(paste "$work/read" "$work/booted" | awk '
		$1 != $4 || ($3 != "unknown" && $3 != $6) { nr["wrong"]++ }
		$3 != "unknown" { nr["known"]++ }
		END { print (nr["known"] > NR * 9 / 10 ? "known" : "unknown"), nr["wrong"] + 0, NR }')
	[[ $told == "known 0 "?????* ]]
	say $? "each symbol by the image is as it is once booted, or unknown ($told)"
	[[ $(find "$work/cache" -name '*.img' -perm 600 | wc -l) == 1 ]]
	say $? "what was read of it is kept, for its owner alone"
	# Of some it is unknown, which is a status.
	symbols_of --kernel="$vmlinuz" --no-boot >"$work/again"
	cmp -s "$work/again" "$work/read"
	say $? "and tells the same the second time"
	for told in '' --no-boot; do
		"$kwcheck" preflight --noheadings -o module,verdict --kernel="$vmlinuz" $told \
			--moddir="$cache/$series/modules" --no-dry-run "$work"/ko/*.ko \
			2>"$work/told" | sort >"$work/verdicts$told"
	done
	told=$(join "$work/verdicts--no-boot" "$work/verdicts" | awk '
		$2 != $3 && $2 != "undecided" { wrong++ }
		$2 == $3 { same++ }
		END { print (same > NR * 9 / 10 ? "same" : "other"), wrong + 0, NR }')
	[[ $told == "same 0 "[0-9]* ]]
	say $? "each module by the image is as by its code, or undecided ($told)"
	ln -sf "$(realpath "$kwcheck")" "$work/bin/"
	expect "$series: without QEMU, the image answers" 1 read-only \
		env PATH="$work/bin" kwcheck --kernel="$vmlinuz" apparmor_hooks
	expect "$series: and says what to install" 1 'install qemu-system-x86 .*' \
		env PATH="$work/bin" kwcheck --kernel="$vmlinuz" apparmor_hooks
	expect "$series: and that nothing was run" 0 'the image alone: nothing was run' \
		env PATH="$work/bin" kwcheck preflight --kernel="$vmlinuz" \
		--moddir="$cache/$series/modules" "$work/ko/n01_read.ko"
	expect "$series: what only a boot tells is not answered" 2 'install qemu-system-x86' \
		env PATH="$work/bin" kwcheck walk --kernel="$vmlinuz" apparmor_hooks
}

# Really loaded: one that faults, one that does not, one with modules and a modprobe to be
# asked for others, and one of another kernel.
check_trial()
{
	local tree=$cache/$series/modules asking

	try would-fault died - agrees "$work/ko/w01_direct.ko"
	try clean returned 0 agrees "$work/ko/n23_warn.ko"
	jq -e '.results[0].trial | .unload.return == -16 and (.taint | test("O"))' \
		<("$kwcheck" preflight --json --kernel="$vmlinuz" --cpu=qemu64 --trial \
			--moddir="$tree" "$work/ko/n23_warn.ko") >"$work/answer"
	say $? "a module without an exit stays, and taints the kernel"
	# -cloud has none. What it asks modprobe for on 6.12 no dry run follows to its end.
	asking=$(find "$tree" -name 'rxrpc.ko*')
	if [[ $series == 6.12* && -n $asking ]]; then
		try 'clean|undecided' returned 0 'agrees|not-compared' "$asking"
	elif [[ -n $asking ]]; then
		try clean returned 0 agrees "$asking"
	fi
	sed 's/vermagic=[0-9]/vermagic=9/' "$work/ko/n01_read.ko" >"$work/ko/other.ko"
	sed -i 's/__versions/__versiens/' "$work/ko/other.ko"
	try refused returned -8 agrees "$work/ko/other.ko"
}

# What was sealed by a switch, found by two looks, a capture, and a module that writes there.
check_diff()
{
	expect "$series: a kernel is like itself" 0 'symbols, .* are the same' \
		"$kwcheck" diff "$vmlinuz" "$vmlinuz"
	"$kwcheck" capture --small --kernel="$vmlinuz" --append=rodata=off "$work/off.zst" \
		>"$work/told"
	"$kwcheck" diff --json "$work/off.zst" "$vmlinuz" --moddir="$cache/$series/modules" \
		--against="$work/ko/w01_direct.ko" >"$work/answer"
	say $(($? & 1 ^ 1)) "a kernel with rodata=off is not like one without"
	jq -e '[.results[] | select(.kind == "symbol" and .change == "unsealed")] == [] and
		([.results[] | select(.kind == "symbol" and .change == "sealed")] | length > 1000) and
		any(.results[]; .name == "uuid_null" and .change == "sealed" and .kind == "symbol") and
		any(.results[]; .kind == "target" and .name == "uuid_null" and .a == "writable"
			and .b == "sealed") and
		any(.results[]; .kind == "module" and .a != "would-fault" and .b == "would-fault")' \
		"$work/answer" >"$work/told"
	say $? "every symbol that differs is sealed in the one only, so is what a module writes"
	rm -f "$work/off.zst"
}

# Two installed kernels, one of them broken: in a name space of mounts with a /boot of its own.
check_all()
{
	mkdir -p "$work/boot"
	cp "$vmlinuz" "$work/boot/vmlinuz-1.0-stock"
	echo broken >"$work/boot/vmlinuz-2.0-broken"
	# shellcheck disable=SC2016 # the inner shell expands
	local in_boot='mkdir -p /boot && mount --bind "$0" /boot && exec "$@"'
	local question=(unshare -m sh -c "$in_boot" "$work/boot" "$kwcheck" preflight
		--kernel=all "$work/ko/w01_direct.ko")
	expect "$series: every installed kernel" 3 '^w01_direct.ko  *would-fault  *- *$' \
		"${question[@]}"
	"${question[@]}" --json >"$work/answer" 2>/dev/null
	[[ $? == 3 && $(jq -c '.results | map([.release, .exit_status,
		.answer.results[0].verdict, .answer.errors[0].code])' "$work/answer") == \
		'[["1.0-stock",1,"would-fault",null],["2.0-broken",2,null,"file"]]' ]]
	say $? "and as JSON"
}

# The example for package managers, as they call it: /boot and /lib/modules are the test's.
check_hook()
{
	local hook=$top/doc/examples/kwcheck-new-kernel modules=$work/modules
	# shellcheck disable=SC2016 # the inner shell expands
	local in_place='mkdir -p /boot /lib/modules && mount --bind "$0/boot" /boot &&
		mount --bind "$0/modules" /lib/modules && exec "$@"'
	local call=(unshare -m sh -c "$in_place" "$work" env PATH="$work/bin:$PATH")

	mkdir -p "$modules/1.0-stock/updates/dkms" "$modules/1.1-none" "$work/bin"
	ln -sf "$(realpath "$kwcheck")" "$work/bin/kwcheck"
	cp "$work/ko/w01_direct.ko" "$modules/1.0-stock/updates/dkms/"
	expect "$series: a package's hook tells, and does not block" 0 'w01_direct.ko  would-fault' \
		"${call[@]}" "$hook" 1.0-stock /boot/vmlinuz-1.0-stock
	expect "$series: kernel-install's, too" 0 'w01_direct.ko  would-fault' \
		"${call[@]}" "$hook" add 1.0-stock /boot/entry /boot/vmlinuz-1.0-stock
	[[ -z $("${call[@]}" "$hook" remove 1.0-stock 2>&1)$("${call[@]}" "$hook" 1.1-none \
		/boot/vmlinuz-1.0-stock 2>&1) ]]
	say $? "they are silent where there is nothing to tell"
	sed 's/^KWCHECK_BLOCK=/&1/' "$hook" >"$work/bin/blocking"
	expect "$series: it blocks where it is told to" 1 'w01_direct.ko  would-fault' \
		"${call[@]}" sh "$work/bin/blocking" 1.0-stock /boot/vmlinuz-1.0-stock
}

# The examples for dkms and for CI, with the same kernel and modules.
check_examples()
{
	local examples=$top/doc/examples kernel=$work/package release=1.0-stock

	mkdir -p "$kernel/boot" "$kernel/lib/modules" "$work/built"
	ln -sf "$vmlinuz" "$kernel/boot/vmlinuz-$release"
	ln -sfn "$cache/$series/modules" "$kernel/lib/modules/$release"
	cp "$work/ko/w01_direct.ko" "$work/ko/n23_warn.ko" "$work/built/"
	# shellcheck disable=SC2016 # the inner shell expands
	local call=(unshare -m sh -c 'mount --bind "$0/boot" /boot && cd "$0/built" && exec "$@"'
		"$work" env PATH="$work/bin:$PATH")
	expect "$series: dkms' hook tells, and does not block" 0 'would-fault.*w01_direct' \
		"${call[@]}" sh "$examples/kwcheck-dkms" "$release"
	sed 's/^KWCHECK_BLOCK=/&1/' "$examples/kwcheck-dkms" >"$work/bin/blocking"
	expect "$series: it blocks where it is told to" 1 would-fault \
		"${call[@]}" sh "$work/bin/blocking" "$release"
	expect "$series: CI's table" 1 'w01_direct.ko  1.0-stock  would-fault' \
		env PATH="$work/bin:$PATH" sh "$examples/kwcheck-kernels" "$work/sarif" \
		"$kernel" -- "$work/ko/w01_direct.ko" "$work/ko/n23_warn.ko"
	[[ $(jq -r '.version, (.runs | length), .runs[0].results[0].ruleId' "$work/sarif" |
		paste -sd' ') == '2.1.0 1 would-fault/store' ]]
	say $? "and its SARIF log"
}

# as_nobody WORD...: kwcheck of a user without rights, with a home.
# shellcheck disable=SC2317 # expect calls it
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups env -u XDG_CACHE_HOME \
		HOME="$work/home" "$work/kwcheck" "$1" --kernel="$vmlinuz" "${@:2}"
}

check_nobody()
{
	install -d -o 65534 -g 65534 "$work/home"
	cp "$kwcheck" "$work/kwcheck"
	expect "$series: as an ordinary user" 1 read-only as_nobody check apparmor_hooks
	[[ -n $(find "$work/home/.cache/kwcheck/looks" -name '*.zst' -user 65534) ]]
	say $? "which keeps a look of its own"
	expect "$series: which answers of modules" 1 would-fault \
		as_nobody preflight "$work/ko/w01_direct.ko"
	expect "$series: of what is sealed" 0 ' 0 unsealed' as_nobody audit lsm
	expect "$series: and makes captures" 0 'bytes (small)' \
		as_nobody capture --small "$work/home/small.zst"
	expect "$series: without a boot, too" 1 'nothing was run' \
		as_nobody preflight --no-boot -v "$work/ko/w01_direct.ko"
}

# A QEMU that says nothing: the 60 s that it is given pass beside the other tests.
begin_hang()
{
	mkdir -p "$work/hang"
	printf '#!/bin/sh\nexec sleep 600\n' >"$work/hang/qemu-system-x86_64"
	chmod 755 "$work/hang" "$work/hang/qemu-system-x86_64"
	setsid env PATH="$work/hang:$PATH" "$kwcheck" audit lsm --kernel="$vmlinuz" \
		>"$work/hung" 2>&1 &
	hang=$!
}

end_hang()
{
	wait "$hang"
	[[ $? == 2 && -z $(pgrep -s "$hang") ]] && grep -q 'nothing was said for 60 s' "$work/hung"
	say $? "a kernel that hangs at boot is ended, and leaves no process"
}

# Where the kernel does not boot, what needs that says why; what does not is answered.
check_panic()
{
	local panics=(--kernel="$vmlinuz" --append=mem=20M)

	expect "$series: a kernel that panics, and no trial" 2 "init in QEMU: 'Kernel panic" \
		"$kwcheck" preflight --trial "${panics[@]}" "$work/ko/n23_warn.ko"
	printf '#!/bin/sh\necho "Linux version 1"\necho "Kernel panic - not syncing: x"\n' \
		>"$work/hang/qemu-system-x86_64"
	expect "$series: by its image it is answered" 1 'rests on the image alone: nothing was' \
		env PATH="$work/hang:$PATH" "$kwcheck" --kernel="$vmlinuz" apparmor_hooks
}

# check_end SIGNAL SECONDS [WORD...]: where kwcheck is ended by it after so long, nothing is left.
check_end()
{
	local child left=''
	local question=("${@:3}")

	[[ ${#question[@]} != 0 ]] || question=(check --append="t=$1-$2" a)
	env --default-signal=INT setsid "$kwcheck" "${question[0]}" --kernel="$vmlinuz" \
		"${question[@]:1}" >/dev/null 2>&1 &
	child=$!
	sleep "$2"
	kill -s "$1" "$child" 2>/dev/null || true
	wait "$child" 2>/dev/null || true
	for _ in {1..30}; do
		left=$(pgrep -s "$child" || true)
		[[ -n $left ]] || break
		sleep 0.1
	done
	[[ -z $left ]]
	say $? "no process is left after SIG$1 at $2 s${3:+ of a $3 --trial}"
	# It may have been done by then: a whole look is kept.
	[[ -z $(find "$work/cache" -type f ! -name '*.zst' ! -name '*.img' ! -name no-kvm) ]] &&
		find "$work/cache" -name '*.zst' -print0 | xargs -0 -r zstd -tq
	say $? "no file is left after SIG$1 at $2 s"
}

for series; do
	"$here/provision.sh" "$series"
	subject=$series
	mkdir -p "$work/bin"
	vmlinuz=$work/vmlinuz
	install -m 644 "$cache/$series/vmlinuz" "$vmlinuz"
	set +e
	expect "$series: a hook array is sealed" 0 read-only \
		"$kwcheck" --kernel="$vmlinuz" --expect=ro apparmor_hooks
	begin_hang
	[[ $(looks) == 1 && $(find "$work/cache" -name '*.zst' -perm 600 | wc -l) == 1 ]]
	say $? "the look is kept, for its user alone"
	begun=${EPOCHREALTIME/./}
	expect "$series: it answers again" 1 read-only \
		"$kwcheck" walk --kernel="$vmlinuz" --cpu=1 sys_call_table
	expect "$series: audit lsm" 0 '0 unsealed, 0 undecided' \
		"$kwcheck" audit lsm --only findings --kernel="$vmlinuz"
	expect "$series: text and constants are the image's" 0 '[1-9] objects sealed, 0 unsealed, 0 u' \
		"$kwcheck" audit unchanged --only findings --kernel="$vmlinuz"
	expect "$series: map" 0 text "$kwcheck" map --kernel="$vmlinuz"
	expect "$series: dmesg" 0 'Linux version' "$kwcheck" dmesg --kernel="$vmlinuz"
	[[ $(looks) == 1 ]]
	say $? "no other look is made ($(((${EPOCHREALTIME/./} - begun) / 1000)) ms for five)"
	check_corpus "$series"
	check_image
	check_trial
	check_diff
	expect "$series: the command line counts" 0 writable \
		"$kwcheck" --kernel="$vmlinuz" --append=rodata=off --expect=rw apparmor_hooks
	[[ $(looks) == 3 ]]
	say $? "another command line is another look"
	expect "$series: the memory is the user's choice" 0 'bytes (small)' \
		"$kwcheck" capture --small --kernel="$vmlinuz" --memory=128M "$work/small.zst"
	expect "$series: which answers" 0 read-only \
		"$kwcheck" --core="$work/small.zst" --expect=ro apparmor_hooks
	rm -f "$work/small.zst"
	check_all
	check_hook
	check_examples
	head -c 3000000 "$vmlinuz" >"$work/cut"
	expect "$series: a truncated image" 2 "cut: " "$kwcheck" --kernel="$work/cut" a
	check_nobody
	mkdir "$work/full"
	mount -t tmpfs -o size=2m tmpfs "$work/full"
	expect "$series: a full disk" 2 'No space left' \
		env XDG_CACHE_HOME="$work/full" "$kwcheck" --kernel="$vmlinuz" apparmor_hooks
	[[ -z $(find "$work/full" -type f ! -name no-kvm) ]]
	say $? "which has no part of a look"
	umount "$work/full"
	for signal in INT TERM KILL; do
		check_end "$signal" 0.$((RANDOM % 9 + 1))
		check_end "$signal" $((RANDOM % 8)).$((RANDOM % 10))
	done
	for signal in INT TERM; do
		check_end "$signal" $((RANDOM % 5)).$((RANDOM % 10)) preflight --trial \
			--cpu=qemu64 "$work/ko/n23_warn.ko"
	done
	check_panic
	end_hang
	set -e
	rm -rf "${work:?}"/{cache,ko,home,full,boot,modules,bin,built,package,hang}
	mkdir "$work/cache"
done
exit "$failed"
