/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel lets a module link against. */
#include "module/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/ksymtab.h"
#include "kcore/x86.h"

enum {
	ENTRY_BYTES = KSYMTAB_ENTRY_BYTES,
	VALUE_AT = KSYMTAB_VALUE_AT,
	NAME_AT = KSYMTAB_NAME_AT,
	NAMESPACE_AT = KSYMTAB_NAMESPACE_AT,
};

enum {
	KSYMTAB = 0,
	KSYMTAB_STOP,
	KSYMTAB_GPL,
	KSYMTAB_GPL_STOP,
	KCRCTAB,
	KCRCTAB_STOP,
	KCRCTAB_GPL,
	KFLAGSTAB,
	NR_TABLES,
};
static const char *const table_names[] = {
	[KSYMTAB] = "__start___ksymtab",
	[KSYMTAB_STOP] = "__stop___ksymtab",
	[KSYMTAB_GPL] = "__start___ksymtab_gpl",
	[KSYMTAB_GPL_STOP] = "__stop___ksymtab_gpl",
	[KCRCTAB] = "__start___kcrctab",
	[KCRCTAB_STOP] = "__stop___kcrctab",
	[KCRCTAB_GPL] = "__start___kcrctab_gpl",
	[KFLAGSTAB] = "__start___kflagstab",
};
/* include/linux/module_symbol.h, since 6.20: one table and a byte of flags each. */
static const uint8_t KSYM_FLAG_GPL_ONLY = 1;

/* A piece of the kernel's memory, copied. */
struct piece {
	uint64_t va, size_bytes;
	unsigned char *bytes;
};

static void cleanup_piece(struct piece *piece)
{
	free(piece->bytes);
}

static int read_piece(struct piece *ret, struct kernel *kernel, uint64_t va,
		      uint64_t size_bytes)
{
	enum { MAX_PIECE_BYTES = 16 * 1024 * 1024 };
	int r;

	if (!va || size_bytes == 0 || size_bytes > MAX_PIECE_BYTES)
		return -ENOENT;
	ret->bytes = malloc(size_bytes);
	if (!ret->bytes)
		return -ENOMEM;
	ret->va = va;
	ret->size_bytes = size_bytes;
	r = kernel_read(kernel, va, ret->bytes, size_bytes);
	if (r < 0)
		ret->size_bytes = 0;
	return r;
}

static bool piece_get(const struct piece *piece, uint64_t va, void *ret,
		      size_t size_bytes)
{
	if (va < piece->va || va - piece->va > piece->size_bytes ||
	    size_bytes > piece->size_bytes - (va - piece->va))
		return false;
	memcpy(ret, piece->bytes + (va - piece->va), size_bytes);
	return true;
}

struct reader {
	struct kernel *kernel;
	uint64_t tables[NR_TABLES];
	struct piece symbols, crcs, flags;
	bool has_relative_crcs;
	bool is_nameless; /* tables[] were searched: kallsyms has no symbol of them */
	bool is_crc_unknown;
};

/* Until 5.18 x86 had CONFIG_MODULE_REL_CRCS: an entry of the table is the distance to the
 * CRC. They all land in the image's constants then, which a CRC as such does not.
 */
static bool are_relative(const struct reader *reader)
{
	enum { NR_TRIED = 16 };

	for (uint64_t i = 0; i < NR_TRIED; i++) {
		int32_t distance;
		uint64_t at = reader->crcs.va + 4 * i;
		struct pt_walk walk;

		if (!piece_get(&reader->crcs, at, &distance, sizeof(distance)))
			return false;
		at += (uint64_t)(int64_t)distance;
		kernel_walk_cached(reader->kernel, at, &walk);
		if (at < X86_IMAGE_BASE || at >= X86_MODULES_START ||
		    walk.reason != PT_OK)
			return false;
	}
	return true;
}

/* CRCs lie in the order of the entries, the GPL-only ones' behind the others'. */
static void read_crc(const struct reader *reader, uint64_t entry, struct exported *export)
{
	const uint64_t *tables = reader->tables;
	bool is_second = tables[KSYMTAB_GPL] && entry >= tables[KSYMTAB_GPL];
	uint64_t start = is_second ? tables[KSYMTAB_GPL] : tables[KSYMTAB];
	uint64_t crcs = is_second ? tables[KCRCTAB_GPL] : tables[KCRCTAB];
	uint64_t at = crcs + (entry - start) / ENTRY_BYTES * 4;
	uint32_t crc;

	if (!crcs || !piece_get(&reader->crcs, at, &crc, sizeof(crc)))
		return;
	if (reader->has_relative_crcs &&
	    kernel_read(reader->kernel, at + (uint64_t)(int64_t)(int32_t)crc, &crc,
			sizeof(crc)) < 0)
		return;
	export->crc = crc;
	export->has_crc = true;
}

/* @entry: the address of its struct kernel_symbol. */
static bool read_own(const struct reader *reader, uint64_t entry, struct exported *export)
{
	const uint64_t *tables = reader->tables;
	int32_t value, namespace;
	uint8_t flags;

	if (!piece_get(&reader->symbols, entry + VALUE_AT, &value, sizeof(value)) ||
	    !piece_get(&reader->symbols, entry + NAMESPACE_AT, &namespace,
		       sizeof(namespace)))
		return false;
	export->address = entry + VALUE_AT + (uint64_t)(int64_t)value;
	if (namespace)
		export->namespace = entry + NAMESPACE_AT + (uint64_t)(int64_t) namespace;
	if (tables[KFLAGSTAB])
		export->is_gpl_only = piece_get(&reader->flags,
						tables[KFLAGSTAB] +
							(entry - tables[KSYMTAB]) /
								ENTRY_BYTES,
						&flags, 1) &&
				      flags & KSYM_FLAG_GPL_ONLY;
	else
		export->is_gpl_only = tables[KSYMTAB_GPL] &&
				      entry >= tables[KSYMTAB_GPL] &&
				      entry < tables[KSYMTAB_GPL_STOP];
	read_crc(reader, entry, export);
	return true;
}

static bool read_of_module(const struct reader *reader, const struct symbol *symbol,
			   struct exported *export)
{
	int32_t entry[3];

	if (kernel_read(reader->kernel, symbol->address, entry, sizeof(entry)) < 0)
		return false;
	export->address = symbol->address + (uint64_t)(int64_t)entry[0];
	if (entry[2])
		export->namespace = symbol->address + NAMESPACE_AT +
				    (uint64_t)(int64_t)entry[2];
	return true;
}

/* Without CONFIG_KALLSYMS_ALL the tables have no names. */
static void search_tables(struct reader *reader)
{
	uint64_t *tables = reader->tables;
	struct ksymtab found;

	if (ksymtab_find(reader->kernel, &found) < 0)
		return;
	reader->is_nameless = true;
	reader->is_crc_unknown = found.is_crc_unknown;
	tables[KSYMTAB] = found.start;
	tables[KSYMTAB_STOP] = found.gpl ? found.gpl : found.end;
	tables[KSYMTAB_GPL] = found.gpl;
	tables[KSYMTAB_GPL_STOP] = found.gpl ? found.end : 0;
	tables[KCRCTAB] = found.crcs;
	if (found.crcs && found.gpl)
		tables[KCRCTAB_GPL] = found.crcs +
				      (found.gpl - found.start) / ENTRY_BYTES * 4;
	tables[KFLAGSTAB] = found.flags;
}

static void read_tables(struct reader *reader)
{
	uint64_t *tables = reader->tables, end;
	size_t nr;

	if (symbols_addresses(&reader->kernel->symbols, NR_TABLES, table_names, tables) <
	    0)
		return;
	if (!tables[KSYMTAB])
		search_tables(reader);
	/* Without CONFIG_MODVERSIONS the tables of CRCs are there and empty. */
	if (tables[KCRCTAB] == tables[KCRCTAB_STOP] &&
	    (!tables[KCRCTAB_GPL] || tables[KCRCTAB_GPL] == tables[KCRCTAB]))
		tables[KCRCTAB] = tables[KCRCTAB_GPL] = 0;
	end = tables[KSYMTAB_GPL_STOP] > tables[KSYMTAB_STOP] ? tables[KSYMTAB_GPL_STOP]
							      : tables[KSYMTAB_STOP];
	if (!tables[KSYMTAB] || end < tables[KSYMTAB])
		return;
	nr = (end - tables[KSYMTAB]) / ENTRY_BYTES;
	read_piece(&reader->symbols, reader->kernel, tables[KSYMTAB],
		   end - tables[KSYMTAB]);
	read_piece(&reader->crcs, reader->kernel, tables[KCRCTAB], 4 * nr);
	read_piece(&reader->flags, reader->kernel, tables[KFLAGSTAB], nr);
	reader->has_relative_crcs = are_relative(reader);
}

/* kallsyms lists a module's symbols together. */
static bool add_module(struct exports *exports, const char *module)
{
	if (exports->nr_modules &&
	    strcmp(exports->modules[exports->nr_modules - 1], module) == 0)
		return true;
	if (array_reserve(&exports->modules, exports->nr_modules, &exports->modules_room,
			  sizeof(*exports->modules)) < 0)
		return false;
	exports->modules[exports->nr_modules++] = module;
	return true;
}

/* Entry by entry, where no symbol leads to one. */
static void add_nameless(struct exports *exports, const struct reader *reader)
{
	char name[KALLSYMS_NAME_BYTES];

	for (uint64_t at = 0; at + ENTRY_BYTES <= reader->symbols.size_bytes;
	     at += ENTRY_BYTES) {
		uint64_t entry = reader->symbols.va + at;
		struct exported *export = &exports->array[exports->nr];
		int32_t distance;

		*export = (struct exported){0};
		if (!piece_get(&reader->symbols, entry + NAME_AT, &distance,
			       sizeof(distance)) ||
		    kernel_read_string(reader->kernel, kernel_read_cached,
				       entry + NAME_AT + (uint64_t)(int64_t)distance,
				       name, sizeof(name)) < 0)
			continue;
		export->name = strings_keep(&exports->names, name);
		if (export->name && read_own(reader, entry, export))
			exports->nr++;
	}
	exports->nr_own = exports->nr;
}

/* What kallsyms has: __ksymtab_NAME leads to the entry. */
static void add_named(struct exports *exports, const struct reader *reader)
{
	struct symbols *symbols = &reader->kernel->symbols;
	const struct symbol *symbol;

	for (size_t i = 0; (symbol = symbols_nth(symbols, i)); i++) {
		struct exported *export = &exports->array[exports->nr];
		const char *name = exports_entry_name(symbol->name);

		if (symbol->module && !add_module(exports, symbol->module))
			break;
		if (!name)
			continue;
		*export = (struct exported){.name = name, .module = symbol->module};
		if (symbol->module ? !read_of_module(reader, symbol, export)
				   : !read_own(reader, symbol->address, export))
			continue;
		exports->nr++;
		exports->nr_own += !symbol->module;
	}
}

int exports_read(struct exports *ret, struct kernel *kernel)
{
	struct exports exports = {0};
	struct reader reader = {.kernel = kernel};
	const struct symbol *symbol;
	size_t nr;

	read_tables(&reader);
	nr = reader.is_nameless ? reader.symbols.size_bytes / ENTRY_BYTES : 0;
	for (size_t i = 0; (symbol = symbols_nth(&kernel->symbols, i)); i++)
		nr += exports_entry_name(symbol->name) != NULL;
	exports.array = calloc(nr + 1, sizeof(*exports.array));
	if (exports.array && reader.is_nameless)
		add_nameless(&exports, &reader);
	if (exports.array)
		add_named(&exports, &reader);
	exports.is_complete = reader.symbols.size_bytes > 0 && exports.nr_own > 0;
	exports.lacks_modules = reader.is_nameless && exports.nr_modules > 0;
	exports.lacks_table = reader.symbols.bytes && !reader.symbols.size_bytes;
	exports.lacks_crcs = reader.crcs.bytes && !reader.crcs.size_bytes;
	exports.is_crc_unknown = reader.is_crc_unknown;
	cleanup_piece(&reader.symbols);
	cleanup_piece(&reader.crcs);
	cleanup_piece(&reader.flags);
	if (!exports.array || exports_index(&exports) < 0) {
		exports_close(&exports);
		return -ENOMEM;
	}
	*ret = exports;
	return 0;
}

int exports_index(struct exports *exports)
{
	int r = nameindex_open(&exports->by_name, exports->nr);

	/* The kernel's own are found first: kernel/module/main.c:find_symbol(). */
	for (int own = 0; r == 0 && own <= 1; own++)
		for (size_t i = exports->nr; i-- > 0;)
			if ((exports->array[i].module == NULL) == own)
				nameindex_add(&exports->by_name, i,
					      exports->array[i].name);
	return r;
}

void exports_close(struct exports *exports)
{
	free(exports->array);
	free(exports->modules);
	strings_close(&exports->names);
	nameindex_close(&exports->by_name);
	memset(exports, 0, sizeof(*exports));
}

const struct exported *exports_find(const struct exports *exports, const char *name)
{
	size_t i;

	for (bool more = nameindex_first(&exports->by_name, name, &i); more;
	     more = nameindex_next(&exports->by_name, &i))
		if (strcmp(exports->array[i].name, name) == 0)
			return &exports->array[i];
	return NULL;
}
