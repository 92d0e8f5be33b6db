/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck preflight as a user runs it, on a capture of a real kernel. */
#include "cmd/preflight.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ko.h"
#include "run.h"

static struct run run;
static char good[64];

/* A module that does nothing, with a function to call. */
static void setup(void)
{
	static const unsigned char code[] = {0xc3, 0xc3};
	struct ko ko = ko_of_code(code, sizeof(code));
	size_t nr;
	unsigned char *bytes;
	FILE *file;

	ko.symbols[ko.nr_symbols++] = (struct ko_symbol){"changed", 1,	       1,
							 STT_FUNC,  STB_LOCAL, 1};
	bytes = ko_bytes(&ko, &nr);
	snprintf(good, sizeof(good), "/tmp/kwcheck-test-%d.ko", (int)getpid());
	file = fopen(good, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, nr, file), nr);
	fclose(file);
	free(bytes);
}

static void teardown(void)
{
	unlink(good);
}

TestSuite(cmd_preflight, .init = setup, .fini = teardown);

__attribute__((format(printf, 1, 2))) static void ask(const char *format, ...)
{
	char more[512], arguments[640];
	va_list args;

	va_start(args, format);
	vsnprintf(more, sizeof(more), format, args);
	va_end(args);
	snprintf(arguments, sizeof(arguments),
		 "preflight --core=tests/data/captures/7.zst %s", more);
	run_kwcheck(&run, arguments);
}

Test(cmd_preflight, a_dry_run_that_did_not_happen_is_told)
{
	ask("%s", good);
	cr_expect(strstr(run.out, "dry run: not-run: "), "%s", run.out);
	ask("%s %s", good, "/proc/self/exe");
	cr_expect(strstr(run.out, "without a dry run"), "%s", run.out);
}

Test(cmd_preflight, parameters)
{
	ask("%s nosuch=1", good);
	cr_expect(strstr(run.out, "unknown parameter 'nosuch' ignored"), "%s", run.out);
}
