#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peers.sh [SERIES]: kwcheck, crash and drgn (trixie's packages) asked the same questions of
# one dump, in one run: kdump's, compressed, of a guest of that series (default 6.1) that
# was told to crash. crash and drgn are given the kernel's debuginfo, of Debian's -dbg
# package, which they cannot do without. All of it is fetched into the cache, some 1 GB.
#
# Of each question and program: the best of RUNS (default 3) runs in seconds, CPU seconds and
# peak memory, the ratio of CPU seconds to kwcheck's, and what was not answered. DUMP=FILE
# is asked instead, a dump of that very kernel.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
vm=$here/../vm
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
series=${1:-6.1}
runs=${RUNS:-3}
debug=$cache/$series-debug
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Where it is in the debuggers' root.
inside=/build

make_dump()
{
	local -a crc=()

	if [[ -n ${DUMP-} ]]; then
		cp "$DUMP" "$work/dump"
		return
	fi
	# ext4 wants it where it is a module.
	! grep -q crc32c_generic "$debug/modules/modules.dep" ||
		crc=(--distro-module crc32c_generic)
	truncate -s 2G "$work/disk"
	mkfs.ext4 -q -F "$work/disk"
	"$vm/boot.sh" --kernel "$series-debug" --memory 640M --timeout 560 \
		--append 'crashkernel=256M' --disk "$work/disk" --distro-module virtio_blk \
		--distro-module ext4 "${crc[@]}" --exec /usr/sbin/kexec --exec /usr/bin/makedumpfile \
		--file "$debug/vmlinuz:/crash/vmlinuz" \
		--file "$vm/guest-dumps.sh:/bin/guest-dumps" -- guest-dumps live one
	debugfs -R "dump /dump $work/dump" "$work/disk" 2>/dev/null
	rm "$work/disk"
	[[ -s $work/dump ]]
}

# A question is a file of each program's commands.
make_questions()
{
	local address

	address=$({ "$top/build/kwcheck" --core="$work/dump" apparmor_hooks || true; } |
		sed -n '1s/^apparmor_hooks *\([0-9a-f]*\).*/\1/p')
	# crash's vtop takes no name.
	printf '%s\n' 'sym apparmor_hooks' "vtop $address" quit >"$work/symbol.crash"
	printf '%s\n' mod quit >"$work/modules.crash"
	cat >"$work/symbol.py" <<-'END'
		from drgn.helpers.linux.mm import follow_phys
		symbol = prog.symbol("apparmor_hooks")
		frame = follow_phys(prog["init_mm"].address_of_(), symbol.address)
		print(hex(symbol.address), symbol.size, hex(frame.value_()))
	END
	cat >"$work/modules.py" <<-'END'
		from drgn.helpers.linux.module import for_each_module
		for module in for_each_module(prog):
		    print(hex(module.value_()), module.name.string_().decode())
	END
}

in_root()
{
	"$vm/enter.sh" "$cache/debuggers/chroot" --bind "$work:$inside" \
		--bind-ro "$debug:/srv" --folder "$inside" --env HOME="$inside" -- "$@"
}

# ask PROGRAM QUESTION: sets $command, empty where the program has none for it.
ask()
{
	command=()
	case $1 in
	kwcheck)
		command=("$top/build/kwcheck" --core="$work/dump")
		case $2 in
		symbol) command+=(apparmor_hooks) ;;
		modules) command+=(audit modules) ;;
		*) command+=("$2") ;;
		esac ;;
	crash)
		[[ ! -e $work/$2.crash ]] ||
			command=(crash -s -i "$2.crash" /srv/vmlinux dump) ;;
	drgn)
		[[ ! -e $work/$2.py ]] ||
			command=(drgn -q -c dump -s /srv/vmlinux "$2.py") ;;
	esac
}

run()
{
	if [[ ${command[0]} == */kwcheck ]]; then
		"$@" "${command[@]}"
	else
		in_root "$@" "${command[@]}" </dev/null
	fi
}

# What an answer has to hold: the symbol's frame, or this module.
is_answered()
{
	local wants='^fff.*(r--|r-x|rw-)'

	case $1 in
	symbol) wants='apparmor_hooks|0x[0-9a-f]+ [0-9]+ 0x' ;;
	modules) wants='ext4' ;;
	esac
	{ run 2>/dev/null || true; } | grep -qE "$wants"
}

# How the answer falls short.
shortcoming()
{
	case $1-$2 in
	crash-symbol) echo "the last entry's flags; whether a write faults is left to the reader" ;;
	drgn-symbol) echo "the frame; no rights" ;;
	crash-modules) echo "names and sizes; not whether each is sealed" ;;
	drgn-modules) echo "names; not whether each is sealed" ;;
	*) echo ;;
	esac
}

# best COLUMN: the least of that column of cost's lines.
best()
{
	cut -d ' ' -f "$1" "$work/lines" | sort -g | head -n 1
}

row()
{
	local program=$1 question=$2 own cpu

	ask "$program" "$question"
	if ((${#command[@]} == 0)); then
		printf '%-9s %-8s %8s %8s %9s %7s  %s\n' "$question" "$program" - - - - \
			"not answered: no command prints the kernel's map"
		return
	fi
	if ! is_answered "$question"; then
		printf '%-9s %-8s %8s %8s %9s %7s  %s\n' "$question" "$program" - - - - \
			"not answered: $({ run 2>&1 || true; } | tail -n 1)"
		return
	fi
	: >"$work/lines"
	for ((i = 0; i < runs; i++)); do
		if [[ $program == kwcheck ]]; then
			run "$work/cost" || true
		else
			run "$inside/cost" || true
		fi 2>/dev/null | tail -n 1 >>"$work/lines"
	done
	cpu=$(best 2)
	[[ $program != kwcheck ]] || kwcheck_cpu=$cpu
	own=$(awk -v a="$cpu" -v b="$kwcheck_cpu" 'BEGIN { printf "%.0f", a / (b > 0 ? b : 0.001) }')
	printf '%-9s %-8s %8s %8s %9s %7s  %s\n' "$question" "$program" "$(best 1)" "$cpu" \
		"$(($(best 3) / 1024))" "$own" "$(shortcoming "$program" "$question")"
}

for tool in /usr/sbin/kexec:kexec-tools /usr/bin/makedumpfile:makedumpfile \
	/usr/sbin/mkfs.ext4:e2fsprogs; do
	[[ -x ${tool%:*} ]] || DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
		--no-install-recommends "${tool#*:}" >/dev/null
done
"$vm/provision.sh" "$series-debug" debuggers
mkdir -p "$cache/debuggers/chroot/srv"
make -s -C "$top" build/kwcheck build/tests/cost
cp "$top/build/tests/cost" "$work/"
make_dump
make_questions
echo "== $(date -u +%F), kernel $(<"$debug/release"), a dump of $(($(stat -c %s "$work/dump") >> 20))" \
	"MiB, $("$top/build/kwcheck" --version | head -n 1)," \
	"$(in_root crash --version 2>/dev/null | sed -n 's/^crash \([0-9]\)/crash \1/p' | head -n 1)," \
	"$(in_root drgn --version 2>/dev/null | sed -n '1s/ (.*//p')"
printf '%-9s %-8s %8s %8s %9s %7s  %s\n' question program seconds CPU "peak MiB" ratio \
	"what is missing"
for question in symbol map modules; do
	for program in kwcheck crash drgn; do
		row "$program" "$question"
	done
done
echo "debuginfo for crash and drgn: $(($(stat -c %s "$debug/vmlinux") >> 20)) MiB; kwcheck has none"
