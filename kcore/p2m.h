/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a Xen PV domain's frames a machine frame is.
 *
 * Entries of such a domain's page tables hold frames of the machine. All else,
 * /proc/kcore among it, counts the domain's own. The kernel keeps the list from those to
 * these (arch/x86/xen/p2m.c); here it is turned around.
 */
#ifndef KWCHECK_KCORE_P2M_H
#define KWCHECK_KCORE_P2M_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames that follow each other in both. As a capture has it, too. */
struct p2m_run {
	uint64_t mfn, pfn, nr;
};
_Static_assert(sizeof(struct p2m_run) == 24, "as captures have it");

struct p2m {
	struct p2m_run *runs; /* ascending by mfn once it is closed by p2m_sort() */
	size_t nr, room;
	uint64_t list_va, nr_pfns; /* the kernel's list; 0: a capture's */
};

/* p2m_add - @nr entries of the kernel's list, of the frames from @pfn on
 * Frames that are not there, or that another domain lent, are left out. 0 or -ENOMEM.
 */
int p2m_add(struct p2m *p2m, uint64_t pfn, const uint64_t *entries, size_t nr);
void p2m_sort(struct p2m *p2m);
void p2m_close(struct p2m *p2m);

/* p2m_parse - what a capture noted: @size_bytes of runs. 0, -EINVAL or -ENOMEM. */
int p2m_parse(struct p2m *ret, const void *data, size_t size_bytes);

/* The frame of the domain that is @mfn. false: the domain has it not. */
bool p2m_pfn(const struct p2m *p2m, uint64_t mfn, uint64_t *ret);

/* Is @entry of the list, of frame @pfn, machine frame @mfn? */
bool p2m_is_entry(uint64_t entry, uint64_t mfn);

/* p2m_entry - a page-table entry with a frame of the domain in place of the machine's
 * @mask: the bits that hold it. One that is not the domain's becomes an address of
 * P2M_ELSEWHERE, where no core has memory.
 */
#define P2M_ELSEWHERE (1ULL << 51)
uint64_t p2m_entry(const struct p2m *p2m, uint64_t entry, uint64_t mask);

#endif
