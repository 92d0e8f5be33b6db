/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files are made by dump.c from their published layout: there is no VMware here. */
#include "kcore/vmware.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump.h"
#include "fake.h"
#include "kcore/source.h"

static char folder[] = "/tmp/kwcheck-vmware-XXXXXX";

static const char *below(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* The bytes of @from, which is closed, go to a file called @name. */
static void keep(int from, const char *name)
{
	int fd = open(below(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	off_t size = lseek(from, 0, SEEK_END), at = 0;

	cr_assert(fd >= 0);
	while (at < size)
		cr_assert_gt(sendfile(fd, from, &at, (size_t)(size - at)), 0);
	close(fd);
	close(from);
}

static void make_folder(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(kcore_vmware, .init = make_folder, .fini = remove_folder);

/* Opens the kernel in the file called @name; what lies above the hole is in its place.
 * Without regions there is no hole.
 */
static bool has_hole = true;

static int ask(const char *name, struct error *err)
{
	struct source source;
	struct kernel kernel;
	struct pt_walk walk;
	uint64_t entry;
	int r;

	*err = (struct error){0};
	r = source_open_core(&source, below(name), err);
	if (r < 0)
		return r;
	r = kernel_open(&kernel, &source, err);
	if (r == 0) {
		pt_walk(&kernel.pt, FAKE_STEXT, &walk);
		cr_expect_eq(walk.verdict, PT_READ_ONLY);
		cr_expect_eq(elfcore_read_pa(&kernel.core, DUMP_HOLE_PA, &entry, 8),
			     has_hole ? -EFAULT : 0);
		cr_expect_eq(elfcore_read_pa(&kernel.core, FAKE_RAM_BYTES - 8, &entry, 8),
			     kernel.core.is_cut ? -ENODATA : 0);
		kernel_close(&kernel);
	}
	source_close(&source);
	return r;
}

static void expect_open(const char *name)
{
	struct error err;

	cr_expect_eq(ask(name, &err), 0, "%s: %s", name, err.message);
}

static void expect_refused(const char *name, const char *words)
{
	struct error err;

	cr_expect_lt(ask(name, &err), 0, "%s", name);
	cr_expect_not_null(strstr(err.message, words), "%s: %s", name, err.message);
}

/* Either of the two files finds the other. */
Test(kcore_vmware, the_file_beside)
{
	keep(dump_write_vmem(), "a.vmem");
	keep(dump_write_state(NULL), "a.vmss");
	expect_open("a.vmem");
	expect_open("a.vmss");
	keep(dump_write_vmem(), "b.vmem");
	keep(dump_write_state(NULL), "b.vmsn");
	expect_open("b.vmem");
	expect_open("b.vmsn");
	keep(dump_pack(dump_write_vmem(), "gzip"), "c.vmem.gz");
	keep(dump_write_state(NULL), "c.vmss");
	expect_open("c.vmem.gz");
}

static void take_regions(struct dump_vmware *state)
{
	state->nr_regions = 0;
}

/* What has no regions is memory from address 0 on. */
Test(kcore_vmware, without_regions)
{
	keep(dump_write_state(take_regions), "a.vmss");
	keep(dump_write(DUMP_RAW), "a.vmem");
	has_hole = false;
	expect_open("a.vmem");
}

static void pack(struct dump_vmware *state)
{
	state->has_memory = state->is_packed = true;
}

Test(kcore_vmware, refused)
{
	keep(dump_write_state(NULL), "alone.vmss");
	expect_refused("alone.vmss", "put that beside it");
	keep(dump_write_state(pack), "packed.vmsn");
	expect_refused("packed.vmsn", "compressed");
	keep(dump_write_vmem(), "other.vmem");
	keep(dump_write(DUMP_LIME), "other.vmss");
	expect_refused("other.vmem", "other.vmss: a VMware snapshot's state");
}

static void overlap(struct dump_vmware *state)
{
	state->regions[1].frame = 1;
}

static void overlap_in_file(struct dump_vmware *state)
{
	state->regions[1].page--;
}

static void leave_gap(struct dump_vmware *state)
{
	state->regions[1].page++;
}

static void lose_size(struct dump_vmware *state)
{
	state->lacks_size = true;
}

static void count_more(struct dump_vmware *state)
{
	state->nr_regions = 3;
}

static void count_many(struct dump_vmware *state)
{
	state->nr_regions = UINT32_MAX;
}

static void rename_group(struct dump_vmware *state)
{
	state->group = "memorandum";
}

Test(kcore_vmware, damaged)
{
	static void (*const changes[])(struct dump_vmware *) = {
		overlap, overlap_in_file, leave_gap, lose_size, count_more, count_many,
	};

	keep(dump_write_vmem(), "a.vmem");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		keep(dump_write_state(changes[i]), "a.vmss");
		expect_refused("a.vmem", "a.vmss: a VMware snapshot's state (.vmss, "
					 ".vmsn) that is damaged");
	}
	keep(dump_write_state(rename_group), "a.vmss");
	expect_refused("a.vmem", "no group called memory");
}

/* A state file that ends early; a .vmem that does has lost its end. */
Test(kcore_vmware, truncated)
{
	off_t size = lseek(dump_write_state(NULL), 0, SEEK_END);

	keep(dump_write_vmem(), "a.vmem");
	for (off_t at = 0; at < size; at += 7) {
		int fd = dump_write_state(NULL);

		cr_assert_eq(ftruncate(fd, at), 0);
		keep(fd, "a.vmss");
		expect_refused("a.vmem", "a.vmss");
	}
	keep(dump_write_state(NULL), "a.vmss");
	cr_assert_eq(truncate(below("a.vmem"), FAKE_RAM_BYTES - 0x3000), 0);
	expect_open("a.vmem");
}
