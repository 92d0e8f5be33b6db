/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of many runs of oops --json-lines, grouped: the same crash, on which hosts. */
#include "cmd/oops_groups.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "oops/duplicate.h"

static const char schema[] = "kwcheck/1", command[] = "oops";

/* One crash of one host; results that are copies of it are not counted again. */
struct oops_event {
	char *host; /* NULL: the log names none, and it is of the log @file */
	char *file; /* "" */
	struct crash *crash;
};

/* Where the lines are from. */
struct reader {
	struct oops_groups *groups;
	const char *name;
	size_t line;
	char *core;	 /* of the dump whose own log the lines are of; NULL: none */
	bool is_foreign; /* lines up to the next head are not of oops */
	bool is_told;	 /* an error says so */
};

const char *oops_groups_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static uint64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	return number > 0 ? (uint64_t)number : 0;
}

static uint64_t address_of(const json_t *object, const char *key)
{
	const char *text = oops_groups_text(object, key);

	return text ? strtoull(text, NULL, 16) : 0;
}

static bool has(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return value && !json_is_null(value);
}

static void copy(char *ret, size_t room, const json_t *object, const char *key)
{
	const char *text = oops_groups_text(object, key);

	snprintf(ret, room, "%s", text ?: "");
}

static int add_name(struct oops_names *names, const char *name)
{
	for (size_t i = 0; i < names->nr; i++)
		if (strcmp(names->array[i], name) == 0)
			return 0;
	if (array_reserve(&names->array, names->nr, &names->room, sizeof(*names->array)) <
	    0)
		return -ENOMEM;
	names->array[names->nr] = strdup(name);
	return names->array[names->nr] ? (names->nr++, 0) : -ENOMEM;
}

static void free_names(struct oops_names *names)
{
	for (size_t i = 0; i < names->nr; i++)
		free(names->array[i]);
	free(names->array);
}

int oops_groups_error(struct oops_groups *groups, const struct error *err)
{
	if (array_reserve(&groups->errors, groups->nr_errors, &groups->errors_room,
			  sizeof(*groups->errors)) < 0)
		return -ENOMEM;
	groups->errors[groups->nr_errors++] = *err;
	return 0;
}

static int tell(struct reader *reader, const char *what)
{
	struct error err = {0};

	error_set(&err, ERROR_FILE, -EINVAL, "%.300s, line %zu: %.200s", reader->name,
		  reader->line, what);
	return oops_groups_error(reader->groups, &err);
}

static void read_site(const json_t *result, struct crash *crash)
{
	const json_t *site = json_object_get(result, "site");

	crash->has_site = has(site, "function");
	copy(crash->site.function, sizeof(crash->site.function), site, "function");
	copy(crash->site.module, sizeof(crash->site.module), site, "module");
	crash->site.has_no_offset = !has(site, "offset_bytes");
	crash->site.offset = number_of(site, "offset_bytes");
}

static void read_process(const json_t *result, struct crash *crash)
{
	const json_t *process = json_object_get(result, "process");

	crash->has_cpu = json_is_object(process);
	crash->cpu = (unsigned)number_of(process, "cpu");
	crash->pid = (unsigned)number_of(process, "pid");
	copy(crash->comm, sizeof(crash->comm), process, "name");
	copy(crash->release, sizeof(crash->release), process, "release");
	copy(crash->hardware, sizeof(crash->hardware), process, "hardware");
}

/* What of a result tells whether two are of one crash: duplicate_is(). */
static void read_crash(const json_t *result, struct crash *ret)
{
	const json_t *registers = json_object_get(result, "registers");
	const json_t *code = json_object_get(result, "error_code");
	const json_t *target = json_object_get(result, "target");
	const char *kind = oops_groups_text(result, "kind") ?: "";

	for (int i = 0; i < CRASH_NR_KINDS; i++)
		if (strcmp(crash_kind_name((enum crash_kind)i), kind) == 0)
			ret->kind = (enum crash_kind)i;
	copy(ret->headline, sizeof(ret->headline), result, "headline");
	copy(ret->bug_at, sizeof(ret->bug_at), result, "bug_at");
	ret->has_time = has(result, "time_us");
	ret->time_us = number_of(result, "time_us");
	ret->number = (unsigned)number_of(result, "number");
	ret->has_error_code = has(code, "value");
	ret->error_code = address_of(code, "value");
	if (has(target, "address"))
		ret->address_from = CRASH_ADDRESS_HEADLINE;
	ret->address = address_of(target, "address");
	read_site(result, ret);
	read_process(result, ret);
	for (enum register_name name = 0; name < REGISTER_NR; name++)
		if (has(registers, registers_name(name))) {
			ret->registers.known |= 1U << name;
			ret->registers.value[name] = address_of(registers,
								registers_name(name));
		}
}

/* Without what differs from one crash to the next: hexadecimal numbers. */
static void put_words(FILE *out, const char *text)
{
	while (*text) {
		size_t nr = strspn(text, "0123456789abcdefABCDEF");

		if (nr > 3 || (nr && strspn(text, "0123456789") == nr)) {
			fputc('#', out);
			text += nr;
		} else if (nr) {
			fwrite(text, 1, nr, out);
			text += nr;
		} else {
			fputc(*text++, out);
		}
	}
}

/* "foo" of "foo.isra.0" and "foo.cold": the compiler's name for a part. */
static void put_function(FILE *out, const char *function)
{
	fwrite(function, 1, strcspn(function, "."), out);
}

/* What two crashes have in common that are told as one: kind, cause and place; the first
 * line, where no place is known.
 */
static char *key_of(const json_t *result)
{
	const json_t *site = json_object_get(result, "site");
	const char *function = oops_groups_text(site, "function");
	const char *bug_at = oops_groups_text(result, "bug_at");
	const char *cause = oops_groups_text(json_object_get(result, "cause"), "kind");
	char *key = NULL;
	size_t nr;
	FILE *out = open_memstream(&key, &nr);

	if (!out)
		return NULL;
	fprintf(out, "%s|%s|%s|", oops_groups_text(result, "kind"), cause ?: "",
		oops_groups_text(site, "module") ?: "");
	if (function)
		put_function(out, function);
	else
		put_words(out, oops_groups_text(result, "headline") ?: "");
	if (bug_at)
		fprintf(out, "|%.*s", (int)strcspn(bug_at, ":"), bug_at);
	if (fclose(out) != 0) {
		free(key);
		return NULL;
	}
	return key;
}

static struct oops_group *group_of(struct oops_groups *groups, const json_t *result)
{
	_cleanup_free_ char *key = key_of(result);
	struct oops_group *group;

	if (!key)
		return NULL;
	for (size_t i = 0; i < groups->nr; i++)
		if (strcmp(groups->array[i].key, key) == 0)
			return &groups->array[i];
	if (array_reserve(&groups->array, groups->nr, &groups->room,
			  sizeof(*groups->array)) < 0)
		return NULL;
	group = &groups->array[groups->nr++];
	*group = (struct oops_group){.key = key, .is_warning = true};
	key = NULL;
	return group;
}

static bool is_of(const struct oops_event *event, const char *host, const char *file)
{
	if (host)
		return event->host && strcmp(event->host, host) == 0;
	return !event->host && strcmp(event->file, file) == 0;
}

/* The event that the result is one more copy of, or a new one. */
static int add_event(struct oops_group *group, const json_t *result, const char *file,
		     bool *ret_is_new)
{
	const char *host = oops_groups_text(result, "host");
	struct crash *crash = calloc(1, sizeof(*crash));
	struct oops_event *event;

	*ret_is_new = false;
	if (!crash)
		return -ENOMEM;
	read_crash(result, crash);
	for (size_t i = 0; i < group->nr_crashes; i++)
		if (is_of(&group->events[i], host, file) &&
		    duplicate_is(group->events[i].crash, crash)) {
			free(crash);
			return 0;
		}
	if (array_reserve(&group->events, group->nr_crashes, &group->events_room,
			  sizeof(*group->events)) < 0) {
		free(crash);
		return -ENOMEM;
	}
	event = &group->events[group->nr_crashes++];
	*event = (struct oops_event){
		.host = host ? strdup(host) : NULL, .file = strdup(file), .crash = crash};
	*ret_is_new = true;
	return event->file && (event->host || !host) ? 0 : -ENOMEM;
}

static int take_files(struct oops_group *group, const json_t *result)
{
	const json_t *file;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(result, "files"), i,
			   file) if (r == 0 && json_is_string(file))
		r = add_name(&group->files, json_string_value(file));
	return r;
}

/* Times are of one form, which sorts as they do. */
static void take_time(struct oops_group *group, const json_t *result)
{
	const char *seen = oops_groups_text(result, "seen") ?: "";
	bool is_last = strcmp(seen, group->last_seen) >= 0;

	if (!group->example || is_last) {
		json_decref(group->example);
		group->example = json_incref((json_t *)result);
	}
	if (!*seen || strlen(seen) >= sizeof(group->last_seen))
		return;
	if (is_last)
		strcpy(group->last_seen, seen);
	if (!group->first_seen[0] || strcmp(seen, group->first_seen) < 0)
		strcpy(group->first_seen, seen);
}

static int add_result(struct reader *reader, const json_t *result)
{
	struct oops_group *group = group_of(reader->groups, result);
	const char *host = oops_groups_text(result, "host"), *release;
	const char *file = json_string_value(
		json_array_get(json_object_get(result, "files"), 0));
	bool is_new;
	int r;

	if (!group)
		return -ENOMEM;
	file = file ?: reader->core ?: reader->name;
	group->nr_copies++;
	group->is_warning &= json_is_true(json_object_get(result, "warning"));
	take_time(group, result);
	release = oops_groups_text(json_object_get(result, "process"), "release");
	r = add_event(group, result, file, &is_new);
	if (r == 0 && is_new)
		group->nr_panics += has(result, "panic");
	if (r == 0)
		r = add_name(host ? &group->hosts : &group->nameless, host ?: file);
	if (r == 0 && release)
		r = add_name(&group->releases, release);
	return r == 0 ? take_files(group, result) : r;
}

static int add_error_line(struct reader *reader, const json_t *error)
{
	struct error err = {0};

	error_set(&err, ERROR_FILE, -EIO, "%.400s",
		  oops_groups_text(error, "message") ?: "an error without a message");
	return oops_groups_error(reader->groups, &err);
}

static int add_head(struct reader *reader, const json_t *line)
{
	const char *form = oops_groups_text(line, "schema");
	const char *verb = oops_groups_text(line, "command"), *core;
	char what[160];

	reader->is_foreign = !form || strcmp(form, schema) != 0 || !verb ||
			     strcmp(verb, command) != 0;
	reader->is_told = reader->is_foreign;
	reader->groups->nr_runs += !reader->is_foreign;
	core = oops_groups_text(json_object_get(line, "kernel"), "file");
	free(reader->core);
	reader->core = core ? strdup(core) : NULL;
	if (core && !reader->core)
		return -ENOMEM;
	if (!reader->is_foreign)
		return 0;
	snprintf(what, sizeof(what),
		 "of %.40s, '%.20s': this kwcheck merges %s of 'kwcheck %s'; left out",
		 form ?: "another program", verb ?: "?", schema, command);
	return tell(reader, what);
}

static bool is_result(const json_t *line)
{
	return oops_groups_text(line, "kind") && oops_groups_text(line, "status") &&
	       json_is_object(json_object_get(line, "registers"));
}

static int add_line(struct reader *reader, const json_t *line)
{
	if (json_object_get(line, "results"))
		return tell(reader, "a whole report: --merge takes what 'kwcheck oops "
				    "--json-lines' writes, not --json; left out");
	if (json_object_get(line, "schema"))
		return add_head(reader, line);
	if (!reader->is_foreign && json_is_object(json_object_get(line, "error")))
		return add_error_line(reader, json_object_get(line, "error"));
	if (!reader->is_foreign && is_result(line))
		return add_result(reader, line);
	/* Lines that follow each other are told once. */
	if (reader->is_told)
		return 0;
	reader->is_told = true;
	return tell(reader, "no line of 'kwcheck oops --json-lines'; left out");
}

static int read_line(struct reader *reader, const char *bytes, size_t nr, bool is_whole)
{
	json_error_t why;
	json_t *line;
	int r;

	if (strspn(bytes, " \t\r") >= nr)
		return 0;
	line = json_loadb(bytes, nr, JSON_REJECT_DUPLICATES, &why);
	if (!line && json_error_code(&why) == json_error_out_of_memory)
		return -ENOMEM;
	if (line) {
		r = add_line(reader, line);
		json_decref(line);
		return r;
	}
	if (!is_whole)
		return tell(reader,
			    "the last line was cut off: the run that wrote it did "
			    "not get to its end; left out");
	if (reader->is_told)
		return 0;
	reader->is_told = true;
	return tell(reader, "no JSON, so no line of 'kwcheck oops --json-lines'; left "
			    "out");
}

int oops_groups_read(struct oops_groups *groups, const char *name, const char *bytes,
		     size_t nr_bytes)
{
	struct reader reader = {.groups = groups, .name = name};
	const char *end = bytes + nr_bytes;
	int r = 0;

	while (bytes < end && r == 0) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = newline ?: end;

		reader.line++;
		r = read_line(&reader, bytes, (size_t)(stop - bytes), newline);
		bytes = newline ? newline + 1 : end;
	}
	free(reader.core);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct oops_group *one = a, *two = b;
	size_t nr_one = oops_group_hosts(one), nr_two = oops_group_hosts(two);
	int order;

	if (one->is_warning != two->is_warning)
		return one->is_warning ? 1 : -1;
	if (nr_one != nr_two)
		return nr_one < nr_two ? 1 : -1;
	if (one->nr_crashes != two->nr_crashes)
		return one->nr_crashes < two->nr_crashes ? 1 : -1;
	order = strcmp(two->last_seen, one->last_seen);
	return order ? order : strcmp(one->key, two->key);
}

void oops_groups_sort(struct oops_groups *groups)
{
	if (groups->nr)
		qsort(groups->array, groups->nr, sizeof(*groups->array), compare);
}

static void free_group(struct oops_group *group)
{
	for (size_t i = 0; i < group->nr_crashes; i++) {
		free(group->events[i].host);
		free(group->events[i].file);
		free(group->events[i].crash);
	}
	free(group->events);
	free_names(&group->hosts);
	free_names(&group->nameless);
	free_names(&group->releases);
	free_names(&group->files);
	json_decref(group->example);
	free(group->key);
}

void oops_groups_free(struct oops_groups *groups)
{
	for (size_t i = 0; i < groups->nr; i++)
		free_group(&groups->array[i]);
	free(groups->array);
	free(groups->errors);
	*groups = (struct oops_groups){0};
}
