# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced: what the tests of failing machines ask. Expects @here, @top, @kwcheck, and @work, an
# empty folder, which becomes the working one.

: "${here:?}" "${top:?}" "${kwcheck:?}" "${work:?}"
cd "$work" || exit 1
core=$top/tests/data/captures/6.12.zst
# Unpacking it is the same for each verb, and 900 writes: three of them read it packed.
plain=$work/plain.elf
zstd -qd --sparse "$core" -o "$plain"
data=$top/tests/data
ko=$work/ko
"$here/../vm/build-module.sh" 6.12 "$here/../vm/modules/preflight/common" "$ko" >/dev/null
gzip -c "$ko/w01_direct.ko" >packed.ko.gz
printf '%s\n' apparmor_hooks modprobe_path 0xffffffff81000000 >names
"$kwcheck" audit --json --core="$plain" >baseline.json || true

# NAME, then the command. Its files are written into the folder "out".
questions=(
	"check check --json --core=$core apparmor_hooks init_task 0xffffffff81000000"
	"check-text check --core=$plain apparmor_hooks"
	"walk walk --json --core=$plain apparmor_hooks"
	"map map --json --core=$plain"
	"map-html map --core=$plain --html=out/map.html"
	"audit audit --json --core=$plain"
	"audit-text audit --core=$plain --prometheus=out/audit.prom"
	"baseline audit --core=$plain --baseline=baseline.json"
	"dump dump --json --core=$plain init_task"
	"dump-text dump --disassemble --core=$plain linux_banner"
	"diff diff --json $plain $data/captures/6.1.zst"
	"list check --core=$plain @names"
	"oops oops --json --core=$plain $data/oops/6.12-lsm.txt"
	"oops-many oops --json-lines $data/oops"
	"oops-text oops --core=$plain $data/oops/7.3-many.txt"
	"capture capture --core=$plain out/copy.zst"
	"capture-raw capture --small --json --core=$core out/copy"
	"static preflight --json --no-dry-run --core=$core $ko/w01_direct.ko packed.ko.gz"
	"sarif preflight --sarif --no-dry-run --core=$plain $ko/w01_direct.ko"
	"preflight preflight --core=$plain $ko/w01_direct.ko $ko/n10_register_ops.ko"
)
# What wants more of a kernel than is kept in the tree: MEMORY is make-memory.sh's file.
if [[ -n ${MEMORY-} ]]; then
	image=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}/6.12/vmlinuz
	"$kwcheck" capture --quiet --text --core="$MEMORY" text.elf
	questions+=(
		"dry-run preflight --json --limit=milliseconds=600000 --core=$MEMORY $ko/w01_direct.ko"
		"dmesg dmesg --core=text.elf"
		"dmesg-oops oops --json --core=text.elf"
		"unchanged audit --json --core=text.elf unchanged"
		"image audit --json --core=text.elf --image=$image unchanged"
		"text audit --core=text.elf"
		"capture-text capture --text --core=text.elf out/copy.zst"
	)
fi

# written FOLDER: what stands in "out", with a capture's answer for its bytes.
written()
{
	local file

	for file in out/*; do
		case $file in
		'out/*') ;;
		out/copy*)
			echo "$file $("$kwcheck" audit --json --core="$file" | jq "del(.kernel.time)" | sha256sum)"
			;;
		*) echo "$file $(grep -v timestamp "$file" | sha256sum)" ;;
		esac
	done >"$1/files"
}
