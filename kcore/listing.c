/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms' text as an array of symbols. */
#include "kcore/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/loss.h"

/* /proc/kallsyms is 8 to 20 MB on distribution kernels. */
enum { FIRST_TEXT_BYTES = 16 * 1024 * 1024, MAX_TEXT_BYTES = 512 * 1024 * 1024 };
enum { MAX_NAME_BYTES = KALLSYMS_NAME_BYTES };
/* After the text, so that a fixed-size look at the last name stays inside. */
enum { PADDING_BYTES = 8 };

static int copy_text(struct listing *listing, const char *bytes, size_t size_bytes)
{
	listing->text = malloc(size_bytes + PADDING_BYTES);
	if (!listing->text)
		return -ENOMEM;
	memcpy(listing->text, bytes, size_bytes);
	memset(listing->text + size_bytes, 0, PADDING_BYTES);
	listing->text_bytes = size_bytes;
	return 0;
}

static int read_text(struct listing *listing, int fd)
{
	size_t room = FIRST_TEXT_BYTES;

	listing->text = malloc(room + PADDING_BYTES);
	if (!listing->text)
		return -ENOMEM;
	for (;;) {
		ssize_t n;

		if (listing->text_bytes == room) {
			char *text;

			if (room >= MAX_TEXT_BYTES)
				return -EFBIG;
			room *= 2;
			text = realloc(listing->text, room + PADDING_BYTES);
			if (!text)
				return -ENOMEM;
			listing->text = text;
		}
		n = read(fd, listing->text + listing->text_bytes,
			 room - listing->text_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			loss_note("reading the list of symbols", errno);
			return -errno;
		}
		if (n == 0)
			break;
		listing->text_bytes += (size_t)n;
	}
	memset(listing->text + listing->text_bytes, 0, PADDING_BYTES);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* "[module]" from @p to the line's end: cuts the brackets off in place. */
static char *parse_module(char *p, char **module)
{
	char *end = p + 1;

	while (*end != '\n' && *end != '\0')
		end++;
	if (*p != '[' || *end != '\n' || end[-1] != ']' || end - p < 3)
		return NULL;
	*module = p + 1;
	end[-1] = '\0';
	return end;
}

/* "ffffffff81000000 T _stext" or "ffffffffc0000000 t init\t[module]" up to a newline, and
 * no NUL. Cuts the name and the module out of the text in place; returns the newline's
 * place, or NULL where the line is of another form. One pass: this loop is what the text
 * file costs.
 */
static char *parse_line(char *p, struct symbol *ret)
{
	struct symbol symbol = {0};
	char *start = p, *name, *module = NULL;
	int digit;

	while ((digit = hex_digit(*p)) >= 0) {
		symbol.address = symbol.address << 4 | (unsigned)digit;
		p++;
	}
	if (p == start || p - start > 16 || p[0] != ' ' || p[1] == '\0' || p[1] == '\n' ||
	    p[2] != ' ')
		return NULL;
	symbol.type = p[1];
	name = p += 3;
	while (*p != '\n' && *p != '\t' && *p != '\0')
		p++;
	if (*p == '\0' || p == name || p - name >= MAX_NAME_BYTES)
		return NULL;
	symbol.name = name;
	if (*p == '\t') {
		char *tab = p;

		p = parse_module(p + 1, &module);
		*tab = '\0';
		symbol.module = module;
		*ret = symbol;
		return p;
	}
	*p = '\0';
	*ret = symbol;
	return p;
}

int symbol_array_add(struct symbol_array *part, const struct symbol *symbol)
{
	if (array_reserve(&part->array, part->nr, &part->room, sizeof(*part->array)) < 0)
		return -ENOMEM;
	part->array[part->nr++] = *symbol;
	return 0;
}

static int parse_text(struct listing *listing, bool has_own, const char *path,
		      struct error *err)
{
	char *line = listing->text, *text_end = listing->text + listing->text_bytes;
	size_t nr_lines = 0;
	bool is_all_zero = true;

	for (char *end; line < text_end; line = end + 1) {
		struct symbol symbol;
		int r = 0;

		nr_lines++;
		end = parse_line(line, &symbol);
		if (!end)
			return error_set(err, ERROR_NO_SYMBOLS, -EINVAL,
					 "%s: line %zu is not of the form "
					 "'address type name'; is the file whole?",
					 path, nr_lines);
		is_all_zero &= symbol.address == 0;
		if (symbol.module)
			r = symbol_array_add(&listing->others, &symbol);
		else if (has_own)
			r = symbol_array_add(&listing->own, &symbol);
		if (r < 0)
			return r;
	}
	if (nr_lines == 0)
		return error_set(
			err, ERROR_NO_SYMBOLS, -ENODATA,
			"%s: empty; the kernel lacks CONFIG_KALLSYMS or the file is "
			"masked: give addresses instead of names",
			path);
	if (is_all_zero)
		return error_set(
			err, ERROR_KPTR_RESTRICT, -ENODATA,
			"%s: every address is zero: kernel.kptr_restrict hides them; "
			"'sysctl kernel.kptr_restrict=1' shows them to root",
			path);
	return 0;
}

int listing_read(struct listing *ret, const struct listing_text *text, bool has_own,
		 struct error *err)
{
	struct listing listing = {0};
	int r = text->bytes ? copy_text(&listing, text->bytes, text->size_bytes)
			    : read_text(&listing, text->fd);

	if (r == 0)
		r = parse_text(&listing, has_own, text->path, err);
	if (r < 0) {
		listing_close(&listing);
		return error_set(err, ERROR_NO_SYMBOLS, r, "%s: %s", text->path,
				 strerror(-r));
	}
	*ret = listing;
	return 0;
}

void listing_close(struct listing *listing)
{
	free(listing->own.array);
	free(listing->others.array);
	free(listing->text);
	memset(listing, 0, sizeof(*listing));
}
