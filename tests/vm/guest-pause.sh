#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# vm-pause: waits until the host has run its --monitor-command's. See boot.sh.

exec 3<>/dev/vport0p1
echo pause >&3
read -r _ <&3
