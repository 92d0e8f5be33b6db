/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report whose lines were run together into one. */
#include "oops/flat.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Shorter than that no line holds a report. */
enum { MIN_BYTES = 300 };

/* So many different lines of a report start inside of no other line. */
enum { MIN_KINDS = 3 };

/* A function's name with its offsets is no longer. */
enum { MAX_FRAME = 600 };

struct row {
	const char *word;
	bool is_kind;	   /* it shows that lines were run together */
	const char *never; /* not behind this word */
};

/* What a report's lines start with. */
static const struct row rows[] = {
	{"BUG: ", true, "watchdog:"},
	{"kernel BUG at ", true, NULL},
	{"general protection fault", true, "Oops:"},
	{"invalid opcode: ", true, "Oops:"},
	{"divide error: ", true, "Oops:"},
	{"stack segment: ", true, "Oops:"},
	{"double fault: ", true, "Oops:"},
	{"Oops: ", true, "Oops:"},
	{"#PF: ", true, NULL},
	{"PGD ", false, NULL},
	{"IP: ", true, NULL},
	{"CPU: ", true, "WARNING:"},
	{"CPU ", false, "on"},
	{"Pid: ", true, NULL},
	{"Hardware name: ", true, NULL},
	{"Workqueue: ", false, NULL},
	{"last sysfs file: ", false, NULL},
	{"task: ffff", false, NULL},
	{"RIP: ", true, NULL},
	{"RIP [<", true, NULL},
	{"RIP  [<", true, NULL},
	{"Code: ", true, NULL},
	{"RSP: ", true, NULL},
	{"RSP <ffff", true, NULL},
	{"RAX: ", true, NULL},
	{"RDX: ", false, NULL},
	{"RBP: ", false, NULL},
	{"R10: ", false, NULL},
	{"R13: ", false, NULL},
	{"FS: ", false, NULL},
	{"CS: ", false, NULL},
	{"CR2: ", true, NULL},
	{"DR0: ", false, NULL},
	{"DR3: ", false, NULL},
	{"PKRU: ", false, NULL},
	{"note: ", false, NULL},
	{"Process ", false, NULL},
	{"Stack: ", false, NULL},
	{"Call Trace:", true, NULL},
	{"Modules linked in:", true, NULL},
	{"Allocated by task ", false, NULL},
	{"Freed by task ", false, NULL},
	{"The buggy address ", false, NULL},
	{"Read of size ", true, NULL},
	{"Write of size ", true, NULL},
	{"---[ end trace ", true, NULL},
	{"---[ end Kernel panic ", false, NULL},
	{"Kernel panic - not syncing", true, NULL},
	{"------------[ cut here ]", true, NULL},
	{"skbuff: skb_", true, NULL},
	{"list_add double add", true, NULL},
	{"list_del corruption", true, NULL},
	{"list_add corruption", true, NULL},
	{"WARNING: CPU: ", true, NULL},
	{"KASAN: ", false, "BUG:"},
};

enum { NR_ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool starts(const char *p, const char *end, const char *word)
{
	size_t bytes = strlen(word);

	return (size_t)(end - p) >= bytes && memcmp(p, word, bytes) == 0;
}

/* The same, where the line's end took the word's last blank. */
static bool starts_or_ends(const char *p, const char *end, const char *word)
{
	size_t bytes = strlen(word);

	return starts(p, end, word) ||
	       (word[bytes - 1] == ' ' && (size_t)(end - p) == bytes - 1 &&
		memcmp(p, word, bytes - 1) == 0);
}

/* Does @word stand right before the blank at @p? */
static bool is_behind(const char *start, const char *p, const char *word)
{
	size_t bytes = strlen(word);

	while (p > start && p[-1] == ' ')
		p--;
	return (size_t)(p - start) >= bytes && memcmp(p - bytes, word, bytes) == 0;
}

/* Does a time stamp stand there, "[   20.102222]" or "[T650]"? It is the line's own. */
static bool is_behind_stamp(const char *start, const char *p)
{
	while (p > start && p[-1] == ' ')
		p--;
	if (p == start || *--p != ']')
		return false;
	while (p > start && (isdigit((unsigned char)p[-1]) || strchr(" .TC", p[-1])))
		p--;
	return p > start && p[-1] == '[';
}

/* The row of what follows the blank before @p, or -1. */
static int row_at(const char *start, const char *p, const char *end)
{
	if (!isalpha((unsigned char)*p) && *p != '#' && *p != '-')
		return -1;
	for (int i = 0; i < NR_ROWS; i++)
		/* Each word of a log comes here. */
		if (*p == rows[i].word[0] && starts_or_ends(p, end, rows[i].word) &&
		    (!rows[i].never || !is_behind(start, p, rows[i].never)))
			return i;
	return -1;
}

/* "<4>", of a log that kept the levels. */
static bool is_level(const char *p, const char *end)
{
	return end - p > 3 && p[0] == '<' && isdigit((unsigned char)p[1]) &&
	       p[2] == '>' && p[3] != ' ';
}

/* What follows the next blank; NULL: the line ends before. */
static const char *next_word(const char *p, const char *end)
{
	const char *blank = memchr(p, ' ', (size_t)(end - p));

	return blank && blank + 1 < end ? blank + 1 : NULL;
}

static bool is_flat(const char *p, const char *end)
{
	const char *start = p;
	bool is_seen[NR_ROWS] = {false};
	int nr = 0;

	if (end - p < MIN_BYTES)
		return false;
	while (nr < MIN_KINDS && (p = next_word(p, end))) {
		int row = row_at(start, p, end);

		if (row >= 0 && rows[row].is_kind && !is_seen[row]) {
			is_seen[row] = true;
			nr++;
		}
	}
	return nr == MIN_KINDS;
}

/* The length of a trace's entry, "[<ffffffff81088c0c>] ? name+0x1fc/0x3b0 [module]" or
 * "<TASK>"; 0: there is none.
 */
static size_t frame(const char *p, const char *end)
{
	const char *start = p, *name;
	bool has_offset = false;

	if (*p == '<' && end - p > 3 && (isupper((unsigned char)p[1]) || p[1] == '/')) {
		while (p < end && *p != '>' && *p != ' ')
			p++;
		return p < end && *p == '>' ? (size_t)(p + 1 - start) : 0;
	}
	if (starts(p, end, "[<")) {
		while (p < end && *p != '>')
			p++;
		p += starts(p, end, ">] ") ? 3 : 0;
	}
	if (starts(p, end, "? "))
		p += 2;
	for (name = p; p < end && *p != ' ' && p - name < MAX_FRAME; p++)
		has_offset |= starts(p, end, "+0x");
	if (!has_offset)
		return 0;
	if (starts(p, end, " [") && end - p > 2 && isalpha((unsigned char)p[2])) {
		const char *close = memchr(p + 2, ']', (size_t)(end - p - 2));

		if (close && !memchr(p + 2, ' ', (size_t)(close - p - 2)))
			p = close + 1;
	}
	return (size_t)(p - start);
}

static void split(char *p, char *end)
{
	char *start = p;
	bool is_in_trace = false;

	while (p < end) {
		int row = row_at(start, p, end);
		bool is_first = p == start || is_behind_stamp(start, p);
		size_t bytes;

		if (!is_first && (row >= 0 || is_level(p, end)))
			p[-1] = '\n';
		if (row >= 0)
			is_in_trace = strcmp(rows[row].word, "Call Trace:") == 0;
		if (row >= 0 && is_in_trace) {
			p += strlen("Call Trace:");
		} else if (is_in_trace && (bytes = frame(p, end)) > 0) {
			if (!is_first)
				p[-1] = '\n';
			p += bytes;
			if (p < end && *p == ' ')
				*p = '\n';
		}
		/* On to the next word. */
		while (p < end && *p != ' ' && *p != '\n')
			p++;
		while (p < end && (*p == ' ' || *p == '\n'))
			p++;
	}
}

/* A paragraph: lines without a blank one between them. */
struct block {
	char *start, *end;
	bool is_seen[NR_ROWS];
	int nr_kinds;	/* that start inside of lines */
	int nr_inside;	/* starts there */
	int nr_proper;	/* where a line does */
	int nr_aligned; /* as far from their line's start as the one before */
	ptrdiff_t column;
};

static char *skip_margin(char *p, const char *end)
{
	while (p < end && strchr(" \t>|", *p))
		p++;
	return p;
}

static bool is_blank_line(char *p, const char *end)
{
	p = skip_margin(p, end);
	return p == end || *p == '\n';
}

/* Words of a text stand before the blank at @p, none that loggers put before a line. */
static bool is_behind_text(const char *start, const char *p)
{
	const char *word;
	bool has_letter = false, has_colon = false;

	while (p > start && p[-1] == ' ')
		p--;
	if (p == start || (p[-1] != ')' && p[-1] != '!' && p[-1] != ']' && p[-1] != '-' &&
			   p[-1] != '.' && !isalnum((unsigned char)p[-1])))
		return false;
	if (p[-1] == ']')
		return !is_behind_stamp(start, p);
	for (word = p; word > start && word[-1] != ' '; word--) {
		has_letter |= isalpha((unsigned char)word[-1]) ||
			      strchr("-#", word[-1]) != NULL;
		has_colon |= word[-1] == ':';
	}
	/* A register's value has none by chance; a time of day has colons. */
	return has_letter || (p - word >= 4 && !has_colon);
}

static void count_line(struct block *block, char *line, const char *end)
{
	const char *p = skip_margin(line, end), *start = p;
	bool is_first = true;

	block->nr_proper += row_at(start, p, end) >= 0;
	while ((p = next_word(p, end))) {
		int row = row_at(start, p, end);

		if (row < 0)
			continue;
		if (!is_behind_text(start, p)) {
			block->nr_proper++;
			continue;
		}
		block->nr_inside++;
		block->nr_aligned += is_first && block->column == p - start;
		block->column = is_first ? p - start : block->column;
		is_first = false;
		if (rows[row].is_kind && !block->is_seen[row]) {
			block->is_seen[row] = true;
			block->nr_kinds++;
		}
	}
}

/* A report that was filled like a paragraph: its lines start anywhere. */
static bool is_filled(const struct block *block)
{
	enum { MIN_FILLED = 4 };

	return block->nr_kinds >= MIN_FILLED && block->nr_inside > 2 * block->nr_proper &&
	       block->nr_inside > 3 * block->nr_aligned;
}

/* The block's lines as one, in place. Returns its new end. */
static char *unfill(const struct block *block)
{
	char *p = block->start, *to = p;

	while (p < block->end) {
		char *stop = memchr(p, '\n', (size_t)(block->end - p));

		stop = stop ? stop : block->end;
		p = skip_margin(p, stop);
		memmove(to, p, (size_t)(stop - p));
		to += stop - p;
		while (to > block->start && to[-1] == ' ')
			to--;
		p = stop < block->end ? stop + 1 : stop;
		if (p < block->end)
			*to++ = ' ';
	}
	return to;
}

size_t flat_split(char *bytes, size_t nr)
{
	char *p = bytes, *end = bytes + nr, *to = bytes;

	while (p < end) {
		struct block block = {.start = p, .column = -1};
		char *next = p;
		bool is_blank, is_ended;

		do {
			char *stop = memchr(next, '\n', (size_t)(end - next));

			stop = stop ? stop : end;
			count_line(&block, next, stop);
			is_blank = skip_margin(next, stop) == stop;
			block.end = stop;
			is_ended = stop < end;
			next = is_ended ? stop + 1 : end;
		} while (!is_blank && next < end && !is_blank_line(next, end));
		p = next;
		if (is_filled(&block))
			block.end = unfill(&block);
		for (char *c = block.start; c < block.end;) {
			char *stop = memchr(c, '\n', (size_t)(block.end - c));

			stop = stop ? stop : block.end;
			if (is_flat(c, stop))
				split(c, stop);
			c = stop + 1;
		}
		memmove(to, block.start, (size_t)(block.end - block.start));
		to += block.end - block.start;
		if (is_ended)
			*to++ = '\n';
	}
	return (size_t)(to - bytes);
}
