/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/scout.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/open.h"
#include "ko.h"

static char folder[] = "/tmp/kwcheck-scout-XXXXXX";

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(cmd_scout, .init = setup, .fini = teardown);

static void write_bytes(const char *path, const void *bytes, size_t nr_bytes)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, nr_bytes, file), nr_bytes);
	fclose(file);
}

static void write_module(const char *path, const char *modinfo, size_t nr_bytes)
{
	const struct ko ko = {
		.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, "\xc3", 1, NULL, 0},
			     {".modinfo", SHF_ALLOC, 0, modinfo, nr_bytes, NULL, 0}},
		.nr_sections = 2,
		.symbols = {{"init_module", 1, 0, STT_FUNC, STB_GLOBAL, 1}},
		.nr_symbols = 1,
	};
	size_t size_bytes;
	unsigned char *bytes = ko_bytes(&ko, &size_bytes);

	write_bytes(path, bytes, size_bytes);
	free(bytes);
}

static void add(struct lookup *names, const char *path)
{
	struct error err = {0};

	cr_assert_eq(lookup_add(names, path, NULL, 0, &err), 1, "%s", err.message);
}

/* One that is no module does not take the others' needs away. */
Test(cmd_scout, what_files_say_that_they_need)
{
	static const char user[] = "name=user\0depends=the_base",
			  base[] = "name=the_base";
	const struct options options = {0};
	struct lookup names = {.tree = "/nowhere"};
	struct error err = {0};

	cr_assert_eq(chdir(folder), 0);
	write_module("user.ko", user, sizeof(user));
	write_module("file-of-base.ko", base, sizeof(base));
	write_bytes("broken.ko",
		    "\x7f"
		    "ELF",
		    4);
	add(&names, "broken.ko");
	add(&names, "user.ko");
	add(&names, "file-of-base.ko");
	cr_assert_eq(scout_needs(&options, &names, &err), 0, "%s", err.message);
	cr_expect_eq(names.array[0].needs.nr, 0);
	cr_assert_eq(names.array[1].needs.nr, 1);
	cr_expect_eq(names.array[1].needs.array[0].number, 2);
	cr_expect_eq(names.array[2].needs.nr, 0);
	lookup_free(&names);
}

/* A core that is packed is expanded once: by the process that looks for the release. */
Test(cmd_scout, a_cores_release)
{
	const struct options options = {0};
	struct error err = {0};
	struct source source;
	struct kernel kernel;
	char release[128];

	cr_assert_eq(source_open_core(&source, "tests/data/captures/6.1.zst", &err), 0,
		     "%s", err.message);
	cr_assert_eq(
		scout_release(&options, &source, release, sizeof(release), NULL, &err), 0,
		"%s", err.message);
	cr_expect_eq(strncmp(release, "6.1.", 4), 0, "%s", release);
	cr_expect(source.is_expanded);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_expect_str_eq(kernel.release, release);
	kernel_close(&kernel);
	source_close(&source);
}

Test(cmd_scout, what_is_no_core)
{
	const struct options options = {0};
	struct error err = {0};
	struct source source;
	char path[64], release[128];

	snprintf(path, sizeof(path), "%s/core", folder);
	write_bytes(path, "no core", 7);
	cr_assert_eq(source_open_core(&source, path, &err), 0, "%s", err.message);
	cr_assert_lt(
		scout_release(&options, &source, release, sizeof(release), NULL, &err),
		0);
	cr_expect_eq(err.code, ERROR_MALFORMED_CORE);
	cr_expect_not_null(strstr(err.message, path), "%s", err.message);
	source_close(&source);
}
