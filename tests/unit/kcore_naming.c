/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory, the text file, a capture's note, or nothing. */
#include "kcore/naming.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

static void open_fake(struct fake *fake, struct source *source, struct kernel *kernel,
		      enum source_symbols symbols)
{
	struct error err = {0};

	fake_write(fake);
	*source = fake_source(fake);
	source->symbols = symbols;
	cr_assert_eq(kernel_open(kernel, source, &err), 0, "%s", err.message);
}

/* The fake's VMCOREINFO names no tables, as before 6.0. */
Test(kcore_naming, text_where_memory_says_nothing)
{
	struct fake fake = {0};
	struct source source;
	struct kernel kernel;

	open_fake(&fake, &source, &kernel, SOURCE_SYMBOLS_AUTO);
	cr_expect(kernel.has_symbols);
	cr_expect_str_eq(kernel.symbols_from, "kallsyms");
	cr_expect_not_null(symbols_find(&kernel.symbols, "modprobe_path", NULL, NULL));
	kernel_close(&kernel);
	fake_close(&fake);
	open_fake(&fake, &source, &kernel, SOURCE_SYMBOLS_MEMORY);
	cr_expect_not(kernel.has_symbols);
	cr_expect_not_null(strstr(kernel.symbols_error.message, "use --symbols=text"));
	kernel_close(&kernel);
	fake_close(&fake);
}

Test(kcore_naming, neither)
{
	struct fake fake = {.kallsyms = ""};
	struct source source;
	struct kernel kernel;

	open_fake(&fake, &source, &kernel, SOURCE_SYMBOLS_AUTO);
	cr_expect_not(kernel.has_symbols);
	cr_expect_eq(kernel.symbols_error.code, ERROR_NO_SYMBOLS);
	kernel_close(&kernel);
	fake_close(&fake);
}

/* The kernel's own from its tables, and modules' from the note that was made with them.
 */
Test(kcore_naming, a_capture)
{
	struct error err = {0};
	struct source source;
	struct kernel kernel;

	cr_assert_eq(source_open_core(&source, "tests/data/captures/7.zst", &err), 0);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	cr_expect_str_eq(kernel.symbols_from, "memory");
	cr_expect_null(kernel.symbols.text);
	cr_expect_not_null(symbols_nth(&kernel.symbols, kernel.symbols.own.nr),
			   "the oracle's module");
	cr_expect_not_null(kernel.symbols.text);
	kernel_close(&kernel);
	source_close(&source);
}
