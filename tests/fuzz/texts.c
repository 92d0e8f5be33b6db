/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that somebody else may have written. */
#include <stdlib.h>
#include <string.h>

#include "cmd/baseline.h"
#include "cmd/target.h"
#include "kcore/symbols.h"
#include "kcore/vmcoreinfo.h"
#include "oops/duplicate.h"
#include "oops/explanation.h"
#include "oops/paste.h"
#include "tests/fuzz/target.h"

void fuzz_oops(const unsigned char *bytes, size_t nr_bytes)
{
	static struct explanation explanation;
	struct boot_facts facts = {0};
	struct explanation_sources sources = {.facts = &facts};
	struct crashes crashes = {0};
	struct log log;

	if (log_read(&log, bytes, nr_bytes) < 0)
		return;
	sources.log = &log;
	if (crashes_find(&crashes, &log) == 0)
		for (size_t i = 0; i < crashes.nr; i++) {
			explanation_make(&crashes.array[i], &sources, &explanation);
			/* A crash is as its own copy is, where that can be told at all.
			 */
			duplicate_is(&crashes.array[i], &crashes.array[0]);
			duplicate_score(&crashes.array[i]);
		}
	crashes_free(&crashes);
	log_free(&log);
}

void fuzz_site(const unsigned char *bytes, size_t nr_bytes)
{
	char *text = fuzz_text(bytes, nr_bytes);
	const char *at = text;
	struct site site;

	while (site_scan(&at, &site)) {
		if (at > text + nr_bytes)
			fuzz_fail("site: it went beyond the end");
		site_is_past_end(&site);
	}
	free(text);
}

void fuzz_paste(const unsigned char *bytes, size_t nr_bytes)
{
	char *text = fuzz_text(bytes, nr_bytes);
	size_t nr = paste_plain(text, nr_bytes);
	const char *line = text, *end;
	bool has_edge = false;
	int depth = 0;

	if (nr > nr_bytes)
		fuzz_fail("paste: it grew");
	nr = paste_unescape(text, nr);
	end = text + nr;
	paste_fence(&line, &end);
	if (line < text || end > text + nr || line > end)
		fuzz_fail("paste: a line outside of the text");
	line += paste_quotes(line, end, 8, &depth);
	if (line > end)
		fuzz_fail("paste: more quoting marks than text");
	paste_line((char *)line, (char *)end, &has_edge);
	free(text);
}

void fuzz_kallsyms_text(const unsigned char *bytes, size_t nr_bytes)
{
	const struct listing_text text = {.fd = -1,
					  .bytes = (const char *)bytes,
					  .size_bytes = nr_bytes,
					  .path = "fuzzed"};
	struct error err = {0};
	struct symbols symbols;
	uint64_t address;

	if (symbols_read(&symbols, &text, &err) < 0)
		return;
	for (size_t i = 0; i < 64; i++) {
		const struct symbol *symbol = symbols_nth(&symbols, i);

		if (!symbol)
			break;
		if (!symbols_find(&symbols, symbol->name, NULL, NULL))
			fuzz_fail("kallsyms: %s is not found again", symbol->name);
		if (!symbols_at(&symbols, symbol->address))
			fuzz_fail("kallsyms: nothing at %s's address", symbol->name);
		symbols_next_address(&symbols, symbol->address, &address);
	}
	symbols_close(&symbols);
}

void fuzz_vmcoreinfo(const unsigned char *bytes, size_t nr_bytes)
{
	/* Just as large as it is, for the sanitizer to see the end. */
	char *text = malloc(nr_bytes ? nr_bytes : 1), value[64];
	const struct vmcoreinfo info = {.text = text, .size_bytes = nr_bytes};
	uint64_t number;
	int64_t signed_number;
	size_t length;

	if (!text)
		return;
	memcpy(text, bytes, nr_bytes);
	if (vmcoreinfo_string(&info, "OSRELEASE", value, sizeof(value)) == 0 &&
	    strlen(value) >= sizeof(value))
		fuzz_fail("vmcoreinfo: a value without an end");
	vmcoreinfo_symbol(&info, "_stext", &number);
	vmcoreinfo_number(&info, "phys_base", &signed_number);
	vmcoreinfo_length(&info, "SIZE(page)", &length);
	vmcoreinfo_hex(&info, "KERNELOFFSET", &number);
	free(text);
}

void fuzz_word(const unsigned char *bytes, size_t nr_bytes)
{
	char *word = fuzz_text(bytes, nr_bytes);
	struct error err = {0};
	struct target target;
	int r = target_parse(word, &target, &err);

	if (r < 0 && (err.code != ERROR_MALFORMED_TARGET || !err.message[0]))
		fuzz_fail("word: refused without a word");
	if (r == 0 && target.is_symbol && !target.name[0])
		fuzz_fail("word: a symbol without a name");
	if (r == 0 && !target.is_symbol && target.size_bytes &&
	    target.address + (target.size_bytes - 1) < target.address)
		fuzz_fail("word: a range that goes around the end");
	target_is_bare_hex(word);
	free(word);
}

void fuzz_list(const unsigned char *bytes, size_t nr_bytes)
{
	struct target_list list = {0};
	struct error err = {0};
	char word[64];

	snprintf(word, sizeof(word), "@/proc/self/fd/%d", fuzz_file(bytes, nr_bytes));
	if (target_list_add(&list, word, &err) == 0 && !list.nr)
		fuzz_fail("list: a list of nothing");
	target_list_free(&list);
}

static void ignore_change(void *ctx, const struct baseline_change *change)
{
	(void)ctx;
	if (!change->kind)
		fuzz_fail("baseline: a change of no kind");
}

void fuzz_baseline(const unsigned char *bytes, size_t nr_bytes)
{
	static const struct audit_row rows[] = {
		{.group = AUDIT_LSM,
		 .verdict = AUDIT_SEALED,
		 .name = "alpha",
		 .why = "x",
		 .nr_hooks = 3},
		{.group = AUDIT_LEVERS,
		 .name = "modprobe_path",
		 .why = "x",
		 .detail = "/sbin/modprobe"},
	};
	static const struct audit_finding findings[] = {{.row = 1,
							 .kind = AUDIT_WRITABLE,
							 .address = 0xffffffff81000000,
							 .size_bytes = 4096,
							 .place = "a_table",
							 .message = "it is open"}};
	static const struct auditfacts audit = {.groups = (1U << AUDIT_NR_GROUPS) - 1,
						.rows = rows,
						.nr_rows = 2,
						.findings = findings,
						.nr_findings = 1};
	struct error err = {0};
	json_t *baseline;
	size_t nr_unseen;

	if (baseline_load(&baseline, fuzz_file(bytes, nr_bytes), "fuzzed", "abcd", &err) <
	    0)
		return;
	baseline_each(baseline, &audit, ignore_change, NULL, &nr_unseen);
	json_decref(baseline);
}
