/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of what is fed with any bytes. */
#include "tests/fuzz/target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const struct fuzz_target fuzz_targets[] = {
	{.name = "oops", .run = fuzz_oops, .max_bytes = 8192},
	{.name = "site", .run = fuzz_site, .max_bytes = 256},
	{.name = "paste", .run = fuzz_paste, .max_bytes = 1024},
	{.name = "kallsyms-text", .run = fuzz_kallsyms_text, .max_bytes = 1024},
	{.name = "vmcoreinfo", .run = fuzz_vmcoreinfo, .max_bytes = 512},
	{.name = "word", .run = fuzz_word, .max_bytes = 128},
	{.name = "list", .run = fuzz_list, .max_bytes = 512},
	{.name = "baseline", .run = fuzz_baseline, .max_bytes = 2048},
	{.name = "unpack", .run = fuzz_unpack, .max_bytes = 1024},
	{.name = "kofile", .run = fuzz_kofile, .max_bytes = 4096},
	{.name = "layout", .run = fuzz_layout, .max_bytes = 4096},
	{.name = "signature", .run = fuzz_signature, .max_bytes = 1024},
	{.name = "preflight", .run = fuzz_preflight, .max_bytes = 65536},
	{.name = "decode", .run = fuzz_decode, .max_bytes = 64},
	{.name = "code", .run = fuzz_code, .max_bytes = 256},
	{.name = "kmodindex", .run = fuzz_kmodindex, .max_bytes = 512},
	{.name = "elfcore", .run = fuzz_elfcore, .max_bytes = 2048},
	{.name = "kdump", .run = fuzz_kdump, .max_bytes = 16384},
	{.name = "lime", .run = fuzz_lime, .max_bytes = 1024},
	{.name = "avml", .run = fuzz_avml, .max_bytes = 1024},
	{.name = "vmware", .run = fuzz_vmware, .max_bytes = 2048},
	{.name = "xencore", .run = fuzz_xencore, .max_bytes = 2048},
	{.name = "expand", .run = fuzz_expand, .max_bytes = 1024},
	{.name = "btf", .run = fuzz_btf, .max_bytes = 1024},
	{.name = "kallsyms", .run = fuzz_kallsyms, .max_bytes = 2048},
	{.name = "printk", .run = fuzz_printk, .max_bytes = 4096},
	{.name = "tables", .run = fuzz_tables, .max_bytes = 256},
	{0},
};

const struct fuzz_target *fuzz_target(const char *name)
{
	for (const struct fuzz_target *target = fuzz_targets; target->name; target++)
		if (strcmp(target->name, name) == 0)
			return target;
	return NULL;
}

void fuzz_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

char *fuzz_text(const unsigned char *bytes, size_t nr_bytes)
{
	char *text = malloc(nr_bytes + 1);

	if (!text)
		fuzz_fail("no memory");
	memcpy(text, bytes, nr_bytes);
	text[nr_bytes] = '\0';
	return text;
}

int fuzz_file(const unsigned char *bytes, size_t nr_bytes)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzzed", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) < 0 ||
	    pwrite(fd, bytes, nr_bytes, 0) != (ssize_t)nr_bytes ||
	    lseek(fd, 0, SEEK_SET) < 0)
		fuzz_fail("no file in memory");
	return fd;
}
