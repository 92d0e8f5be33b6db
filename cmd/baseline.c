/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit against an earlier one of the same build. */
#include "cmd/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct comparison {
	json_t *rows; /* of the baseline */
	const struct auditfacts *audit;
	baseline_fn each;
	void *ctx;
	size_t nr, nr_unseen;
	bool is_cut; /* one of the two had too little memory for some row */
};

static const char *member(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* What json_load_callback() reads from. */
struct reader {
	int fd;
	int error; /* errno of a read that failed; 0: none did */
};

/* json_loadfd() asks for one byte at a time. */
static size_t read_some(void *buffer, size_t nr_bytes, void *ctx)
{
	struct reader *reader = ctx;
	ssize_t nr = TEMP_FAILURE_RETRY(read(reader->fd, buffer, nr_bytes));

	if (nr < 0)
		reader->error = errno;
	return (size_t)nr;
}

int baseline_load(json_t **ret, int fd, const char *path, const char *build_id,
		  struct error *err)
{
	struct reader reader = {.fd = fd};
	json_error_t why;
	json_t *root = json_load_callback(read_some, &reader, JSON_REJECT_DUPLICATES,
					  &why);
	const char *made_on;

	if (reader.error) {
		json_decref(root);
		return error_set(err, ERROR_FILE, -reader.error, "%.200s: %s", path,
				 strerror(reader.error));
	}
	if (!root)
		return error_set(err, ERROR_FILE, -EINVAL,
				 "%.200s: not the output of 'kwcheck audit --json': line "
				 "%d: %.100s",
				 path, why.line, why.text);
	made_on = member(json_object_get(root, "kernel"), "build_id");
	if (strcmp(member(root, "schema"), "kwcheck/1") != 0 ||
	    strcmp(member(root, "command"), "audit") != 0 ||
	    !json_is_array(json_object_get(root, "results"))) {
		error_set(err, ERROR_FILE, -EINVAL,
			  "%.200s: not the output of 'kwcheck audit --json'", path);
	} else if (strcmp(made_on, build_id) != 0) {
		error_set(
			err, ERROR_OTHER_BUILD, -ESTALE,
			"%.200s: made on build %.60s, this kernel is build %.60s; make a "
			"new baseline",
			path, made_on, build_id);
	} else {
		*ret = root;
		return 0;
	}
	json_decref(root);
	return -EINVAL;
}

static void tell(struct comparison *comparison, const struct baseline_change *change)
{
	comparison->nr++;
	comparison->each(comparison->ctx, change);
}

static bool is_row(const json_t *object, const char *group, const char *name)
{
	return strcmp(member(object, "group"), group) == 0 &&
	       strcmp(member(object, "name"), name) == 0;
}

/* The baseline's row of that group and name, the @nth of them; NULL: none. */
static json_t *row_of(const json_t *rows, const char *group, const char *name, size_t nth)
{
	json_t *object;
	size_t i;

	json_array_foreach(rows, i, object) if (is_row(object, group, name) &&
						nth-- == 0) return object;
	return NULL;
}

static bool is_finding(const json_t *object, const struct audit_finding *finding)
{
	return strcmp(member(object, "kind"), audit_kind_name(finding->kind)) == 0 &&
	       strcmp(member(object, "place"), finding->place) == 0 &&
	       json_integer_value(json_object_get(object, "size_bytes")) ==
		       (json_int_t)finding->size_bytes;
}

static void compare_findings(struct comparison *comparison, size_t i, json_t *was)
{
	const struct auditfacts *audit = comparison->audit;
	struct baseline_change change = {
		.group = audit_group_name(audit->rows[i].group),
		.name = audit->rows[i].name,
	};
	json_t *findings = json_object_get(was, "findings"), *object;
	size_t k;

	for (size_t j = 0; j < audit->nr_findings; j++) {
		bool is_known = false;

		if (audit->findings[j].row != i)
			continue;
		json_array_foreach(findings, k, object)
			is_known |= is_finding(object, &audit->findings[j]);
		change.kind = "new-finding";
		change.now = audit->findings[j].message;
		change.finding = &audit->findings[j];
		if (!is_known)
			tell(comparison, &change);
	}
	change.now = NULL;
	change.finding = NULL;
	json_array_foreach(findings, k, object)
	{
		bool is_there = false;

		for (size_t j = 0; j < audit->nr_findings; j++)
			is_there |= audit->findings[j].row == i &&
				    is_finding(object, &audit->findings[j]);
		change.kind = "finding-gone";
		change.was = member(object, "message");
		if (!is_there)
			tell(comparison, &change);
	}
}

/* Rows whose detail is a value that only an administrator or an attacker changes. */
static bool has_value(const struct audit_row *row)
{
	return row->group == AUDIT_LEVERS || row->nr_hooks;
}

/* Could a row not be decided because the core that was audited has not got a page? */
static bool is_excluded(const char *verdict, const char *detail)
{
	return strcmp(verdict, "unknown") == 0 && strncmp(detail, "excluded: ", 10) == 0;
}

static bool is_excluded_now(const struct audit_row *row)
{
	return is_excluded(audit_verdict_name(row->verdict), row->detail);
}

static bool was_excluded(const json_t *object)
{
	return is_excluded(member(object, "verdict"), member(object, "detail"));
}

/* Had either core too little memory for some row: of @group, or of any where it is NULL?
 */
static bool is_excluded_row(const struct comparison *comparison, const char *group)
{
	const struct auditfacts *audit = comparison->audit;
	json_t *object;
	size_t i;

	for (i = 0; i < audit->nr_rows; i++)
		if ((!group ||
		     strcmp(audit_group_name(audit->rows[i].group), group) == 0) &&
		    is_excluded_now(&audit->rows[i]))
			return true;
	json_array_foreach(comparison->rows, i, object)
	{
		if ((!group || strcmp(member(object, "group"), group) == 0) &&
		    was_excluded(object))
			return true;
	}
	return false;
}

static bool is_decided(const char *verdict)
{
	return strcmp(verdict, audit_verdict_name(AUDIT_SEALED)) == 0 ||
	       strcmp(verdict, audit_verdict_name(AUDIT_UNSEALED)) == 0;
}

/* May an object of @group and @verdict be missing in the other audit because one of the
 * two had too little memory? Values that are merely told are missing so in any group.
 */
static bool may_be_unseen(const struct comparison *comparison, const char *group,
			  const char *verdict)
{
	return is_excluded_row(comparison, group) ||
	       (comparison->is_cut && !is_decided(verdict));
}

static void compare_row(struct comparison *comparison, size_t i)
{
	const struct audit_row *row = &comparison->audit->rows[i];
	const char *group = audit_group_name(row->group);
	const char *now = audit_verdict_name(row->verdict);
	json_t *was = row_of(comparison->rows, group, row->name,
			     auditfacts_namesakes(comparison->audit, i));
	struct baseline_change change = {.group = group, .name = row->name};
	char hooks_was[32], hooks_now[32];

	/* Only what both could see is compared. */
	if (is_excluded_now(row) || (was && was_excluded(was)) ||
	    (!was && may_be_unseen(comparison, group, now)) ||
	    (was && is_decided(member(was, "verdict")) != is_decided(now) &&
	     comparison->is_cut)) {
		comparison->nr_unseen++;
		return;
	}
	if (!was) {
		change.kind = "appeared";
		change.now = audit_verdict_name(row->verdict);
		tell(comparison, &change);
		compare_findings(comparison, i, NULL);
		return;
	}
	if (strcmp(member(was, "verdict"), audit_verdict_name(row->verdict)) != 0) {
		change.kind = "verdict";
		change.was = member(was, "verdict");
		change.now = audit_verdict_name(row->verdict);
		tell(comparison, &change);
	}
	if (has_value(row)) {
		snprintf(hooks_was, sizeof(hooks_was), "%lld hooks",
			 (long long)json_integer_value(json_object_get(was, "hooks")));
		snprintf(hooks_now, sizeof(hooks_now), "%u hooks", row->nr_hooks);
		change.kind = "value";
		change.was = row->nr_hooks ? hooks_was : member(was, "detail");
		change.now = row->nr_hooks ? hooks_now : row->detail;
		if (strcmp(change.was, change.now) != 0)
			tell(comparison, &change);
	}
	compare_findings(comparison, i, was);
}

static bool is_audited(const struct auditfacts *audit, const char *group)
{
	for (int i = 0; i < AUDIT_NR_GROUPS; i++)
		if (strcmp(group, audit_group_name((enum audit_group)i)) == 0)
			return audit->groups & 1u << i;
	return false;
}

static void find_gone(struct comparison *comparison)
{
	const struct auditfacts *audit = comparison->audit;
	json_t *object;
	size_t i;

	json_array_foreach(comparison->rows, i, object)
	{
		struct baseline_change change = {
			.kind = "gone",
			.group = member(object, "group"),
			.name = member(object, "name"),
			.was = member(object, "verdict"),
		};
		bool is_there = false;

		for (size_t j = 0; j < audit->nr_rows && !is_there; j++)
			is_there = is_row(object, audit_group_name(audit->rows[j].group),
					  audit->rows[j].name);
		if (is_there || !is_audited(audit, change.group))
			continue;
		if (may_be_unseen(comparison, change.group, change.was))
			comparison->nr_unseen++;
		else
			tell(comparison, &change);
	}
}

size_t baseline_each(json_t *baseline, const struct auditfacts *audit, baseline_fn each,
		     void *ctx, size_t *ret_unseen)
{
	struct comparison comparison = {
		.rows = json_object_get(baseline, "results"),
		.audit = audit,
		.each = each,
		.ctx = ctx,
	};

	comparison.is_cut = is_excluded_row(&comparison, NULL);
	for (size_t i = 0; i < audit->nr_rows; i++)
		compare_row(&comparison, i);
	find_gone(&comparison);
	*ret_unseen = comparison.nr_unseen;
	return comparison.nr;
}
