/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables as kernels have them. Real ones: tests/vm/test-dumps.sh 5.10, test-kernel.sh. */
#include "kcore/symbolhunt.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nametables.h"
#include "room.h"

#define STEXT 0xffffffff81000000ULL
enum {
	RAM_BYTES = 4 << 20,
	AT = 0x1ff000 - 0x20,
	NR = 700,
	AT_LONG = 300, /* a name of LONG_BYTES with its letter and the NUL */
	LONG_BYTES = 301,
};

static unsigned char *ram;

static void setup(void)
{
	ram = room_take(RAM_BYTES);
}

TestSuite(kcore_symbolhunt, .init = setup);

static const struct nametables_shape of_5_10 = {8, 4, .has_base = true},
				     of_4_19 = {8, 8, .has_base = true},
				     of_6_2 = {8, 4, .has_seqs = true, .has_base = true},
				     of_6_12 = {8, 4, .has_seqs = true, .is_late = true,
						.has_base = true},
				     of_7 = {4, 4, .has_seqs = true, .is_late = true};

/* Symbol i is at 16 * i behind _stext. The last one tells where the order of names is, or
 * is taken to be: @seqs_va. Two other runs of digits lie before them.
 */
static void put_tables(const struct nametables_shape *shape, uint64_t seqs_va,
		       struct nametables *ret)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	static char names[NR][LONG_BYTES];
	static struct nametables_symbol symbols[NR];

	for (size_t i = 0; i < NR; i++) {
		snprintf(names[i], sizeof(names[i]), i ? "tname%zu" : "T_stext", i);
		symbols[i] = (struct nametables_symbol){names[i], STEXT + 16 * i};
	}
	symbols[NR - 1] = (struct nametables_symbol){"Dkallsyms_seqs_of_names", seqs_va};
	memset(names[AT_LONG] + 1, 'x', LONG_BYTES - 2);
	memset(ram, 0, RAM_BYTES);
	memcpy(ram + 0x5000, digits, sizeof(digits));
	memcpy(ram + 0x1fffe0 - 0x100000, digits, sizeof(digits));
	nametables_put(ret, ram, AT, STEXT, shape, symbols, NR, STEXT);
}

static void make_tables(const struct nametables_shape *shape, struct nametables *ret)
{
	put_tables(shape, STEXT + RAM_BYTES, ret);
	put_tables(shape, STEXT + ret->seqs, ret);
}

/* @is_live: as the running kernel's tables are read, once it is known where they lie. */
static int find_as(struct kallsyms *ret, bool is_live)
{
	struct elfcore core = {.fd = memfd_create("core", MFD_CLOEXEC)};
	const struct elfcore_segment segment = {.size_bytes = RAM_BYTES,
						.memory_bytes = RAM_BYTES};
	struct kallsyms_places places;
	int r;

	cr_assert_eq(write(core.fd, ram, RAM_BYTES), (ssize_t)RAM_BYTES);
	cr_assert_eq(elfcore_add_segment(&core, &segment), 0);
	cr_assert_eq(elfcore_index_frames(&core, "ram", &(struct error){0}), 0);
	r = symbolhunt_find(&core, STEXT, -STEXT, &places);
	core.is_live = is_live;
	if (r == 0)
		r = kallsyms_read_at(ret, &core, &places, STEXT, -STEXT);
	close(core.fd);
	elfcore_close(&core);
	return r;
}

static int find(struct kallsyms *ret)
{
	return find_as(ret, false);
}

/* @has_order: names are found by their order. */
static void expect_names(bool is_live, bool has_order)
{
	struct kallsyms table;
	char name[KALLSYMS_NAME_BYTES];

	cr_assert_eq(find_as(&table, is_live), 0);
	cr_assert_eq(table.nr, NR);
	cr_expect_eq(table.order != NULL, has_order);
	for (size_t i = 0; i < NR; i++) {
		kallsyms_name(&table, i, name);
		cr_expect_eq(kallsyms_find(&table, name, 0), i, "%s", name);
		cr_expect_eq(kallsyms_find(&table, name, i + 1), NR, "%s", name);
	}
	cr_expect_eq(kallsyms_find(&table, "name7000", 0), NR);
	cr_expect_eq(table.name_at == NULL, has_order);
	cr_expect_eq(kallsyms_address(&table, kallsyms_find(&table, "_stext", 0)), STEXT);
	cr_expect_eq(kallsyms_name(&table, 698, name), 't');
	cr_expect_str_eq(name, "name698");
	cr_expect_eq(kallsyms_address(&table, 698), STEXT + 698 * 16);
	kallsyms_close(&table);
}

/* Tables of 4.19 have markers of 8 bytes. */
Test(kcore_symbolhunt, tables_of_each_form)
{
	const struct nametables_shape *const shapes[] = {&of_4_19, &of_5_10, &of_6_2,
							 &of_6_12, &of_7};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct nametables tables;

		make_tables(shapes[i], &tables);
		expect_names(false, false);
		expect_names(true, shapes[i]->has_seqs);
	}
}

/* Where the order of names, or the places of names that it is used with, are not what
 * they are taken for, each name is looked at.
 */
Test(kcore_symbolhunt, damaged_order)
{
	const struct nametables_shape *const shapes[] = {&of_6_2, &of_6_12, &of_7};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct nametables tables;

		make_tables(shapes[i], &tables);
		memset(ram + tables.seqs, 0, 3UL * NR);
		expect_names(true, false);
		make_tables(shapes[i], &tables);
		/* The lowest byte first. */
		for (size_t at = tables.seqs; at < tables.seqs + 3UL * NR; at += 3) {
			ram[at] = ram[at + 2];
			ram[at + 2] = 0;
		}
		expect_names(true, false);
		/* Only between two other tables it can lie nowhere else. */
		put_tables(shapes[i], STEXT + RAM_BYTES, &tables);
		expect_names(true, !shapes[i]->is_late);
	}
}

/* What does not agree in one place is not believed in any. */
Test(kcore_symbolhunt, damaged)
{
	const struct nametables_shape *const shapes[] = {&of_5_10, &of_6_2, &of_6_12,
							 &of_7};

	for (size_t i = 0; i < 4 * sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct nametables tables;
		struct kallsyms table;

		make_tables(shapes[i / 4], &tables);
		/* The number of names, a marker, a token and the index. */
		ram[i % 4 == 0	 ? tables.nr
		    : i % 4 == 1 ? tables.markers + 4
		    : i % 4 == 2 ? tables.tokens
				 : tables.index] ^= 0x40;
		cr_expect_lt(find(&table), 0, "shape %zu, table %zu", i / 4, i % 4);
	}
}

Test(kcore_symbolhunt, none)
{
	struct kallsyms table;

	memset(ram, 0, RAM_BYTES);
	cr_expect_eq(find(&table), -ENOENT);
}

/* Whoever made an image full of digits does not have it searched for ever. */
Test(kcore_symbolhunt, digits_without_end, .timeout = 60)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	struct kallsyms table;

	for (size_t at = 0; at + sizeof(digits) <= RAM_BYTES; at += sizeof(digits))
		memcpy(ram + at, digits, sizeof(digits));
	cr_expect_eq(find(&table), -ENOENT);
}
