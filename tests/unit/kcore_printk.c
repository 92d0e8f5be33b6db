/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/printk.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "kcore/open.h"
#include "ringinfo.h"

/* Where the test's buffers lie, in the direct map. */
enum {
	PRB = 0x100000,	  /* the pointer that SYMBOL(prb) is the address of */
	RB = 0x100100,	  /* ring at 0, text ring at 48 */
	DESCS = 0x101000, /* 24 bytes each */
	INFOS = 0x102000, /* 88 bytes each */
	DATA = 0x103000,  /* 256 bytes */
	COUNT_BITS = 3,
	SIZE_BITS = 8,
	LOG = 0x110000, /* the buffer of before 5.10 */
};

#define BASE_INFO                                   \
	"OSRELEASE=6.1.0-fake-amd64\n"              \
	"SYMBOL(_stext)=ffffffff81000000\n"         \
	"SYMBOL(swapper_pg_dir)=ffffffff7f001000\n" \
	"NUMBER(phys_base)=16777216\n"

static const char ring_info[] = BASE_INFO RING_INFO;

static const char log_info[] = BASE_INFO "SYMBOL(log_buf)=ffff888000100000\n"
					 "SYMBOL(log_buf_len)=ffff888000100008\n"
					 "SYMBOL(log_first_idx)=ffff888000100010\n"
					 "SYMBOL(log_next_idx)=ffff888000100018\n"
					 "SIZE(printk_log)=16\n"
					 "OFFSET(printk_log.ts_nsec)=0\n"
					 "OFFSET(printk_log.len)=8\n"
					 "OFFSET(printk_log.text_len)=10\n";

static void put(unsigned char *ram, uint64_t pa, uint64_t value)
{
	memcpy(ram + pa, &value, sizeof(value));
}

/* Record @id, whose text block begins at position @begin. */
static void put_record(unsigned char *ram, uint64_t id, unsigned state, uint64_t begin,
		       uint64_t next, const char *text)
{
	uint64_t index = id % (1 << COUNT_BITS), at = begin % (1 << SIZE_BITS);

	put(ram, DESCS + index * 24, (uint64_t)state << 62 | id);
	put(ram, DESCS + index * 24 + 8, begin);
	put(ram, DESCS + index * 24 + 16, next);
	put(ram, INFOS + index * 88 + 8, id * 1000001000);
	put(ram, INFOS + index * 88 + 16, strlen(text));
	if (begin & 1)
		return;
	if (begin >> SIZE_BITS != (next - 1) >> SIZE_BITS)
		at = 0;
	put(ram, DATA + at, id);
	memcpy(ram + DATA + at + 8, text, strlen(text));
}

static void fill_ring(unsigned char *ram)
{
	put(ram, PRB, FAKE_DIRECT_MAP + RB);
	put(ram, RB, COUNT_BITS);
	put(ram, RB + 8, FAKE_DIRECT_MAP + DESCS);
	put(ram, RB + 16, FAKE_DIRECT_MAP + INFOS);
	put(ram, RB + 24, 14); /* the newest */
	put(ram, RB + 32, 9);  /* the oldest */
	put(ram, RB + 48, SIZE_BITS);
	put(ram, RB + 56, FAKE_DIRECT_MAP + DATA);
	put_record(ram, 9, 2, 512 + 32, 512 + 64, "the oldest");
	put_record(ram, 10, 2, 512 + 64, 512 + 96, "two\nlines");
	put_record(ram, 11, 0, 512 + 96, 512 + 128, "being written");
	put_record(ram, 12, 2, 3, 3, "");
	/* It would reach past the end: it is at the start. */
	put_record(ram, 13, 2, 512 + 240, 768 + 24, "wrapped");
	put_record(ram, 14, 1, 512 + 128, 512 + 160, "committed");
}

static void fill_log(unsigned char *ram)
{
	uint64_t at = LOG + 64;

	put(ram, PRB, FAKE_DIRECT_MAP + LOG);
	put(ram, PRB + 8, 128);
	put(ram, PRB + 16, 64);
	put(ram, PRB + 24, 32);
	put(ram, at, 1500000000);
	put(ram, at + 8, 32 | 3 << 16);
	memcpy(ram + at + 16, "old", 3);
	/* One of length 0 behind it: the next is at the start. */
	put(ram, LOG, 2500000000);
	put(ram, LOG + 8, 32 | 5 << 16);
	memcpy(ram + LOG + 16, "newer", 5);
}

static int read_with(const char *info, void (*fill)(unsigned char *), char **ret,
		     uint64_t *lost)
{
	struct fake fake = {.vmcoreinfo = info, .fill = fill};
	struct error err = {0};
	struct source source;
	struct kernel kernel;
	size_t nr_bytes;
	int r;

	fake_write(&fake);
	source = fake_source(&fake);
	cr_assert_eq(kernel_open(&kernel, &source, &err), 0, "%s", err.message);
	r = printk_read(&kernel, ret, &nr_bytes, lost, &err);
	cr_expect_eq(err.code, r < 0 ? ERROR_UNREADABLE : ERROR_NONE, "%s", err.message);
	if (r == 0)
		cr_expect_eq(nr_bytes, strlen(*ret));
	kernel_close(&kernel);
	fake_close(&fake);
	return r;
}

Test(kcore_printk, ring_buffer)
{
	uint64_t lost;
	char *text;

	cr_assert_eq(read_with(ring_info, fill_ring, &text, &lost), 0);
	cr_expect_str_eq(text, "[    9.000009] the oldest\n"
			       "[   10.000010] two\n"
			       "[   10.000010] lines\n"
			       "[   12.000012] \n"
			       "[   13.000013] wrapped\n"
			       "[   14.000014] committed\n");
	cr_expect_eq(lost, 0);
	free(text);
}

/* A block that another record has taken over is not this one's text. */
static void fill_stolen(unsigned char *ram)
{
	fill_ring(ram);
	put(ram, DATA + 32, 17);
}

static void fill_nowhere(unsigned char *ram)
{
	fill_ring(ram);
	put(ram, RB + 56, FAKE_DIRECT_MAP + FAKE_RAM_BYTES + DATA);
}

static void fill_nonsense(unsigned char *ram)
{
	fill_ring(ram);
	put(ram, RB + 24, UINT64_MAX >> 2);
}

Test(kcore_printk, damaged)
{
	uint64_t lost;
	char *text;

	cr_assert_eq(read_with(ring_info, fill_stolen, &text, &lost), 0);
	cr_expect_null(strstr(text, "oldest"));
	cr_expect_not_null(strstr(text, "wrapped"));
	cr_expect_eq(lost, 1);
	free(text);
	cr_assert_eq(read_with(ring_info, fill_nowhere, &text, &lost), 0);
	cr_expect_str_eq(text, "[   12.000012] \n");
	cr_expect_eq(lost, 4);
	free(text);
	cr_expect_lt(read_with(ring_info, fill_nonsense, &text, &lost), 0);
	cr_expect_lt(read_with(BASE_INFO, fill_ring, &text, &lost), 0);
	cr_expect_lt(read_with(ring_info, NULL, &text, &lost), 0);
}

Test(kcore_printk, record_buffer)
{
	uint64_t lost;
	char *text;

	cr_assert_eq(read_with(log_info, fill_log, &text, &lost), 0);
	cr_expect_str_eq(text, "[    1.500000] old\n[    2.500000] newer\n");
	cr_expect_eq(lost, 0);
	free(text);
}
