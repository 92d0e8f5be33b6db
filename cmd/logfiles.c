/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that the operands of oops name. */
#include "cmd/logfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kcore/array.h"
#include "oops/filekind.h"

/* Deeper no tool puts a crash's log. */
enum { MAX_DEPTH = 8 };
/* Descriptors that are needed beside those of the files; of few a quarter. */
enum { OTHER_DESCRIPTORS = 48 };
/* How long standard input may be silent where nothing says that it is meant. */
enum { NOTICE_MS = 2000, LIMIT_MS = 60000 };

static int add(struct logfiles *files, const char *path, int fd, const struct error *err,
	       struct logfile **ret)
{
	struct logfile *file;
	char *copy = strdup(path);

	if (!copy || array_reserve(&files->array, files->nr, &files->room,
				   sizeof(*files->array)) < 0) {
		free(copy);
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	file = &files->array[files->nr++];
	*file = (struct logfile){.path = copy, .fd = fd};
	if (err)
		file->err = *err;
	if (ret)
		*ret = file;
	return 0;
}

static int add_error(struct logfiles *files, const char *path, int errnum,
		     const char *what)
{
	struct error err = {0};

	error_set(&err, ERROR_FILE, -errnum, "%.300s: %s", path, what);
	return add(files, path, -1, &err, NULL);
}

struct inode {
	dev_t device;
	ino_t number;
};

static int compare_inodes(const void *a, const void *b)
{
	const struct inode *one = a, *two = b;

	if (one->device != two->device)
		return one->device < two->device ? -1 : 1;
	return (one->number > two->number) - (one->number < two->number);
}

/* Returns 1 where the file was seen before, 0, or -ENOMEM. */
static int is_known(struct logfiles *files, const struct stat *st)
{
	struct inode *inode = malloc(sizeof(*inode)), **found;

	if (!inode)
		return -ENOMEM;
	*inode = (struct inode){.device = st->st_dev, .number = st->st_ino};
	found = tsearch(inode, &files->known, compare_inodes);
	if (!found || *found != inode)
		free(inode);
	return !found ? -ENOMEM : *found != inode;
}

/* Is there no room for one more? The first time an error says so, at @path. */
static int is_full(struct logfiles *files, const char *path)
{
	struct error err = {0};

	if (files->nr < files->max)
		return 0;
	if (!files->is_cut)
		error_set(&err, ERROR_FILE, -E2BIG,
			  "%.300s: more than %zu files; what comes from here on was not "
			  "looked at: %s",
			  path, files->max, files->remedy);
	if (!files->is_cut && add(files, path, -1, &err, NULL) < 0)
		return -ENOMEM;
	files->is_cut = true;
	return 1;
}

/* Is it the kernel's log that has no end, and that who reads it takes from syslogd? */
static bool is_endless(const struct stat *st)
{
	struct stat kmsg;

	return stat("/proc/kmsg", &kmsg) == 0 && kmsg.st_dev == st->st_dev &&
	       kmsg.st_ino == st->st_ino;
}

/* A file that @fd is open at, found at @path. It is @fd's owner from here on. */
static int add_open(struct logfiles *files, const char *path, int fd, bool is_found)
{
	struct logfile *file;
	struct stat st;
	int r;

	r = fstat(fd, &st) < 0 ? 1 : is_known(files, &st);
	r = r ?: is_full(files, path);
	if (r) {
		close(fd);
		return r < 0 ? r : 0;
	}
	if (is_endless(&st)) {
		close(fd);
		return add_error(files, path, EINVAL,
				 "it has no end; 'kwcheck oops' alone reads this log");
	}
	r = add(files, path, fd, NULL, &file);
	if (r < 0)
		return r;
	file->is_found = is_found;
	if (S_ISREG(st.st_mode)) {
		file->written = st.st_mtime;
		return 0;
	}
	/* It can be read only once. */
	kernellog_read(&file->bytes, fd, path, &file->err);
	close(fd);
	file->fd = -1;
	return 0;
}

static int add_folder(struct logfiles *files, const char *path, int fd, int depth);

/* @name in the folder @folder, open at @at. Nothing is opened that is neither a file nor
 * a folder: devices act on that, and what a link leads to is another's.
 */
static int add_name(struct logfiles *files, const char *folder, int at, const char *name,
		    int depth)
{
	char path[4096];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s%s%s", folder,
		 folder[strlen(folder) - 1] == '/' ? "" : "/", name);
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return add_error(files, path, errno, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	fd = openat(at, name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			    (S_ISDIR(st.st_mode) ? O_DIRECTORY : 0));
	if (fd < 0)
		return add_error(files, path, errno, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_folder(files, path, fd, depth + 1);
	/* It may have become another thing meanwhile. */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	return add_open(files, path, fd, true);
}

static int is_no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* It owns @fd. */
static int add_folder(struct logfiles *files, const char *path, int fd, int depth)
{
	struct dirent **names;
	int nr, r = 0;

	if (depth > MAX_DEPTH) {
		close(fd);
		return add_error(files, path, ELOOP,
				 "folders in folders, too deep; name it by itself");
	}
	nr = scandirat(fd, ".", &names, is_no_dots, versionsort);
	if (nr < 0)
		r = add_error(files, path, errno, strerror(errno));
	for (int i = 0; i < nr; i++) {
		if (r == 0 && !files->is_cut)
			r = add_name(files, path, fd, names[i]->d_name, depth);
		free(names[i]);
	}
	if (nr >= 0)
		free(names);
	close(fd);
	return r;
}

static int add_operand(struct logfiles *files, const char *path)
{
	struct stat st;
	int fd;

	if (files->is_cut)
		return 0;
	if (strcmp(path, "-") == 0)
		return logfiles_add_input(files, true);
	if (stat(path, &st) < 0)
		return add_error(files, *path ? path : "''", errno, strerror(errno));
	/* A device is read until it has no more for now; of a pipe the end is waited for.
	 */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
				(S_ISCHR(st.st_mode) ? O_NONBLOCK : 0));
	if (fd < 0)
		return add_error(files, path, errno, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return add_folder(files, path, fd, 0);
	return add_open(files, path, fd, false);
}

/* As many descriptors as the limits let a process have. Returns how many files can be
 * open.
 */
static size_t raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur - (limit.rlim_cur / 4 < OTHER_DESCRIPTORS
					 ? limit.rlim_cur / 4
					 : OTHER_DESCRIPTORS);
}

int logfiles_open(struct logfiles *ret, char *const operands[], size_t nr, size_t max)
{
	int r = 0;

	*ret = (struct logfiles){.max = max, .remedy = "give the rest to another run"};
	if (nr) {
		size_t nr_open = raise_limit();

		if (nr_open < max) {
			ret->max = nr_open;
			ret->remedy = "more need more descriptors, 'ulimit -Hn'";
		}
	}
	for (size_t i = 0; i < nr && r == 0; i++)
		r = add_operand(ret, operands[i]);
	if (r < 0)
		logfiles_close(ret);
	return r;
}

int logfiles_add_input(struct logfiles *files, bool is_patient)
{
	static const char name[] = "standard input";
	struct error err = {0};
	int fd;

	if (!is_patient && kernellog_wait(STDIN_FILENO, NOTICE_MS, LIMIT_MS, &err) < 0)
		return add(files, name, -1, &err, NULL);
	fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return add_error(files, name, errno, strerror(errno));
	return add_open(files, name, fd, false);
}

/* No file of gigabytes is read to find out that it is a dump. */
static const struct filekind *kind_of_start(const struct logfile *file)
{
	char start[FILEKIND_BYTES];
	ssize_t n = file->fd >= 0 ? pread(file->fd, start, sizeof(start), 0) : -1;
	const struct filekind *kind = n > 0 ? filekind_of(start, (size_t)n) : NULL;

	return kind && kind->is_final ? kind : NULL;
}

static int refuse(const struct logfile *file, const struct filekind *kind,
		  struct error *err)
{
	return error_set(err, ERROR_FILE, -ENOMSG, "%.300s: %s, no log; %s", file->path,
			 kind->name, kind->advice);
}

int logfile_read(struct logfile *file, struct kernellog *ret, struct error *err)
{
	const struct filekind *kind = kind_of_start(file);
	int r = 0;

	*ret = (struct kernellog){0};
	if (file->err.code != ERROR_NONE) {
		*err = file->err;
		return -EIO;
	}
	if (kind)
		return refuse(file, kind, err);
	if (file->fd >= 0) {
		r = kernellog_read(ret, file->fd, file->path, err);
	} else {
		*ret = file->bytes;
		file->bytes = (struct kernellog){0};
	}
	if (r == 0)
		r = kernellog_unpack(ret, file->path, err);
	if (r == 0 && ret->nr_bytes == 0)
		r = error_set(err, ERROR_FILE, -ENOMSG,
			      "%.300s: it is empty, there is no log in it", file->path);
	kind = r == 0 ? filekind_of(ret->bytes, ret->nr_bytes) : NULL;
	if (kind && kind->is_final)
		r = refuse(file, kind, err);
	if (r < 0)
		kernellog_free(ret);
	return r;
}

void logfiles_close(struct logfiles *files)
{
	for (size_t i = 0; i < files->nr; i++) {
		free(files->array[i].path);
		if (files->array[i].fd >= 0)
			close(files->array[i].fd);
		kernellog_free(&files->array[i].bytes);
	}
	free(files->array);
	tdestroy(files->known, free);
	*files = (struct logfiles){0};
}
