/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures: of real kernels, replayed against what their CPU said, and one of our own. */
#include "kcore/capture.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"
#include "kcore/ksymtab.h"
#include "kcore/region.h"

static const struct {
	char name[24];
	const char *release; /* how it starts */
	unsigned levels;
	const char *array;
	uint64_t array_bytes; /* up to the next symbol */
} kernels[] = {
	{"5.10", "5.10.", 4, "apparmor_hooks", 2720},
	{"6.1", "6.1.", 4, "apparmor_hooks", 2720},
	{"6.12", "6.12.", 5, "apparmor_hooks", 1824},
	{"7", "7.", 4, "apparmor_hooks", 1920},
	{"kcfi-randstruct", "6.12.", 4, "yama_hooks", 96},
	/* CONFIG_KALLSYMS_ALL=n, without KASLR and BTF: no object has a name. */
	{"functions-only", "5.10.", 4, NULL, 0},
};

static void open_capture(const char *name, struct source *source, struct kernel *kernel)
{
	struct error err = {0};
	char path[64];

	snprintf(path, sizeof(path), "tests/data/captures/%s.zst", name);
	cr_assert_eq(source_open_core(source, path, &err), 0, "%s", err.message);
	cr_assert_eq(kernel_open(kernel, source, &err), 0, "%s", err.message);
}

ParameterizedTestParameters(kcore_capture, the_cpu_agrees)
{
	static int indices[] = {0, 1, 2, 3, 4, 5};

	return cr_make_param_array(int, indices, sizeof(indices) / sizeof(indices[0]));
}

static char letter_of(enum pt_verdict verdict)
{
	static const char letters[] = {
		[PT_WRITABLE] = 'w',
		[PT_READ_ONLY] = 'r',
		[PT_UNMAPPED] = 'n',
		[PT_UNKNOWN] = '?',
	};

	return letters[verdict];
}

ParameterizedTest(int *index, kcore_capture, the_cpu_agrees)
{
	const char *name = kernels[*index].name;
	char path[64], answer;
	size_t nr = 0, nr_wrong = 0;
	struct source source;
	struct kernel kernel;
	uint64_t va;
	FILE *file;

	open_capture(name, &source, &kernel);
	cr_expect_eq(strncmp(kernel.release, kernels[*index].release,
			     strlen(kernels[*index].release)),
		     0, "%s", kernel.release);
	cr_expect_eq(kernel.pt.format.levels, kernels[*index].levels);
	snprintf(path, sizeof(path), "tests/data/captures/%s.oracle", name);
	file = fopen(path, "re");
	cr_assert_not_null(file);
	while (fscanf(file, "%" SCNx64 " %c\n", &va, &answer) == 2) {
		struct pt_walk walk;

		pt_walk(&kernel.pt, va, &walk);
		nr++;
		if (letter_of(walk.verdict) != answer && nr_wrong++ < 10)
			cr_expect_fail("%s: %016" PRIx64 ": the CPU says %c, we %s (%s)",
				       name, va, answer, pt_verdict_name(walk.verdict),
				       region_of(&kernel, va)->name);
	}
	fclose(file);
	cr_expect_gt(nr, 14000);
	cr_expect_eq(nr_wrong, 0, "%zu of %zu", nr_wrong, nr);
	kernel_close(&kernel);
	source_close(&source);
}

Test(kcore_capture, names_and_sizes)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const struct symbol *symbol;
		struct source source;
		struct kernel kernel;
		struct pt_walk walk;
		uint64_t next;

		if (!kernels[i].array)
			continue;
		open_capture(kernels[i].name, &source, &kernel);
		symbol = symbols_find(&kernel.symbols, kernels[i].array, NULL, NULL);
		cr_assert_not_null(symbol, "%s", kernels[i].name);
		cr_expect(symbols_next_address(&kernel.symbols, symbol->address, &next));
		cr_expect_eq(next - symbol->address, kernels[i].array_bytes, "%s: %lu",
			     kernels[i].name, next - symbol->address);
		cr_expect_eq(region_of(&kernel, symbol->address)->kind,
			     REGION_RO_AFTER_INIT);
		pt_walk(&kernel.pt, symbol->address, &walk);
		cr_expect_eq(walk.verdict, PT_READ_ONLY);
		symbol = symbols_find(&kernel.symbols, "modprobe_path", NULL, NULL);
		pt_walk(&kernel.pt, symbol->address, &walk);
		cr_expect_eq(walk.verdict, PT_WRITABLE);
		kernel_close(&kernel);
		source_close(&source);
	}
}

/* What is exported has an address, and its CRCs were where they were looked for: each of
 * 5.10 is the distance to one.
 */
Test(kcore_capture, exports_of_a_kernel_that_lists_functions)
{
	struct source source;
	struct kernel kernel;
	struct ksymtab tables;
	struct pt_walk walk;
	uint64_t va;

	open_capture("functions-only", &source, &kernel);
	cr_expect_null(symbols_find(&kernel.symbols, "uuid_null", NULL, NULL));
	cr_assert(symbols_address(&kernel.symbols, "uuid_null", &va));
	cr_expect_eq(va, 0xffffffff81856ad0);
	pt_walk(&kernel.pt, va, &walk);
	cr_expect_eq(walk.verdict, PT_READ_ONLY);
	cr_assert(symbols_address(&kernel.symbols, "init_task", &va));
	pt_walk(&kernel.pt, va, &walk);
	cr_expect_eq(walk.verdict, PT_WRITABLE);
	cr_assert_eq(ksymtab_find(&kernel, &tables), 0);
	cr_expect_neq(tables.gpl, 0);
	cr_expect_eq(tables.crcs, tables.end);
	kernel_close(&kernel);
	source_close(&source);
}

/* A core of the fake kernel, captured and opened again. */
static void recapture(bool is_compressed)
{
	static const uint64_t vas[] = {
		FAKE_STEXT,	     FAKE_RODATA,	  FAKE_DATA,	   FAKE_SMALL,
		FAKE_SMALL + 0x1000, FAKE_SMALL + 0x2000, FAKE_DIRECT_MAP, UINT64_MAX};
	const struct capture capture = {.about = "PHYS_BITS=40\n", .modules = "\n"};
	struct fake fake = {0};
	struct kernel before, after;
	struct source source, again;
	struct steady steady;
	struct error err = {0};
	const struct symbol *symbol;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&before, &source, &err), 0, "%s", err.message);
	again = source;
	again.core_fd = memfd_create("capture", MFD_CLOEXEC);
	again.scratch_fd = memfd_create("scratch", MFD_CLOEXEC);
	again.kallsyms_fd = -1;
	cr_assert_eq(capture_write(&before, &capture, again.core_fd, is_compressed,
				   &steady, &err),
		     0, "%s", err.message);
	cr_assert_eq(kernel_open(&after, &again, &err), 0, "%s", err.message);
	cr_expect_gt(steady.nr_tables, 0u);
	cr_expect(steady_is_one_moment(&steady));
	cr_expect_eq(after.unsteady_note, 0u);
	cr_expect_eq(after.pt.format.phys_bits, 40);
	cr_expect_eq(again.phys_bits, 52, "the source is borrowed");
	for (size_t i = 0; i < sizeof(vas) / sizeof(vas[0]); i++) {
		struct pt_walk a, b;

		pt_walk(&before.pt, vas[i], &a);
		pt_walk(&after.pt, vas[i], &b);
		cr_expect_eq(a.verdict, b.verdict, "%016lx", vas[i]);
		cr_expect_eq(a.reason, b.reason);
		cr_expect_eq(a.pa, b.pa);
		cr_expect_eq(region_of(&before, vas[i])->kind,
			     region_of(&after, vas[i])->kind);
	}
	symbol = symbols_find(&after.symbols, "apparmor_hooks", "testmod", NULL);
	cr_assert_not_null(symbol);
	cr_expect_eq(symbol->address, 0xffffffffc0000000);
	close(again.core_fd);
	close(again.scratch_fd);
	kernel_close(&before);
	kernel_close(&after);
	fake_close(&fake);
}

Test(kcore_capture, plain)
{
	recapture(false);
}

Test(kcore_capture, compressed)
{
	recapture(true);
}

/* A capture of @before in @again, opened. */
static void capture_again(struct kernel *before, const struct capture *capture,
			  struct source *again, struct kernel *after)
{
	struct steady steady;
	struct error err = {0};

	again->core_fd = memfd_create("capture", MFD_CLOEXEC);
	again->kallsyms_fd = -1;
	cr_assert_eq(capture_write(before, capture, again->core_fd, false, &steady, &err),
		     0, "%s", err.message);
	cr_assert_eq(kernel_open(after, again, &err), 0, "%s", err.message);
}

/* Whenever and wherever it is copied. Captures of form 1, as tests/data has them, have no
 * host.
 */
Test(kcore_capture, a_copy_says_when_and_on_which_host)
{
	struct capture capture = {
		.about =
			"RELEASE=6.1.0\nHOST=web7\nDATE=2026-11-29T19:05:11Z\nLSM=yama\n",
		.modules = "m 1 0 - Live 0x1\n"};
	struct fake fake = {0};
	struct kernel copies[3];
	struct source source, again, copy;
	struct error err = {0};
	char host[65] = "", when[32] = "", lsm[16] = "";
	char *about, *modules;

	fake_write(&fake);
	source = copy = again = fake_source(&fake);
	cr_assert_eq(kernel_open(&copies[0], &source, &err), 0, "%s", err.message);
	about = capture_words(&copies[0], CAPTURE_ABOUT);
	cr_expect_eq(strncmp(about, "RELEASE=", 8), 0, "%s", about);
	cr_expect_not_null(strstr(about, "\nHOST=\nDATE=\n"), "%s", about);
	free(about);
	capture_again(&copies[0], &capture, &again, &copies[1]);
	about = capture_words(&copies[1], CAPTURE_ABOUT);
	modules = capture_words(&copies[1], CAPTURE_MODULES);
	cr_expect_str_eq(modules, capture.modules);
	capture.about = about;
	capture.modules = modules;
	capture_again(&copies[1], &capture, &copy, &copies[2]);
	cr_expect(kernel_host(&copies[2], host, sizeof(host)));
	cr_expect_str_eq(host, "web7");
	cr_expect(kernel_time(&copies[2], when, sizeof(when)));
	cr_expect_str_eq(when, "2026-11-29T19:05:11Z");
	cr_expect(kernel_about(&copies[2], "LSM", lsm, sizeof(lsm)));
	cr_expect_str_eq(lsm, "yama");
	free(about);
	free(modules);
	for (size_t i = 0; i < 3; i++)
		kernel_close(&copies[i]);
	close(again.core_fd);
	close(copy.core_fd);
	fake_close(&fake);
}

static void expect_read_one(uint64_t poisoned_pa, bool is_there)
{
	struct footprint footprint = {0};
	struct capture capture = {.about = "\n", .modules = "\n"};
	struct fake fake = {.poisoned_pa = poisoned_pa};
	struct kernel before, without, with;
	struct source source, first, second;
	struct error err = {0};
	uint64_t bytes;

	fake_write(&fake);
	source = first = second = fake_source(&fake);
	cr_assert_eq(kernel_open(&before, &source, &err), 0, "%s", err.message);
	capture_again(&before, &capture, &first, &without);
	kernel_forget(&before);
	before.core.footprint = &footprint;
	cr_assert_eq(elfcore_read_pa(&before.core, 0x12ffc, &bytes, sizeof(bytes)), 0);
	before.core.footprint = NULL;
	capture.footprint = &footprint;
	capture_again(&before, &capture, &second, &with);
	cr_expect_lt(elfcore_read_pa(&without.core, 0x12ffc, &bytes, 8), 0);
	cr_expect_eq(elfcore_read_pa(&with.core, 0x12ffc, &bytes, 8) == 0, is_there);
	cr_expect_lt(elfcore_read_pa(&with.core, 0x14ffc, &bytes, 8), 0);
	footprint_close(&footprint);
	kernel_close(&with);
	kernel_close(&without);
	kernel_close(&before);
	close(first.core_fd);
	close(second.core_fd);
	fake_close(&fake);
}

/* What was read while it was noted is in the capture; broken memory, which reads as
 * zeros, is not.
 */
Test(kcore_capture, what_somebody_read_goes_in)
{
	expect_read_one(0, true);
	expect_read_one(0x13000, false);
}

/* What a later kwcheck writes is not taken for something that it is not. */
Test(kcore_capture, a_form_of_later)
{
	static const struct {
		const char *made, *words;
	} notes[] = {
		{"FORM=2\nTOOL=kwcheck 0.1.0\n", NULL},
		{"FORM=3\nTOOL=kwcheck 7.1\n",
		 "a capture of form '3', made by kwcheck 7.1; this kwcheck knows forms up to "
		 "2: read it with that one or a newer one"},
		{"FORM=x\n", "form 'x', made by another kwcheck;"},
		{"", "form '', made by"},
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		struct elfcore core = {0};
		struct error err = {0};
		int r;

		cr_assert_eq(capture_check_form(&core, "c", &err), 0);
		cr_assert_eq(elfcore_add_note(&core, CAPTURE_NOTE, CAPTURE_MADE,
					      notes[i].made, strlen(notes[i].made)),
			     0);
		r = capture_check_form(&core, "c", &err);
		cr_expect_eq(r == 0, !notes[i].words, "%s", err.message);
		cr_expect(!notes[i].words || strstr(err.message, notes[i].words), "%s",
			  err.message);
		elfcore_close(&core);
	}
}

/* The kernel sets an entry of its root while it is captured, and marks another accessed.
 */
static void change_root(void *ctx, uint64_t done, uint64_t total)
{
	static const uint64_t unmapped = 0x200;
	struct kernel *kernel = ctx;
	const struct elfcore_segment *segments = kernel->core.segments;
	uint64_t root = kernel->swapper_pa, entry;
	off_t at = -1;

	(void)done;
	(void)total;
	for (size_t i = 0; i < kernel->core.nr_segments && at < 0; i++)
		if (root >= segments[i].pa &&
		    root - segments[i].pa < segments[i].size_bytes)
			at = (off_t)(segments[i].offset + root - segments[i].pa);
	cr_assert_geq(at, 0);
	cr_assert_eq(pwrite(kernel->core.fd, &unmapped, 8, at + 300 * 8), 8);
	cr_assert_eq(pread(kernel->core.fd, &entry, 8, at + 511 * 8), 8);
	entry ^= 1 << 5;
	cr_assert_eq(pwrite(kernel->core.fd, &entry, 8, at + 511 * 8), 8);
}

Test(kcore_capture, says_what_changed_meanwhile)
{
	struct capture capture = {
		.about = "PHYS_BITS=40\n", .modules = "\n", .progress = change_root};
	struct fake fake = {0};
	struct kernel before, after;
	struct source source, again;
	struct steady steady;
	struct error err = {0};

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&before, &source, &err), 0, "%s", err.message);
	capture.ctx = &before;
	again = source;
	again.core_fd = memfd_create("capture", MFD_CLOEXEC);
	again.scratch_fd = memfd_create("scratch", MFD_CLOEXEC);
	again.kallsyms_fd = -1;
	cr_assert_eq(capture_write(&before, &capture, again.core_fd, true, &steady, &err),
		     0, "%s", err.message);
	cr_expect_eq(steady.nr_tables_changed, 1u);
	cr_expect_eq(steady.nr_entries_changed % 2, 1u);
	cr_assert_eq(kernel_open(&after, &again, &err), 0, "%s", err.message);
	cr_assert_gt(after.unsteady_note, 0u);
	cr_expect_not_null(strstr(after.notes[after.unsteady_note - 1],
				  "the kernel worked while it was captured: 1 of "));
	close(again.core_fd);
	close(again.scratch_fd);
	kernel_close(&before);
	kernel_close(&after);
	fake_close(&fake);
}

/* A compressed capture cut anywhere is refused as such. */
Test(kcore_capture, truncated)
{
	char path[] = "/tmp/kwcheck-test-XXXXXX", command[128];
	static const int sizes[] = {0, 3, 4, 100, 5000, 100000, 700000};

	close(mkstemp(path));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct kernel kernel;
		struct source source;
		struct error err = {0};

		snprintf(command, sizeof(command),
			 "head -c %d tests/data/captures/6.1.zst > %s", sizes[i], path);
		cr_assert_eq(system(command), 0);
		cr_assert_eq(source_open_core(&source, path, &err), 0);
		cr_expect_lt(kernel_open(&kernel, &source, &err), 0, "%d", sizes[i]);
		cr_expect(err.code == ERROR_TRUNCATED_CORE ||
				  err.code == ERROR_MALFORMED_CORE ||
				  err.code == ERROR_MASKED_KCORE,
			  "%d: %s", sizes[i], err.message);
		source_close(&source);
	}
	unlink(path);
}
