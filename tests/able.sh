#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# able.sh [guests]
#
# Says in one line, before anything is installed or built, what this system lacks that no
# package gives; with "guests" what tests on real kernels want, too. Silent where all is there.

set -euo pipefail

# lacks WHAT: and what to do.
lacks()
{
	echo "able.sh: $*" >&2
	exit 1
}

# Mounts that others do not see. Where / is no mount point (in a chroot) the kernel lets nobody
# change how / passes mounts on: tests/vm/enter.sh knows.
can_mount()
{
	local how folder status=1

	folder=$(mktemp -d)
	for how in private unchanged; do
		# shellcheck disable=SC2016 # the inner shell expands
		if unshare --mount --propagation "$how" \
			sh -c 'mount -t tmpfs tmpfs "$0" && umount "$0"' "$folder" 2>/dev/null; then
			status=0
			break
		fi
	done
	rmdir "$folder"
	return $status
}

[[ -r /proc/self/status ]] ||
	lacks "/proc is not mounted here, and kwcheck reads it: mount -t proc proc /proc"
[[ ${1-} == guests ]] || exit 0
[[ -d /dev/fd/ ]] ||
	lacks "/dev/fd is not here, and the tests' shells use it: ln -s /proc/self/fd /dev/fd"
((EUID == 0)) || lacks "the tests unpack Debian releases and enter them: run this as root"
can_mount ||
	lacks "the tests mount, in a namespace of their own, and may not here: in a container it" \
		"needs CAP_SYS_ADMIN and a profile that lets it mount (docker run --privileged)"
