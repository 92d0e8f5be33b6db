#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deps.sh [--list] WHAT...
#
# Installs Debian packages that are missing: build (the tool), test (unit tests), shells (completion),
# docs (schema and pages), faults, lint, valgrind, dist (the tarball's test), browser (the HTML
# map's test), fuzz (libFuzzer).
# Quick and silent where all are there. Where there is no apt nothing is installed: what is
# needed README.md lists by other names. It runs in a plain chroot, too, where nothing is mounted,
# /proc and /dev/fd among it. What VM tests need, tests/vm/provision.sh installs.
# --list names all of the sets and installs nothing.

set -euo pipefail

declare -A packages=(
	[build]='gcc make pkg-config libc6-dev libelf-dev libdw-dev libkmod-dev libzydis-dev libjansson-dev libsmartcols-dev libcap-ng-dev nettle-dev libssl-dev zlib1g-dev liblzma-dev libzstd-dev libunicorn-dev libkdumpfile-dev libsnappy-dev'
	[test]='bsdutils libcriterion-dev libbpf-dev libseccomp-dev cpio kmod gzip xz-utils zstd'
	[shells]='bash-completion fish zsh bsdutils'
	[docs]='python3 python3-jsonschema'
	[faults]='jq procps util-linux bsdutils'
	[valgrind]='valgrind diffutils'
	[lint]='clang clang-format cppcheck shellcheck mandoc'
	[dist]='git faketime'
	[monitoring]='curl jq python3 systemd util-linux'
	[fleet]='slurm-wlm munge jq procps python3'
	[fuzz]='clang libclang-rt-dev xxd'
	[sarif]='npm python3 python3-jsonschema'
	[packages]='mmdebstrap git'
	[browser]='chromium chromium-driver curl jq'
)

missing()
{
	local package

	for package in "$@"; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			echo "$package"
	done
}

list_only=''
if [[ ${1-} == --list ]]; then
	list_only=1
	shift
fi
wanted=()
if [[ -z $list_only ]] && ! type apt-get dpkg-query >/dev/null 2>&1; then
	echo "deps.sh: no apt-get here, so nothing is installed; README.md ('What it needs') lists the packages" >&2
	exit 0
fi
for what in "$@"; do
	read -ra list <<<"${packages[$what]:?deps.sh: no such set: $what}"
	[[ -z $list_only ]] || { echo "${list[*]}"; continue; }
	read -r -d '' -a list <<<"$(missing "${list[@]}")" || true
	wanted+=("${list[@]}")
done
((${#wanted[@]})) || exit 0

if ((EUID != 0)); then
	echo "deps.sh: as root: apt-get install ${wanted[*]}" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing ${wanted[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -qq update && apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends \
	"${wanted[@]}"; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "deps.sh: apt-get cannot install ${wanted[*]}" >&2
	exit 1
fi
