/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture notes of the running system, as text. */
#include "cmd/sysinfo.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/source.h"

enum { PATH_BYTES = 1024, LINE_BYTES = 8192 };

/* @text is set by the closing. */
static char *closed(FILE *file, char *const *text)
{
	if (loss_close(file) == 0)
		return *text;
	free(*text);
	return NULL;
}

/* NULL where there is none. One that cannot be read is lost. */
static FILE *open_file(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file && error_is_of_machine(-errno))
		loss_note("reading what the kernel says of itself", errno);
	return file;
}

static void close_file(FILE *file)
{
	if (!file)
		return;
	if (ferror(file) && error_is_of_machine(-errno))
		loss_note("reading what the kernel says of itself", errno);
	fclose(file);
}

static void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* First line of a file without its newline; "" where there is none. */
static void first_line(const char *path, char line[LINE_BYTES])
{
	FILE *file = open_file(path);

	if (!file || !fgets(line, LINE_BYTES, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	close_file(file);
}

static void put_line(FILE *to, const char *key, const char *sysroot, const char *path)
{
	char joined[PATH_BYTES], line[LINE_BYTES];

	snprintf(joined, sizeof(joined), "%s%s", sysroot, path);
	first_line(joined, line);
	fprintf(to, "%s=%s\n", key, line);
}

char *sysinfo_about(const char *sysroot)
{
	char *text = NULL, date[32];
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);
	time_t now = time(NULL);
	struct utsname uts;
	struct tm tm;

	if (!file)
		return NULL;
	if (uname(&uts) == 0)
		fprintf(file, "RELEASE=%s\nVERSION=%s\nHOST=%s\n", uts.release,
			uts.version, uts.nodename);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	fprintf(file, "DATE=%s\nPHYS_BITS=%u\n", date, source_phys_bits());
	put_line(file, "CMDLINE", sysroot, "/proc/cmdline");
	put_line(file, "LOCKDOWN", sysroot, "/sys/kernel/security/lockdown");
	put_line(file, "LSM", sysroot, "/sys/kernel/security/lsm");
	put_line(file, "MODULES_DISABLED", sysroot, "/proc/sys/kernel/modules_disabled");
	put_line(file, "SIG_ENFORCE", sysroot,
		 "/sys/module/module/parameters/sig_enforce");
	return closed(file, &text);
}

static void put_sections(FILE *to, const char *sysroot, const char *module)
{
	_cleanup_(cleanup_dir) DIR *dir = NULL;
	char path[PATH_BYTES], line[LINE_BYTES];
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s/sys/module/%s/sections", sysroot, module);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/sys/module/%s/sections/%s", sysroot,
			 module, entry->d_name);
		first_line(path, line);
		fprintf(to, "%s %s %s\n", module, entry->d_name, line);
	}
}

char *sysinfo_modules(const char *sysroot)
{
	_cleanup_free_ char *sections_text = NULL;
	char *text = NULL, path[PATH_BYTES], line[LINE_BYTES], name[64];
	size_t bytes, sections_bytes;
	FILE *file = open_memstream(&text, &bytes);
	FILE *sections = open_memstream(&sections_text, &sections_bytes);
	FILE *modules;

	if (!file || !sections)
		return NULL;
	snprintf(path, sizeof(path), "%s/proc/modules", sysroot);
	modules = open_file(path);
	while (modules && fgets(line, sizeof(line), modules)) {
		fputs(line, file);
		if (sscanf(line, "%63s ", name) == 1 && !strchr(name, '/'))
			put_sections(sections, sysroot, name);
	}
	close_file(modules);
	if (loss_close(sections) == 0)
		fprintf(file, "\n%s", sections_text);
	return closed(file, &text);
}
