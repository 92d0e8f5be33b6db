/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel ought to have sealed, and whether it has: the rows and findings. */
#include "audit/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/checks.h"
#include "audit/pages.h"
#include "kcore/cleanup.h"

/* A symbol with nothing after it for this long is the last of its mapping. */
static const uint64_t MAX_SYMBOL_BYTES = 16 << 20;

static const char *const group_names[AUDIT_NR_GROUPS] = {
	[AUDIT_LSM] = "lsm",	       [AUDIT_IMAGE] = "image",
	[AUDIT_DISPATCH] = "dispatch", [AUDIT_CPU] = "cpu",
	[AUDIT_MODULES] = "modules",   [AUDIT_EXECUTABLE] = "executable",
	[AUDIT_TABLES] = "tables",     [AUDIT_LEVERS] = "levers",
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

/* Room for one more of @nr elements at *@array, which grows by doubling. Returns the new
 * element, zeroed, or NULL with audit->failed set.
 */
static void *grow(struct audit *audit, void *array_ptr, size_t *nr, size_t element_bytes)
{
	void **array = array_ptr;
	char *element;

	if ((*nr & (*nr - 1)) == 0) {
		void *more = reallocarray(*array, *nr ? *nr * 2 : 1, element_bytes);

		if (!more) {
			audit->failed = -ENOMEM;
			return NULL;
		}
		*array = more;
	}
	element = (char *)*array + *nr * element_bytes;
	memset(element, 0, element_bytes);
	(*nr)++;
	return element;
}

size_t audit_add_row(struct audit *audit, const struct audit_row *row)
{
	struct audit_row *added = grow(audit, &audit->rows, &audit->nr_rows,
				       sizeof(*added));

	if (!added)
		return AUDIT_NO_ROW;
	*added = *row;
	return audit->nr_rows - 1;
}

void audit_find(struct audit *audit, size_t row, enum audit_kind kind, uint64_t address,
		uint64_t size_bytes, const char *format, ...)
{
	struct audit_finding *finding = grow(audit, &audit->findings, &audit->nr_findings,
					     sizeof(*finding));
	va_list args;

	if (!finding)
		return;
	finding->row = row;
	finding->kind = kind;
	finding->address = address;
	finding->size_bytes = size_bytes;
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
					   sizeof(*notice));
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
					sizeof(*added));

	if (added)
		*added = *slot;
}

void audit_add_range(struct audit *audit, size_t row, uint64_t va, uint64_t size_bytes,
		     bool is_sealed)
{
	struct audit_range *range = grow(audit, &audit->ranges, &audit->nr_ranges,
					 sizeof(*range));

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
		audit, &audit->violations, &audit->nr_violations, sizeof(*violation));

	if (violation)
		*violation = (struct audit_violation){
			.kind = kind,
			.va = va,
			.size_bytes = size_bytes,
			.target = target,
		};
}

void audit_want(struct audit *audit, const char *name)
{
	struct audit_wanted *wanted = grow(audit, &audit->wanted, &audit->nr_wanted,
					   sizeof(*wanted));

	if (wanted)
		wanted->name = name;
}

static const struct audit_wanted *find_wanted(const struct audit *audit, const char *name)
{
	for (size_t i = 0; i < audit->nr_wanted; i++)
		if (strcmp(audit->wanted[i].name, name) == 0)
			return &audit->wanted[i];
	return NULL;
}

bool audit_symbol(const struct audit *audit, const char *name, uint64_t *ret)
{
	const struct audit_wanted *wanted = find_wanted(audit, name);

	if (!wanted)
		return symbols_address(&audit->kernel->symbols, name, ret);
	if (wanted->address)
		*ret = wanted->address;
	return wanted->address != 0;
}

bool audit_constant(const struct audit *audit, const char *name, uint64_t *ret)
{
	const struct audit_wanted *wanted = find_wanted(audit, name);

	if (!wanted || !wanted->constant)
		return audit_symbol(audit, name, ret);
	*ret = wanted->constant;
	return true;
}

const char *audit_keep_name(struct audit *audit, const char *name)
{
	char *copy = strdup(name);
	char **place = copy ? grow(audit, &audit->names, &audit->nr_names, sizeof(*place))
			    : NULL;

	if (!place) {
		audit->failed = -ENOMEM;
		free(copy);
		return "?";
	}
	*place = copy;
	return copy;
}

const char *audit_place(const struct audit *audit, uint64_t va, char *text,
			size_t text_bytes)
{
	struct symbols *symbols = &audit->kernel->symbols;
	const struct symbol *symbol = audit->kernel->has_symbols ? symbols_at(symbols, va)
								 : NULL;
	int n;

	if (!symbol || va - symbol->address >= MAX_SYMBOL_BYTES) {
		snprintf(text, text_bytes, "%s", region_of(audit->kernel, va)->name);
		return text;
	}
	if (va == symbol->address)
		n = snprintf(text, text_bytes, "%.100s", symbol->name);
	else
		n = snprintf(text, text_bytes, "%.100s+0x%" PRIx64, symbol->name,
			     va - symbol->address);
	if (symbol->module && n > 0 && (size_t)n < text_bytes)
		snprintf(text + n, text_bytes - (size_t)n, " [%.56s]", symbol->module);
	return text;
}

uint64_t audit_symbol_size(const struct audit *audit, uint64_t va)
{
	uint64_t next;

	if (!symbols_next_address(&audit->kernel->symbols, va, &next) ||
	    next - va > MAX_SYMBOL_BYTES)
		return 0;
	return next - va;
}

bool audit_is_kernel_text(const struct audit *audit, uint64_t va)
{
	const uint64_t *labels = audit->kernel->labels;

	return labels[LABEL_TEXT] && va >= labels[LABEL_TEXT] && va < labels[LABEL_ETEXT];
}

bool audit_is_constant(const struct audit *audit, uint64_t va)
{
	enum region_kind kind = region_of(audit->kernel, va)->kind;

	return kind == REGION_RODATA || kind == REGION_RO_AFTER_INIT ||
	       kind == REGION_TEXT;
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

/* A check fills rows of one group; a new one is a row here. */
static const struct {
	enum audit_group group;
	void (*want)(struct audit *audit);
	void (*run)(struct audit *audit);
} checks[] = {
	{AUDIT_LSM, want_lsm, check_lsm},
	{AUDIT_IMAGE, want_image, check_image},
	{AUDIT_DISPATCH, want_dispatch, check_dispatch},
	{AUDIT_CPU, want_cpu, check_cpu},
	{AUDIT_MODULES, NULL, check_modules},
	{AUDIT_EXECUTABLE, NULL, check_executable},
	{AUDIT_TABLES, NULL, check_tables},
	{AUDIT_LEVERS, want_levers, check_levers},
};

static void note_wanted(void *ctx, size_t name, uint64_t address)
{
	struct audit *audit = ctx;
	struct audit_wanted *wanted = &audit->wanted[name];

	if (!wanted->address)
		wanted->address = address;
	if (!wanted->constant && audit_is_constant(audit, address))
		wanted->constant = address;
}

static void look_up_wanted(struct audit *audit)
{
	_cleanup_free_ const char **names = calloc(audit->nr_wanted + 1, sizeof(*names));

	if (!names) {
		audit->failed = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < audit->nr_wanted; i++)
		names[i] = audit->wanted[i].name;
	if (audit->kernel->has_symbols &&
	    symbols_find_many(&audit->kernel->symbols, audit->nr_wanted, names,
			      note_wanted, audit) < 0)
		audit->failed = -ENOMEM;
}

int audit_run(struct audit *ret, struct kernel *kernel, unsigned groups,
	      const struct audit_words *words)
{
	struct audit audit = {.kernel = kernel,
			      .groups = groups,
			      .words = *words,
			      .rodata_off_row = AUDIT_NO_ROW,
			      .wx_row = AUDIT_NO_ROW};
	int r = mappings_take(&audit.mappings, kernel);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (groups & 1u << checks[i].group && checks[i].want)
			checks[i].want(&audit);
	look_up_wanted(&audit);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (groups & 1u << checks[i].group)
			checks[i].run(&audit);
	pages_finish(&audit);
	executable_compare(&audit);
	if (audit.failed) {
		r = audit.failed;
		audit_free(&audit);
		return r;
	}
	*ret = audit;
	return 0;
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
	mappings_free(&audit->mappings);
	*audit = (struct audit){0};
}
