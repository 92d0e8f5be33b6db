/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page-table entries that a log gives, as a walk. */
#include "oops/tables.h"

#include <errno.h>
#include <string.h>

#include "kcore/x86.h"
#include "pagetable/errorcode.h"

/* PWT and PCD. */
static const uint64_t PT_UNCACHED = 3ULL << 3;
static const uint64_t CR3_ADDRESS = 0x000ffffffffff000ULL;
static const uint64_t CR4_SMEP = 1ULL << 20, CR4_SMAP = 1ULL << 21;
static const uint64_t EFLAGS_AC = 1ULL << 18;

/* The entries in the order in which a walk asks for them. */
struct reader {
	const struct crash_entry *entries[PT_MAX_LEVELS];
	unsigned nr;
	unsigned next[2]; /* of the first pass and of the one that checks it */
};

static int read_entry(void *ctx, uint64_t pa, bool fresh, uint64_t *ret)
{
	struct reader *reader = ctx;
	unsigned i = reader->next[fresh]++;

	(void)pa;
	if (i >= reader->nr || !reader->entries[i]->has_value)
		return -EFAULT;
	*ret = reader->entries[i]->value;
	return 0;
}

/* With 4 levels the kernel folds the P4D and prints the PGD's entry twice. */
static bool has_five_levels(const struct crash *crash)
{
	const struct crash_entry *pgd = &crash->tables[CRASH_TABLE_PGD];
	const struct crash_entry *p4d = &crash->tables[CRASH_TABLE_P4D];

	if (pgd->has_value && p4d->has_value)
		return pgd->value != p4d->value;
	return registers_has(&crash->registers, REGISTER_CR4) &&
	       crash->registers.value[REGISTER_CR4] >> 12 & 1; /* CR4.LA57 */
}

static void walk_entries(const struct crash *crash, struct tables *tables)
{
	struct reader reader = {0};
	struct pagetable pt = {
		.format = tables->format,
		.read = read_entry,
		.ctx = &reader,
	};

	if (registers_has(&crash->registers, REGISTER_CR3))
		pt.root_pa = crash->registers.value[REGISTER_CR3] & CR3_ADDRESS;
	for (int i = 0; i < CRASH_NR_TABLES; i++)
		if (i != CRASH_TABLE_P4D || tables->format.levels == 5)
			reader.entries[reader.nr++] = &crash->tables[i];
	pt_walk(&pt, crash->address, &tables->walk);
}

static void deny(struct tables *tables, enum tables_denial denial, int step)
{
	tables->denial = denial;
	tables->denied_by = step;
}

static int last_step(const struct tables *tables)
{
	return (int)tables->walk.nr_steps - 1;
}

static int first_nx(const struct pt_walk *walk)
{
	for (unsigned i = 0; i < walk->nr_steps; i++)
		if (walk->steps[i].value & PT_NX)
			return (int)i;
	return -1;
}

/* Without a selector nobody knows. */
static bool can_be_xen_pv(const struct crash *crash)
{
	return crash_is_xen_pv(crash) || !crash->has_selector;
}

/* Bits 53 to 62, which the kernel's own mappings leave clear: protection keys and what
 * software keeps of a user's page. Bit 52 is Xen's, of a PV kernel's pages.
 */
static const uint64_t PT_NOT_KERNELS = 0x3ffULL << 53;
/* Above 64 TiB there is no RAM; with memory encryption a bit there is set in all entries.
 */
static const uint64_t PT_ABOVE_RAM = 0x3fULL << 46;

/* The kernel's own pages in the user half are the firmware's, each at its physical
 * address and there for good (arch/x86/platform/efi/efi_64.c).
 */
static bool is_odd_in_user_half(const struct crash *crash, const struct pt_walk *walk)
{
	return walk->reason == PT_OK && !walk->user &&
	       (walk->pa != crash->address ||
		!errorcode_has(crash->error_code, ERRORCODE_P));
}

/* Has the last entry address bits that no other one has? A device may be there; of what
 * is not present the frame is inverted.
 */
static bool is_above_ram(const struct pt_walk *walk)
{
	uint64_t others = 0, last = walk->steps[walk->nr_steps - 1].value;

	for (unsigned i = 0; i + 1 < walk->nr_steps; i++)
		others |= walk->steps[i].value;
	return last & PT_PRESENT && !(last & PT_UNCACHED) &&
	       last & PT_ABOVE_RAM & ~others;
}

/* Linux sets A beforehand in every entry of its own mappings, D in those of writable
 * pages, and no page of the image or of modules is uncached or, but on Xen PV, the user's
 * (arch/x86/include/asm/pgtable_types.h: _KERNPG_TABLE, __PAGE_KERNEL). A value that was
 * cut short is seldom like that.
 */
static bool is_plausible(const struct crash *crash, const struct pt_walk *walk)
{
	bool was_reserved = errorcode_has(crash->error_code, ERRORCODE_RSVD);

	if (!(crash->address >> 63))
		return !is_odd_in_user_half(crash, walk);
	for (unsigned i = 0; !was_reserved && i < walk->nr_steps; i++)
		if (walk->steps[i].value & PT_PRESENT &&
		    walk->steps[i].value & PT_NOT_KERNELS)
			return false;
	if (!was_reserved && is_above_ram(walk))
		return false;
	if (crash->address < X86_IMAGE_BASE)
		return true;
	for (unsigned i = 0; i < walk->nr_steps; i++) {
		uint64_t value = walk->steps[i].value;

		if (!(value & PT_PRESENT))
			continue;
		if (!(value & PT_ACCESSED))
			return false;
		if (pt_entry_is_leaf(value, walk->steps[i].level) &&
		    (value & (can_be_xen_pv(crash) ? PT_UNCACHED
						   : PT_USER | PT_UNCACHED) ||
		     (value & PT_RW && !(value & PT_DIRTY))))
			return false;
	}
	return true;
}

static bool is_set(const struct crash *crash, enum register_name name, uint64_t bit)
{
	return registers_has(&crash->registers, name) &&
	       crash->registers.value[name] & bit;
}

/* Without them nobody knows whether SMAP and SMEP are on. */
static bool has_control_registers(const struct crash *crash)
{
	return registers_has(&crash->registers, REGISTER_CR4) &&
	       registers_has(&crash->registers, REGISTER_EFLAGS);
}

/* P is set in the error code, and the values reach a page. */
static void judge_page(const struct crash *crash, struct tables *tables)
{
	const struct pt_walk *walk = &tables->walk;
	enum errorcode_access access = errorcode_access(crash->error_code);
	bool is_user_mode = errorcode_has(crash->error_code, ERRORCODE_U);
	/* A Xen PV kernel runs in ring 3 itself: its own pages are USER. */
	bool is_xen = crash->address >> 63 ? can_be_xen_pv(crash)
					   : crash_is_xen_pv(crash);
	bool is_kernel_on_user = walk->user && !is_user_mode && !is_xen;

	if (errorcode_has(crash->error_code, ERRORCODE_PK))
		deny(tables, TABLES_KEY, last_step(tables));
	else if (errorcode_has(crash->error_code, ERRORCODE_RMP))
		deny(tables, TABLES_RMP, -1);
	else if (errorcode_has(crash->error_code, ERRORCODE_RSVD))
		deny(tables, TABLES_UNKNOWN, -1); /* above this CPU's address bits */
	else if (is_user_mode && !walk->user)
		deny(tables, TABLES_SUPERVISOR_ONLY, -1);
	else if (access == ERRORCODE_FETCH && walk->nx)
		deny(tables, TABLES_NX, first_nx(walk));
	else if (access == ERRORCODE_FETCH && is_kernel_on_user &&
		 is_set(crash, REGISTER_CR4, CR4_SMEP))
		deny(tables, TABLES_SMEP, last_step(tables));
	else if (access != ERRORCODE_FETCH && is_kernel_on_user &&
		 is_set(crash, REGISTER_CR4, CR4_SMAP) &&
		 !is_set(crash, REGISTER_EFLAGS, EFLAGS_AC))
		deny(tables, TABLES_SMAP, last_step(tables));
	else if (is_kernel_on_user && !has_control_registers(crash))
		deny(tables, TABLES_UNKNOWN, -1);
	else if (access == ERRORCODE_WRITE && walk->denied_by >= 0)
		deny(tables, TABLES_NO_RW, walk->denied_by);
	else
		deny(tables, TABLES_PERMITTED, -1);
}

static void judge(const struct crash *crash, struct tables *tables)
{
	const struct pt_walk *walk = &tables->walk;
	bool was_present = errorcode_has(crash->error_code, ERRORCODE_P);
	const struct pt_step *last = &walk->steps[walk->nr_steps - 1];

	if (!is_plausible(crash, walk)) {
		deny(tables, TABLES_CONTRADICTION, -1);
		return;
	}
	switch (walk->reason) {
	case PT_UNREADABLE:
	case PT_EXCLUDED:
		/* A level above that denies a write does so whatever comes below. The
		 * last value that is there may be cut.
		 */
		if (was_present && walk->denied_by >= 0 &&
		    walk->denied_by < last_step(tables) - 1 &&
		    errorcode_access(crash->error_code) == ERRORCODE_WRITE)
			deny(tables, TABLES_NO_RW, walk->denied_by);
		break;
	case PT_NOT_PRESENT:
		if (was_present)
			deny(tables, TABLES_CONTRADICTION, -1);
		/* A value cut short may look like an entry that is not present, while
		 * such an entry of the upper levels is 0. So is a kernel's PTE.
		 */
		else if (last->value == 0 || last->level == PT_PTE)
			deny(tables, TABLES_NOT_PRESENT, last_step(tables));
		break;
	case PT_RESERVED_BIT:
		if (errorcode_has(crash->error_code, ERRORCODE_RSVD))
			deny(tables, TABLES_RESERVED, last_step(tables));
		else
			deny(tables, TABLES_CONTRADICTION, -1);
		break;
	case PT_OK:
	case PT_PROTECTION_KEY:
		if (was_present)
			judge_page(crash, tables);
		else
			deny(tables, TABLES_PERMITTED, -1);
		break;
	case PT_NON_CANONICAL:
	case PT_CHANGED:
	case PT_HYPERVISOR:
		break;
	}
}

void tables_read(const struct crash *crash, const struct pt_format *format,
		 struct tables *ret)
{
	struct tables tables = {.denied_by = -1};

	if (crash->address_from == CRASH_ADDRESS_UNKNOWN ||
	    !crash->tables[CRASH_TABLE_PGD].has_value) {
		*ret = tables;
		return;
	}
	if (format)
		tables.format = *format;
	else
		tables.format = (struct pt_format){
			.levels = has_five_levels(crash) ? 5 : 4,
			.phys_bits = 52,
			.pa_mask = CR3_ADDRESS,
		};
	walk_entries(crash, &tables);
	if (tables.walk.nr_steps) {
		tables.has_walk = true;
		tables.is_cut = tables.walk.reason == PT_UNREADABLE;
		/* An entry that is not there denies whatever the access was. */
		if (crash->has_error_code || tables.walk.reason == PT_NOT_PRESENT)
			judge(crash, &tables);
	}
	*ret = tables;
}

const char *tables_denial_name(enum tables_denial denial)
{
	static const char *const names[] = {
		[TABLES_UNKNOWN] = "unknown",
		[TABLES_NOT_PRESENT] = "not-present",
		[TABLES_NO_RW] = "no-rw",
		[TABLES_NX] = "nx",
		[TABLES_SMAP] = "smap",
		[TABLES_SMEP] = "smep",
		[TABLES_SUPERVISOR_ONLY] = "supervisor-only",
		[TABLES_RESERVED] = "reserved-bit",
		[TABLES_KEY] = "protection-key",
		[TABLES_RMP] = "rmp",
		[TABLES_PERMITTED] = "permitted",
		[TABLES_CONTRADICTION] = "contradiction",
	};

	return names[denial];
}
