/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables as kernels before 6.0 have them. Real ones: tests/vm/test-dumps.sh 5.10. */
#include "kcore/symbolhunt.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEXT 0xffffffff81000000ULL
enum { RAM_BYTES = 4 << 20, AT = 0x1ff000 - 0x20, NR = 700 };

static unsigned char ram[RAM_BYTES];

/* What a test may damage. */
struct layout {
	size_t names, markers, tokens, index;
};

static size_t aligned(size_t at)
{
	return (at + 7) & ~(size_t)7;
}

static size_t put(size_t at, const void *bytes, size_t nr)
{
	memcpy(ram + at, bytes, nr);
	return at + nr;
}

static size_t put_number(size_t at, uint64_t number, size_t nr)
{
	return put(at, &number, nr);
}

/* Symbol i is at 16 * i behind _stext. Two other runs of digits lie before them. */
static void make_tables(unsigned marker_bytes, struct layout *ret)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	uint64_t markers[8];
	size_t at = AT, nr_markers = 0;

	memset(ram, 0, sizeof(ram));
	put(0x5000, digits, sizeof(digits));
	put(0x1fffe0 - 0x100000, digits, sizeof(digits));
	for (unsigned i = 0; i < NR; i++)
		at = put_number(at, 16 * i, 4);
	at = put_number(aligned(at), STEXT, 8);
	at = put_number(at, NR, 8);
	ret->names = at;
	for (unsigned i = 0; i < NR; i++) {
		char name[16];

		snprintf(name, sizeof(name), i ? "tname%u" : "T_stext", i);
		if (i % 256 == 0)
			markers[nr_markers++] = at - ret->names;
		at = put_number(at, strlen(name), 1);
		at = put(at, name, strlen(name));
	}
	ret->markers = at = aligned(at);
	for (size_t i = 0; i < nr_markers; i++)
		at = put_number(at, markers[i], marker_bytes);
	ret->tokens = at = aligned(at);
	for (int i = 0; i < 256; i++) {
		bool is_used = (i >= '0' && i <= '9') || i == '_' ||
			       (i >= 'a' && i <= 'z') || i == 'T' || i > 250;

		at = put(at, &(char){(char)i}, is_used ? 1 : 0);
		at = put_number(at, 0, 1);
	}
	ret->index = at = aligned(at);
	for (int i = 0, token = 0; i < 256; i++) {
		at = put_number(at, (uint64_t)token, 2);
		token += (int)strlen((const char *)ram + ret->tokens + token) + 1;
	}
}

static int find(struct kallsyms *ret)
{
	struct elfcore core = {.fd = memfd_create("core", MFD_CLOEXEC)};
	const struct elfcore_segment segment = {.size_bytes = RAM_BYTES,
						.memory_bytes = RAM_BYTES};
	struct kallsyms_places places;
	int r;

	cr_assert_eq(write(core.fd, ram, sizeof(ram)), (ssize_t)sizeof(ram));
	cr_assert_eq(elfcore_add_segment(&core, &segment), 0);
	cr_assert_eq(elfcore_index_frames(&core), 0);
	r = symbolhunt_find(&core, STEXT, -STEXT, &places);
	if (r == 0)
		r = kallsyms_read_at(ret, &core, &places, STEXT, -STEXT);
	close(core.fd);
	elfcore_close(&core);
	return r;
}

static void expect_names(void)
{
	struct kallsyms table;
	char name[KALLSYMS_NAME_BYTES];

	cr_assert_eq(find(&table), 0);
	cr_assert_eq(table.nr, NR);
	cr_expect_eq(kallsyms_address(&table, kallsyms_find(&table, "_stext", 0)), STEXT);
	cr_expect_eq(kallsyms_name(&table, 699, name), 't');
	cr_expect_str_eq(name, "name699");
	cr_expect_eq(kallsyms_address(&table, 699), STEXT + 699 * 16);
	kallsyms_close(&table);
}

Test(kcore_symbolhunt, tables_of_5_10)
{
	struct layout layout = {0};

	make_tables(4, &layout);
	expect_names();
}

/* scripts/kallsyms.c wrote markers of 8 bytes. */
Test(kcore_symbolhunt, tables_of_4_19)
{
	struct layout layout = {0};

	make_tables(8, &layout);
	expect_names();
}

/* What does not agree in one place is not believed in any. */
Test(kcore_symbolhunt, damaged)
{
	static const size_t at[] = {
		offsetof(struct layout, names), offsetof(struct layout, markers),
		offsetof(struct layout, tokens), offsetof(struct layout, index)};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (size_t back = 0; back < 2; back++) {
			struct layout layout = {0};
			struct kallsyms table;
			size_t where;

			make_tables(4, &layout);
			memcpy(&where, (char *)&layout + at[i], sizeof(where));
			/* The first byte; and of names, the number before them. */
			where = back ? where + 4 : where - (i == 0 ? 8 : 0);
			ram[where] ^= 0x40;
			if (back && i == 0)
				continue; /* a letter of a name */
			cr_expect_lt(find(&table), 0, "table %zu, %zu", i, back);
		}
	}
}

Test(kcore_symbolhunt, none)
{
	struct kallsyms table;

	memset(ram, 0, sizeof(ram));
	cr_expect_eq(find(&table), -ENOENT);
}
