/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was seen in a module's code: each event and each look-up of a symbol once. */
#include "dataflow/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/value.h"
#include "kcore/array.h"

enum { MAX_EVENTS = 4096 };

static bool is_same(const struct flow_event *a, const struct flow_event *b)
{
	return a->site == b->site && a->what == b->what && a->root == b->root &&
	       a->target == b->target && a->argument == b->argument &&
	       a->parameter == b->parameter;
}

/* What is known of an event by all ways that lead to it. */
static void merge(struct flow_event *to, const struct flow_event *from)
{
	to->bits &= from->bits;
	if (!(from->flags & (VALUE_MAY | VALUE_GUESSED)))
		to->flags = from->flags;
	to->is_exact |= from->is_exact;
}

int events_add(struct flow_events *events, const struct flow_event *event, size_t *number)
{
	for (size_t i = 0; i < events->nr_events; i++)
		if (is_same(&events->events[i], event)) {
			merge(&events->events[i], event);
			*number = i;
			return 0;
		}
	if (events->nr_events == MAX_EVENTS)
		return -ENOSPC;
	if (array_reserve(&events->events, events->nr_events, &events->events_room,
			  sizeof(*events->events)) < 0)
		return -ENOMEM;
	events->events[events->nr_events] = *event;
	*number = events->nr_events++;
	return 0;
}

int events_add_lookup(struct flow_events *events, const struct flow_lookup *lookup)
{
	for (size_t i = 0; i < events->nr_lookups; i++)
		if (events->lookups[i].string == lookup->string) {
			events->lookups[i].is_sure |= lookup->is_sure;
			return 0;
		}
	if (array_reserve(&events->lookups, events->nr_lookups, &events->lookups_room,
			  sizeof(*events->lookups)) < 0)
		return -ENOMEM;
	events->lookups[events->nr_lookups++] = *lookup;
	return 0;
}

void events_free(struct flow_events *events)
{
	free(events->events);
	free(events->lookups);
	memset(events, 0, sizeof(*events));
}

int events_pend(struct pending_events *pending, const struct pending_event *event)
{
	for (size_t i = 0; i < pending->nr; i++) {
		struct pending_event *seen = &pending->array[i];

		if (seen->number == event->number && seen->site == event->site) {
			seen->is_conditional &= event->is_conditional;
			seen->is_decided |= event->is_decided;
			return 0;
		}
	}
	if (array_reserve(&pending->array, pending->nr, &pending->room,
			  sizeof(*pending->array)) < 0)
		return -ENOMEM;
	pending->array[pending->nr++] = *event;
	return 0;
}
