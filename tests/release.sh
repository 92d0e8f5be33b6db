#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# release.sh RELEASE [--cc COMPILER] [--san] [--boot SERIES]
#
# Builds kwcheck in a chroot of a Debian release (tests/vm/provision.sh makes it), without a
# warning, runs the unit tests there, and asks that kwcheck what tests/answers.sh asks, dry
# runs over captured memory among it: the host's build must answer alike. With --boot the
# release's programs go into guests, too. Each build is in a folder of build/releases;
# nothing else of the tree is written.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
series=6.12 # whose memory is asked about

(($#)) || { echo "usage: release.sh RELEASE [--cc COMPILER] [--san] [--boot SERIES]" >&2; exit 64; }
release=$1 compiler=gcc san='' boot=''
shift
while (($#)); do
	case $1 in
	--cc) compiler=$2; shift 2 ;;
	--san) san=1; shift ;;
	--boot) boot=$2; shift 2 ;;
	*) echo "release.sh: no option $1" >&2; exit 64 ;;
	esac
done
name="$release $compiler${san:+ with sanitizers}"
root=$cache/$release/chroot
build=$top/build/releases/$release-$compiler${san:+-san}
inner=build${san:+/san} # the Makefile's, in the chroot
hosts=$top/build/releases/host
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"
# shellcheck disable=SC2034 # say() reads it
subject=$name

# What moves under our feet is not held against us where it cannot be had.
fetch_release()
{
	"$here/vm/provision.sh" "$release" 2>"$log" && return
	if [[ $release == sid ]]; then
		echo "skipped $name: $(tail -n 1 "$log")"
		exit
	fi
	cat "$log"
	say 1 "cannot be installed"
	exit 1
}

# Nobody fetches it anew while this runs.
hold_release()
{
	local stamp=$cache/$release/stamp fetched=''

	exec 7>>"$cache/.$release.use"
	while true; do
		fetch_release
		fetched=$(stat -c %i "$stamp") || true
		flock -s 7
		[[ $(stat -c %i "$stamp") == "$fetched" ]] && return
		flock -u 7
	done
}

lacks()
{
	grep -qx "$1" "$cache/$release/lacks"
}

# Most of them read instructions.
has_unit_tests()
{
	! lacks libzydis-dev
}

# enter COMMAND...: in the chroot, in a tree whose build/ is this release's own. It has no
# llvm-symbolizer, which clang's sanitizers would complain of.
enter()
{
	"$here/vm/enter.sh" "$root" --bind-ro "$top:/src" --bind "$build:/src/build" \
		--bind-ro "$questions:/questions" --folder /src \
		--env ASAN_OPTIONS=external_symbolizer_path= -- "$@"
}

# Objects are of the headers that were there: a release that was fetched anew starts anew.
build_all()
{
	local programs=("$inner/kwcheck")

	mkdir -p "${build%/*}"
	exec 8>"$build.lock"
	flock 8
	[[ $build/fetched -nt $cache/$release/stamp ]] || rm -rf "$build"
	mkdir -p "$build"
	touch "$build/fetched"
	! has_unit_tests || programs+=("$inner/unit")
	[[ -n $san ]] || programs+=(build/tests/deny)
	[[ -z $boot ]] || programs+=(build/tests/oracle-compare)
	if ! enter make -j"$(nproc)" SAN="$san" CC="$compiler -Werror" "${programs[@]}" \
		>"$log" 2>&1; then
		grep -m 20 -E 'error:|undefined|\*\*\*' "$log" || tail -n 20 "$log"
		say 1 "does not build"
		exit 1
	fi
}

# Sets questions: a folder as tests/answers.sh wants it.
gather_questions()
{
	local memory folder

	memory=$("$here/vm/make-memory.sh" "$series" 2>"$log") ||
		{ cat "$log"; say 1 "no memory was captured"; exit 1; }
	questions=$(mktemp -d)
	trap 'rm -rf "$log" "$questions"' EXIT
	ln "$memory"/* "$questions/" 2>/dev/null || cp "$memory"/* "$questions/"
	for folder in common static; do
		"$here/vm/build-module.sh" "$series" "$here/vm/modules/preflight/$folder" \
			"$questions/ko"
	done
	gzip -c "$questions/ko/w01_direct.ko" >"$questions/packed.ko.gz"
}

# Once for all releases, until something changes.
ask_host()
{
	local id

	make -s -C "$top" build/kwcheck
	id=$(cat "$top/build/kwcheck" "$here/answers.sh" "$questions"/*.zst "$questions"/ko/* |
		sha256sum)
	exec 9>"$hosts.lock"
	flock 9
	if [[ ! -e $hosts.id || $(<"$hosts.id") != "$id" ]]; then
		rm -rf "$hosts"
		"$here/answers.sh" "$top/build/kwcheck" "$hosts" "$questions"
		echo "$id" >"$hosts.id"
	fi
	exec 9>&-
}

# Says the first place where two answers differ.
difference()
{
	cmp "$1" "$2" 2>&1 | sed 's/.*differ: //' || true
	diff <(tr ',' '\n' <"$1" | head -c 50000000) <(tr ',' '\n' <"$2" | head -c 50000000) |
		cut -c 1-160 | head -n 6 || true
}

compare_answers()
{
	local theirs=$build/answers answer nr=0 nr_bad=0

	rm -rf "$theirs"
	enter tests/answers.sh "$inner/kwcheck" build/answers /questions
	for answer in "$hosts"/*; do
		answer=${answer##*/}
		case $answer in
		preflight-*)
			if lacks libzydis-dev; then
				say "$(grep -q 'built without Zydis' "$theirs/$answer"; echo $?)" "$answer says that there is no Zydis"
				continue
			fi
			;;&
		preflight-dry-run)
			compare_dry_runs "$hosts/$answer" "$theirs/$answer"
			continue
			;;
		oops-*)
			! lacks libzydis-dev || continue
			;;
		esac
		nr=$((nr + 1))
		cmp -s "$hosts/$answer" "$theirs/$answer" && continue
		nr_bad=$((nr_bad + 1))
		echo "$name: $answer differs: $(difference "$hosts/$answer" "$theirs/$answer")"
	done
	say $((nr_bad > 0 || nr < 16)) "$nr questions are answered as by the host's build"
	((failed)) || rm -rf "$theirs"
}

# compare_dry_runs OURS THEIRS
compare_dry_runs()
{
	local nr nr_run why

	nr=$(grep -o '"outcome":' "$1" | wc -l)
	nr_run=$(grep -oE '"outcome": *"(fault|returned)"' "$1" | wc -l)
	if lacks libunicorn-dev; then
		why=$(grep -o 'kwcheck was built without Unicorn' "$2" | wc -l)
		say $((why < nr_run)) "$why of $nr_run dry runs say that there is no Unicorn"
		return
	fi
	cmp -s "$1" "$2" || echo "$name: dry runs differ: $(difference "$1" "$2")"
	say $(($(cmp -s "$1" "$2"; echo $?) || nr_run < 50)) \
		"$nr modules over captured memory, $nr_run dry runs to an end, as by the host's build"
}

# The VM tests' programs, as this release builds them, on a real kernel.
boot_guests()
{
	local tests=(test-check.sh) test

	lacks libunicorn-dev || tests+=("test-preflight.sh $boot")
	export VM_BUILD=$build VM_ROOT=$root
	for test in "${tests[@]}"; do
		# shellcheck disable=SC2086 # several words
		"$here/vm/"$test 2>&1 | sed -E "s/^(not )?ok /&$name in a guest: /" || failed=1
	done
}

hold_release
gather_questions
build_all
if has_unit_tests; then
	enter tests/unit.sh "$inner" || failed=1
else
	echo "skipped $name: unit tests need libzydis-dev, which the release lacks"
fi
# A sanitizer's own calls are none of kwcheck's.
if [[ -z $san ]] && ! lacks libunicorn-dev; then
	enter tests/hosts/test-hosts.sh "$inner" /questions |
		sed -E "s/^(not )?ok /&$name: /" || failed=1
fi
ask_host
compare_answers
[[ -z $boot ]] || boot_guests
exit $failed
