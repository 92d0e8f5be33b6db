/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a log as the kernel wrote them. */
#include "oops/wrap.h"

#include <ctype.h>
#include <string.h>

#include "oops/pstore.h"
#include "oops/registers.h"

enum { ADDRESS_DIGITS = 16 };

/* A mailer breaks a line where the next word would pass the 72nd or 80th column; quoting
 * and a lost prefix move that by some.
 */
enum { MIN_WRAP_COLUMN = 56, MAX_WRAP_COLUMN = 84 };

/* No terminal that cuts lines is wider; most that do are so wide. */
enum { MAX_CUT_COLUMN = 200, COMMON_COLUMNS = 80 };

/* Longer than that no line of a report's dump is. */
enum { MAX_JOINED_BYTES = 4096 };

enum join { JOIN_NONE = 0, JOIN_SPACE, JOIN_TIGHT };

/* What only a new message starts with. */
static const char *const starts[] = {
	"BUG: ",
	"#PF",
	"PGD ",
	"P4D ",
	"PUD ",
	"PMD ",
	"PTE ",
	"Oops",
	"Bad pagetable",
	"CPU: ",
	"Pid: ",
	"Tainted: [",
	"Hardware name:",
	"RIP",
	"IP: ",
	"Code:",
	"RSP:",
	"RAX:",
	"RDX:",
	"RBP:",
	"R10:",
	"R13:",
	"FS:",
	"CS:",
	"CR2:",
	"DR0:",
	"DR3:",
	"PKRU",
	"Call ",
	"<TASK>",
	"</TASK>",
	"<IRQ>",
	"</IRQ>",
	"<NMI>",
	"</NMI>",
	"? ",
	"Modules linked",
	"---[",
	"----",
	"note: ",
	"Kernel panic",
	"Kernel Offset",
	"general protection",
	"invalid opcode",
	"double fault",
	"list_add ",
	"list_del ",
	"kernel BUG ",
	"WARNING: ",
	"Workqueue:",
	"kernel tried ",
	"unable to execute",
	"CFI failure",
};

static const char *const registers[] = {
	"RAX:", "RBX:", "RCX:",	   "RDX:",	"RSI:", "RDI:", "RBP:",
	"RSP:", "R08:", "R09:",	   "R10:",	"R11:", "R12:", "R13:",
	"R14:", "R15:", "EFLAGS:", "ORIG_RAX:", "FS:",	"GS:",	"knlGS:",
	"CS:",	"DS:",	"ES:",	   "CR0:",	"CR2:", "CR3:", "CR4:",
};

static const char *const tables[] = {"PGD ", "P4D ", "PUD ", "PMD ", "PTE "};

static bool begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

static bool is_start(const char *text)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (begins(text, starts[i]))
			return true;
	return pstore_is_head(text);
}

/* What people put where they left lines out. */
static bool is_gap(const char *text)
{
	static const char *const words[] = {"...",   "[...",  "[snip",
					    "<snip", "(snip", "-- "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins(text, words[i]))
			return true;
	return false;
}

/* Two lines of which the second may be the first's end. */
struct pair {
	const struct log_line *line, *next;
	const char *text, *end; /* of the first, without trailing blanks */
	const char *last;	/* its last word */
	const char *more;	/* the second's text */
	bool is_hard;		/* a terminal breaks lines here, inside words */
	bool is_at_width;	/* the first is as wide as it is */
};

static size_t nr_hex(const char *text)
{
	size_t nr = 0;

	while (isxdigit((unsigned char)text[nr]))
		nr++;
	return nr;
}

static bool is_word_end(char c)
{
	return c == '\0' || c == ' ';
}

/* "4.19.82" and "-amd64", "1.16." and "2": no word starts so, whatever the width was. */
static bool is_inside_word(const struct pair *pair)
{
	const char *end = pair->end, *more = pair->more;

	if (*more == '-' && isalnum((unsigned char)more[1]))
		return isalnum((unsigned char)end[-1]);
	return end - pair->text > 1 && end[-1] == '.' &&
	       isdigit((unsigned char)end[-2]) && isdigit((unsigned char)*more);
}

static enum join how(const struct pair *pair)
{
	if (!pair->next->is_indented && is_inside_word(pair))
		return JOIN_TIGHT;
	return pair->is_hard && !pair->next->is_indented && pair->end[0] != ' '
		       ? JOIN_TIGHT
		       : JOIN_SPACE;
}

/* An address's last digits, or all of them. */
static enum join join_address(const struct pair *pair)
{
	const char *digits = begins(pair->last, "0x") ? pair->last + 2 : pair->last;
	size_t has = nr_hex(digits), more = nr_hex(pair->more);

	if (has && digits + has == pair->end && has < ADDRESS_DIGITS &&
	    has + more == ADDRESS_DIGITS)
		return JOIN_TIGHT;
	return has == ADDRESS_DIGITS ? JOIN_NONE : how(pair);
}

/* Whether the first's last word and the second's start make one of @names. */
static bool is_parted(const char *const names[], size_t nr, const struct pair *pair)
{
	size_t bytes = (size_t)(pair->end - pair->last);

	for (size_t i = 0; i < nr; i++)
		if (bytes < strlen(names[i]) &&
		    strncmp(names[i], pair->last, bytes) == 0 &&
		    begins(pair->more, names[i] + bytes))
			return true;
	return false;
}

/* Whether a mailer had a reason to break the line there. */
static bool is_full(const struct pair *pair)
{
	size_t word = strcspn(pair->more, " "), width = pair->line->width;

	return pair->is_hard ||
	       (width + 1 + word >= MIN_WRAP_COLUMN && width <= MAX_WRAP_COLUMN);
}

/* Text of any words. */
static enum join join_words(const struct pair *pair)
{
	return is_full(pair) ? how(pair) : JOIN_NONE;
}

/* "general protection fault, probably for non-canonical address" */
static enum join join_die(const struct pair *pair)
{
	/* "SMP NOPTI" */
	if (strstr(pair->text, "[#"))
		return pair->more[strspn(pair->more, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_ ")] == 0
			       ? join_words(pair)
			       : JOIN_NONE;
	if (strstr(pair->more, "[#"))
		return how(pair);
	return strstr(pair->text, "general") ? join_words(pair) : JOIN_NONE;
}

/* "#PF: supervisor write access in kernel" */
static enum join join_mode(const struct pair *pair)
{
	if (strstr(pair->text, "error_code(") || strstr(pair->text, " mode") ||
	    !strstr(pair->more, "mode"))
		return JOIN_NONE;
	return how(pair);
}

/* "PGD 3c415067 P4D 3c415067 PUD 3c416063 PMD" */
static enum join join_tables(const struct pair *pair)
{
	size_t more = nr_hex(pair->more), has = nr_hex(pair->last);

	if (is_parted(tables, sizeof(tables) / sizeof(tables[0]), pair))
		return JOIN_TIGHT;
	if (!more || !is_word_end(pair->more[more]))
		return JOIN_NONE;
	if (has && pair->last + has == pair->end)
		return *pair->end == '\0' && !begins(pair->more, "P") ? JOIN_TIGHT
								      : JOIN_NONE;
	return JOIN_SPACE;
}

/* "f (kernel/a.c:12", of scripts/decode_stacktrace.sh, which has a line of the source for
 * each inlined function.
 */
static bool is_inside_places(const struct pair *pair)
{
	const char *open = strstr(pair->text, " (");

	return open && strchr(open, ':') && !strchr(open, ')') &&
	       isdigit((unsigned char)pair->end[-1]) && strchr(pair->more, ':');
}

/* "RIP: 0010:", the name, its module. */
static enum join join_site(const struct pair *pair)
{
	const char *open = strrchr(pair->text, '[');

	if (!strstr(pair->text, "+0x")) {
		if (is_inside_places(pair))
			return JOIN_SPACE;
		if (pair->end[-1] == ':')
			return pair->last == pair->text ? JOIN_SPACE : JOIN_TIGHT;
		/* A name has no blanks: the address before it is all that can part. */
		return pair->is_at_width || strstr(pair->text, "[<") ? how(pair)
								     : JOIN_NONE;
	}
	if (open && !strchr(open, ']'))
		return how(pair);
	if (*pair->more == '[' && pair->more[1] != '<' && strchr(pair->more, ']') &&
	    !open)
		return JOIN_SPACE;
	return pair->is_at_width ? how(pair) : JOIN_NONE;
}

/* Only bytes, one of them marked: "ff <48> c7", "> c7 02", "8> c7". */
static bool is_code(const char *text)
{
	size_t nr = 0;

	for (; *text; text++) {
		if (*text == ' ') {
			nr = 0;
			continue;
		}
		if (!isxdigit((unsigned char)*text) && *text != '<' && *text != '>')
			return false;
		if (++nr > 4)
			return false;
	}
	return true;
}

static enum join join_code(const struct pair *pair)
{
	size_t bytes = (size_t)(pair->end - pair->last);
	bool is_open = *pair->last == '<' && pair->end[-1] != '>';

	if (strstr(pair->text, "opcode bytes at"))
		return begins(pair->more, "0x") || begins(pair->more, "RIP ") ? JOIN_SPACE
									      : JOIN_NONE;
	if (!is_code(pair->more))
		return JOIN_NONE;
	if (is_open || (bytes == 1 && isxdigit((unsigned char)*pair->last)))
		return JOIN_TIGHT;
	return JOIN_SPACE;
}

static bool is_register(const char *text)
{
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (begins(text, registers[i]))
			return true;
	return false;
}

static enum join join_registers(const struct pair *pair)
{
	size_t more = nr_hex(pair->more), has = nr_hex(pair->last);

	if (pair->end[-1] == ':')
		return more >= 4 ? JOIN_SPACE : JOIN_NONE;
	if (is_register(pair->more))
		return JOIN_SPACE;
	if (is_parted(registers, sizeof(registers) / sizeof(registers[0]), pair))
		return JOIN_TIGHT;
	/* "ffffffff888" and "349f0": 16 digits, and 8 of EFLAGS, 4 of a selector. */
	if (has && pair->last + has == pair->end &&
	    (has + more == ADDRESS_DIGITS || has + more == 8 || has + more == 4) && more)
		return JOIN_TIGHT;
	return pair->is_at_width && more ? JOIN_TIGHT : JOIN_NONE;
}

static enum join join_modules(const struct pair *pair)
{
	for (const char *c = pair->more; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_ ()+-[]:", *c))
			return JOIN_NONE;
	return join_words(pair);
}

static enum join join_list(const struct pair *pair)
{
	bool is_done = strchr(".)", pair->end[-1]) != NULL;

	if (is_done && !begins(pair->more, "(prev=") && !begins(pair->more, "(next="))
		return JOIN_NONE;
	return how(pair);
}

static enum join join_bug(const struct pair *pair)
{
	return pair->end[-1] == '!' || !strchr(pair->more, '!') ? JOIN_NONE : how(pair);
}

/* "KASAN: null-ptr-deref in range" and "[0x0000000000000070-0x0000000000000077]" */
static enum join join_range(const struct pair *pair)
{
	return strchr(pair->text, '[') || !begins(pair->more, "[0x") ? JOIN_NONE
								     : JOIN_SPACE;
}

static const struct {
	const char *word;
	enum join (*join)(const struct pair *pair);
} kinds[] = {
	{"BUG: unable to handle", join_address},
	{"BUG: kernel NULL pointer", join_address},
	{"#PF: ", join_mode},
	{"PGD ", join_tables},
	{"P4D ", join_tables},
	{"PUD ", join_tables},
	{"PMD ", join_tables},
	{"PTE ", join_tables},
	{"CPU: ", join_words},
	{"Hardware name:", join_words},
	{"RIP: ", join_site},
	{"RIP:", join_site},
	{"IP: ", join_site},
	{"Code:", join_code},
	{"RSP:", join_registers},
	{"RAX:", join_registers},
	{"RDX:", join_registers},
	{"RBP:", join_registers},
	{"R10:", join_registers},
	{"R13:", join_registers},
	{"FS:", join_registers},
	{"CS:", join_registers},
	{"CR2:", join_registers},
	{"Modules linked in:", join_modules},
	{"list_add ", join_list},
	{"list_del ", join_list},
	{"CFI failure", join_words},
	{"kernel BUG at", join_bug},
	{"Oops", join_die},
	{"general protection", join_die},
	{"segment-related", join_die},
	{"stack segment", join_die},
	{"KASAN: ", join_range},
	{"invalid opcode", join_die},
	{"double fault", join_die},
};

/* "do_one_initcall+0x59/0x220" without its "[module]", or cut by a terminal. */
static enum join join_frame(const struct pair *pair)
{
	const char *plus = strstr(pair->text, "+0x");
	const char *name = begins(pair->text, "? ") ? pair->text + 2 : pair->text;

	if (pair->is_at_width &&
	    (plus || (!strchr(name, ' ') && strstr(pair->more, "0x"))))
		return how(pair);
	if (!plus && is_inside_places(pair))
		return JOIN_SPACE;
	if (!plus || !strchr(plus, '/') || strchr(plus, '['))
		return JOIN_NONE;
	return *pair->more == '[' && strchr(pair->more, ']') && !strchr(pair->more, ' ')
		       ? JOIN_SPACE
		       : JOIN_NONE;
}

/* How a log's lines were broken. */
struct breaks {
	bool is_hard; /* a terminal's width did it, not a mailer */
	bool is_cut;  /* nothing follows where that width is reached: it was cut there */
	size_t width; /* that width; 0: not known */
};

static enum join join_of(const struct log_line *line, const char *end,
			 const struct log_line *next, const struct breaks *breaks)
{
	struct pair pair = {.line = line,
			    .next = next,
			    .text = line->text,
			    .end = end,
			    .more = next->text,
			    .is_hard = breaks->is_hard};

	pair.is_at_width = breaks->is_hard && line->width == breaks->width;
	/* What has a time stamp, a header or its own prefix is a message of its own. */
	if (!next->is_bare || is_start(next->text) || is_gap(next->text) ||
	    !line->is_whole)
		return JOIN_NONE;
	while (pair.end > pair.text && pair.end[-1] == ' ')
		pair.end--;
	if (pair.end == pair.text)
		return JOIN_NONE;
	pair.last = pair.end;
	while (pair.last > pair.text && pair.last[-1] != ' ')
		pair.last--;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (begins(pair.text, kinds[i].word))
			return kinds[i].join(&pair);
	return join_frame(&pair);
}

/* A mailer breaks lines at blanks, which are gone then; a terminal inside words, too:
 * a register's value shows which it was. Where none does at least three lines have the
 * terminal's width, and none is longer.
 */
static struct breaks breaks_of(const struct log *log)
{
	struct breaks breaks = {0};
	size_t nr_wide = 0, nr_soft = 0, nr_inside = 0, nr_continued = 0;

	for (size_t i = 0; i < log->nr; i++)
		if (log->lines[i].width > breaks.width)
			breaks.width = log->lines[i].width;
	for (size_t i = 0; i < log->nr; i++) {
		const struct log_line *line = &log->lines[i];
		size_t bytes = strlen(line->text);
		bool has_blank = bytes && line->text[bytes - 1] == ' ';
		enum join join = JOIN_NONE;

		nr_wide += line->width == breaks.width;
		nr_continued += line->width == breaks.width && i + 1 < log->nr &&
				line[1].is_bare && !is_start(line[1].text);
		if (i + 1 < log->nr)
			join = join_of(line, line->text + bytes, line + 1,
				       &(struct breaks){0});
		nr_inside += join == JOIN_TIGHT && bytes && line->text[bytes - 1] != ':';
		nr_soft += join == JOIN_SPACE && !has_blank && !line[1].is_indented &&
			   line->width < breaks.width;
	}
	breaks.is_hard = nr_inside || nr_soft
				 ? nr_inside > nr_soft
				 : nr_wide >= 3 && breaks.width >= MIN_WRAP_COLUMN;
	breaks.is_cut = nr_wide >= (breaks.width == COMMON_COLUMNS ? 2 : 3) &&
			nr_continued * 2 < nr_wide &&
			(nr_soft + nr_inside) * 4 < nr_wide &&
			breaks.width >= MIN_WRAP_COLUMN && breaks.width <= MAX_CUT_COLUMN;
	return breaks;
}

void wrap_join(struct log *log)
{
	struct breaks breaks = breaks_of(log);
	size_t to = 0;
	char *end = NULL; /* of the line at @to */

	for (size_t i = 0; i < log->nr; i++) {
		struct log_line *next = &log->lines[i];
		size_t bytes = strlen(next->text);
		struct log_line *line = to ? &log->lines[to - 1] : NULL;
		enum join join = JOIN_NONE;

		if (line && (size_t)(end - line->text) + bytes < MAX_JOINED_BYTES)
			join = join_of(line, end, next, &breaks);
		if (join == JOIN_NONE) {
			if (line && breaks.is_cut && line->width == breaks.width)
				line->is_whole = false;
			end = log->text + (next->text - log->text) + bytes;
			log->lines[to++] = *next;
			continue;
		}
		if (join == JOIN_SPACE && end[-1] != ' ')
			*end++ = ' ';
		memmove(end, next->text, bytes + 1);
		end += bytes;
		line->width = next->width;
		line->is_whole = next->is_whole;
	}
	if (to && breaks.is_cut && log->lines[to - 1].width == breaks.width)
		log->lines[to - 1].is_whole = false;
	log->nr = to;
}

/* Where a line stands among the first of a page fault's report; -1: it is none. Other
 * messages may stand between them.
 */
static int head_line(const char *text)
{
	static const char *const words[][2] = {
		{"BUG: unable to handle page fault", "BUG: kernel NULL pointer"},
		{"#PF: supervisor ", "#PF: user "},
		{"#PF: error_code(", "#PF: error_code("},
		{"PGD ", "PGD "},
		{"Oops: 00", "Oops: Oops: 00"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins(text, words[i][0]) || begins(text, words[i][1]))
			return (int)i;
	return -1;
}

void wrap_order(struct log *log)
{
	size_t nr_forward = 0, nr_backward = 0;
	int last = -1;

	for (size_t i = 0; i < log->nr; i++) {
		int one = registers_line(log->lines[i].text);
		int two = i + 1 < log->nr ? registers_line(log->lines[i + 1].text) : -1;
		int head = head_line(log->lines[i].text);

		if (one >= 0 && two >= 0) {
			nr_forward += two == one + 1;
			nr_backward += two == one - 1;
		}
		if (head < 0)
			continue;
		nr_forward += last >= 0 && head == last + 1;
		nr_backward += last >= 0 && head == last - 1;
		last = head;
	}
	if (nr_backward <= nr_forward)
		return;
	for (size_t i = 0, j = log->nr - 1; i < j; i++, j--) {
		struct log_line line = log->lines[i];

		log->lines[i] = log->lines[j];
		log->lines[j] = line;
	}
}
