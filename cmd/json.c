/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kwcheck/1 JSON object, written as it comes: an envelope around results and errors.
 */
#include "cmd/json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* A JSON number loses 64-bit values; an address is a string. */
static json_t *hex(uint64_t value)
{
	return json_sprintf("0x%016" PRIx64, value);
}

/* Jansson refuses what is not UTF-8; names come from the kernel, modules and users. */
static json_t *safe_string(const char *bytes)
{
	char escaped[1024];
	size_t nr = 0;
	json_t *string = json_string(bytes);

	if (string)
		return string;
	for (const unsigned char *c = (const unsigned char *)bytes; *c && nr < 1000; c++)
		nr += (size_t)sprintf(escaped + nr, *c < 0x80 ? "%c" : "\\x%02x", *c);
	escaped[nr] = '\0';
	return json_string(escaped);
}

static json_t *optional_string(const char *bytes)
{
	return bytes ? safe_string(bytes) : json_null();
}

/* So that its allocations are noted, too. */
static void __attribute__((constructor)) watch_allocations(void)
{
	json_set_alloc_funcs(malloc, free);
}

int json_print(FILE *out, json_t *value)
{
	const size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY;
	/* All of it before a byte is printed: this, too, needs memory. */
	_cleanup_free_ char *text = json_dumps(value, flags);
	struct error err = {0};

	json_decref(value);
	if (!text)
		loss_note("the answer", ENOMEM);
	if (loss_check(&err) < 0)
		return -ENOMEM;
	fputs(text, out);
	return 0;
}

/* Without memory there are no values to be printed. */
static void print_lost(const struct error *lost)
{
	printf("{\"code\":\"%s\",\"message\":\"%s\"}", error_code_name(lost->code),
	       lost->message);
}

static void print(json_t *value)
{
	if (json_print(stdout, value) < 0)
		fputs("null", stdout);
}

static const char *source_of(const struct kernelfacts *facts)
{
	if (facts->is_unbooted)
		return "image";
	return facts->is_live ? "live" : "core";
}

static json_t *kernel_object(const struct kernelfacts *facts)
{
	json_t *notes;

	if (!facts)
		return json_null();
	notes = json_array();
	for (size_t i = 0; i < facts->nr_notes; i++)
		json_array_append_new(notes, safe_string(facts->notes[i]));
	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:i, s:{s:s, s:o}, s:o, s:o}",
		"release", safe_string(facts->release), "build_id",
		safe_string(facts->build_id), "source", source_of(facts), "file",
		json_text(facts->path), "host",
		json_text(facts->host[0] ? facts->host : NULL), "time",
		json_text(facts->time[0] ? facts->time : NULL), "tool",
		"kwcheck " KWCHECK_VERSION, "levels", (int)facts->format.levels, "root",
		"kind", facts->root_name, "physical", hex(facts->root_pa), "hypervisor",
		optional_string(hypervisor_name(facts->hypervisor)), "notes", notes);
}

void json_begin(struct json *json, const char *command, const struct kernelfacts *facts)
{
	*json = (struct json){0};
	printf("{\"schema\":\"kwcheck/1\",\"command\":\"%s\",\"kernel\":", command);
	print(kernel_object(facts));
	fputs(",\"tool\":\"kwcheck " KWCHECK_VERSION "\",\"results\":[", stdout);
}

json_t *json_head(const char *command, const struct kernelfacts *facts)
{
	return json_pack("{s:s, s:s, s:o, s:s}", "schema", "kwcheck/1", "command",
			 command, "kernel", kernel_object(facts), "tool",
			 "kwcheck " KWCHECK_VERSION);
}

void json_line(json_t *value)
{
	struct error lost = {0};

	if (json_print(stdout, value) < 0 && loss_check(&lost) < 0) {
		fputs("{\"error\":", stdout);
		print_lost(&lost);
		putchar('}');
	}
	putchar('\n');
}

static json_t *error_object(const struct error *err)
{
	return json_pack("{s:s, s:o}", "code", error_code_name(err->code), "message",
			 safe_string(err->message));
}

json_t *json_error(const struct error *err)
{
	return json_pack("{s:o}", "error", error_object(err));
}

void json_capture(struct json *json, const char *file, uint64_t size_bytes,
		  const char *contents, const struct steady *steady)
{
	json->has_result = true;
	print(json_pack("{s:o, s:I, s:s, s:b, s:I, s:I, s:I, s:o, s:o}", "file",
			safe_string(file), "size_bytes", (json_int_t)size_bytes,
			"contents", contents, "one_moment", steady_is_one_moment(steady),
			"tables", (json_int_t)steady->nr_tables, "tables_changed",
			(json_int_t)steady->nr_tables_changed, "entries_changed",
			(json_int_t)steady->nr_entries_changed, "modules_changed",
			steady->has_modules
				? json_integer((json_int_t)steady->nr_modules_changed)
				: json_null(),
			"changed_modules",
			steady->has_modules ? safe_string(steady->names) : json_null()));
}

void json_result(struct json *json, json_t *value)
{
	struct error err = {0};

	if (loss_check(&err) < 0) {
		json_decref(value);
		return;
	}
	if (json->has_result)
		putchar(',');
	json->has_result = true;
	print(value);
}

json_t *json_address(uint64_t value)
{
	return hex(value);
}

json_t *json_text(const char *bytes)
{
	return optional_string(bytes);
}

json_t *json_lines(const struct sourceline lines[], size_t nr)
{
	json_t *array = nr ? json_array() : json_null();

	for (size_t i = 0; i < nr; i++) {
		const char *function = lines[i].function, *file = lines[i].file;

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:i}", "function",
						json_text(*function ? function : NULL),
						"file", json_text(*file ? file : NULL),
						"line", lines[i].line));
	}
	return array;
}

void json_end(struct json *json, const struct error *errors, size_t nr_errors)
{
	struct error lost = {0};

	(void)json;
	fputs("],\"errors\":[", stdout);
	if (loss_check(&lost) < 0)
		print_lost(&lost);
	for (size_t i = 0; i < nr_errors && !lost.code; i++) {
		if (i)
			putchar(',');
		print(error_object(&errors[i]));
	}
	fputs("]}\n", stdout);
}
