/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --kernel: a kernel that is not running, booted for a look, or read as an image.
 *
 * Nothing here parses what the guest left, or what is packed in an image: a child without
 * privileges makes a core of it.
 */
#include "cmd/look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/looktable.h"
#include "cmd/priv.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "guest/bootimage.h"
#include "guest/installed.h"
#include "guest/kvm.h"
#include "guest/vm.h"
#include "kcore/capture.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/open.h"
#include "kcore/scratch.h"
#include "unchanged/imagecore.h"

enum {
	PATH_BYTES = 4096,
	FD_PATH_BYTES = 32,
	KEY_BYTES = 33, /* hexadecimal digits of half a SHA-256, and the NUL */
	KEPT_DAYS = 30,
};
/* How names of what is kept end. */
#define BOOTED_END ".zst"
#define IMAGE_END ".img"
static const off_t MAX_IMAGE_BYTES = 512 * 1024 * 1024;

struct look {
	const struct options *options;
	char *path;	      /* of the image, owned */
	unsigned char *image; /* owned */
	size_t image_bytes;
	char release[BOOTIMAGE_RELEASE_BYTES];
	struct vm_qemu qemu;
	char folder[PATH_BYTES]; /* of the kept ones; "": none can be kept */
	char kept[PATH_BYTES];
	int fd; /* the capture, where it is not kept; -1 */
	char fd_path[FD_PATH_BYTES];
	bool is_of_image; /* nothing was booted */
};

/* Makes a core in @fd, in a child. */
typedef int (*write_fn)(const struct look *look, const struct vm *vm, int fd,
			pid_t parent, struct error *err);

static void fd_path(int fd, char ret[FD_PATH_BYTES])
{
	snprintf(ret, FD_PATH_BYTES, "/proc/self/fd/%d", fd);
}

static int read_image(struct look *look, struct error *err)
{
	_cleanup_fd_ int fd = open(look->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, ERROR_FILE, -errno, "%.300s: %m%s", look->path,
				 errno == EACCES
					 ? "; run kwcheck as root, or give a copy "
					   "that you may read"
					 : "");
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_IMAGE_BYTES)
		return error_set(
			err, ERROR_FILE, -EINVAL,
			"%.300s: %s; give a vmlinuz, as /boot/vmlinuz-RELEASE is "
			"one",
			look->path,
			S_ISREG(st.st_mode) ? "too large for a kernel" : "not a file");
	look->image = malloc((size_t)st.st_size + 1);
	while (look->image && look->image_bytes < (size_t)st.st_size) {
		ssize_t n = read(fd, look->image + look->image_bytes,
				 (size_t)st.st_size - look->image_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, ERROR_FILE, -errno, "%.300s: %m",
					 look->path);
		if (n == 0)
			break;
		look->image_bytes += (size_t)n;
	}
	if (!look->image)
		return -ENOMEM;
	why = bootimage_read(look->image, look->image_bytes, look->release);
	return why ? error_set(err, ERROR_FILE, -ENOEXEC, "%.200s: %s", look->path, why)
		   : 0;
}

static void hash_text(struct sha256_ctx *hash, const char *text)
{
	sha256_update(hash, strlen(text) + 1, (const uint8_t *)text);
}

static void hash_file_state(struct sha256_ctx *hash, const struct stat *st)
{
	const uint64_t numbers[] = {(uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
				    (uint64_t)st->st_mtim.tv_nsec};

	sha256_update(hash, sizeof(numbers), (const uint8_t *)numbers);
}

/* The first CPU's lines but for what changes from moment to moment. */
static void hash_host_cpu(struct sha256_ctx *hash)
{
	_cleanup_file_ FILE *file = fopen("/proc/cpuinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 1)
		if (!strstr(line, "MHz") && !strstr(line, "bogomips"))
			hash_text(hash, line);
}

static void hash_machine(struct sha256_ctx *hash, const struct look *look)
{
	const struct options *options = look->options;

	hash_text(hash, options->vm_cpu ?: "");
	hash_text(hash, options->append ?: "");
	sha256_update(hash, sizeof(options->vm_mib), (const uint8_t *)&options->vm_mib);
	hash_text(hash, look->qemu.path);
	hash_file_state(hash, &look->qemu.file);
	hash_text(hash, look->qemu.has_kvm ? "kvm" : "tcg");
	hash_host_cpu(hash);
}

/* All that a look depends on; of the image alone that and this program. */
static void make_key(const struct look *look, bool is_booted, char key[KEY_BYTES])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;
	struct stat self = {0};

	sha256_init(&hash);
	sha256_update(&hash, look->image_bytes, look->image);
	if (is_booted)
		hash_machine(&hash, look);
	hash_text(&hash, KWCHECK_VERSION);
	if (stat("/proc/self/exe", &self) == 0)
		hash_file_state(&hash, &self);
	sha256_digest(&hash, sizeof(digest), digest);
	for (size_t i = 0; i < (KEY_BYTES - 1) / 2; i++)
		snprintf(key + 2 * i, 3, "%02x", digest[i]);
}

/* The folder is of this user alone: what lies there is believed. */
static bool is_own_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 077);
}

static void find_folder(struct look *look)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *end = look->folder;
	char path[PATH_BYTES - 16];

	if (cache && *cache == '/')
		snprintf(path, sizeof(path), "%s", cache);
	else if (geteuid() == 0)
		snprintf(path, sizeof(path), "/var/cache");
	else if (home && *home == '/')
		snprintf(path, sizeof(path), "%s/.cache", home);
	else
		return;
	mkdir(path, 0700);
	end += snprintf(look->folder, sizeof(look->folder), "%s/kwcheck", path);
	mkdir(look->folder, 0700);
	snprintf(end, sizeof("/looks"), "/looks");
	mkdir(look->folder, 0700);
	if (!is_own_folder(look->folder))
		look->folder[0] = '\0';
}

/* What is made of an image alone is not packed: to unpack it would take as long as to
 * make it anew.
 */
static void name_kept(struct look *look, bool is_booted)
{
	char key[KEY_BYTES];

	make_key(look, is_booted, key);
	snprintf(look->kept, sizeof(look->kept), "%.3900s/%s%s", look->folder, key,
		 is_booted ? BOOTED_END : IMAGE_END);
}

/* Notes that it was asked for. */
static bool is_kept(const struct look *look)
{
	struct stat st;

	if (!look->folder[0] || lstat(look->kept, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || st.st_mode & 077 || st.st_size == 0)
		return false;
	utimensat(AT_FDCWD, look->kept, NULL, AT_SYMLINK_NOFOLLOW);
	return true;
}

/* The guest's memory to a capture. */
static int write_capture(const struct look *look, const struct vm *vm, int fd,
			 pid_t parent, struct error *err)
{
	const struct options *options = look->options;
	char ram[FD_PATH_BYTES];
	const struct options of_ram = {
		.verb = options->find_verb("capture"),
		.core = ram,
		.sysroot = "",
		.no_sandbox = options->no_sandbox,
		.quiet = true,
	};
	_cleanup_free_ char *about = NULL;
	struct capture capture = {.contents = CAPTURE_MEMORY, .modules = ""};
	struct steady steady;
	struct kernel kernel;
	struct source source;
	int r;

	fd_path(vm->ram_fd, ram);
	r = session_open_source(&of_ram, &source, err);
	if (r < 0)
		return r;
	source.kallsyms_fd = scratch_open("kwcheck-kallsyms");
	r = priv_drop(of_ram.verb->needs, !of_ram.no_sandbox, err);
	if (r == 0)
		priv_end_with(parent);
	if (r == 0 && vm_kallsyms(vm, source.kallsyms_fd) < 0) {
		cleanup_fd(&source.kallsyms_fd);
		source.kallsyms_fd = -1;
	}
	if (r == 0)
		r = kernel_open(&kernel, &source, err);
	if (r < 0) {
		source_close(&source);
		return r;
	}
	about = vm_about(vm);
	capture.about = about ?: "";
	r = about ? capture_write(&kernel, &capture, fd, true, &steady, err) : -ENOMEM;
	if (r == 0)
		r = loss_check(err);
	session_close(&source, &kernel);
	return r;
}

/* What the image tells by itself. @vm: none. */
static int write_image(const struct look *look, const struct vm *vm, int fd, pid_t parent,
		       struct error *err)
{
	const struct options *options = look->options;
	int r = priv_drop(options->find_verb("capture")->needs, !options->no_sandbox,
			  err);

	(void)vm;
	if (r < 0)
		return r;
	priv_end_with(parent);
	r = imagecore_write(look->path, look->image, look->image_bytes, fd, err);
	return r < 0 ? r : loss_check(err);
}

/* @what: for messages, what came before. */
static int make_core(const struct look *look, const struct vm *vm, int fd, write_fn write,
		     const char *what, struct error *err)
{
	struct error *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid(), child;
	int status = 0;

	if (told == MAP_FAILED)
		return -ENOMEM;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		int r = write(look, vm, fd, parent, told);

		if (r < 0)
			error_set(told, ERROR_INTERNAL, r, "%s", strerror(-r));
		_exit(r < 0);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	told->message[sizeof(told->message) - 1] = '\0';
	if (child < 0)
		error_set(err, ERROR_NO_PROCESS, -EAGAIN,
			  "%.200s: no process can be started to read it", look->path);
	else if (status && told->code && !vm)
		*err = *told;
	else if (status && told->code)
		error_set(
			err, told->code, -EIO,
			"%.120s: it was booted, but what it left cannot be read: %.300s",
			look->path, told->message);
	else if (status)
		error_set(err, ERROR_NO_BOOT, -EIO,
			  "%.200s: %s, but the process that read it was ended",
			  look->path, what);
	munmap(told, sizeof(*told));
	return err->code ? -EIO : 0;
}

/* Looks that nobody has asked for long: of a kernel or a kwcheck that was replaced. */
static void forget_older(const char *folder)
{
	DIR *dir = opendir(folder);
	time_t limit = time(NULL) - (time_t)KEPT_DAYS * 24 * 3600;
	const struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (strlen(entry->d_name) == strlen(BOOTED_END) + KEY_BYTES - 1 &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtim.tv_sec < limit)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static struct vm_wish wish_of(const struct look *look)
{
	const struct options *options = look->options;

	return (struct vm_wish){
		.name = look->path,
		.image = look->image,
		.image_bytes = look->image_bytes,
		.cpu = options->vm_cpu,
		.append = options->append ?: "",
		.mib = options->vm_mib,
	};
}

/* A file that can be kept, or where none can a scratch one. Returns it or -errno. */
static int open_room(struct look *look)
{
	int fd = look->folder[0]
			 ? open(look->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
			 : -1;

	if (fd >= 0)
		return fd;
	look->folder[0] = '\0';
	return scratch_open("kwcheck-look");
}

/* The core that was made in @fd, which is taken over, is the one to ask. */
static void take_core(struct look *look, int fd)
{
	fd_path(fd, look->fd_path);
	/* Another process may have been faster, with the same. */
	if (look->folder[0] && (linkat(AT_FDCWD, look->fd_path, AT_FDCWD, look->kept,
				       AT_SYMLINK_FOLLOW) == 0 ||
				errno == EEXIST)) {
		forget_older(look->folder);
		close(fd);
		return;
	}
	look->fd = fd;
}

static int boot(struct look *look, struct error *err)
{
	const struct options *options = look->options;
	const struct vm_wish wish = wish_of(look);
	struct progress progress;
	bool had_kvm = look->qemu.has_kvm;
	_cleanup_fd_ int fd = open_room(look);
	struct vm vm;
	int r;

	if (fd < 0)
		return fd;
	progress_open(&progress, options);
	progress_tell(&progress, "booting in QEMU ...");
	r = vm_boot(&vm, &wish, &look->qemu, err);
	progress_wipe(&progress);
	if (r < 0)
		return r;
	/* Where KVM was of no use, the look is as of a machine that has none. */
	if (look->qemu.has_kvm != had_kvm)
		name_kept(look, true);
	r = make_core(look, &vm, fd, write_capture, "it was booted", err);
	vm_close(&vm);
	if (r < 0)
		return r;
	take_core(look, fd);
	fd = -1;
	return 0;
}

/* Can the question be answered, in part, without a boot? */
static bool goes_by_image(const struct options *options)
{
	return options->verb->bit & (VERB_CHECK | VERB_PREFLIGHT) && !options->trial &&
	       !options->append && !options->vm_cpu && !options->cpu.is_given;
}

static int read_by_itself(struct look *look, struct error *err)
{
	_cleanup_fd_ int fd = open_room(look);
	int r = fd;

	if (fd >= 0)
		r = make_core(look, NULL, fd, write_image, "it was opened", err);
	if (r < 0)
		return r;
	take_core(look, fd);
	fd = -1;
	return 0;
}

static int take_image(struct look *look, struct error *err)
{
	int r = 0;

	look->is_of_image = true;
	find_folder(look);
	name_kept(look, false);
	if (is_kept(look))
		return 0;
	r = read_by_itself(look, err);
	/* A full disk is no reason not to answer. */
	if (r < 0 && err->code == ERROR_INTERNAL && look->folder[0]) {
		*err = (struct error){0};
		look->folder[0] = '\0';
		r = read_by_itself(look, err);
	}
	return r;
}

static int take_booted(struct look *look, struct error *err)
{
	int r = vm_find_qemu(&look->qemu, err);

	if (r < 0)
		return r;
	find_folder(look);
	look->qemu.notes = look->folder;
	look->qemu.has_kvm = look->qemu.has_kvm && !kvm_has_failed(look->folder, "");
	name_kept(look, true);
	return is_kept(look) ? 0 : boot(look, err);
}

static int take(struct look *look, struct error *err)
{
	const struct options *options = look->options;
	struct error ignored = {0};
	int r = read_image(look, err);

	if (r < 0)
		return r;
	if (options->no_boot)
		return take_image(look, err);
	r = take_booted(look, err);
	if (r == 0 || (err->code != ERROR_NO_QEMU && err->code != ERROR_NO_BOOT) ||
	    !goes_by_image(options) || take_image(look, &ignored) < 0)
		return r;
	session_tell(err);
	fputs("kwcheck: what follows rests on the image alone: nothing was run\n",
	      stderr);
	*err = (struct error){0};
	return 0;
}

static void close_look(struct look *look)
{
	cleanup_fd(&look->fd);
	free(look->image);
	free(look->path);
}

/* The one kernel of @path, which is taken over. */
static int run_one(const struct options *options, char *path)
{
	struct look look = {.options = options, .path = path, .fd = -1};
	struct options of_look = *options;
	struct vm_wish wish;
	struct error err = {0};
	int status, r = path ? take(&look, &err) : -ENOMEM;

	wish = wish_of(&look);
	if (!options->trial) {
		free(look.image);
		look.image = NULL;
	}
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%.200s: %s", path ?: options->kernel,
			  strerror(-r));
		status = session_fail(options, &err);
	} else {
		of_look.kernel_image = look.path;
		of_look.is_of_image = look.is_of_image;
		of_look.kernel_wish = options->trial ? &wish : NULL;
		of_look.kernel_qemu = &look.qemu;
		of_look.core = look.fd >= 0 ? look.fd_path : look.kept;
		status = options->verb->run(&of_look);
	}
	close_look(&look);
	return status;
}

int look_run(const struct options *options)
{
	struct error err = {0};
	char *path = NULL;
	int r = 0;

	if (strcmp(options->kernel, "all") == 0)
		return looktable_run(options, run_one);
	if (strchr(options->kernel, '/')) {
		path = strdup(options->kernel);
		r = path ? 0 : -ENOMEM;
	} else {
		r = installed_find("", options->kernel, &path, &err);
	}
	if (r < 0) {
		error_set(&err, ERROR_INTERNAL, r, "%s", strerror(-r));
		return session_fail(options, &err);
	}
	return run_one(options, path);
}
