/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to a kernel log on its way through terminals, mail and bug trackers. */
#include "mangle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

/* A text being written, and the line that is read. */
struct work {
	FILE *out;
	char *text;
	size_t nr;
	const char *line, *end;
	unsigned seed;
};

/* Each line of @text through @put. */
static char *each_line(const char *text, size_t nr, unsigned seed, size_t *ret_nr,
		       void (*put)(struct work *work, size_t i))
{
	struct work work = {.seed = seed};
	const char *end = text + nr;
	size_t i = 0;

	work.out = open_memstream(&work.text, &work.nr);
	for (work.line = text; work.line < end; work.line = work.end + 1) {
		work.end = memchr(work.line, '\n', (size_t)(end - work.line));
		if (!work.end)
			work.end = end;
		put(&work, i++);
	}
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

#define EACH_LINE(name)                                                               \
	static char *name(const char *text, size_t nr, unsigned seed, size_t *ret_nr) \
	{                                                                             \
		return each_line(text, nr, seed, ret_nr, put_##name);                 \
	}

static int length(const struct work *work)
{
	return (int)(work->end - work->line);
}

/* The message behind "[    4.783187] ". */
static const char *message(const struct work *work)
{
	const char *close = memchr(work->line, ']', (size_t)length(work));

	return *work->line == '[' && close && close + 2 <= work->end ? close + 2
								     : work->line;
}

static void put_message(struct work *work, const char *prefix)
{
	const char *text = message(work);

	fprintf(work->out, "%s%.*s\n", prefix, (int)(work->end - text), text);
}

static void put_bare(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "");
}
EACH_LINE(bare)

static void put_dmesg_t(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "[Tue Nov 24 22:47:01 2026] ");
}
EACH_LINE(dmesg_t)

static void put_dmesg_h(struct work *work, size_t i)
{
	put_message(work, i ? "[  +0.000012] " : "[Nov24 22:47] ");
}
EACH_LINE(dmesg_h)

static void put_journal(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "Nov 24 22:47:01 host kernel: ");
}
EACH_LINE(journal)

static void put_french(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "janv. 24 22:47:01 host kernel: ");
}
EACH_LINE(french)

static void put_cyrillic(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "\xd0\xb8\xd1\x8e\xd0\xbb 24 22:47:01 host kernel: ");
}
EACH_LINE(cyrillic)

static void put_iso(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "2026-11-24T22:47:01+0100 host kernel: ");
}
EACH_LINE(iso)

static void put_iso_dash(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "2026-11-24T22:47:01Z - ");
}
EACH_LINE(iso_dash)

/* What a logger of nobody's acquaintance puts there. */
static void put_logger(struct work *work, size_t i)
{
	char stamp[64];

	snprintf(stamp, sizeof(stamp), "<4>1 2026-11-24T22:%02zu:01Z box kernel - - - ",
		 10 + i / 60);
	put_message(work, stamp);
}
EACH_LINE(logger)

static void put_sender(struct work *work, size_t i)
{
	char stamp[64];

	snprintf(stamp, sizeof(stamp), "22:%02zu:01.%03zu box vmunix[0]: ", 10 + i / 60,
		 100 + i);
	put_message(work, stamp);
}
EACH_LINE(sender)

static void put_kmsg(struct work *work, size_t i)
{
	char stamp[64];

	snprintf(stamp, sizeof(stamp), "4,%zu,%zu,-;", 500 + i, 4715236 + i);
	put_message(work, stamp);
}
EACH_LINE(kmsg)

static void put_date_stamp(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "[2026-11-24 22:47:01] %.*s\n", length(work), work->line);
}
EACH_LINE(date_stamp)

static void put_grep_n(struct work *work, size_t i)
{
	fprintf(work->out, "%zu:%.*s\n", i + 1, length(work), work->line);
}
EACH_LINE(grep_n)

/* "cat -n". */
static void put_listing(struct work *work, size_t i)
{
	fprintf(work->out, "%6zu\t%.*s\n", i + 240, length(work), work->line);
}
EACH_LINE(listing)

static void put_dmesg_d(struct work *work, size_t i)
{
	const char *text = message(work), *close = text - 2;

	if (text == work->line)
		put_message(work, "");
	else
		fprintf(work->out, "%.*s <    0.0000%02zu>] %.*s\n",
			(int)(close - work->line), work->line, i % 100,
			(int)(work->end - text), text);
}
EACH_LINE(dmesg_d)

static void put_dmesg_x(struct work *work, size_t i)
{
	fprintf(work->out, "kern  :%s: %.*s\n", i % 2 ? "alert " : "warn  ", length(work),
		work->line);
}
EACH_LINE(dmesg_x)

static void put_date_alone(struct work *work, size_t i)
{
	(void)i;
	put_message(work, "May  4 14:08:48  ");
}
EACH_LINE(date_alone)

/* "grep -b -A 99": the line that was found has a colon. */
static void put_grep_b(struct work *work, size_t i)
{
	fprintf(work->out, "%zu%cNov 24 22:47:01 host kernel: ", 1000 + 70 * i,
		i ? '-' : ':');
	put_message(work, "");
}
EACH_LINE(grep_b)

/* A report has one caller. */
static void put_caller(struct work *work, size_t i)
{
	(void)i;
	put_message(work, work->seed % 2 ? "[T650] " : "[    C5] ");
}
EACH_LINE(caller)

static void put_priority(struct work *work, size_t i)
{
	put_message(work, i % 2 ? "<1>" : "<4><d>");
}
EACH_LINE(priority)

static void put_blank_lines(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "%.*s\n\n", length(work), work->line);
}
EACH_LINE(blank_lines)

static void put_foreign(struct work *work, size_t i)
{
	fprintf(work->out, "%.*s\n", length(work), work->line);
	if (i % 3 == 0 && *work->line == '[')
		fprintf(work->out, "[%5u.000001] eth0: link is %s, %x\n", i % 7 ? 9U : 8U,
			next(&work->seed) % 2 ? "up" : "down", next(&work->seed));
}
EACH_LINE(foreign)

/* Each entry of the walk on a line of its own, as 4.9's pr_cont had it. */
static void put_split_walk(struct work *work, size_t i)
{
	const char *text = message(work), *c = text;
	int prefix = (int)(text - work->line);

	(void)i;
	if (strncmp(text, "PGD ", 4) != 0) {
		fprintf(work->out, "%.*s\n", length(work), work->line);
		return;
	}
	while (c < work->end) {
		const char *word = memchr(c, ' ', (size_t)(work->end - c));
		const char *stop = word ? memchr(word + 1, ' ',
						 (size_t)(work->end - word - 1))
					: NULL;

		stop = stop ? stop + 1 : work->end;
		fprintf(work->out, "%.*s%.*s\n", prefix, work->line, (int)(stop - c), c);
		c = stop;
	}
}
EACH_LINE(split_walk)

static char *reversed(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	struct work work = {0};
	const char *end = text + nr;

	(void)seed;
	work.out = open_memstream(&work.text, &work.nr);
	while (end > text) {
		const char *stop = end[-1] == '\n' ? end - 1 : end;
		const char *before = memrchr(text, '\n', (size_t)(stop - text));
		const char *line = before ? before + 1 : text;

		fprintf(work.out, "%.*s\n", (int)(stop - line), line);
		end = line;
	}
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

/* As pstore stores it: the last lines first. */
static char *parts(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	struct work work = {0};
	size_t part_bytes = 1000 + next(&seed) % 3000;
	const char *end = text + nr;

	work.out = open_memstream(&work.text, &work.nr);
	for (int i = 1; end > text; i++) {
		const char *start = (size_t)(end - text) > part_bytes ? end - part_bytes
								      : text;

		while (start > text && start[-1] != '\n')
			start--;
		/* A line that is longer than a part. */
		if (start == end)
			start = text;
		fprintf(work.out, "Panic#1 Part%d\n%.*s", i, (int)(end - start), start);
		end = start;
	}
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

static char *warned(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	static const char warning[] =
		"------------[ cut here ]------------\n"
		"WARNING: CPU: 3 PID: 77 at kernel/a.c:12 warner+0x10/0x20\n"
		"Modules linked in: other(OE) more\n"
		"CPU: 3 PID: 77 Comm: warned Not tainted 5.0.0 #7\n"
		"RIP: 0010:warner+0x10/0x20\n"
		"Code: 90 90 <0f> 0b 90\n"
		"RSP: 0018:ffff888000001000 EFLAGS: 00010246\n"
		"RAX: 0000000000000007 RBX: 0000000000000007 RCX: 0000000000000007\n"
		"Call Trace:\n"
		" caller+0x10/0x20\n"
		"---[ end trace 0000000000000000 ]---\n";
	struct work work = {0};

	(void)seed;
	work.out = open_memstream(&work.text, &work.nr);
	fprintf(work.out, "%s%.*s", warning, (int)nr, text);
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

/* Some lines left out, as people do. */
static void put_skipped(struct work *work, size_t i)
{
	(void)i;
	if (next(&work->seed) % 8 == 0)
		fputs("... skipped ...\n", work->out);
	else
		fprintf(work->out, "%.*s\n", length(work), work->line);
}
EACH_LINE(skipped)

static char *ends_early(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	struct work work = {0};

	work.out = open_memstream(&work.text, &work.nr);
	fwrite(text, 1, nr * (next(&seed) % 90 + 5) / 100, work.out);
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

static char *starts_late(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	size_t from = nr * (next(&seed) % 90 + 5) / 100;

	while (from < nr && text[from - 1] != '\n')
		from++;
	*ret_nr = nr - from;
	return memcpy(calloc(1, nr - from + 1), text + from, nr - from);
}

/* By a terminal, without a mark. */
static void put_cut_80(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "%.*s\n", length(work) < 80 ? length(work) : 80, work->line);
}
EACH_LINE(cut_80)

/* At @columns, between words, as mailers do; @is_flowed leaves the blank. */
static void put_wrapped(struct work *work, int columns, bool is_flowed)
{
	const char *line = work->line;

	while (work->end - line > columns) {
		const char *cut = memrchr(line + 1, ' ', (size_t)columns);

		if (!cut || cut + 1 >= work->end)
			break;
		fprintf(work->out, "%.*s\n", (int)(cut - line) + is_flowed, line);
		for (line = cut + 1; line < work->end && *line == ' '; line++)
			;
	}
	fprintf(work->out, "%.*s\n", (int)(work->end - line), line);
}

static void put_wrap_72(struct work *work, size_t i)
{
	(void)i;
	put_wrapped(work, 72, false);
}
EACH_LINE(wrap_72)

static void put_wrap_80(struct work *work, size_t i)
{
	(void)i;
	put_wrapped(work, 80, false);
}
EACH_LINE(wrap_80)

static void put_flowed(struct work *work, size_t i)
{
	(void)i;
	put_wrapped(work, 76, true);
}
EACH_LINE(flowed)

/* At the terminal's width, inside words. */
static void put_hard_80(struct work *work, size_t i)
{
	const char *line = work->line;

	(void)i;
	for (; work->end - line > 80; line += 80)
		fprintf(work->out, "%.80s\n", line);
	fprintf(work->out, "%.*s\n", (int)(work->end - line), line);
}
EACH_LINE(hard_80)

static void put_edge(struct work *work, size_t i)
{
	(void)i;
	if (length(work) > 80)
		fprintf(work->out, "%.79s>\n", work->line);
	else
		fprintf(work->out, "%.*s\n", length(work), work->line);
}
EACH_LINE(edge)

static char *quoted(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	struct work work = {0};
	unsigned depth = next(&seed) % 5 + 1;
	const char *mark = next(&seed) % 3 == 0 ? "| " : next(&seed) % 2 ? "> " : ">";
	bool is_start = true;

	work.out = open_memstream(&work.text, &work.nr);
	for (size_t i = 0; i < nr; i++) {
		for (unsigned j = 0; is_start && j < depth; j++)
			fputs(mark, work.out);
		if (is_start && !mark[1])
			fputc(' ', work.out);
		fputc(text[i], work.out);
		is_start = text[i] == '\n';
	}
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

static void put_comment(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "// %.*s\n", length(work), work->line);
}
EACH_LINE(comment)

static void put_plus(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "+%.*s\n", length(work), work->line);
}
EACH_LINE(plus)

/* A list of JSON or YAML; no log has a '"' in it. */
static void put_strings(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "        \"%.*s\",\n", length(work), work->line);
}
EACH_LINE(strings)

static void put_row(struct work *work, size_t i)
{
	(void)i;
	fprintf(work->out, "| %.*s |\n", length(work), work->line);
}
EACH_LINE(row)

/* Each @from replaced by @to. */
static char *replaced(const char *text, size_t nr, const char *const pairs[][2],
		      size_t *ret_nr)
{
	struct work work = {0};

	work.out = open_memstream(&work.text, &work.nr);
	for (size_t i = 0; i < nr;) {
		size_t taken = 0;

		for (size_t j = 0; pairs[j][0] && !taken; j++) {
			size_t bytes = strlen(pairs[j][0]);

			if (bytes > nr - i || memcmp(text + i, pairs[j][0], bytes) != 0)
				continue;
			fputs(pairs[j][1], work.out);
			taken = bytes;
		}
		if (!taken)
			fputc(text[i], work.out);
		i += taken ? taken : 1;
	}
	fclose(work.out);
	*ret_nr = work.nr;
	return work.text;
}

#define REPLACE(name, ...)                                                            \
	static char *name(const char *text, size_t nr, unsigned seed, size_t *ret_nr) \
	{                                                                             \
		static const char *const pairs[][2] = {__VA_ARGS__, {NULL, NULL}};    \
                                                                                      \
		(void)seed;                                                           \
		return replaced(text, nr, pairs, ret_nr);                             \
	}

/* The logs have no other numbers behind '#' on these lines. */
REPLACE(urls, {"#1]", "https://example.org/p/issues/1]"},
	{" #1 ", " https://example.org/p/issues/1 "})
REPLACE(links, {"[#1]", "[[#1](https://example.org/p/issues/1)]"}, {"_", "\\_"})
REPLACE(no_hash, {"#PF: ", "PF: "})
REPLACE(one_blank, {"     ", " "}, {"    ", " "}, {"   ", " "}, {"  ", " "})
REPLACE(html, {"<", "&lt;"}, {">", "&gt;"}, {"&", "&amp;"}, {"\n", "<br>\n"})
REPLACE(html_br, {"<", "&lt;"}, {">", "&gt;"}, {"\n", "<br />"})
REPLACE(crlf, {"\n", "\r\n"})
REPLACE(numbers, {"<", "&#60;"}, {">", "&#x3e;"}, {"[", "&#91;"}, {"]", "&#93;"})
REPLACE(one_string, {"\n", "\\n"}, {"<", "\\u003c"}, {">", "\\u003e"})
REPLACE(form_feeds, {"\n", "\f"})

static void put_pager(struct work *work, size_t i)
{
	fprintf(work->out, "%.*s", length(work), work->line);
	fputs(i % 9 == next(&work->seed) % 9 ? "[26/4066]\n" : "\n", work->out);
}
EACH_LINE(pager)

static void put_printable(struct work *work, size_t i)
{
	int column = 0;

	(void)i;
	for (const char *c = work->line; c < work->end; c++) {
		bool is_escaped = *c == '=' || (*c == ' ' && c + 1 == work->end) ||
				  (unsigned char)*c >= 0x80;

		if (column + (is_escaped ? 3 : 1) > 75) {
			fputs("=\n", work->out);
			column = 0;
		}
		if (is_escaped)
			fprintf(work->out, "=%02X", (unsigned char)*c);
		else
			fputc(*c, work->out);
		column += is_escaped ? 3 : 1;
	}
	fputc('\n', work->out);
}
EACH_LINE(printable)

static char *wide(const char *text, size_t nr, size_t low, size_t *ret_nr)
{
	char *bytes = calloc(nr + 1, 2);

	bytes[low] = '\xff';
	bytes[1 - low] = '\xfe';
	for (size_t i = 0; i < nr; i++)
		bytes[2 * i + 2 + low] = text[i];
	*ret_nr = 2 * nr + 2;
	return bytes;
}

static char *utf16_le(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	(void)seed;
	return wide(text, nr, 0, ret_nr);
}

static char *utf16_be(const char *text, size_t nr, unsigned seed, size_t *ret_nr)
{
	(void)seed;
	return wide(text, nr, 1, ret_nr);
}

const struct mangle mangles[] = {
	{"bare", MANGLE_PREFIX, bare, false},
	{"dmesg -T", MANGLE_PREFIX, dmesg_t, false},
	{"dmesg -H", MANGLE_PREFIX, dmesg_h, false},
	{"dmesg -d", MANGLE_PREFIX, dmesg_d, false},
	{"dmesg -x", MANGLE_PREFIX, dmesg_x, false},
	{"a date alone", MANGLE_PREFIX, date_alone, false},
	{"grep -b", MANGLE_PREFIX, grep_b, false},
	{"journalctl", MANGLE_PREFIX, journal, false},
	{"French month", MANGLE_PREFIX, french, false},
	{"Cyrillic month", MANGLE_PREFIX, cyrillic, false},
	{"short-iso", MANGLE_PREFIX, iso, false},
	{"ISO and a dash", MANGLE_PREFIX, iso_dash, false},
	{"RFC 5424", MANGLE_PREFIX, logger, false},
	{"another sender", MANGLE_PREFIX, sender, false},
	{"/dev/kmsg", MANGLE_PREFIX, kmsg, false},
	{"date and stamp", MANGLE_PREFIX, date_stamp, false},
	{"caller", MANGLE_PREFIX, caller, false},
	{"priority", MANGLE_PREFIX, priority, false},
	{"split walk", MANGLE_PREFIX, split_walk, false},
	{"foreign lines", MANGLE_PREFIX, foreign, false},
	{"parts of pstore", MANGLE_LINES, parts, false},
	{"a warning before", MANGLE_LINES, warned, false},
	{"lines left out", MANGLE_LINES, skipped, true},
	{"the end missing", MANGLE_LINES, ends_early, true},
	{"the start missing", MANGLE_LINES, starts_late, true},
	{"grep -n", MANGLE_LINES, grep_n, false},
	{"a listing", MANGLE_LINES, listing, false},
	{"journalctl -r", MANGLE_LINES, reversed, false},
	{"blank lines", MANGLE_LINES, blank_lines, false},
	{"wrapped at 72", MANGLE_WRAP, wrap_72, false},
	{"wrapped at 80", MANGLE_WRAP, wrap_80, false},
	{"flowed", MANGLE_WRAP, flowed, false},
	{"a terminal's width", MANGLE_WRAP, hard_80, false},
	{"screen's edge", MANGLE_WRAP, edge, true},
	{"cut at 80", MANGLE_WRAP, cut_80, true},
	{"quoted", MANGLE_QUOTE, quoted, false},
	{"a comment", MANGLE_QUOTE, comment, false},
	{"a diff", MANGLE_QUOTE, plus, false},
	{"strings", MANGLE_QUOTE, strings, false},
	{"rows of a table", MANGLE_QUOTE, row, false},
	{"URL for #1", MANGLE_TRACKER, urls, false},
	{"link for #1", MANGLE_TRACKER, links, false},
	{"no # of #PF", MANGLE_TRACKER, no_hash, false},
	{"one blank", MANGLE_TRACKER, one_blank, false},
	{"pager's mark", MANGLE_TRACKER, pager, false},
	{"HTML", MANGLE_ENCODE, html, false},
	{"HTML without lines", MANGLE_ENCODE, html_br, false},
	{"HTML's numbers", MANGLE_ENCODE, numbers, false},
	{"quoted-printable", MANGLE_ENCODE, printable, false},
	{"one string", MANGLE_ENCODE, one_string, false},
	{"form feeds", MANGLE_BYTES, form_feeds, false},
	{"CRLF", MANGLE_BYTES, crlf, false},
	{"UTF-16", MANGLE_BYTES, utf16_le, false},
	{"UTF-16, big", MANGLE_BYTES, utf16_be, false},
	{0},
};
