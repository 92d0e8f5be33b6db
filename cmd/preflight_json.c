/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of "preflight" as JSON. */
#include "cmd/preflight.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "cmd/json.h"
#include "cmd/result_json.h"
#include "preflight/judge_signature.h"

static json_t *sha256(const struct kofile *file)
{
	char hex[2 * KOFILE_SHA256_BYTES + 1];

	for (size_t i = 0; i < KOFILE_SHA256_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", file->sha256[i]);
	return json_string(hex);
}

static json_t *site_object(const struct finding *finding)
{
	if (!finding->has_site)
		return json_null();
	return json_pack(
		"{s:o, s:I, s:o, s:I, s:o}", "section", json_text(finding->site.section),
		"section_offset", (json_int_t)finding->site.section_offset, "function",
		json_text(finding->site.function), "offset",
		finding->site.function ? (json_int_t)finding->site.offset
				       : (json_int_t)finding->site.section_offset,
		"source", json_lines(finding->site.lines, finding->site.nr_lines));
}

static json_t *target_object(const struct finding *finding)
{
	const struct addrspace_name *name = &finding->target.name;

	if (!finding->has_target)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:I, s:o, s:b, s:o, s:o}", "symbol", json_text(name->symbol),
		"module", json_text(name->module), "offset", (json_int_t)name->offset,
		"address",
		finding->target.is_own ? json_null()
				       : json_address(finding->target.address),
		"is_exact", finding->target.is_exact, "region", json_text(name->region),
		"owner",
		json_text(finding->target.owner[0] ? finding->target.owner : NULL));
}

static json_t *page(const struct pt_format *format, const struct finding *finding)
{
	struct result_page of = {.walk = finding->walk,
				 .address = finding->target.address,
				 .is_poisoned = finding->is_poisoned};

	return finding->has_walk ? result_json_page(format, &of) : json_null();
}

static json_t *finding_object(const struct pt_format *format,
			      const struct finding *finding)
{
	return json_pack(
		"{s:s, s:s, s:s, s:b, s:o, s:o, s:{s:s, s:o, s:o}, s:o, s:o, s:o, s:o, "
		"s:s}",
		"kind", finding->kind, "verdict", finding_verdict_name(finding->verdict),
		"evidence", finding->is_dry_run ? "dry-run" : "static", "is_confirmed",
		finding->is_confirmed, "site", site_object(finding), "target",
		target_object(finding), "access", "kind",
		finding_access_name(finding->access), "size_bytes",
		finding->size_bytes ? json_integer(finding->size_bytes) : json_null(),
		"callee", json_text(finding->callee), "page", page(format, finding),
		"error_code",
		finding->error_code ? json_integer(finding->error_code) : json_null(),
		"note", json_text(finding->note), "symbol", json_text(finding->symbol),
		"advice", advice_of_finding(finding));
}

static json_t *signature(const struct preflight *preflight)
{
	const struct signature *of = &preflight->signature;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "state",
			 judge_signature_state_name(of->state), "signer",
			 json_text(*of->signer ? of->signer : NULL), "key_id",
			 json_text(*of->key_id ? of->key_id : NULL), "digest",
			 json_text(*of->digest ? of->digest : NULL), "key",
			 json_text(of->key ? of->key->name : NULL), "keyring",
			 json_text(of->key ? of->key->keyring : NULL));
}

static json_t *abilities(const struct preflight *preflight)
{
	json_t *array = json_array();

	for (unsigned i = 0; preflight && i < ABILITY_NR; i++)
		if (preflight->abilities >> i & 1)
			json_array_append_new(array, json_string(ability_name(i)));
	return array;
}

int preflight_json(FILE *out, const struct preflight_answer *answer)
{
	const struct preflight *preflight = answer->preflight;
	json_t *findings = json_array(), *result;

	for (size_t i = 0; preflight && i < preflight->findings.nr; i++)
		json_array_append_new(findings,
				      finding_object(&answer->facts->format,
						     &preflight->findings.array[i]));
	result = json_pack(
		"{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "file",
		json_text(answer->file->path), "sha256",
		answer->file->has_sha256 ? sha256(answer->file) : json_null(), "module",
		json_text(preflight ? answer->file->module_name : NULL), "verdict",
		finding_verdict_name(preflight_verdict(answer)), "reason",
		json_text(preflight	       ? preflight->reason
			  : answer->error.code ? answer->error.message
					       : ""),
		"advice", json_text(preflight ? preflight->advice : advice_of_failure()),
		"findings", findings, "signature",
		preflight ? signature(preflight) : json_null(), "abilities",
		abilities(preflight), "dry_run",
		preflight
			? preflight_dryrun_json(answer)
			: json_pack("{s:s, s:n, s:i, s:s, s:n}", "outcome", "not-run",
				    "return", "instructions", 0, "reason",
				    "the module could not be looked at", "reason_code"));
	if (answer->trial)
		json_object_set_new(result, "trial", preflight_trial_json(answer->trial));
	return json_print(out, result);
}
