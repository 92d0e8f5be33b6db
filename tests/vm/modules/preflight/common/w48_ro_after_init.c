// SPDX-License-Identifier: GPL-2.0-only
/* __ro_after_init, from a handler that can run later.
 * preflight: suspect set_limit limit sysfs
 */
#include "corpus.h"

static int limit __ro_after_init;

static int set_limit(const char *value, const struct kernel_param *kp)
{
	int wanted, r = kstrtoint(value, 0, &wanted);

	if (r == 0)
		WRITE_ONCE(limit, wanted);
	return r;
}

static const struct kernel_param_ops limit_ops = { .set = set_limit };
module_param_cb(limit, &limit_ops, &limit, 0644);

static int __init corpus_init(void)
{
	return limit;
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
