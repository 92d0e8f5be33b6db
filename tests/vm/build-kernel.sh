#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-kernel.sh SERIES [FRAGMENT...]
#
# Builds a kernel from Debian's source of that series, in that release's chroot: the base
# configuration of tests/vm/kernels/base and the fragments named (files beside it). Puts it
# into the cache folder and prints its name, SERIES+FRAGMENT+..., which boot.sh --kernel and
# build-module.sh take as they take a series:
#
#	NAME/vmlinuz, config, release, modules/	as provision.sh has them
#	NAME/vmlinux, System.map		vmlinux with debug information, where that was asked for
#	NAME/tree/	what builds modules for it
#	NAME/stamp	hash of source, configuration and compiler; written last
#
# Seven to ten minutes on two idle cores, more with KASAN or LTO; nothing where it is built.
# What another kernel compiled from the same text is taken from the cache's folder compiled.
# JOBS in the environment is how many compilers run at once.
# A fragment's line "# series: ..." says which it is for, "# compiler: clang" with what.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

die()
{
	echo "build-kernel.sh: $*" >&2
	exit 1
}

(($#)) || die "usage: build-kernel.sh SERIES [FRAGMENT...]"
series=$1
shift
name=$series compiler=gcc fragments=("$here/kernels/base")
for fragment; do
	file=$here/kernels/$fragment
	[[ -f $file && $fragment != base ]] ||
		die "no fragment '$fragment': $(cd "$here/kernels" && echo ./* | sed 's|\./||g; s/base //')"
	only=$(sed -n 's/^# series: //p' "$file")
	[[ -z $only || " $only " == *" $series "* ]] || die "$fragment is for $only"
	[[ $(sed -n 's/^# compiler: //p' "$file") != clang ]] || compiler=clang
	fragments+=("$file")
	name+=+$fragment
done
((EUID == 0)) || die "must be root, for chroot"
"$here/provision.sh" "$series-source"
source=$cache/$series-source
built=$cache/$name
stamp=$({
	cat "$source/stamp" "${fragments[@]}"
	echo "$compiler 1"
} | sha256sum | cut -c 1-32)

has_option()
{
	cat "${fragments[@]}" | grep -q "^CONFIG_$1=y"
}

# make_in TARGET...: make in the chroot, with this kernel's tree.
make_in()
{
	local cc=(CC='ccache gcc')

	[[ $compiler == gcc ]] || cc=(LLVM=1 CC='ccache clang')
	# The seed of a layout is no part of what ccache looks at.
	if [[ ! -x $source/chroot/usr/bin/ccache ]] || has_option RANDSTRUCT_FULL; then
		cc=("${cc[@]/ccache /}")
	fi
	"$here/enter.sh" "$source/chroot" --bind "$work/tree:/build/tree" \
		--bind "$cache/compiled:/build/compiled" --env CCACHE_DIR=/build/compiled \
		--folder /usr/src/linux -- make -s "${cc[@]}" O=/build/tree \
		KBUILD_BUILD_USER=kwcheck KBUILD_BUILD_HOST=kwcheck "-j${JOBS:-$(nproc)}" "$@"
}

# What the fragments ask for must be so: the base alone may name what a series has not.
check_config()
{
	local line option missing=()

	((${#fragments[@]} > 1)) || return 0
	while read -r line; do
		option=${line%%=*}
		grep -qxF "$option" <<<"$known" || continue
		grep -qxF "$line" "$work/tree/.config" || missing+=("$line")
	done < <(sed -n '/^CONFIG_/p' "${fragments[@]:1}")
	while read -r line; do
		! grep -q "^$line=" "$work/tree/.config" || missing+=("$line=n")
	done < <(sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1/p' "${fragments[@]:1}")
	((${#missing[@]} == 0)) || die "$name: not to be had so: ${missing[*]}"
}

configure()
{
	mkdir -p "$work/tree"
	# The last word on an option counts.
	sed -n '/^CONFIG_/p; /^# CONFIG_/p' "${fragments[@]}" | awk '
		{ option = $0; sub(/^# /, "", option); sub(/[ =].*/, "", option) }
		!(option in said) { order[++n] = option }
		{ said[option] = $0 }
		END { for (i = 1; i <= n; i++) print said[order[i]] }' >"$work/tree/wanted"
	make_in KCONFIG_ALLCONFIG=/build/tree/wanted allnoconfig >"$work/log" 2>&1 ||
		{ tail -n 20 "$work/log" >&2; die "$name: cannot be configured"; }
	known=$(cd "$source/chroot/usr/src/linux" &&
		grep -rhoE '^(menu)?config [A-Z0-9_]+' --include='Kconfig*' . |
		sed 's/.* /CONFIG_/')
	check_config
}

# Of the tree only what building a module needs is kept.
collect()
{
	local new=$work/new release

	mkdir "$new"
	release=$(<"$work/tree/include/config/kernel.release")
	cp "$work/tree/arch/x86/boot/bzImage" "$new/vmlinuz"
	cp "$work/tree/.config" "$new/config"
	cp "$work/tree/System.map" "$new/System.map"
	ln -s tree/vmlinux "$new/vmlinux"
	echo "$release" >"$new/release"
	if grep -q '^CONFIG_MODULES=y' "$new/config"; then
		make_in INSTALL_MOD_PATH=/build/tree/installed modules_install \
			>"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; die "$name: modules"; }
		rm -f "$work/tree/installed/lib/modules/$release"/{build,source}
		mv "$work/tree/installed/lib/modules/$release" "$new/modules"
	else
		mkdir "$new/modules"
		cp "$work/tree/modules.builtin" "$new/modules/" 2>/dev/null || true
	fi
	find "$work/tree" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '*.ko' \) \
		! -path '*/scripts/*' ! -path '*/tools/*' ! -name module.lds -delete
	mv "$work/tree" "$new/tree"
	ln -s "../$series-source/chroot" "$new/chroot"
	echo "$compiler" >"$new/compiler"
	echo "$stamp" >"$new/stamp"
}

mkdir -p "$cache/compiled"
exec 9>"$cache/.$name.lock"
flock 9
if [[ ! -r $built/stamp || $(<"$built/stamp") != "$stamp" ]]; then
	echo "build-kernel.sh: building $name with $compiler" >&2
	started=$SECONDS
	# What was begun with the same is gone on with. The lock is held.
	work=$cache/.$name.new
	if [[ ! -r $work/stamp || $(<"$work/stamp") != "$stamp" ]]; then
		rm -rf "$work"
		mkdir "$work"
		echo "$stamp" >"$work/stamp"
	fi
	rm -rf "$work/new"
	configure
	targets=(bzImage)
	! grep -q '^CONFIG_MODULES=y' "$work/tree/.config" || targets+=(modules)
	make_in "${targets[@]}" >"$work/log" 2>&1 ||
		{ tail -n 30 "$work/log" >&2; die "$name: does not build"; }
	collect
	rm -rf "${built:?}"
	mv -T "$work/new" "$built"
	rm -rf "$work"
	echo "build-kernel.sh: $name is $(<"$built/release"), $((SECONDS - started)) s" >&2
fi
echo "$name"
