#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# enter.sh ROOT [OPTION...] -- COMMAND...
#
# Runs a command in an unpacked release that provision.sh made, as root, with the host's
# /dev and /proc and an empty /tmp. Nothing stays mounted, however it ends.
#
#	--bind FROM:TO		the host's folder FROM is ROOT's TO; repeatable
#	--bind-ro FROM:TO	the same, and nothing is written there; repeatable
#	--folder DIR		where the command starts, default /
#	--env NAME=VALUE	in its environment, which is empty but for PATH; repeatable

set -euo pipefail

die()
{
	echo "enter.sh: $*" >&2
	exit 125
}

# Mounts of this process are its own. Where / is no mount point (in a chroot) the kernel
# lets nobody change how / passes mounts on; whatever root's mount is bound to is.
if [[ -z ${KWCHECK_ENTERED-} ]]; then
	((EUID == 0)) || die "must be root, for chroot"
	for how in private unchanged; do
		if unshare --mount --propagation "$how" true 2>/dev/null; then
			KWCHECK_ENTERED=1 exec unshare --mount --propagation "$how" "$0" "$@"
		fi
	done
	die "cannot have mounts of its own (in a container: it needs CAP_SYS_ADMIN):" \
		"$(unshare --mount --propagation unchanged true 2>&1 | tail -n 1)"
fi

root=$1
shift
folder=/ binds=() variables=(PATH=/usr/bin:/usr/sbin:/bin LC_ALL=C)
while (($#)); do
	case $1 in
	--) shift; break ;;
	--bind) binds+=("rw:$2") ;;
	--bind-ro) binds+=("ro:$2") ;;
	--folder) folder=$2 ;;
	--env) variables+=("$2") ;;
	*) die "no option $1" ;;
	esac
	shift 2
done
(($#)) || die "no command: put it after --"

# All else is mounted below this one, which passes nothing on. It is the only one that
# others might see, and goes again.
top=$(mktemp -d)
trap 'umount -l "$top" && rmdir "$top"' EXIT
mount_all()
{
	mount --bind "$root" "$top" && mount --make-private "$top" &&
		mount --rbind /dev "$top/dev" && mount --rbind /proc "$top/proc" &&
		mount -t tmpfs tmpfs "$top/tmp"
}
mount_all || die "cannot mount in $root"
for bind in ${binds[@]+"${binds[@]}"}; do
	IFS=: read -r how from to <<<"$bind"
	mkdir -p "$top$to"
	mount --bind "$from" "$top$to"
	[[ $how == rw ]] || mount -o remount,bind,ro "$top$to"
done
# shellcheck disable=SC2016 # the inner shell expands
chroot "$top" /usr/bin/env -i "${variables[@]}" \
	bash -c 'cd "$0" && exec "$@"' "$folder" "$@"
