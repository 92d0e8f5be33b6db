# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for kwcheck(8). Verbs, options and their words come from 'kwcheck help', so
# that there is nothing to keep in step.

# Options of a verb and those of every verb, a line each: --name, --name= or --name[=word|word].
_kwcheck_options()
{
	{
		[[ -z $1 ]] || kwcheck help "$1"
		kwcheck help
	} 2>/dev/null |
		sed -nE 's/^  (-[A-Za-z],|   ) (--[a-z-]+)(\[?=[^] ]*)?\]? .*/\2\3/p'
}

# The words that a part of a verb's help explains.
_kwcheck_section()
{
	# shellcheck disable=SC2086 # no verb is no word
	kwcheck help ${2-} 2>/dev/null | sed -n "/^$1/,/^\$/s/^  \([a-z-]*\) .*/\1/p"
}

# The columns of a verb's table, which a wrong one makes it list. Some verbs want an operand first.
_kwcheck_columns()
{
	local operand=''

	[[ $1 == audit || $1 == map ]] || operand=x
	kwcheck "${1:-check}" --output=, $operand 2>&1 | sed -n 's/.*; there are //; s/, / /gp'
}

# Names of a core's or the kernel's security hooks.
_kwcheck_hooks()
{
	kwcheck audit lsm --json ${1:+"--core=$1"} 2>/dev/null |
		grep -o '"hook":"[a-z0-9_]*"' | cut -d '"' -f 4 | sort -u
}

_kwcheck_verbs()
{
	_kwcheck_section Verbs
}

# Names from the kernel or the core that is asked. All of a kernel's for two letters would be
# slow and useless.
_kwcheck_symbols()
{
	local core=$1 word=$2

	[ "${#word}" -ge 3 ] &&
		kwcheck ${core:+"--core=$core"} --list "$word*" -n -o NAME 2>/dev/null
}

_kwcheck()
{
	# shellcheck disable=SC2034 # _init_completion -s sets split
	local cur prev words cword split verb='' core='' word i option values

	_init_completion -s -n : || return
	for ((i = 1; i < cword; i++)); do
		word=${words[i]}
		case $word in
		--core=*) core=${word#--core=} ;;
		--core) core=${words[i + 1]-} && i=$((i + 1)) ;;
		-*) ;;
		*)
			[[ -z $verb ]] || continue
			verb=check
			[[ " $(_kwcheck_verbs | tr '\n' ' ') help " != *" $word "* ]] || verb=$word
			;;
		esac
	done
	if [[ $verb == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_verbs)" -- "$cur")
		return
	fi
	if [[ $prev == -S ]]; then
		prev=--set-version
	elif [[ $prev == -o ]]; then
		prev=--output
	elif [[ $prev == -m ]]; then
		prev=--moddir
	fi
	# _init_completion -s takes --name=value for two words.
	option=''
	[[ $prev != --* ]] || option=$(_kwcheck_options "$verb" | grep -m 1 -E -- "^$prev(\[?=|\$)")
	if [[ $option == *=* ]]; then
		values=${option#*=}
		case $values in
		*'|'*) mapfile -t COMPREPLY < <(compgen -W "${values//|/ }" -- "$cur") ;;
		findings) COMPREPLY=(findings) ;;
		COLUMN*)
			mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_columns "$verb")" \
				-P "${cur%"${cur##*,}"}" -- "${cur##*,}")
			;;
		FILE) _filedir ;;
		DIR) _filedir -d ;;
		KERNEL)
			_filedir
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W \
				"$(ls /lib/modules 2>/dev/null)" -- "$cur")
			;;
		VERDICT*)
			mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_section Verdicts preflight)" \
				-P "${cur%"${cur##*,}"}" -- "${cur##*,}")
			;;
		HOOK) mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_hooks "$core")" -- "$cur") ;;
		RELEASE) mapfile -t COMPREPLY < <(compgen -W "$(ls /lib/modules 2>/dev/null)" -- "$cur") ;;
		esac
		return
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_options "$verb" |
			sed -E 's/\[.*//; s/=.*/=/')" -- "$cur")
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
		return
	fi
	if [[ $cur == @* ]]; then
		mapfile -t COMPREPLY < <(compgen -P @ -f -- "${cur#@}")
		return
	fi
	case $verb in
	'') mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_verbs) help version" -- "$cur") ;;
	oops | capture) _filedir && return ;;
	audit)
		mapfile -t COMPREPLY < <(compgen -W "$(_kwcheck_section Groups audit)" \
			-P "${cur%"${cur##*,}"}" -- "${cur##*,}")
		return
		;;
	preflight)
		_filedir '@(ko|ko.gz|ko.xz|ko.zst)'
		return
		;;
	map | dmesg) return ;;
	esac
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(_kwcheck_symbols "$core" "$cur")
	__ltrim_colon_completions "$cur"
}

complete -F _kwcheck kwcheck
