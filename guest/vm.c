/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel booted in QEMU up to its init, and the memory that it leaves. */
#include "guest/vm.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest/cpio.h"
#include "guest/kvm.h"
#include "guest/protocol.h"
#include "guest/starved.h"
#include "kcore/cleanup.h"
#include "kcore/scratch.h"
#include "kcore/writeall.h"

/* The program, guest/init/init.c. */
__asm__(".pushsection .rodata\n"
	".global guest_init, guest_init_bytes\n"
	"guest_init: .incbin \"" KWCHECK_GUEST_INIT "\"\n"
	"guest_init_end:\n"
	".balign 8\n"
	"guest_init_bytes: .quad guest_init_end - guest_init\n"
	".popsection\n");
extern const char guest_init[];
extern const uint64_t guest_init_bytes;

enum {
	NOBODY = 65534,
	CONSOLE_BYTES = 1024 * 1024,
	/* KVM that works lets a kernel speak within a fraction of the first. */
	KVM_SPEAKS_MS = 6 * 1000,
	SILENT_MS = 60 * 1000,
	WHOLE_MS = 300 * 1000,
	TRIAL_MS = 4 * PROTOCOL_HUNG_SECONDS * 1000,
	/* Where init cannot end the machine, for the console's last bytes. */
	SETTLE_MS = 500,
	NAME_BYTES = 64,
	/* On a machine that is busy QEMU is given more, but not for ever. */
	MOST_STARVED_MS = 1200 * 1000,
};

static const char kernel_speaks[] = "Linux version ";
/* After these a kernel says no more: arch/x86/boot/{main.c,cpucheck.c} and
 * compressed/error.c, kernel/panic.c.
 */
static const char *const last_words[] = {
	"Kernel panic - not syncing: ",
	" -- System halted",
	"Unable to boot - please use a kernel appropriate for your CPU.",
};
enum { NR_LAST_WORDS = sizeof(last_words) / sizeof(last_words[0]) };

/* How a machine ended. */
enum end { END_DONE = 0, END_QEMU, END_PANIC, END_SILENT, END_LATE, END_NO_KVM };

struct machine {
	pid_t pid;
	int pipe;
	char *console; /* CONSOLE_BYTES and a NUL */
	size_t nr;
	int wait_status;
	bool is_kvm;
	int64_t trial_begun; /* clock_ms(); 0: not yet */
};

int vm_parse_memory(const char *text, unsigned *ret)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	number = strtoull(text, &end, 10);
	if (*end && !end[1] && toupper((unsigned char)*end) == 'G' &&
	    number <= VM_MAX_MIB / 1024)
		number *= 1024;
	else if (*end && (end[1] || toupper((unsigned char)*end) != 'M'))
		return -EINVAL;
	if (number < VM_MIN_MIB || number > VM_MAX_MIB)
		return -EINVAL;
	*ret = (unsigned)number;
	return 0;
}

static bool is_program(const char *path, struct stat *ret)
{
	return access(path, X_OK) == 0 && stat(path, ret) == 0 && S_ISREG(ret->st_mode);
}

int vm_find_qemu(struct vm_qemu *ret, struct error *err)
{
	static const char name[] = "qemu-system-x86_64", rhel[] = "/usr/libexec/qemu-kvm";
	const char *folder = getenv("PATH");
	struct vm_qemu qemu = {.has_kvm = access("/dev/kvm", R_OK | W_OK) == 0};

	for (folder = folder ?: "/usr/bin:/bin"; folder;
	     folder = strchr(folder, ':') ? strchr(folder, ':') + 1 : NULL) {
		int bytes = (int)strcspn(folder, ":");

		snprintf(qemu.path, sizeof(qemu.path), "%.*s/%s", bytes, folder, name);
		if (qemu.path[0] == '/' && is_program(qemu.path, &qemu.file)) {
			*ret = qemu;
			return 0;
		}
	}
	snprintf(qemu.path, sizeof(qemu.path), "%s", rhel);
	if (is_program(qemu.path, &qemu.file)) {
		*ret = qemu;
		return 0;
	}
	return error_set(err, ERROR_NO_QEMU, -ENOENT,
			 "--kernel boots the kernel in QEMU, and no %s is installed: "
			 "install qemu-system-x86 (Debian, Ubuntu, Arch), "
			 "qemu-system-x86-core (Fedora), qemu-x86 (openSUSE) or qemu-kvm "
			 "(RHEL)",
			 name);
}

/* A file in memory that another user may read, too. */
static int make_file(const char *name, const void *bytes, size_t nr, uint64_t size)
{
	int fd = scratch_open(name), r = 0;

	if (fd < 0)
		return fd;
	if (nr)
		r = writeall(fd, bytes, nr);
	if (r == 0 && (ftruncate(fd, (off_t)size) < 0 || fchmod(fd, 0666) < 0))
		r = -errno;
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* Kernels are built with one or the other path (CONFIG_MODPROBE_PATH). */
static int add_modprobe(struct cpio *cpio)
{
	static const char *const names[] = {"sbin/modprobe", "usr/sbin/modprobe"};
	int r = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++)
		r = cpio_add(cpio, names[i], CPIO_PROGRAM, guest_init,
			     (size_t)guest_init_bytes);
	return r;
}

static int make_initramfs(const struct vm_wish *wish)
{
	static const char *const folders[] = {
		"dev", "proc", "sys", "sbin", "usr", "usr/sbin", PROTOCOL_TRIAL_FOLDER};
	struct cpio cpio = {0};
	int r = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r == 0; i++)
		r = cpio_add(&cpio, folders[i], CPIO_FOLDER, NULL, 0);
	if (r == 0)
		r = cpio_add_device(&cpio, "dev/console", 5, 1);
	if (r == 0)
		r = cpio_add_device(&cpio, "dev/kmsg", 1, 11);
	if (r == 0)
		r = cpio_add(&cpio, "init", CPIO_PROGRAM, guest_init,
			     (size_t)guest_init_bytes);
	if (r == 0 && wish->has_modprobe)
		r = add_modprobe(&cpio);
	for (size_t i = 0; i < wish->nr_files && r == 0; i++) {
		char name[NAME_BYTES];

		snprintf(name, sizeof(name), PROTOCOL_TRIAL_FOLDER "/%s",
			 wish->files[i].name);
		r = cpio_add(&cpio, name, CPIO_PROGRAM, wish->files[i].bytes,
			     wish->files[i].nr);
	}
	if (r == 0)
		r = cpio_end(&cpio);
	if (r == 0)
		r = make_file("kwcheck-initramfs", cpio.bytes, cpio.nr, cpio.nr);
	cpio_free(&cpio);
	return r;
}

struct files {
	int image, initramfs, ram;
};

static void close_files(struct files *files)
{
	cleanup_fd(&files->image);
	cleanup_fd(&files->initramfs);
	cleanup_fd(&files->ram);
	*files = (struct files){-1, -1, -1};
}

static int make_files(struct files *ret, const struct vm_wish *wish)
{
	struct files files = {-1, -1, -1};
	int r = 0;

	files.image = make_file("kwcheck-kernel", wish->image, wish->image_bytes,
				wish->image_bytes);
	if (files.image >= 0)
		files.initramfs = make_initramfs(wish);
	if (files.initramfs >= 0)
		files.ram = make_file("kwcheck-guest", NULL, 0,
				      (uint64_t)wish->mib << 20);
	if (files.ram < 0) {
		r = files.image < 0	  ? files.image
		    : files.initramfs < 0 ? files.initramfs
					  : files.ram;
		close_files(&files);
		return r;
	}
	*ret = files;
	return 0;
}

/* QEMU parses what a kernel does to its devices: as root it would be a way to root. The
 * group may open /dev/kvm.
 */
static bool drop_rights(pid_t parent)
{
	struct stat kvm;

	if (geteuid() == 0) {
		gid_t group = stat("/dev/kvm", &kvm) == 0 && kvm.st_gid ? kvm.st_gid
									: NOBODY;

		if (setgroups(0, NULL) < 0 || setresgid(group, group, group) < 0 ||
		    setresuid(NOBODY, NOBODY, NOBODY) < 0)
			return false;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
}

/* Emulated, a CPU has no more levels of page tables than this host's. */
static bool host_has_la57(void)
{
	_cleanup_file_ FILE *file = fopen("/proc/cpuinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0)
		if (strncmp(line, "flags", 5) == 0)
			return strstr(line, " la57") != NULL;
	return false;
}

static void choose_cpu(char cpu[VM_CPU_BYTES], const struct vm_wish *wish, bool is_kvm)
{
	snprintf(cpu, VM_CPU_BYTES, "%s",
		 wish->cpu	   ? wish->cpu
		 : is_kvm	   ? "host"
		 : host_has_la57() ? "max"
				   : "max,la57=off");
}

static void __attribute__((noreturn))
be_qemu(const struct vm_wish *wish, const struct vm_qemu *qemu, const char *cpu,
	bool is_kvm, const struct files *files, int out, pid_t parent)
{
	char ram[128], image[NAME_BYTES], initramfs[NAME_BYTES], size[NAME_BYTES];
	_cleanup_free_ char *append = NULL;
	int null = open("/dev/null", O_RDONLY);
	const char *arguments[] = {
		qemu->path,
		"-machine",
		"pc,memory-backend=ram",
		"-accel",
		is_kvm ? "kvm" : "tcg,thread=single",
		"-object",
		ram,
		"-m",
		size,
		"-cpu",
		cpu,
		"-nodefaults",
		"-no-user-config",
		"-no-reboot",
		"-display",
		"none",
		"-serial",
		"stdio",
		"-device",
		"isa-debug-exit,iobase=" PROTOCOL_PORT_TEXT ",iosize=1",
		"-kernel",
		image,
		"-initrd",
		initramfs,
		"-append",
		NULL,
		NULL,
	};
	enum { NR = sizeof(arguments) / sizeof(arguments[0]) };
	sigset_t none;

	snprintf(ram, sizeof(ram),
		 "memory-backend-file,id=ram,size=%uM,mem-path=/proc/self/fd/%d,share=on",
		 wish->mib, files->ram);
	snprintf(size, sizeof(size), "%uM", wish->mib);
	snprintf(image, sizeof(image), "/proc/self/fd/%d", files->image);
	snprintf(initramfs, sizeof(initramfs), "/proc/self/fd/%d", files->initramfs);
	/* The kernel takes the last of each word. edd=off: the BIOS would be asked for
	 * disks, for a second. no_timer_check: a host that is busy is too slow for what
	 * panics as "IO-APIC + timer doesn't work!"; KVM's guests do without by
	 * themselves. nowatchdog: on such a host each call looks locked up, which is none
	 * of the module's doing.
	 */
	if (asprintf(
		    &append,
		    "earlyprintk=ttyS0 edd=off no_timer_check %s%s console=ttyS0 panic=-1 "
		    "rdinit=/init",
		    wish->nr_files ? "nowatchdog " : "", wish->append) >= 0)
		arguments[NR - 2] = append;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!append || null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0 || fcntl(files->ram, F_SETFD, 0) < 0 ||
	    fcntl(files->image, F_SETFD, 0) < 0 ||
	    fcntl(files->initramfs, F_SETFD, 0) < 0 || !drop_rights(parent))
		_exit(127);
	execv(qemu->path, (char *const *)arguments);
	_exit(127);
}

static int start(struct machine *ret, const struct vm_wish *wish,
		 const struct vm_qemu *qemu, const char *cpu, const struct files *files)
{
	int out[2];
	pid_t parent = getpid();

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	fflush(stdout);
	ret->pid = fork();
	if (ret->pid == 0)
		be_qemu(wish, qemu, cpu, ret->is_kvm, files, out[1], parent);
	close(out[1]);
	if (ret->pid < 0) {
		int r = -errno;

		close(out[0]);
		return r;
	}
	ret->pipe = out[0];
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of more than there is room for the last is kept. Returns the bytes read; 0: the end. */
static ssize_t hear(struct machine *machine)
{
	ssize_t n;

	if (machine->nr == CONSOLE_BYTES) {
		memmove(machine->console, machine->console + CONSOLE_BYTES / 2,
			CONSOLE_BYTES / 2);
		machine->nr = CONSOLE_BYTES / 2;
	}
	do {
		n = read(machine->pipe, machine->console + machine->nr,
			 CONSOLE_BYTES - machine->nr);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return 0;
	/* It is searched as a string. */
	for (ssize_t i = 0; i < n; i++)
		if (!machine->console[machine->nr + (size_t)i])
			machine->console[machine->nr + (size_t)i] = '?';
	machine->nr += (size_t)n;
	machine->console[machine->nr] = '\0';
	return n;
}

static bool has_said(const struct machine *machine, const char *words)
{
	return strstr(machine->console, words) != NULL;
}

/* Where the kernel's last words stand, which last_line() then tells; NULL: nowhere. */
static const char *find_last_words(const struct machine *machine)
{
	const char *found = NULL;

	for (size_t i = 0; i < NR_LAST_WORDS && !found; i++)
		found = strstr(machine->console, last_words[i]);
	while (found && found > machine->console && found[-1] != '\n' && found[-1] != ']')
		found--;
	return found;
}

static bool has_finished(const struct machine *machine)
{
	const char *begin = strstr(machine->console, PROTOCOL_BEGIN);

	return begin && strstr(begin, PROTOCOL_END);
}

static void stop(struct machine *machine)
{
	kill(machine->pid, SIGKILL);
	while (waitpid(machine->pid, &machine->wait_status, 0) < 0 && errno == EINTR)
		;
	close(machine->pipe);
}

static enum end end_of(struct machine *machine)
{
	/* The pipe ended, so the process does. */
	while (waitpid(machine->pid, &machine->wait_status, 0) < 0 && errno == EINTR)
		;
	close(machine->pipe);
	if (has_finished(machine) && WIFEXITED(machine->wait_status) &&
	    WEXITSTATUS(machine->wait_status) == PROTOCOL_STATUS)
		return END_DONE;
	if (machine->is_kvm && !has_said(machine, kernel_speaks))
		return END_NO_KVM;
	return find_last_words(machine) ? END_PANIC : END_QEMU;
}

/* Goes while QEMU is not kept waiting for a CPU. */
static int64_t clock_ms(const struct machine *machine)
{
	int64_t starved = starved_ms(machine->pid);

	return now_ms() - (starved < MOST_STARVED_MS ? starved : MOST_STARVED_MS);
}

/* How long it may take to the next byte. */
static int64_t patience(const struct machine *machine, int64_t begun, int64_t heard)
{
	int64_t now = clock_ms(machine);
	int64_t whole = machine->trial_begun ? machine->trial_begun + TRIAL_MS - now
					     : begun + WHOLE_MS - now;
	int64_t silent = heard + SILENT_MS - now;

	if (has_finished(machine) || find_last_words(machine))
		return heard + SETTLE_MS - now;
	if (machine->is_kvm && !has_said(machine, kernel_speaks))
		return begun + KVM_SPEAKS_MS - now;
	return whole < silent ? whole : silent;
}

static enum end follow(struct machine *machine)
{
	int64_t begun = clock_ms(machine), heard = begun;

	for (;;) {
		struct pollfd polled = {.fd = machine->pipe, .events = POLLIN};
		int64_t wait = patience(machine, begun, heard), now;

		if (wait > 0 && poll(&polled, 1, (int)wait) >= 0) {
			if (!polled.revents)
				continue;
			if (hear(machine) == 0)
				return end_of(machine);
			heard = clock_ms(machine);
			if (!machine->trial_begun && has_said(machine, PROTOCOL_TRIAL))
				machine->trial_begun = heard;
			continue;
		}
		if (wait > 0 && errno == EINTR)
			continue;
		now = clock_ms(machine);
		stop(machine);
		if (has_finished(machine))
			return END_DONE;
		if (find_last_words(machine))
			return END_PANIC;
		if (machine->is_kvm && !has_said(machine, kernel_speaks))
			return END_NO_KVM;
		return now - begun >= WHOLE_MS ? END_LATE : END_SILENT;
	}
}

/* The last line on the console that says something, for a message. */
static void last_line(const struct machine *machine, const char *from, char *ret,
		      size_t room)
{
	const char *end = machine->console + machine->nr, *line;

	if (from) {
		line = from + strspn(from, " ");
		end = line + strcspn(line, "\r\n");
	} else {
		while (end > machine->console && isspace((unsigned char)end[-1]))
			end--;
		for (line = end; line > machine->console && line[-1] != '\n'; line--)
			;
	}
	snprintf(ret, room, "%.*s", (int)(end - line), line);
}

static int tell_end(const struct machine *machine, const struct vm_wish *wish,
		    enum end end, struct error *err)
{
	char line[160];

	last_line(machine, end == END_PANIC ? find_last_words(machine) : NULL, line,
		  sizeof(line));
	switch (end) {
	case END_PANIC:
		return error_set(
			err, ERROR_NO_BOOT, -EIO,
			"%.120s: the kernel does not come to its init in QEMU: '%s'; "
			"--cpu, --memory and --append change what it boots with",
			wish->name, line);
	case END_SILENT:
	case END_LATE:
		return error_set(
			err, ERROR_NO_BOOT, -ETIME,
			"%.120s: the kernel does not come to its init in QEMU: "
			"%s; the last line on the console: '%s'; --cpu, --memory "
			"and --append change what it boots with",
			wish->name,
			end == END_LATE ? "not within 300 s"
					: "nothing was said for 60 s",
			line);
	default:
		return error_set(
			err, ERROR_NO_BOOT, -EIO,
			"%.120s: QEMU ended before the kernel came to its init: "
			"'%s'; --cpu, --memory and --append change what it boots "
			"with",
			wish->name, line);
	}
}

static enum end boot(struct machine *machine, struct vm *vm, const struct vm_wish *wish,
		     const struct vm_qemu *qemu, bool is_kvm, const struct files *files,
		     int *ret)
{
	*machine = (struct machine){.console = machine->console, .is_kvm = is_kvm};
	machine->console[0] = '\0';
	vm->is_kvm = is_kvm;
	choose_cpu(vm->cpu, wish, is_kvm);
	*ret = start(machine, wish, qemu, vm->cpu, files);
	return *ret < 0 ? END_QEMU : follow(machine);
}

int vm_boot(struct vm *ret, const struct vm_wish *wish, struct vm_qemu *qemu,
	    struct error *err)
{
	_cleanup_free_ char *console = malloc(CONSOLE_BYTES + 1);
	struct machine machine = {.console = console};
	struct files files = {-1, -1, -1};
	struct vm vm = {.ram_fd = -1};
	enum end end = END_NO_KVM;
	int r = console ? make_files(&files, wish) : -ENOMEM;

	if (r == 0 && qemu->has_kvm)
		end = boot(&machine, &vm, wish, qemu, true, &files, &r);
	if (r == 0 && end == END_NO_KVM && qemu->has_kvm) {
		qemu->has_kvm = false;
		kvm_note_failure(qemu->notes ?: "", "");
	}
	if (r == 0 && end == END_NO_KVM) {
		/* What the first one left there. */
		if (ftruncate(files.ram, 0) < 0 ||
		    ftruncate(files.ram, (off_t)wish->mib << 20) < 0)
			r = -errno;
		else
			end = boot(&machine, &vm, wish, qemu, false, &files, &r);
	}
	if (r < 0)
		error_set(err, ERROR_NO_RESOURCES, r,
			  "%.200s: it cannot be booted in QEMU: %s", wish->name,
			  strerror(-r));
	else if (end != END_DONE && !machine.trial_begun)
		r = tell_end(&machine, wish, end, err);
	if (r == 0) {
		vm.has_ended = end == END_DONE;
		vm.ram_fd = files.ram;
		files.ram = -1;
		vm.console = TAKE_PTR(console);
		*ret = vm;
	}
	close_files(&files);
	return r;
}

void vm_close(struct vm *vm)
{
	cleanup_fd(&vm->ram_fd);
	free(vm->console);
	*vm = (struct vm){.ram_fd = -1};
}

char *vm_about(const struct vm *vm)
{
	const char *from = strstr(vm->console, PROTOCOL_BEGIN);
	const char *to = from ? strstr(from, PROTOCOL_END) : NULL;
	size_t nr = 0;
	char *text;

	if (!to)
		return NULL;
	from += strlen(PROTOCOL_BEGIN);
	from += strspn(from, "\r\n");
	text = malloc((size_t)(to - from) + 1);
	if (!text)
		return NULL;
	for (; from < to; from++)
		if (*from != '\r')
			text[nr++] = *from;
	text[nr] = '\0';
	return text;
}

/* Finds the pages of the text; @places has PROTOCOL_MAX_PAGES. Returns how many. */
static uint32_t find_pages(const struct protocol_page *ram, size_t nr_ram,
			   const struct protocol_page **places)
{
	uint32_t nr = 0;

	for (size_t i = 0; i < nr_ram; i++) {
		const struct protocol_page *page = &ram[i];

		if (memcmp(page->magic, PROTOCOL_PAGE_MAGIC, sizeof(page->magic)) != 0 ||
		    page->nr_pages > PROTOCOL_MAX_PAGES ||
		    page->index >= page->nr_pages || page->nr_bytes > sizeof(page->bytes))
			continue;
		places[page->index] = page;
		nr = page->nr_pages;
	}
	return nr;
}

int vm_kallsyms(const struct vm *vm, int fd)
{
	_cleanup_free_ const struct protocol_page **places = calloc(
		PROTOCOL_MAX_PAGES, sizeof(struct protocol_page *));
	const struct protocol_page *ram;
	struct stat st;
	uint32_t nr;
	int r = 0;

	if (!places)
		return -ENOMEM;
	if (fstat(vm->ram_fd, &st) < 0)
		/* cppcheck-suppress memleak */
		return -errno;
	ram = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, vm->ram_fd, 0);
	if (ram == MAP_FAILED)
		/* cppcheck-suppress memleak */
		return -errno;
	nr = find_pages(ram, (size_t)st.st_size / sizeof(*ram), places);
	for (uint32_t i = 0; i < nr && r == 0; i++)
		r = places[i] ? writeall(fd, places[i]->bytes, places[i]->nr_bytes)
			      : -ENOENT;
	munmap((void *)ram, (size_t)st.st_size);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return nr ? r : -ENOENT;
}
