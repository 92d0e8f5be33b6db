#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Stands for kwcheck in a guest: asks it of a kernel that is seen as one without
# CONFIG_KALLSYMS_ALL and without BTF. kallsyms has the symbols of the text only, as
# scripts/kallsyms.c:symbol_valid() chooses them.

sight=/tmp/sight
if [ ! -e $sight ]; then
	mkdir -p $sight/proc $sight/sys
	mount -t proc proc $sight/proc
	mount --rbind /sys $sight/sys
	awk '$2 ~ /^[tTwW]$/' /proc/kallsyms >/tmp/functions
	mount --bind /tmp/functions $sight/proc/kallsyms
fi
exec kwcheck-seeing "$@" --sysroot=$sight --symbols=text --no-btf
