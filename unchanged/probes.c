/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kprobes that are set at this moment. */
#include "unchanged/probes.h"

#include <errno.h>
#include <string.h>

#include "audit/names.h"
#include "audit/patched.h"
#include "kcore/array.h"

/* kernel/kprobes.c: KPROBE_TABLE_SIZE, since 2.6.9. */
enum { NR_BUCKETS = 64, MAX_PROBES = 256 * 1024, FLAG_OPTIMIZED = 4 };

/* Where the members of struct kprobe, and of the optimized_kprobe that may hold it, are.
 */
struct layout {
	uint32_t hlist, addr, opcode, flags;
	bool has_optimized;
	uint32_t kp, copied, insn; /* in optimized_kprobe */
};

void probes_want(struct audit *audit)
{
	audit_want(audit, "kprobe_table");
}

static int read_layout(const struct types *types, struct layout *ret)
{
	static const char kprobe[] = "kprobe", optimized[] = "optimized_kprobe",
			  arch[] = "arch_optimized_insn";
	struct layout layout = {0};
	uint32_t optinsn = 0;

	if (types_offset(types, kprobe, "hlist", &layout.hlist) < 0 ||
	    types_offset(types, kprobe, "addr", &layout.addr) < 0 ||
	    types_offset(types, kprobe, "opcode", &layout.opcode) < 0 ||
	    types_offset(types, kprobe, "flags", &layout.flags) < 0)
		return -ENOENT;
	layout.has_optimized = types_offset(types, optimized, "kp", &layout.kp) == 0 &&
			       types_offset(types, optimized, "optinsn", &optinsn) == 0 &&
			       types_offset(types, arch, "copied_insn", &layout.copied) ==
				       0 &&
			       types_offset(types, arch, "insn", &layout.insn) == 0;
	layout.copied += optinsn;
	layout.insn += optinsn;
	*ret = layout;
	return 0;
}

static int read_probe(const struct mappings *mappings, const struct layout *layout,
		      uint64_t at, struct probe *ret)
{
	struct probe probe = {0};
	uint32_t flags;
	int r = mappings_read_word(mappings, at + layout->addr, &probe.va);

	if (r == 0)
		r = mappings_read(mappings, at + layout->opcode, &probe.opcode, 1);
	if (r == 0)
		r = mappings_read(mappings, at + layout->flags, &flags, sizeof(flags));
	if (r == 0 && flags & FLAG_OPTIMIZED && layout->has_optimized) {
		at -= layout->kp;
		r = mappings_read_word(mappings, at + layout->insn, &probe.jump);
		if (r == 0)
			r = mappings_read(mappings, at + layout->copied, probe.rest,
					  sizeof(probe.rest));
	}
	if (r == 0)
		*ret = probe;
	return r;
}

/* What of a bucket cannot be read is left out: the list changes, or is damaged. */
static int take_bucket(struct probes *probes, const struct mappings *mappings,
		       const struct layout *layout, uint64_t node)
{
	while (node && probes->nr < MAX_PROBES) {
		struct probe probe;
		int r = read_probe(mappings, layout, node - layout->hlist, &probe);

		if (r < 0)
			return r == -ENOMEM ? r : 0;
		if (array_reserve(&probes->array, probes->nr, &probes->room,
				  sizeof(probe)) < 0)
			return -ENOMEM;
		probes->array[probes->nr++] = probe;
		if (mappings_read_word(mappings, node, &node) < 0)
			return 0;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = ((const struct probe *)a)->va, y = ((const struct probe *)b)->va;

	return x < y ? -1 : x > y;
}

int probes_take(struct probes *ret, const struct audit *audit)
{
	uint64_t table, buckets[NR_BUCKETS];
	struct probes probes = {0};
	struct layout layout;
	int r = 0;

	if (!audit_symbol(audit, "kprobe_table", &table) ||
	    read_layout(&audit->kernel->types, &layout) < 0 ||
	    mappings_read(&audit->mappings, table, buckets, sizeof(buckets)) < 0) {
		*ret = probes;
		return 0;
	}
	for (size_t i = 0; r == 0 && i < NR_BUCKETS; i++)
		r = take_bucket(&probes, &audit->mappings, &layout, buckets[i]);
	if (r < 0) {
		probes_free(&probes);
		return r;
	}
	if (probes.nr)
		qsort(probes.array, probes.nr, sizeof(*probes.array), compare);
	probes.is_known = true;
	*ret = probes;
	return 0;
}

void probes_free(struct probes *probes)
{
	free(probes->array);
	*probes = (struct probes){0};
}

static size_t first_from(const struct probes *probes, uint64_t va)
{
	return array_below(probes->array, probes->nr, sizeof(*probes->array),
			   offsetof(struct probe, va), va);
}

const struct probe *probes_at(const struct probes *probes, uint64_t va)
{
	size_t i = first_from(probes, va);

	return i < probes->nr && probes->array[i].va == va ? &probes->array[i] : NULL;
}

static bool lift(const struct probe *probe, unsigned char *bytes, size_t nr)
{
	unsigned char start[PATCHED_BYTES] = {0};
	struct patched code;

	memcpy(start, bytes, nr < sizeof(start) ? nr : sizeof(start));
	code = patched_decode(start, probe->va);
	if (code.kind == PATCHED_BREAKPOINT) {
		bytes[0] = probe->opcode;
		return true;
	}
	if (code.kind != PATCHED_JUMP || code.length != PROBE_BYTES || nr < PROBE_BYTES ||
	    !probe->jump || code.target != probe->jump)
		return false;
	bytes[0] = probe->opcode;
	memcpy(bytes + 1, probe->rest, sizeof(probe->rest));
	return true;
}

size_t probes_lift(const struct probes *probes, uint64_t va, unsigned char *bytes,
		   size_t nr)
{
	size_t nr_lifted = 0;

	for (size_t i = first_from(probes, va);
	     i < probes->nr && probes->array[i].va - va < nr; i++) {
		uint64_t at = probes->array[i].va - va;

		nr_lifted += lift(&probes->array[i], bytes + at, nr - at);
	}
	return nr_lifted;
}
