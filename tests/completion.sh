#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# completion.sh BUILD: what bash, zsh and fish offer for the words of a command line, asked of the
# shells themselves. A shell that is not here is said so.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/..
PATH=$(realpath "$1"):$PATH
export PATH
core=$top/tests/data/captures/6.1.zst
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ln -s "$core" c.zst
ln -s "$top/tests/data/captures/kcfi-randstruct.zst" hooks.zst
touch crash.log mine.ko
failed=0

# offers_SHELL: for each line of @lines the candidates for its last word, in the file SHELL.N.
offers_bash()
{
	local i

	for i in "${!lines[@]}"; do
		# shellcheck disable=SC2016 # the inner bash expands
		bash --norc -c '
. /usr/share/bash-completion/bash_completion
. "$1/cmd/completion/kwcheck.bash"
compopt() { :; }
line=$2
read -ra COMP_WORDS <<<"${line//=/ = }"
[[ $line != *" " && $line != *= ]] || COMP_WORDS+=("")
COMP_LINE=$line COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_kwcheck kwcheck "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf "%s\n" "${COMPREPLY[@]-}"' _ "$top" "${lines[i]}" >"bash.$i" 2>&1 || true
	done
}

offers_fish()
{
	local i

	for i in "${!lines[@]}"; do
		# shellcheck disable=SC2016 # fish expands
		fish --no-config -c 'source $argv[1]/cmd/completion/kwcheck.fish; complete -C $argv[2]' \
			"$top" "${lines[i]}" 2>&1 | cut -f 1 >"fish.$i" || true
	done
}

# What compadd is given, in a shell on a terminal of its own.
offers_zsh()
{
	local i t

	cat >zsh.setup <<-EOF
		fpath=($top/cmd/completion \$fpath)
		autoload -U compinit && compinit -u -D
		LISTMAX=10000
		compadd()
		{
			local -a got
			builtin compadd -O got "\$@"
			print -rl -- \$got >>zsh.\$(<zsh.n)
			builtin compadd "\$@"
		}
	EOF
	{
		echo 'source ./zsh.setup'
		sleep 2
		for i in "${!lines[@]}"; do
			echo "$i" >zsh.n
			printf '%s\t' "${lines[i]}"
			for ((t = 0; t < 100; t++)); do
				[[ ! -s zsh.$i ]] || break
				sleep 0.1
			done
			sleep 0.2
			printf '\025'
			sleep 0.1
		done
		printf '\025exit\n'
	} | timeout 120 script -qec 'zsh -f -i' /dev/null >zsh.screen 2>&1 || true
}

# One LINE WANTED UNWANTED: words, of which the one is offered and the other is not.
lines=() wanted=() unwanted=()
expect()
{
	lines+=("$1") wanted+=("$2") unwanted+=("$3")
}

# judge SHELL
judge()
{
	local shell=$1 i offered

	for i in "${!lines[@]}"; do
		touch "$shell.$i"
		offered=$(sed -E 's/^--[a-z-]*=(.)/\1/; s/^[A-Za-z]+,//; s/ $//' "$shell.$i")
		if grep -qxFe "${wanted[i]}" <<<"$offered" &&
			{ [[ -z ${unwanted[i]} ]] || ! grep -qxFe "${unwanted[i]}" <<<"$offered"; }; then
			echo "ok $shell: '${lines[i]}' offers ${wanted[i]}"
		else
			echo "not ok $shell: '${lines[i]}' offers ${wanted[i]}${unwanted[i]:+ and not ${unwanted[i]}}: $(head -c 300 <<<"$offered" | tr '\n' ' ')"
			failed=1
		fi
	done
}

expect 'kwcheck au' audit map
expect 'kwcheck --json au' audit ''
expect 'kwcheck -v pre' preflight ''
expect 'kwcheck --core=c.zst aud' audit ''
expect 'kwcheck help pre' preflight ''
expect 'kwcheck audit ls' lsm levers
expect 'kwcheck audit lsm,c' cpu ''
expect 'kwcheck audit --core=hooks.zst --hook=bprm_creds' bprm_creds_from_file ''
expect 'kwcheck audit --o' --only= --html=
expect 'kwcheck audit --col' --color ''
expect 'kwcheck audit --output=VERDICT,OB' OBJECT ADDRESS
expect 'kwcheck preflight --output=FI' FILE GROUP
expect 'kwcheck check --output=TARGET,VER' VERDICT GROUP
expect 'kwcheck map --r' --region= --root=
expect 'kwcheck check --expect=r' ro ''
expect 'kwcheck check --symbols=' memory ''
expect 'kwcheck preflight --fail-on=wo' would-fault ''
expect 'kwcheck --core=c.zst apparmor_ho' apparmor_hooks ''
expect 'kwcheck --core=c.zst walk apparmor_ho' apparmor_hooks ''
expect 'kwcheck oops cra' crash.log ''
expect 'kwcheck capture mi' mine.ko ''
expect 'kwcheck preflight mi' mine.ko ''

for shell in bash zsh fish; do
	if ! command -v $shell >/dev/null ||
		{ [[ $shell == bash && ! -r /usr/share/bash-completion/bash_completion ]]; }; then
		echo "skipped $shell: its completion: it is not installed"
		continue
	fi
	case $shell in
	bash) offers_bash ;;
	zsh) offers_zsh ;;
	fish) offers_fish ;;
	esac
	judge $shell
done
exit $failed
