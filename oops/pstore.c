/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of pstore: a crash's log in parts. */
#include "oops/pstore.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "oops/scan.h"

/* The parts of a crash that are waited for at one time: a handful of crashes lie among
 * each other, never many.
 */
enum { MAX_OPEN = 8 };

/* One part: the lines behind its head. */
struct part {
	size_t first, nr; /* lines */
	size_t crash;	  /* number of the crash that it is of */
	unsigned number;
};

/* A crash, as far as its parts were seen. */
struct seen {
	char reason[16];
	unsigned count;
	unsigned last; /* part */
	int direction; /* of the part numbers: 1, -1; 0: one part was seen */
	size_t crash;
};

struct order {
	struct part *parts;
	size_t nr_parts, room;
	struct seen open[MAX_OPEN];
	size_t nr_open, nr_crashes;
};

bool pstore_name(const char *name, size_t *ret_stem)
{
	const char *p = name, *digits;

	if (!scan_word(&p, "dmesg-"))
		return false;
	digits = strrchr(p, '-');
	if (!digits || digits == p)
		return false;
	digits++;
	p = digits;
	while (isdigit((unsigned char)*p))
		p++;
	if (p == digits || (*p && strcmp(p, ".enc.z") != 0))
		return false;
	*ret_stem = (size_t)(digits - name);
	return true;
}

/* "Panic#2 Part10", and nothing else; the reasons of kmsg_dump_reason_str(). */
static bool scan_part(const char *p, struct seen *ret)
{
	static const char *const reasons[] = {"Panic",	  "Oops",     "Emergency",
					      "Emerg",	  "Restart",  "Halt",
					      "Poweroff", "Shutdown", "Unknown"};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const char *c = p;

		if (!scan_word(&c, reasons[i]) || !scan_word(&c, "#") ||
		    !scan_decimal(&c, &ret->count) || !scan_word(&c, " Part") ||
		    !scan_decimal(&c, &ret->last))
			continue;
		while (isblank((unsigned char)*c))
			c++;
		strcpy(ret->reason, reasons[i]);
		return *c == '\0';
	}
	return false;
}

bool pstore_is_head(const char *text)
{
	struct seen head = {0};

	return scan_part(text, &head);
}

/* The crash that a part of @head is of. */
static size_t crash_of(struct order *order, const struct seen *head)
{
	for (size_t i = 0; i < order->nr_open; i++) {
		struct seen *seen = &order->open[i];
		int direction = head->last > seen->last ? 1 : -1;

		if (seen->count != head->count || strcmp(seen->reason, head->reason) != 0)
			continue;
		if (head->last != seen->last &&
		    (!seen->direction || seen->direction == direction)) {
			seen->direction = direction;
			seen->last = head->last;
			return seen->crash;
		}
		*seen = *head;
		seen->crash = order->nr_crashes++;
		return seen->crash;
	}
	if (order->nr_open == MAX_OPEN) {
		memmove(order->open, order->open + 1,
			(MAX_OPEN - 1) * sizeof(*order->open));
		order->nr_open--;
	}
	order->open[order->nr_open] = *head;
	order->open[order->nr_open].crash = order->nr_crashes;
	order->nr_open++;
	return order->nr_crashes++;
}

static int compare_parts(const void *one, const void *two)
{
	const struct part *a = one, *b = two;

	if (a->crash != b->crash)
		return a->crash < b->crash ? -1 : 1;
	/* Part 1 was written last. */
	return a->number == b->number ? 0 : a->number > b->number ? -1 : 1;
}

static int find_parts(struct order *order, const struct log *log)
{
	for (size_t i = 0; i < log->nr; i++) {
		struct seen head = {0};
		struct part *part;

		if (!scan_part(log->lines[i].text, &head))
			continue;
		if (array_reserve(&order->parts, order->nr_parts, &order->room,
				  sizeof(*order->parts)) < 0)
			return -ENOMEM;
		if (order->nr_parts) {
			part = &order->parts[order->nr_parts - 1];
			part->nr = i - part->first;
		}
		part = &order->parts[order->nr_parts++];
		*part = (struct part){.first = i + 1,
				      .nr = log->nr - i - 1,
				      .crash = crash_of(order, &head),
				      .number = head.last};
	}
	return 0;
}

int pstore_order(struct log *log)
{
	struct order order = {0};
	struct log_line *lines;
	size_t nr, last_crash = 0;
	int r = find_parts(&order, log);

	if (r < 0 || order.nr_parts == 0) {
		free(order.parts);
		return r;
	}
	lines = reallocarray(NULL, log->nr, sizeof(*lines));
	if (!lines) {
		free(order.parts);
		return -ENOMEM;
	}
	nr = order.parts[0].first - 1;
	memcpy(lines, log->lines, nr * sizeof(*lines));
	qsort(order.parts, order.nr_parts, sizeof(*order.parts), compare_parts);
	for (size_t i = 0; i < order.nr_parts; i++) {
		const struct part *part = &order.parts[i];

		/* Another log begins: its head parts it from the one before. */
		if (i == 0 || part->crash != last_crash)
			lines[nr++] = log->lines[part->first - 1];
		last_crash = part->crash;
		memcpy(lines + nr, log->lines + part->first, part->nr * sizeof(*lines));
		nr += part->nr;
	}
	free(order.parts);
	free(log->lines);
	log->lines = lines;
	log->nr = nr;
	return 0;
}
