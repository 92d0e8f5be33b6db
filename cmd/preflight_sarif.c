/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of "preflight" as a SARIF 2.1.0 log. */
#include "cmd/preflight_sarif.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
#include "kcore/cleanup.h"
#include "kcore/loss.h"

/* A rule for each verdict; a result's rule is "VERDICT/KIND", which SARIF calls
 * hierarchical. Undecided is a note: nothing was found, and not all was seen.
 */
static const struct {
	const char *level, *name, *words;
} rules[FINDING_NR_VERDICTS] = {
	[FINDING_WOULD_FAULT] =
		{"error", "WouldFault",
		 "This load would fault: a store to read-only memory, or a dry run that "
		 "ended in a fault."},
	[FINDING_BYPASS] = {"error", "Bypass",
			    "The module lifts the protection of sealed memory."},
	[FINDING_SUSPECT] =
		{"warning", "Suspect",
		 "Code that this load may not run writes to sealed memory, or "
		 "a sealed object's name or address stands where it has no "
		 "business."},
	[FINDING_REFUSED] = {"error", "Refused", "The kernel would not load the module."},
	[FINDING_UNDECIDED] = {"note", "Undecided", "Not all of it could be seen."},
	[FINDING_CLEAN] = {"none", "Clean", "Nothing was found."},
};

void preflight_sarif_begin(void)
{
	fputs("{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
	      "schemas/sarif-schema-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
	      "\"columnKind\":\"utf16CodeUnits\",\"results\":[",
	      stdout);
}

/* A path as a URI: file:// where it is absolute. NULL: no memory. */
static json_t *uri_of(const char *path)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789-._~/";
	const char *scheme = *path == '/' ? "file://" : "";
	_cleanup_free_ char *text = malloc(strlen(scheme) + 3 * strlen(path) + 1);
	char *end = text;

	if (!text)
		return NULL;
	end = stpcpy(text, scheme);
	for (const unsigned char *c = (const unsigned char *)path; *c; c++)
		if (strchr(kept, *c))
			*end++ = (char)*c;
		else
			end += sprintf(end, "%%%02X", *c);
	*end = '\0';
	return json_string(text);
}

/* The source line where the file's DWARF tells it, else the file; and the function. */
static json_t *location_of(const char *path, const struct finding *finding)
{
	const struct sourceline *line = finding && finding->site.nr_lines
						? &finding->site.lines[0]
						: NULL;
	bool has_line = line && *line->file && line->line > 0;
	json_t *location, *physical;

	physical = json_pack("{s:{s:o}}", "artifactLocation", "uri",
			     uri_of(has_line ? line->file : path));
	if (has_line)
		json_object_set_new(physical, "region",
				    json_pack("{s:i}", "startLine", line->line));
	location = json_pack("{s:o}", "physicalLocation", physical);
	if (finding && finding->has_site && finding->site.function)
		json_object_set_new(
			location, "logicalLocations",
			json_pack("[{s:o, s:s, s:o}]", "name",
				  json_text(finding->site.function), "kind", "function",
				  "fullyQualifiedName",
				  json_sprintf("%s+0x%" PRIx64, finding->site.function,
					       finding->site.offset)));
	return location;
}

static const char *name_of(const struct addrspace_name *name)
{
	return name->symbol ?: name->region ?: "memory without a name";
}

static void write_words(FILE *file, const struct finding *finding)
{
	static const char *const accesses[] = {
		[FINDING_STORE] = "writes to",
		[FINDING_READ_MODIFY_WRITE] = "reads and writes",
		[FINDING_READ] = "reads",
		[FINDING_FETCH] = "runs code at",
	};
	const struct addrspace_name *name = &finding->target.name;
	bool has_module = name->module && *name->module;

	fprintf(file, "%s: ", finding->kind);
	if (finding->has_target && finding->access == FINDING_CALL)
		fprintf(file, "calls %s on ", finding->callee ?: "a function");
	else if (finding->has_target)
		fprintf(file, "%s ", accesses[finding->access]);
	if (finding->has_target) {
		fprintf(file, "%s%s%s%s", finding->target.is_exact ? "" : "somewhere in ",
			has_module ? name->module : "", has_module ? ":" : "",
			name_of(name));
		if (name->symbol && name->offset)
			fprintf(file, "+0x%" PRIx64, name->offset);
		if (name->symbol && name->region)
			fprintf(file, " (%s)", name->region);
		fputs("; ", file);
	}
	if (*finding->note)
		fprintf(file, "%s; ", finding->note);
	fprintf(file, "what to do: %s", advice_of_finding(finding));
}

/* What the finding says, in one string; NULL: no memory. */
static json_t *words_of(const struct finding *finding)
{
	_cleanup_free_ char *text = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);

	if (!file)
		return NULL;
	write_words(file, finding);
	return loss_close(file) < 0 ? NULL : json_text(text);
}

/* The same place and thing in the next build, however the code has moved. */
static json_t *fingerprint(const struct preflight_answer *answer,
			   const struct finding *finding)
{
	const char *module = answer->file->module_name;
	const char *function = finding->has_site ? finding->site.function : NULL;
	const char *target = finding->has_target ? finding->target.name.symbol
						 : finding->symbol;
	char text[512];

	snprintf(text, sizeof(text), "%.100s/%s/%.150s/%.150s", module ?: "",
		 finding->kind, function ?: "", target ?: "");
	return json_pack("{s:o}", "kwcheckPlace/v1", json_text(text));
}

static json_t *result_of(enum finding_verdict verdict, const char *kind, json_t *words,
			 json_t *location)
{
	return json_pack("{s:o, s:i, s:s, s:{s:o}, s:[o]}", "ruleId",
			 json_sprintf("%s/%s", finding_verdict_name(verdict), kind),
			 "ruleIndex", (int)verdict, "level", rules[verdict].level,
			 "message", "text", words, "locations", location);
}

static json_t *finding_result(const struct preflight_answer *answer,
			      const struct finding *finding)
{
	json_t *result = result_of(finding->verdict, finding->kind, words_of(finding),
				   location_of(answer->file->path, finding));

	json_object_set_new(result, "partialFingerprints", fingerprint(answer, finding));
	json_object_set_new(result, "properties",
			    json_pack("{s:s, s:b, s:o}", "evidence",
				      finding->is_dry_run ? "dry-run" : "static",
				      "is_confirmed", finding->is_confirmed, "module",
				      json_text(answer->file->module_name)));
	return result;
}

/* The verdict that no finding tells: why, and what to do. */
static json_t *verdict_result(const struct preflight_answer *answer,
			      enum finding_verdict verdict)
{
	const struct preflight *preflight = answer->preflight;
	const char *reason = preflight		      ? preflight->reason
			     : *answer->error.message ? answer->error.message
						      : "not looked at";
	const char *advice = preflight ? preflight->advice : advice_of_failure();
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s%swhat to do: %s", reason, *reason ? "; " : "", advice) <
	    0) {
		text = NULL;
		return NULL;
	}
	return result_of(verdict, "module", json_text(text),
			 location_of(answer->file->path, NULL));
}

static int put(FILE *out, bool *has_result, json_t *result)
{
	if (*has_result)
		fputc(',', out);
	*has_result = true;
	return json_print(out, result);
}

int preflight_sarif(FILE *out, const struct preflight_answer *answer)
{
	const struct preflight *preflight = answer->preflight;
	enum finding_verdict verdict = preflight_verdict(answer);
	bool has_result = false, is_told = verdict == FINDING_CLEAN;
	int r = 0;

	for (size_t i = 0; preflight && i < preflight->findings.nr && r == 0; i++) {
		const struct finding *finding = &preflight->findings.array[i];

		if (finding->verdict == FINDING_CLEAN)
			continue;
		is_told |= finding->verdict == verdict;
		r = put(out, &has_result, finding_result(answer, finding));
	}
	if (r == 0 && !is_told)
		r = put(out, &has_result, verdict_result(answer, verdict));
	return r;
}

static json_t *driver(void)
{
	json_t *array = json_array();

	for (int i = 0; i < FINDING_NR_VERDICTS; i++)
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:{s:s}, s:{s:s}}", "id",
					 finding_verdict_name((enum finding_verdict)i),
					 "name", rules[i].name, "shortDescription",
					 "text", rules[i].words, "defaultConfiguration",
					 "level", rules[i].level));
	return json_pack("{s:{s:s, s:s, s:o}}", "driver", "name", "kwcheck", "version",
			 KWCHECK_VERSION, "rules", array);
}

static json_t *invocation(const struct error *errors, size_t nr_errors)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr_errors; i++)
		json_array_append_new(array, json_pack("{s:s, s:{s:o}, s:{s:s}}", "level",
						       "error", "message", "text",
						       json_text(errors[i].message),
						       "descriptor", "id",
						       error_code_name(errors[i].code)));
	return json_pack("[{s:b, s:o}]", "executionSuccessful", nr_errors == 0,
			 "toolExecutionNotifications", array);
}

void preflight_sarif_end(const struct error *errors, size_t nr_errors)
{
	struct error lost = {0};

	/* Without memory there are no values to be printed. */
	if (loss_check(&lost) < 0) {
		printf("],\"tool\":{\"driver\":{\"name\":\"kwcheck\"}},\"invocations\":[{"
		       "\"executionSuccessful\":false,\"toolExecutionNotifications\":[{"
		       "\"level\":\"error\",\"message\":{\"text\":\"%s\"}}]}]}]}\n",
		       lost.message);
		return;
	}
	fputs("],\"tool\":", stdout);
	json_print(stdout, driver());
	fputs(",\"invocations\":", stdout);
	json_print(stdout, invocation(errors, nr_errors));
	fputs("}]}\n", stdout);
}
