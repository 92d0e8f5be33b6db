/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trial: a module really loaded and unloaded in a virtual machine. */
#include "guest/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"

/* --- the plan --- */

static int append(struct trial_plan *plan, const char *text)
{
	size_t nr = strlen(text);

	if (plan->nr_text + nr >= PROTOCOL_PLAN_BYTES)
		return -EINVAL;
	if (plan->nr_text + nr + 1 > plan->text_room) {
		size_t room = 2 * (plan->nr_text + nr + 1);
		char *bytes = realloc(plan->text, room);

		if (!bytes)
			return -ENOMEM;
		plan->text = bytes;
		plan->text_room = room;
	}
	memcpy(plan->text + plan->nr_text, text, nr + 1);
	plan->nr_text += nr;
	return 0;
}

/* A word of a line: something, and nothing that parts words or lines. */
static bool is_word(const char *text, size_t room)
{
	return *text && strlen(text) < room && !strpbrk(text, " \n");
}

static int add_file(struct trial_plan *plan, const char *name, const void *bytes,
		    size_t nr)
{
	char *copy;

	if (array_reserve(&plan->files, plan->nr_files, &plan->files_room,
			  sizeof(*plan->files)) < 0)
		return -ENOMEM;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	plan->files[plan->nr_files].name = copy;
	plan->files[plan->nr_files].bytes = bytes;
	plan->files[plan->nr_files++].nr = nr;
	return 0;
}

int trial_add(struct trial_plan *plan, enum trial_step step, const char *name,
	      const void *bytes, size_t nr, const char *parameters)
{
	static const char *const words[] = {
		[TRIAL_NEED] = "need", [TRIAL_SOFT] = "soft", [TRIAL_LOAD] = "load"};
	char head[TRIAL_NAME_BYTES + 64], file[32];
	int r;

	if (!is_word(name, TRIAL_NAME_BYTES) || strchr(parameters, '\n'))
		return -EINVAL;
	snprintf(file, sizeof(file), "%zu.ko", plan->nr_files);
	snprintf(head, sizeof(head), "%s %s %s ", words[step], file, name);
	r = add_file(plan, file, bytes, nr);
	if (r == 0)
		r = append(plan, head);
	if (r == 0)
		r = append(plan, parameters);
	return r == 0 ? append(plan, "\n") : r;
}

int trial_ask(struct trial_plan *plan, const char *query)
{
	int r = is_word(query, PROTOCOL_QUERY_BYTES) ? append(plan, "ask ") : -EINVAL;

	if (r == 0)
		r = append(plan, query);
	return r == 0 ? append(plan, "\n") : r;
}

int trial_group(struct trial_plan *plan)
{
	return append(plan, "group\n");
}

int trial_fail(struct trial_plan *plan)
{
	return append(plan, "fail\n");
}

int trial_end(struct trial_plan *plan)
{
	return add_file(plan, strchr(PROTOCOL_TRIAL_PLAN, '/') + 1, plan->text,
			plan->nr_text);
}

void trial_free(struct trial_plan *plan)
{
	for (size_t i = 0; i < plan->nr_files; i++)
		free((char *)plan->files[i].name);
	free(plan->files);
	free(plan->text);
	*plan = (struct trial_plan){0};
}

/* --- the outcome --- */

static const char *const end_names[] = {
	[TRIAL_NOT_DONE] = "not-done", [TRIAL_RETURNED] = "returned",
	[TRIAL_DIED] = "died",	       [TRIAL_PANICKED] = "panicked",
	[TRIAL_HUNG] = "hung",
};

const char *trial_end_name(enum trial_end end)
{
	return end_names[end];
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* "0", "-22", "died", "hung" */
static struct trial_call read_result(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (starts_with(text, PROTOCOL_DIED))
		return (struct trial_call){TRIAL_DIED, 0};
	if (starts_with(text, PROTOCOL_HUNG) || end == text || value > 0 || value < -4095)
		return (struct trial_call){TRIAL_HUNG, 0};
	return (struct trial_call){TRIAL_RETURNED, (int)value};
}

static const char panics[] = "Kernel panic - not syncing";

/* arch/x86/mm/fault.c, arch/x86/kernel/traps.c, lib/bug.c, kernel/panic.c. */
static bool is_oops(const char *text)
{
	static const char *const starts[] = {
		"BUG: ",
		"kernel BUG at ",
		"Oops",
		"general protection fault",
		panics,
		"invalid opcode",
		"traps: Missing ENDBR",
		"Missing ENDBR",
		"Unable to handle kernel",
		"stack segment",
		"divide error",
		"int3",
		"watchdog: BUG: ",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (starts_with(text, starts[i]))
			return true;
	return false;
}

/* A line of the kernel's log. */
static void read_log(struct trial_outcome *ret, const char *text)
{
	ret->has_panicked |= starts_with(text, panics);
	if (is_oops(text) && !*ret->oops) {
		snprintf(ret->oops, sizeof(ret->oops), "%s", text);
		ret->is_oops_of_unload = ret->unload.end != TRIAL_NOT_DONE;
	}
	if (!starts_with(text, "WARNING: "))
		return;
	if (ret->nr_warnings < TRIAL_MAX_WARNINGS)
		snprintf(ret->warnings[ret->nr_warnings], TRIAL_LINE_BYTES, "%s", text);
	ret->nr_warnings++;
}

static void read_need(struct trial_outcome *ret, const char *text)
{
	size_t nr = strcspn(text, " ");
	struct trial_call call = read_result(text[nr] ? text + nr + 1 : "");

	if ((call.end == TRIAL_RETURNED && (call.value == 0 || call.value == -EEXIST)) ||
	    nr >= sizeof(ret->needed))
		return;
	/* The last one is what it ended with: after a soft one it goes on. */
	snprintf(ret->needed, sizeof(ret->needed), "%.*s", (int)nr, text);
	ret->need = call;
}

/* @text: behind the mark. */
static void read_told(struct trial_outcome *ret, const char *text)
{
	if (starts_with(text, "taint ")) {
		ret->taint_after = strtoull(text + 6, NULL, 10);
		if (!ret->is_told)
			ret->taint_before = ret->taint_after;
		ret->is_told = true;
	} else if (starts_with(text, "need ")) {
		read_need(ret, text + 5);
	} else if (strcmp(text, "load") == 0) {
		ret->load.end = TRIAL_HUNG;
		*ret->needed = '\0';
	} else if (starts_with(text, "loaded ")) {
		ret->load = read_result(text + 7);
	} else if (strcmp(text, "unload") == 0) {
		ret->unload.end = TRIAL_HUNG;
	} else if (starts_with(text, "unloaded ")) {
		ret->unload = read_result(text + 9);
	} else if (starts_with(text, "asked ") && ret->is_told &&
		   ret->nr_asked < TRIAL_MAX_ASKED) {
		snprintf(ret->asked[ret->nr_asked++], PROTOCOL_QUERY_BYTES, "%s",
			 text + 6);
	} else if (starts_with(text, "log ") && strchr(text, ';')) {
		read_log(ret, strchr(text, ';') + 1);
	}
}

/* A line of the console that the kernel printed itself: an oops makes it loud. Behind the
 * time stamp, "[    3.141592] ".
 */
static const char *behind_stamp(const char *line)
{
	const char *end = *line == '[' ? strchr(line, ']') : NULL;

	return end && end[1] == ' ' ? end + 2 : line;
}

static void read_line(struct trial_outcome *ret, const char *line)
{
	const char *mark = strstr(line, PROTOCOL_TRIAL);

	if (mark)
		read_told(ret, mark + strlen(PROTOCOL_TRIAL));
	else if (is_oops(behind_stamp(line)))
		read_log(ret, behind_stamp(line));
}

/* What was under way when the machine stopped. */
static void tell_stop(struct trial_outcome *ret)
{
	enum trial_end end = ret->has_panicked ? TRIAL_PANICKED : TRIAL_HUNG;

	if (ret->unload.end == TRIAL_HUNG)
		ret->unload.end = end;
	else if (ret->load.end == TRIAL_HUNG)
		ret->load.end = end;
	else if (ret->unload.end == TRIAL_NOT_DONE && ret->load.end == TRIAL_RETURNED)
		ret->load.end = end;
}

void trial_read(struct trial_outcome *ret, const char *console, bool has_ended)
{
	char line[4 * TRIAL_LINE_BYTES];

	*ret = (struct trial_outcome){0};
	while (*console) {
		size_t nr = strcspn(console, "\r\n");

		snprintf(line, sizeof(line), "%.*s", (int)(nr < INT32_MAX ? nr : 0),
			 console);
		read_line(ret, line);
		console += nr;
		console += strspn(console, "\r\n");
	}
	if (!has_ended)
		tell_stop(ret);
}

/* Documentation/admin-guide/tainted-kernels.rst: bit n is letter n. */
void trial_taint_letters(uint64_t before, uint64_t after, char ret[64])
{
	static const char letters[] = "PFSRMBUDAWCIOELKXTNJ";
	size_t nr = 0;

	for (unsigned i = 0; i < sizeof(letters) - 1; i++)
		if ((after & ~before) >> i & 1)
			ret[nr++] = letters[i];
	ret[nr] = '\0';
}
