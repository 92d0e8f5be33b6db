/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an audit says: rows, findings, notices, hooks. */
#include "audit/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/array.h"

static const char *const group_names[AUDIT_NR_GROUPS] = {
	[AUDIT_LSM] = "lsm",
	[AUDIT_IMAGE] = "image",
	[AUDIT_DISPATCH] = "dispatch",
	[AUDIT_CPU] = "cpu",
	[AUDIT_MODULES] = "modules",
	[AUDIT_EXECUTABLE] = "executable",
	[AUDIT_TABLES] = "tables",
	[AUDIT_LEVERS] = "levers",
	[AUDIT_UNCHANGED] = "unchanged",
};

static const char *const verdict_names[] = {
	[AUDIT_INFO] = "info",
	[AUDIT_SEALED] = "sealed",
	[AUDIT_UNKNOWN] = "unknown",
	[AUDIT_UNSEALED] = "unsealed",
};

static const struct {
	const char *name;
	const char *advice;
	const char *legitimate;
} kinds[AUDIT_NR_KINDS] = {
	[AUDIT_KIND_NONE] = {"none", "", NULL},
	[AUDIT_EXECUTABLE_DATA] =
		{"executable-data",
		 "find out what made data executable; 'kwcheck walk' shows the level",
		 NULL},
	[AUDIT_WRITABLE] =
		{"writable",
		 "treat the kernel as modified: take a memory image, then reboot; "
		 "'kwcheck walk' shows the entry",
		 "text_poke() and, on kernels before 5.10, ftrace make text writable for "
		 "milliseconds; it was still so 50 ms later"},
	[AUDIT_WRITABLE_ALIAS] =
		{"writable-alias",
		 "find who made the second mapping (vmap() and ioremap() can); until then "
		 "treat what lies there as modified",
		 "text_poke() maps text writable in an address space of its own, which "
		 "is not seen here"},
	[AUDIT_WRITABLE_EXECUTABLE] =
		{"writable-executable",
		 "find the module or boot option that made it; any write there is code",
		 "before 6.1 the kernel itself keeps BPF trampolines so while a program "
		 "is attached"},
	[AUDIT_RIGHTS_DIFFER] =
		{"rights-differ",
		 "set_memory_*() changes the image and the direct map together: an entry "
		 "was changed by hand; 'kwcheck walk' shows both",
		 NULL},
	[AUDIT_DIRTY] = {"dirty",
			 "something wrote through this page although it is read-only "
			 "(CR0.WP was cleared): compare its bytes with the package's",
			 NULL},
	[AUDIT_USER_PAGE] =
		{"user-page",
		 "user space can reach this kernel page: find what set the U bit", NULL},
	[AUDIT_RESERVED_BIT] =
		{"reserved-bit",
		 "the page table is damaged: suspect memory, then an attack", NULL},
	[AUDIT_RODATA_OFF] = {"rodata-off", "remove rodata=off from the command line",
			      "a boot option of the administrator's"},
	[AUDIT_NOT_MAPPED] = {"not-mapped", "'kwcheck walk' shows where the walk ends",
			      NULL},
	[AUDIT_HOOK_OUTSIDE] =
		{"hook-outside",
		 "a module registered a security hook past the sealed lists: find it in "
		 "'lsmod', remove it from the boot, reboot",
		 "security products for old kernels do this on purpose"},
	[AUDIT_CALLBACK_OUTSIDE] =
		{"callback-outside",
		 "the hook runs code that is not the kernel's own: find the module, remove "
		 "it from the boot, reboot",
		 "security products for old kernels do this on purpose"},
	[AUDIT_LIST_BROKEN] = {"list-broken",
			       "the list was changed by something other than the kernel: "
			       "take a memory image, then reboot",
			       NULL},
	[AUDIT_SLOT_HIJACKED] =
		{"slot-hijacked",
		 "a hook was installed by __static_call_update() past the sealed table: "
		 "find the module that owns the function, remove it from the boot, reboot",
		 NULL},
	[AUDIT_CALL_SITE] = {"call-site",
			     "the patched call does not go where its key says: treat "
			     "kernel text as modified, reboot",
			     NULL},
	[AUDIT_JUMP_LABEL] =
		{"jump-label",
		 "the patched jump does not match its key: treat kernel text "
		 "as modified, reboot",
		 NULL},
	[AUDIT_REDIRECTED] =
		{"redirected",
		 "the function's first bytes lead elsewhere: find what owns the target",
		 "security products use ftrace to hook functions"},
	[AUDIT_HANDLER_OUTSIDE] =
		{"handler-outside",
		 "an entry leads out of the kernel's text: find the module that owns the "
		 "target, remove it from the boot, reboot",
		 NULL},
	[AUDIT_TABLE_MOVED] =
		{"table-moved",
		 "the CPU uses another table than the kernel's own: treat the "
		 "kernel as modified, reboot",
		 NULL},
	[AUDIT_KERNEL_DISAGREES] =
		{"kernel-disagrees",
		 "what the kernel says and what its memory holds differ: do not trust the "
		 "file; compare with another boot",
		 NULL},
	[AUDIT_BRANCH_OUTSIDE] =
		{"branch-outside",
		 "kernel code was changed to run what is not the kernel's: take a memory "
		 "image, find what owns the target, remove it from the boot, reboot",
		 "security products that do not go through ftrace patch functions so"},
	[AUDIT_POINTER_OUTSIDE] =
		{"pointer-outside",
		 "a constant was changed to lead to what is not the kernel's: take a "
		 "memory image, find what owns the target, remove it from the boot, "
		 "reboot",
		 "security products for old kernels do this on purpose"},
	[AUDIT_BYTES_CHANGED] =
		{"bytes-changed",
		 "what is sealed is not what was built, where the kernel itself patches "
		 "nothing: take a memory image, then reboot; suspect memory, too, where it "
		 "is one bit",
		 NULL},
};

const char *audit_group_name(enum audit_group group)
{
	return group_names[group];
}

const char *audit_verdict_name(enum audit_verdict verdict)
{
	return verdict_names[verdict];
}

const char *audit_kind_name(enum audit_kind kind)
{
	return kinds[kind].name;
}

const char *audit_kind_advice(enum audit_kind kind)
{
	return kinds[kind].advice;
}

const char *audit_kind_legitimate(enum audit_kind kind)
{
	return kinds[kind].legitimate;
}

/* One more element, zeroed, at the end of an array; NULL with audit->failed set. */
static void *grow(struct audit *audit, void *array_ptr, size_t *nr, size_t *room,
		  size_t element_bytes)
{
	char *array;

	if (array_reserve(array_ptr, *nr, room, element_bytes) < 0) {
		audit->failed = -ENOMEM;
		return NULL;
	}
	memcpy(&array, array_ptr, sizeof(array));
	return memset(array + (*nr)++ * element_bytes, 0, element_bytes);
}

size_t audit_add_row(struct audit *audit, const struct audit_row *row)
{
	struct audit_row *added = grow(audit, &audit->rows, &audit->nr_rows,
				       &audit->rows_room, sizeof(*added));

	if (!added)
		return AUDIT_NO_ROW;
	*added = *row;
	return audit->nr_rows - 1;
}

void audit_find(struct audit *audit, size_t row, enum audit_kind kind, uint64_t address,
		uint64_t size_bytes, const char *format, ...)
{
	struct audit_finding *finding = grow(audit, &audit->findings, &audit->nr_findings,
					     &audit->findings_room, sizeof(*finding));
	va_list args;

	if (!finding)
		return;
	finding->row = row;
	finding->kind = kind;
	finding->address = address;
	finding->size_bytes = size_bytes;
	finding->target = 0;
	if (address)
		audit_place(audit, address, finding->place, sizeof(finding->place));
	va_start(args, format);
	vsnprintf(finding->message, sizeof(finding->message), format, args);
	va_end(args);
	if (row < audit->nr_rows)
		audit->rows[row].verdict = AUDIT_UNSEALED;
}

void audit_notice(struct audit *audit, size_t row, uint64_t address, const char *format,
		  ...)
{
	struct audit_notice *notice = grow(audit, &audit->notices, &audit->nr_notices,
					   &audit->notices_room, sizeof(*notice));
	va_list args;

	if (!notice)
		return;
	notice->row = row;
	notice->address = address;
	va_start(args, format);
	vsnprintf(notice->message, sizeof(notice->message), format, args);
	va_end(args);
}

void audit_undecided(struct audit *audit, size_t row, const char *format, ...)
{
	va_list args;

	if (row >= audit->nr_rows)
		return;
	va_start(args, format);
	vsnprintf(audit->rows[row].detail, sizeof(audit->rows[row].detail), format, args);
	va_end(args);
	if (audit->rows[row].verdict < AUDIT_UNKNOWN)
		audit->rows[row].verdict = AUDIT_UNKNOWN;
}

void audit_add_slot(struct audit *audit, const struct audit_slot *slot)
{
	struct audit_slot *added = grow(audit, &audit->slots, &audit->nr_slots,
					&audit->slots_room, sizeof(*added));

	if (!added)
		return;
	*added = *slot;
	if (slot->element)
		audit_place(audit, slot->element, added->element_place,
			    sizeof(added->element_place));
	if (slot->callback)
		audit_place(audit, slot->callback, added->callback_place,
			    sizeof(added->callback_place));
}

void audit_add_range(struct audit *audit, size_t row, uint64_t va, uint64_t size_bytes,
		     bool is_sealed)
{
	struct audit_range *range = grow(audit, &audit->ranges, &audit->nr_ranges,
					 &audit->ranges_room, sizeof(*range));

	if (range)
		*range = (struct audit_range){
			.row = row,
			.va = va,
			.size_bytes = size_bytes,
			.is_sealed = is_sealed,
		};
}

static int compare_range(const void *a, const void *b)
{
	uint64_t x = ((const struct audit_range *)a)->va;
	uint64_t y = ((const struct audit_range *)b)->va;

	return x < y ? -1 : x > y;
}

void audit_sort_ranges(const struct audit *audit, struct audit_range *ret)
{
	if (audit->nr_ranges == 0)
		return;
	memcpy(ret, audit->ranges, audit->nr_ranges * sizeof(*ret));
	qsort(ret, audit->nr_ranges, sizeof(*ret), compare_range);
}

uint64_t audit_page_of(uint64_t va)
{
	return va & ~(uint64_t)(PAGE_BYTES - 1);
}

uint64_t audit_page_end(uint64_t va, uint64_t size_bytes)
{
	return audit_page_of(va + size_bytes - 1) + PAGE_BYTES;
}

void audit_add_violation(struct audit *audit, enum audit_kind kind, uint64_t va,
			 uint64_t size_bytes, uint64_t target)
{
	struct audit_violation *violation = grow(
		audit, &audit->violations, &audit->nr_violations, &audit->violations_room,
		sizeof(*violation));

	if (violation)
		*violation = (struct audit_violation){
			.kind = kind,
			.va = va,
			.size_bytes = size_bytes,
			.target = target,
		};
}

unsigned audit_status(const struct audit *audit)
{
	unsigned status = 0;

	for (size_t i = 0; i < audit->nr_rows; i++) {
		if (audit->rows[i].verdict == AUDIT_UNSEALED)
			status |= 1;
		if (audit->rows[i].verdict == AUDIT_UNKNOWN)
			status |= 2;
	}
	return status;
}

void audit_free(struct audit *audit)
{
	for (size_t i = 0; i < audit->nr_names; i++)
		free(audit->names[i]);
	free(audit->names);
	free(audit->wanted);
	free(audit->rows);
	free(audit->findings);
	free(audit->notices);
	free(audit->slots);
	free(audit->ranges);
	free(audit->violations);
	modlist_free(&audit->modlist);
	mappings_free(&audit->mappings);
	*audit = (struct audit){0};
}
