/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pagetable/batch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum { NR_READS = 16 };

/* Tables at 0x100000 and above, each with its own address as entry 0. The table that
 * points to them is at 0x1000.
 */
static struct {
	uint64_t parent[PT_TABLE_ENTRIES];
	struct {
		uint64_t pa;
		size_t nr;
	} reads[NR_READS];
	size_t nr_reads;
	uint64_t bad_pa;
} memory;

static struct pt_batch batch;

static int read_tables(void *ctx, uint64_t pa, size_t nr,
		       uint64_t (*ret)[PT_TABLE_ENTRIES])
{
	(void)ctx;
	cr_assert_lt(memory.nr_reads, (size_t)NR_READS);
	memory.reads[memory.nr_reads].pa = pa;
	memory.reads[memory.nr_reads++].nr = nr;
	if (memory.bad_pa >= pa && memory.bad_pa < pa + nr * 4096)
		return -EFAULT;
	memset(ret, 0, nr * 4096);
	for (size_t i = 0; i < nr; i++)
		ret[i][0] = pa + i * 4096;
	if (pa == 0x1000)
		memcpy(ret, memory.parent, 4096);
	return 0;
}

static const struct pagetable pt = {.read_tables = read_tables};

static void expect_read(size_t i, uint64_t pa, size_t nr)
{
	cr_expect_eq(memory.reads[i].pa, pa, "read %zu: %lx", i, memory.reads[i].pa);
	cr_expect_eq(memory.reads[i].nr, nr, "read %zu: %zu", i, memory.reads[i].nr);
}

static void begin(void)
{
	memset(&memory, 0, sizeof(memory));
	batch.nr = 0;
	for (unsigned i = 0; i < PT_TABLE_ENTRIES; i++)
		memory.parent[i] = i;
}

Test(pagetable_batch, neighbours_take_one_read)
{
	uint64_t entries[PT_TABLE_ENTRIES];

	begin();
	memcpy(entries, memory.parent, sizeof(entries));
	for (unsigned i = 0; i < 4; i++)
		cr_assert(pt_batch_add(&batch, 10 + i, 0x104000 - i * 4096));
	cr_assert(pt_batch_add(&batch, 20, 0x200000));
	cr_assert(pt_batch_add(&batch, 21, 0x200000), "noted already");
	pt_batch_read(&batch, &pt, 0x1000, entries);
	cr_assert_eq(memory.nr_reads, 3);
	expect_read(0, 0x101000, 4);
	expect_read(1, 0x200000, 1);
	expect_read(2, 0x1000, 1);
	cr_expect_eq(pt_batch_table(&batch, 10)[0], 0x104000);
	cr_expect_eq(pt_batch_table(&batch, 13)[0], 0x101000);
	cr_expect_eq(pt_batch_table(&batch, 20)[0], 0x200000);
	cr_expect_null(pt_batch_table(&batch, 21));
	cr_expect_null(pt_batch_table(&batch, 9));
}

/* Accessed is the CPU's to set. All else is another entry. */
Test(pagetable_batch, an_entry_that_changed_has_no_table)
{
	uint64_t entries[PT_TABLE_ENTRIES];

	begin();
	memcpy(entries, memory.parent, sizeof(entries));
	pt_batch_add(&batch, 1, 0x100000);
	pt_batch_add(&batch, 2, 0x101000);
	memory.parent[1] ^= PT_ACCESSED;
	memory.parent[2] ^= PT_RW;
	pt_batch_read(&batch, &pt, 0x1000, entries);
	cr_expect_not_null(pt_batch_table(&batch, 1));
	cr_expect_null(pt_batch_table(&batch, 2));
}

Test(pagetable_batch, what_cannot_be_read_is_not_there)
{
	uint64_t entries[PT_TABLE_ENTRIES];

	begin();
	memcpy(entries, memory.parent, sizeof(entries));
	pt_batch_add(&batch, 1, 0x100000);
	pt_batch_add(&batch, 2, 0x101000);
	pt_batch_add(&batch, 3, 0x300000);
	memory.bad_pa = 0x101000;
	pt_batch_read(&batch, &pt, 0x1000, entries);
	cr_expect_null(pt_batch_table(&batch, 1));
	cr_expect_null(pt_batch_table(&batch, 2));
	cr_expect_not_null(pt_batch_table(&batch, 3));
	memory.bad_pa = 0x1000;
	pt_batch_read(&batch, &pt, 0x1000, entries);
	cr_expect_null(pt_batch_table(&batch, 3), "nobody knows whether it still counts");
}

Test(pagetable_batch, has_room_for_so_many)
{
	begin();
	for (unsigned i = 0; i < PT_BATCH_TABLES; i++)
		cr_assert(pt_batch_add(&batch, i, 0x100000 + i * 8192));
	cr_expect_not(pt_batch_add(&batch, 100, 0x900000));
}
