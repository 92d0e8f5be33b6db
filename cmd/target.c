/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person asks about: one word of the command line or one line of a list. */
#include "cmd/target.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "module/kofile.h"

/* More lines than any kernel has symbols are a mistake, not a list. */
enum { MAX_TARGETS = 4 * 1024 * 1024 };

static int malformed(const char *word, const char *why, struct error *err)
{
	return error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
			 "%.200s: malformed target: %s; see TARGETS in kwcheck(8)", word,
			 why);
}

static bool is_hex_prefixed(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static const char hex_digits[] = "0123456789abcdefABCDEF";

/* Words as "added" and "facade" have such letters, too: a digit, or the length of an
 * address, tells them apart.
 */
bool target_is_bare_hex(const char *word)
{
	size_t nr = strspn(word, hex_digits), nr_decimals = strspn(word, "0123456789");
	bool has_digit = strcspn(word, "0123456789") < nr;

	return word[nr] == '\0' &&
	       (nr >= 8 || (nr >= 4 && has_digit && nr_decimals < nr));
}

int target_refuse_bare_hex(const char *word, enum error_code code, int r,
			   struct error *err)
{
	const char *dash = strchr(word, '-');
	int bytes = dash ? (int)(dash - word) : (int)strlen(word);
	const char *end = dash ? dash + 1 : "";
	bool is_bare_end = *end && !is_hex_prefixed(end);

	return error_set(err, code, r,
			 "%.60s: %san address is written with 0x: ask 'kwcheck "
			 "0x%.*s%s%s%.40s'",
			 word, code == ERROR_NO_SUCH_SYMBOL ? "no such symbol; " : "",
			 bytes > 60 ? 60 : bytes, word, dash ? "-" : "",
			 is_bare_end ? "0x" : "", end);
}

/* "ffffffff81000000-ffffffff81001000", with or without the second 0x. */
static bool is_bare_range(const char *word)
{
	size_t nr = strspn(word, hex_digits);
	const char *end = word + nr + 1;

	if (nr < 4 || word[nr] != '-')
		return false;
	end += is_hex_prefixed(end) ? 2 : 0;
	return *end && end[strspn(end, hex_digits)] == '\0';
}

/* A number up to the end or one of @stops. 0x for hexadecimal, else decimal. */
static bool parse_number(const char *text, const char *stops, const char **end,
			 uint64_t *ret)
{
	int base = is_hex_prefixed(text) ? 16 : 10;
	char *after;

	text += base == 16 ? 2 : 0;
	if (!isxdigit((unsigned char)*text)) /* strtoull would take signs and blanks */
		return false;
	errno = 0;
	*ret = strtoull(text, &after, base);
	*end = after;
	return errno == 0 && after != text && (*after == '\0' || strchr(stops, *after));
}

static int parse_range(const char *word, struct target *target, struct error *err)
{
	uint64_t number;
	const char *p;

	if (!parse_number(word, "-+/", &p, &target->address))
		return malformed(word, "not a 64-bit hexadecimal address", err);
	target->size_bytes = 1;
	if (*p == '/')
		return malformed(word, "the length of an address is written 0xA+LENGTH",
				 err);
	if (*p == '+') {
		if (!parse_number(p + 1, "", &p, &target->size_bytes) ||
		    !target->size_bytes)
			return malformed(word, "the length is not a positive number",
					 err);
	} else if (*p == '-') {
		if (!is_hex_prefixed(p + 1) || !parse_number(p + 1, "", &p, &number))
			return malformed(word, "the end is not an address with 0x", err);
		if (number <= target->address)
			return malformed(word, "the end is not above the start", err);
		target->size_bytes = number - target->address;
	}
	if (target->size_bytes - 1 > UINT64_MAX - target->address)
		return malformed(word, "the range runs past the end of the address space",
				 err);
	return 0;
}

static int is_file(const char *word, struct error *err)
{
	const char *slash = strchr(word, '/');

	/* A length without an offset. */
	if (slash != word && isdigit((unsigned char)slash[1]) &&
	    slash[1 + strspn(slash + 1, "0123456789abcdefABCDEFxX")] == '\0')
		return error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
				 "%.100s: malformed target: a length stands behind an "
				 "offset, %.*s+0%.40s",
				 word, (int)(slash - word), word, slash);
	if (kofile_is_name(word))
		return error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
				 "%.100s: a module's file, not a target: ask 'kwcheck "
				 "preflight %.100s'",
				 word, word);
	return error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
			 "%.60s: a file, not a target: 'kwcheck oops %.60s' explains a "
			 "log, 'kwcheck @%.60s' reads targets, --core=%.60s asks a dump",
			 word, word, word, word);
}

static int parse_symbol(const char *word, struct target *target, struct error *err)
{
	const char *name = word, *colon = strchr(word, ':'), *plus, *p;
	size_t name_bytes;

	target->is_symbol = true;
	if (colon) {
		if (colon == word || colon - word >= TARGET_MODULE_BYTES)
			return malformed(
				word, "the module before ':' is empty or too long", err);
		memcpy(target->module, word, (size_t)(colon - word));
		name = colon + 1;
	}
	plus = strchr(name, '+');
	name_bytes = plus ? (size_t)(plus - name) : strlen(name);
	if (name_bytes == 0 || name_bytes >= TARGET_NAME_BYTES)
		return malformed(word, "the symbol's name is empty or too long", err);
	memcpy(target->name, name, name_bytes);
	for (const char *c = target->name; *c; c++)
		if (!isgraph((unsigned char)*c) || strchr("/:@", *c))
			return strchr(word, '/')
				       ? is_file(word, err)
				       : malformed(word, "not a symbol's name", err);
	if (strpbrk(name, ",;"))
		return malformed(word, "several targets are separated by blanks", err);
	if (!plus)
		return 0;
	target->has_offset = true;
	target->size_bytes = 1;
	if (!parse_number(plus + 1, "/", &p, &target->offset))
		return malformed(word, "the offset is not a number", err);
	if (*p == '/' &&
	    (!parse_number(p + 1, "", &p, &target->size_bytes) || !target->size_bytes))
		return malformed(word, "the length is not a positive number", err);
	return 0;
}

int target_parse(const char *word, struct target *ret, struct error *err)
{
	struct target target = {0};
	int r;

	if (*word == '\0')
		r = error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
			      "'': an empty word is no target; see TARGETS in "
			      "kwcheck(8)");
	else if (strpbrk(word, " \t"))
		r = malformed(word,
			      "one target a word, and one a line of a list, where a "
			      "comment begins with #",
			      err);
	else if (is_hex_prefixed(word))
		r = parse_range(word, &target, err);
	else if (is_bare_range(word) ||
		 (isdigit((unsigned char)*word) && target_is_bare_hex(word)))
		r = target_refuse_bare_hex(word, ERROR_MALFORMED_TARGET, -EINVAL, err);
	else if (isdigit((unsigned char)*word))
		r = malformed(word, "no decimal addresses: write 0x and hexadecimal",
			      err);
	else
		r = parse_symbol(word, &target, err);
	if (r == 0)
		*ret = target;
	return r;
}

static int append(struct target_list *list, const char *word, size_t bytes,
		  struct error *err)
{
	if (list->nr >= MAX_TARGETS)
		return error_set(err, ERROR_USAGE, -E2BIG, "more than %d targets",
				 MAX_TARGETS);
	if (array_reserve(&list->words, list->nr, &list->room, sizeof(*list->words)) < 0)
		return -ENOMEM;
	list->words[list->nr] = strndup(word, bytes);
	if (!list->words[list->nr])
		return -ENOMEM;
	list->nr++;
	return 0;
}

static int append_lines(struct target_list *list, FILE *file, const char *path,
			struct error *err)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf"; /* of Windows' editors */
	_cleanup_free_ char *line = NULL;
	size_t room = 0, nr_before = list->nr, nr_lines = 0;
	ssize_t n;
	int r;

	while ((n = getline(&line, &room, file)) >= 0) {
		char *word = line, *end = line + n;

		if (nr_lines++ == 0 &&
		    strncmp(line, byte_order_mark, sizeof(byte_order_mark) - 1) == 0)
			word += sizeof(byte_order_mark) - 1;

		if (memchr(line, '\0', (size_t)n))
			return error_set(err, ERROR_MALFORMED_TARGET, -EINVAL,
					 "%s: not a list of targets: it holds NUL bytes",
					 path);
		end = word + strcspn(word, "#");
		while (end > word && isspace((unsigned char)end[-1]))
			end--;
		while (word < end && isspace((unsigned char)*word))
			word++;
		if (word == end)
			continue;
		r = append(list, word, (size_t)(end - word), err);
		if (r < 0)
			return r;
	}
	/* Without memory for a line there is no error of the file. */
	if (ferror(file) || !feof(file))
		return error_set(err, ERROR_FILE, -EIO, "%s: %m", path);
	if (list->nr == nr_before)
		return error_set(err, ERROR_FILE, -ENODATA,
				 "%s: a list without a target: did what writes it fail?",
				 path);
	return 0;
}

int target_list_add(struct target_list *list, const char *word, struct error *err)
{
	_cleanup_file_ FILE *file = NULL;

	if (strcmp(word, "-") == 0)
		return append_lines(list, stdin, "standard input", err);
	if (*word != '@')
		return append(list, word, strlen(word), err);
	if (word[1] == '\0')
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "@: give the file of a list behind it, @FILE, or - for "
				 "standard input");
	file = fopen(word + 1, "re");
	if (!file)
		return error_set(err, ERROR_FILE, -errno, "%s: %m", word + 1);
	return append_lines(list, file, word + 1, err);
}

void target_list_free(struct target_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->words[i]);
	free(list->words);
	*list = (struct target_list){0};
}
