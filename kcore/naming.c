/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kernel's names come from. */
#include "kcore/naming.h"

#include <errno.h>
#include <stdlib.h>

#include "kcore/capture.h"
#include "kcore/kernelfile.h"
#include "kcore/generated.h"
#include "kcore/modules.h"
#include "kcore/symbolhunt.h"

/* The text of kallsyms: the file, or the note that a capture has in its place. */
static struct listing_text find_text(const struct kernel *kernel,
				     const struct source *source)
{
	struct listing_text text = {.fd = source->kallsyms_fd,
				    .path = source->kallsyms_path};
	const struct elfcore_note *note = elfcore_note(&kernel->core, CAPTURE_NOTE,
						       CAPTURE_KALLSYMS);

	if (note) {
		text.bytes = note->data;
		text.size_bytes = note->size_bytes;
	}
	return text;
}

/* In the order of kernel/kallsyms.c: update_iter_mod(). */
static int read_others(void *ctx, struct symbol_array *ret, struct strings *names)
{
	struct kernel *kernel = ctx;
	int r = modules_symbols(kernel, ret, names);

	return r == 0 ? generated_symbols(kernel, ret, names) : r;
}

/* Before the kernel runs no module is there. */
static int read_none(void *ctx, struct symbol_array *ret, struct strings *names)
{
	(void)ctx;
	(void)ret;
	(void)names;
	return 0;
}

static symbols_others_fn others_of(const struct kernel *kernel,
				   const struct listing_text *text)
{
	if (kernel->is_unbooted)
		return read_none;
	/* A capture's text was made when its memory was. */
	return text->bytes ? NULL : read_others;
}

/* A dump has no text. A running kernel does, and a capture kept it. */
static int hunt(struct kernel *kernel, const struct listing_text *text,
		struct kallsyms *ret)
{
	struct kallsyms_places places;
	uint64_t stext;
	int r = vmcoreinfo_symbol(&kernel->info, "_stext", &stext);

	if (r < 0 || kernel->is_live || text->bytes || text->fd >= 0)
		return -ENOENT;
	r = symbolhunt_find(&kernel->core, stext, kernel->image_to_pa, &places);
	return r == 0 ? kallsyms_read_at(ret, &kernel->core, &places, stext,
					 kernel->image_to_pa)
		      : r;
}

static int read_table(struct kernel *kernel, const struct listing_text *text,
		      struct kallsyms *ret)
{
	int r = kallsyms_read(ret, &kernel->core, &kernel->info, kernel->image_to_pa);

	return r == -ENOENT ? hunt(kernel, text, ret) : r;
}

static bool take_from_memory(struct kernel *kernel, const struct listing_text *text,
			     struct symbols *ret)
{
	struct kallsyms *table = calloc(1, sizeof(*table));

	if (table && read_table(kernel, text, table) == 0 &&
	    symbols_take(ret, table, text, others_of(kernel, text), kernel) == 0)
		return true;
	free(table);
	return false;
}

static void read_own(struct kernel *kernel, const struct source *source,
		     const struct listing_text *text, struct naming *ret)
{
	if (source->symbols != SOURCE_SYMBOLS_TEXT &&
	    take_from_memory(kernel, text, &ret->symbols)) {
		ret->has_symbols = true;
		ret->from = "memory";
		return;
	}
	ret->from = "kallsyms";
	if (source->symbols == SOURCE_SYMBOLS_MEMORY)
		error_set(
			&ret->error, ERROR_NO_SYMBOLS, -ENOENT,
			"%s: VMCOREINFO names no symbol tables that can be read (they are "
			"there since 6.0); use --symbols=text",
			source->core_path);
	else if (text->fd < 0 && !text->bytes)
		error_set(&ret->error, ERROR_NO_SYMBOLS, -ENOENT,
			  "%s: there are no symbols; give addresses instead of names, or "
			  "the kernel's own file: --vmlinux=FILE",
			  source->kallsyms_path);
	else
		ret->has_symbols = symbols_read(&ret->symbols, text, &ret->error) == 0;
}

/* Without CONFIG_KALLSYMS_ALL the kernel lists functions only. */
static bool lists_data(struct symbols *symbols)
{
	uint64_t address;

	return symbols_address(symbols, "_sdata", &address) ||
	       symbols_address(symbols, "init_task", &address);
}

/* Names of the file that has the types. That it has none is no error. */
static int read_file(struct kernel *kernel, const struct source *source,
		     const struct listing_text *text, struct naming *ret,
		     struct error *err)
{
	struct listing listing;
	int r = kernelfile_symbols(&listing, source->btf_fd, &kernel->info,
				   source->btf_path, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (ret->has_symbols)
		symbols_close(&ret->symbols);
	symbols_take_listing(&ret->symbols, &listing, text, others_of(kernel, text),
			     kernel);
	ret->has_symbols = true;
	ret->from = "vmlinux";
	ret->error = (struct error){0};
	return 0;
}

int naming_read(struct kernel *kernel, const struct source *source, struct naming *ret,
		struct error *err)
{
	const struct listing_text text = find_text(kernel, source);

	*ret = (struct naming){0};
	read_own(kernel, source, &text, ret);
	if (!source->btf_path || (ret->has_symbols && lists_data(&ret->symbols)))
		return 0;
	return read_file(kernel, source, &text, ret, err);
}
