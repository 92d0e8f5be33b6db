#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dkms.sh: Debian's dkms with doc/examples/kwcheck-dkms in place, on a machine with two
# kernels and their headers: 6.1 and 6.1-cloud. What it builds and installs gets the right
# sentence: a module that will load, one that was built for the other kernel, and one that
# would write to sealed memory.
#
# dkms runs here, in a name space with folders of its own in the place of /boot, /lib/modules,
# /usr/src, /etc/dkms and /var/lib/dkms; make and the compiler are those of the kernels' release.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$here/../..
kwcheck=${KWCHECK:-$top/build/kwcheck}
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
stock=6.1 other=6.1-cloud

die()
{
	echo "dkms.sh: $*" >&2
	exit 1
}

# shellcheck source=tests/vm/apt.sh
. "$here/apt.sh"
# shellcheck source=tests/vm/guest-lib.sh
. "$here/guest-lib.sh"

# In the name space: unfolds the folders that $work has.
if [[ -n ${KWCHECK_DKMS_WORK-} ]]; then
	work=$KWCHECK_DKMS_WORK
	mount -t tmpfs tmpfs /lib/modules
	for series in "$stock" "$other"; do
		release=$(<"$cache/$series/release")
		mkdir -p "/lib/modules/$release" "$work/upper/$series" "$work/inner/$series"
		# What dkms adds to the tree is not the cache's.
		mount -t overlay overlay -o "lowerdir=$cache/$series/modules,upperdir=$work/upper/$series,workdir=$work/inner/$series" \
			"/lib/modules/$release"
		rm -f "/lib/modules/$release"/{build,source}
		ln -s "/usr/src/linux-headers-$release" "/lib/modules/$release/build"
	done
	for folder in boot usr/src etc/dkms var/lib/dkms usr/lib/dkms; do
		mkdir -p "/$folder"
		mount --bind "$work/$folder" "/$folder"
	done
	exec "$@"
fi

((EUID == 0)) || die "must be root, for chroot"
make -s -C "$top" build/kwcheck
"$here/provision.sh" "$stock" "$other"
work=$(mktemp -d /var/tmp/kwcheck-dkms.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{boot,usr/src,etc/dkms,var/lib/dkms,usr/lib/dkms,bin,unpacked}
chroot=$(readlink -f "$cache/$stock/chroot")
release=$(<"$cache/$stock/release") cloud=$(<"$cache/$other/release")

# The package with the hook, and one that is built by it.
apt_open "$work/apt" trixie || die "cannot read the package lists"
(cd "$work" && quietly apt-get "${apt_options[@]}" download dkms v4l2loopback-dkms)
dpkg-deb -x "$work"/dkms_*.deb "$work/unpacked"
dpkg-deb -x "$work"/v4l2loopback-dkms_*.deb "$work"
cp -a "$work/unpacked/etc/dkms/." "$work/etc/dkms/"
cp -a "$work/unpacked/usr/lib/dkms/." "$work/usr/lib/dkms/"
install "$work/unpacked/usr/sbin/dkms" "$work/bin/"

for series in "$stock" "$other"; do
	cp "$cache/$series/vmlinuz" "$work/boot/vmlinuz-$(<"$cache/$series/release")"
	cp "$cache/$series/config" "$work/boot/config-$(<"$cache/$series/release")"
	cp -a "$cache/$series/chroot/usr/src/"linux-{headers,kbuild}-* "$work/usr/src/"
done

# add_package NAME SOURCE KERNEL: a package of one module of the corpus; KERNEL is what its
# dkms.conf builds for, which ought to be the one that dkms says.
add_package()
{
	local folder=$work/usr/src/$1-1.0

	mkdir "$folder"
	cp "$here/modules/preflight/common/"{corpus.h,"$2.c"} "$folder/"
	mv "$folder/$2.c" "$folder/$1.c"
	echo "obj-m := $1.o" >"$folder/Makefile"
	cat >"$folder/dkms.conf" <<-CONF
		PACKAGE_NAME=$1
		PACKAGE_VERSION=1.0
		BUILT_MODULE_NAME[0]=$1
		DEST_MODULE_LOCATION[0]=/updates/dkms
		MAKE[0]="make -C /lib/modules/$3/build M=\$dkms_tree/$1/1.0/build modules"
		AUTOINSTALL=yes
	CONF
}
# shellcheck disable=SC2016 # dkms' own variable
add_package kwfaults w01_direct '$kernelver'
# shellcheck disable=SC2016
add_package kwreads n01_read '$kernelver'
add_package kwother n01_read "$release"

# Compilers of that release, on the folders of this name space.
cat >"$work/bin/make" <<MAKE
#!/bin/bash
exec unshare --mount bash -c 'for folder in usr/src lib/modules var/lib/dkms dev proc tmp; do
	mkdir -p "\$0/\$folder" && mount --rbind "/\$folder" "\$0/\$folder"; done
	exec chroot "\$0" env -C "\$PWD" make "\$@"' $chroot "\$@"
MAKE
chmod 755 "$work/bin/make"

# The hook, as its head says.
ln -s "$(realpath "$kwcheck")" "$work/bin/kwcheck"
install "$top/doc/examples/kwcheck-dkms" "$work/bin/"
mkdir -p "$work/etc/dkms/framework.conf.d"
# shellcheck disable=SC2016 # dkms' own variable
echo "post_transaction=\"$work/bin/kwcheck-dkms "'$kernelver /lib/modules/$kernelver/updates/dkms"' \
	>"$work/etc/dkms/framework.conf.d/kwcheck.conf"

# dkms_here WORD...
dkms_here()
{
	env KWCHECK_DKMS_WORK="$work" KWCHECK_CACHE="$cache" XDG_CACHE_HOME="$work/looks" \
		PATH="$work/bin:$PATH" unshare --mount --propagation private \
		"$here/dkms.sh" dkms "$@"
}

# is_told NAME PATTERN: in what dkms printed last.
is_told()
{
	grep -qE -- "$2" "$work/told"
	say $? "$1"
	grep -qE -- "$2" "$work/told" || cat "$work/told"
}

set +e
mkdir "$work/looks"
for package in v4l2loopback kwreads; do
	version=$(cd "$work/usr/src" && echo "$package"-*)
	dkms_here install "$package/${version#"$package"-}" -k "$release" >"$work/told" 2>&1
	say $? "dkms installs $package for $release"
	is_told "$package will load" "clean.*/$package\\.ko|/$package\\.ko.*clean"
done
dkms_here install kwfaults/1.0 -k "$release" >"$work/told" 2>&1
say $? "the hook does not block dkms"
is_told "a module that would fault" 'would-fault.*kwfaults\.ko.*writes 1 byte to uuid_null'
is_told "those that were there are told of, too" 'clean.*kwreads\.ko'
dkms_here install kwother/1.0 -k "$cloud" --force >"$work/told" 2>&1
say $? "dkms says that what is built for the other kernel is installed"
is_told "it would not load" 'kwother\.ko  refused'
# Both are of one source: the version of struct module is what tells them apart first.
is_told "built for the other kernel" 'disagrees about version of symbol module_layout|version magic'
exit "$failed"
