#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-loader.sh [SERIES...]: what the kernel's loader looks at before any code runs. The
# same modules are altered and signed in many ways; kwcheck says refused of those, and of
# those alone, that insmod does not load: on the stock kernels, with signatures enforced and
# locked down.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
(($#)) || set -- 5.10 6.1 6.12 7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nr_failed=0

"$here/provision.sh" "$@"
[[ -x $kwcheck ]] || make -s -C "$top" build/kwcheck

# bytes FILE OFFSET HEX...: these bytes, there.
bytes()
{
	local file=$1 at=$2
	shift 2
	printf '%b' "$(printf '\\x%s' "$@")" |
		dd of="$file" bs=1 seek="$at" conv=notrunc status=none
}

# section FILE NAME COLUMN: 1 number, 2 file offset, 3 size, of readelf's table.
section()
{
	readelf -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] *\([^ ]*\) .* 0*\([0-9a-f]*\) \([0-9a-f]\{6\}\) \([0-9a-f]\{6\}\) .*/\1 0x\4 0x\5 \2/p' |
		while read -r number offset size name; do
			[[ $name != "$2" ]] || echo "$number" $((offset)) $((size))
		done | cut -d ' ' -f "$3"
}

# entry FILE OFFSET: the first relocation of its struct module goes there: 16 bits.
entry()
{
	local at
	at=$(section "$1" .rela.gnu.linkonce.this_module 2)
	bytes "$1" "$at" "$(printf %02x $(($2 & 255)))" "$(printf %02x $(($2 >> 8)))"
}

# resize FILE MORE: its struct module's size.
resize()
{
	local number headers size
	number=$(section "$1" .gnu.linkonce.this_module 1)
	size=$(($(section "$1" .gnu.linkonce.this_module 3) + $2))
	headers=$(readelf -hW "$1" | sed -n 's/ *Start of section headers: *\([0-9]*\).*/\1/p')
	bytes "$1" $((headers + 64 * number + 32)) "$(printf %02x $((size & 255)))" \
		"$(printf %02x $((size >> 8)))"
}

# sign FILE OPTION...: as scripts/sign-file does, by a key of our own.
sign()
{
	local file=$1 size
	shift
	openssl cms -sign -binary -outform DER -md sha256 -signer "$work/key.crt" \
		-inkey "$work/key.pem" "$@" -in "$file" -out "$work/signature"
	size=$(printf %08x "$(stat -c %s "$work/signature")")
	{
		cat "$work/signature"
		printf '%b' '\0\0\2\0\0\0\0\0' \
			"\x${size:0:2}\x${size:2:2}\x${size:4:2}\x${size:6:2}"
		printf '~Module signature appended~\n'
	} >>"$file"
}

# end FILE: where the 12 bytes before the marker are.
end()
{
	echo $(($(stat -c %s "$1") - 28 - 12))
}

# unsign FILE: without its signature.
unsign()
{
	local at
	at=$(end "$1")
	head -c $((at - 0x$(dd if="$1" bs=1 skip=$((at + 8)) count=4 status=none |
		od -An -tx1 | tr -d ' ')))  "$1"
}

openssl req -new -x509 -newkey rsa:2048 -nodes -subj '/CN=A key that nobody knows' \
	-keyout "$work/key.pem" -out "$work/key.crt" 2>/dev/null

# A module without dependencies that the distribution signed.
stock()
{
	local found
	found=$(find "$cache/$1/modules/kernel/lib" -name 'crc7.ko*' -o -name 'crc64.ko*' \
		-o -name 'crc-itu-t.ko*' -o -name 'raid6_pq.ko*' -o -name 'zlib_deflate.ko*' |
		sort | head -n 1)
	case $found in
	*.xz) xz -dc "$found" ;;
	*) cat "$found" ;;
	esac
}

for series; do
	set=$work/$series
	mkdir -p "$set"
	"$here/build-module.sh" "$series" "$here/modules/loader" "$set"
	plain=$set/loader.ko
	for name in in-state in-list in-name smaller larger own-key authattrs \
		with-certificate not-pkcs7 odd-params too-long changed garbage; do
		cp "$plain" "$set/$name.ko"
	done
	entry "$set/in-state.ko" 0
	entry "$set/in-list.ko" 8
	entry "$set/in-name.ko" 24
	resize "$set/larger.ko" 64
	# Up to 6.3 it is loaded, and the kernel writes behind its end.
	resize "$set/smaller.ko" -64
	case $series in 5.10 | 6.1) rm "$set/smaller.ko" ;; esac
	sign "$set/own-key.ko" -nocerts -noattr
	sign "$set/authattrs.ko" -nocerts
	sign "$set/with-certificate.ko" -noattr
	sign "$set/changed.ko" -noattr
	bytes "$set/changed.ko" 8 01
	sign "$set/not-pkcs7.ko" -nocerts -noattr
	bytes "$set/not-pkcs7.ko" $(($(end "$set/not-pkcs7.ko") + 2)) 01
	sign "$set/odd-params.ko" -nocerts -noattr
	bytes "$set/odd-params.ko" "$(end "$set/odd-params.ko")" 06
	sign "$set/too-long.ko" -nocerts -noattr
	bytes "$set/too-long.ko" $(($(end "$set/too-long.ko") + 8)) 7f
	sign "$set/garbage.ko" -nocerts -noattr
	bytes "$set/garbage.ko" $(($(stat -c %s "$plain") + 4)) ff ff ff ff ff ff ff ff
	stock "$series" >"$set/stock.ko"
	cp "$set/stock.ko" "$set/stock-changed.ko"
	bytes "$set/stock-changed.ko" 8 01
	unsign "$set/stock.ko" >"$set/stock-unsigned.ko"
	at=$(section "$set/stock-unsigned.ko" .BTF 2)
	for name in ${at:+btf-magic btf-name btf-gap btf-type}; do
		cp "$set/stock-unsigned.ko" "$set/$name.ko"
	done
	if [[ -n $at ]]; then
		# struct btf_header has 24 bytes; the first type's name and info follow.
		bytes "$set/btf-magic.ko" "$at" 00
		bytes "$set/btf-name.ko" $((at + 24)) ff ff ff 00
		bytes "$set/btf-gap.ko" $((at + 12)) 00 00
		bytes "$set/btf-type.ko" $((at + 24)) 01 00 00 00 00 00 00 0a
	fi
	files=()
	for file in "$set"/*.ko; do
		files+=(--file "$file:/k/${file##*/}")
	done
	for mode in '' module.sig_enforce=1 lockdown=integrity; do
		"$here/boot.sh" --kernel "$series" --append "$mode" --exec "$kwcheck" \
			--file "$here/guest-loader.sh:/bin/guest-loader" "${files[@]}" \
			-- "guest-loader '$series ${mode:-as it is}' /k/*.ko" || nr_failed=1
	done
done
((nr_failed == 0))
