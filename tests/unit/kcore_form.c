/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/form.h"
#include "kcore/kdump.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/audit.h"
#include "dump.h"
#include "fake.h"
#include "room.h"
#include "kcore/region.h"

#ifdef KWCHECK_KDUMPFILE
static const bool has_kdump = true;
#else
static const bool has_kdump = false;
#endif
#ifdef KWCHECK_SNAPPY
static const bool has_avml = true;
#else
static const bool has_avml = false;
#endif

static bool can_open(int form)
{
	return (form != DUMP_KDUMP || has_kdump) && (form != DUMP_AVML || has_avml);
}

/* What the tables say of the fake's text, and what each form has of its memory. */
static void expect_answers(struct dump *dump, int form)
{
	struct pt_walk walk;
	uint64_t entry;

	pt_walk(&dump->kernel.pt, FAKE_STEXT, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY, "%d", form);
	pt_walk(&dump->kernel.pt, FAKE_SMALL, &walk);
	cr_expect_eq(walk.verdict, form == DUMP_KDUMP ? PT_UNKNOWN : PT_WRITABLE, "%d",
		     form);
	pt_walk(&dump->kernel.pt, FAKE_SMALL + 0x2000, &walk);
	cr_expect_eq(walk.verdict, form == DUMP_KDUMP ? PT_UNKNOWN : PT_UNMAPPED, "%d",
		     form);
	cr_expect_eq(elfcore_read_pa(&dump->kernel.core, FAKE_RAM_BYTES - 8, &entry, 8),
		     0);
	cr_expect_eq(entry, 0);
	cr_expect_eq(elfcore_read_pa(&dump->kernel.core, FAKE_RAM_BYTES, &entry, 8),
		     -EFAULT);
	/* The direct map has its name, its first page too. */
	cr_expect_eq(region_of(&dump->kernel, FAKE_DIRECT_MAP)->kind, REGION_DIRECT_MAP);
	cr_expect_eq(region_of(&dump->kernel, FAKE_DIRECT_MAP + 0x1000)->kind,
		     REGION_DIRECT_MAP);
	cr_expect(kernel_direct_map(&dump->kernel, 0x5000, &entry));
	cr_expect_eq(entry, FAKE_DIRECT_MAP + 0x5000);
	if (form == DUMP_LIME || form == DUMP_AVML || form == DUMP_VMSN)
		cr_expect_eq(elfcore_read_pa(&dump->kernel.core, DUMP_HOLE_PA, &entry, 8),
			     -EFAULT);
}

static void expect_open(int fd, int form, const char *how)
{
	struct error err = {0};
	struct dump dump;

	if (!can_open(form)) {
		cr_expect_lt(dump_open(&dump, fd, &err), 0);
		cr_expect_eq(err.code, ERROR_NOT_BUILT_IN, "%s", err.message);
		return;
	}
	cr_assert_eq(dump_open(&dump, fd, &err), 0, "%d, %s: %s", form, how, err.message);
	cr_expect_str_eq(dump.kernel.release, "6.1.0-fake-amd64");
	cr_expect_eq(dump.kernel.nr_notes > 0 && strstr(dump.kernel.notes[0], "missing"),
		     0);
	expect_answers(&dump, form);
	dump_close(&dump);
}

/* The same verdicts out of every form; KDUMP's lacks a table. */
Test(kcore_form, all_forms)
{
	for (int form = 0; form < DUMP_NR_FORMS; form++)
		expect_open(dump_write(form), form, "plain");
}

Test(kcore_form, packed_and_flattened)
{
	static const char *const programs[] = {"gzip", "xz", "zstd"};

	expect_open(dump_flatten(dump_write(DUMP_ELF), 10000), DUMP_ELF, "flat");
	expect_open(dump_flatten(dump_write(DUMP_ELF), FAKE_RAM_BYTES * 2), DUMP_ELF,
		    "flat");
	expect_open(dump_flatten(dump_write(DUMP_KDUMP), 5000), DUMP_KDUMP, "flat");
	for (size_t i = 0; i < 3; i++) {
		expect_open(dump_pack(dump_write(DUMP_RAW), programs[i]), DUMP_RAW,
			    programs[i]);
		expect_open(dump_pack(dump_write(DUMP_LIME), programs[i]), DUMP_LIME,
			    programs[i]);
		expect_open(
			dump_pack(dump_flatten(dump_write(DUMP_ELF), 4096), programs[i]),
			DUMP_ELF, programs[i]);
	}
}

/* What is below a table that was left out is unknown, and says why. */
Test(kcore_form, left_out)
{
	struct dump dump;
	struct error err = {0};
	struct pt_walk walk;
	uint64_t entry;

	if (!has_kdump)
		return;
	cr_assert_eq(dump_open(&dump, dump_write(DUMP_KDUMP), &err), 0, "%s",
		     err.message);
	pt_walk(&dump.kernel.pt, FAKE_SMALL, &walk);
	cr_expect_eq(walk.reason, PT_EXCLUDED);
	cr_expect_str_eq(pt_reason_name(walk.reason), "excluded");
	cr_expect_eq(elfcore_read_pa(&dump.kernel.core, DUMP_LEFT_OUT_PA, &entry, 8),
		     -ENODATA);
	cr_expect_not(elfcore_has_pa(&dump.kernel.core, DUMP_LEFT_OUT_PA));
	cr_expect(elfcore_is_ram(&dump.kernel.core, DUMP_LEFT_OUT_PA));
	cr_expect_gt(dump.kernel.core.nr_missing, 0);
	cr_expect_str_eq(kernel_missing_words(&dump.kernel, DUMP_LEFT_OUT_PA),
			 "was left out of the dump (makedumpfile -d)");
	dump_close(&dump);
}

/* What an audit cannot know of such a dump has the reason. */
Test(kcore_form, audit_says_what_is_missing)
{
	const struct audit_words words = {0};
	struct error err = {0};
	struct audit audit;
	struct dump dump;
	size_t nr_unknown = 0;

	if (!has_kdump)
		return;
	cr_assert_eq(dump_open(&dump, dump_write(DUMP_KDUMP), &err), 0);
	cr_assert_eq(audit_run(&audit, &dump.kernel, 1u << AUDIT_TABLES, &words, NULL),
		     0);
	for (size_t i = 0; i < audit.nr_rows; i++)
		nr_unknown += audit.rows[i].verdict == AUDIT_UNKNOWN &&
			      strstr(audit.rows[i].detail,
				     "excluded: a page was left out");
	cr_expect_gt(nr_unknown, 0);
	audit_free(&audit);
	dump_close(&dump);
}

/* More files than one make sense for a split dump only. */
Test(kcore_form, parts_of_what_is_not_split)
{
	struct source source;
	struct kernel kernel;
	struct error err = {0};

	cr_assert_eq(source_open_core(&source, "tests/data/captures/6.1.zst", &err), 0);
	cr_expect_lt(source_add_part(&source, "tests", &err), 0);
	cr_expect(strstr(err.message, "not a regular file"), "%s", err.message);
	err = (struct error){0};
	cr_assert_eq(source_add_part(&source, "tests/data/captures/7.zst", &err), 0);
	cr_expect_lt(kernel_open(&kernel, &source, &err), 0);
	cr_expect_eq(err.code, ERROR_USAGE);
	cr_expect(strstr(err.message, "no split dump"), "%s", err.message);
	source_close(&source);
}

/* Cut anywhere: an answer from what is there, or one line; never another answer. */
Test(kcore_form, cut_anywhere)
{
	for (int form = 0; form < DUMP_NR_FORMS; form++) {
		int fd = dump_write(form);
		off_t size = lseek(fd, 0, SEEK_END);

		/* Shorter each time. */
		for (int i = 39; i >= 0; i--) {
			struct error err = {0};
			struct dump dump;
			struct pt_walk walk;

			cr_assert_eq(ftruncate(fd, size / 40 * i + i), 0);
			if (dump_open(&dump, dup(fd), &err) < 0) {
				cr_expect_neq(err.code, ERROR_NONE);
				cr_expect_neq(err.code, ERROR_INTERNAL, "%s",
					      err.message);
				continue;
			}
			pt_walk(&dump.kernel.pt, FAKE_STEXT, &walk);
			cr_expect(walk.verdict == PT_READ_ONLY ||
				  walk.verdict == PT_UNKNOWN);
			pt_walk(&dump.kernel.pt, FAKE_SMALL, &walk);
			cr_expect(walk.verdict == PT_WRITABLE ||
				  walk.verdict == PT_UNKNOWN);
			dump_close(&dump);
		}
		close(fd);
	}
}

/* Where each form's headers are: what lies between is the kernel's memory, whose own bits
 * nothing tells from others.
 */
static const struct {
	off_t first_bytes, last_bytes;
} heads[DUMP_NR_FORMS] = {
	[DUMP_ELF] = {120, 0},	      [DUMP_XNUM] = {4096, 0},
	[DUMP_LIME] = {32, 0},	      [DUMP_AVML] = {64, 0},
	[DUMP_KDUMP] = {3 * 4096, 0}, [DUMP_XEN] = {4096, FAKE_RAM_BYTES / 4096 * 8},
	[DUMP_VBOX] = {2048, 0},      [DUMP_VMSN] = {512, 0},
};

/* A bit flipped in the headers: an answer, or one line; never another answer. */
Test(kcore_form, damaged_anywhere)
{
	unsigned nr_open = 0, nr_refused = 0;

	srand(21);
	for (int form = 0; form < DUMP_NR_FORMS; form++) {
		int fd = dump_write(form);
		off_t size = lseek(fd, 0, SEEK_END);

		for (int i = 0; i < 40 && heads[form].first_bytes; i++) {
			off_t at = rand() %
				   (heads[form].first_bytes + heads[form].last_bytes);
			int bit = rand() % 8;
			unsigned char byte, damaged;
			struct error err = {0};
			struct dump dump;
			struct pt_walk walk;
			int r;

			if (at >= heads[form].first_bytes)
				at += size - heads[form].first_bytes -
				      heads[form].last_bytes;
			cr_assert_eq(pread(fd, &byte, 1, at), 1);
			damaged = byte ^ (unsigned char)(1 << bit);
			cr_assert_eq(pwrite(fd, &damaged, 1, at), 1);
			r = dump_open(&dump, dup(fd), &err);
			if (r < 0) {
				cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
				nr_refused++;
				cr_expect_neq(err.code, ERROR_NONE);
				cr_expect_neq(err.code, ERROR_INTERNAL, "%d: %s", form,
					      err.message);
				continue;
			}
			nr_open++;
			pt_walk(&dump.kernel.pt, FAKE_STEXT, &walk);
			cr_expect(walk.verdict == PT_READ_ONLY ||
					  walk.verdict == PT_UNKNOWN,
				  "form %d, bit %d of byte %ld", form, bit, (long)at);
			pt_walk(&dump.kernel.pt, FAKE_SMALL, &walk);
			cr_expect(walk.verdict == PT_WRITABLE ||
					  walk.verdict == PT_UNKNOWN,
				  "form %d, bit %d of byte %ld: %s %s", form, bit,
				  (long)at, pt_verdict_name(walk.verdict),
				  pt_reason_name(walk.reason));
			dump_close(&dump);
			cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
		}
		close(fd);
	}
	cr_expect_gt(nr_open, 30u);
	cr_expect_gt(nr_refused, 30u);
}

static enum form_kind kind_of(const char *bytes, size_t nr)
{
	return form_of(bytes, nr)->kind;
}

Test(kcore_form, names)
{
	static char block[FORM_HEAD_BYTES];

	cr_expect_eq(kind_of("\x7f"
			     "ELF",
			     4),
		     FORM_ELF);
	cr_expect_eq(kind_of("\x7f"
			     "EL",
			     3),
		     FORM_NONE);
	cr_expect_eq(kind_of("", 0), FORM_NONE);
	cr_expect_eq(kind_of("KDUMP   ", 8), FORM_KDUMP);
	cr_expect_eq(kind_of("makedumpfile\0\0\0\0", 16), FORM_FLAT);
	cr_expect_eq(kind_of("EMiL\1\0\0\0", 8), FORM_LIME);
	cr_expect_eq(kind_of("EMiL\2\0\0\0", 8), FORM_NONE);
	cr_expect_eq(kind_of("QEVM\0\0\0\3", 8), FORM_REFUSED);
	cr_expect_eq(kind_of("PAGEDU64", 8), FORM_REFUSED);
	cr_expect_eq(kind_of("\xd2\xbe\xd2\xbe", 4), FORM_VMWARE);
	cr_expect(strstr(form_of("\xd0\xbe\xd0\xbe", 4)->advice, ".vmem"));
	memcpy(block + 4086, "S1SUSPEND", 9);
	cr_expect(strstr(form_of(block, sizeof(block))->name, "hibernation"));
	memset(block, 0, sizeof(block));
	cr_expect_eq(kind_of(block, sizeof(block)), FORM_NONE);
}

/* --version says of which file the library is. */
Test(kcore_form, the_library_is_told)
{
	if (!kdump_load())
		cr_expect_not_null(strstr(kdump_library(), "libkdumpfile.so."), "%s",
				   kdump_library());
}

/* What is no dump is told by its first bytes; what lost its layout by name. */
Test(kcore_form, refused)
{
	static const char text[] = "Dear diary, today I read a dump";
	int fd = memfd_create("text", MFD_CLOEXEC), raw = dump_write(DUMP_RAW);
	char *memory = room_take(FAKE_RAM_BYTES);
	struct error err = {0};
	struct dump dump;

	cr_assert_eq(write(fd, text, sizeof(text)), (ssize_t)sizeof(text));
	cr_expect_lt(dump_open(&dump, fd, &err), 0);
	cr_expect(strstr(err.message, "it starts with 44 65 61 72"), "%s", err.message);

	cr_assert_eq(pread(raw, memory, FAKE_RAM_BYTES, 0), (ssize_t)FAKE_RAM_BYTES);
	close(raw);
	fd = memfd_create("raw", MFD_CLOEXEC);
	/* A page is missing at its start, as where ranges were joined. */
	cr_assert_eq(write(fd, memory + 4096, FAKE_RAM_BYTES - 4096),
		     (ssize_t)FAKE_RAM_BYTES - 4096);
	err = (struct error){0};
	cr_expect_lt(dump_open(&dump, fd, &err), 0);
	cr_expect(strstr(err.message, "format=raw"), "%s", err.message);
	cr_expect(strstr(err.message, "format=lime"), "%s", err.message);
}
