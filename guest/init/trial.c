/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module loaded and unloaded in the guest. Each call that may kill its process is made
 * in a child: init must not die.
 */
#include "guest/init/trial.h"

#include "guest/init/system.h"
#include "guest/protocol.h"

enum {
	NO_HANG = 1, /* WNOHANG */
	STEP_MS = 10,
	NON_BLOCKING = 04000, /* of delete_module(2): O_NONBLOCK */
	ALREADY_THERE = -17,  /* -EEXIST */
	NOT_FOUND = -2,
	OVERRUN = -32, /* /dev/kmsg: records were lost */
	RECORD_BYTES = 8192,
	MAX_LOG_BYTES = 200 * 1024,
	MAX_NOISE_MS = 10 * 1000,
	NAME_BYTES = 128,
	MAX_WORDS = 4, /* the last one: all up to the end of the line */
	/* How a call ended, beside its value. */
	DIED = 1,
	HUNG = 2,
};

static char plan[PROTOCOL_PLAN_BYTES];

struct line {
	char *words[MAX_WORDS]; /* "" where there is none */
};

/* The next line, cut into words where it stands; false: the end. */
static bool next_line(char **at, struct line *ret)
{
	static char none[1];
	char *text = *at;

	if (!*text)
		return false;
	for (int i = 0; i < MAX_WORDS; i++) {
		ret->words[i] = none;
		if (!*text || *text == '\n')
			continue;
		ret->words[i] = text;
		while (*text && *text != '\n' && (*text != ' ' || i == MAX_WORDS - 1))
			text++;
		if (*text == ' ')
			*text++ = '\0';
	}
	if (*text)
		*text++ = '\0';
	*at = text;
	return true;
}

static void sleep_ms(long ms)
{
	const struct {
		int64_t seconds, nanoseconds;
	} time = {ms / 1000, ms % 1000 * 1000000};

	call(CALL_NANOSLEEP, (long)&time, 0, 0, 0, 0);
}

static long load_file(const struct line *line)
{
	static const char folder[] = "/" PROTOCOL_TRIAL_FOLDER "/";
	char path[NAME_BYTES];
	size_t nr = 0;
	long fd, r;

	for (const char *from = folder; *from; from++)
		path[nr++] = *from;
	for (const char *from = line->words[1]; *from && nr < sizeof(path) - 1; from++)
		path[nr++] = *from;
	path[nr] = '\0';
	fd = call(CALL_OPEN, (long)path, 0, 0, 0, 0);
	if (fd < 0)
		return fd;
	r = call(CALL_FINIT_MODULE, fd, (long)line->words[3], 0, 0, 0);
	call(CALL_CLOSE, fd, 0, 0, 0, 0);
	return r;
}

static long unload(const struct line *line)
{
	return call(CALL_DELETE_MODULE, (long)line->words[2], NON_BLOCKING, 0, 0, 0);
}

/* Calls @function in a child. Returns 0 with its value, DIED or HUNG. */
static int attempt(long (*function)(const struct line *line), const struct line *line,
		   long *ret)
{
	int ends[2], status = 0;
	long child, value = 0, waited = 0;

	call(CALL_PIPE, (long)ends, 0, 0, 0, 0);
	child = call(CALL_FORK, 0, 0, 0, 0, 0);
	if (child == 0) {
		value = function(line);
		call(CALL_WRITE, ends[1], (long)&value, sizeof(value), 0, 0);
		for (;;)
			call(CALL_EXIT, 0, 0, 0, 0, 0);
	}
	call(CALL_CLOSE, ends[1], 0, 0, 0, 0);
	while (child > 0 &&
	       call(CALL_WAIT4, child, (long)&status, NO_HANG, 0, 0) != child) {
		if ((waited += STEP_MS) > PROTOCOL_HUNG_SECONDS * 1000L)
			return HUNG;
		sleep_ms(STEP_MS);
	}
	if (child > 0 &&
	    call(CALL_READ, ends[0], (long)ret, sizeof(*ret), 0, 0) != sizeof(*ret))
		child = 0;
	call(CALL_CLOSE, ends[0], 0, 0, 0, 0);
	return child > 0 ? 0 : DIED;
}

/* An oops makes the console loud again. */
static void say(const char *word)
{
	call(CALL_SYSLOG, CONSOLE_OFF, 0, 0, 0, 0);
	put("\n" PROTOCOL_TRIAL);
	put(word);
}

static void say_result(const char *word, const char *name, int end, long value)
{
	say(word);
	if (*name)
		put(" ");
	put(name);
	put(" ");
	if (end == 0)
		put_number(value);
	else
		put(end == DIED ? PROTOCOL_DIED : PROTOCOL_HUNG);
	put("\n");
	put_flush();
}

static void say_taint(void)
{
	char text[32];
	long nr = read_file("/proc/sys/kernel/tainted", text, sizeof(text));

	say("taint ");
	put_bytes(text, nr > 0 ? (size_t)nr : 0);
}

/* "6,339,5140900,-;text", then lines that say of which device. */
static void say_record(const char *record, size_t nr)
{
	size_t semicolon = 0, end;

	while (semicolon < nr && record[semicolon] != ';')
		semicolon++;
	for (end = semicolon; end < nr && record[end] != '\n'; end++)
		;
	say("log ");
	for (size_t i = 0; i < semicolon && record[i] >= '0' && record[i] <= '9'; i++)
		put_bytes(record + i, 1);
	put_bytes(record + semicolon, end - semicolon);
	put("\n");
}

static void say_log(long log)
{
	static char record[RECORD_BYTES];
	size_t nr_told = 0;

	for (;;) {
		long n = call(CALL_READ, log, (long)record, sizeof(record), 0, 0);

		if (n == OVERRUN)
			continue;
		if (n <= 0)
			return;
		if ((nr_told += (size_t)n) < MAX_LOG_BYTES)
			say_record(record, (size_t)n);
	}
}

static bool load_one(const struct line *line, long log)
{
	long value = 0;
	int end;

	say("load\n");
	put_flush();
	end = attempt(load_file, line, &value);
	sleep_ms(PROTOCOL_SETTLE_MS);
	say_result("loaded", "", end, value);
	say_log(log);
	say_taint();
	return end == 0 && value == 0;
}

static void unload_one(const struct line *line, long log)
{
	long value = 0;
	int end;

	say("unload\n");
	put_flush();
	end = attempt(unload, line, &value);
	sleep_ms(PROTOCOL_SETTLE_MS);
	say_result("unloaded", "", end, value);
	say_log(log);
	say_taint();
}

/* false: what comes behind it cannot be loaded. */
static bool load_needed(const struct line *line)
{
	long value = 0;
	int end = attempt(load_file, line, &value);

	say_result("need", line->words[2], end, value);
	return (end == 0 && (value == 0 || value == ALREADY_THERE)) ||
	       (end == 0 && is_same(line->words[0], "soft"));
}

/* Counts what modprobe was called for in vain. */
static const char asked[] = "/asked";

/* The kernel's own threads ask for modules, too, when it has hardly booted. */
static void wait_for_quiet(void)
{
	static char before[NAME_BYTES];
	long nr = NOT_FOUND, last, program;

	program = call(CALL_OPEN, (long)"/sbin/modprobe", 0, 0, 0, 0);
	if (program < 0)
		return;
	call(CALL_CLOSE, program, 0, 0, 0, 0);
	for (int waited = 0; waited < MAX_NOISE_MS; waited += PROTOCOL_SETTLE_MS) {
		last = nr;
		sleep_ms(PROTOCOL_SETTLE_MS);
		nr = read_file(asked, before, sizeof(before));
		if (nr == last)
			return;
	}
}

static void note_asked(void)
{
	long fd = call(CALL_OPEN, (long)asked, OPEN_WRITE | OPEN_CREATE | OPEN_APPEND,
		       0600, 0, 0);

	if (fd >= 0)
		call(CALL_WRITE, fd, (long)".", 1, 0, 0);
}

void trial_run(void)
{
	long log = call(CALL_OPEN, (long)"/dev/kmsg", OPEN_NONBLOCK, 0, 0, 0);
	char *at = plan;
	struct line line;

	if (read_file("/" PROTOCOL_TRIAL_PLAN, plan, sizeof(plan)) <= 0)
		return;
	wait_for_quiet();
	call(CALL_LSEEK, log, 0, 2, 0, 0);
	say_taint();
	while (next_line(&at, &line)) {
		if (is_same(line.words[0], "load")) {
			if (load_one(&line, log))
				unload_one(&line, log);
			break;
		}
		if (is_same(line.words[0], "ask") || !load_needed(&line)) {
			say_log(log);
			break;
		}
	}
	say("done\n");
}

/* A module that is there already, and one that only may be there, does not fail. */
static bool probe(const struct line *line)
{
	long value = load_file(line);

	return value == 0 || value == ALREADY_THERE || is_same(line->words[0], "soft");
}

int trial_modprobe(const char *query)
{
	bool is_found = false, is_good = false;
	char *at = plan;
	struct line line;

	if (read_file("/" PROTOCOL_TRIAL_PLAN, plan, sizeof(plan)) <= 0)
		return 1;
	while (next_line(&at, &line)) {
		if (is_same(line.words[0], "ask")) {
			if (is_found)
				break;
			is_found = is_same(line.words[1], query);
		} else if (is_found && is_same(line.words[0], "group")) {
			is_good = true;
		} else if (is_found && is_good) {
			is_good = !is_same(line.words[0], "fail") && probe(&line);
		}
	}
	if (!is_found) {
		note_asked();
		say("asked ");
		put(query);
		put("\n");
		put_flush();
	}
	return is_good ? 0 : 1;
}
