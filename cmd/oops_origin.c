/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On which host a crash was, and when: what syslogd, the journal and dmesg put in front
 * of its line.
 */
#include "cmd/oops_origin.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PREFIX_BYTES = 512, SECONDS_PER_DAY = 24 * 3600 };

/* A line or, of a journal, a record, as it is read. */
struct scan {
	const char *at, *end;
};

static bool take_char(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* @nr digits; fewer, with blanks ahead, where @is_padded. */
static bool take_number(struct scan *scan, int nr, bool is_padded, int *ret)
{
	struct scan next = *scan;
	int value = 0;

	for (int i = 0; i < nr; i++) {
		if (next.at == next.end)
			return false;
		if (is_padded && value == 0 && i + 1 < nr && *next.at == ' ') {
			next.at++;
			continue;
		}
		if (!isdigit((unsigned char)*next.at))
			return false;
		value = value * 10 + *next.at++ - '0';
	}
	*ret = value;
	*scan = next;
	return true;
}

static bool take_name(struct scan *scan, const char *const names[], int nr, int *ret)
{
	for (int i = 0; i < nr; i++)
		if (scan->end - scan->at >= 3 && strncmp(scan->at, names[i], 3) == 0) {
			scan->at += 3;
			*ret = i;
			return true;
		}
	return false;
}

static bool take_weekday(struct scan *scan)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
					   "Fri", "Sat", "Sun"};
	struct scan next = *scan;
	int day;

	if (!take_name(&next, days, 7, &day) || !take_char(&next, ' '))
		return false;
	*scan = next;
	return true;
}

static bool take_month(struct scan *scan, struct tm *tm)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	return take_name(scan, months, 12, &tm->tm_mon) && take_char(scan, ' ') &&
	       take_number(scan, 2, true, &tm->tm_mday) && take_char(scan, ' ');
}

static bool take_clock(struct scan *scan, struct tm *tm)
{
	return take_number(scan, 2, false, &tm->tm_hour) && take_char(scan, ':') &&
	       take_number(scan, 2, false, &tm->tm_min) && take_char(scan, ':') &&
	       take_number(scan, 2, false, &tm->tm_sec);
}

static bool is_date(const struct tm *tm)
{
	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= 31 && tm->tm_hour < 24 && tm->tm_min < 60 &&
	       tm->tm_sec <= 60;
}

static bool take_local(struct tm *tm, int64_t *ret)
{
	tm->tm_isdst = -1;
	*ret = mktime(tm);
	return *ret > 0;
}

/* "Z", "+0100", "-05:30", " UTC", or nothing for local time. */
static bool take_zone(struct scan *scan, struct tm *tm, int64_t *ret)
{
	struct scan next = *scan;
	int hours, minutes, sign;

	if (take_char(&next, 'Z') ||
	    (next.end - next.at > 4 && strncmp(next.at, " UTC ", 5) == 0)) {
		scan->at = next.at > scan->at ? next.at : next.at + 4;
		*ret = timegm(tm);
		return true;
	}
	sign = take_char(&next, '+') ? 1 : take_char(&next, '-') ? -1 : 0;
	if (!sign)
		return take_local(tm, ret);
	if (!take_number(&next, 2, false, &hours))
		return false;
	take_char(&next, ':');
	if (!take_number(&next, 2, false, &minutes))
		return false;
	*ret = timegm(tm) - sign * (hours * 3600 + minutes * 60);
	*scan = next;
	return true;
}

/* "2026-11-30T17:04:05.123456+01:00", "2026-11-30 17:04:05 UTC" */
static bool take_iso(struct scan *scan, int64_t *ret)
{
	struct scan next = *scan;
	struct tm tm = {0};

	if (!take_number(&next, 4, false, &tm.tm_year) || !take_char(&next, '-') ||
	    !take_number(&next, 2, false, &tm.tm_mon) || !take_char(&next, '-') ||
	    !take_number(&next, 2, false, &tm.tm_mday) ||
	    (!take_char(&next, 'T') && !take_char(&next, ' ')) || !take_clock(&next, &tm))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	if (take_char(&next, '.') || take_char(&next, ','))
		while (next.at < next.end && isdigit((unsigned char)*next.at))
			next.at++;
	if (!is_date(&tm) || !take_zone(&next, &tm, ret))
		return false;
	*scan = next;
	return true;
}

/* "Nov 30 17:04:05", of the last such day when @written was; "Mon Nov 30 17:04:05 2026".
 */
static bool take_syslog(struct scan *scan, int64_t written, int64_t *ret)
{
	struct scan next = *scan, year;
	time_t seconds = written;
	struct tm tm = {0}, then;
	int number;

	if (!take_month(&next, &tm) || !take_clock(&next, &tm) || !is_date(&tm))
		return false;
	year = next;
	if (take_char(&year, ' ') && take_number(&year, 4, false, &number) &&
	    year.at < year.end && *year.at == ']') {
		*scan = year;
		tm.tm_year = number - 1900;
		return take_local(&tm, ret);
	}
	*scan = next;
	if (!written || !localtime_r(&seconds, &then))
		return false;
	tm.tm_year = then.tm_year;
	if (!take_local(&tm, ret))
		return false;
	if (*ret <= written + SECONDS_PER_DAY)
		return true;
	tm.tm_year--;
	return take_local(&tm, ret);
}

/* " HOST kernel": nobody else writes so behind a time. */
static void take_host(struct scan *scan, struct oops_origin *ret)
{
	static const char of_kernel[] = " kernel";
	const char *start, *end;
	size_t nr;

	if (!take_char(scan, ' '))
		return;
	start = end = scan->at;
	while (end < scan->end && (isalnum((unsigned char)*end) || strchr("._:-", *end)))
		end++;
	nr = (size_t)(end - start);
	if (nr == 0 || nr >= sizeof(ret->host) ||
	    (size_t)(scan->end - end) < strlen(of_kernel) ||
	    strncmp(end, of_kernel, strlen(of_kernel)) != 0)
		return;
	memcpy(ret->host, start, nr);
	ret->host[nr] = '\0';
}

/* "<4>1 " of RFC 5424, quoting marks, blanks. */
static void skip_marks(struct scan *scan)
{
	struct scan next;
	int digit;

	while (take_char(scan, ' ') || take_char(scan, '\t') || take_char(scan, '>'))
		;
	next = *scan;
	if (!take_char(&next, '<'))
		return;
	while (take_number(&next, 1, false, &digit))
		;
	if (!take_char(&next, '>'))
		return;
	*scan = next;
	if (take_char(&next, '1') && take_char(&next, ' '))
		*scan = next;
}

static void read_prefix(struct scan scan, int64_t written, struct oops_origin *ret)
{
	skip_marks(&scan);
	take_char(&scan, '[');
	take_weekday(&scan);
	if (take_iso(&scan, &ret->seconds) || take_syslog(&scan, written, &ret->seconds))
		ret->from = OOPS_SEEN_LOG;
	take_host(&scan, ret);
}

/* The letters behind @key up to one of @ends. */
static bool field_of(const struct scan *record, const char *key, const char *ends,
		     char *ret, size_t room)
{
	const char *at = memmem(record->at, (size_t)(record->end - record->at), key,
				strlen(key));
	size_t nr = 0;

	if (!at)
		return false;
	for (at += strlen(key); at < record->end && !strchr(ends, *at) && *at; at++) {
		if (nr + 1 >= room)
			return false;
		ret[nr++] = *at;
	}
	ret[nr] = '\0';
	return nr > 0;
}

/* Of a journal: "journalctl -o json" has a record in a line, -o export in a block. */
static void read_record(const struct scan *record, bool is_json, struct oops_origin *ret)
{
	char time_us[32];

	if (!field_of(record, is_json ? "\"_HOSTNAME\":\"" : "\n_HOSTNAME=",
		      is_json ? "\"" : "\n", ret->host, sizeof(ret->host)))
		ret->host[0] = '\0';
	if (!field_of(record,
		      is_json ? "\"__REALTIME_TIMESTAMP\":\"" : "\n__REALTIME_TIMESTAMP=",
		      is_json ? "\"" : "\n", time_us, sizeof(time_us)))
		return;
	ret->seconds = strtoll(time_us, NULL, 10) / 1000000;
	ret->from = ret->seconds > 0 ? OOPS_SEEN_LOG : OOPS_SEEN_NEVER;
}

static const char *find_back(const char *at, const char *start, const char *what)
{
	size_t nr = strlen(what);

	for (; (size_t)(at - start) >= nr; at--)
		if (memcmp(at - nr, what, nr) == 0)
			return at;
	return start;
}

static const char *find_on(const char *at, const char *end, const char *what)
{
	const char *there = memmem(at, (size_t)(end - at), what, strlen(what));

	return there ? there : end;
}

void oops_origin_find(struct oops_origin *ret, const char *bytes, size_t nr_bytes,
		      size_t *at, const char *headline, int64_t written)
{
	const char *end = bytes + nr_bytes, *there = NULL, *line;

	*ret = (struct oops_origin){0};
	if (*headline && *at < nr_bytes)
		there = memmem(bytes + *at, nr_bytes - *at, headline, strlen(headline));
	if (there) {
		struct scan scan;

		line = find_back(there, bytes, "\n");
		*at = (size_t)(find_on(there, end, "\n") - bytes);
		scan = (struct scan){line, there};
		if (*line == '{') {
			scan.end = find_on(there, end, "\n");
			read_record(&scan, true, ret);
		} else if (strncmp(line, "MESSAGE=", there - line < 8 ? 0 : 8) == 0 &&
			   there - line >= 8) {
			scan.at = find_back(line, bytes, "\n\n") - 1;
			scan.at = scan.at < bytes ? bytes : scan.at;
			scan.end = find_on(there, end, "\n\n");
			read_record(&scan, false, ret);
		} else if (there - line < MAX_PREFIX_BYTES) {
			read_prefix(scan, written, ret);
		}
	}
	if (ret->from == OOPS_SEEN_NEVER && written) {
		ret->from = OOPS_SEEN_FILE;
		ret->seconds = written;
	}
}

void oops_origin_start(void)
{
	tzset();
}

const char *oops_origin_from(enum oops_seen from)
{
	static const char *const names[] = {
		[OOPS_SEEN_NEVER] = NULL,    [OOPS_SEEN_FILE] = "file",
		[OOPS_SEEN_CLOCK] = "clock", [OOPS_SEEN_DUMP] = "dump",
		[OOPS_SEEN_LOG] = "log",
	};

	return names[from];
}

void oops_origin_time(int64_t seconds, char ret[OOPS_ORIGIN_TIME_BYTES])
{
	time_t time = seconds;
	struct tm tm;

	if (!gmtime_r(&time, &tm) ||
	    !strftime(ret, OOPS_ORIGIN_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm))
		ret[0] = '\0';
}
