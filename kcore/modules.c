/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loaded modules, from the kernel's memory. */
#include "kcore/modules.h"

#include <elf.h>
#include <string.h>

#include "kcore/cleanup.h"

/* Far above any real system; a list that is longer loops. */
enum { MAX_MODULES = 4096, MAX_MODULE_SYMBOLS = 1024 * 1024 };
enum { MAX_STRINGS_BYTES = 64 * 1024 * 1024 };

struct layout {
	uint32_t list, kallsyms, symtab, num_symtab, strtab;
};

static bool find_layout(const struct types *types, struct layout *ret)
{
	return types_offset(types, "module", "list", &ret->list) == 0 &&
	       types_offset(types, "module", "kallsyms", &ret->kallsyms) == 0 &&
	       types_offset(types, "mod_kallsyms", "symtab", &ret->symtab) == 0 &&
	       types_offset(types, "mod_kallsyms", "num_symtab", &ret->num_symtab) == 0 &&
	       types_offset(types, "mod_kallsyms", "strtab", &ret->strtab) == 0;
}

static bool read_u64(struct kernel *kernel, uint64_t va, uint64_t *ret)
{
	return kernel_read(kernel, va, ret, sizeof(*ret)) == 0;
}

/* Is "\0NAME\0" in a string table? */
static bool has_string(const char *strings, size_t bytes, const char *name)
{
	size_t name_bytes = strlen(name) + 1;
	const char *at = strings;

	while ((at = memmem(at, bytes - (size_t)(at - strings), name, name_bytes))) {
		if (at == strings || at[-1] == '\0')
			return true;
		at++;
	}
	return false;
}

static bool module_may_have(struct kernel *kernel, const struct layout *layout,
			    uint64_t module, const char *name)
{
	_cleanup_free_ Elf64_Sym *symbols = NULL;
	_cleanup_free_ char *strings = NULL;
	uint64_t kallsyms, symtab, strtab, end = 0;
	uint32_t nr;

	if (!read_u64(kernel, module + layout->kallsyms, &kallsyms) ||
	    !read_u64(kernel, kallsyms + layout->symtab, &symtab) ||
	    !read_u64(kernel, kallsyms + layout->strtab, &strtab) ||
	    kernel_read(kernel, kallsyms + layout->num_symtab, &nr, sizeof(nr)) < 0 ||
	    nr > MAX_MODULE_SYMBOLS)
		return true;
	symbols = reallocarray(NULL, nr ? nr : 1, sizeof(*symbols));
	if (!symbols || kernel_read(kernel, symtab, symbols, nr * sizeof(*symbols)) < 0)
		return true;
	/* The string table's size is kept nowhere: it ends with the string furthest on.
	 */
	for (uint32_t i = 0; i < nr; i++)
		if (symbols[i].st_name >= end)
			end = symbols[i].st_name + 1ULL;
	end += KALLSYMS_NAME_BYTES;
	if (end > MAX_STRINGS_BYTES)
		return true;
	strings = malloc(end);
	if (!strings)
		return true;
	/* The slack past the last string may run off the mapping: take what there is. */
	while (kernel_read(kernel, strtab, strings, end) < 0) {
		uint64_t to_page_end = PAGE_BYTES - strtab % PAGE_BYTES;

		if (end <= to_page_end)
			return true;
		end = to_page_end + (end - to_page_end - 1) / PAGE_BYTES * PAGE_BYTES;
	}
	return has_string(strings, end, name);
}

bool modules_may_have(struct kernel *kernel, const char *name)
{
	uint64_t head = kernel->labels[LABEL_MODULES], at;
	struct layout layout;

	if (!head || !find_layout(&kernel->types, &layout) ||
	    !read_u64(kernel, head, &at))
		return true;
	for (int i = 0; at != head; i++) {
		if (i == MAX_MODULES ||
		    module_may_have(kernel, &layout, at - layout.list, name) ||
		    !read_u64(kernel, at, &at))
			return true;
	}
	return false;
}
