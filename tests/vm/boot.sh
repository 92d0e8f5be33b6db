#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# boot.sh --kernel SERIES|VMLINUZ [OPTION...] -- COMMAND...
#
# Boots a kernel in QEMU on an initramfs of busybox and the files asked for, runs one
# command there (sh -c, as root, stdin empty) and ends as it ended. The command's stdout
# and stderr are boot.sh's stdout, byte for byte.
#
#	--kernel SERIES		5.10, 6.1, 6.12 or 7, fetched by provision.sh; or a path
#				(modules are then looked for in modules/ beside it)
#	--cpu MODEL		QEMU's -cpu; default qemu64 (4-level tables), max has 5
#	--smp N			default 1; emulated CPUs run in turn
#	--parallel		they run at once: not where the kernel patches its own text,
#				since emulated ones do not see what another patches in time
#	--memory SIZE		default 512M
#	--append WORDS		more kernel command line
#	--xen FILE		the kernel is dom0 of that hypervisor, an unpacked xen
#	--exec BINARY		copied to /bin with the libraries that ldd names; repeatable
#	--library FILE		copied to /lib with the libraries that it needs; repeatable
#	--file HOST[:GUEST]	copied to GUEST, default /NAME; repeatable
#	--distro-module NAME	a module of the stock package, with its dependencies;
#				repeatable; these go in before any --module
#	--module KO		insmod'ed in the order given; repeatable
#	--timeout SECONDS	for the whole run, less what is fetched; default 180
#	--disk FILE		a virtio disk, /dev/vda, of that file's bytes
#	--console FILE		where the kernel's console goes
#	--out DIR		what the guest leaves in /out comes here
#	--monitor FILE		when the guest runs vm-pause, the answers to the
#	--monitor-command CMD	commands (QEMU's human monitor; repeatable) go to FILE;
#				after a line "(qemu) CMD"; the guest stands still meanwhile
#	--verbose		say on stderr how long what took
#
# VM_BUILD in the environment is a folder that stands for build/ where --exec names a program
# in it, VM_ROOT the root of the release that built those: libraries come from there.
#
# Exit status: the command's; 124 when out of time; 125 when there is no status to tell:
# bad usage, no such kernel, a module that does not load, a panic. The console's tail is
# then on stderr.
#
# How it works: the guest has three virtio ports (control, stdout, out). A serial line
# would be slow and carries the console. stdout and out end in a mark that only this run
# knows, since two ports have no common order: "done" on control may come before the last
# bytes on stdout.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
readonly here
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}

kernel='' cpu=qemu64 smp=1 memory=512M append='' timeout=180 console='' out='' disk='' xen=''
monitor='' verbose='' threads=single
execs=() libraries=() files=() modules=() distro_modules=() monitor_commands=()

qemu_pid='' work=''

infra()
{
	echo "boot.sh: $*" >&2
	exit 125
}

show_console()
{
	[[ -s ${console:-} ]] || { echo "boot.sh: the console is empty" >&2; return; }
	echo "boot.sh: the end of the console:" >&2
	tail -n 40 "$console" | tr -d '\r' >&2
}

note()
{
	[[ -z $verbose ]] || echo "boot.sh: $EPOCHREALTIME $*" >&2
}

# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	if [[ -n $qemu_pid ]]; then
		kill -KILL "$qemu_pid" 2>/dev/null || true
		wait "$qemu_pid" 2>/dev/null || true
	fi
	[[ -z $work ]] || rm -rf "$work"
}

parse_arguments()
{
	while (($#)); do
		case $1 in
		--) shift; break ;;
		--verbose) verbose=1; shift; continue ;;
		--parallel) threads=multi; shift; continue ;;
		--*) (($# > 1)) || infra "$1 wants a value" ;;
		*) infra "what is '$1'? The command goes after --" ;;
		esac
		case $1 in
		--kernel) kernel=$2 ;;
		--cpu) cpu=$2 ;;
		--smp) smp=$2 ;;
		--memory) memory=$2 ;;
		--append) append+=" $2" ;;
		--xen) xen=$2 ;;
		--exec) execs+=("$2") ;;
		--library) libraries+=("$2") ;;
		--file) files+=("$2") ;;
		--module) modules+=("$2") ;;
		--distro-module) distro_modules+=("$2") ;;
		--timeout) timeout=$2 ;;
		--console) console=$2 ;;
		--disk) disk=$2 ;;
		--out) out=$2 ;;
		--monitor) monitor=$2 ;;
		--monitor-command) monitor_commands+=("$2") ;;
		*) infra "no option $1" ;;
		esac
		shift 2
	done
	[[ -n $kernel ]] || infra "--kernel is missing"
	(($#)) || infra "no command: put it after --"
	command="$*"
}

# Sets $vmlinuz and $module_dir (which may not exist).
find_kernel()
{
	if [[ $kernel == */* ]]; then
		"$here/provision.sh" --tools-only || infra "tools are missing"
		vmlinuz=$kernel
		module_dir=$(dirname "$kernel")/modules
	else
		"$here/provision.sh" "$kernel" || infra "kernel $kernel cannot be had"
		vmlinuz=$cache/$kernel/vmlinuz
		module_dir=$cache/$kernel/modules
	fi
	[[ -r $vmlinuz ]] || infra "cannot read $vmlinuz"
}

# KVM may be there and yet hang for ever, so it is believed only after it has booted
# something. The answer is kept in the cache folder: remove the file to ask again.
choose_accel()
{
	local answer=$cache/accel log pid i

	accel=tcg
	[[ -r /dev/kvm && -w /dev/kvm ]] || return 0
	mkdir -p "$cache"
	exec 9>"$cache/.accel.lock"
	flock 9
	if [[ ! -s $answer ]]; then
		log=$(mktemp)
		qemu-system-x86_64 -accel kvm -machine pc -m 256M -nodefaults \
			-display none -no-reboot -serial "file:$log" -kernel "$vmlinuz" \
			-append "earlyprintk=ttyS0 console=ttyS0 panic=-1" \
			</dev/null >/dev/null 2>&1 9>&- &
		pid=$!
		echo tcg >"$answer.new"
		for ((i = 0; i < 50; i++)); do
			if grep -qa 'Kernel panic' "$log"; then
				echo kvm >"$answer.new"
				break
			fi
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		# With no root file system to find, a good boot ends in a panic.
		! grep -qa 'Kernel panic' "$log" || echo kvm >"$answer.new"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		rm -f "$log"
		mv "$answer.new" "$answer"
	fi
	accel=$(<"$answer")
	exec 9>&-
}

# Prints the file that stands for one of the host's: what another release built, or has.
stand_in()
{
	local file build

	file=$(realpath -s "$1")
	build=$(realpath -s "$here/../../build")
	if [[ -n ${VM_BUILD-} && $file == "$build"/* ]]; then
		echo "$VM_BUILD${file#"$build"}"
	elif [[ -n ${VM_ROOT-} && $file == *.so* ]]; then
		echo "$VM_ROOT$file"
	else
		echo "$1"
	fi
}

# Prints the libraries that a binary needs. ldd fails for static binaries and scripts, which
# need nothing more.
libraries_of()
{
	local dir=${VM_ROOT-}/lib/x86_64-linux-gnu

	if [[ -n ${VM_ROOT-} ]]; then
		"$dir/ld-linux-x86-64.so.2" --library-path "$dir" --list "$1"
	else
		ldd "$1"
	fi 2>/dev/null | sed 's/.*=> //' | grep -o '/[^ ]*' || true
}

# copy_exec BINARY ROOT FOLDER
copy_exec()
{
	local binary root=$2 lib

	binary=$(stand_in "$1")
	[[ -r $binary ]] || infra "cannot read $binary"
	cp -L "$binary" "$root/$3/" && chmod 755 "$root/$3/${binary##*/}"
	# The loader is the one library with a fixed path; the others go where it looks with
	# no cache.
	while read -r lib; do
		case $lib in
		*/ld-linux*) cp -Ln "$lib" "$root/lib64/" ;;
		*) cp -Ln "$lib" "$root/lib/" ;;
		esac
	done < <(libraries_of "$binary")
}

# Appends a stock module and what it needs to load_list, dependencies first.
add_distro_module()
{
	local name=${1//-/_} line path
	local -a paths

	line=$(awk -v want="$name" '{
		file = $1; sub(/:$/, "", file); base = file; sub(/.*\//, "", base)
		sub(/\.ko.*/, "", base); gsub(/-/, "_", base)
		if (base == want) {
			sub(/:/, ""); for (i = NF; i > 0; i--) printf "%s ", $i
			exit
		}
	}' "$module_dir/modules.dep" 2>/dev/null) || true
	if [[ -z $line ]]; then
		# Not grep -q: it would end at the first match, and tr by SIGPIPE now and then.
		tr - _ <"$module_dir/modules.builtin" 2>/dev/null |
			grep "/$name\.ko$" >/dev/null || return 1
		return 0
	fi
	read -ra paths <<<"$line"
	for path in "${paths[@]}"; do
		[[ " ${load_list[*]-} " == *" $path "* ]] || load_list+=("$path")
	done
}

# Puts the stock modules of load_list from number $2 on into folder $1.
copy_distro_modules()
{
	local dir=$1 i path name

	for ((i = $2; i < ${#load_list[@]}; i++)); do
		path=$module_dir/${load_list[i]}
		name=${path##*/}
		name=$dir/$(printf '%03d' "$i")-${name%.ko*}.ko
		case $path in
		*.xz) xz -dc "$path" >"$name" ;;
		*.gz) gzip -dc "$path" >"$name" ;;
		*.zst) zstd -qdc "$path" >"$name" ;;
		*) cp "$path" "$name" ;;
		esac
	done
}

build_initramfs()
{
	local root=$work/root spec from to name nr_boot i=0
	local -a load_list=()

	mkdir -p "$root"/{bin,lib,lib64,proc,sys,dev,tmp,out,root,etc,mnt}
	mkdir -p "$root"/vm/{boot,distro,modules}
	ln -s bin "$root/sbin"
	mkdir "$root/usr"
	ln -s ../bin "$root/usr/bin"
	ln -s ../bin "$root/usr/sbin"
	ln -s ../lib "$root/usr/lib"
	cp /bin/busybox "$root/bin/busybox"
	cp "$here/guest-init.sh" "$root/init"
	cp "$here/guest-pause.sh" "$root/bin/vm-pause"
	chmod 755 "$root/init" "$root/bin/vm-pause"
	printf '%s\n' "$command" >"$root/vm/command"
	echo "$mark" >"$root/vm/mark"

	# A kernel of somebody's own may well have these built in, and no modules.dep.
	for name in virtio_pci virtio_console; do
		add_distro_module "$name" || true
	done
	copy_distro_modules "$root/vm/boot" 0
	nr_boot=${#load_list[@]}
	for name in "${distro_modules[@]}"; do
		add_distro_module "$name" || infra "no module $name in $module_dir"
	done
	copy_distro_modules "$root/vm/distro" "$nr_boot"
	for spec in "${modules[@]}"; do
		[[ -r $spec ]] || infra "cannot read $spec"
		cp -L "$spec" "$root/vm/modules/$(printf '%03d' $((i++)))-${spec##*/}"
	done
	for spec in "${execs[@]}"; do
		copy_exec "$spec" "$root" bin
	done
	for spec in "${libraries[@]}"; do
		copy_exec "$spec" "$root" lib
	done
	for spec in "${files[@]}"; do
		from=${spec%%:*} to=${spec#*:}
		[[ -e $from ]] || infra "there is no $from"
		[[ $spec == *:* ]] || to=/${from##*/}
		mkdir -p "$root/$(dirname "$to")"
		cp -aL "$from" "$root/$to"
	done
	# Not compressed: unpacking costs more, emulated, than loading does.
	(cd "$root" && find . -print0 | cpio -0 -o --quiet -H newc -R 0:0) >"$work/initrd"
	rm -rf "$root"
}

start_qemu()
{
	local ports=(-device "virtio-serial-pci,max_ports=8") boot name nr=0

	mkfifo "$work"/control.{in,out} "$work"/qmp.{in,out}
	: >"$work/stdout"
	: >"$work/out"
	: >"$console" || infra "cannot write $console"
	ports+=(-chardev "pipe,id=control,path=$work/control"
		-chardev "file,id=stdout,path=$work/stdout"
		-chardev "file,id=out,path=$work/out")
	for name in control stdout out; do
		ports+=(-device "virtserialport,nr=$((++nr)),chardev=$name,name=$name")
	done
	[[ -z $disk ]] || ports+=(-drive "file=$disk,format=raw,if=virtio,cache=unsafe")
	if [[ -n $monitor ]]; then
		ports+=(-chardev "pipe,id=qmp,path=$work/qmp" -mon "chardev=qmp,mode=control")
	fi
	boot=(-kernel "$vmlinuz" -initrd "$work/initrd"
		-append "console=ttyS0 panic=-1 edd=off$append")
	# QEMU takes a comma for the end of a module.
	[[ -z $xen ]] || boot=(-kernel "$xen" -append "console=com1 loglvl=warning"
		-initrd "$vmlinuz console=hvc0 panic=-1${append//,/,,},$work/initrd")
	# Read and write, so that neither side waits for the other to open.
	exec 5<>"$work/control.in" 6<>"$work/control.out" 7<>"$work/qmp.in" \
		8<>"$work/qmp.out"
	qemu-system-x86_64 -accel "$accel" -machine pc -cpu "$cpu" -smp "$smp" \
		-m "$memory" -nodefaults -display none -no-reboot \
		-chardev "file,id=console,path=$console" -serial chardev:console \
		"${ports[@]}" "${boot[@]}" \
		</dev/null >"$work/qemu.log" 2>&1 5>&- 6>&- 7>&- 8>&- &
	qemu_pid=$!
}

# emit [HOLD]: shows what has come on stdout so far but for the last HOLD bytes, which may
# be the mark's.
emitted=0
emit()
{
	local size

	size=$(($(stat -c %s "$work/stdout") - ${1:-$((${#mark} + 1))}))
	((size > emitted)) || return 0
	tail -c "+$((emitted + 1))" "$work/stdout" | head -c "$((size - emitted))" || true
	emitted=$size
}

has_mark()
{
	[[ $(tail -c $((${#mark} + 1)) "$work/$1" | tr -d '\0') == "$mark" ]]
}

out_of_time()
{
	emit 0
	show_console
	echo "boot.sh: out of time: $timeout s" >&2
	exit 124
}

# Waits for the mark at the end of a file.
wait_for_mark()
{
	while ! has_mark "$1"; do
		((EPOCHSECONDS < deadline)) || out_of_time
		kill -0 "$qemu_pid" 2>/dev/null || died
		sleep 0.02
	done
}

died()
{
	emit 0
	show_console
	cat "$work/qemu.log" >&2
	# Emulated, a kernel now and then trips over its own patched code while it boots.
	if [[ -z $started ]] && ((attempt < 3)); then
		echo "boot.sh: QEMU ended before the command ran; booting again" >&2
		cleanup
		trap - EXIT
		BOOT_ATTEMPT=$((attempt + 1)) exec "$0" "${arguments[@]}"
	fi
	infra "QEMU ended ${started:-before the command ran}"
}

# qmp ID JSON: runs one command, waits for its answer in $work/qmp.log.
qmp()
{
	echo "$2" >&7
	until grep -q "\"id\": *$1[,}]" "$work/qmp.log"; do
		((EPOCHSECONDS < deadline)) || out_of_time
		kill -0 "$qemu_pid" 2>/dev/null || died
		sleep 0.02
	done
}

# ask_monitor CMD: $answer.
ask_monitor()
{
	qmp $((++qmp_id)) "$(jq -cn --arg cmd "$1" --argjson id "$qmp_id" '{id: $id,
		execute: "human-monitor-command", arguments: {"command-line": $cmd}}')"
	answer=$(jq -rj --argjson id "$qmp_id" \
		'select(.id == $id) | .return // .error.desc' "$work/qmp.log" | tr -d '\r')
}

run_monitor()
{
	local cmd reader tries=50 qmp_id=1 answer

	[[ -n $monitor ]] || return 0
	: >"$work/qmp.log"
	cat <&8 >>"$work/qmp.log" &
	reader=$!
	qmp 1 '{"execute":"qmp_capabilities","id":1}'
	# The monitor sees what the first CPU sees: with page-table isolation next to nothing
	# of the kernel, where that CPU is in user mode.
	while :; do
		qmp $((++qmp_id)) "{\"execute\":\"stop\",\"id\":$qmp_id}"
		ask_monitor 'info registers'
		if [[ $answer != *CPL=3* ]] || ((tries-- == 0)); then
			break
		fi
		qmp $((++qmp_id)) "{\"execute\":\"cont\",\"id\":$qmp_id}"
		sleep 0.1
	done
	for cmd in "${monitor_commands[@]}"; do
		ask_monitor "$cmd"
		printf '(qemu) %s\n%s\n' "$cmd" "$answer"
	done >>"$monitor"
	qmp $((++qmp_id)) "{\"execute\":\"cont\",\"id\":$qmp_id}"
	kill "$reader"
	wait "$reader" 2>/dev/null || true
}

# Follows the guest until it is done; sets $status.
follow()
{
	local line='' more

	while :; do
		((EPOCHSECONDS < deadline)) || out_of_time
		if read -r -t 0.2 -u 6 more; then
			line+=$more
			note "guest: $line"
			case $line in
			ready) started="while the command ran" ;;
			pause) run_monitor; echo go >&5 ;;
			fail\ *) show_console; infra "${line#fail }" ;;
			done\ *) status=${line#done }; return ;;
			esac
			line=''
		else
			line+=$more
			kill -0 "$qemu_pid" 2>/dev/null || died
			emit
		fi
	done
}

arguments=("$@")
readonly attempt=${BOOT_ATTEMPT:-1}
parse_arguments "$@"
mark=$(</proc/sys/kernel/random/uuid)
started='' status=''
find_kernel
choose_accel
[[ $accel != tcg ]] || accel=tcg,thread=$threads
trap cleanup EXIT
trap 'exit 125' INT TERM HUP
# Not counting the fetch of a kernel, which has its own pace.
deadline=$((EPOCHSECONDS + timeout))
work=$(mktemp -d)
console=${console:-$work/console}
[[ -z $monitor ]] || : >"$monitor"
note "accel $accel"
build_initramfs
note "initramfs: $(stat -c %s "$work/initrd") bytes"
start_qemu
follow
wait_for_mark stdout
emit
if [[ -n $out ]]; then
	wait_for_mark out
	mkdir -p "$out"
	# tar stops at its own end, before the mark.
	tar -x --no-same-owner -C "$out" -f "$work/out"
fi
note "done"
exit "$status"
