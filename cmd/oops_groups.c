/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of many runs of oops --json-lines, grouped: the same crash, on which hosts. */
#include "cmd/oops_groups.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "oops/duplicate.h"

static const char schema[] = "kwcheck/1", command[] = "oops";

/* One crash of one host; results that are copies of it are not counted again. Of what it
 * borrows the strings are the groups' (intern()), the registers its own.
 */
struct oops_event {
	struct duplicate_traits traits;
	struct registers registers;
	struct oops_event *next; /* of the same group and owner */
};

/* A host, or the log that names none, with its crashes of one group. */
struct oops_owner {
	const char *name; /* the groups'; first, for compare_names() */
	bool is_host;
	struct oops_event *events;
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

/* What is in the trees begins with a pointer to its name. */
static int compare_names(const void *a, const void *b)
{
	const char *const *one = a, *const *two = b;

	return strcmp(*one, *two);
}

/* The one copy of @text that there is, for as long as @groups; NULL: no memory. */
static const char *intern(struct oops_groups *groups, const char *text)
{
	char ***found = tfind(&text, &groups->strings, compare_names), **string;

	if (found)
		return **found;
	string = malloc(sizeof(*string));
	if (!string)
		return NULL;
	*string = strdup(text);
	if (*string && tsearch(string, &groups->strings, compare_names))
		return *string;
	free(*string);
	free(string);
	return NULL;
}

static void free_string(void *node)
{
	char **string = node;

	free(*string);
	free(string);
}

/* Each once: @names->known has the interned ones by their addresses. */
static int compare_addresses(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static void forget(void *node)
{
	(void)node;
}

static int add_name(struct oops_groups *groups, struct oops_names *names,
		    const char *name)
{
	const char *own = intern(groups, name);

	if (!own)
		return -ENOMEM;
	if (tfind(own, &names->known, compare_addresses))
		return 0;
	if (array_reserve(&names->array, names->nr, &names->room, sizeof(*names->array)) <
		    0 ||
	    !tsearch(own, &names->known, compare_addresses))
		return -ENOMEM;
	names->array[names->nr++] = own;
	return 0;
}

static void free_names(struct oops_names *names)
{
	tdestroy(names->known, forget);
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

static const char *text_or_empty(const json_t *object, const char *key)
{
	return oops_groups_text(object, key) ?: "";
}

static void read_site(const json_t *result, struct duplicate_traits *traits)
{
	const json_t *site = json_object_get(result, "site");

	traits->has_site = has(site, "function");
	traits->function = text_or_empty(site, "function");
	traits->module = text_or_empty(site, "module");
	traits->has_offset = has(site, "offset_bytes");
	traits->offset = number_of(site, "offset_bytes");
}

static void read_process(const json_t *result, struct duplicate_traits *traits)
{
	const json_t *process = json_object_get(result, "process");

	traits->has_cpu = json_is_object(process);
	traits->cpu = (unsigned)number_of(process, "cpu");
	traits->pid = (unsigned)number_of(process, "pid");
	traits->comm = text_or_empty(process, "name");
	traits->release = text_or_empty(process, "release");
	traits->hardware = text_or_empty(process, "hardware");
}

static void read_registers(const json_t *result, struct registers *ret)
{
	const json_t *registers = json_object_get(result, "registers");

	*ret = (struct registers){0};
	for (enum register_name name = 0; name < REGISTER_NR; name++)
		if (has(registers, registers_name(name))) {
			ret->known |= 1U << name;
			ret->value[name] = address_of(registers, registers_name(name));
		}
}

/* Borrows the strings of @result, and @registers, which it fills. */
static void read_traits(const json_t *result, struct registers *registers,
			struct duplicate_traits *ret)
{
	const json_t *code = json_object_get(result, "error_code");
	const json_t *target = json_object_get(result, "target");
	const char *kind = text_or_empty(result, "kind");

	*ret = (struct duplicate_traits){
		.headline = text_or_empty(result, "headline"),
		.bug_at = text_or_empty(result, "bug_at"),
		.has_time = has(result, "time_us"),
		.time_us = number_of(result, "time_us"),
		.number = (unsigned)number_of(result, "number"),
		.has_error_code = has(code, "value"),
		.error_code = address_of(code, "value"),
		.has_address = has(target, "address"),
		.address = address_of(target, "address"),
		.registers = registers,
	};
	for (int i = 0; i < CRASH_NR_KINDS; i++)
		if (strcmp(crash_kind_name((enum crash_kind)i), kind) == 0)
			ret->kind = (enum crash_kind)i;
	read_site(result, ret);
	read_process(result, ret);
	read_registers(result, registers);
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
	struct oops_group *group, **found = NULL;

	if (!key)
		return NULL;
	found = tfind(&key, &groups->keys, compare_names);
	if (found)
		return *found;
	group = calloc(1, sizeof(*group));
	if (!group || array_reserve(&groups->array, groups->nr, &groups->room,
				    sizeof(struct oops_group *)) < 0) {
		free(group);
		return NULL;
	}
	*group = (struct oops_group){.key = key, .is_warning = true};
	if (!tsearch(group, &groups->keys, compare_names)) {
		free(group);
		return NULL;
	}
	key = NULL;
	groups->array[groups->nr++] = group;
	return group;
}

/* A host and a log of the same name are two. */
static int compare_owners(const void *a, const void *b)
{
	const struct oops_owner *one = a, *two = b;

	return one->is_host != two->is_host ? one->is_host - two->is_host
					    : strcmp(one->name, two->name);
}

static struct oops_owner *owner_of(struct oops_groups *groups, struct oops_group *group,
				   const char *host, const char *file)
{
	struct oops_owner wanted = {.name = host ?: file, .is_host = host}, *owner,
			  **found;

	found = tfind(&wanted, &group->owners, compare_owners);
	if (found)
		return *found;
	owner = malloc(sizeof(*owner));
	wanted.name = intern(groups, wanted.name);
	if (!owner || !wanted.name) {
		free(owner);
		return NULL;
	}
	*owner = wanted;
	if (tsearch(owner, &group->owners, compare_owners))
		return owner;
	free(owner);
	return NULL;
}

/* An event of its own from what is borrowed of a result. NULL: no memory. */
static struct oops_event *make_event(struct oops_groups *groups,
				     const struct duplicate_traits *traits)
{
	struct oops_event *event = malloc(sizeof(*event));
	const char **const strings[] = {
		&event->traits.headline, &event->traits.bug_at, &event->traits.function,
		&event->traits.module,	 &event->traits.comm,	&event->traits.release,
		&event->traits.hardware,
	};

	if (!event)
		return NULL;
	*event = (struct oops_event){.traits = *traits, .registers = *traits->registers};
	event->traits.registers = &event->registers;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		*strings[i] = intern(groups, *strings[i]);
		if (!*strings[i]) {
			free(event);
			return NULL;
		}
	}
	return event;
}

/* The event that the result is one more copy of, or a new one. */
static int add_event(struct oops_groups *groups, struct oops_group *group,
		     const json_t *result, const char *file, bool *ret_is_new)
{
	const char *host = oops_groups_text(result, "host");
	struct oops_owner *owner = owner_of(groups, group, host, file);
	struct duplicate_traits traits;
	struct registers registers;
	struct oops_event *event;

	*ret_is_new = false;
	if (!owner)
		return -ENOMEM;
	read_traits(result, &registers, &traits);
	for (event = owner->events; event; event = event->next)
		if (duplicate_have_traits(&event->traits, &traits))
			return 0;
	event = make_event(groups, &traits);
	if (!event)
		return -ENOMEM;
	event->next = owner->events;
	owner->events = event;
	group->nr_crashes++;
	*ret_is_new = true;
	return 0;
}

static int take_files(struct oops_groups *groups, struct oops_group *group,
		      const json_t *result)
{
	const json_t *file;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(result, "files"), i,
			   file) if (r == 0 && json_is_string(file))
		r = add_name(groups, &group->files, json_string_value(file));
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
	r = add_event(reader->groups, group, result, file, &is_new);
	if (r == 0 && is_new)
		group->nr_panics += has(result, "panic");
	if (r == 0)
		r = add_name(reader->groups, host ? &group->hosts : &group->nameless,
			     host ?: file);
	if (r == 0 && release)
		r = add_name(reader->groups, &group->releases, release);
	return r == 0 ? take_files(reader->groups, group, result) : r;
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
	const struct oops_group *one = *(struct oops_group *const *)a,
				*two = *(struct oops_group *const *)b;
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

static void free_owner(void *node)
{
	struct oops_owner *owner = node;

	while (owner->events) {
		struct oops_event *next = owner->events->next;

		free(owner->events);
		owner->events = next;
	}
	free(owner);
}

static void free_group(struct oops_group *group)
{
	tdestroy(group->owners, free_owner);
	free_names(&group->hosts);
	free_names(&group->nameless);
	free_names(&group->releases);
	free_names(&group->files);
	json_decref(group->example);
	free(group->key);
	free(group);
}

void oops_groups_free(struct oops_groups *groups)
{
	tdestroy(groups->keys, forget);
	for (size_t i = 0; i < groups->nr; i++)
		free_group(groups->array[i]);
	tdestroy(groups->strings, free_string);
	free(groups->array);
	free(groups->errors);
	*groups = (struct oops_groups){0};
}
