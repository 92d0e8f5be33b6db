/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The algorithms that the kernel's crypto layer has. */
#include "kcore/cryptoalgs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* include/linux/crypto.h: struct crypto_alg begins with its place in the list, and
 * another list; some numbers, of which there are not as many in each release, and
 * cra_name.
 */
enum { NAME_FROM = 32, NAME_TO = 96, NAME_BYTES = 32, MAX_ALGS = 4096 };

static bool is_named(const unsigned char *alg, const char *name)
{
	size_t bytes = strlen(name) + 1;

	for (size_t at = NAME_FROM; at < NAME_TO && bytes <= NAME_BYTES; at += 4)
		if (memcmp(alg + at, name, bytes) == 0)
			return true;
	return false;
}

int cryptoalgs_find(struct kernel *kernel, const char *const names[], size_t nr,
		    cryptoalgs_visit_fn visit, void *ctx, uint32_t *ret)
{
	unsigned char alg[NAME_TO + NAME_BYTES];
	uint64_t head, at;
	uint32_t found = 0;
	int r = 0;

	if (!symbols_address(&kernel->symbols, "crypto_alg_list", &head))
		return -ENOENT;
	if (kernel_read(kernel, head, &at, sizeof(at)) < 0)
		return -EFAULT;
	for (unsigned i = 0; at != head; i++) {
		if (visit)
			r = visit(ctx, at, sizeof(alg));
		if (r < 0)
			return r;
		if (i == MAX_ALGS || kernel_read(kernel, at, alg, sizeof(alg)) < 0)
			return -EFAULT;
		for (size_t j = 0; j < nr; j++)
			found |= is_named(alg, names[j]) ? 1U << j : 0;
		memcpy(&at, alg, sizeof(at));
	}
	*ret = found;
	return 0;
}
