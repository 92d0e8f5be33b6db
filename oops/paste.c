/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mail, browsers, editors and bug trackers made of a log's bytes, undone. */
#include "oops/paste.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Shorter texts show too little to be taken for UTF-16 without a mark. */
enum { MIN_UTF16_BYTES = 16, UTF16_SAMPLE_BYTES = 256 };

enum { MAX_URL = 256 };

/* No mail is quoted deeper. */
enum { MAX_DEPTH = 64 };

static bool starts(const char *p, const char *end, const char *word)
{
	size_t bytes = strlen(word);

	return (size_t)(end - p) >= bytes && memcmp(p, word, bytes) == 0;
}

/* 0: not UTF-16; else the index of the byte with the low half, plus 1. */
static int utf16_order(const char *bytes, size_t nr)
{
	size_t nr_zeros[2] = {0},
	       sample = nr < UTF16_SAMPLE_BYTES ? nr : UTF16_SAMPLE_BYTES;

	if (starts(bytes, bytes + nr, "\xff\xfe"))
		return 1;
	if (starts(bytes, bytes + nr, "\xfe\xff"))
		return 2;
	if (nr < MIN_UTF16_BYTES)
		return 0;
	for (size_t i = 0; i < sample; i++)
		nr_zeros[i & 1] += bytes[i] == '\0';
	if (nr_zeros[1] * 4 > sample && nr_zeros[0] == 0)
		return 1;
	if (nr_zeros[0] * 4 > sample && nr_zeros[1] == 0)
		return 2;
	return 0;
}

/* A log's own words are ASCII; another character counts as one '?'. */
static size_t undo_utf16(char *bytes, size_t nr)
{
	int order = utf16_order(bytes, nr);
	size_t to = 0;

	if (!order)
		return nr;
	for (size_t i = 0; i + 1 < nr; i += 2) {
		unsigned low = (unsigned char)bytes[i + (order == 2)];
		unsigned high = (unsigned char)bytes[i + (order == 1)];
		unsigned value = high << 8 | low;

		if (value == 0xfeff)
			continue;
		bytes[to++] = value == 0xa0 ? ' ' : value < 0x80 ? (char)value : '?';
	}
	return to;
}

/* The mark of UTF-8, blanks that do not break, blanks without width, carriage returns;
 * what blogs make of "0x46", "--", "..." and quotes. None is shorter than what it was.
 */
static size_t undo_characters(char *bytes, size_t nr)
{
	static const struct {
		const char *from;
		const char *to;
	} rows[] = {
		{"\xef\xbb\xbf", ""},	 {"\xc2\xa0", " "},
		{"\xe2\x80\x8b", ""},	 {"\r\n", "\n"},
		{"\xe2\x80\xaf", " "},	 {"\xc2\xad", ""},
		{"\xc3\x97", "x"},	 {"\xe2\x80\x91", "-"},
		{"\xe2\x80\x93", "--"},	 {"\xe2\x80\x94", "---"},
		{"\xe2\x80\xa6", "..."}, {"\xe2\x80\x98", "'"},
		{"\xe2\x80\x99", "'"},	 {"\xe2\x80\x9c", "\""},
		{"\xe2\x80\x9d", "\""},	 {"\xc3\x82\xc2\xa0", " "},
		{"\xc3\x82 ", " "},	 {"\xe2\x80\xa8", "\n"},
		{"\xe2\x80\xa9", "\n"},	 {"\xc2\x85", "\n"},
	};
	const char *p = bytes, *end = bytes + nr;
	char *to = bytes;

	while (p < end) {
		/* What all of them start with. */
		bool is_plain = (unsigned char)*p < 0x80 && *p != '\r';
		size_t taken = 0;

		for (size_t i = 0;
		     i < sizeof(rows) / sizeof(rows[0]) && !is_plain && !taken; i++) {
			if (!starts(p, end, rows[i].from))
				continue;
			taken = strlen(rows[i].from);
			for (const char *c = rows[i].to; *c; c++)
				*to++ = *c;
		}
		if (!taken)
			*to++ = *p++;
		p += taken;
	}
	return (size_t)(to - bytes);
}

/* "=3D": upper case only, as mailers write it; "(next=ffff...)" is none. */
static int quoted_byte(const char *p, const char *end)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *high, *low;

	if (end - p < 3 || !p[1] || !p[2])
		return -1;
	high = strchr(digits, p[1]);
	low = strchr(digits, p[2]);
	return high && low ? (int)((high - digits) << 4 | (low - digits)) : -1;
}

/* The length of "=", blanks and a line's end, or 0. */
static size_t soft_break(const char *p, const char *end)
{
	const char *c = p + 1;

	while (c < end && (*c == ' ' || *c == '\t'))
		c++;
	return c < end && *c == '\n' ? (size_t)(c + 1 - p) : 0;
}

/* In quoted-printable each '=' starts an escape or breaks the line; one of the escapes
 * that only a mailer writes must be there.
 */
static bool is_quoted_printable(const char *p, const char *end)
{
	size_t nr_escapes = 0, nr_others = 0, nr_sure = 0;

	for (; (p = memchr(p, '=', (size_t)(end - p))); p++) {
		int value = quoted_byte(p, end);

		if (soft_break(p, end) || value == '=' || value == '\n' ||
		    (value == ' ' && p + 3 < end && p[3] == '\n'))
			nr_sure++;
		else if (value >= 0)
			nr_escapes++;
		else
			nr_others++;
	}
	return nr_sure > 0 && nr_others * 4 <= nr_sure + nr_escapes;
}

static size_t undo_quoted_printable(char *bytes, size_t nr)
{
	const char *p = bytes, *end = bytes + nr;
	char *to = bytes;
	int depth = 0;

	if (!is_quoted_printable(bytes, end))
		return nr;
	while (p < end) {
		size_t broken = *p == '=' ? soft_break(p, end) : 0;
		int value = *p == '=' ? quoted_byte(p, end) : -1;

		if (p == bytes || p[-1] == '\n')
			paste_quotes(p, end, MAX_DEPTH, &depth);
		if (broken) {
			/* Quoted after it was encoded: each part has the marks. */
			p += broken;
			p += depth ? paste_quotes(p, end, depth, &depth) : 0;
		} else if (value >= 0) {
			*to++ = (char)value;
			p += 3;
		} else {
			*to++ = *p++;
		}
	}
	return (size_t)(to - bytes);
}

/* Elements; what ends a line is marked. No name of two hexadecimal digits is among them:
 * "<dd>" is a marked byte.
 */
static const struct {
	const char *name;
	bool is_break, is_break_at_end;
} elements[] = {
	{"br", true, false},	     {"p", false, true},
	{"div", false, true},	     {"tr", false, true},
	{"li", false, true},	     {"pre", false, true},
	{"blockquote", false, true}, {"span", false, false},
	{"code", false, false},	     {"td", false, false},
	{"table", false, false},     {"tbody", false, false},
	{"ul", false, false},	     {"ol", false, false},
	{"tt", false, false},	     {"i", false, false},
	{"u", false, false},	     {"em", false, false},
	{"strong", false, false},    {"font", false, false},
	{"html", false, false},	     {"head", false, false},
	{"body", false, false},	     {"meta", false, false},
	{"title", false, true},	     {"hr", true, false},
	{"wbr", false, false},	     {"samp", false, false},
	{"a href", false, false},    {"a class", false, false},
	{"/a", false, false},	     {"!doctype", false, false},
};

/* The length of the tag at @p, or 0. *@is_break: a new line starts behind it. */
static size_t html_tag(const char *p, const char *end, bool *is_break)
{
	size_t room = (size_t)(end - p < 400 ? end - p : 400);
	const char *close = memchr(p, '>', room), *name = p + 1;
	bool is_end = name < end && *name == '/';

	if (!close)
		return 0;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		const char *word = elements[i].name;
		const char *start = is_end && *word != '/' ? name + 1 : name;
		size_t bytes = strlen(word);

		if ((size_t)(close - start) < bytes ||
		    strncasecmp(start, word, bytes) != 0 ||
		    isalnum((unsigned char)start[bytes]))
			continue;
		*is_break = elements[i].is_break ||
			    (is_end && elements[i].is_break_at_end);
		return (size_t)(close + 1 - p);
	}
	return 0;
}

static size_t html_entity(const char *p, const char *end, char *ret)
{
	static const struct {
		const char *text;
		char character;
	} rows[] = {
		{"&lt;", '<'},	 {"&gt;", '>'},	   {"&amp;", '&'},  {"&quot;", '"'},
		{"&#39;", '\''}, {"&nbsp;", ' '},  {"&#60;", '<'},  {"&#62;", '>'},
		{"&#35;", '#'},	 {"&#x27;", '\''}, {"&#160;", ' '}, {"&apos;", '\''},
		{"&#43;", '+'},	 {"&#34;", '"'},
	};
	const char *c = p + 2;
	bool is_hex = c < end && (*c | 0x20) == 'x';
	unsigned value = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!starts(p, end, rows[i].text))
			continue;
		*ret = rows[i].character;
		return strlen(rows[i].text);
	}
	if (!starts(p, end, "&#"))
		return 0;
	for (c += is_hex; c < end && c - p < 8 && isxdigit((unsigned char)*c); c++)
		value = value * (is_hex ? 16 : 10) +
			(isdigit((unsigned char)*c) ? (unsigned)(*c - '0')
						    : (unsigned)(*c | 0x20) - 'a' + 10);
	if (c == end || *c != ';' || value < ' ' || value > '~')
		return 0;
	*ret = (char)value;
	return (size_t)(c + 1 - p);
}

static bool is_html(const char *p, const char *end)
{
	for (; p < end; p++) {
		bool is_break;
		char character;

		if (*p == '<' && html_tag(p, end, &is_break))
			return true;
		if (*p == '&' && html_entity(p, end, &character))
			return true;
	}
	return false;
}

static size_t undo_html(char *bytes, size_t nr)
{
	const char *p = bytes, *end = bytes + nr;
	char *to = bytes;

	if (!is_html(p, end))
		return nr;
	while (p < end) {
		bool is_break = false;
		char character;
		size_t n = *p == '<' ? html_tag(p, end, &is_break) : 0;

		if (n) {
			p += n;
			if (is_break && (p == end || *p != '\n'))
				*to++ = '\n';
			continue;
		}
		n = *p == '&' ? html_entity(p, end, &character) : 0;
		*to++ = n ? character : *p;
		p += n ? n : 1;
	}
	return (size_t)(to - bytes);
}

/* A blank that does not break, read as Latin-1 and stripped of its accent, is "A ". The
 * kernel's digits are of the lower case.
 */
static bool is_accented_blank(const char *bytes, const char *p, const char *end)
{
	const char *line = p;

	if (p == bytes || end - p < 2 || p[1] != ' ')
		return false;
	if (memchr(" :]", p[-1], 3) || isdigit((unsigned char)p[-1]) ||
	    (p[-1] >= 'a' && p[-1] <= 'f'))
		return true;
	while (line > bytes && line[-1] != '\n' && !starts(line, end, "Tainted: "))
		line--;
	return isupper((unsigned char)p[-1]) && starts(line, end, "Tainted: ");
}

static size_t undo_accents(char *bytes, size_t nr)
{
	static const char *const signs[] = {"]A  [<", "FS:A  0", "CS:A  "};
	const char *p = bytes, *end = bytes + nr;
	char *to = bytes;
	bool has_sign = false;

	for (; !has_sign && p < end && (p = memchr(p, 'A', (size_t)(end - p))); p++)
		for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
			size_t before = strcspn(signs[i], "A");

			has_sign |= (size_t)(p - bytes) >= before &&
				    starts(p - before, end, signs[i]);
		}
	if (!has_sign)
		return nr;
	/* What was written is never ahead of what is read: no 'A' behind @p is gone. */
	for (p = bytes; p < end; p++)
		if (*p != 'A' || !is_accented_blank(bytes, p, end))
			*to++ = *p;
	return (size_t)(to - bytes);
}

/* Form feeds and vertical tabs end a line. So does what stands for the line's end in a
 * text without one: a carriage return, the zeros of a file of strings.
 */
static void undo_line_ends(char *bytes, size_t nr)
{
	bool has_line = memchr(bytes, '\n', nr) != NULL;

	for (size_t i = 0; i < nr; i++)
		if (bytes[i] == '\f' || bytes[i] == '\v' ||
		    (!has_line && i + 1 < nr && (bytes[i] == '\r' || bytes[i] == '\0')))
			bytes[i] = '\n';
}

size_t paste_unescape(char *bytes, size_t nr)
{
	static const char from[] = "nrt\"/\\", to_be[] = "\n\r\t\"/\\";
	enum { MIN_LINES = 3 };
	const char *p, *end = bytes + nr;
	char *to = bytes;
	size_t nr_escapes = 0, nr_lines = 0;

	for (p = bytes; p + 1 < end; p++) {
		nr_lines += *p == '\n';
		nr_escapes += p[0] == '\\' && p[1] == 'n';
	}
	if (nr_escapes < MIN_LINES || nr_escapes <= nr_lines)
		return nr;
	for (p = bytes; p < end;) {
		const char *which = *p == '\\' && p + 1 < end && p[1] ? strchr(from, p[1])
								      : NULL;

		if (starts(p, end, "\\u003c") || starts(p, end, "\\u003e") ||
		    starts(p, end, "\\u0026")) {
			*to++ = p[5] == 'c' ? '<' : p[5] == 'e' ? '>' : '&';
			p += 6;
		} else {
			*to++ = which ? to_be[which - from] : *p;
			p += which ? 2 : 1;
		}
	}
	return (size_t)(to - bytes);
}

/* The length of "{code:title=x}" or "[QUOTE=somebody]" at @p, or 0. */
static size_t fence(const char *p, const char *end)
{
	static const struct {
		const char *word;
		char close; /* what may follow goes to here; 0: nothing may */
	} rows[] = {
		{"```", 0},	 {"~~~", 0},	     {"{{{", 0},     {"}}}", 0},
		{"{code", '}'},	 {"{noformat", '}'}, {"[code", ']'}, {"[/code", ']'},
		{"[quote", ']'}, {"[/quote", ']'},   {"[pre", ']'},  {"[/pre", ']'},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t bytes = strlen(rows[i].word);
		size_t room = (size_t)(end - p < 64 ? end - p : 64);
		const char *close;

		if (room < bytes || strncasecmp(p, rows[i].word, bytes) != 0)
			continue;
		if (!rows[i].close)
			return bytes;
		close = memchr(p, rows[i].close, room);
		if (close && !isalnum((unsigned char)p[bytes]))
			return (size_t)(close + 1 - p);
	}
	return 0;
}

void paste_fence(const char **line, const char **end)
{
	const char *p = *line, *stop = *end;
	size_t n;

	while (p < *end && isblank((unsigned char)*p))
		p++;
	n = fence(p, *end);
	if (n)
		*line = p + n;
	while (stop > *line && isspace((unsigned char)stop[-1]))
		stop--;
	/* No fence is longer at the end. */
	for (p = stop - *line > 12 ? stop - 12 : *line; p < stop; p++)
		if (fence(p, stop) && p + fence(p, stop) == stop) {
			*end = p;
			return;
		}
}

size_t paste_plain(char *bytes, size_t nr)
{
	bool is_twice;

	nr = undo_utf16(bytes, nr);
	nr = undo_characters(bytes, nr);
	undo_line_ends(bytes, nr);
	nr = undo_quoted_printable(bytes, nr);
	/* "&amp;lt;": what was HTML before it was put into HTML. */
	is_twice = memmem(bytes, nr, "&amp;", 5) != NULL;
	nr = undo_html(bytes, nr);
	if (is_twice)
		nr = undo_html(bytes, nr);
	nr = undo_accents(bytes, nr);
	/* "=C2=A0" is a blank that does not break. */
	return undo_characters(bytes, nr);
}

size_t paste_quotes(const char *line, const char *end, int max_depth, int *ret_depth)
{
	const char *p = line;

	*ret_depth = 0;
	while (*ret_depth < max_depth) {
		const char *c = p;

		while (c < end && *c == ' ' && c - p < 2)
			c++;
		if (c == end || (*c != '>' && *c != '|'))
			break;
		p = c + 1;
		++*ret_depth;
	}
	if (*ret_depth && p < end && *p == ' ')
		p++;
	return (size_t)(p - line);
}

/* The length of "[26/4066]", where a terminal's pager was in its text. */
static size_t pager_mark(const char *p, const char *end)
{
	const char *c = p + 1;
	bool has_slash = false;

	for (; c < end && c - p < 20 && (isdigit((unsigned char)*c) || *c == '/'); c++) {
		if (*c == '/' && (has_slash || c == p + 1))
			return 0;
		has_slash |= *c == '/';
	}
	return has_slash && c < end && *c == ']' && c[-1] != '/' ? (size_t)(c + 1 - p)
								 : 0;
}

/* The length of an URL at @p, or 0. *@number is where its last digits begin, @nr_digits
 * of them, if it ends with a number as an issue's does.
 */
static size_t url(const char *p, const char *end, const char **number, int *nr_digits)
{
	const char *c = p;

	if (!starts(p, end, "http://") && !starts(p, end, "https://"))
		return 0;
	/* What is longer is no issue's: it is not looked through once more at each "h".
	 */
	if (end - p > MAX_URL)
		end = p + MAX_URL;
	while (c < end && !isspace((unsigned char)*c) && !strchr("])>", *c))
		c++;
	*number = c;
	while (*number > p && isdigit((unsigned char)(*number)[-1]))
		--*number;
	*nr_digits = (int)(c - *number);
	if (!strchr("/=", (*number)[-1]))
		*nr_digits = 0;
	return (size_t)(c - p);
}

/* The length of "[#1](https://...)" at @p, or 0; its text is between the brackets. */
static size_t markdown_link(const char *p, const char *end)
{
	size_t room = (size_t)(end - p < 24 ? end - p : 24);
	const char *close = memchr(p, ']', room), *number;
	int nr_digits;
	size_t n;

	if (!close || end - close < 3 || close[1] != '(' || p[1] != '#')
		return 0;
	n = url(close + 2, end, &number, &nr_digits);
	return n && close + 2 + n < end && close[2 + n] == ')'
		       ? (size_t)(close + 3 + n - p)
		       : 0;
}

/* The length of "(<ffffffff81001f2a>])" at @p, or 0: a tracker's second half of
 * "[<address>]  [<address>]".
 */
static size_t address_link(const char *p, const char *end)
{
	const char *c = p + 2;

	if (!starts(p, end, "(<"))
		return 0;
	while (c < end && isxdigit((unsigned char)*c))
		c++;
	return c - p == 18 && starts(c, end, ">])") ? 21 : 0;
}

/* The length of "(#1])" at @p, or 0: of "[#1] SMP" and the next line's time. */
static size_t number_link(const char *p, const char *end)
{
	const char *c = p + 2;

	if (!starts(p, end, "(#"))
		return 0;
	while (c < end && isdigit((unsigned char)*c))
		c++;
	return c - p > 2 && starts(c, end, "])") ? (size_t)(c + 2 - p) : 0;
}

/* One of the marks at @*p, its replacement put to @*to. Returns whether there was one. */
static bool undo_mark(const char *line, const char **p, const char *end, char **to)
{
	const char *number;
	int nr_digits;
	size_t n;

	if (**p == '\\' && *p + 1 < end && strchr("_[]<>#*~+-.!(){}|=`", (*p)[1])) {
		*(*to)++ = (*p)[1];
		*p += 2;
		return true;
	}
	if (**p == 'h' && (n = url(*p, end, &number, &nr_digits)) && nr_digits) {
		*(*to)++ = '#';
		memmove(*to, number, (size_t)nr_digits);
		*to += nr_digits;
		*p += n;
		return true;
	}
	if (**p == '[' && (n = markdown_link(*p, end))) {
		const char *close = memchr(*p, ']', n);
		bool has_bracket = *p > line && (*p)[-1] == '[' && *p + n < end &&
				   (*p)[n] == ']';
		/* Behind an error code stands "[#1]", before a build's date "#1". */
		bool is_die = *to - line > 4 && (*to)[-1] == ' ' &&
			      isxdigit((unsigned char)(*to)[-2]) &&
			      isxdigit((unsigned char)(*to)[-5]) && (*to)[-6] == ' ';
		const char *from = *p + !(is_die && !has_bracket);
		size_t bytes = (size_t)(close - from) + (is_die && !has_bracket);

		memmove(*to, from, bytes);
		*to += bytes;
		*p += n;
		return true;
	}
	if (**p == '(' && ((n = address_link(*p, end)) || (n = number_link(*p, end)))) {
		*p += n;
		return true;
	}
	if (**p == '[' && (n = pager_mark(*p, end))) {
		*p += n;
		return true;
	}
	if (starts(*p, end, "[ [<")) {
		*p += 2;
		return true;
	}
	return false;
}

char *paste_line(char *line, char *end, bool *has_edge)
{
	const char *p = line, *open;
	char *to = line;

	while (p < end)
		if (!undo_mark(line, &p, end, &to))
			*to++ = *p++;
	*has_edge = false;
	if (to - line < 20 || to[-1] != '>')
		return to;
	open = memrchr(line, '<', (size_t)(to - line));
	if (open && to - open < 24 && !memchr(open, '>', (size_t)(to - 1 - open)))
		return to;
	*has_edge = true;
	return to - 1;
}
