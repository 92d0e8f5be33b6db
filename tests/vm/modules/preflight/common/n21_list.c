// SPDX-License-Identifier: GPL-2.0-only
/* A list of its own.
 * preflight: clean - - load
 */
#include "corpus.h"

static HLIST_HEAD(head);
static struct { struct hlist_node list; int number; } node, second;

static int __init corpus_init(void)
{
	hlist_add_head(&node.list, &head);
	hlist_add_behind(&second.list, &node.list);
	return hlist_empty(&head);
}
module_init(corpus_init);
MODULE_LICENSE("GPL");
