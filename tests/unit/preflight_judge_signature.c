/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight/judge_signature.h"

#include <criterion/criterion.h>
#include <string.h>

#include "look.h"

static struct look of;

static void open_look(void)
{
	static const unsigned char code[] = {0xc3};

	look_at_code(&of, code, sizeof(code));
}

/* One finding of that verdict whose note has @words; NULL: none. */
static void expect(const struct policy *policy, bool is_signed, unsigned char type,
		   enum finding_verdict verdict, const char *kind, const char *words)
{
	static unsigned char trailer[64];
	struct kofile *file = &of.file;
	unsigned char *bytes = file->bytes;
	struct findings findings = {0};
	struct signature signature;

	trailer[20 + 2] = type;
	of.space.policy = *policy;
	file->bytes = trailer;
	file->is_signed = is_signed;
	file->signed_bytes = 32;
	judge_signature(&findings, &of.space, &signature);
	file->bytes = bytes;
	cr_expect_eq(findings.nr, words ? 1 : 0, "%s: %zu", words, findings.nr);
	if (words && findings.nr) {
		cr_expect_eq(findings.array[0].verdict, verdict, "%s", words);
		cr_expect_str_eq(findings.array[0].kind, kind);
		cr_expect_not_null(strstr(findings.array[0].note, words), "%s",
				   findings.array[0].note);
	}
	finding_free(&findings);
}

Test(preflight_judge_signature, unsigned_modules, .init = open_look)
{
	struct policy policy = {.checks_signatures = true};

	expect(&policy, false, 0, 0, NULL, NULL);
	policy.is_locked_down = true;
	expect(&policy, false, 0, FINDING_REFUSED, "lockdown",
	       "Lockdown: unsigned module loading is restricted (EPERM)");
	policy.wants_signature = true;
	expect(&policy, false, 0, FINDING_REFUSED, "signature",
	       "Loading of unsigned module is rejected: signatures are enforced");
	look_away(&of);
}

/* What is no PKCS#7 counts as unsigned; what is broken is refused by every kernel that
 * looks.
 */
Test(preflight_judge_signature, signatures_that_are_none, .init = open_look)
{
	struct policy policy = {.checks_signatures = true};

	expect(&policy, true, 1, 0, NULL, NULL);
#ifdef KWCHECK_CRYPTO
	expect(&policy, true, 2, FINDING_REFUSED, "signature", "Bad message (EBADMSG)");
#endif
	policy.checks_signatures = false;
	expect(&policy, true, 2, 0, NULL, NULL);
	policy.wants_signature = true;
	expect(&policy, true, 1, FINDING_REFUSED, "signature",
	       "Loading of module with unsupported crypto is rejected");
	look_away(&of);
}
