/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs as people paste them: what is read of one is what the clean log says. */
#include "oops/paste.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mangle.h"
#include "oopslog.h"

/* The same words, however many blanks are between them. */
static bool is_same_text(const char *one, const char *two)
{
	for (;;) {
		while (*one == ' ' && (one[1] == ' ' || !one[1]))
			one++;
		while (*two == ' ' && (two[1] == ' ' || !two[1]))
			two++;
		if (*one != *two)
			return false;
		if (!*one)
			return true;
		one++;
		two++;
	}
}

/* @is_lossy: nothing at all is right, too. */
static bool is_right_text(const char *clean, const char *found, bool is_lossy)
{
	return is_same_text(clean, found) || (is_lossy && !*found);
}

static bool is_right_site(bool has_clean, const struct site *clean, bool has_found,
			  const struct site *found, bool is_lossy)
{
	if (!has_found)
		return is_lossy || !has_clean;
	return has_clean && strcmp(clean->function, found->function) == 0 &&
	       is_right_text(clean->module, found->module, is_lossy) &&
	       clean->offset == found->offset && clean->size_bytes == found->size_bytes;
}

static const char *wrong_register(const struct crash *clean, const struct crash *found,
				  bool is_lossy)
{
	for (enum register_name name = 0; name < REGISTER_NR; name++) {
		bool has = registers_has(&found->registers, name);

		if (has && (!registers_has(&clean->registers, name) ||
			    clean->registers.value[name] != found->registers.value[name]))
			return registers_name(name);
		if (!has && !is_lossy && registers_has(&clean->registers, name))
			return registers_name(name);
	}
	return NULL;
}

static const char *wrong_table(const struct crash *clean, const struct crash *found,
			       bool is_lossy)
{
	for (int i = 0; i < CRASH_NR_TABLES; i++) {
		const struct crash_entry *one = &clean->tables[i],
					 *two = &found->tables[i];

		if (two->has_value && (!one->has_value || one->value != two->value))
			return "another entry";
		if (!two->has_value && one->has_value && !is_lossy)
			return "no entry";
	}
	return NULL;
}

static bool is_right_code(const struct crash *clean, const struct crash *found,
			  bool is_lossy)
{
	if (found->code.at < 0)
		return is_lossy || clean->code.at < 0;
	if (found->code.at != clean->code.at || found->code.nr > clean->code.nr)
		return false;
	return (is_lossy || found->code.nr == clean->code.nr) &&
	       memcmp(clean->code.bytes, found->code.bytes, found->code.nr) == 0;
}

static bool is_right_trace(const struct crash *clean, const struct crash *found,
			   bool is_lossy)
{
	if (is_lossy)
		return found->nr_frames <= clean->nr_frames;
	if (found->nr_frames != clean->nr_frames)
		return false;
	for (size_t i = 0; i < clean->nr_frames; i++)
		if (!is_right_site(true, &clean->frames[i].site, true,
				   &found->frames[i].site, false))
			return false;
	return true;
}

/* A report that begins before its die line, with words that say more, may have lost them;
 * without its first lines it is of no known kind.
 */
static bool is_right_kind(const struct crash *clean, const struct crash *found,
			  bool is_lossy)
{
	if (clean->kind == found->kind)
		return true;
	if (!is_lossy)
		return false;
	return found->is_headless ||
	       (found->kind == CRASH_INVALID_OPCODE &&
		(clean->kind == CRASH_BUG || clean->kind == CRASH_LIST_CORRUPTION));
}

/* What is wrong about @found, or NULL. */
static const char *wrong(const struct crash *clean, const struct crash *found,
			 bool is_lossy)
{
	const char *name = wrong_register(clean, found, is_lossy);

	if (!name)
		name = wrong_table(clean, found, is_lossy);
	if (name)
		return name;
	if (!is_right_kind(clean, found, is_lossy))
		return "kind";
	if (!is_lossy && !is_same_text(clean->headline, found->headline))
		return "headline";
	if (!is_lossy && !is_same_text(clean->detail, found->detail))
		return "detail";
	if (!is_right_text(clean->bug_at, found->bug_at, is_lossy))
		return "bug_at";
	if (found->address_from ? clean->address != found->address
				: clean->address_from && !is_lossy)
		return "address";
	if (found->has_error_code ? clean->error_code != found->error_code
				  : clean->has_error_code && !is_lossy)
		return "error code";
	if (!is_lossy && (clean->mode != found->mode || clean->number != found->number ||
			  strcmp(clean->die, found->die) != 0))
		return "mode, number, die";
	if (found->has_cpu ? clean->cpu != found->cpu || clean->pid != found->pid
			   : clean->has_cpu && !is_lossy)
		return "CPU, PID";
	if (!is_right_text(clean->comm, found->comm, is_lossy) ||
	    !is_right_text(clean->taint, found->taint, is_lossy) ||
	    !is_right_text(clean->release, found->release, is_lossy))
		return "comm, taint, release";
	if (!is_right_text(clean->build, found->build, is_lossy))
		return "build";
	if (!is_right_text(clean->hardware, found->hardware, is_lossy))
		return "hardware";
	if (!is_right_site(clean->has_site, &clean->site, found->has_site, &found->site,
			   is_lossy))
		return "site";
	if (!is_right_code(clean, found, is_lossy))
		return "code";
	if (!is_lossy && strcmp(clean->module_flags, found->module_flags) != 0)
		return "module flags";
	return is_right_trace(clean, found, is_lossy) ? NULL : "trace";
}

/* Returns the number of wrong answers. */
static int compare(const struct oopslog *clean, const char *text, size_t nr,
		   bool is_lossy, const char *what)
{
	struct oopslog found;
	int nr_wrong = 0;

	oopslog_read(&found, text, nr);
	/* A headline that was cut away is no crash; what is found is one of them. */
	if (is_lossy ? found.crashes.nr > clean->crashes.nr
		     : found.crashes.nr != clean->crashes.nr) {
		cr_expect_fail("%s: %zu crashes of %zu", what, found.crashes.nr,
			       clean->crashes.nr);
		nr_wrong = 1;
	}
	for (size_t i = 0, j = 0; i < found.crashes.nr && !nr_wrong; i++, j++) {
		const struct crash *crash = &found.crashes.array[i];
		const char *name = wrong(&clean->crashes.array[j], crash, is_lossy);

		while (name && j + 1 + found.crashes.nr - i <= clean->crashes.nr)
			name = wrong(&clean->crashes.array[++j], crash, is_lossy);
		if (!name)
			continue;
		cr_expect_fail("%s: crash %zu: %s", what, i + 1, name);
		nr_wrong++;
	}
	oopslog_close(&found);
	return nr_wrong;
}

/* Where nothing shows any more what happened: of the log's last line that it was cut at a
 * column; of lines as wide as a terminal that it was one, if something is put around
 * them.
 */
static const char *const unknowable[][2] = {
	{"the end missing", "cut at 80"},
	{"a terminal's width", "a comment"},
	{"a terminal's width", "a diff"},
	{"a terminal's width", "strings"},
	{"flowed", "strings"},
	{"/dev/kmsg", "a terminal's width"},
};

/* Text that a mailer breaks after it was quoted is broken inside the quoting, too. */
static bool can_follow(const struct mangle *one, const struct mangle *two)
{
	for (size_t i = 0; i < sizeof(unknowable) / sizeof(unknowable[0]); i++)
		if (strcmp(one->name, unknowable[i][0]) == 0 &&
		    strcmp(two->name, unknowable[i][1]) == 0)
			return false;
	return one->stage < two->stage ||
	       (one->stage == MANGLE_QUOTE && two->stage == MANGLE_WRAP);
}

static void mangle_log(const char *name, unsigned seed)
{
	size_t nr;
	char *text = oopslog_load(name, &nr), what[200];
	struct oopslog clean;

	oopslog_read(&clean, text, nr);
	for (const struct mangle *one = mangles; one->name; one++) {
		size_t one_nr;
		char *once = one->run(text, nr, seed, &one_nr);

		snprintf(what, sizeof(what), "%s: %s, seed %u", name, one->name, seed);
		compare(&clean, once, one_nr, one->is_lossy, what);
		for (const struct mangle *two = mangles; two->name; two++) {
			size_t two_nr;
			char *twice;

			/* Of the long logs' pairs the seed takes some. */
			if (!can_follow(one, two) ||
			    (clean.crashes.nr > 1 &&
			     (one - mangles + two - mangles + (ptrdiff_t)seed) % 4 != 0))
				continue;
			twice = two->run(once, one_nr, seed, &two_nr);
			snprintf(what, sizeof(what), "%s: %s, then %s, seed %u", name,
				 one->name, two->name, seed);
			compare(&clean, twice, two_nr, one->is_lossy || two->is_lossy,
				what);
			free(twice);
		}
		free(once);
	}
	oopslog_close(&clean);
	free(text);
}

/* MANGLE_SEEDS=100-149 is the long proof (make check-mangle); else one seed for each log.
 */
static void mangle_logs(const char *seeds)
{
	unsigned first, last;

	if (!seeds || sscanf(seeds, "%u-%u", &first, &last) != 2) {
		for (size_t i = 0; oopslog_names[i]; i++)
			mangle_log(oopslog_names[i], (unsigned)i + 1);
		return;
	}
	for (unsigned seed = first; seed <= last; seed++)
		for (size_t i = 0; oopslog_names[i]; i++)
			mangle_log(oopslog_names[i], seed);
}

Test(oops_paste, the_answer_does_not_depend_on_the_wrapping)
{
	mangle_logs(getenv("MANGLE_SEEDS"));
}

/* A whole report in one line; what forums and trackers want around a log. */
Test(oops_paste, in_one_line_and_fenced)
{
	static const char *const fences[][2] = {
		{"```", "```"},
		{"{code:title=dmesg}", "{code}"},
		{"[QUOTE=someone;12]", "[/QUOTE]"},
		{"{{{", "}}}"},
	};
	size_t nr, fenced_nr;
	char *text = oopslog_load("6.1-lsm.txt", &nr), *start, *fenced;
	struct oopslog clean;

	for (const struct mangle *one = mangles; one->name; one++) {
		if (strcmp(one->name, "bare") != 0)
			continue;
		start = one->run(text, nr, 1, &nr);
		free(text);
		text = start;
	}
	start = strstr(text, "BUG: unable");
	cr_assert(start);
	nr -= (size_t)(start - text);
	oopslog_read(&clean, start, nr);
	cr_assert_eq(clean.crashes.nr, 1);
	for (size_t i = 0; i < sizeof(fences) / sizeof(fences[0]); i++) {
		FILE *out = open_memstream(&fenced, &fenced_nr);

		fprintf(out, "%s%.*s%s\n", fences[i][0], (int)nr - 1, start,
			fences[i][1]);
		fclose(out);
		compare(&clean, fenced, fenced_nr, false, fences[i][0]);
		free(fenced);
	}
	for (size_t i = 0; i < nr; i++)
		start[i] = start[i] == '\n' ? ' ' : start[i];
	/* The headline is what it was, and no line's end shows that the last is whole. */
	compare(&clean, start, nr, true, "one line");
	for (size_t columns = 60; columns <= 110; columns += 10) {
		char *filled = strndup(start, nr);

		for (size_t from = 0, i = 1; i < nr; i++) {
			size_t cut = i;

			if (i - from < columns)
				continue;
			while (cut > from && filled[cut] != ' ')
				cut--;
			if (cut > from)
				filled[cut] = '\n';
			from = cut > from ? cut : i;
		}
		compare(&clean, filled, nr, true, "filled");
		free(filled);
	}
	oopslog_close(&clean);
	free(text);
}

/* One crash of 6.1 in the forms in which it was pasted. */
Test(oops_paste, forms)
{
	static const struct {
		const char *name;
		bool is_lossy;
	} rows[] = {
		{"address-next-line", false},
		{"blank-lines", false},
		{"cyrillic-month", false},
		{"french-month", false},
		{"grep-offsets", false},
		{"html", false},
		{"human-times", false},
		{"iso-dash", false},
		{"quoted-printable", false},
		{"quoted-wrapped", false},
		{"quoted", false},
		{"requoted-wrapped", false},
		{"reversed", false},
		{"screen-edge", true},
		{"split-walk", false},
		{"tracker-links", false},
	};
	size_t nr;
	char *text = oopslog_load("6.1-lsm.txt", &nr);
	struct oopslog clean;

	oopslog_read(&clean, text, nr);
	free(text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "forms/%s.txt", rows[i].name);
		text = oopslog_load(path, &nr);
		compare(&clean, text, nr, rows[i].is_lossy, path);
		free(text);
	}
	oopslog_close(&clean);
}

Test(oops_paste, old_spelling)
{
	size_t nr;
	char *text = oopslog_load("forms/old-spelling.txt", &nr);
	const struct crash *crash;
	struct oopslog found;

	oopslog_read(&found, text, nr);
	cr_assert_eq(found.crashes.nr, 1);
	crash = &found.crashes.array[0];
	cr_expect_eq(crash->address, 0xffffffff88832fc0);
	cr_expect_str_eq(crash->site.function, "t");
	cr_expect_str_eq(crash->site.module, "f01_hlist");
	cr_expect_eq(crash->site.address, 0xffffffffc05cf051);
	cr_expect(crash->tables[CRASH_TABLE_P4D].has_value);
	cr_expect_eq(crash->tables[CRASH_TABLE_P4D].value, 0x3c415067);
	cr_expect_eq(crash->tables[CRASH_TABLE_PMD].value, 0x800000003be001e1);
	oopslog_close(&found);
	free(text);
}

/* What blogs make of it. */
Test(oops_paste, typography)
{
	char text[] = "f+0\xc3\x97"
		      "46/0\xc3\x97"
		      "120 \xe2\x80\x93[ cut \xe2\x80\xa6"
		      " \xe2\x80\x9cx\xe2\x80\x9d\n";
	size_t nr = paste_plain(text, strlen(text));

	text[nr] = '\0';
	cr_expect_str_eq(text, "f+0x46/0x120 --[ cut ... \"x\"\n");
	strcpy(text, "=C2=A0a=20\n=3D\n");
	nr = paste_plain(text, strlen(text));
	text[nr] = '\0';
	cr_expect_str_eq(text, " a \n=\n");
}

/* What only looks like mail or HTML. */
Test(oops_paste, plain_text_stays)
{
	static const char *const texts[] = {
		"a=b c=20 (next=ffff8880) x=3d\n",
		"[    1.0] </TASK>\n <IRQ>\n <dd> <48> \n",
		"a < b && c > d\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char copy[100];

		strcpy(copy, texts[i]);
		cr_expect_eq(paste_plain(copy, strlen(texts[i])), strlen(texts[i]));
		cr_expect_str_eq(copy, texts[i]);
	}
}

/* A blank that does not break, read as Latin-1: whole, or "A " without its accent. */
Test(oops_paste, blanks_read_as_latin_1)
{
	char whole[] = "CS:\xc3\x82\xc2\xa0 e033\n";
	char text[] = "CPU: 1 Tainted: GA A  A  OA  4.4.0+2 #1\n"
		      "RIP: e030:[<ffffffff8115e055>]A  [<ffffffff8115e055>] f+0x1/0x2\n"
		      "RSP: e02b:ffff88018a823d70A  EFLAGS: 00010093\n"
		      "HTTPA NOAAA A\n";
	char other[] = "Tainted: GA A  OA  4.4.0+2 #1\n";
	size_t nr = paste_plain(whole, strlen(whole));

	whole[nr] = '\0';
	cr_expect_str_eq(whole, "CS:  e033\n");
	nr = paste_plain(text, strlen(text));
	text[nr] = '\0';
	cr_expect_str_eq(text, "CPU: 1 Tainted: G     O  4.4.0+2 #1\n"
			       "RIP: e030:[<ffffffff8115e055>]  [<ffffffff8115e055>] "
			       "f+0x1/0x2\n"
			       "RSP: e02b:ffff88018a823d70  EFLAGS: 00010093\n"
			       "HTTPA NOAAA A\n");
	cr_expect_eq(paste_plain(other, strlen(other)), strlen(other));
}
