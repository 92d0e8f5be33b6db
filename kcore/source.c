/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files a kernel is read from: opened first, while the privileges are there. */
#include "kcore/source.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kcore/avml.h"
#include "kcore/cleanup.h"
#include "kcore/form.h"
#include "kcore/kdump.h"
#include "kcore/scratch.h"
#include "kcore/vmware.h"

/* include/uapi/linux/capability.h: CAP_SYS_RAWIO, as a bit of CapEff. */
static const uint64_t CAPABILITY_RAWIO = 1ULL << 17;
/* include/uapi/linux/magic.h: PROC_SUPER_MAGIC */
enum { PROC_MAGIC = 0x9fa0 };

static char *path_below(const char *sysroot, const char *path)
{
	char *joined;

	return asprintf(&joined, "%s%s", sysroot, path) < 0 ? NULL : joined;
}

/* The whole of a small text file, cut at @room - 1 bytes; "" where it cannot be read. */
static void read_small(const char *sysroot, const char *path, char *text, size_t room)
{
	_cleanup_free_ char *joined = path_below(sysroot, path);
	_cleanup_fd_ int fd = joined ? open(joined, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	text[n > 0 ? n : 0] = '\0';
}

static bool has_cap_sys_rawio(void)
{
	char status[4096];
	const char *line;
	uint64_t effective;

	read_small("", "/proc/self/status", status, sizeof(status));
	line = strstr(status, "\nCapEff:");
	return line && sscanf(line, "\nCapEff: %" SCNx64, &effective) == 1 &&
	       effective & CAPABILITY_RAWIO;
}

/* open_kcore() asks lockdown first, then CAP_SYS_RAWIO, and answers EPERM for both
 * (fs/proc/kcore.c).
 */
static int explain_open(const struct source *source, const char *sysroot, int errnum,
			struct error *err)
{
	char lockdown[128];

	if (errnum == ENOENT && *sysroot && access(sysroot, F_OK) < 0)
		return error_set(err, ERROR_FILE, -errnum, "--sysroot=%.200s: %s",
				 sysroot, strerror(errnum));
	read_small(sysroot, "/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (errnum == ENOENT)
		return error_set(
			err, ERROR_NO_KCORE, -errnum,
			"%s: not there: this kernel was built without "
			"CONFIG_PROC_KCORE (or /proc is not mounted); boot one that has "
			"it, or ask a dump or a capture ('kwcheck capture FILE' makes "
			"one) with --core=FILE",
			source->core_path);
	if (errnum == EPERM && strstr(lockdown, "[confidentiality]"))
		return error_set(
			err, ERROR_LOCKDOWN, -errnum,
			"%s: locked down (confidentiality): no live answer is possible; "
			"boot with lockdown=integrity, or read a core taken from outside",
			source->core_path);
	if (errnum == EPERM && geteuid() == 0 && !has_cap_sys_rawio())
		return error_set(
			err, ERROR_NO_RAWIO, -errnum,
			"%s: CAP_SYS_RAWIO is missing, as in a container or a sandbox; "
			"run kwcheck on the host, or give a capture made there: "
			"--core=FILE",
			source->core_path);
	if (errnum == EPERM || errnum == EACCES)
		return error_set(
			err, ERROR_NOT_ROOT, -errnum,
			"%s: not permitted: only root (CAP_SYS_RAWIO) reads kernel "
			"memory; run kwcheck as root, or give a capture that root made: "
			"--core=FILE",
			source->core_path);
	return error_set(err, ERROR_NO_KCORE, -errnum, "%s: %s", source->core_path,
			 strerror(errnum));
}

/* Does @st lie on the very file system that knows this process? A kernel whose answer to
 * statfs() was hooked says of procfs that it is something else.
 */
static bool is_beside_self(const struct stat *st)
{
	char link[32], pid[32];
	struct stat self;
	ssize_t nr = readlink("/proc/self", link, sizeof(link) - 1);

	if (nr < 0 || lstat("/proc/self", &self) < 0)
		return false;
	link[nr] = '\0';
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	return strcmp(link, pid) == 0 && self.st_dev == st->st_dev;
}

/* Is kcore masked? A container runtime may put an empty file or /dev/null over it. A
 * --sysroot may hold a copy of another machine's kcore, which is read like any other
 * file.
 */
static int check_masked(struct source *source, bool is_real_proc, struct error *err)
{
	struct stat st;
	struct statfs fs;

	if (fstat(source->core_fd, &st) < 0)
		return error_set(err, ERROR_NO_KCORE, -errno, "%s: %m",
				 source->core_path);
	source->is_live = (fstatfs(source->core_fd, &fs) == 0 &&
			   fs.f_type == PROC_MAGIC) ||
			  (is_real_proc && is_beside_self(&st));
	if (S_ISREG(st.st_mode) && st.st_size > 0 && (!is_real_proc || source->is_live))
		return 0;
	return error_set(err, ERROR_MASKED_KCORE, -ENODATA,
			 "%s: masked by another file, as container runtimes do; "
			 "run kwcheck on the host, or give a capture made there: "
			 "--core=FILE",
			 source->core_path);
}

/* Intel SDM vol. 2A CPUID leaf 80000008H: EAX[7:0]. */
unsigned source_phys_bits(void)
{
	unsigned eax, ebx, ecx, edx;

	if (!__get_cpuid(0x80000008, &eax, &ebx, &ecx, &edx) || (eax & 0xff) < 32)
		return 52;
	return eax & 0xff;
}

static int open_optional(char *path, int *ret)
{
	if (!path)
		return -ENOMEM;
	*ret = open(path, O_RDONLY | O_CLOEXEC);
	return 0;
}

int source_open_live(struct source *ret, const char *sysroot, struct error *err)
{
	_cleanup_free_ char *btf_path = path_below(sysroot, "/sys/kernel/btf/vmlinux");
	_cleanup_free_ char *pageflags_path = path_below(sysroot, "/proc/kpageflags");
	struct source source = {
		.core_path = path_below(sysroot, "/proc/kcore"),
		.kallsyms_path = path_below(sysroot, "/proc/kallsyms"),
		.core_fd = -1,
		.scratch_fd = -1,
		.kallsyms_fd = -1,
		.btf_fd = -1,
		.pageflags_fd = -1,
	};
	struct utsname uts;
	int r = -ENOMEM;

	if (!source.core_path || !source.kallsyms_path || !btf_path)
		goto fail;
	if (uname(&uts) == 0 && strcmp(uts.machine, "x86_64") != 0) {
		r = error_set(
			err, ERROR_WRONG_ARCHITECTURE, -ENOEXEC,
			"this kernel is of architecture %s; kwcheck reads x86-64 page "
			"tables only",
			uts.machine);
		goto fail;
	}
	source.core_fd = open(source.core_path, O_RDONLY | O_CLOEXEC);
	if (source.core_fd < 0) {
		r = explain_open(&source, sysroot, errno, err);
		goto fail;
	}
	r = check_masked(&source, *sysroot == '\0', err);
	if (r < 0)
		goto fail;
	source.phys_bits = source.is_live ? source_phys_bits() : 52;
	r = open_optional(source.kallsyms_path, &source.kallsyms_fd);
	if (r == 0)
		r = open_optional(btf_path, &source.btf_fd);
	if (r == 0)
		r = open_optional(pageflags_path, &source.pageflags_fd);
	if (r < 0)
		goto fail;
	*ret = source;
	return 0;
fail:
	source_close(&source);
	return r;
}

/* Afterwards no file can be opened. What is compressed shows its form too late. That a
 * library is missing is told where it is wanted.
 */
static void load_libraries(const struct source *source)
{
	enum form_kind kind = form_of_file(source->core_fd)->kind;

	if (kind == FORM_KDUMP || form_is_packed(kind))
		kdump_load();
	if (kind == FORM_AVML || form_is_packed(kind))
		avml_load();
}

/* Does not wait for who writes a FIFO. Returns 0, or -errno with @err filled. */
static int open_regular(const char *path, int *ret, struct error *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_FILE, -EINVAL, "%s: not a regular file",
				 path);
	*ret = fd;
	fd = -1;
	return 0;
}

/* The state file beside a .vmem, or the .vmem beside a state file: then that is the core.
 */
static void open_vmware(struct source *source)
{
	static const char *const states[] = {".vmss", ".vmsn"};
	bool is_state = form_of_file(source->core_fd)->kind == FORM_VMWARE;

	for (size_t i = 0; i < (is_state ? 1 : 2); i++) {
		_cleanup_free_ char *path = vmware_beside(source->core_path,
							  is_state ? ".vmem" : states[i]);
		struct error none = {0};
		int fd;

		if (!path || open_regular(path, &fd, &none) < 0)
			continue;
		source->state_fd = is_state ? source->core_fd : fd;
		source->state_path = is_state ? source->core_path : path;
		if (is_state) {
			source->core_fd = fd;
			source->core_path = path;
		}
		path = NULL;
		return;
	}
}

int source_open_core(struct source *ret, const char *path, struct error *err)
{
	struct source source = {
		.core_path = strdup(path),
		.kallsyms_path = strdup(path),
		.core_fd = -1,
		.scratch_fd = -1,
		.kallsyms_fd = -1,
		.btf_fd = -1,
		.pageflags_fd = -1,
		.phys_bits = 52, /* unless the capture says */
	};

	if (open_regular(path, &source.core_fd, err) < 0)
		goto fail;
	source.scratch_fd = scratch_open("kwcheck-core");
	if (source.scratch_fd < 0) {
		error_set(err, ERROR_FILE, source.scratch_fd,
			  "%s: no temporary file to unpack it to, in memory, /dev/shm or "
			  "/tmp: %s",
			  path, strerror(-source.scratch_fd));
		goto fail;
	}
	if (!source.core_path || !source.kallsyms_path) {
		error_set(err, ERROR_FILE, -ENOMEM, "%s: no memory", path);
		goto fail;
	}
	open_vmware(&source);
	load_libraries(&source);
	*ret = source;
	return 0;
fail:
	source_close(&source);
	return -EINVAL;
}

int source_add_part(struct source *source, const char *path, struct error *err)
{
	int r;

	if (source->nr_parts == SOURCE_MAX_PARTS)
		return error_set(err, ERROR_USAGE, -E2BIG,
				 "%s: a dump of more than %d parts", path,
				 1 + SOURCE_MAX_PARTS);
	r = open_regular(path, &source->part_fds[source->nr_parts], err);
	if (r == 0)
		source->nr_parts++;
	return r;
}

int source_take_btf(struct source *source, const char *path, struct error *err)
{
	cleanup_fd(&source->btf_fd);
	source->btf_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (source->btf_fd < 0)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", path);
	source->btf_path = path;
	return 0;
}

int source_open_workers(struct source *source, unsigned nr, struct error *err)
{
	if (!source->is_live)
		return 0;
	source->worker_fds = calloc(nr ? nr : 1, sizeof(*source->worker_fds));
	if (!source->worker_fds)
		return -ENOMEM;
	for (unsigned i = 0; i < nr; i++) {
		int fd = open(source->core_path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return explain_open(source, "", errno, err);
		source->worker_fds[source->nr_worker_fds++] = fd;
	}
	return 0;
}

void source_close(struct source *source)
{
	for (unsigned i = 0; i < source->nr_worker_fds; i++)
		cleanup_fd(&source->worker_fds[i]);
	free(source->worker_fds);
	for (unsigned i = 0; i < source->nr_parts; i++)
		cleanup_fd(&source->part_fds[i]);
	if (source->state_path)
		cleanup_fd(&source->state_fd);
	free(source->state_path);
	cleanup_fd(&source->scratch_fd);
	free(source->core_path);
	free(source->kallsyms_path);
	cleanup_fd(&source->core_fd);
	cleanup_fd(&source->kallsyms_fd);
	cleanup_fd(&source->btf_fd);
	cleanup_fd(&source->pageflags_fd);
	firmware_close(&source->firmware);
}
