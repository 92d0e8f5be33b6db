/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops/pstore.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oopslog.h"

Test(oops_pstore, names)
{
	static const struct {
		const char *name;
		size_t stem; /* 0: none */
	} rows[] = {
		{"dmesg-efi-165467891901004", 10},
		{"dmesg-efi-165467891901004.enc.z", 10},
		{"dmesg-ramoops-0", 14},
		{"dmesg-erst-7142235263457361921", 11},
		{"dmesg-efi_pstore-175321234501001", 17},
		{"dmesg.txt", 0},
		{"dmesg-2026-11-24.log", 0},
		{"dmesg-2026-11-24.enc", 0},
		{"console-ramoops-0", 0},
		{"dmesg-", 0},
		{"dmesg-efi-", 0},
		{"dmesg-5", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t stem = 0;

		cr_expect_eq(pstore_name(rows[i].name, &stem), rows[i].stem > 0, "%s",
			     rows[i].name);
		cr_expect_eq(stem, rows[i].stem, "%s: %zu", rows[i].name, stem);
	}
}

/* The lines of @text in order, each followed by a '/', against @wanted. */
static void expect_order(const char *text, const char *wanted)
{
	struct log log;
	char found[400] = "";

	cr_assert_eq(log_read(&log, text, strlen(text)), 0);
	for (size_t i = 0; i < log.nr; i++) {
		strcat(found, log.lines[i].text);
		strcat(found, "/");
	}
	cr_expect_str_eq(found, wanted);
	log_free(&log);
}

Test(oops_pstore, parts_in_any_order)
{
	/* As pstore lists them, and as systemd-pstore joins them. */
	expect_order("Panic#1 Part1\ne\nf\nPanic#1 Part2\nc\nd\nPanic#1 Part3\na\nb\n",
		     "Panic#1 Part3/a/b/c/d/e/f/");
	expect_order("Panic#1 Part3\na\nb\nPanic#1 Part2\nc\nd\nPanic#1 Part1\ne\nf\n",
		     "Panic#1 Part3/a/b/c/d/e/f/");
	/* An oops and the panic after it, sorted by part. */
	expect_order("Oops#1 Part1\nb\nPanic#2 Part1\nd\nOops#1 Part2\na\n"
		     "Panic#2 Part2\nc\n",
		     "Oops#1 Part2/a/b/Panic#2 Part2/c/d/");
	/* Two boots; the second one's parts are more. */
	expect_order("Panic#1 Part1\nb\nPanic#1 Part2\na\nPanic#1 Part1\ne\n"
		     "Panic#1 Part2\nd\nPanic#1 Part3\nc\n",
		     "Panic#1 Part2/a/b/Panic#1 Part3/c/d/e/");
	expect_order("Panic#1 Part2\na\nPanic#1 Part1\nb\nPanic#1 Part3\nc\n"
		     "Panic#1 Part2\nd\nPanic#1 Part1\ne\n",
		     "Panic#1 Part2/a/b/Panic#1 Part3/c/d/e/");
	/* What came before the first head stays there. */
	expect_order("x\nPanic#1 Part1\nb\nPanic#1 Part2\na\n", "x/Panic#1 Part2/a/b/");
	expect_order("Panic#1 Part\na\nPanic#1 Part2 b\nPanic#x Part1\n",
		     "Panic#1 Part/a/Panic#1 Part2 b/Panic#x Part1/");
}

/* A log cut into parts of whole lines, as pstore stores it, is the log. */
Test(oops_pstore, a_crash_in_parts)
{
	size_t nr;
	char *text = oopslog_load("6.12-lsm.txt", &nr);
	struct oopslog clean, found;

	oopslog_read(&clean, text, nr);
	for (size_t part_bytes = 500; part_bytes < 3000; part_bytes += 300) {
		const char *end = text + nr;
		char *parts = NULL;
		size_t parts_bytes;
		FILE *out = open_memstream(&parts, &parts_bytes);

		for (int i = 1; end > text; i++) {
			const char *start = end - text > (ptrdiff_t)part_bytes
						    ? end - part_bytes
						    : text;

			while (start > text && start[-1] != '\n')
				start--;
			fprintf(out, "Panic#1 Part%d\n%.*s", i, (int)(end - start),
				start);
			end = start;
		}
		fclose(out);
		oopslog_read(&found, parts, parts_bytes);
		cr_assert_eq(found.crashes.nr, 1);
		cr_expect_eq(found.crashes.array[0].registers.known,
			     clean.crashes.array[0].registers.known);
		cr_expect_eq(found.crashes.array[0].address,
			     clean.crashes.array[0].address);
		cr_expect_eq(found.crashes.array[0].nr_frames,
			     clean.crashes.array[0].nr_frames);
		oopslog_close(&found);
		free(parts);
	}
	oopslog_close(&clean);
	free(text);
}
