/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/cryptoalgs.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "small.h"

#define KERNEL                        \
	"ffffffff81000000 T _text\n"  \
	"ffffffff81000000 T _stext\n" \
	"ffffffff81000400 T _etext\n"
#define LIST "ffffffff81400010 d crypto_alg_list\n"

static const char *const names[] = {"sha1", "sha256", "rsa"};

static const uint64_t HEAD = SMALL_DATA + 0x10;
static uint64_t last; /* what the second algorithm's list goes on with */
static uint32_t name_at;

static void fill(void)
{
	small_put(HEAD, SMALL_DATA + 0x100);
	small_put(SMALL_DATA + 0x100, SMALL_DATA + 0x200);
	small_put(SMALL_DATA + 0x200, last);
	small_put_bytes(SMALL_DATA + 0x100 + name_at, "sha256", 7);
	small_put_bytes(SMALL_DATA + 0x200 + name_at, "rsassa", 7);
}

static int find(const char *kallsyms, uint32_t *ret)
{
	struct small small;
	int r;

	small_open(&small, kallsyms, fill, NULL);
	r = cryptoalgs_find(&small.kernel, names, 3, NULL, NULL, ret);
	small_close(&small);
	return r;
}

Test(kcore_cryptoalgs, whole_names_wherever_they_lie)
{
	static const uint32_t places[] = {56, 60, 64};

	last = HEAD;
	for (size_t i = 0; i < 3; i++) {
		uint32_t found = 0;

		name_at = places[i];
		cr_expect_eq(find(KERNEL LIST, &found), 0);
		cr_expect_eq(found, 2, "%x", found);
	}
}

Test(kcore_cryptoalgs, no_list_or_a_broken_one)
{
	uint32_t found = 7;

	name_at = 56;
	cr_expect_eq(find(KERNEL, &found), -ENOENT);
	last = 0x100; /* not mapped */
	cr_expect_eq(find(KERNEL LIST, &found), -EFAULT);
	last = SMALL_DATA + 0x100; /* goes round */
	cr_expect_eq(find(KERNEL LIST, &found), -EFAULT);
	cr_expect_eq(found, 7);
}
