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

Test(cmd_preflight, one_bad_operand)
{
	int alone;

	ask("%s", good);
	alone = run.status;
	ask("/none.ko %s", good);
	cr_expect_eq(run.status, alone | 2);
	cr_expect(strstr(run.out, good), "%s", run.out);
	cr_expect(strstr(run.err, "/none.ko: No such file"), "%s", run.err);
	ask("-J /none.ko %s", good);
	cr_expect_eq(run.status, alone | 2);
	cr_expect(strstr(run.out, good), "%s", run.out);
	cr_expect(strstr(run.out, "\"errors\":[{\"code\":\"file\""), "%s", run.out);
	/* All of them: each is told. */
	ask("/none.ko /none2.ko");
	cr_expect_eq(run.status, 2);
	cr_expect(strstr(run.err, "/none.ko: No such file"), "%s", run.err);
	cr_expect(strstr(run.err, "/none2.ko: No such file"), "%s", run.err);
}

Test(cmd_preflight, call_of_no_function)
{
	ask("--call=chnged %s", good);
	cr_expect_eq(run.status, 64);
	cr_expect(
		strstr(run.err, "the module has no such function; did you mean changed"),
		"%s", run.err);
	ask("--call=changed %s", good);
	cr_expect_neq(run.status, 64);
}

Test(cmd_preflight, parameters)
{
	ask("%s nosuch=1", good);
	cr_expect(strstr(run.out, "unknown parameter 'nosuch' ignored"), "%s", run.out);
}
