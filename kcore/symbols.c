/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's symbols, by name and by address. */
#include "kcore/symbols.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kcore/cleanup.h"

/* /proc/kallsyms is 8 to 20 MB on distribution kernels. */
enum { FIRST_TEXT_BYTES = 16 * 1024 * 1024, MAX_TEXT_BYTES = 512 * 1024 * 1024 };
/* A handful of names is found faster by scanning than by sorting 200,000. */
enum { SCANS_BEFORE_INDEX = 48 };
/* KSYM_NAME_LEN is 512 since 6.1. */
enum { MAX_NAME_BYTES = 512 };
/* After the text, so that a fixed-size look at the last name stays inside. */
enum { PADDING_BYTES = 8 };

static int read_text(struct symbols *symbols, int fd)
{
	size_t room = FIRST_TEXT_BYTES;

	symbols->text = malloc(room + PADDING_BYTES);
	if (!symbols->text)
		return -ENOMEM;
	for (;;) {
		ssize_t n;

		if (symbols->text_bytes == room) {
			char *text;

			if (room >= MAX_TEXT_BYTES)
				return -EFBIG;
			room *= 2;
			text = realloc(symbols->text, room + PADDING_BYTES);
			if (!text)
				return -ENOMEM;
			symbols->text = text;
		}
		n = read(fd, symbols->text + symbols->text_bytes,
			 room - symbols->text_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		symbols->text_bytes += (size_t)n;
	}
	memset(symbols->text + symbols->text_bytes, 0, PADDING_BYTES);
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

/* "ffffffff81000000 T _stext" or "ffffffffc0000000 t init\t[module]", from @p to @end.
 * Cuts the name and the module out of the text in place.
 */
static bool parse_line(char *p, char *end, struct symbol *ret)
{
	struct symbol symbol = {0};
	int digit, nr_digits = 0;
	char *name, *tab;

	for (; p < end && (digit = hex_digit(*p)) >= 0; p++, nr_digits++)
		symbol.address = symbol.address << 4 | (unsigned)digit;
	if (nr_digits < 1 || nr_digits > 16 || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return false;
	symbol.type = p[1];
	name = p + 3;
	*end = '\0';
	if (strlen(name) != (size_t)(end - name)) /* a NUL inside the line */
		return false;
	tab = memchr(name, '\t', (size_t)(end - name));
	if (tab) {
		if (tab[1] != '[' || end[-1] != ']' || end - tab < 4)
			return false;
		*tab = '\0';
		end[-1] = '\0';
		symbol.module = tab + 2;
	}
	if (*name == '\0' || strlen(name) > MAX_NAME_BYTES)
		return false;
	symbol.name = name;
	*ret = symbol;
	return true;
}

static int add(struct symbols *symbols, size_t *room, const struct symbol *symbol)
{
	if (symbols->nr == *room) {
		size_t more = *room ? *room * 2 : 256 * 1024;
		struct symbol *array = reallocarray(symbols->array, more, sizeof(*array));

		if (!array)
			return -ENOMEM;
		symbols->array = array;
		*room = more;
	}
	symbols->array[symbols->nr++] = *symbol;
	return 0;
}

static int parse_text(struct symbols *symbols, const char *path, struct error *err)
{
	char *line = symbols->text, *text_end = symbols->text + symbols->text_bytes;
	size_t room = 0, nr_lines = 0;
	bool is_all_zero = true;

	for (char *end; line < text_end; line = end + 1) {
		struct symbol symbol;
		int r;

		nr_lines++;
		end = memchr(line, '\n', (size_t)(text_end - line));
		if (!end || !parse_line(line, end, &symbol))
			return error_set(err, ERROR_NO_SYMBOLS, -EINVAL,
					 "%s: line %zu is not of the form "
					 "'address type name'; is the file whole?",
					 path, nr_lines);
		is_all_zero &= symbol.address == 0;
		r = add(symbols, &room, &symbol);
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

static int compare_address(const void *a, const void *b, void *array_ptr)
{
	const struct symbol *array = array_ptr;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;

	if (array[i].address != array[j].address)
		return array[i].address < array[j].address ? -1 : 1;
	return i < j ? -1 : i > j;
}

/* The kernel's own symbols come sorted; what modules, BPF and ftrace append does not. */
static int sort_by_address(struct symbols *symbols)
{
	size_t nr_tail;

	symbols->nr_sorted = symbols->nr > 0;
	while (symbols->nr_sorted < symbols->nr &&
	       symbols->array[symbols->nr_sorted].address >=
		       symbols->array[symbols->nr_sorted - 1].address)
		symbols->nr_sorted++;
	nr_tail = symbols->nr - symbols->nr_sorted;
	if (nr_tail == 0)
		return 0;
	symbols->tail = calloc(nr_tail, sizeof(*symbols->tail));
	if (!symbols->tail)
		return -ENOMEM;
	for (size_t i = 0; i < nr_tail; i++)
		symbols->tail[i] = symbols->nr_sorted + i;
	qsort_r(symbols->tail, nr_tail, sizeof(*symbols->tail), compare_address,
		symbols->array);
	return 0;
}

int symbols_read(struct symbols *ret, int fd, const char *path, struct error *err)
{
	struct symbols symbols = {0};
	int r;

	r = read_text(&symbols, fd);
	if (r == 0)
		r = parse_text(&symbols, path, err);
	if (r == 0)
		r = sort_by_address(&symbols);
	if (r < 0) {
		symbols_close(&symbols);
		return error_set(err, ERROR_NO_SYMBOLS, r, "%s: %s", path, strerror(-r));
	}
	*ret = symbols;
	return 0;
}

void symbols_close(struct symbols *symbols)
{
	free(symbols->array);
	free(symbols->tail);
	free(symbols->by_name);
	free(symbols->text);
	memset(symbols, 0, sizeof(*symbols));
}

static bool is_of_module(const struct symbol *symbol, const char *module)
{
	if (!module)
		return true;
	if (*module == '\0' || strcmp(module, "vmlinux") == 0)
		return !symbol->module;
	return symbol->module && strcmp(symbol->module, module) == 0;
}

static int compare_name(const void *a, const void *b, void *array_ptr)
{
	const struct symbol *array = array_ptr;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	int order = strcmp(array[i].name, array[j].name);

	return order ? order : i < j ? -1 : i > j;
}

static void index_names(struct symbols *symbols)
{
	symbols->by_name = calloc(symbols->nr, sizeof(*symbols->by_name));
	if (!symbols->by_name)
		return; /* scanning still works */
	for (size_t i = 0; i < symbols->nr; i++)
		symbols->by_name[i] = i;
	qsort_r(symbols->by_name, symbols->nr, sizeof(*symbols->by_name), compare_name,
		symbols->array);
}

/* First place in by_name whose symbol is not below (@name, @from). */
static size_t lower_bound(const struct symbols *symbols, const char *name, size_t from)
{
	size_t low = 0, high = symbols->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2, i = symbols->by_name[middle];
		int order = strcmp(symbols->array[i].name, name);

		if (order < 0 || (order == 0 && i < from))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct symbol *symbols_find(struct symbols *symbols, const char *name,
				  const char *module, const struct symbol *prev)
{
	size_t from = prev ? (size_t)(prev - symbols->array) + 1 : 0;
	size_t name_bytes = strlen(name) + 1;

	if (!symbols->by_name && ++symbols->nr_lookups > SCANS_BEFORE_INDEX)
		index_names(symbols);
	if (symbols->by_name) {
		for (size_t at = lower_bound(symbols, name, from); at < symbols->nr;
		     at++) {
			const struct symbol *symbol =
				&symbols->array[symbols->by_name[at]];

			if (strcmp(symbol->name, name) != 0)
				return NULL;
			if (is_of_module(symbol, module))
				return symbol;
		}
		return NULL;
	}
	for (size_t i = from; i < symbols->nr; i++) {
		const struct symbol *symbol = &symbols->array[i];

		if (symbol->name[0] == name[0] &&
		    strncmp(symbol->name, name, name_bytes) == 0 &&
		    is_of_module(symbol, module))
			return symbol;
	}
	return NULL;
}

bool symbols_address(struct symbols *symbols, const char *name, uint64_t *ret)
{
	const struct symbol *symbol = symbols_find(symbols, name, "vmlinux", NULL);

	if (symbol)
		*ret = symbol->address;
	return symbol != NULL;
}

static uint32_t first_bytes(const char *name)
{
	uint32_t bytes;

	memcpy(&bytes, name, sizeof(bytes));
	return bytes;
}

void symbols_addresses(const struct symbols *symbols, size_t nr,
		       const char *const names[], uint64_t ret[])
{
	memset(ret, 0, nr * sizeof(*ret));
	for (size_t i = 0; i < symbols->nr; i++) {
		const struct symbol *symbol = &symbols->array[i];
		/* A short name's four bytes reach into what follows it: the text is
		 * padded. */
		uint32_t bytes = first_bytes(symbol->name);

		for (size_t j = 0; j < nr; j++)
			if (bytes == first_bytes(names[j]) && ret[j] == 0 &&
			    !symbol->module && strcmp(symbol->name, names[j]) == 0)
				ret[j] = symbol->address;
	}
}

/* Number of symbols at or below @address in the sorted part, or in the tail. */
static size_t nr_upto(const struct symbols *symbols, bool is_tail, uint64_t address)
{
	size_t low = 0,
	       high = is_tail ? symbols->nr - symbols->nr_sorted : symbols->nr_sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t i = is_tail ? symbols->tail[middle] : middle;

		if (symbols->array[i].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct symbol *symbols_at(const struct symbols *symbols, uint64_t address)
{
	const struct symbol *best = NULL;

	for (int is_tail = 0; is_tail <= 1; is_tail++) {
		size_t at = nr_upto(symbols, is_tail, address);
		const struct symbol *symbol;

		if (at == 0)
			continue;
		/* Back to the first of those that share the address. */
		symbol = &symbols->array[is_tail ? symbols->tail[at - 1] : at - 1];
		while (--at > 0) {
			size_t i = is_tail ? symbols->tail[at - 1] : at - 1;

			if (symbols->array[i].address != symbol->address)
				break;
			symbol = &symbols->array[i];
		}
		if (!best || symbol->address > best->address)
			best = symbol;
	}
	return best;
}

bool symbols_next_address(const struct symbols *symbols, uint64_t address, uint64_t *ret)
{
	uint64_t next = 0;
	bool has_next = false;

	for (int is_tail = 0; is_tail <= 1; is_tail++) {
		size_t nr = is_tail ? symbols->nr - symbols->nr_sorted
				    : symbols->nr_sorted;
		size_t at = nr_upto(symbols, is_tail, address);
		uint64_t candidate;

		if (at == nr)
			continue;
		candidate = symbols->array[is_tail ? symbols->tail[at] : at].address;
		if (!has_next || candidate < next)
			next = candidate;
		has_next = true;
	}
	if (has_next)
		*ret = next;
	return has_next;
}

/* Levenshtein distance, given up past @limit. Both names at most MAX_NAME_BYTES long. */
static unsigned distance(const char *a, const char *b, unsigned limit)
{
	size_t a_bytes = strlen(a), b_bytes = strlen(b);
	unsigned row[MAX_NAME_BYTES + 1];

	if (a_bytes > b_bytes + limit || b_bytes > a_bytes + limit)
		return limit + 1;
	for (size_t j = 0; j <= b_bytes; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_bytes; i++) {
		unsigned diagonal = row[0], best = (unsigned)i;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_bytes; j++) {
			unsigned cost = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (cost > row[j] + 1)
				cost = row[j] + 1;
			if (cost > row[j - 1] + 1)
				cost = row[j - 1] + 1;
			row[j] = cost;
			if (cost < best)
				best = cost;
		}
		if (best > limit)
			return limit + 1;
	}
	return row[b_bytes];
}

size_t symbols_nearest(const struct symbols *symbols, const char *name, size_t nr,
		       const char *ret[])
{
	size_t name_bytes = strlen(name), nr_found = 0;
	/* Half the name may differ, three letters at most: more is another word. */
	unsigned limit = name_bytes < 6 ? (unsigned)name_bytes / 2 : 3;
	unsigned found[8];

	if (name_bytes > MAX_NAME_BYTES)
		return 0;
	if (nr > sizeof(found) / sizeof(found[0]))
		nr = sizeof(found) / sizeof(found[0]);
	for (size_t i = 0; i < symbols->nr; i++) {
		const char *candidate = symbols->array[i].name;
		unsigned far = distance(name, candidate, limit);
		size_t at = nr_found;
		bool is_known = false;

		for (size_t j = 0; j < nr_found; j++)
			is_known |= strcmp(ret[j], candidate) == 0;
		if (far > limit || is_known)
			continue;
		while (at > 0 && found[at - 1] > far)
			at--;
		if (at == nr)
			continue;
		if (nr_found < nr)
			nr_found++;
		for (size_t j = nr_found - 1; j > at; j--) {
			found[j] = found[j - 1];
			ret[j] = ret[j - 1];
		}
		found[at] = far;
		ret[at] = candidate;
	}
	return nr_found;
}
