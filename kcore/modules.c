/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loaded modules' symbols, from the kernel's memory. */
#include "kcore/modules.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/elf64.h"

/* Far above any real system; a list that is longer loops. */
enum { MAX_MODULES = 4096, MAX_SYMBOLS = 1024 * 1024, MAX_EXPORTS = 64 * 1024 };
enum { MAX_STRINGS_BYTES = 64 * 1024 * 1024 };
enum { MODULE_NAME_BYTES = 64 };
/* enum module_state: set up, not yet whole (include/linux/module.h). */
enum { STATE_UNFORMED = 3 };

/* Where struct module, mod_kallsyms and kernel_symbol keep what. */
struct layout {
	uint32_t list, state, name, kallsyms, exports, nr_exports;
	uint32_t symtab, nr_symbols, strtab, letters;
	uint32_t export_bytes, value, export_name;
};

/* What "exported" means to kallsyms: in the table of plain exports. */
struct exported {
	uint64_t value, name_va;
};

struct module {
	char name[MODULE_NAME_BYTES];
	Elf64_Sym *symbols;
	char *letters, *strings;
	uint32_t nr;
	size_t strings_bytes;
	struct exported *exports;
	uint32_t nr_exports;
};

static void cleanup_module(struct module *module)
{
	free(module->symbols);
	free(module->letters);
	free(module->strings);
	free(module->exports);
}

static int find_layout(const struct types *types, struct layout *ret)
{
	static const char module[] = "module", table[] = "mod_kallsyms",
			  export[] = "kernel_symbol";
	const struct {
		const char *type, *member;
		uint32_t *to;
	} members[] = {
		{module, "list", &ret->list},
		{module, "state", &ret->state},
		{module, "name", &ret->name},
		{module, "kallsyms", &ret->kallsyms},
		{module, "syms", &ret->exports},
		{module, "num_syms", &ret->nr_exports},
		{table, "symtab", &ret->symtab},
		{table, "num_symtab", &ret->nr_symbols},
		{table, "strtab", &ret->strtab},
		{table, "typetab", &ret->letters},
		{export, "value_offset", &ret->value},
		{export, "name_offset", &ret->export_name},
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (types_offset(types, members[i].type, members[i].member,
				 members[i].to) < 0)
			return -ENOENT;
	return types_size(types, export, &ret->export_bytes);
}

static int read_u64(struct kernel *kernel, uint64_t va, uint64_t *ret)
{
	return kernel_read_cached(kernel, va, ret, sizeof(*ret));
}

static int read_u32(struct kernel *kernel, uint64_t va, uint32_t *ret)
{
	return kernel_read_cached(kernel, va, ret, sizeof(*ret));
}

/* @nr elements at @va into new memory. */
static int read_array(struct kernel *kernel, uint64_t va, size_t nr, size_t element_bytes,
		      void *ret_ptr)
{
	void **ret = ret_ptr, *array = reallocarray(NULL, nr ? nr : 1, element_bytes);
	int r = array ? kernel_read_cached(kernel, va, array, nr * element_bytes)
		      : -ENOMEM;

	if (r < 0)
		free(array);
	else
		*ret = array;
	return r;
}

/* Reads the string table. Its size is kept nowhere, but it ends with the string that
 * starts furthest on. The room that this string may take can reach past the mapping's
 * end: as many bytes are read as are mapped.
 */
static int read_strings(struct kernel *kernel, struct module *module, uint64_t va)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < module->nr; i++)
		if (module->symbols[i].st_name >= bytes)
			bytes = module->symbols[i].st_name + 1UL;
	bytes += KALLSYMS_NAME_BYTES;
	if (bytes > MAX_STRINGS_BYTES)
		return -EFAULT;
	module->strings = calloc(1, bytes + 1);
	if (!module->strings)
		return -ENOMEM;
	for (size_t done = 0; done < bytes; module->strings_bytes = done) {
		size_t n = PAGE_BYTES - (va + done) % PAGE_BYTES;

		if (n > bytes - done)
			n = bytes - done;
		if (kernel_read_cached(kernel, va + done, module->strings + done, n) < 0)
			break;
		done += n;
	}
	return 0;
}

static int read_exports(struct kernel *kernel, const struct layout *layout, uint64_t at,
			struct module *module)
{
	_cleanup_free_ unsigned char *table = NULL;
	uint64_t va;
	uint32_t nr;
	int r = read_u64(kernel, at + layout->exports, &va);

	if (r == 0)
		r = read_u32(kernel, at + layout->nr_exports, &nr);
	if (r < 0)
		return r;
	if (nr > MAX_EXPORTS)
		return -EFAULT;
	r = read_array(kernel, va, nr, layout->export_bytes, &table);
	if (r < 0)
		return r;
	module->exports = calloc(nr + 1, sizeof(*module->exports));
	if (!module->exports)
		return -ENOMEM;
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t value = i * layout->export_bytes + layout->value,
			 name = i * layout->export_bytes + layout->export_name;
		int32_t to_value, to_name;

		memcpy(&to_value, table + value, sizeof(to_value));
		memcpy(&to_name, table + name, sizeof(to_name));
		module->exports[i] = (struct exported){
			.value = va + value + (uint64_t)(int64_t)to_value,
			.name_va = va + name + (uint64_t)(int64_t)to_name,
		};
	}
	module->nr_exports = nr;
	return 0;
}

static int read_tables(struct kernel *kernel, const struct layout *layout, uint64_t at,
		       struct module *module)
{
	uint64_t table, symtab, strtab, letters;
	int r = read_u64(kernel, at + layout->kallsyms, &table);

	if (r == 0)
		r = read_u64(kernel, table + layout->symtab, &symtab);
	if (r == 0)
		r = read_u64(kernel, table + layout->strtab, &strtab);
	if (r == 0)
		r = read_u64(kernel, table + layout->letters, &letters);
	if (r == 0)
		r = read_u32(kernel, table + layout->nr_symbols, &module->nr);
	if (r == 0 && module->nr > MAX_SYMBOLS)
		r = -EFAULT;
	if (r == 0)
		r = read_array(kernel, symtab, module->nr, ELF64_SYM_BYTES,
			       &module->symbols);
	if (r == 0)
		r = read_array(kernel, letters, module->nr, 1, &module->letters);
	if (r == 0)
		r = read_strings(kernel, module, strtab);
	if (r == 0)
		r = kernel_read_cached(kernel, at + layout->name, module->name,
				       sizeof(module->name));
	module->name[sizeof(module->name) - 1] = '\0';
	return r == 0 ? read_exports(kernel, layout, at, module) : r;
}

/* Is it @name that lies at @va? */
static bool is_string_at(struct kernel *kernel, uint64_t va, const char *name)
{
	size_t bytes = strlen(name) + 1;
	char text[KALLSYMS_NAME_BYTES];

	return bytes <= sizeof(text) &&
	       kernel_read_cached(kernel, va, text, bytes) == 0 &&
	       memcmp(text, name, bytes) == 0;
}

/* kernel/module/kallsyms.c: is_exported(); a capital letter is kallsyms' word for it. */
static bool is_exported(struct kernel *kernel, const struct module *module,
			uint64_t value, const char *name)
{
	for (uint32_t i = 0; i < module->nr_exports; i++)
		if (module->exports[i].value == value &&
		    is_string_at(kernel, module->exports[i].name_va, name))
			return true;
	return false;
}

static int add_symbols(struct kernel *kernel, const struct module *module,
		       struct symbol_array *ret, struct strings *names)
{
	const char *module_name = strings_keep(names, module->name);

	for (uint32_t i = 0; i < module->nr; i++) {
		const Elf64_Sym *from = &module->symbols[i];
		const char *name = module->strings + from->st_name;
		unsigned char letter = (unsigned char)module->letters[i];
		struct symbol symbol = {.address = from->st_value, .module = module_name};

		if (from->st_name >= module->strings_bytes)
			return -EFAULT;
		if (*name == '\0')
			continue;
		if (strlen(name) >= KALLSYMS_NAME_BYTES)
			return -EFAULT;
		symbol.name = strings_keep(names, name);
		if (!symbol.name || !module_name)
			return -ENOMEM;
		symbol.type = (char)(is_exported(kernel, module, symbol.address, name)
					     ? toupper(letter)
					     : tolower(letter));
		if (symbol_array_add(ret, &symbol) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int take_module(struct kernel *kernel, const struct layout *layout, uint64_t at,
		       struct symbol_array *ret, struct strings *names)
{
	_cleanup_(cleanup_module) struct module module = {0};
	uint32_t state;
	int r = read_u32(kernel, at + layout->state, &state);

	if (r < 0 || state == STATE_UNFORMED)
		return r;
	r = read_tables(kernel, layout, at, &module);
	return r < 0 ? r : add_symbols(kernel, &module, ret, names);
}

/* Goes through the list of modules and appends their symbols; @ret NULL: only goes
 * through it. @ret_sum: a sum over the modules' addresses in their order, which tells
 * whether two walks met the same list.
 */
static int walk_list(struct kernel *kernel, const struct layout *layout,
		     struct symbol_array *ret, struct strings *names, uint64_t *ret_sum)
{
	uint64_t head = kernel->labels[LABEL_MODULES], node, sum = 0;
	int r = read_u64(kernel, head, &node);

	for (int nr = 0; r == 0 && node != head; nr++) {
		if (nr == MAX_MODULES)
			return -ELOOP;
		sum = sum * 31 + node;
		if (ret)
			r = take_module(kernel, layout, node - layout->list, ret, names);
		if (r == 0)
			r = read_u64(kernel, node, &node);
	}
	if (r == 0)
		*ret_sum = sum;
	return r;
}

int modules_symbols(struct kernel *kernel, struct symbol_array *ret,
		    struct strings *names)
{
	uint64_t before, after;
	struct layout layout;
	int r;

	if (!kernel->labels[LABEL_MODULES] || find_layout(&kernel->types, &layout) < 0)
		return -ENOENT;
	r = walk_list(kernel, &layout, ret, names, &before);
	if (r < 0)
		return r;
	return walk_list(kernel, &layout, NULL, NULL, &after) == 0 && before == after
		       ? 0
		       : -EAGAIN;
}
