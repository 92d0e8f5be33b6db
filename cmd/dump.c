/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck dump: the bytes of each target, as numbers or as instructions. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/session.h"
#include "cmd/verbs.h"
#include "insn/decode.h"
#include "insn/insntext.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"

enum {
	MAX_BYTES = 1024 * 1024, /* of a target; --length's maximum, too */
	BYTES_UNASKED = 512,	 /* of a symbol's, where nobody said how many */
	BYTES_OF_ADDRESS = 64,	 /* of an address, likewise */
	LINE_BYTES = 16,
	NAME_BYTES = 640,
};

/* Bytes of a target that all could be read, or of which none could. */
struct stretch {
	const char *missing; /* why they could not be; NULL: they were */
	uint64_t va, size_bytes;
	const unsigned char *bytes;
	size_t nr_decodable; /* bytes, and those behind them that were read as well */
};

struct dump {
	const struct options *options;
	struct kernel *kernel;
	const struct result *result;
	json_t *lines; /* NULL: as text */
};

/* Did the person who wrote @word say how many bytes? */
static bool has_length(const char *word)
{
	return strpbrk(word, word[0] == '0' ? "+-" : "/") != NULL;
}

/* How many bytes are meant. *@left: how many more the symbol has. */
static uint64_t choose_length(const struct options *options, const struct result *result,
			      uint64_t *left)
{
	uint64_t size_bytes = result->size_bytes;

	*left = 0;
	if (options->length.is_given)
		return options->length.value;
	if (has_length(result->query))
		return size_bytes;
	if (!result->is_bound)
		return BYTES_OF_ADDRESS;
	if (size_bytes <= BYTES_UNASKED)
		return size_bytes;
	*left = size_bytes - BYTES_UNASKED;
	return BYTES_UNASKED;
}

/* NAME+OFFSET of @va. false: no symbol is near. */
static bool name_of(struct kernel *kernel, uint64_t va, char name[NAME_BYTES])
{
	const struct symbol *symbol = kernel->has_symbols && va >> 63
					      ? symbols_at(&kernel->symbols, va)
					      : NULL;

	if (!symbol || va - symbol->address > MAX_BYTES)
		return false;
	snprintf(name, NAME_BYTES, "%s%s%.512s+0x%" PRIx64,
		 symbol->module ? symbol->module : "", symbol->module ? ":" : "",
		 symbol->name, va - symbol->address);
	return true;
}

static void put_line(struct dump *dump, const struct stretch *stretch, uint64_t at,
		     size_t nr, const char *words, const char *target)
{
	char hex[2 * LINE_BYTES + 1] = "";

	for (size_t i = 0; i < nr; i++)
		snprintf(hex + 2 * i, 3, "%02x", stretch->bytes[at + i]);
	json_array_append_new(dump->lines,
			      json_pack("{s:o, s:s, s:o, s:o, s:o}", "address",
					json_address(stretch->va + at), "bytes", hex,
					"instruction", json_text(words), "target",
					json_text(target), "missing", json_null()));
}

static void show_bytes(const unsigned char *bytes, size_t nr)
{
	for (size_t i = 0; i < LINE_BYTES; i++) {
		if (i < nr)
			printf(" %02x", bytes[i]);
		else
			fputs("   ", stdout);
	}
}

static void show_numbers(struct dump *dump, const struct stretch *stretch)
{
	for (uint64_t at = 0; at < stretch->size_bytes; at += LINE_BYTES) {
		const unsigned char *bytes = stretch->bytes + at;
		uint64_t left = stretch->size_bytes - at;
		size_t nr = left < LINE_BYTES ? (size_t)left : LINE_BYTES;

		if (dump->lines) {
			put_line(dump, stretch, at, nr, NULL, NULL);
			continue;
		}
		printf("%016" PRIx64 " ", stretch->va + at);
		show_bytes(bytes, nr);
		fputs("  |", stdout);
		for (size_t i = 0; i < nr; i++)
			putchar(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.');
		puts("|");
	}
}

static void show_instruction(const struct dump *dump, const struct stretch *stretch,
			     uint64_t at, const struct insntext *text, const char *target)
{
	enum { HEX_COLUMNS = 31 };
	int column = 0;

	printf("%016" PRIx64 " ", stretch->va + at);
	if (dump->result->symbol)
		printf(" +0x%-5" PRIx64, dump->result->symbol_offset + stretch->va + at -
						 dump->result->address);
	for (unsigned i = 0; i < text->size_bytes; i++)
		column += printf(" %02x", stretch->bytes[at + i]);
	printf("%*s %s", column < HEX_COLUMNS ? HEX_COLUMNS - column : 0, "",
	       text->words);
	if (target) {
		fputs("  # ", stdout);
		text_safe(stdout, target);
	}
	putchar('\n');
}

/* A byte that begins no instruction is told as such, and reading goes on behind it. */
static void show_instructions(struct dump *dump, const struct stretch *stretch)
{
	struct insntext text;

	for (uint64_t at = 0; at < stretch->size_bytes; at += text.size_bytes) {
		char name[NAME_BYTES];
		const char *target;

		if (!insntext_of(stretch->bytes + at, stretch->nr_decodable - at,
				 stretch->va + at, &text))
			text = (struct insntext){.words = "(no instruction)",
						 .size_bytes = 1};
		target = text.has_target && name_of(dump->kernel, text.target, name)
				 ? name
				 : NULL;
		if (dump->lines)
			put_line(dump, stretch, at, text.size_bytes, text.words, target);
		else
			show_instruction(dump, stretch, at, &text, target);
	}
}

static void show_missing(struct dump *dump, const struct stretch *stretch)
{
	if (dump->lines)
		json_array_append_new(
			dump->lines,
			json_pack("{s:o, s:I, s:n, s:n, s:n, s:s}", "address",
				  json_address(stretch->va), "size_bytes",
				  (json_int_t)stretch->size_bytes, "bytes", "instruction",
				  "target", "missing", stretch->missing));
	else
		printf("%016" PRIx64 "  %" PRIu64 " bytes: the memory %s\n", stretch->va,
		       stretch->size_bytes, stretch->missing);
}

/* Why the bytes at @va cannot be read. */
static const char *why_missing(struct kernel *kernel, uint64_t va)
{
	struct pt_walk walk;

	pt_walk(&kernel->pt, va, &walk);
	if (walk.verdict == PT_UNMAPPED)
		return "is not mapped";
	if (walk.reason != PT_OK && walk.reason != PT_PROTECTION_KEY)
		return "cannot be reached: its page tables cannot be read";
	return kernel->is_live ? "is not given by the kernel (no RAM)"
			       : kernel_missing_words(kernel, walk.pa);
}

/* Reads up to the end of the page, or of @left bytes. Returns how many. */
static uint64_t read_some(struct kernel *kernel, uint64_t va, uint64_t left,
			  unsigned char *bytes, bool *is_read)
{
	uint64_t nr = PAGE_BYTES - va % PAGE_BYTES;

	if (nr > left)
		nr = left;
	*is_read = kernel_read(kernel, va, bytes, nr) == 0;
	return nr;
}

/* The next stretch of the target at @va, of which @left bytes are left. */
static void read_stretch(struct kernel *kernel, uint64_t va, uint64_t left,
			 unsigned char *bytes, struct stretch *ret)
{
	bool is_first_read = false, is_read;
	uint64_t nr;

	*ret = (struct stretch){.va = va, .bytes = bytes};
	do {
		nr = read_some(kernel, va + ret->size_bytes, left - ret->size_bytes,
			       bytes + ret->size_bytes, &is_read);
		if (ret->size_bytes == 0)
			is_first_read = is_read;
		if (is_read == is_first_read)
			ret->size_bytes += nr;
	} while (is_read == is_first_read && ret->size_bytes < left);
	if (!is_first_read)
		ret->missing = why_missing(kernel, va);
	/* What ends the last instruction. */
	ret->nr_decodable = ret->size_bytes;
	nr = read_some(kernel, va + ret->size_bytes, FORMS_MAX_BYTES,
		       bytes + ret->size_bytes, &is_read);
	if (is_first_read && is_read)
		ret->nr_decodable += nr;
}

/* All stretches of @size_bytes. Returns the exit status, or -errno: what a read that
 * failed would have given is not told to be missing.
 */
static int show_all(struct dump *dump, uint64_t size_bytes, struct error *err)
{
	_cleanup_free_ unsigned char *bytes = malloc(size_bytes + PAGE_BYTES);
	int status = EXIT_YES;

	if (!bytes)
		return -ENOMEM;
	for (uint64_t at = 0; at < size_bytes;) {
		struct stretch stretch;

		read_stretch(dump->kernel, dump->result->address + at, size_bytes - at,
			     bytes, &stretch);
		if (stretch.missing && loss_check(err) < 0)
			return -EIO;
		if (stretch.missing)
			status = EXIT_UNDECIDED;
		if (dump->options->quiet)
			;
		else if (stretch.missing)
			show_missing(dump, &stretch);
		else if (dump->options->disassemble)
			show_instructions(dump, &stretch);
		else
			show_numbers(dump, &stretch);
		at += stretch.size_bytes;
	}
	return status;
}

static void show_head(const struct result *result, uint64_t size_bytes)
{
	text_safe(stdout, result->symbol ? result->symbol->name : result->query);
	if (result->symbol && result->symbol_offset)
		printf("+0x%" PRIx64, result->symbol_offset);
	if (result->symbol && result->symbol->module) {
		fputs(" [", stdout);
		text_safe(stdout, result->symbol->module);
		putchar(']');
	}
	printf(" at 0x%016" PRIx64 ", %" PRIu64 " bytes\n", result->address, size_bytes);
	if (result->hint[0])
		printf("  note: %s\n", result->hint);
}

static void put_result(struct json *json, const struct dump *dump, uint64_t size_bytes,
		       uint64_t left)
{
	const struct result *result = dump->result;
	const struct symbol *symbol = result->symbol;

	json_result(json,
		    json_pack("{s:o, s:o, s:I, s:o, s:o, s:I, s:I, s:o, s:o}", "query",
			      json_text(result->query), "symbol",
			      json_text(symbol ? symbol->name : NULL),
			      "symbol_offset_bytes", (json_int_t)result->symbol_offset,
			      "module", json_text(symbol ? symbol->module : NULL),
			      "address", json_address(result->address), "size_bytes",
			      (json_int_t)size_bytes, "left_bytes", (json_int_t)left,
			      "hint", json_text(result->hint[0] ? result->hint : NULL),
			      "lines", dump->lines));
}

static int dump_target(const struct options *options, struct kernel *kernel,
		       struct json *json, const struct result *result, struct error *err)
{
	struct dump dump = {.options = options, .kernel = kernel, .result = result};
	uint64_t left, size_bytes = choose_length(options, result, &left);
	bool is_text = !options->quiet && !options->json;
	int status;

	if (result->nr_pages == 0)
		return error_set(err, ERROR_UNREADABLE, -EFAULT, "%.200s: %s",
				 result->query, result->explanation);
	if (size_bytes > MAX_BYTES || size_bytes - 1 > UINT64_MAX - result->address)
		return error_set(err, ERROR_RANGE_TOO_LARGE, -E2BIG,
				 "%.200s: more than %d bytes, or past the end of the "
				 "address space; ask for less of it",
				 result->query, MAX_BYTES);
	if (options->json && !options->quiet)
		dump.lines = json_array();
	if (is_text)
		show_head(result, size_bytes);
	status = show_all(&dump, size_bytes, err);
	if (dump.lines)
		put_result(json, &dump, size_bytes, left);
	if (is_text && left)
		printf("%" PRIu64 " bytes more up to the next symbol: --length=N\n",
		       left);
	return status;
}

int dump_run(const struct options *options)
{
	struct error err = {0};

	if (options->disassemble && decode_missing()) {
		error_set(&err, ERROR_USAGE, -ENOSYS, "--disassemble: %s",
			  decode_missing());
		return session_fail(options, &err);
	}
	return session_read(options, dump_target);
}
