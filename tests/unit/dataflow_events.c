/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dataflow/events.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "dataflow/value.h"

Test(dataflow_events, the_same_is_counted_once_by_what_is_surest)
{
	struct flow_events events = {0};
	struct flow_event event = {.what = FLOW_STORE,
				   .site = 1,
				   .target = 2,
				   .flags = VALUE_MAY,
				   .bits = 3};
	size_t number = 9;

	cr_assert_eq(events_add(&events, &event, &number), 0);
	cr_expect_eq(number, 0);
	event.flags = 0;
	event.bits = 1;
	event.is_exact = true;
	cr_assert_eq(events_add(&events, &event, &number), 0);
	cr_expect_eq(number, 0);
	cr_assert_eq(events.nr_events, 1);
	cr_expect_eq(events.events[0].flags, 0, "on some way it is so for certain");
	cr_expect_eq(events.events[0].bits, 1, "what is so on all ways");
	cr_expect(events.events[0].is_exact);
	event.flags = VALUE_GUESSED;
	events_add(&events, &event, &number);
	cr_expect_eq(events.events[0].flags, 0, "a guess adds nothing");
	events_free(&events);
	cr_expect_null(events.events);
}

Test(dataflow_events, others_are_apart)
{
	static const struct flow_event base = {.what = FLOW_CALL, .site = 1, .target = 2};
	struct flow_event others[6] = {base, base, base, base, base, base};
	struct flow_events events = {0};
	size_t number;

	others[0].site = 3;
	others[1].what = FLOW_STORE;
	others[2].root = FLOW_EXIT;
	others[3].target = 3;
	others[4].argument = 1;
	others[5].parameter = "debug";
	events_add(&events, &base, &number);
	for (size_t i = 0; i < 6; i++) {
		cr_expect_eq(events_add(&events, &others[i], &number), 0);
		cr_expect_eq(number, i + 1);
	}
	events_free(&events);
}

Test(dataflow_events, too_many_are_told)
{
	struct flow_events events = {0};
	struct flow_event event = {.what = FLOW_STORE};
	size_t number;
	int r = 0;

	for (event.site = 0; r == 0 && event.site < 10000; event.site++)
		r = events_add(&events, &event, &number);
	cr_expect_eq(r, -ENOSPC);
	cr_expect_eq(events.nr_events, 4096);
	event.site = 7;
	cr_expect_eq(events_add(&events, &event, &number), 0, "this one is there");
	cr_expect_eq(number, 7);
	events_free(&events);
}

Test(dataflow_events, a_string_is_looked_up_once)
{
	struct flow_events events = {0};
	struct flow_lookup lookup = {.string = 1, .site = 2, .address = 3};

	cr_assert_eq(events_add_lookup(&events, &lookup), 0);
	lookup.is_sure = true;
	cr_assert_eq(events_add_lookup(&events, &lookup), 0);
	cr_assert_eq(events.nr_lookups, 1);
	cr_expect(events.lookups[0].is_sure, "one of the two is sure");
	lookup.string = 2;
	cr_assert_eq(events_add_lookup(&events, &lookup), 0);
	cr_expect_eq(events.nr_lookups, 2);
	events_free(&events);
}

Test(dataflow_events, pending_ones_by_event_and_site)
{
	struct pending_events pending = {0};
	struct pending_event event = {.number = 1, .site = 5, .is_conditional = true};

	cr_assert_eq(events_pend(&pending, &event), 0);
	event.is_conditional = false;
	event.is_decided = true;
	cr_assert_eq(events_pend(&pending, &event), 0);
	cr_assert_eq(pending.nr, 1);
	cr_expect_not(pending.array[0].is_conditional);
	cr_expect(pending.array[0].is_decided);
	event.site = 6;
	events_pend(&pending, &event);
	event.number = 2;
	events_pend(&pending, &event);
	cr_expect_eq(pending.nr, 3);
	free(pending.array);
}
