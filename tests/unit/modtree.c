/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modtree.h"

#include <criterion/criterion.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ko.h"

void modtree_run(const char *format, ...)
{
	char command[2 * PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	cr_assert_eq(system(command), 0, "%s", command);
}

void modtree_run_in(const char *root, const char *commands)
{
	modtree_run("cd '%s' && { %s; }", root, commands);
}

void modtree_make(char *root)
{
	cr_assert_not_null(mkdtemp(root));
}

void modtree_remove(const char *root)
{
	modtree_run("rm -r '%s'", root);
}

void modtree_write(const char *root, const char *path, const char *exported,
		   const char *used)
{
	char ksymtab[64], full[PATH_MAX], folder[PATH_MAX];
	struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {"__ksymtab_strings", SHF_ALLOC, 0, exported,
			      strlen(exported) + 1, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 0},
			    {ksymtab, 1, 0, STT_NOTYPE, STB_LOCAL, 0},
			    {used, SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0}},
		.nr_symbols = *used ? 3 : 2,
	};
	size_t size_bytes;
	unsigned char *bytes;
	FILE *file;

	snprintf(ksymtab, sizeof(ksymtab), "__ksymtab_%s", exported);
	bytes = ko_bytes(&ko, &size_bytes);
	snprintf(full, sizeof(full), "%s/%s", root, path);
	snprintf(folder, sizeof(folder), "%s", full);
	modtree_run("mkdir -p '%s'", dirname(folder));
	file = fopen(full, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, size_bytes, file), size_bytes);
	fclose(file);
	free(bytes);
}
