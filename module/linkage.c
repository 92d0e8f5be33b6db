/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a module's file says of the modules that it needs, and that may need it. */
#include "module/linkage.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "module/exports.h"

/* include/linux/kallsyms.h: KSYM_NAME_LEN is 512. nvidia.ko, the largest, writes 60 KiB.
 */
enum { MAX_WORD_BYTES = 512, MAX_TEXT_BYTES = 4 * 1024 * 1024 };

static const char NAME = 'n', DEPENDS = 'd', IMPORT = 'i', EXPORT = 'x', SOFTDEP = 's';

/* Names of modules and of symbols, those of clones ("x.isra.0") among them. */
static bool is_word(const char *word, size_t nr_bytes)
{
	if (nr_bytes == 0 || nr_bytes >= MAX_WORD_BYTES)
		return false;
	for (size_t i = 0; i < nr_bytes; i++)
		if (!isalnum((unsigned char)word[i]) && !strchr("_-.$", word[i]))
			return false;
	return true;
}

static void write_word(FILE *out, char kind, const char *word, size_t nr_bytes,
		       size_t *room)
{
	if (!is_word(word, nr_bytes) || *room < nr_bytes + 2)
		return;
	*room -= nr_bytes + 2;
	fprintf(out, "%c%.*s\n", kind, (int)nr_bytes, word);
}

/* "pre: a b post: c": what stands behind "pre:". */
static void write_softdep(FILE *out, const char *text, size_t *room)
{
	bool is_before = false;

	for (size_t bytes; *text; text += bytes) {
		text += strspn(text, " \t");
		bytes = strcspn(text, " \t");
		if (bytes && text[bytes - 1] == ':')
			is_before = bytes == 4 && memcmp(text, "pre:", 4) == 0;
		else if (is_before)
			write_word(out, SOFTDEP, text, bytes, room);
	}
}

void linkage_write(FILE *out, const struct kofile *file)
{
	const char *depends = kofile_modinfo(file, "depends", NULL);
	size_t room = MAX_TEXT_BYTES;

	write_word(out, NAME, file->module_name, strlen(file->module_name), &room);
	for (size_t bytes; depends && *depends;
	     depends += bytes + (depends[bytes] == ',')) {
		bytes = strcspn(depends, ",");
		write_word(out, DEPENDS, depends, bytes, &room);
	}
	for (const char *text = kofile_modinfo(file, "softdep", NULL); text;
	     text = kofile_modinfo(file, "softdep", text))
		write_softdep(out, text, &room);
	for (size_t i = 1; i < file->nr_symbols; i++) {
		const struct kofile_symbol *symbol = &file->symbols[i];
		const char *exported = exports_entry_name(symbol->name);

		if (symbol->section == SHN_UNDEF && symbol->bind != STB_WEAK)
			write_word(out, IMPORT, symbol->name, strlen(symbol->name),
				   &room);
		else if (symbol->section != SHN_UNDEF && exported)
			write_word(out, EXPORT, exported, strlen(exported), &room);
	}
}

/* Cuts a copy of the text into words of one kind, behind the @nr that are there. */
static size_t gather(struct linkage *linkage, char kind, char *text, size_t nr_bytes,
		     size_t nr)
{
	size_t nr_before = nr;

	for (char *line = text, *end; line < text + nr_bytes; line = end + 1) {
		end = line + strcspn(line, "\n");
		if (*line != kind || !is_word(line + 1, (size_t)(end - line) - 1))
			continue;
		linkage->words[nr++] = line + 1;
	}
	return nr - nr_before;
}

int linkage_read(struct linkage *ret, const char *text, size_t nr_bytes)
{
	struct linkage linkage = {.text = calloc(1, nr_bytes + 1)};
	size_t nr = 1;

	if (!linkage.text)
		return -ENOMEM;
	memcpy(linkage.text, text, nr_bytes);
	for (size_t i = 0; i < nr_bytes; i++)
		nr += linkage.text[i] == '\n';
	linkage.words = calloc(nr + 1, sizeof(*linkage.words));
	if (!linkage.words) {
		linkage_close(&linkage);
		return -ENOMEM;
	}
	if (gather(&linkage, NAME, linkage.text, nr_bytes, 0))
		linkage.name = linkage.words[0];
	linkage.nr_depends = gather(&linkage, DEPENDS, linkage.text, nr_bytes, 0);
	nr = linkage.nr_depends;
	linkage.nr_imports = gather(&linkage, IMPORT, linkage.text, nr_bytes, nr);
	nr += linkage.nr_imports;
	linkage.nr_exports = gather(&linkage, EXPORT, linkage.text, nr_bytes, nr);
	nr += linkage.nr_exports;
	linkage.nr_softdeps = gather(&linkage, SOFTDEP, linkage.text, nr_bytes, nr);
	for (size_t i = 0; i < nr_bytes; i++)
		if (linkage.text[i] == '\n')
			linkage.text[i] = '\0';
	*ret = linkage;
	return 0;
}

void linkage_close(struct linkage *linkage)
{
	free(linkage->text);
	free(linkage->words);
	memset(linkage, 0, sizeof(*linkage));
}
