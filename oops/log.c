/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel log of any wrapping as plain lines. */
#include "oops/log.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "oops/flat.h"
#include "oops/margin.h"
#include "oops/paste.h"
#include "oops/pstore.h"
#include "oops/wrap.h"

/* Longest "Nov 24 22:47:01 host kernel: " that is looked through. */
enum { MAX_SYSLOG_HEADER = 200 };

/* What numbers stand before the lines. */
enum numbering {
	NUMBERING_NONE = 0,
	NUMBERING_GREP,	   /* "123:", of grep */
	NUMBERING_LISTING, /* "  123  ", of nl, cat -n and editors */
};

/* A line under construction, and the room for all of them. */
struct writer {
	struct log log;
	size_t room_lines;
	size_t used; /* of log.text */
	int depth;   /* of the last line's quoting */
	/* It ended inside a marked byte, "<48": a '>' of the next one is no quoting. */
	bool is_mark_open;
	enum numbering numbering;
	uint64_t number; /* the last one */
	struct margin margin;
	const char *next, *text_end; /* the line behind the one at hand */
};

/* A line of @text with what else @like says. */
static int add_line(struct writer *writer, const char *text, size_t bytes,
		    const struct log_line *like)
{
	struct log *log = &writer->log;
	struct log_line line = *like;
	char *copy = log->text + writer->used;

	while (bytes && isspace((unsigned char)*text)) {
		line.is_indented = true;
		text++;
		bytes--;
	}
	if (bytes == 0)
		return 0;
	if (array_reserve(&log->lines, log->nr, &writer->room_lines,
			  sizeof(*log->lines)) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < bytes; i++)
		copy[i] = text[i] ? text[i] : '?';
	copy[bytes] = '\0';
	writer->used += bytes + 1;
	line.text = copy;
	log->lines[log->nr++] = line;
	return 0;
}

/* "[  415.746844]" at @p: seconds since boot with six digits of a fraction, and what may
 * stand behind them in the brackets (dmesg --show-delta). Returns its length or 0.
 */
static size_t time_stamp(const char *p, const char *end, uint64_t *us)
{
	const char *c = p;
	uint64_t seconds = 0, fraction = 0;
	int nr_digits = 0, nr_fraction = 0;
	bool is_cut = false;

	/* "407819.286867] text": who copied it began one character late. */
	if (c < end && isdigit((unsigned char)*c))
		is_cut = true;
	else if (c == end || *c++ != '[')
		return 0;
	while (c < end && *c == ' ')
		c++;
	for (; c < end && isdigit((unsigned char)*c) && nr_digits < 12; c++, nr_digits++)
		seconds = seconds * 10 + (unsigned)(*c - '0');
	if (!nr_digits || c == end || *c++ != '.')
		return 0;
	for (; c < end && isdigit((unsigned char)*c) && nr_fraction < 6;
	     c++, nr_fraction++)
		fraction = fraction * 10 + (unsigned)(*c - '0');
	if (is_cut && (nr_fraction != 6 || c == end || *c != ']'))
		return 0;
	/* "[14501930.727650,06]": some kernels put the CPU there. */
	if (nr_fraction != 6 || c == end || !strchr("] ,", *c))
		return 0;
	for (int i = 0; i < 24 && c < end && *c != ']'; i++)
		c++;
	if (c == end || *c != ']')
		return 0;
	*us = seconds * 1000000 + fraction;
	return (size_t)(c + 1 - p);
}

/* "[T98]", "[    C0]": CONFIG_PRINTK_CALLER. "[Tue Nov 24 22:47:01 2026]": dmesg -T.
 * "[  +0.000012]", "[Nov24 22:47]": dmesg -e and -d. None of them starts a message.
 * *@caller: of the first, as struct log_line has it.
 */
static size_t bracket(const char *p, const char *end, uint32_t *caller)
{
	static const char *const days[] = {
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar",
		"Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const char *c = p, *close;
	bool is_known = false;

	*caller = 0;
	if (end - p < 3 || *p != '[')
		return 0;
	close = memchr(p, ']', (size_t)(end - p < 40 ? end - p : 40));
	if (!close)
		return 0;
	for (c++; c < close && *c == ' '; c++)
		;
	/* "[ ]": of changelogs that leave the time out. */
	if (c == close)
		return (size_t)(close + 1 - p);
	/* "[2026-11-24 22:47:01]": of scripts and terminals. */
	if (close - c >= 10 && isdigit((unsigned char)*c) &&
	    (c[4] == '-' || c[4] == '/') && c[7] == c[4])
		is_known = true;
	if (c + 1 < close && strchr("TC", *c) && isdigit((unsigned char)c[1])) {
		uint32_t kind = *c == 'C' ? LOG_CALLER_CPU : LOG_CALLER_TASK;

		for (c++; c < close && isdigit((unsigned char)*c); c++)
			*caller = *caller * 10 + (unsigned)(*c - '0');
		is_known = c == close;
		*caller = is_known ? (*caller & (LOG_CALLER_TASK - 1)) | kind : 0;
	} else if (c + 1 < close && *c == '+' && isdigit((unsigned char)c[1])) {
		is_known = true;
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]) && close - c > 3; i++)
		is_known |= strncmp(c, days[i], 3) == 0;
	return is_known ? (size_t)(close + 1 - p) : 0;
}

/* "<4>", "<12>": a priority; "<d>", "<c>": of old kernels' parts of lines. "<48> c7" is a
 * marked byte, whose line a mailer broke.
 */
static size_t priority(const char *p, const char *end)
{
	const char *c = p + 1;

	if (end - p < 3 || *p != '<')
		return 0;
	if ((p[1] == 'c' || p[1] == 'd') && p[2] == '>')
		return 3;
	while (c < end && c - p < 5 && isdigit((unsigned char)*c))
		c++;
	if (c == p + 1 || c == end || *c != '>')
		return 0;
	if (c == p + 3 && (c + 1 == end || c[1] == ' '))
		return 0;
	return (size_t)(c + 1 - p);
}

/* "kern  :alert : ": dmesg -x; "kern :alert : " where blanks collapsed. */
static size_t facility(const char *p, const char *end)
{
	size_t room = (size_t)(end - p < 24 ? end - p : 24);
	const char *colon;

	if (room < 14 || strncmp(p, "kern ", 5) != 0)
		return 0;
	colon = p + 4 + strspn(p + 4, " ");
	if ((size_t)(colon - p) >= room || *colon != ':')
		return 0;
	colon = memchr(colon + 1, ':', room - (size_t)(colon + 1 - p));
	return colon ? (size_t)(colon + 1 - p) : 0;
}

/* "2026-11-24T22:47:01,123456+00:00 ": dmesg --time-format=iso. */
static size_t iso_time(const char *p, const char *end)
{
	static const char form[] = "0000-00-00T00:00:00";
	const char *c = p;

	if (end - p < (ptrdiff_t)sizeof(form))
		return 0;
	for (const char *f = form; *f; f++, c++)
		if (*f == '0' ? !isdigit((unsigned char)*c) : *c != *f)
			return 0;
	while (c < end && *c != ' ' && c - p < 40)
		c++;
	/* "... - ": of web consoles. */
	if (end - c > 3 && memcmp(c, " - ", 3) == 0)
		c += 3;
	return (size_t)(c - p);
}

/* A word of a date at @p: "Nov", "Tue,", "24", "2026", "2026-11-24", "24.11.2026",
 * "22:47:01.123", "+0100", "UTC". Returns its length or 0; *@is_time: it is a time.
 */
static size_t date_word(const char *p, const char *end, bool *is_time)
{
	static const char *const words[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
					    "Sun", "Jan", "Feb", "Mar", "Apr", "May",
					    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
					    "Dec", "UTC", "GMT", "Z"};
	const char *c = p;
	size_t nr_colons = 0, nr_digits = 0;

	*is_time = false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t bytes = strlen(words[i]);

		if ((size_t)(end - p) > bytes && memcmp(p, words[i], bytes) == 0 &&
		    (p[bytes] == ' ' || (p[bytes] == ',' && p[bytes + 1] == ' ')))
			return bytes + (p[bytes] == ',');
	}
	for (; c < end && c - p < 32 &&
	       (isdigit((unsigned char)*c) || strchr("-:./,+", *c));
	     c++) {
		nr_colons += *c == ':';
		nr_digits += isdigit((unsigned char)*c) != 0;
	}
	if (c == end || *c != ' ' || nr_digits < 1)
		return 0;
	/* "22:47:01" has no more than two digits before the first colon. */
	*is_time = nr_colons == 2 && isdigit((unsigned char)*p) &&
		   (p[1] == ':' || (isdigit((unsigned char)p[1]) && p[2] == ':'));
	return nr_colons && !*is_time ? 0 : (size_t)(c - p);
}

/* "May  4 14:08:48  ", "2026-11-24 22:47:01 ", of whatever printed it. A time must be
 * among the words: bytes of code look like days.
 */
static size_t date(const char *p, const char *end)
{
	enum { MAX_WORDS = 7 };
	const char *c = p;
	bool has_time = false;

	for (int i = 0; i < MAX_WORDS; i++) {
		bool is_time;
		size_t n = date_word(c, end, &is_time);

		if (!n)
			break;
		has_time |= is_time;
		for (c += n; c < end && *c == ' '; c++)
			;
	}
	return has_time ? (size_t)(c - p) : 0;
}

/* The header that syslogd and journalctl -o short put: everything up to "kernel: ". */
static size_t syslog_header(const char *p, const char *end)
{
	static const char tag[] = "kernel: ";
	const size_t bytes = strlen("kernel:");
	const char *c;
	size_t room = (size_t)(end - p < MAX_SYSLOG_HEADER ? end - p : MAX_SYSLOG_HEADER);
	const char *found = p < end ? memmem(p, room, tag, strlen(tag)) : NULL;

	/* "kernel:NMI watchdog: ...": syslogd's message to everyone. */
	for (c = p; c < end && *c == ' '; c++)
		;
	if (!found && (size_t)(end - c) > bytes && memcmp(c, tag, bytes) == 0 &&
	    isalpha((unsigned char)c[bytes]))
		return (size_t)(c - p) + bytes;
	if (!found || (found > p && found[-1] != ' '))
		return 0;
	return (size_t)(found - p) + strlen(tag);
}

static const char *skip_wrapping(const char *p, const char *end, struct log_line *line)
{
	for (bool is_first = true;; is_first = false) {
		uint32_t caller;
		size_t n;

		while (p < end && isblank((unsigned char)*p))
			p++;
		n = time_stamp(p, end, &line->time_us);
		if (n)
			line->has_time = true;
		if (!n) {
			n = bracket(p, end, &caller);
			line->caller = caller ? caller : line->caller;
		}
		if (!n)
			n = priority(p, end);
		if (!n)
			n = facility(p, end);
		if (!n)
			n = iso_time(p, end);
		if (!n && is_first)
			n = date(p, end);
		if (!n)
			return p;
		p += n;
	}
}

/* "123:", "1261929-": grep -n and -b. "0010:" is a code segment. */
static size_t grep_number(const char *p, const char *end, uint64_t *ret)
{
	const char *c = p;
	struct log_line ignored = {0};

	for (*ret = 0; c < end && c - p < 12 && isdigit((unsigned char)*c); c++)
		*ret = *ret * 10 + (unsigned)(*c - '0');
	if (c == p || *p == '0' || end - c < 2 || (*c != ':' && *c != '-') ||
	    (isdigit((unsigned char)c[1]) && !iso_time(c + 1, end)))
		return 0;
	/* "32-amd64" is a release's end. */
	if (*c == '-' && !syslog_header(c + 1, end) &&
	    skip_wrapping(c + 1, end, &ignored) == c + 1)
		return 0;
	return (size_t)(c + 1 - p);
}

/* Whether the line ends with "<48": the '>' stands on the next one. */
static bool ends_in_mark(const char *p, const char *end)
{
	const char *c = end;

	while (c > p && end - c < 2 && isxdigit((unsigned char)c[-1]))
		c--;
	return c > p && c[-1] == '<';
}

/* The quoting off the line's start. */
static const char *skip_quotes(struct writer *writer, const char *p, const char *end)
{
	enum { MAX_DEPTH = 64 };
	int max_depth = writer->is_mark_open ? writer->depth : MAX_DEPTH;

	p += paste_quotes(p, end, max_depth, &writer->depth);
	writer->is_mark_open = ends_in_mark(p, end);
	return p;
}

/* "  123\t", "123 ": of a listing, each line's by one more than the one's before. */
static size_t listing_number(const char *p, const char *end, uint64_t *ret)
{
	const char *c = p, *first_blank;
	size_t nr_digits = 0;

	while (c < end && isblank((unsigned char)*c))
		c++;
	if (c < end && *c == '0')
		return 0;
	for (*ret = 0; c < end && nr_digits < 9 && isdigit((unsigned char)*c);
	     c++, nr_digits++)
		*ret = *ret * 10 + (unsigned)(*c - '0');
	if (!nr_digits || c == end || !isblank((unsigned char)*c))
		return 0;
	first_blank = c;
	/* bat(1): "  12   \xe2\x94\x82 text" */
	while (c < end && isblank((unsigned char)*c))
		c++;
	return (size_t)(end - c >= 3 && memcmp(c, "\xe2\x94\x82", 3) == 0
				? c + 3 - p
				: first_blank - p);
}

static const char *line_end(const char *p, const char *end)
{
	const char *stop = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

	return stop ? stop : end;
}

/* Whether the line at @p has a listing's number @number behind its quoting. */
static bool is_listed(const char *p, const char *end, uint64_t number)
{
	const char *stop = line_end(p, end);
	uint64_t found;
	int depth;

	p += paste_quotes(p, stop, INT_MAX, &depth);
	return listing_number(p, stop, &found) && found == number;
}

/* The number off the line's start. grep's only grow; "2-debian" is a line's end. Where a
 * listing has a gap the next line shows that it goes on: "48 89" may be code.
 */
static size_t skip_number(struct writer *writer, const char *p, const char *end)
{
	bool is_grep = writer->numbering == NUMBERING_GREP;
	uint64_t number;
	size_t n = is_grep ? grep_number(p, end, &number)
			   : listing_number(p, end, &number);

	if (!n || number <= writer->number)
		return 0;
	if (!is_grep && number != writer->number + 1 &&
	    !is_listed(writer->next, writer->text_end, number + 1))
		return 0;
	writer->number = number;
	return n;
}

/* Where behind a margin a time, a priority or a facility stands, or @end. *@behind: what
 * is behind them.
 */
static const char *known_at(const char *p, const char *end, const char **behind)
{
	enum { MAX_BEFORE = MARGIN_BYTES };
	struct log_line ignored = {0};

	for (const char *c = p; c < end && c - p < MAX_BEFORE; c++) {
		*behind = c > p && *c && strchr("[<k", *c)
				  ? skip_wrapping(c, end, &ignored)
				  : c;
		if (*behind > c)
			return c;
	}
	*behind = end;
	return end;
}

/* What stands left and right of the lines, behind what is known to stand there. */
static void find_margin(struct writer *writer, const char *p, const char *end)
{
	struct log_line ignored = {0};

	while (p < end) {
		const char *stop = line_end(p, end);
		uint64_t number;
		int depth;

		p += paste_quotes(p, stop, INT_MAX, &depth);
		if (writer->numbering)
			p += writer->numbering == NUMBERING_GREP
				     ? grep_number(p, stop, &number)
				     : listing_number(p, stop, &number);
		p += syslog_header(p, stop);
		p = skip_wrapping(p, stop, &ignored);
		margin_learn(&writer->margin, p, stop, known_at);
		p = stop + 1;
	}
	margin_settle(&writer->margin);
}

/* Whether a quarter of the lines have grep's number or a listing's. */
static enum numbering find_numbering(const char *p, const char *end)
{
	size_t nr = 0, nr_grep = 0, nr_listed = 0;
	uint64_t last = 0;

	while (p < end) {
		const char *stop = line_end(p, end);
		uint64_t number;
		int depth;

		p += paste_quotes(p, stop, INT_MAX, &depth);
		nr++;
		nr_grep += grep_number(p, stop, &number) > 0;
		if (listing_number(p, stop, &number)) {
			nr_listed += number == last + 1;
			last = number;
		}
		p = stop + 1;
	}
	if (nr_grep * 4 > nr)
		return NUMBERING_GREP;
	return nr_listed * 4 > nr && nr_listed > 2 ? NUMBERING_LISTING : NUMBERING_NONE;
}

/* One physical line, which may hold several messages. */
static int add_physical(struct writer *writer, const char *p, const char *end,
			const struct log_line *like)
{
	struct log_line line = *like;
	const char *start = p = skip_quotes(writer, p, end);
	bool is_mark;
	size_t n;

	line.width = (uint32_t)(end - p);
	paste_fence(&p, &end);
	start = p;
	if (writer->numbering)
		p += skip_number(writer, p, end);
	n = syslog_header(p, end);
	/* "[    4.771295] host kernel: text": journalctl -o short-monotonic. */
	if (n)
		line.has_time = time_stamp(p, p + n, &line.time_us) > 0;
	p += n;
	p = skip_wrapping(p, end, &line);
	while (start < p && isblank((unsigned char)*start)) {
		line.is_indented = true;
		start++;
	}
	line.is_bare = p == start;
	n = margin_right(&writer->margin, p, end);
	end -= n;
	line.width -= (uint32_t)n;
	n = margin_left(&writer->margin, p, end, &is_mark);
	line.width -= is_mark ? (uint32_t)n : 0;
	line.is_bare &= n == 0 || is_mark;
	p += n;
	start = p;
	p = n ? skip_wrapping(p, end, &line) : p;
	while (n && start < p && isblank((unsigned char)*start))
		start++;
	line.is_bare &= p == start;
	for (const char *c = p; c < end; c++) {
		struct log_line first = line;
		uint64_t next_us;
		int r;

		/* pt_regs lines hold no '['; a call trace's module has no time in it. */
		if (*c != '[')
			continue;
		n = time_stamp(c, end, &next_us);
		if (!n)
			continue;
		first.is_whole = true;
		r = add_line(writer, p, (size_t)(c - p), &first);
		if (r < 0)
			return r;
		line.has_time = true;
		line.is_bare = false;
		line.time_us = next_us;
		line.caller = 0;
		p = skip_wrapping(c + n, end, &line);
		c = p - 1;
	}
	return add_line(writer, p, (size_t)(end - p), &line);
}

/* Takes out, in place, terminal escapes and carriage returns. Returns the new end. */
static char *strip_terminal(char *p, char *end)
{
	char *to = p;

	while (p < end) {
		if (*p == '\r') {
			p++;
		} else if (*p == '\033' && p + 1 < end && p[1] == '[') {
			for (p += 2; p < end && !isalpha((unsigned char)*p); p++)
				;
			p += p < end;
		} else {
			*to++ = *p++;
		}
	}
	return to;
}

static int hex_value(const char *p, const char *end, int nr)
{
	int value = 0;

	if (end - p < nr)
		return -1;
	for (int i = 0; i < nr; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return -1;
		value = value << 4 |
			(isdigit((unsigned char)p[i]) ? p[i] - '0'
						      : (p[i] | 0x20) - 'a' + 10);
	}
	return value;
}

/* "6,339,5140900,-;": Documentation/ABI/testing/dev-kmsg. Returns the message after it,
 * with the escapes (\x0a) undone in place and @end moved, or NULL.
 */
static char *kmsg_record(char *p, char **end, uint64_t *time_us)
{
	char *semicolon = memchr(p, ';', (size_t)(*end - p < 100 ? *end - p : 100));
	char *c = p, *to, *text;
	uint64_t numbers[3] = {0};

	if (!semicolon)
		return NULL;
	for (int i = 0; i < 3; i++, c++) {
		int nr_digits = 0;

		for (; isdigit((unsigned char)*c) && nr_digits < 18; c++, nr_digits++)
			numbers[i] = numbers[i] * 10 + (unsigned)(*c - '0');
		if (!nr_digits || *c != ',')
			return NULL;
	}
	text = to = semicolon + 1;
	for (c = text; c < *end;) {
		int value = c[0] == '\\' && c + 1 < *end && c[1] == 'x'
				    ? hex_value(c + 2, *end, 2)
				    : -1;

		*to++ = value < 0 ? *c : (char)value;
		c += value < 0 ? 1 : 4;
	}
	*end = to;
	*time_us = numbers[2];
	return text;
}

/* Where a record of /dev/kmsg starts that was quoted or numbered, or @p. */
static char *kmsg_start(char *p, const char *end)
{
	enum { MAX_BEFORE = 24 };

	for (char *c = p; c < end && c - p < MAX_BEFORE; c++) {
		char *digit = c;
		int nr_numbers = 0;

		if (!isdigit((unsigned char)*c) ||
		    (c > p && (isalnum((unsigned char)c[-1]) || strchr(".,-", c[-1]))))
			continue;
		while (nr_numbers < 3 && digit < end && isdigit((unsigned char)*digit)) {
			while (digit < end && isdigit((unsigned char)*digit))
				digit++;
			if (digit == end || *digit++ != ',')
				break;
			nr_numbers++;
		}
		if (nr_numbers == 3 && digit < end && strchr("-c+", *digit))
			return c;
	}
	return p;
}

static int read_text(struct writer *writer, char *p, char *end)
{
	bool is_kmsg = false;

	writer->numbering = find_numbering(p, end);
	find_margin(writer, p, end);
	writer->text_end = end;
	while (p < end) {
		char *newline = memchr(p, '\n', (size_t)(end - p));
		char *stop = newline ? newline : end, *text;
		struct log_line line = {.is_whole = newline};
		bool has_edge;
		int r = 0;

		writer->next = newline ? newline + 1 : end;
		stop = strip_terminal(p, stop);
		text = kmsg_record(kmsg_start(p, stop), &stop, &line.time_us);
		if (text) {
			is_kmsg = line.has_time = true;
			stop = paste_line(text, stop, &has_edge);
			stop -= margin_right(&writer->margin, text, stop);
			line.is_whole = newline && !has_edge;
			line.width = (uint32_t)(stop - p);
			r = add_line(writer, text, (size_t)(stop - text), &line);
		} else if (!is_kmsg || *p != ' ') {
			/* In /dev/kmsg a leading blank marks a record's properties. */
			stop = paste_line(p, stop, &has_edge);
			line.is_whole = newline && !has_edge;
			r = add_physical(writer, p, stop, &line);
		}
		if (r < 0)
			return r;
		p = newline ? newline + 1 : end;
	}
	return 0;
}

/* One object of "dmesg -J" or "journalctl -o json": the few members that matter. */
struct record {
	char *message, *message_end;
	bool is_cut; /* the input ended inside the message */
	bool has_time;
	uint64_t time_us;
	bool is_foreign; /* not the kernel's */
	const char *boot_id;
};

static char *put_utf8(char *to, int value)
{
	if (value < 0x80) {
		*to++ = (char)value;
	} else if (value < 0x800) {
		*to++ = (char)(0xc0 | value >> 6);
		*to++ = (char)(0x80 | (value & 0x3f));
	} else {
		*to++ = (char)(0xe0 | value >> 12);
		*to++ = (char)(0x80 | (value >> 6 & 0x3f));
		*to++ = (char)(0x80 | (value & 0x3f));
	}
	return to;
}

/* The JSON string whose first quote is at @p, undone in place. Returns what follows it;
 * *@is_cut tells that there was no closing quote.
 */
static char *json_string_end(char *p, char *end, char **text, char **text_end,
			     bool *is_cut)
{
	static const char escapes[] = "nrtbf", meanings[] = "\n\r\t\b\f";
	char *to = ++p;

	*text = p;
	while (p < end && *p != '"') {
		const char *escape;
		int value;

		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		if (++p == end)
			break;
		escape = memchr(escapes, *p, strlen(escapes));
		value = *p == 'u' ? hex_value(p + 1, end, 4) : -1;
		if (value >= 0) {
			to = put_utf8(to, value);
			p += 5;
		} else {
			*to++ = escape ? meanings[escape - escapes] : *p;
			p++;
		}
	}
	*text_end = to;
	*is_cut = p == end;
	return p == end ? end : p + 1;
}

/* journald gives a message that is not UTF-8 as an array of its bytes. */
static char *json_bytes_end(char *p, char *end, char **text, char **text_end,
			    bool *is_cut)
{
	char *to = p;

	*text = p++;
	while (p < end && *p != ']') {
		int value = 0, nr_digits = 0;

		for (; p < end && isdigit((unsigned char)*p) && nr_digits < 3;
		     p++, nr_digits++)
			value = value * 10 + (*p - '0');
		if (nr_digits)
			*to++ = (char)value;
		else
			p++;
	}
	*text_end = to;
	*is_cut = p == end;
	return p == end ? end : p + 1;
}

static bool is_word(const char *text, const char *text_end, const char *word)
{
	return (size_t)(text_end - text) == strlen(word) &&
	       memcmp(text, word, strlen(word)) == 0;
}

static uint64_t decimal(const char *p, const char *end, int *nr_digits)
{
	uint64_t value = 0;

	for (*nr_digits = 0; p < end && isdigit((unsigned char)*p) && *nr_digits < 18;
	     p++, ++*nr_digits)
		value = value * 10 + (unsigned)(*p - '0');
	return value;
}

static void take_member(struct record *record, const char *key, const char *key_end,
			char *value, char *value_end, bool is_cut)
{
	int nr_digits;

	if (is_word(key, key_end, "msg") || is_word(key, key_end, "MESSAGE")) {
		record->message = value;
		record->message_end = value_end;
		record->is_cut = is_cut;
	} else if (is_word(key, key_end, "_TRANSPORT")) {
		record->is_foreign = !is_word(value, value_end, "kernel");
	} else if (is_word(key, key_end, "_BOOT_ID") && value_end - value == 32) {
		record->boot_id = value;
	} else if (is_word(key, key_end, "_SOURCE_MONOTONIC_TIMESTAMP")) {
		record->time_us = decimal(value, value_end, &nr_digits);
		record->has_time = nr_digits > 0;
	}
}

/* "time": 415.746844 of dmesg -J. */
static void take_time(struct record *record, const char *p, const char *end)
{
	int nr_digits, nr_fraction;
	uint64_t seconds = decimal(p, end, &nr_digits), fraction;

	if (!nr_digits || p + nr_digits == end || p[nr_digits] != '.')
		return;
	p += nr_digits + 1;
	fraction = decimal(p, end - p > 6 ? p + 6 : end, &nr_fraction);
	if (nr_fraction != 6 || nr_digits > 12)
		return;
	record->has_time = true;
	record->time_us = seconds * 1000000 + fraction;
}

static int flush(struct writer *writer, struct record *record, bool is_whole)
{
	size_t first = writer->log.nr;
	int r = 0;

	if (record->message && !record->is_foreign) {
		if (record->boot_id && !writer->log.boot_id[0])
			memcpy(writer->log.boot_id, record->boot_id, 32);
		for (char *p = record->message; p < record->message_end && r == 0;) {
			char *end = memchr(p, '\n', (size_t)(record->message_end - p));
			bool has_end = end != NULL;
			struct log_line line = {
				.is_whole = has_end || (is_whole && !record->is_cut),
			};

			end = end ? end : record->message_end;
			r = add_physical(writer, p, strip_terminal(p, end), &line);
			p = has_end ? end + 1 : end;
		}
	}
	for (size_t i = first; i < writer->log.nr && record->has_time; i++) {
		writer->log.lines[i].has_time = true;
		writer->log.lines[i].time_us = record->time_us;
	}
	*record = (struct record){0};
	return r;
}

/* Not a JSON parser: a reader that takes what is there, however the input ends. */
static int read_json(struct writer *writer, char *p, char *end)
{
	struct record record = {0};
	char *key = NULL, *key_end = NULL;
	int r = 0;

	while (p < end && r == 0) {
		char *text, *text_end;
		bool is_cut, is_key;

		if (*p == '{' || *p == '}') {
			r = flush(writer, &record, true);
			p++;
			continue;
		}
		if (key && is_word(key, key_end, "MESSAGE") && *p == '[') {
			p = json_bytes_end(p, end, &text, &text_end, &is_cut);
			take_member(&record, key, key_end, text, text_end, is_cut);
			key = NULL;
			continue;
		}
		if (key && is_word(key, key_end, "time") && isdigit((unsigned char)*p)) {
			take_time(&record, p, end);
			key = NULL;
		}
		if (*p != '"') {
			p++;
			continue;
		}
		p = json_string_end(p, end, &text, &text_end, &is_cut);
		while (p < end && isspace((unsigned char)*p))
			p++;
		is_key = p < end && *p == ':';
		if (!is_key && key)
			take_member(&record, key, key_end, text, text_end, is_cut);
		key = is_key ? text : NULL;
		key_end = text_end;
		p += is_key;
	}
	return r < 0 ? r : flush(writer, &record, false);
}

/* No report ends with such a line: where the log does, it may have been cut inside it,
 * whatever ended the line afterwards.
 */
static void doubt_last(struct log *log)
{
	static const char *const words[] = {
		"PGD ",	 "P4D ",  "PUD ",	   "PMD ",
		"PTE ",	 "CPU: ", "Pid: ",	   "Hardware name: ",
		"RIP: ", "IP: ",  "kernel BUG at "};
	struct log_line *last = log->nr ? &log->lines[log->nr - 1] : NULL;

	for (size_t i = 0; last && i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(last->text, words[i], strlen(words[i])) == 0)
			last->is_whole = false;
}

/* Objects of "dmesg -J" or "journalctl -o json"; "{code}" and other programs' are none.
 */
static bool is_records(const char *p, size_t nr)
{
	static const char *const keys[] = {"\"msg\"", "\"MESSAGE\""};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && nr && *p == '{'; i++)
		if (memmem(p, nr, keys[i], strlen(keys[i])))
			return true;
	return false;
}

int log_read(struct log *ret, const void *bytes, size_t nr_bytes)
{
	_cleanup_free_ char *copy = malloc(nr_bytes + 1);
	struct writer writer = {0};
	size_t blanks = 0;
	bool is_json;
	int r;

	/* Each line takes a byte more than its text, and at least one of the input. */
	writer.log.text = malloc(2 * nr_bytes + 2);
	if (!copy || !writer.log.text) {
		log_free(&writer.log);
		return -ENOMEM;
	}
	memcpy(copy, bytes, nr_bytes);
	nr_bytes = paste_plain(copy, nr_bytes);
	copy[nr_bytes] = '\0';
	while (blanks < nr_bytes && isspace((unsigned char)copy[blanks]))
		blanks++;
	is_json = is_records(copy + blanks, nr_bytes - blanks);
	if (!is_json) {
		nr_bytes = paste_unescape(copy, nr_bytes);
		nr_bytes = flat_split(copy, nr_bytes);
		copy[nr_bytes] = '\0';
	}
	r = is_json ? read_json(&writer, copy, copy + nr_bytes)
		    : read_text(&writer, copy, copy + nr_bytes);
	if (r < 0) {
		log_free(&writer.log);
		return r;
	}
	if (!is_json)
		wrap_join(&writer.log);
	wrap_order(&writer.log);
	r = pstore_order(&writer.log);
	if (r < 0) {
		log_free(&writer.log);
		return r;
	}
	doubt_last(&writer.log);
	*ret = writer.log;
	return 0;
}

void log_free(struct log *log)
{
	free(log->lines);
	free(log->text);
	*log = (struct log){0};
}
