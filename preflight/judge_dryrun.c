/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings from what a dry run came to. */
#include "preflight/judge_dryrun.h"

#include <string.h>

static const char *const accesses[] = {
	[MACHINE_READ] = "read", [MACHINE_WRITE] = "write", [MACHINE_FETCH] = "fetch"};

/* The module's innermost instruction: the call, where the fault is outside the module. */
static uint64_t own_site(const struct addrspace *space,
			 const struct machine_result *result)
{
	const struct modimage *mod = space->mod;
	uint64_t rip = result->registers[MACHINE_RIP];

	if (modimage_holds(mod, rip))
		return rip;
	for (size_t i = result->nr_frames; i-- > 0;)
		if (modimage_holds(mod, result->frames[i].site))
			return result->frames[i].site;
	return 0;
}

/* The finding that judge_dataflow() made of the same store, or NULL. */
static struct finding *find_static(struct findings *findings, uint64_t site,
				   uint64_t target)
{
	for (size_t i = 0; i < findings->nr; i++) {
		struct finding *finding = &findings->array[i];

		if (finding->verdict == FINDING_WOULD_FAULT && finding->has_site &&
		    finding->site.address == site && finding->has_target &&
		    finding->target.is_exact && finding->target.address == target)
			return finding;
	}
	return NULL;
}

/* The finding of the same kind at the same place, or NULL. */
static struct finding *find_kind(struct findings *findings, uint64_t site,
				 const char *kind)
{
	for (size_t i = 0; i < findings->nr; i++) {
		struct finding *finding = &findings->array[i];

		if (finding->verdict == FINDING_WOULD_FAULT && finding->has_site &&
		    finding->site.address == site && strcmp(finding->kind, kind) == 0)
			return finding;
	}
	return NULL;
}

static void confirm(struct finding *finding, const struct dryrun *dryrun)
{
	finding->is_confirmed = true;
	finding_note(finding, "the dry run of %s ended here",
		     dryrun_phase_name(dryrun->phase));
}

/* The words of "%pS". */
static void tell_place(struct finding *finding, struct addrspace *space,
		       const char *before, uint64_t va)
{
	struct addrspace_name at;

	addrspace_name(space, va, &at);
	if (at.symbol)
		finding_note(finding, "%s%s%s%s+0x%llx", before,
			     at.module ? at.module : "", at.module ? ":" : "", at.symbol,
			     (unsigned long long)at.offset);
	else
		finding_note(finding, "%s0x%016llx", before, (unsigned long long)va);
}

/* kernel/cfi.c:report_cfi_failure() */
static void judge_type(struct findings *findings, struct addrspace *space,
		       const struct dryrun *dryrun)
{
	const struct machine_fault *fault = &dryrun->result.fault;
	uint64_t rip = dryrun->result.registers[MACHINE_RIP];
	uint64_t site = own_site(space, &dryrun->result);
	struct finding *finding = finding_add(findings, FINDING_WOULD_FAULT, "kcfi");

	if (!finding)
		return;
	finding->is_dry_run = true;
	if (site)
		finding_set_site(finding, space, site);
	tell_place(finding, space, "CFI failure at ", rip);
	if (fault->knows_callee) {
		tell_place(finding, space, "target: ", fault->address);
		finding_note(finding, "expected type: 0x%08x",
			     (unsigned)fault->wanted_type);
	}
	if (fault->knows_callee && fault->knows_type)
		finding_note(finding, "it has 0x%08x before it", (unsigned)fault->type);
	finding_note(finding, "the dry run of %s ended here",
		     dryrun_phase_name(dryrun->phase));
}

/* What is no page fault: of a CPU that enforces more than the page tables. */
static void judge_exception(struct findings *findings, struct addrspace *space,
			    const struct dryrun *dryrun)
{
	const struct machine_fault *fault = &dryrun->result.fault;
	bool is_wp = fault->exception == MACHINE_KEEPS_WP;
	const char *kind = is_wp ? "cr0-wp" : "ibt";
	uint64_t site = own_site(space, &dryrun->result);
	struct finding *finding = find_kind(findings, site, kind);
	struct addrspace_name at;

	if (finding) {
		confirm(finding, dryrun);
		return;
	}
	finding = finding_add(findings, FINDING_WOULD_FAULT, kind);
	if (!finding)
		return;
	finding->is_dry_run = true;
	if (site)
		finding_set_site(finding, space, site);
	addrspace_name(space, dryrun->result.registers[MACHINE_RIP], &at);
	finding_note(finding, "the dry run of %s ended here: %s%s%s%s+0x%llx",
		     dryrun_phase_name(dryrun->phase),
		     is_wp ? "CR4.CET is set, so that clearing CR0.WP is a #GP, at "
			   : "Missing ENDBR: ",
		     at.module ? at.module : "", at.module ? ":" : "",
		     at.symbol ? at.symbol : "?", (unsigned long long)at.offset);
}

static void judge_fault(struct findings *findings, struct addrspace *space,
			const struct dryrun *dryrun)
{
	const struct machine_result *result = &dryrun->result;
	const struct machine_fault *fault = &result->fault;
	uint64_t rip = result->registers[MACHINE_RIP], site = own_site(space, result);
	struct addrspace_name at;
	struct finding *finding = NULL;

	if (!dryrun->is_bug && fault->exception == MACHINE_WRONG_TYPE) {
		judge_type(findings, space, dryrun);
		return;
	}
	if (!dryrun->is_bug && fault->exception != MACHINE_PAGE_FAULT) {
		judge_exception(findings, space, dryrun);
		return;
	}
	if (!dryrun->is_bug && site == rip)
		finding = find_static(findings, site, fault->address);
	if (finding) {
		confirm(finding, dryrun);
		return;
	}
	finding = finding_add(findings,
			      dryrun->is_bug ? FINDING_SUSPECT : FINDING_WOULD_FAULT,
			      dryrun->is_bug ? "bug" : "fault");
	if (!finding)
		return;
	finding->is_dry_run = true;
	if (site)
		finding_set_site(finding, space, site);
	addrspace_name(space, rip, &at);
	if (dryrun->is_bug) {
		finding_note(finding, "in the dry run %s came to a BUG() at %s+0x%llx",
			     dryrun_phase_name(dryrun->phase),
			     at.symbol ? at.symbol : "?", (unsigned long long)at.offset);
		return;
	}
	finding_set_target(finding, space, fault->address, true);
	finding->access = fault->access == MACHINE_READ	   ? FINDING_READ
			  : fault->access == MACHINE_FETCH ? FINDING_FETCH
							   : FINDING_STORE;
	finding->size_bytes = fault->size_bytes;
	finding->error_code = fault->is_non_canonical ? 0 : fault->error_code;
	finding_note(finding,
		     "the dry run of %s ended here: %s of 0x%016llx at %s%s%s+0x%llx",
		     dryrun_phase_name(dryrun->phase), accesses[fault->access],
		     (unsigned long long)fault->address, at.module ? at.module : "",
		     at.module ? ":" : "", at.symbol ? at.symbol : "?",
		     (unsigned long long)at.offset);
}

void judge_dryrun(struct findings *findings, struct addrspace *space,
		  const struct dryrun *dryrun)
{
	if (dryrun->outcome == DRYRUN_FAULT)
		judge_fault(findings, space, dryrun);
	for (size_t i = 0; i < dryrun->nr_bypasses; i++) {
		const struct machine_bypass *bypass = &dryrun->bypasses[i];
		struct finding *finding = finding_add(findings, FINDING_BYPASS,
						      "dry-run-bypass");

		if (!finding)
			return;
		finding->is_dry_run = true;
		if (modimage_holds(space->mod, bypass->rip))
			finding_set_site(finding, space, bypass->rip);
		finding_set_target(finding, space, bypass->address, true);
		finding->size_bytes = bypass->size_bytes;
		finding->error_code = 0;
		finding_note(finding, "in the dry run this went through by %s",
			     bypass->means);
	}
}
