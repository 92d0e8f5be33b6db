# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# To be sourced: fetches packages of any Debian release and unpacks them. apt works on a
# state, lists and sources of its own, so the host's release and its apt do not matter; the
# mirror is the one in the host's own sources. The caller has die().

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# What a release needs to run a compiler and a script.
readonly -a base_packages=(gcc make libc6-dev base-files bash dash coreutils diffutils
	findutils gawk grep sed perl-base)

# Runs a command that has nothing to say unless it fails.
quietly()
{
	local log
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

# Prints the host's mirror of the archive and that of the security archive.
mirrors()
{
	local uri suite main='' security=''

	# shellcheck disable=SC2016 # apt's own variables
	while read -r uri suite; do
		case $suite in
		*-security) security=${security:-$uri} ;;
		*-*) ;;
		*) main=${main:-$uri} ;;
		esac
	done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | awk '$3 == "main" && $1 ~ /debian/ { print $1, $2 }')
	[[ -n $main ]] || return 1
	main=${main%/}
	security=${security:-${main%/debian}/debian-security}
	echo "$main" "${security%/}"
}

# write_sources FILE SUITE BACKPORTS
write_sources()
{
	local main security pair

	pair=$(mirrors) || die "the host's apt sources name no Debian mirror"
	read -r main security <<<"$pair"
	{
		echo "deb [signed-by=$keyring] $main $2 main"
		[[ $2 == sid ]] || echo "deb [signed-by=$keyring] $security $2-security main"
		[[ -z $3 ]] || echo "deb [signed-by=$keyring] $main $3 main"
	} >"$1"
}

# Without the error mode, lists that cannot be had are no error to apt-get.
apt_update()
{
	quietly apt-get "${apt_options[@]}" -o APT::Update::Error-Mode=any update
}

# A release that has left security support may have no such suite any more, or its lists
# without the packages.
apt_forgo_security()
{
	grep -q -- '-security ' "$apt_sources" || return
	echo "${0##*/}: $(awk '{ print $4; exit }' "$apt_sources"): trying without security updates" >&2
	sed -i '/-security /d' "$apt_sources"
	apt_update
}

# apt_open FOLDER SUITE [BACKPORTS]: reads the lists of a release into FOLDER and sets
# apt_options, with which apt-get and apt-cache work there.
apt_open()
{
	local apt=$1 suite=$2 backports=${3-}

	apt_sources=$apt/sources.list
	apt_options=(-qq
		-o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status"
		-o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt_sources"
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
		-o Dir::Etc::preferencesparts=/dev/null
		-o APT::Architecture=amd64 -o APT::Architectures=amd64
		-o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Languages=none)
	# Naming a release puts it before its own security updates: only where need be.
	[[ -z $backports ]] || apt_options+=(-t "$backports")
	# Mirrors that stand still hold lists whose date has passed.
	[[ $suite != sid ]] || apt_options+=(-o Acquire::Check-Valid-Until=false)

	mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial
	touch "$apt/status"
	write_sources "$apt_sources" "$suite" "$backports"
	apt_update 2>/dev/null || apt_forgo_security || apt_update
}

# apt_download PACKAGE...: with what they depend on, into the folder's cache/archives.
apt_download()
{
	local fetch=(apt-get "${apt_options[@]}" -y --no-install-recommends install
		--download-only "$@")

	quietly "${fetch[@]}" 2>/dev/null && return
	# Of no package may two versions be there.
	! apt_forgo_security || rm -f "${apt_sources%/*}"/cache/archives/*.deb
	quietly "${fetch[@]}"
}

# apt_has PACKAGE
apt_has()
{
	[[ -n $(apt-cache "${apt_options[@]}" show --no-all-versions "$1" 2>/dev/null) ]]
}

# unpack DEB ROOT
unpack()
{
	dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2" \
		--exclude='./usr/share/doc' --exclude='./usr/share/man' \
		--exclude='./usr/share/locale' --exclude='./usr/share/info'
}

# make_root ROOT: folders for packages to be unpacked into.
make_root()
{
	local dir

	mkdir -p "$1"/{usr/{bin,sbin,lib,lib64},proc,dev,tmp,build}
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "$1/$dir"
	done
}

# finish_root ROOT: what the maintainer scripts, which never run, would have made.
finish_root()
{
	[[ -e $1/usr/bin/sh ]] || ln -s dash "$1/usr/bin/sh"
	[[ -e $1/usr/bin/awk ]] || ln -s gawk "$1/usr/bin/awk"
	[[ -e $1/usr/bin/cc ]] || ln -s gcc "$1/usr/bin/cc"
	[[ -e $1/etc/shadow ]] || install -m 600 /dev/null "$1/etc/shadow"
	[[ -e $1/etc/passwd ]] || printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' \
		'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' >"$1/etc/passwd"
}
