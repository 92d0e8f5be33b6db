/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kwcheck/1 JSON object, written as it comes: an envelope around results and errors.
 */
#ifndef KWCHECK_CMD_JSON_H
#define KWCHECK_CMD_JSON_H

#include "cmd/kernelfacts.h"
#include "kcore/sourceline.h"
#include "kcore/steady.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* An object is begun once, given its results, then ended with the errors. */
struct json {
	bool has_result;
};

/* Jansson leaves out of a value, without a word, what it finds no memory for. That is
 * noted as a loss (kcore/loss.h). After a loss no result is printed any more; json_end()
 * tells the error.
 */

/* @value, which is taken over, without an end of the line. 0, or -ENOMEM: nothing of it.
 */
int json_print(FILE *out, json_t *value);
/* @facts: NULL where no kernel could be opened; "kernel" is null then. */
void json_begin(struct json *json, const char *command, const struct kernelfacts *facts);
void json_capture(struct json *json, const char *file, uint64_t size_bytes,
		  const char *contents, const struct steady *steady);
/* JSON Lines: the envelope's head, then one value a line; @value is taken over. */
json_t *json_head(const char *command, const struct kernelfacts *facts);
void json_line(json_t *value);
/* {"error":{"code":..., "message":...}}, for JSON Lines. */
json_t *json_error(const struct error *err);
/* One more result, of any verb; @value is taken over. */
void json_result(struct json *json, json_t *value);
/* An address: a string, since a JSON number loses 64-bit values. */
json_t *json_address(uint64_t value);
/* Untrusted bytes as a string of valid UTF-8; NULL gives null. */
json_t *json_text(const char *bytes);
/* The functions inlined at a place as an array; null where there is none. */
json_t *json_lines(const struct sourceline lines[], size_t nr);
void json_end(struct json *json, const struct error *errors, size_t nr_errors);

#endif
