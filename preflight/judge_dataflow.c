/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings from the events that the dataflow saw in a module's code. */
#include "preflight/judge_dataflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/reach.h"
#include "dataflow/state.h"

/* What each kind of event is called, and its verdict where nothing else is known. */
static const struct {
	const char *kind;
	enum finding_verdict verdict;
	const char *note;
} whats[FLOW_NR_KINDS] = {
	[FLOW_STORE] = {"store", FINDING_SUSPECT, ""},
	[FLOW_CALL] = {"call", FINDING_SUSPECT, ""},
	[FLOW_CAUGHT] = {"caught-store", FINDING_CLEAN,
			 "inert: the callee survives the fault and returns an error"},
	[FLOW_PASSED] = {"passed", FINDING_SUSPECT,
			 "a sealed object where the callee's prototype does not promise "
			 "to leave it alone"},
	[FLOW_PLANTED] = {"planted", FINDING_SUSPECT,
			  "keeps the address of a sealed object that no module has "
			  "business with"},
	[FLOW_CR0] = {"cr0-wp", FINDING_BYPASS,
		      "clears CR0.WP: stores to read-only pages go through meanwhile "
		      "(CR4.CET is not set here; with it, and on Xen PV, that is a #GP)"},
	[FLOW_CR0_PINNED] =
		{"cr0-wp", FINDING_CLEAN,
		 "native_write_cr0() sets CR0.WP again at once and warns (since 5.3): "
		 "\"CR0 WP bit went missing!?\"; nothing is lifted"},
	[FLOW_ENTRY] =
		{"page-table-entry", FINDING_BYPASS,
		 "writes a page-table entry: the page it maps can be made writable"},
	[FLOW_POKE] = {"text-poke", FINDING_BYPASS,
		       "writes through a temporary mapping of its own, whatever the page "
		       "tables say"},
	[FLOW_ALIAS] = {"alias", FINDING_BYPASS,
			"a second, writable mapping of a sealed page"},
	[FLOW_DISARM] =
		{"kernel-set-to-readonly", FINDING_BYPASS,
		 "with kernel_set_to_readonly cleared, set_memory_rw() unseals the "
		 "kernel's constants"},
	[FLOW_UNPROTECT] = {"unprotect", FINDING_BYPASS,
			    "makes sealed pages of the kernel writable"},
	[FLOW_UNSEAL] = {"set-memory-rw", FINDING_BYPASS,
			 "makes sealed pages of a module writable"},
	[FLOW_STATIC_CALL] =
		{"static-call", FINDING_BYPASS,
		 "redirects a static call of the security modules; no sealed "
		 "page is written"},
};

static const char *const when[FLOW_NR_ROOTS] = {
	[FLOW_INIT] = "when the module is loaded",
	[FLOW_PARAMETER] = "when its parameter is set",
	[FLOW_EXIT] = "when the module is unloaded",
	[FLOW_ANY] = "if this code is reached",
};

struct judge {
	struct findings *findings;
	struct addrspace *space;
	const struct reach *reach;
	const struct parameters *parameters;
	bool keeps_wp;	 /* clearing CR0.WP is a #GP */
	bool writes_cr4; /* the module may make it none */
};

static const struct parameter *parameter_of(const struct judge *judge,
					    const struct flow_event *event)
{
	for (size_t i = 0; i < judge->parameters->nr; i++)
		if (judge->parameters->array[i].name == event->parameter)
			return &judge->parameters->array[i];
	return NULL;
}

/* Does it happen on this load, whatever a module parameter or a device says? */
static bool is_certain(const struct judge *judge, const struct flow_event *event)
{
	const struct parameter *parameter = parameter_of(judge, event);

	if (event->is_conditional || event->flags & (VALUE_MAY | VALUE_GUESSED))
		return false;
	return event->root == FLOW_INIT ||
	       (event->root == FLOW_PARAMETER && parameter && parameter->is_given);
}

/* Is every page of the object at @va sealed? Then a store somewhere in it faults. */
static bool is_sealed_throughout(struct addrspace *space, uint64_t va)
{
	uint64_t end = va;

	if (symbols_next_address(&space->kernel->symbols, va, &end) &&
	    end - va < 16 * 1024 * 1024)
		end--;
	else
		end = va;
	for (uint64_t page = va; page <= end; page += 4096)
		if (!addrspace_is_foreign_sealed(space, page))
			return false;
	return addrspace_is_foreign_sealed(space, end);
}

/* Is a store to the module's own constant worth a finding? *@ret, *@note: its verdict. */
static bool judge_own(const struct judge *judge, const struct flow_event *event,
		      const struct addrspace_rights *rights, enum finding_verdict *ret,
		      const char **note)
{
	const struct parameter *parameter = parameter_of(judge, event);
	bool is_init_only = reach_is_init_only(judge->reach, event->site);

	if (event->flags & (VALUE_MAY | VALUE_INITIAL))
		return false;
	*ret = FINDING_SUSPECT;
	if (rights->kind != MODSECTION_RO_AFTER_INIT) {
		*note = "the module's own constant: read-only before its init runs";
		if (is_certain(judge, event))
			*ret = FINDING_WOULD_FAULT;
		return true;
	}
	/* finding_set_target() says what is known of it. */
	if (rights->source != MODSECTION_NOT_KNOWN)
		*note = "the module's own __ro_after_init: sealed once its init has "
			"returned 0";
	if (event->root == FLOW_INIT || is_init_only)
		return false;
	if (event->root == FLOW_PARAMETER)
		return parameter && parameter->mode & 0222;
	return true;
}

static void judge_store(const struct judge *judge, const struct flow_event *event)
{
	enum { LIFTED = STATE_PTE_EDITED | STATE_OWN_UNSEALED };
	bool is_past_wp = event->bits & STATE_WP_CLEARED &&
			  (!judge->keeps_wp || judge->writes_cr4);
	enum finding_verdict verdict = FINDING_SUSPECT;
	const char *note = NULL;
	struct addrspace_rights rights;
	struct finding *finding;

	addrspace_rights(judge->space, event->target, MODULE_PHASE_LIVE, &rights);
	if (rights.owner == ADDRSPACE_OWN) {
		if (!judge_own(judge, event, &rights, &verdict, &note))
			return;
	} else if (is_certain(judge, event) &&
		   (event->is_exact || rights.owner == ADDRSPACE_NEEDED ||
		    is_sealed_throughout(judge->space, event->target))) {
		verdict = FINDING_WOULD_FAULT;
	}
	if (event->bits & LIFTED || is_past_wp)
		verdict = FINDING_BYPASS;
	finding = finding_add(judge->findings, verdict, whats[event->what].kind);
	if (!finding)
		return;
	finding_set_site(finding, judge->space, event->site);
	finding_set_target(finding, judge->space, event->target, event->is_exact);
	finding->access = event->what == FLOW_CALL	? FINDING_CALL
			  : event->is_read_modify_write ? FINDING_READ_MODIFY_WRITE
							: FINDING_STORE;
	finding->size_bytes = event->bytes;
	finding->callee = event->callee;
	finding_note(finding, "%s", when[event->root]);
	if (note)
		finding_note(finding, "%s", note);
	if (event->root == FLOW_INIT && event->is_conditional)
		finding_note(finding, "under a condition");
	if (event->flags & VALUE_MAY)
		finding_note(finding, "on some path");
	if (event->flags & VALUE_GUESSED)
		finding_note(finding, "the address is looked up by name");
	if (event->flags & VALUE_INITIAL)
		finding_note(finding, "through a pointer that the module's data holds");
	if (event->bits & STATE_ASKED_RW)
		finding_note(finding,
			     "set_memory_rw() does not unseal the kernel's constants");
	if (verdict == FINDING_BYPASS)
		finding_note(finding, "goes through: protection has been lifted before");
}

/* Intel SDM vol. 3A 2.5: with CR4.CET the mov is a #GP, native_write_cr0()'s too. */
static void judge_kept_wp(const struct judge *judge, const struct flow_event *event)
{
	bool is_sure = is_certain(judge, event) && !judge->writes_cr4;
	struct finding *finding = finding_add(
		judge->findings, is_sure ? FINDING_WOULD_FAULT : FINDING_SUSPECT,
		whats[event->what].kind);

	if (!finding)
		return;
	finding_set_site(finding, judge->space, event->site);
	finding->access = event->callee ? FINDING_CALL : FINDING_STORE;
	finding->callee = event->callee;
	finding_note(finding,
		     "clears CR0.WP, which is a #GP (general protection fault) here: "
		     "CR4.CET is set%s",
		     judge->writes_cr4 ? ", unless the module clears that before" : "");
	finding_note(finding, "%s", when[event->root]);
}

static void judge_other(const struct judge *judge, const struct flow_event *event)
{
	struct finding *finding = finding_add(judge->findings, whats[event->what].verdict,
					      whats[event->what].kind);

	if (!finding)
		return;
	finding_set_site(finding, judge->space, event->site);
	if (event->target)
		finding_set_target(finding, judge->space, event->target, event->is_exact);
	finding->access = event->callee ? FINDING_CALL : FINDING_STORE;
	finding->size_bytes = event->bytes;
	finding->callee = event->callee;
	finding->error_code = 0;
	finding->is_always_told = event->what == FLOW_CR0_PINNED;
	finding_note(finding, "%s", whats[event->what].note);
	finding_note(finding, "%s", when[event->root]);
}

/* mov %reg, %cr4 */
static bool writes_cr4(const struct code *code)
{
	for (size_t i = 0; i < code->nr_sections; i++) {
		const struct code_section *section = &code->sections[i];

		for (size_t j = 0; j < section->nr_insns; j++) {
			const unsigned char *bytes = section->image +
						     section->starts[j].offset;

			/* The image goes on with zeros for as long as any instruction. */
			bytes += (*bytes & 0xf0) == 0x40;
			if (bytes[0] == 0x0f && bytes[1] == 0x22 &&
			    (bytes[2] & 0x38) == 0x20)
				return true;
		}
	}
	return false;
}

void judge_dataflow(struct findings *findings, struct addrspace *space, struct code *code,
		    const struct parameters *parameters, const struct flow_events *events)
{
	struct reach reach;
	struct judge judge = {.findings = findings,
			      .space = space,
			      .reach = &reach,
			      .parameters = parameters,
			      .keeps_wp = space->landmarks.guards.keeps_wp};

	if (events->nr_events == 0)
		return;
	if (reach_open(&reach, code) < 0) {
		findings->has_failed = true;
		return;
	}
	judge.writes_cr4 = judge.keeps_wp && writes_cr4(code);
	for (size_t i = 0; i < events->nr_events; i++) {
		const struct flow_event *event = &events->events[i];

		if (event->what == FLOW_STORE || event->what == FLOW_CALL)
			judge_store(&judge, event);
		else if (judge.keeps_wp &&
			 (event->what == FLOW_CR0 || event->what == FLOW_CR0_PINNED))
			judge_kept_wp(&judge, event);
		else
			judge_other(&judge, event);
	}
	reach_close(&reach);
}
