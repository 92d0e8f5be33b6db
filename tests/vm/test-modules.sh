#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-modules.sh [--count N] [--seed TEXT] [--load] [--dkms] [--trial] [SERIES...]: modules of net, fs,
# crypto, block, lib and of the drivers of disks, USB and input; with --dkms those of Debian's
# -dkms packages. kwcheck says over a capture of
# a stock kernel's memory what their init returns; what cannot be said is listed by reason, and
# is one in a hundred at most. None of them faults. With --load the real modprobe then loads
# each in a guest of that kernel that has the whole tree, and must get what was said. With
# --trial it is kwcheck that boots the kernel and loads each, in a machine of its own: no trial
# disagrees with what was said over the look at that kernel.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
kwcheck=${KWCHECK:-$top/build/kwcheck}
work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
[[ -n ${KEEP:-} ]] || trap 'rm -rf "$work"' EXIT
folders=(net fs crypto block lib drivers/{block,md,usb,hid,input})

count=40 seed=kwcheck is_loading='' is_dkms='' is_trial=''
while (($#)); do
	case $1 in
	--count) count=$2; shift 2 ;;
	--seed) seed=$2; shift 2 ;;
	--load) is_loading=1; shift ;;
	--dkms) is_dkms=1; shift ;;
	--trial) is_trial=1; shift ;;
	*) break ;;
	esac
done
(($#)) || set -- 6.1 6.12 7

# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"
# The tree of the stock kernel and what dkms(8) would put beside it.
add_dkms()
{
	local built root=$work/$series/root

	built=$("$here/make-dkms.sh" "$series")
	rm -rf "$root"
	mkdir -p "$root/lib/modules/$release/updates/dkms"
	cp -al "$modules/." "$root/lib/modules/$release/"
	modules=$root/lib/modules/$release
	cp "$built"/*/*.ko "$modules/updates/dkms/"
	rm -f "$modules"/modules.*.bin "$modules"/modules.{dep,alias,symbols,softdep,devname}
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$root" "$release"
}

# Paths below the tree.
choose()
{
	local folder

	if [[ -n $is_dkms ]]; then
		(cd "$modules" && find updates/dkms -name '*.ko') | LC_ALL=C sort |
			shuf -n "$count" --random-source=<(yes "$seed")
		return
	fi
	for folder in "${folders[@]}"; do
		[[ ! -d $modules/kernel/$folder ]] || (cd "$modules" && find "kernel/$folder" -name '*.ko*')
	done | LC_ALL=C sort | shuf -n "$count" --random-source=<(yes "$seed")
}

# "NAME OUTCOME VALUE REASON" of each.
predict()
{
	memory=$("$here/make-memory.sh" "$series")
	(cd "$modules" && xargs "$kwcheck" preflight --json \
		--core="$memory/memory.zst" <"$work/$series/chosen") \
		>"$work/$series/answer.json" || true
	jq -r '.results[] | [(.file | sub(".*/"; "") | sub("\\.ko.*"; "") | gsub("-"; "_")),
		.dry_run.outcome, .dry_run.return // 0,
		(.dry_run.reason_code // "") + ": " + .dry_run.reason] | @tsv' \
		"$work/$series/answer.json" >"$work/$series/said"
}

# is_undecided SAID: more than one per cent, and one.
is_undecided()
{
	local nr nr_not

	nr=$(wc -l <"$1")
	nr_not=$(awk -F '\t' '$2 != "returned" && $2 != "fault"' "$1" | wc -l)
	((nr_not * 100 > nr + 99))
}

sum_up()
{
	local said=$1 nr nr_undecided

	nr=$(wc -l <"$said")
	awk -F '\t' '$2 != "returned" && $2 != "fault" { print $1, $4 }' "$said" >"$said.not"
	nr_undecided=$(wc -l <"$said.not")
	cut -d ' ' -f 2- "$said.not" | sed 's/0x[0-9a-f]*/ADDRESS/g' | sort | uniq -c | sort -rn |
		sed 's/^/undecided: /'
	say $((nr < count * 9 / 10 && nr < $(wc -l <"$work/$series/chosen"))) "$nr modules were looked at"
	[[ -n $is_dkms ]] ||
		say "$(grep -c $'\tfault\t' "$said" || true)" "none would fault"
	say "$(is_undecided "$said" && echo 1 || echo 0)" "$nr_undecided of $nr undecided"
}

# Modules whose init never comes back, whatever kwcheck says.
endless='^(rcutorture|rcuscale|refscale|scftorture|torture|locktorture|test_lockup)$'

# By --kernel, with a boot for each. No dry run knows a better CPU's pclmulqdq.
try_all()
{
	(cd "$modules" && xargs "$kwcheck" preflight --json --trial \
		--kernel="$cache/$series/vmlinuz" --cpu=qemu64 --moddir="$modules" <"$work/$series/chosen") >"$work/$series/trials.json" || true
	jq -r '.results[] | [.module, .verdict, .dry_run.outcome, .dry_run.return,
		.trial.outcome, .trial.return, .trial.agreement, .trial.reason] |
		map(. // "-") | @tsv' "$work/$series/trials.json" >"$work/$series/tried"
	awk -F '\t' '$7 != "agrees"' "$work/$series/tried"
	awk -F '\t' '{ nr[$7]++ } END { exit !NR || nr["disagrees"] || nr["agrees"] < NR * 2 / 3 }' \
		"$work/$series/tried"
	say $? "trials: $(cut -f 7 "$work/$series/tried" | sort | uniq -c | xargs)"
}

# Its guest is one more boot of what the capture was made of.
load()
{
	local tree=/lib/modules/$release

	cut -f 1 "$work/$series/said" | grep -vE "$endless" >"$work/$series/list"
	"$here/boot.sh" --kernel "$series" --memory 3G --timeout 5400 \
		--exec "$(command -v kmod || echo /usr/bin/kmod)" \
		--file "$modules:$tree" --file "$work/$series/list:/list" \
		--exec "$here/guest-load-all.sh" --console "$work/$series/console" \
		--out "$work/$series/out" -- "guest-load-all.sh /list"
}

# What modprobe prints of an errno, against the number that was said: what init returned, or
# that of a module that it needs.
compare()
{
	perl -e '
	my ($said, $really) = @ARGV;
	my (%really, $nr, $nr_wrong);
	open(my $in, "<", $really) or die "$really: $!";
	while (<$in>) { chomp; my ($name, $what) = split(/ /, $_, 2); $really{$name} = $what; }
	open($in, "<", $said) or die "$said: $!";
	while (<$in>) {
		chomp;
		my ($name, $outcome, $value) = split(/\t/);
		my $what = $really{$name};
		next if !defined($what) || $what eq "loaded";
		next if $outcome ne "returned" && $outcome ne "fault";
		$! = -$value if $value < 0;
		my $words = $value < 0 ? "$!" : "0";
		$nr++;
		next if $outcome eq "fault" && $what eq "died";
		next if $outcome eq "returned" &&
			($value < 0 ? $what =~ /: \Q$words\E$/ : $what eq "0");
		$nr_wrong++;
		print "WRONG $name: $outcome $value, really $what\n";
	}
	printf("%d as modprobe had it, %d not\n", $nr - $nr_wrong, $nr_wrong);
	exit(!$nr || $nr_wrong > 0);
	' "$work/$series/said" "$work/$series/out/really" >"$work/$series/compared" && status=0 ||
		status=1
	grep WRONG "$work/$series/compared" || true
	say "$status" "$(tail -n 1 "$work/$series/compared")"
}

make -s -C "$top" build/kwcheck
for series; do
	# shellcheck disable=SC2034 # say() reads it
	subject=$series
	"$here/provision.sh" "$series"
	modules=$cache/$series/modules
	release=$(<"$cache/$series/release")
	mkdir -p "$work/$series"
	[[ -z $is_dkms ]] || add_dkms
	choose >"$work/$series/chosen"
	if [[ -n $is_trial ]]; then
		try_all
		continue
	fi
	predict
	# The kernel went on while it was captured: its lists may not fit together in one
	# capture, and do in the next.
	for try in 2 3; do
		is_undecided "$work/$series/said" || break
		echo "# $series: capture $try"
		rm -r "$memory"
		predict
	done
	sum_up "$work/$series/said"
	[[ -z $is_loading ]] || { load; compare; }
done
exit $failed
