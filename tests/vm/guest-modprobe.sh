#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# guest-modprobe.sh NAME...: in the guest. /out/fresh and /out/again get a line for each:
# "NAME RETURN MODPROBE", what kwcheck says its init returns (null: no answer), and what
# modprobe printed (0: it succeeded). /out/wrong gets the loaded modules that rmmod unloads
# though kwcheck said that it would not, or the other way round.

ln -s kmod /bin/modprobe
echo /bin/modprobe >/proc/sys/kernel/modprobe
limit=--limit=milliseconds=120000

ask()
{
	kwcheck preflight --json $limit "$1" >/tmp/answer 2>>/out/errors
}

answer()
{
	jq -r ".results[0].dry_run$1" /tmp/answer
}

load()
{
	if modprobe "$1" 2>/tmp/error; then
		echo 0
	else
		tail -n 1 /tmp/error
	fi
}

: >/out/fresh
: >/out/again
: >/out/wrong
for name; do
	# Nothing of what was asked about before may be loaded.
	modprobe -r "$name" 2>/dev/null
	[ ! -d "/sys/module/$name" ] || continue
	ask "$name"
	said=$(answer .return)
	echo "$name $said $(load "$name")" >>/out/fresh
done
for name; do
	[ -d "/sys/module/$name" ] || continue
	ask "$name"
	said=$(answer .return) outcome=$(answer .outcome)
	case $(answer .reason) in
	*'rmmod would not'*) outcome=stays ;;
	esac
	if busybox rmmod "$name" 2>/dev/null; then
		[ "$outcome" != stays ] || echo "$name: $(answer .reason)" >>/out/wrong
		echo "$name $said $(load "$name")" >>/out/again
	else
		[ "$outcome" = stays ] || echo "$name: $outcome, and it stays" >>/out/wrong
	fi
done
# What modprobe.d gives to a module that is asked for by name, it gets in the dry run, too.
mkdir -p /etc/modprobe.d
modprobe -r dummy 2>/dev/null
echo 'options dummy numdummies=many' >/etc/modprobe.d/dummy.conf
ask dummy
said=$(answer .return)
case $said.$(load dummy) in
-22.*'Invalid argument') ;;
*) echo "options of modprobe.d: dummy: said $said" >>/out/wrong ;;
esac
