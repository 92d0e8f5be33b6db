/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What VMCOREINFO tells of printk's ring (kernel/printk/printk.c, since 5.10), for tests.
 */
#ifndef KWCHECK_TESTS_RINGINFO_H
#define KWCHECK_TESTS_RINGINFO_H

/* prb, the pointer to the ring, is at 1 MiB of the fake kernel's direct map. */
#define RING_INFO                                       \
	"SYMBOL(prb)=ffff888000100000\n"                \
	"OFFSET(printk_ringbuffer.desc_ring)=0\n"       \
	"OFFSET(printk_ringbuffer.text_data_ring)=48\n" \
	"OFFSET(prb_desc_ring.count_bits)=0\n"          \
	"OFFSET(prb_desc_ring.descs)=8\n"               \
	"OFFSET(prb_desc_ring.infos)=16\n"              \
	"OFFSET(prb_desc_ring.head_id)=24\n"            \
	"OFFSET(prb_desc_ring.tail_id)=32\n"            \
	"SIZE(prb_desc)=24\n"                           \
	"OFFSET(prb_desc.state_var)=0\n"                \
	"OFFSET(prb_desc.text_blk_lpos)=8\n"            \
	"OFFSET(prb_data_blk_lpos.begin)=0\n"           \
	"OFFSET(prb_data_blk_lpos.next)=8\n"            \
	"SIZE(printk_info)=88\n"                        \
	"OFFSET(printk_info.ts_nsec)=8\n"               \
	"OFFSET(printk_info.text_len)=16\n"             \
	"OFFSET(prb_data_ring.size_bits)=0\n"           \
	"OFFSET(prb_data_ring.data)=8\n"                \
	"OFFSET(atomic_long_t.counter)=0\n"

#endif
