/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings for the types that a module brings along, in .BTF. */
#include "preflight/judge_btf.h"

#include <errno.h>
#include <string.h>

#include "kcore/btfcheck.h"
#include "kcore/constants.h"
#include "kcore/release.h"

enum policy_btf { POLICY_BTF_UNKNOWN = 0, POLICY_BTF_REFUSES, POLICY_BTF_ALLOWS };

/* kernel/bpf/btf.c:btf_module_notify() has the words of one case compiled in. From 5.18,
 * which brought the option, to 6.2 it has the same words in both. (Seen: stock 6.1 says
 * them and loads the module.)
 */
static enum policy_btf read_policy(struct kernel *kernel)
{
	unsigned release = release_number(kernel->release);
	static const char refuses[] = "failed to validate module [";
	static const char allows[] = "Kernel module BTF mismatch detected";
	struct constants piece = {0};
	enum policy_btf ret = POLICY_BTF_UNKNOWN;

	while (ret == POLICY_BTF_UNKNOWN && constants_next(&piece, kernel) == 0) {
		if (release && (release < RELEASE(5, 18) || release >= RELEASE(6, 3)) &&
		    memmem(piece.bytes, piece.size_bytes, refuses, sizeof(refuses) - 1))
			ret = POLICY_BTF_REFUSES;
		else if (memmem(piece.bytes, piece.size_bytes, allows,
				sizeof(allows) - 1))
			ret = POLICY_BTF_ALLOWS;
	}
	constants_close(&piece);
	return ret;
}

static void tell(struct findings *findings, struct addrspace *space, const char *why)
{
	static const enum finding_verdict verdicts[] = {
		[POLICY_BTF_UNKNOWN] = FINDING_UNDECIDED,
		[POLICY_BTF_REFUSES] = FINDING_REFUSED,
		[POLICY_BTF_ALLOWS] = FINDING_CLEAN,
	};
	enum policy_btf policy = read_policy(space->kernel);
	struct finding *finding = finding_add(findings, verdicts[policy], "btf");

	if (!finding)
		return;
	finding->is_always_told = true;
	finding_note(finding, "failed to validate module [%.60s] BTF: -22 (%s)",
		     space->mod->file->module_name, why);
	if (policy == POLICY_BTF_ALLOWS)
		finding_note(finding, "this kernel loads it all the same "
				      "(MODULE_ALLOW_BTF_MISMATCH); others refuse it");
	else if (policy == POLICY_BTF_UNKNOWN)
		finding_note(finding, "whether this kernel loads it all the same "
				      "(MODULE_ALLOW_BTF_MISMATCH) cannot be told");
}

void judge_btf(struct findings *findings, struct addrspace *space)
{
	const struct kofile *file = space->mod->file;
	const struct kofile_section *btf = kofile_section(file, ".BTF");
	const struct kofile_section *base = kofile_section(file, ".BTF.base");
	const char *why = NULL;
	uint64_t va;

	/* Without CONFIG_DEBUG_INFO_BTF_MODULES nobody looks; .BTF.base: since 6.11. */
	if (!btf || !btf->data || !btf->size_bytes ||
	    !symbols_address(&space->kernel->symbols, "btf_module_notify", &va))
		return;
	if (base && (!base->data || !base->size_bytes ||
		     !symbols_address(&space->kernel->symbols, "btf_relocate", &va)))
		base = NULL;
	switch (btfcheck_module(&space->kernel->types, btf->data, btf->size_bytes,
				base ? base->data : NULL, base ? base->size_bytes : 0,
				&why)) {
	case -EINVAL:
		tell(findings, space, why);
		break;
	case -ENOMEM:
		findings->has_failed = true;
		break;
	}
}
