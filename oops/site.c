/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A place in code as a log names it. */
#include "oops/site.h"

#include <ctype.h>
#include <string.h>

#include "oops/scan.h"

#define MODULE_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static bool is_name(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

/* Reads " [module]" or, with a build ID since 5.14, " [module 0123abcd]". false: there is
 * a bracket, but the line ends inside it.
 */
static bool scan_module(const char **p, struct site *site)
{
	const char *c = *p;
	char module[SITE_MODULE_BYTES];

	if (!scan_word(&c, " ["))
		return true;
	scan_text(&c, " ]", module, sizeof(module));
	if (!is_name(module) || !strchr(c, ']'))
		return false;
	/* "[...]" of who left lines out, "[1/2]" of a pager. */
	if (module[strspn(module, MODULE_CHARACTERS)])
		return true;
	scan_past(&c, "]");
	memcpy(site->module, module, sizeof(module));
	*p = c;
	return true;
}

/* "[<ffffffff81000000>] " or "0xffffffff81000000" or "(null)". */
static void scan_address(const char **p, struct site *site)
{
	const char *c = *p;
	uint64_t address;

	/* A browser took "<ffffffff81000000>" for a tag. */
	while (scan_word(&c, "[] "))
		while (*c == ' ')
			c++;
	*p = c;
	if (scan_word(&c, "[<") && scan_pointer(&c, &address) && scan_word(&c, ">]")) {
		site->has_address = true;
		site->address = address;
		while (*c == ' ')
			c++;
		/* Old kernels give it twice. */
		if (*c == '[')
			scan_past(&c, ">] ");
		*p = c;
		return;
	}
	c = *p;
	while (*c == ' ')
		c++;
	/* %pS without a symbol is %px with 0x, unpadded. */
	if (scan_word(&c, "(null)"))
		address = 0;
	else if (!scan_word(&c, "0x") || !scan_hex(&c, 1, 16, &address))
		return;
	site->has_address = true;
	site->address = address;
	*p = c;
}

/* "f (kernel/a.c:12 (discriminator 1)) module" of scripts/decode_stacktrace.sh. */
static bool scan_decoded(const char **p, struct site *site)
{
	size_t bytes = strspn(*p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_.");
	const char *c = *p + bytes, *end, *colon;
	char module[SITE_MODULE_BYTES];

	if (!bytes || bytes >= SITE_FUNCTION_BYTES || !scan_word(&c, " ("))
		return false;
	end = strstr(c, ") ");
	while (end && end[2] == '(')
		end = strstr(end + 1, ") ");
	if (!end && strlen(c) > 1 && c[strlen(c) - 1] == ')')
		end = c + strlen(c) - 1;
	colon = end ? memchr(c, ':', (size_t)(end - c)) : NULL;
	if (!colon || !isdigit((unsigned char)colon[1]))
		return false;
	memcpy(site->function, *p, bytes);
	site->has_no_offset = true;
	c = end + 1;
	if (scan_word(&c, " ") && (isalpha((unsigned char)*c) || *c == '_')) {
		scan_text(&c, " ", module, sizeof(module));
		memcpy(site->module, module, sizeof(module));
	}
	*p = c + strlen(c);
	return true;
}

/* ":module:" before the name, as it was to 2.6.28. */
static void scan_old_module(const char **p, struct site *site)
{
	const char *c = *p;
	char module[SITE_MODULE_BYTES];

	if (!scan_word(&c, ":"))
		return;
	scan_text(&c, ": +", module, sizeof(module));
	if (!*module || module[strspn(module, MODULE_CHARACTERS)] || !scan_word(&c, ":"))
		return;
	memcpy(site->module, module, sizeof(module));
	*p = c;
}

bool site_scan(const char **p, struct site *ret)
{
	struct site site = {0};
	const char *c = *p, *plus;

	scan_address(&c, &site);
	scan_old_module(&c, &site);
	plus = strstr(c, "+0x");
	if (plus && plus > c && plus - c < SITE_FUNCTION_BYTES) {
		const char *after = plus + 3;

		memcpy(site.function, c, (size_t)(plus - c));
		if (is_name(site.function) && scan_hex(&after, 1, 16, &site.offset) &&
		    scan_word(&after, "/0x") &&
		    scan_hex(&after, 1, 16, &site.size_bytes) &&
		    (site.offset <= site.size_bytes) && scan_module(&after, &site)) {
			*p = after;
			*ret = site;
			return true;
		}
		memset(site.function, 0, sizeof(site.function));
		site.offset = site.size_bytes = 0;
	}
	if (!scan_decoded(&c, &site)) {
		site.module[0] = '\0';
		if (!site.has_address)
			return false;
	}
	*p = c;
	*ret = site;
	return true;
}
