# SPDX-License-Identifier: GPL-2.0-or-later
# make            build/kwcheck
# make demo       build and answer 'kwcheck apparmor_hooks', installing what that needs
# make check      build and run every test, VM tests included, installing what they need
# make check-matrix  every kernel in every mode against the CPU and QEMU, some 20 minutes
# make check-releases  built and tested on each Debian release, by gcc and clang, with
#                 sanitizers, half an hour
# make check-dryrun  200 modules of each kernel, dry-run and loaded, an hour or two
# make check-dumps  every symbol in dumps of every form, of a guest that crashed
# make check-dumps-damaged  each form of these damaged at 100 places, with the sanitizers
# make check-soak each fault at each moment, and churn, some hours
# make check-kernels  kernels of other compilers and configurations, built and tested:
#                 many minutes each
# make check-mangle  crash logs damaged in every way, alone and in pairs, by many seeds
# make check-kernel-flavours  --kernel and --trial on every series, -rt and -cloud, and 40
#                 modules of -dkms packages tried, some hours
# make check-dkms Debian's dkms with the hook in place, on two kernels, some minutes
# make unit       the unit tests alone
# make fuzz       any bytes to all that reads what others wrote, then damaged modules, logs and
#                 captures, with the sanitizers; counts are printed. FUZZ_SECONDS=60 for each
# make lint       formatting, static analysis, floors and circles, scripts, man page
# make check-valgrind  what kwcheck is asked most, of recorded data, under valgrind
# make coverage   which part of each room's lines the unit tests run, some minutes
# make bench      ratios, measured in one guest run
# make bench-peers  the same questions of one dump to kwcheck, crash and drgn (fetches 1 GB);
#                 SERIES=6.12 for another kernel than 6.1
# make bench-scale time and memory on machines of 1 GiB to 64 TiB, simulated (3 GB of disk)
# make install    DESTDIR= PREFIX=/usr/local; make uninstall takes the same
# make dist       build/kwcheck-VERSION.tar.gz of the last commit
# make check-packages  a Debian package in chroots, an RPM and a PKGBUILD, of make dist
# make check-monitoring  metrics of a guest through node_exporter and prometheus to an alert
# make check-fleet  oops --merge by a Slurm job array that is killed in the middle
# make check-sarif  preflight --sarif against SARIF's schema
# make check-parts  built without each optional library in turn, unit tests, some minutes
# make check-static  STATIC=1: unit tests, and a guest that has busybox and no library
# make check-dist that the tarball and what is built from it are the same byte for byte
#                 wherever and whenever they are made, a few minutes
# SAN=1           with address and undefined-behaviour sanitizers, in build/san
# STATIC=1        for hosts without the libraries, in build/static (fetches three sources)

VERSION := 0.1.0

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/kwcheck
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/vendor-completions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CC ?= gcc

O := build
ifeq ($(SAN),1)
O := build/san
endif
ifeq ($(STATIC),1)
O := build/static
endif

# Optional: without libcrypto no signature is read, and preflight says so.
CRYPTO := $(shell $(PKG_CONFIG) --exists 'libcrypto >= 1.1.1' 2>/dev/null && echo libcrypto)

# Optional: without libdw no source line is told and no type read from DWARF; without
# libsmartcols tables are laid out by hand, and the same.
LIBDW := $(shell $(PKG_CONFIG) --exists libdw 2>/dev/null && echo libdw)
SMARTCOLS := $(shell $(PKG_CONFIG) --exists smartcols 2>/dev/null && echo smartcols)

# Optional, for Debian 11 has neither. Without Zydis no instruction is read, and preflight says
# so; without Unicorn the dry run does. Debian 12 has no zydis.pc.
ZYDIS := $(shell $(CC) -E -include Zydis/Zydis.h -x c /dev/null >/dev/null 2>&1 && echo Zydis)
UNICORN := $(if $(ZYDIS),$(shell $(PKG_CONFIG) --exists unicorn 2>/dev/null && echo unicorn))

# Optional, loaded where a dump needs them: for kdump's compressed dumps and for AVML's.
KDUMPFILE := $(shell $(PKG_CONFIG) --exists 'libkdumpfile >= 0.5.0' 2>/dev/null && \
	echo libkdumpfile)
KDUMPFILE_FILE := $(if $(KDUMPFILE),$(or $(shell readelf -d "$$($(CC) \
	-print-file-name=libkdumpfile.so)" 2>/dev/null | \
	sed -n 's/.*SONAME.*\[\(.*\)\]$$/\1/p'),libkdumpfile.so.10))
SNAPPY := $(shell $(CC) -E -include snappy-c.h -x c /dev/null >/dev/null 2>&1 && echo snappy)

# What is loaded, or written in C++, is left out of a program that loads nothing.
ifeq ($(STATIC),1)
KDUMPFILE :=
SNAPPY :=
endif

LIBS := libelf $(LIBDW) libkmod jansson libcap-ng nettle $(SMARTCOLS) zlib liblzma \
	libzstd $(CRYPTO)

# What --version says of the build. git writes the commit into a tarball's .commit, which may
# lie in another project's folder.
ARCHIVED := $(shell sed -n 's/^\([0-9a-f]\{12\}\).*/\1/p' .commit)
COMMIT := $(or $(ARCHIVED),$(shell git -C $(CURDIR) describe --always --dirty \
	--abbrev=12 --exclude='*' 2>/dev/null))
LIBRARIES = $(shell for l in $(LIBS) $(UNICORN); do \
	printf '%s%s %s' "$$next" $$l $$($(PKG_CONFIG) --modversion $$l); next=', '; done)
FEATURES = $(if $(ZYDIS),+,-)instructions $(if $(UNICORN),+,-)dry-run \
	$(if $(KDUMPFILE),+,-)kdump $(if $(SNAPPY),+,-)avml $(if $(LIBDW),+,-)source-lines

WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wpointer-arith -Wmissing-prototypes \
	-Wstrict-prototypes -Wundef -Wwrite-strings -Werror=implicit-function-declaration
HARDENING := -fstack-protector-strong -fPIE
ifeq ($(SAN),1)
HARDENING += -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -DKWCHECK_SANITIZED
LINK_HARDENING := -fsanitize=address,undefined
else
HARDENING += -fcf-protection -fstack-clash-protection
# A distribution's own flags may name another level.
HARDENING += $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-D_FORTIFY_SOURCE=2)
endif
# kcore/loss.c hears of each allocation that fails.
WRAPPED := malloc calloc realloc reallocarray strdup strndup
LINK_HARDENING += -pie -Wl,-z,relro,-z,now,-z,noexecstack

CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -DKWCHECK_VERSION='"$(VERSION)"' $(WARNINGS) \
	$(HARDENING) $(shell $(PKG_CONFIG) --cflags $(LIBS) $(UNICORN)) \
	-ffile-prefix-map='$(CURDIR)=.' $(CPPFLAGS) $(CFLAGS) \
	$(if $(LIBDW),-DKWCHECK_LIBDW) $(if $(SMARTCOLS),-DKWCHECK_SMARTCOLS) \
	$(if $(ZYDIS),-DKWCHECK_ZYDIS) $(if $(UNICORN),-DKWCHECK_UNICORN) \
	$(if $(CRYPTO),-DKWCHECK_CRYPTO) $(if $(KDUMPFILE),-DKWCHECK_KDUMPFILE='"$(KDUMPFILE_FILE)"') \
	$(if $(SNAPPY),-DKWCHECK_SNAPPY) $(if $(STATIC),-DKWCHECK_STATIC) -MMD -MP
ALL_LDFLAGS = $(LINK_HARDENING) $(LDFLAGS)
$O/kwcheck $O/unit $O/fuzz $O/libfuzzer $O/tests/symbols-compare $O/tests/attach-lsm \
	$O/tests/attacked: \
	private ALL_LDFLAGS += $(WRAPPED:%=-Wl,--wrap=%)
# glibc before 2.34 has dlopen() in a library of its own.
ALL_LIBS = $(shell $(PKG_CONFIG) --libs $(LIBS)) $(ZYDIS:%=-l%) -ldl

ROOMS := pagetable kcore module insn dataflow machine dryrun preflight audit unchanged oops \
	guest cmd
SOURCES := $(sort $(wildcard $(ROOMS:%=%/*.c)))
OBJECTS := $(SOURCES:%.c=$O/%.o)
# All but main(), for the tests.
PARTS := $(filter-out $O/cmd/main.o,$(OBJECTS))

UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
# Tests of files that are empty without Unicorn.
ifeq ($(UNICORN),)
EMPTY := $(shell grep -L '^\#else' $$(grep -l '^\#ifdef KWCHECK_UNICORN' machine/*.c dryrun/*.c))
UNIT_SOURCES := $(filter-out $(foreach e,$(EMPTY:%.c=%),tests/unit/$(subst /,_,$e).c) \
	$(addprefix tests/unit/,dryrun_dryrun.c dryrun_models.c board.c \
		modelled.c rig.c),$(UNIT_SOURCES))
endif
UNIT_OBJECTS := $(UNIT_SOURCES:%.c=$O/%.o)
# What make fuzz feeds with any bytes; the unit tests replay what that has found.
FUZZ_TARGETS := $(patsubst %,$O/tests/fuzz/%.o,cores modules tables target texts)

Q := $(if $(V),,@)
# What a target builds beforehand is built by as many as there are CPUs.
BUILD = $(MAKE) --no-print-directory -j$(shell nproc)

all: $O/kwcheck

$O/kwcheck: $(OBJECTS)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# Debian has no libkmod.a, libsmartcols.a and libZydis.a. The unit tests' program is no static one,
# for their library is none.
ifeq ($(STATIC),1)
$O/kwcheck: $O/packaging/static.o | $O/lib/made
# What packaging/static.c answers.
STATIC_WRAPPED := dlopen dlsym dlclose dlerror dladdr getpwnam getpwuid initgroups \
	getaddrinfo freeaddrinfo gethostbyname
$O/kwcheck: private LINK_HARDENING += -static-pie $(STATIC_WRAPPED:%=-Wl,--wrap=%)
$O/kwcheck: private ALL_LIBS = -L$O/lib -Wl,--start-group $(shell $(PKG_CONFIG) --static \
	--libs $(LIBS) $(UNICORN)) $(ZYDIS:%=-l%) -Wl,--end-group
$O/unit: private LIBS += $(UNICORN)
$O/lib/made: packaging/static.sh
	$(Q)packaging/static.sh $(@D)
	$(Q)touch $@
endif

# Said once, before the compiler complains of each file.
$O/libraries:
	$(Q)mkdir -p $(@D)
	$(Q)$(PKG_CONFIG) --print-errors --exists $(LIBS) || \
		{ echo "README.md, 'What it needs', has the packages' names" >&2; exit 1; }
	$(Q)touch $@
$(OBJECTS): | $O/libraries

$O/%.o: %.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$O/cmd/main.o: private ALL_CFLAGS += -DKWCHECK_COMMIT='"$(COMMIT)"' \
	-DKWCHECK_LIBRARIES='"$(LIBRARIES)"' \
	-DKWCHECK_FEATURES='"$(FEATURES)"'
$O/cmd/main.o: $O/commit
# Changed where the commit is another one.
$O/commit: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' >$@

# The page is assembled into the program, and so is the guest's init.
$O/cmd/map_html.o: cmd/map.html
$O/guest/vm.o: $O/guest/init/init
$O/guest/vm.o: private ALL_CFLAGS += -DKWCHECK_GUEST_INIT='"$O/guest/init/init"'
INIT_SOURCES := $(sort $(wildcard guest/init/*.c))
# AFL++'s compiler would add its runtime, which needs a libc.
$O/guest/init/init: $(INIT_SOURCES) $(wildcard guest/init/*.h) guest/protocol.h Makefile
	$(Q)mkdir -p $(@D)
	$(Q)AFL_NOOPT=1 $(CC) -std=gnu11 -I. $(WARNINGS) -O2 -ffreestanding -fno-builtin -fno-pie \
		-fno-stack-protector -fcf-protection=none -nostdlib -static -s \
		-Wl,-z,noexecstack -o $@ $(INIT_SOURCES)

$(FUZZ_TARGETS): private LIBS += criterion
$O/tests/unit/%.o: private LIBS += criterion libbpf libseccomp
$O/tests/unit/%.o: private ALL_CFLAGS += -Itests/unit -DKWCHECK_BINARY='"$O/kwcheck"' \
	-DKWCHECK_BINARY_DIR='"$O"'

$O/unit: private LIBS += criterion libbpf libseccomp
$O/unit: $(UNIT_OBJECTS) $(FUZZ_TARGETS) $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$O/tests/deny $O/tests/fail: private LIBS += libseccomp

# Programs that VM tests and benchmarks run in a guest.
$O/tests/%: tests/vm/%.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.o,$^) $(ALL_LIBS)

$O/tests/symbols-compare $O/tests/attach-lsm: $(PARTS)
$O/tests/dump-forms: private ALL_LIBS += $(if $(SNAPPY),-lsnappy)

$O/tests/%: tests/bench/%.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$O/tests/%: tests/faults/%.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(ALL_LIBS)

# Preloaded into what is tested.
$O/tests/%.so: tests/faults/%.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $< -ldl

# kwcheck with an attacker in it, who wakes where its privileges have gone.
ATTACKED := priv_drop priv_keep_reading priv_narrow syscall
$O/tests/attacked: $O/tests/hosts/attack.o $(OBJECTS)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(ATTACKED:%=-Wl,--wrap=%) -o $@ $^ $(ALL_LIBS)

$O/tests/%: tests/hosts/%.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(ALL_LIBS)

# Answers on the running kernel where it has /proc/kcore, else in a guest.
demo:
	$(Q)tests/able.sh
	$(Q)tests/deps.sh build
	$(Q)$(BUILD) build/kwcheck
	$(Q)tests/demo.sh

unit: $O/kwcheck $O/unit
	$(Q)tests/unit.sh $O

# Everything. Tests run two at a time, the longest first; the last line is the sum.
STORMS := tests/vm/test-storms.sh
LONG_TESTS := $(STORMS) tests/vm/test-unchanged.sh
VM_TESTS := $(filter-out %/test-load.sh $(LONG_TESTS),$(sort $(wildcard tests/vm/test-*.sh)))
# Made beforehand, since two scripts would make the same one at once.
VM_PROGRAMS := $(patsubst tests/vm/%.c,build/tests/%,$(sort $(wildcard tests/vm/*.c)))
FAULT_PROGRAMS := build/tests/fail build/tests/failalloc.so
SCALE_PROGRAMS := build/tests/bigcore build/tests/cost
# Releases that people run; this one's tests are the first.
HOST_RELEASE = $(shell . /etc/os-release && echo $$VERSION_CODENAME)
OTHER_RELEASES = $(filter-out $(HOST_RELEASE),bookworm trixie)

check:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test faults shells docs
	$(Q)$(BUILD) build/kwcheck build/unit build/tests/deny \
		build/tests/attacked build/tests/i386 $(FAULT_PROGRAMS) \
		$(SCALE_PROGRAMS) $(VM_PROGRAMS)
	$(Q)$(BUILD) SAN=1 build/san/kwcheck build/san/unit
	$(Q)tests/run.sh $(LONG_TESTS) 'tests/unit.sh build' 'tests/unit.sh build/san' \
		'tests/completion.sh build' \
		tests/dist.sh \
		'tests/bench/scale.sh --check' \
		'tests/docs.py build' \
		'tests/hosts/test-hosts.sh build' \
		'tests/hosts/test-limits.sh build' \
		'tests/hosts/test-confinement.sh build' \
		'tests/faults/test-faults.sh build --samples 12' \
		'tests/faults/test-signals.sh build' \
		$(OTHER_RELEASES:%='tests/release.sh %') $(VM_TESTS)

# The storms' time in each guest, where all kinds are at once.
SOAK_SECONDS ?= 600

# What is asked of more memory than is kept in the tree takes a second each: some of its faults.
MEMORY_VERBS := dmesg dmesg-oops unchanged image text capture-text dry-run

check-soak:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test faults
	$(Q)$(BUILD) build/kwcheck $(FAULT_PROGRAMS) $(VM_PROGRAMS)
	$(Q)$(BUILD) SAN=1 build/san/kwcheck
	$(Q)tests/run.sh 'tests/faults/test-faults.sh build' \
		'tests/faults/test-faults.sh build/san --every 7' \
		'MEMORY=$$(tests/vm/make-memory.sh 6.12)/memory.zst tests/faults/test-faults.sh \
			build --samples 200 --verb "$(MEMORY_VERBS)"' \
		'tests/faults/test-signals.sh build 50' \
		'tests/faults/soak-live.sh 20 6.12 7' \
		'tests/vm/test-load.sh 6.12 7' \
		$(foreach s,5.10 6.1 6.12 7,$(foreach n,2 4, \
		'$(STORMS) --together --seconds $(SOAK_SECONDS) --cpus $n $s'))

check-matrix:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build
	$(Q)$(BUILD) build/kwcheck $(VM_PROGRAMS)
	$(Q)tests/run.sh 'tests/vm/test-matrix.sh --all 5.10 6.1' \
		'tests/vm/test-matrix.sh --all 6.12 7' 'tests/vm/test-unchanged.sh --all' \
		'tests/vm/test-preflight-shapes.sh 6.1 6.12'

# release-tests RELEASE
release-tests = 'tests/release.sh $1 --boot 6.12' 'tests/release.sh $1 --san' \
	'tests/release.sh $1 --cc clang' 'tests/release.sh $1 --cc clang --san'

check-releases:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck build/tests/oracle-compare
	$(Q)tests/run.sh $(foreach r,bullseye bookworm trixie sid,$(call release-tests,$r))

check-dryrun:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build
	$(Q)$(BUILD) build/kwcheck $(VM_PROGRAMS)
	$(Q)tests/run.sh 'tests/vm/test-dryrun.sh --count 200 --waiting 5.10 6.1' \
		'tests/vm/test-dryrun.sh --count 200 --waiting 6.12 7' \
		'tests/vm/test-modules.sh --count 100000 --load 6.1 6.12 7' \
		'tests/vm/test-modules.sh --count 100000 --dkms --load 6.1 6.12 7'

check-dumps:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck build/tests/cost $(VM_PROGRAMS)
	$(Q)tests/run.sh 'tests/vm/test-dumps.sh --all 5.10 6.1' \
		'tests/vm/test-dumps.sh --all 6.12 7'

# Logs pasted in many ways, and cut at every byte. Seconds of CPU for each seed; one that
# failed is given alone: MANGLE_SEEDS=117-117.
MANGLE_SEEDS ?= 100-199

check-mangle:
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/unit
	$(Q)MANGLE_SEEDS=$(MANGLE_SEEDS) build/unit --timeout 7200 \
		--filter 'oops_paste/the_answer_does_not_depend_on_the_wrapping'
	$(Q)CUT_STRIDE=1 build/unit --timeout 7200 --filter 'oops_explanation/every_*'

check-kernels:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build
	$(Q)$(BUILD) build/kwcheck $(VM_PROGRAMS)
	$(Q)tests/run.sh tests/vm/kernels.sh

FLAVOURS := 5.10 6.12 7 6.1-rt 6.1-cloud 6.12-rt 6.12-cloud 7-rt 7-cloud

check-kernel-flavours:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck $(VM_PROGRAMS)
	$(Q)tests/run.sh $(FLAVOURS:%='tests/vm/test-kernel.sh %') \
		'tests/vm/test-modules.sh --dkms --trial --count 40 6.1'

check-dkms:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)tests/run.sh tests/vm/dkms.sh

check-dumps-damaged:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck $(VM_PROGRAMS)
	$(Q)$(BUILD) SAN=1 build/san/kwcheck
	$(Q)tests/vm/test-dumps.sh --damaged 100 6.1 7

bench:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build
	$(Q)tests/bench/bench.sh

bench-scale:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build
	$(Q)$(BUILD) build/kwcheck build/tests/ratio $(SCALE_PROGRAMS)
	$(Q)tests/bench/scale.sh

bench-peers:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck build/tests/cost
	$(Q)tests/bench/peers.sh $(SERIES)

$O/fuzz: $O/tests/fuzz/fuzz.o $O/tests/fuzz/mutate.o $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# One program for all targets, which clang's libFuzzer and AFL++ drive alike:
#	KWCHECK_FUZZ=oops build/fuzz/libfuzzer CORPUS
#	make O=build/afl SAN=1 CC=afl-clang-fast build/afl/libfuzzer
#	KWCHECK_FUZZ=oops afl-fuzz -i CORPUS -o OUT build/afl/libfuzzer
$O/libfuzzer: private LIBS += criterion
$O/libfuzzer: $(FUZZ_TARGETS) $O/tests/fuzz/libfuzzer.o $O/tests/unit/fake.o \
	$O/tests/unit/ko.o $(PARTS)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

# Of each target; 60 come to some 20 million executions in half an hour.
FUZZ_SECONDS ?= 10

fuzz:
	$(Q)tests/deps.sh build test fuzz
	$(Q)$(BUILD) SAN=1 build/san/kwcheck build/san/fuzz
	$(Q)$(BUILD) O=build/fuzz SAN=1 CC=clang CFLAGS='-O2 -g -fsanitize=fuzzer-no-link' \
		build/fuzz/libfuzzer
	$(Q)tests/fuzz/targets.sh build/fuzz/libfuzzer $(FUZZ_SECONDS)
	$(Q)tests/fuzz/fuzz.sh $(COUNT)

C_FILES := $(sort $(wildcard $(ROOMS:%=%/*.[ch]) tests/*/*.[ch] tests/vm/*/*.[ch]) \
	$(wildcard packaging/*.c))
SCRIPTS := $(sort $(wildcard tests/*.sh tests/*/*.sh packaging/*.sh) .ci/run cmd/completion/kwcheck.bash \
	doc/examples/kwcheck-new-kernel doc/examples/kwcheck-dkms doc/examples/kwcheck-kernels \
	doc/examples/slurm/kwcheck-fleet)
# What a kernel, a file or a dump has is described here, by sizes of our own: the compiler's
# headers are of another release than what is read.
FOREIGN := '^\#include <(linux|asm|asm-generic)/|sizeof\(G?Elf'

lint:
	$(Q)tests/deps.sh build test lint
	$(Q)clang-format --dry-run --Werror $(C_FILES)
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 --suppress=missingIncludeSystem -I. \
		$(ROOMS)
	$(Q)shellcheck $(SCRIPTS)
	$(Q)! grep -rnE --exclude=elf64.h $(FOREIGN) $(ROOMS)
	$(Q)! mandoc -T lint man/*.[578] 2>/dev/null | grep -v 'referenced manual not found'
	$(Q)tests/lint/test-lint.sh
	$(Q)tests/lint/includes.sh
	$(Q)$(BUILD) O=build/gcc CC='gcc -Werror' all
	$(Q)tests/lint/circles.sh $(SOURCES:%.c=build/gcc/%.o)
	$(Q)$(BUILD) O=build/clang CC='clang -Werror' all build/clang/unit
	$(Q)$(BUILD) O=build/plain UNICORN= CRYPTO= CC='gcc -Werror' all
	$(Q)$(BUILD) O=build/plainer ZYDIS= KDUMPFILE= SNAPPY= CC='gcc -Werror' all

# kwcheck beside these unit tests is the usual one: in its sandbox it could write no counts.
COVERED := $(BUILD) O=build/coverage CFLAGS='-O0 -g --coverage' \
	LDFLAGS='--coverage -Wl,--wrap=_exit build/coverage/dump.o'

coverage:
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck
	$(Q)mkdir -p build/coverage
	$(Q)$(CC) -O2 -c -o build/coverage/dump.o tests/coverage.c
	$(Q)$(COVERED) build/coverage/unit
	$(Q)cp build/kwcheck build/coverage/
	$(Q)tests/coverage.sh build/coverage

# MODE:FILE:WHERE of each file that is installed.
INSTALLED = 755:$O/kwcheck:$(SBINDIR)/kwcheck \
	644:man/kwcheck-json.5:$(MANDIR)/man5/kwcheck-json.5 \
	644:man/kwcheck-words.7:$(MANDIR)/man7/kwcheck-words.7 \
	644:man/kwcheck.8:$(MANDIR)/man8/kwcheck.8 \
	644:man/kwcheck-1.schema.json:$(DATADIR)/kwcheck-1.schema.json \
	644:cmd/completion/kwcheck.bash:$(BASHCOMPDIR)/kwcheck \
	644:cmd/completion/_kwcheck:$(ZSHCOMPDIR)/_kwcheck \
	644:cmd/completion/kwcheck.fish:$(FISHCOMPDIR)/kwcheck.fish

define install-file
	$(Q)$(INSTALL) -D -m $(word 1,$1) $(word 2,$1) $(DESTDIR)$(word 3,$1)

endef
# Folders of the system's own stay; below a DESTDIR none is left empty.
define uninstall-file
	$(Q)rm -f $(DESTDIR)$(word 3,$1)
	$(Q)$(if $(DESTDIR),cd $(DESTDIR) && rmdir -p --ignore-fail-on-non-empty \
		.$(dir $(word 3,$1)) 2>/dev/null || :)

endef

install: $O/kwcheck
	$(foreach i,$(INSTALLED),$(call install-file,$(subst :, ,$i)))

uninstall:
	$(foreach i,$(INSTALLED),$(call uninstall-file,$(subst :, ,$i)))

# Times are the commit's, the order is git's: the same wherever it is made.
DIST := kwcheck-$(VERSION)

dist:
	$(Q)git -C $(CURDIR) rev-parse -q --verify HEAD >/dev/null || { \
		echo 'make dist: needs the git tree, of which this is a copy' >&2; exit 1; }
	$(Q)mkdir -p $O
	$(Q)git -C $(CURDIR) -c tar.umask=0022 archive --prefix=$(DIST)/ HEAD >$O/$(DIST).tar
	$(Q)gzip -9nf $O/$(DIST).tar
	@echo $O/$(DIST).tar.gz

check-dist:
	$(Q)tests/deps.sh build dist
	$(Q)tests/dist.sh --build

check-parts:
	$(Q)tests/deps.sh build test
	$(Q)tests/run.sh tests/parts.sh

check-static:
	$(Q)tests/able.sh guests
	$(Q)tests/deps.sh build test
	$(Q)$(BUILD) build/kwcheck
	$(Q)$(BUILD) STATIC=1 build/static/kwcheck build/static/unit
	$(Q)tests/run.sh 'tests/unit.sh build/static' tests/static.sh

check-valgrind: $O/kwcheck
	$(Q)tests/deps.sh valgrind
	$(Q)tests/run.sh 'tests/valgrind.sh $O'

check-monitoring: $O/kwcheck
	$(Q)tests/run.sh 'tests/monitoring.sh $O'

check-fleet: $O/kwcheck
	$(Q)tests/run.sh 'tests/fleet.sh $O'

check-sarif: $O/kwcheck
	$(Q)tests/deps.sh sarif
	$(Q)tests/run.sh 'tests/sarif.sh $O'

check-packages:
	$(Q)tests/run.sh 'tests/packages.sh bookworm rpm pkgbuild' 'tests/packages.sh trixie'

clean:
	rm -rf build

.PHONY: FORCE check-fleet all coverage install uninstall dist check-dist check-parts check-static check-valgrind check-packages check-sarif check-monitoring clean demo unit check check-soak check-matrix check-releases check-dryrun check-dumps check-dumps-damaged check-kernels check-mangle check-kernel-flavours check-dkms bench bench-peers bench-scale fuzz lint
-include $(OBJECTS:.o=.d) $(UNIT_OBJECTS:.o=.d) $(FUZZ_TARGETS:.o=.d)
