/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for a module's signature, or the lack of one. */
#include "preflight/judge_signature.h"

/* What the loader does with each. Those with a reason count as unsigned, the others are
 * refused whatever is enforced. kernel/module/signing.c:module_sig_check()
 */
static const struct {
	const char *name;
	const char *reason;  /* "Loading of ... is rejected" */
	const char *refusal; /* what insmod says */
} states[] = {
	[SIGNATURE_NONE] = {"none", "unsigned module", NULL},
	[SIGNATURE_MALFORMED] = {"malformed", NULL, "Bad message (EBADMSG)"},
	[SIGNATURE_REJECTED] = {"rejected", NULL,
				"Key was rejected by service (EKEYREJECTED)"},
	[SIGNATURE_MISFIT] = {"misfit", NULL,
			      "Key was rejected by service (EKEYREJECTED)"},
	[SIGNATURE_UNSUPPORTED] = {"unsupported", "module with unsupported crypto", NULL},
	[SIGNATURE_NO_KEY] = {"no-key", "module with unavailable key", NULL},
	[SIGNATURE_GOOD] = {"good", NULL, NULL},
	[SIGNATURE_UNKNOWN] = {"unknown", NULL, NULL},
};

const char *judge_signature_state_name(enum signature_state state)
{
	return states[state].name;
}

/* Who signed it, where that is known. */
static void note_signer(struct finding *finding, const struct signature *signature)
{
	if (signature->why)
		finding_note(finding, "%s", signature->why);
	if (signature->signer[0] || signature->key_id[0])
		finding_note(finding, "signed by %.90s, key %.80s",
			     *signature->signer ? signature->signer : "a key's id",
			     signature->key_id);
}

static void refuse_unsigned(struct findings *findings, const struct policy *policy,
			    const struct signature *signature)
{
	struct finding *finding;

	if (!policy->wants_signature && !policy->is_locked_down)
		return;
	finding = finding_add(findings, FINDING_REFUSED,
			      policy->wants_signature ? "signature" : "lockdown");
	if (!finding)
		return;
	if (policy->wants_signature)
		finding_note(finding,
			     "Loading of %s is rejected: signatures are enforced "
			     "(EKEYREJECTED)",
			     states[signature->state].reason);
	else
		finding_note(finding,
			     "Lockdown: unsigned module loading is restricted (EPERM)");
	if (signature->state == SIGNATURE_NONE)
		return;
	note_signer(finding, signature);
	if (signature->state == SIGNATURE_NO_KEY)
		finding_note(finding,
			     "no keyring of the kernel has that key: sign with one that "
			     "is there, or enrol it (mokutil --import)");
}

static void refuse(struct findings *findings, const struct signature *signature)
{
	struct finding *finding = finding_add(findings, FINDING_REFUSED, "signature");

	if (!finding)
		return;
	finding_note(finding, "%s: %s", states[signature->state].refusal,
		     signature->state == SIGNATURE_MISFIT
			     ? "the file was changed after it was signed"
			     : "its signature is not of the form that the kernel takes");
	if (signature->key)
		finding_note(finding, "held against %.90s of %.40s", signature->key->name,
			     signature->key->keyring);
	note_signer(finding, signature);
}

/* Where nobody asks for signatures only one that does not hold matters, and that cannot
 * be told of a kernel without names for its keyrings. A core that does not hold what is
 * asked for is judge_load()'s to tell.
 */
static void tell_unknown(struct findings *findings, const struct policy *policy,
			 const struct signature *signature)
{
	struct finding *finding;

	if (policy->lacks_signature)
		return;
	if (!policy->wants_signature && !policy->is_locked_down && !policy->has_keyrings)
		return;
	finding = finding_add(findings, FINDING_UNDECIDED, "signature");
	if (!finding)
		return;
	finding_note(finding, "whether its signature holds was not tested");
	note_signer(finding, signature);
}

/* Without its algorithms the kernel takes a signature for none, good or bad (ENOPKG); it
 * may load them when it is asked to.
 */
static void lacks_algorithm(const struct policy *policy, struct signature *signature)
{
	bool matters = signature->state == SIGNATURE_GOOD ||
		       signature->state == SIGNATURE_MISFIT;

	if (!matters || (policy_has_algorithm(policy, signature->digest) &&
			 (!signature->key ||
			  policy_has_algorithm(policy, signature->key->algorithm))))
		return;
	signature->state = SIGNATURE_UNKNOWN;
	signature->why =
		"whether this kernel has its digest and its key's algorithm is not "
		"known";
}

/* Where signatures are wanted, those that have to be loaded first need one, too. */
static void judge_needed(struct findings *findings, const struct addrspace *space,
			 const struct keyring *keys)
{
	if (!space->policy.wants_signature && !space->policy.is_locked_down)
		return;
	for (size_t i = 0; i < space->nr_needed; i++) {
		const struct kofile *file = space->needed[i]->file;
		struct signature signature;
		struct finding *finding;

		if (addrspace_is_optional(space, i) ||
		    addrspace_is_loaded(space, file->module_name))
			continue;
		signature_read(&signature, file, keys);
		lacks_algorithm(&space->policy, &signature);
		if (!states[signature.state].reason && !states[signature.state].refusal)
			continue;
		finding = finding_add(findings, FINDING_REFUSED, "missing-module");
		if (!finding)
			return;
		finding_note(finding,
			     "needs module %.60s, which the kernel would refuse: its "
			     "signature: %s",
			     file->module_name, states[signature.state].name);
		note_signer(finding, &signature);
	}
}

void judge_signature(struct findings *findings, struct addrspace *space,
		     struct signature *ret)
{
	const struct policy *policy = &space->policy;
	const struct keyring *keys = policy->has_keys ? &policy->keys : NULL;

	signature_read(ret, space->mod->file, keys);
	lacks_algorithm(policy, ret);
	/* Without CONFIG_MODULE_SIG what is behind the file is not looked at. */
	if (!policy->checks_signatures && !policy->wants_signature &&
	    !policy->is_locked_down)
		return;
	if (states[ret->state].reason)
		refuse_unsigned(findings, policy, ret);
	else if (states[ret->state].refusal)
		refuse(findings, ret);
	else if (ret->state == SIGNATURE_UNKNOWN)
		tell_unknown(findings, policy, ret);
	judge_needed(findings, space, keys);
}
