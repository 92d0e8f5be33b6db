// SPDX-License-Identifier: GPL-2.0-or-later
/* A module whose constants are changed: operations in both kinds of them. */
#include <linux/init.h>
#include <linux/module.h>

struct victim_ops {
	long (*one)(void);
	long (*two)(void);
};

noinline long victim_one(void);
noinline long victim_one(void)
{
	return 1;
}

noinline long victim_two(void);
noinline long victim_two(void)
{
	return 2;
}

extern const struct victim_ops victim_ops;
const struct victim_ops victim_ops = {victim_one, victim_two};
extern struct victim_ops victim_sealed;
struct victim_ops victim_sealed __ro_after_init = {victim_one, victim_two};
/* Filled in while it is loaded. */
extern struct victim_ops victim_late;
struct victim_ops victim_late __ro_after_init;

static int __init victim_init(void)
{
	victim_late = victim_ops;
	return 0;
}

static void __exit victim_exit(void)
{
}

module_init(victim_init);
module_exit(victim_exit);
MODULE_DESCRIPTION("changed by damage_code");
MODULE_LICENSE("GPL");
