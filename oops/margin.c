/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands left and right of every line, learnt from the lines themselves. */
#include "oops/margin.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { MAX_LOOKED_AT = 160 };

/* Of a shape: a level's name. */
enum { ANY_LEVEL = '\1' };

/* What a report's lines start with, to the first colon and behind it. */
static const struct {
	const char *word;
	const char *also; /* stands behind it; or NULL */
} anchors[] = {
	{"WARNING: ", NULL},
	{"Internal error: ", NULL},
	{"NMI watchdog: ", NULL},
	{"watchdog: ", NULL},
	{"unchecked MSR access error: ", NULL},
	{"traps: ", NULL},
	{"BUG: unable ", NULL},
	{"BUG: kernel ", NULL},
	{"BUG: KASAN: ", NULL},
	{"#PF: ", NULL},
	{"Oops: ", NULL},
	{"general protection fault: ", NULL},
	{"invalid opcode: ", NULL},
	{"divide error: ", NULL},
	{"CPU: ", " PID: "},
	{"Pid: ", ", comm: "},
	{"Hardware name: ", NULL},
	{"RIP: 00", NULL},
	{"IP: [<", NULL},
	{"RSP: 00", NULL},
	{"RAX: ", " RBX: "},
	{"RDX: ", " RSI: "},
	{"RBP: ", " R08: "},
	{"R10: ", " R11: "},
	{"R13: ", " R14: "},
	{"CR2: ", NULL},
	{"Call Trace:", NULL},
	{"Modules linked in: ", NULL},
};

/* What a report's lines end with, so many hexadecimal digits behind it. */
static const struct {
	const char *word;
	int digits;
} tails[] = {
	{" RCX: ", 16},
	{" RDI: ", 16},
	{" R09: ", 16},
	{" R12: ", 16},
	{" R15: ", 16},
	{" CR0: ", 16},
	{" EFLAGS: ", 8},
	{" CR4: ", 16},
	{" knlGS:", 16},
	{" in kernel mode", 0},
	{" - not-present page", 0},
	{" - permissions violation", 0},
};

static const char *find(const char *p, const char *end, const char *word)
{
	return p < end ? memmem(p, (size_t)(end - p), word, strlen(word)) : NULL;
}

static bool is_anchor(const char *p, const char *end, size_t i)
{
	size_t bytes = strlen(anchors[i].word);

	if (end - p > MAX_LOOKED_AT)
		end = p + MAX_LOOKED_AT;
	return (size_t)(end - p) >= bytes && memcmp(p, anchors[i].word, bytes) == 0 &&
	       (!anchors[i].also || find(p + bytes, end, anchors[i].also));
}

/* Where a report's line starts, the leftmost place; NULL: nowhere. *@which: its row. */
static const char *first_anchor(const char *p, const char *end, size_t *which)
{
	const char *limit = end - p > MAX_LOOKED_AT ? p + MAX_LOOKED_AT : end;
	const char *ret = NULL;

	for (const char *c = p; c < limit && (c = memchr(c, ':', (size_t)(limit - c)));
	     c++) {
		/* Before the colons of the anchors. */
		if (c == p || !strchr("0239FGPUXdegnrst", c[-1]))
			continue;
		for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
			size_t at = strcspn(anchors[i].word, ":");

			if ((size_t)(c - p) >= at && (!ret || c - at < ret) &&
			    is_anchor(c - at, end, i)) {
				ret = c - at;
				*which = i;
			}
		}
	}
	return ret;
}

/* The length of a level's name at @p, as loggers put it before each line, or 0. */
static size_t level(const char *p, const char *end)
{
	static const char *const words[] = {
		"emerg",   "alert", "crit",   "error", "err",
		"warning", "warn",  "notice", "info",  "debug",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t bytes = strlen(words[i]);

		if ((size_t)(end - p) > bytes && strncasecmp(p, words[i], bytes) == 0 &&
		    !isalnum((unsigned char)p[bytes]))
			return bytes;
	}
	return 0;
}

/* The shape of a margin, or false: it is too long for one. */
static bool shape_of(const char *p, const char *end, char ret[MARGIN_BYTES])
{
	size_t nr = 0;

	while (p < end) {
		char c = *p;

		if (nr + 1 >= MARGIN_BYTES)
			return false;
		if (isdigit((unsigned char)c)) {
			for (c = '0'; p < end && isdigit((unsigned char)*p); p++)
				;
		} else if (isblank((unsigned char)c)) {
			for (c = ' '; p < end && isblank((unsigned char)*p); p++)
				;
		} else if (level(p, end)) {
			p += level(p, end);
			c = ANY_LEVEL;
		} else {
			p++;
		}
		/* "[    4.783]" and "[1234.783]" */
		if (c != ' ' || !nr || ret[nr - 1] != '[')
			ret[nr++] = c;
	}
	ret[nr] = '\0';
	return true;
}

/* One more of a shape. Where there is no room all lose one: what most lines have stays.
 * One line, or several that begin alike, may be anybody's words.
 */
static void vote(struct margin_shape shapes[], const char *p, const char *end,
		 size_t which)
{
	char text[MARGIN_BYTES];
	struct margin_shape *free_shape = NULL;

	if (!shape_of(p, end, text))
		return;
	for (size_t i = 0; i < MARGIN_SHAPES; i++) {
		if (shapes[i].nr && strcmp(shapes[i].text, text) == 0) {
			shapes[i].nr++;
			shapes[i].is_sure |= shapes[i].first != which;
			return;
		}
		if (!shapes[i].nr && !free_shape)
			free_shape = &shapes[i];
	}
	if (free_shape) {
		memcpy(free_shape->text, text, sizeof(text));
		free_shape->nr = 1;
		free_shape->first = which;
		free_shape->is_sure = false;
		return;
	}
	for (size_t i = 0; i < MARGIN_SHAPES; i++)
		shapes[i].nr--;
}

/* What is behind the digits that a line ends with. */
static void learn_right(struct margin *margin, const char *p, const char *end)
{
	if (end - p > 2 * MAX_LOOKED_AT)
		return;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		const char *c = find(p, end, tails[i].word);
		int nr = 0;

		if (!c)
			continue;
		for (c += strlen(tails[i].word); c < end && isxdigit((unsigned char)*c);
		     c++)
			nr++;
		if (nr == tails[i].digits)
			vote(margin->right, c, end, i);
		return;
	}
}

/* A program's strings and a table's rows: no report's line ends so, also where no tail
 * shows its end.
 */
static void learn_frame(struct margin *margin, const char *p, const char *end,
			size_t which)
{
	static const char *const frames[] = {"\",", " |"};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		size_t bytes = strlen(frames[i]);

		if ((size_t)(end - p) > bytes &&
		    memcmp(end - bytes, frames[i], bytes) == 0)
			vote(margin->right, end - bytes, end, which);
	}
}

void margin_learn(struct margin *margin, const char *p, const char *end,
		  margin_known *known_at)
{
	size_t which = 0;
	const char *anchor = first_anchor(p, end, &which);

	if (anchor > p) {
		const char *behind, *known = known_at(p, end, &behind);

		vote(margin->left, p, behind == anchor ? known : anchor, which);
	} else if (anchor) {
		vote(margin->left, p, p, which);
	}
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	if (anchor)
		learn_frame(margin, anchor, end, which);
	learn_right(margin, p, end);
}

static void settle(struct margin_shape shapes[])
{
	size_t most = 0;

	for (size_t i = 1; i < MARGIN_SHAPES; i++)
		if (shapes[i].nr > shapes[most].nr)
			most = i;
	if (!shapes[most].nr || !shapes[most].is_sure)
		shapes[most].text[0] = '\0';
	shapes[0] = shapes[most];
}

void margin_settle(struct margin *margin)
{
	settle(margin->left);
	settle(margin->right);
}

/* The length of what @shape is of at @p, or 0. */
static size_t match(const char *shape, const char *p, const char *end)
{
	const char *c = p;

	for (const char *s = shape; *s; s++) {
		const char *start = c;

		while (c < end && *s == '0' && isdigit((unsigned char)*c))
			c++;
		/* A line that ends there had its last blank taken off. */
		while (c < end && *s == ' ' && isblank((unsigned char)*c))
			c++;
		if (*s == ANY_LEVEL)
			c += level(c, end);
		else if (*s != '0' && *s != ' ' && c < end && *c == *s)
			c++;
		if (c == start && !(*s == ' ' && c == end))
			return 0;
		while (*s == '[' && c < end && *c == ' ')
			c++;
	}
	return (size_t)(c - p);
}

size_t margin_left(const struct margin *margin, const char *p, const char *end,
		   bool *is_mark)
{
	const char *shape = margin->left[0].text;

	*is_mark = true;
	for (const char *s = shape; *s; s++)
		*is_mark &= !isalnum((unsigned char)*s);
	return match(shape, p, end);
}

size_t margin_right(const struct margin *margin, const char *p, const char *end)
{
	const char *shape = margin->right[0].text;
	size_t nr = strlen(shape);
	const char *stop = end;

	while (stop > p && isspace((unsigned char)stop[-1]))
		stop--;
	/* A right margin has no numbers and one blank at most: it is as long as it is. */
	for (size_t i = nr; i > 0; i--) {
		if (shape[i - 1] == ' ') {
			while (stop > p && isblank((unsigned char)stop[-1]))
				stop--;
			continue;
		}
		if (shape[i - 1] == '0') {
			const char *digits = stop;

			while (stop > p && isdigit((unsigned char)stop[-1]))
				stop--;
			if (stop == digits)
				return 0;
			continue;
		}
		if (stop == p || stop[-1] != shape[i - 1])
			return 0;
		stop--;
	}
	return nr ? (size_t)(end - stop) : 0;
}
