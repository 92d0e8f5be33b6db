# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# shellcheck disable=SC2034,SC2154 # variables of, and for, who sources this
# What the tests share that ask about the corpus of tests/vm/modules/preflight and load it in
# a guest. Sourced; wants $here, $work and $kwcheck.

# Loaded by dlopen(3).
unicorn=$(dirname "$(cc -print-file-name=libunicorn.so)")/libunicorn.so.2
sources=$here/modules/preflight

# expectation FOLDER NAME: sets verdict, function, target, when and arguments.
expectation()
{
	local line

	line=$(sed -n 's/.*preflight: //p' "$sources/$1/$2.c")
	read -r verdict function target when arguments <<<"$line"
}

# One boot can stand some dozens of oopses; the list is in the order of names.
# make_corpus SERIES FOLDER: the common part and FOLDER.
make_corpus()
{
	local series=$1 folder ko name

	mkdir -p "$work/$series"/{ko,corpus}
	for folder in common $2; do
		"$here/build-module.sh" "$series" "$sources/$folder" "$work/$series/ko"
		for ko in "$sources/$folder"/*.c; do
			name=$(basename "$ko" .c)
			expectation "$folder" "$name"
			# Its fault is with all CPUs stopped, for ever: asked about only.
			[[ $when == load-stopped ]] && continue
			cp "$work/$series/ko/$name.ko" "$work/$series/corpus/"
			echo "$name $([[ $when == unload ]] && echo 1 || echo 0) $arguments" \
				>>"$work/$series/corpus/list"
		done
	done
}

# boot_corpus SERIES [OPTION...]: asks and loads; NAME.json, .log and .insmod of each lie in
# $work/SERIES/out then.
boot_corpus()
{
	local series=$1 out=$work/$1/out name result
	shift

	"$here/boot.sh" --kernel "$series" --timeout 1200 --memory 2G --exec "$kwcheck" \
		--library "$unicorn" --file "$work/$series/corpus:/corpus" \
		--exec "$here/guest-preflight.sh" --console "$work/$series/console" "$@" \
		-- guest-preflight.sh >"$work/$series/out.tar"
	mkdir -p "$out"
	tar -x --no-same-owner -C "$out" -f "$work/$series/out.tar"
	# One answer each: what is asked below is asked dozens of times.
	jq -c '.results[] | (.file | sub(".*/"; "") | sub("\\.ko$"; "")), .' \
		"$out/answer.json" | while read -r name && read -r result; do
		printf '{"results":[%s]}\n' "$result" >"$out/${name//\"/}.json"
	done
}

# The faulting address and "function+0xoffset" of the first oops that is a write.
read_oops()
{
	address=$(sed -n 's/.*page fault for address: \([0-9a-f]*\).*/\1/p' "$1" | head -n 1)
	# A warning before it has a RIP, too.
	rip=$(sed -n '/page fault for address/,$ s/.*RIP: 0010:\([^ /]*\)\/.*/\1/p' "$1" |
		head -n 1)
	# Two names of one function, either of which the kernel may print.
	rip=${rip/#init_module+/corpus_init+}
	rip=${rip/#cleanup_module+/corpus_exit+}
}

# What insmod of busybox says of an error, as a number.
insmod_value()
{
	local said

	said=$(sed -n '/^insmod: /s/.*: //p' "$1")
	case $said in
	'') echo 0 ;;
	'invalid parameter'*) echo -22 ;;
	'unknown symbol in module, or unknown parameter') echo -2 ;;
	'invalid module format') echo -8 ;;
	'File exists') echo -17 ;;
	'No such device') echo -19 ;;
	'Operation not permitted') echo -1 ;;
	*) echo "'$said'" ;;
	esac
}
