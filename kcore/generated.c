/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols of code that the kernel made at run time. */
#include "kcore/generated.h"

#include <errno.h>
#include <string.h>

/* A busy system has some hundreds; a list that is longer loops. */
enum { MAX_ENTRIES = 256 * 1024 };

/* What all walks need. */
struct generated {
	struct kernel *kernel;
	struct symbol_array *symbols;
	struct strings *names;
};

/* Looks at the structure that holds a list's node. */
typedef int (*entry_fn)(struct generated *generated, uint64_t entry, const void *layout);

static int read_word(struct kernel *kernel, uint64_t va, uint64_t *ret)
{
	return kernel_read_cached(kernel, va, ret, sizeof(*ret));
}

static int each_entry(struct generated *generated, uint64_t head, uint32_t node_offset,
		      entry_fn each, const void *layout)
{
	uint64_t node;
	int r = read_word(generated->kernel, head, &node);

	for (int i = 0; r == 0 && node != head; i++) {
		if (i == MAX_ENTRIES)
			return -ELOOP;
		r = each(generated, node - node_offset, layout);
		if (r == 0)
			r = read_word(generated->kernel, node, &node);
	}
	return r;
}

static int read_string(struct kernel *kernel, uint64_t va, char ret[KALLSYMS_NAME_BYTES])
{
	return kernel_read_string(kernel, kernel_read_cached, va, ret,
				  KALLSYMS_NAME_BYTES);
}

static int add(struct generated *generated, uint64_t va, const char *name,
	       const char *module)
{
	const struct symbol symbol = {
		.address = va,
		.type = 't',
		.name = strings_keep(generated->names, name),
		.module = module,
	};

	return symbol.name ? symbol_array_add(generated->symbols, &symbol) : -ENOMEM;
}

struct bpf_layout {
	uint32_t start, name, node;
};

static int add_bpf(struct generated *generated, uint64_t entry, const void *layout_ptr)
{
	const struct bpf_layout *layout = layout_ptr;
	char name[KALLSYMS_NAME_BYTES];
	uint64_t start;
	int r = read_word(generated->kernel, entry + layout->start, &start);

	if (r == 0)
		r = read_string(generated->kernel, entry + layout->name, name);
	return r == 0 ? add(generated, start, name, "bpf") : r;
}

/* kernel/bpf/core.c: bpf_get_kallsym() */
static int add_bpf_list(struct generated *generated)
{
	const struct types *types = &generated->kernel->types;
	struct bpf_layout layout;
	static const char type[] = "bpf_ksym";

	if (types_offset(types, type, "start", &layout.start) < 0 ||
	    types_offset(types, type, "name", &layout.name) < 0 ||
	    types_offset(types, type, "lnode", &layout.node) < 0)
		return -ENOENT;
	return each_entry(generated, generated->kernel->labels[LABEL_BPF_KALLSYMS],
			  layout.node, add_bpf, &layout);
}

static int add_trampoline(struct generated *generated, uint64_t entry,
			  const void *layout_ptr)
{
	const uint32_t *trampoline_offset = layout_ptr;
	uint64_t va;
	int r = read_word(generated->kernel, entry + *trampoline_offset, &va);

	return r == 0 && va ? add(generated, va, "ftrace_trampoline", "__builtin__ftrace")
			    : r;
}

/* kernel/trace/ftrace.c: ftrace_get_trampoline_kallsym() */
static int add_ftrace_list(struct generated *generated)
{
	const struct kernel *kernel = generated->kernel;
	const struct types *types = &kernel->types;
	uint64_t maps = kernel->labels[LABEL_FTRACE_MOD_MAPS], first;
	uint32_t node, trampoline;
	static const char type[] = "ftrace_ops";

	if (types_offset(types, type, "list", &node) < 0 ||
	    types_offset(types, type, "trampoline", &trampoline) < 0)
		return -ENOENT;
	/* Names of modules' init functions that were traced; rare, and not read here. */
	if (read_word(generated->kernel, maps, &first) < 0)
		return -EFAULT;
	if (first != maps)
		return -ENOTSUP;
	return each_entry(generated, kernel->labels[LABEL_FTRACE_TRAMPOLINES], node,
			  add_trampoline, &trampoline);
}

struct slots_layout {
	uint32_t name, pages; /* in kprobe_insn_cache */
	uint32_t node, insns; /* in kprobe_insn_page */
	const char *symbol;   /* what the cache calls its pages */
};

static int add_slots(struct generated *generated, uint64_t entry, const void *layout_ptr)
{
	const struct slots_layout *layout = layout_ptr;
	uint64_t va;
	int r = read_word(generated->kernel, entry + layout->insns, &va);

	return r == 0 ? add(generated, va, layout->symbol, "__builtin__kprobes") : r;
}

/* kernel/kprobes.c: kprobe_cache_get_kallsym() */
static int add_slots_list(struct generated *generated, enum kernel_label label)
{
	const struct types *types = &generated->kernel->types;
	uint64_t cache = generated->kernel->labels[label], name_va;
	char name[KALLSYMS_NAME_BYTES];
	struct slots_layout layout = {.symbol = name};
	int r;

	if (types_offset(types, "kprobe_insn_cache", "sym", &layout.name) < 0 ||
	    types_offset(types, "kprobe_insn_cache", "pages", &layout.pages) < 0 ||
	    types_offset(types, "kprobe_insn_page", "list", &layout.node) < 0 ||
	    types_offset(types, "kprobe_insn_page", "insns", &layout.insns) < 0)
		return -ENOENT;
	r = read_word(generated->kernel, cache + layout.name, &name_va);
	if (r == 0)
		r = read_string(generated->kernel, name_va, name);
	return r == 0 ? each_entry(generated, cache + layout.pages, layout.node,
				   add_slots, &layout)
		      : r;
}

int generated_symbols(struct kernel *kernel, struct symbol_array *ret,
		      struct strings *names)
{
	static const enum kernel_label needed[] = {
		LABEL_BPF_KALLSYMS, LABEL_FTRACE_TRAMPOLINES, LABEL_FTRACE_MOD_MAPS,
		LABEL_KPROBE_SLOTS, LABEL_KPROBE_OPT_SLOTS,
	};
	struct generated generated = {.kernel = kernel, .symbols = ret, .names = names};
	int r;

	/* Where a list's symbol is missing, the kernel may have the list under another
	 * name.
	 */
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!kernel->labels[needed[i]])
			return -ENOENT;
	r = add_ftrace_list(&generated);
	if (r == 0)
		r = add_bpf_list(&generated);
	if (r == 0)
		r = add_slots_list(&generated, LABEL_KPROBE_SLOTS);
	if (r == 0)
		r = add_slots_list(&generated, LABEL_KPROBE_OPT_SLOTS);
	return r;
}
