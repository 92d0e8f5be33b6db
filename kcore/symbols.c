/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's symbols, by name and by address. */
#include "kcore/symbols.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"
#include "kcore/clonename.h"

/* A handful of names is found faster by scanning than with an index of 200,000. */
enum { SCANS_BEFORE_INDEX = 48 };

static int compare_address(const void *a, const void *b, void *array_ptr)
{
	const struct symbol *array = array_ptr;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;

	if (array[i].address != array[j].address)
		return array[i].address < array[j].address ? -1 : 1;
	return i < j ? -1 : i > j;
}

/* The kernel's own symbols come sorted; what modules, BPF and ftrace append does not. */
static int sort_by_address(struct symbols_part *part)
{
	size_t nr_sorted = part->nr > 0;

	while (nr_sorted < part->nr &&
	       part->array[nr_sorted].address >= part->array[nr_sorted - 1].address)
		nr_sorted++;
	if (nr_sorted == part->nr)
		return 0;
	part->order = calloc(part->nr, sizeof(*part->order));
	if (!part->order)
		return -ENOMEM;
	for (size_t i = 0; i < part->nr; i++)
		part->order[i] = i;
	qsort_r(part->order, part->nr, sizeof(*part->order), compare_address,
		part->array);
	return 0;
}

static int load_text(struct symbols *symbols, const struct listing_text *text,
		     struct error *err)
{
	bool wants_own = !symbols->table && !symbols->own.array;
	struct listing listing;
	int r = listing_read(&listing, text, wants_own, err);

	if (r < 0)
		return r;
	symbols->others.array = listing.others.array;
	symbols->others.nr = listing.others.nr;
	if (!wants_own) {
		symbols->text = listing.text;
	} else {
		symbols->first_text = listing.text;
		symbols->own.array = listing.own.array;
		symbols->own.nr = listing.own.nr;
		r = sort_by_address(&symbols->own);
	}
	return r == 0 ? sort_by_address(&symbols->others) : r;
}

int symbols_read(struct symbols *ret, const struct listing_text *text, struct error *err)
{
	struct symbols symbols = {.source = *text};
	int r = load_text(&symbols, text, err);

	if (r < 0)
		symbols_close(&symbols);
	else
		*ret = symbols;
	return r;
}

int symbols_take(struct symbols *ret, struct kallsyms *table,
		 const struct listing_text *text, symbols_others_fn read_others,
		 void *ctx)
{
	struct symbols symbols = {
		.table = table,
		.source = *text,
		.has_unread_others = text->fd >= 0 || text->bytes || read_others,
		.read_others = read_others,
		.ctx = ctx,
		.own = {.nr = table->nr},
	};

	if (!kallsyms_is_ascending(table))
		return -EINVAL;
	/* Most symbols are never asked for, and pages of the array that are not touched
	 * cost nothing.
	 */
	symbols.own.array = calloc(table->nr, sizeof(*symbols.own.array));
	if (!symbols.own.array)
		return -ENOMEM;
	*ret = symbols;
	return 0;
}

void symbols_take_listing(struct symbols *ret, struct listing *listing,
			  const struct listing_text *text, symbols_others_fn read_others,
			  void *ctx)
{
	*ret = (struct symbols){
		.source = *text,
		.has_unread_others = text->fd >= 0 || text->bytes || read_others,
		.read_others = read_others,
		.ctx = ctx,
		.own = {.array = listing->own.array, .nr = listing->own.nr},
		.first_text = listing->text,
	};
	*listing = (struct listing){0};
}

/* From the kernel's memory, which leaves nothing behind where it fails. */
static bool take_others(struct symbols *symbols)
{
	struct symbol_array others = {0};

	if (!symbols->read_others ||
	    symbols->read_others(symbols->ctx, &others, &symbols->names) < 0) {
		free(others.array);
		return false;
	}
	symbols->others.array = others.array;
	symbols->others.nr = others.nr;
	return sort_by_address(&symbols->others) == 0;
}

/* Reads the other symbols when the first question needs them: from memory, or from the
 * text, which the kernel is slow to make.
 */
static void need_others(struct symbols *symbols)
{
	bool has_text = symbols->source.fd >= 0 || symbols->source.bytes;

	if (!symbols->has_unread_others)
		return;
	symbols->has_unread_others = false;
	if (take_others(symbols))
		return;
	free(symbols->others.array);
	symbols->others = (struct symbols_part){0};
	if (has_text && load_text(symbols, &symbols->source, &symbols->text_error) < 0)
		symbols->others = (struct symbols_part){0};
}

void symbols_forget_others(struct symbols *symbols)
{
	bool can_read_again = symbols->source.fd >= 0 &&
			      lseek(symbols->source.fd, 0, SEEK_SET) == 0;

	if (symbols->has_unread_others ||
	    (!symbols->table && !symbols->read_others && !can_read_again))
		return;
	nameindex_close(&symbols->by_name);
	free(symbols->others.array);
	free(symbols->others.order);
	free(symbols->text);
	symbols->text = NULL;
	symbols->others = (struct symbols_part){0};
	symbols->text_error = (struct error){0};
	symbols->has_unread_others = can_read_again || symbols->source.bytes ||
				     symbols->read_others;
}

void symbols_close(struct symbols *symbols)
{
	if (symbols->table)
		kallsyms_close(symbols->table);
	free(symbols->table);
	free(symbols->own.array);
	free(symbols->own.order);
	free(symbols->others.array);
	free(symbols->others.order);
	free(symbols->exported.array);
	nameindex_close(&symbols->by_name);
	free(symbols->first_text);
	free(symbols->text);
	strings_close(&symbols->names);
	memset(symbols, 0, sizeof(*symbols));
}

/* Own symbol @i, with its name. NULL where there is no memory for that. */
static const struct symbol *own_symbol(struct symbols *symbols, size_t i)
{
	struct symbol *symbol = &symbols->own.array[i];
	char name[KALLSYMS_NAME_BYTES];

	if (symbol->name)
		return symbol;
	symbol->type = kallsyms_name(symbols->table, i, name);
	symbol->address = kallsyms_address(symbols->table, i);
	symbol->name = strings_keep(&symbols->names, name);
	return symbol->name ? symbol : NULL;
}

const struct symbol *symbols_nth(struct symbols *symbols, size_t i)
{
	if (i < symbols->own.nr)
		return own_symbol(symbols, i);
	need_others(symbols);
	return i - symbols->own.nr < symbols->others.nr
		       ? &symbols->others.array[i - symbols->own.nr]
		       : NULL;
}

static size_t index_of(const struct symbols *symbols, const struct symbol *symbol)
{
	if (symbol >= symbols->own.array && symbol < symbols->own.array + symbols->own.nr)
		return (size_t)(symbol - symbols->own.array);
	return symbols->own.nr + (size_t)(symbol - symbols->others.array);
}

static bool is_of_module(const struct symbol *symbol, const char *module)
{
	if (!module)
		return true;
	if (*module == '\0' || strcmp(module, "vmlinux") == 0)
		return !symbol->module;
	return symbol->module && strcmp(symbol->module, module) == 0;
}

static size_t nr_all(const struct symbols *symbols)
{
	return symbols->own.nr + symbols->others.nr;
}

static void index_names(struct symbols *symbols)
{
	struct nameindex *index = &symbols->by_name;

	need_others(symbols);
	/* Without one scanning still works. */
	if (nameindex_open(index, nr_all(symbols)) < 0)
		return;
	for (size_t i = nr_all(symbols); i-- > 0;) {
		const struct symbol *symbol = symbols_nth(symbols, i);

		if (!symbol) {
			nameindex_close(index);
			return;
		}
		nameindex_add(index, i, symbol->name);
	}
}

static const struct symbol *find_indexed(struct symbols *symbols, const char *name,
					 const char *module, size_t from)
{
	size_t i;

	for (bool more = nameindex_first(&symbols->by_name, name, &i); more;
	     more = nameindex_next(&symbols->by_name, &i)) {
		const struct symbol *symbol = symbols_nth(symbols, i);

		if (i >= from && strcmp(symbol->name, name) == 0 &&
		    is_of_module(symbol, module))
			return symbol;
	}
	return NULL;
}

static size_t scan_part(const struct symbols_part *part, const char *name, size_t from)
{
	size_t name_bytes = strlen(name) + 1, i;

	for (i = from; i < part->nr; i++)
		if (part->array[i].name[0] == name[0] &&
		    strncmp(part->array[i].name, name, name_bytes) == 0)
			break;
	return i;
}

static const struct symbol *find_other(struct symbols *symbols, const char *name,
				       const char *module, size_t from)
{
	need_others(symbols);
	for (size_t i = from;
	     (i = scan_part(&symbols->others, name, i)) < symbols->others.nr; i++)
		if (is_of_module(&symbols->others.array[i], module))
			return &symbols->others.array[i];
	return NULL;
}

void symbols_index(struct symbols *symbols)
{
	if (!symbols->by_name.heads)
		index_names(symbols);
}

const struct symbol *symbols_find(struct symbols *symbols, const char *name,
				  const char *module, const struct symbol *prev)
{
	bool is_own_wanted = !module || *module == '\0' || strcmp(module, "vmlinux") == 0;
	size_t from = prev ? index_of(symbols, prev) + 1 : 0;

	if (!symbols->by_name.heads && ++symbols->nr_lookups > SCANS_BEFORE_INDEX)
		index_names(symbols);
	if (symbols->by_name.heads)
		return find_indexed(symbols, name, module, from);
	if (from < symbols->own.nr && is_own_wanted) {
		size_t i = symbols->table ? kallsyms_find(symbols->table, name, from)
					  : scan_part(&symbols->own, name, from);

		if (i < symbols->own.nr)
			return own_symbol(symbols, i);
	}
	if (is_own_wanted && module)
		return NULL;
	return find_other(symbols, name, module,
			  from < symbols->own.nr ? 0 : from - symbols->own.nr);
}

int symbols_add_exported(struct symbols *symbols, const char *name, uint64_t address)
{
	const struct symbol symbol = {.address = address,
				      .type = 'D',
				      .name = strings_keep(&symbols->names, name)};

	return symbol.name ? symbol_array_add(&symbols->exported, &symbol) : -ENOMEM;
}

static const struct symbol *find_exported(const struct symbols *symbols, const char *name)
{
	for (size_t i = 0; i < symbols->exported.nr; i++)
		if (strcmp(symbols->exported.array[i].name, name) == 0)
			return &symbols->exported.array[i];
	return NULL;
}

static uint32_t first_bytes(const char *name)
{
	uint32_t bytes;

	memcpy(&bytes, name, sizeof(bytes));
	return bytes;
}

struct each {
	struct symbols *symbols;
	symbols_fn fn;
	void *ctx;
};

static void each_own(void *ctx, size_t i)
{
	const struct each *each = ctx;
	const struct symbol *symbol = own_symbol(each->symbols, i);

	if (symbol)
		each->fn(each->ctx, symbol);
}

void symbols_each(struct symbols *symbols, const char *prefix, symbols_fn fn, void *ctx)
{
	struct each each = {.symbols = symbols, .fn = fn, .ctx = ctx};
	size_t prefix_bytes = strlen(prefix);

	if (symbols->table) {
		kallsyms_each(symbols->table, prefix, each_own, &each);
		return;
	}
	for (size_t i = 0; i < symbols->own.nr; i++)
		if (strncmp(symbols->own.array[i].name, prefix, prefix_bytes) == 0)
			each_own(&each, i);
}

struct promoted {
	const char *name;
	const struct symbol *symbol;
	size_t nr;
};

static void take_promoted(void *ctx, const struct symbol *symbol)
{
	struct promoted *promoted = ctx;

	if (!clonename_is_same(symbol->name, promoted->name))
		return;
	promoted->symbol = symbol;
	promoted->nr++;
}

static const struct symbol *find_promoted(struct symbols *symbols, const char *name)
{
	struct promoted promoted = {.name = name};
	char prefix[KALLSYMS_NAME_BYTES + 16];

	if (!symbols->has_promoted)
		return NULL;
	snprintf(prefix, sizeof(prefix), "%s.llvm.", name);
	symbols_each(symbols, prefix, take_promoted, &promoted);
	return promoted.nr == 1 ? promoted.symbol : NULL;
}

bool symbols_address(struct symbols *symbols, const char *name, uint64_t *ret)
{
	const struct symbol *symbol = symbols_find(symbols, name, "vmlinux", NULL);

	if (!symbol)
		symbol = find_exported(symbols, name);
	if (!symbol)
		symbol = find_promoted(symbols, name);
	if (symbol)
		*ret = symbol->address;
	return symbol != NULL;
}

struct many {
	struct symbols *symbols;
	symbols_found_fn found;
	void *ctx;
};

static void pass_found(void *ctx, size_t name, size_t i)
{
	const struct many *many = ctx;

	many->found(many->ctx, name, kallsyms_address(many->symbols->table, i));
}

static int find_exact(struct symbols *symbols, size_t nr, const char *const names[],
		      symbols_found_fn found, void *ctx)
{
	struct many many = {.symbols = symbols, .found = found, .ctx = ctx};

	for (size_t j = 0; symbols->exported.nr && j < nr; j++) {
		const struct symbol *symbol = find_exported(symbols, names[j]);

		if (symbol)
			found(ctx, j, symbol->address);
	}
	if (symbols->table)
		return kallsyms_find_many(symbols->table, nr, names, pass_found, &many);
	for (size_t i = 0; i < symbols->own.nr; i++) {
		const struct symbol *symbol = &symbols->own.array[i];
		/* A short name's four bytes reach into what follows it: the text is
		 * padded. */
		uint32_t bytes = first_bytes(symbol->name);

		for (size_t j = 0; j < nr; j++)
			if (bytes == first_bytes(names[j]) &&
			    strcmp(symbol->name, names[j]) == 0)
				found(ctx, j, symbol->address);
	}
	return 0;
}

/* Passes on what is found, and remembers of which names that was. */
struct seen {
	bool *names;
	symbols_found_fn found;
	void *ctx;
};

static void see(void *ctx, size_t name, uint64_t address)
{
	const struct seen *seen = ctx;

	seen->names[name] = true;
	seen->found(seen->ctx, name, address);
}

int symbols_find_many(struct symbols *symbols, size_t nr, const char *const names[],
		      symbols_found_fn found, void *ctx)
{
	_cleanup_free_ bool *names_seen = NULL;
	struct seen seen = {.found = found, .ctx = ctx};
	int r;

	if (!symbols->has_promoted)
		return find_exact(symbols, nr, names, found, ctx);
	seen.names = names_seen = calloc(nr + 1, sizeof(*names_seen));
	r = names_seen ? find_exact(symbols, nr, names, see, &seen) : -ENOMEM;
	for (size_t i = 0; r == 0 && i < nr; i++) {
		const struct symbol *symbol = names_seen[i]
						      ? NULL
						      : find_promoted(symbols, names[i]);

		if (symbol)
			found(ctx, i, symbol->address);
	}
	return r;
}

static void keep_first(void *ctx, size_t name, uint64_t address)
{
	uint64_t *addresses = ctx;

	if (addresses[name] == 0)
		addresses[name] = address;
}

int symbols_addresses(struct symbols *symbols, size_t nr, const char *const names[],
		      uint64_t ret[])
{
	memset(ret, 0, nr * sizeof(*ret));
	return symbols_find_many(symbols, nr, names, keep_first, ret);
}

/* Address of the @at-th symbol of a part, counted by address. */
static uint64_t address_at(const struct symbols *symbols, const struct symbols_part *part,
			   size_t at)
{
	size_t i = part->order ? part->order[at] : at;

	if (part == &symbols->own && symbols->table)
		return kallsyms_address(symbols->table, i);
	return part->array[i].address;
}

/* Number of symbols of a part at or below @address. */
static size_t nr_upto(const struct symbols *symbols, const struct symbols_part *part,
		      uint64_t address)
{
	size_t low = 0, high = part->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_at(symbols, part, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Modules, BPF and trampolines live above the image. */
static bool may_be_other(const struct symbols *symbols, uint64_t address)
{
	return !symbols->table ||
	       address >= kallsyms_address(symbols->table, symbols->own.nr - 1);
}

const struct symbol *symbols_at(struct symbols *symbols, uint64_t address)
{
	const struct symbols_part *parts[] = {&symbols->own, &symbols->others};
	size_t best = 0;
	bool has_best = false;
	uint64_t best_address = 0;

	if (may_be_other(symbols, address))
		need_others(symbols);
	for (size_t p = 0; p < 2; p++) {
		const struct symbols_part *part = parts[p];
		size_t at = nr_upto(symbols, part, address);
		uint64_t found;

		if (at == 0)
			continue;
		found = address_at(symbols, part, at - 1);
		/* Back to the first of those that share the address. */
		while (at > 1 && address_at(symbols, part, at - 2) == found)
			at--;
		if (has_best && found <= best_address)
			continue;
		has_best = true;
		best_address = found;
		best = (part->order ? part->order[at - 1] : at - 1) +
		       (p == 1 ? symbols->own.nr : 0);
	}
	return has_best ? symbols_nth(symbols, best) : NULL;
}

static bool part_has_at(const struct symbols *symbols, const struct symbols_part *part,
			uint64_t address, const char *module)
{
	for (size_t at = nr_upto(symbols, part, address);
	     at > 0 && address_at(symbols, part, at - 1) == address; at--) {
		size_t i = part->order ? part->order[at - 1] : at - 1;

		if (is_of_module(&part->array[i], module))
			return true;
	}
	return false;
}

bool symbols_has_at(struct symbols *symbols, uint64_t address, const char *module)
{
	need_others(symbols);
	return part_has_at(symbols, &symbols->others, address, module);
}

bool symbols_next_address(struct symbols *symbols, uint64_t address, uint64_t *ret)
{
	const struct symbols_part *parts[] = {&symbols->own, &symbols->others};
	uint64_t next = 0;
	bool has_next = false;

	if (may_be_other(symbols, address))
		need_others(symbols);
	for (size_t p = 0; p < 2; p++) {
		size_t at = nr_upto(symbols, parts[p], address);
		uint64_t candidate;

		if (at == parts[p]->nr)
			continue;
		candidate = address_at(symbols, parts[p], at);
		if (!has_next || candidate < next)
			next = candidate;
		has_next = true;
	}
	if (has_next)
		*ret = next;
	return has_next;
}

void symbols_nearest(struct symbols *symbols, struct nearest *nearest)
{
	const struct symbol *symbol;

	for (size_t i = 0; (symbol = symbols_nth(symbols, i)); i++)
		nearest_offer(nearest, symbol->name);
}
