/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel's code leads. */
#include "unchanged/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/names.h"
#include "audit/redirect.h"
#include "insn/decode.h"
#include "kcore/cleanup.h"
#include "unchanged/outside.h"
#include "unchanged/owner.h"
#include "unchanged/wayout.h"

static const uint64_t MAX_TEXT_BYTES = 128 << 20;

/* Constants of the kernel's that lie in the modules' area (page masks, the area's start)
 * end in so many zeros. Fewer, and a function at such an address is not seen.
 */
static const uint64_t ROUND = 1 << 28;

/* Functions outside the image that ftrace or a static call leads to rightfully. */
enum { MAX_TOLD = 16 };
struct led {
	uint64_t function;
	enum owner owner;
	size_t nr;
};

struct pass {
	struct audit *audit;
	struct outside outside;
	const struct owner_records *records;
	struct forms forms;
	unsigned char *text;
	uint64_t va, size_bytes; /* of text */
	uint64_t function;	 /* the one that is being read starts there */
	size_t nr_lifted;
	size_t nr_owned[OWNER_NR];
	uint64_t last_trampoline, last_function; /* what the one calls is the other */
	struct led led[MAX_TOLD];
	size_t nr_led;
};

void text_want(struct audit *audit)
{
	owner_want(audit);
}

int text_read(const struct audit *audit, uint64_t va, uint64_t nr_bytes,
	      unsigned char *ret)
{
	uint64_t at = 0;

	while (at < nr_bytes) {
		const struct mapping *mapping = mappings_at(&audit->mappings, va + at);
		uint64_t n = nr_bytes - at, offset;
		int r;

		if (!mapping || mapping->reason != PT_OK)
			return -EFAULT;
		offset = va + at - mapping->va;
		if (n > mapping->size_bytes - offset)
			n = mapping->size_bytes - offset;
		r = elfcore_read_pa(&audit->kernel->core, mapping->pa + offset, ret + at,
				    n);
		if (r < 0)
			return r;
		at += n;
	}
	return 0;
}

static int64_t value_at(const unsigned char *bytes, const struct form_value *value)
{
	uint64_t raw = 0;

	memcpy(&raw, bytes + value->at, value->nr_bytes);
	return value->is_told ? (int64_t)(raw << value->shift) >> value->shift : 0;
}

/* Where a displacement or an immediate of @form, at @va, points. */
static uint64_t points_to(const struct form *form, const struct form_value *value,
			  int64_t own, const unsigned char *bytes, uint64_t va)
{
	uint64_t n = (uint64_t)(value->is_told ? value_at(bytes, value) : own);

	return value->is_relative ? va + form->insn.bytes + n : n;
}

static void note_led(struct pass *pass, enum owner owner, uint64_t function)
{
	size_t i = 0;

	if (audit_is_kernel_text(pass->audit, function))
		return;
	while (i < pass->nr_led &&
	       (pass->led[i].function != function || pass->led[i].owner != owner))
		i++;
	if (i == MAX_TOLD)
		return;
	pass->nr_led += i == pass->nr_led;
	pass->led[i].function = function;
	pass->led[i].owner = owner;
	pass->led[i].nr++;
}

/* Code that a known owner leads out of the image: what runs in the end? */
static void note_owned(struct pass *pass, enum owner owner, uint64_t target)
{
	pass->nr_owned[owner]++;
	if (owner == OWNER_FTRACE) {
		if (pass->last_trampoline != target) {
			pass->last_trampoline = target;
			if (!redirect_ops_function(pass->audit, target,
						   &pass->last_function))
				pass->last_function = pass->va;
		}
		note_led(pass, owner, pass->last_function);
	} else if (owner == OWNER_STATIC_CALL || owner == OWNER_DIRECT) {
		note_led(pass, owner, target);
	}
}

static void leave(struct pass *pass, const struct form *form, const unsigned char *bytes,
		  uint64_t va, uint64_t target, const char *does)
{
	const struct owner_branch branch = {
		.va = va, .target = target, .function = pass->function};
	struct outside_place place = {
		.va = va, .target = target, .nr_bytes = form->insn.bytes, .does = does};
	enum owner owner = owner_of(pass->audit, pass->records, &branch);

	if (owner != OWNER_NONE) {
		note_owned(pass, owner, target);
		return;
	}
	memcpy(place.bytes, bytes, place.nr_bytes);
	outside_find(&pass->outside, &place);
}

static bool is_in_text(const struct pass *pass, uint64_t va)
{
	return va - pass->va < pass->size_bytes;
}

static void look_at_branch(struct pass *pass, const struct form *form,
			   const unsigned char *bytes, uint64_t va)
{
	uint64_t target = points_to(form, &form->imm, form->insn.imm, bytes, va);

	if (!is_in_text(pass, target) && outside_is_code(pass->audit, target))
		leave(pass, form, bytes, va, target,
		      form->insn.op == INSN_CALL ? "calls" : "jumps to");
}

/* A jump or call through a place whose address the instruction has: what lies in writable
 * data may lead anywhere, what lies among the constants is looked at by itself.
 */
static void look_at_place(struct pass *pass, const struct form *form,
			  const unsigned char *bytes, uint64_t va)
{
	const uint64_t *labels = pass->audit->kernel->labels;
	uint64_t slot = points_to(form, &form->disp, form->insn.disp, bytes, va), target;

	if (form->insn.flags & INSN_SEGMENT || form->insn.index != INSN_NO_REGISTER ||
	    (form->insn.base != INSN_NO_REGISTER && !form->disp.is_relative) ||
	    (slot >= labels[LABEL_ETEXT] && slot < labels[LABEL_END]) ||
	    mappings_read_word(&pass->audit->mappings, slot, &target) < 0 ||
	    !outside_is_code(pass->audit, target))
		return;
	leave(pass, form, bytes, va, target,
	      form->insn.op == INSN_CALL ? "calls, through the place that it names,"
					 : "jumps, through the place that it names, to");
}

static void look_at_address(struct pass *pass, const struct form *form,
			    const unsigned char *bytes, uint64_t va)
{
	const struct insn *insn = &form->insn;
	uint64_t target = 0;

	if (insn->op == INSN_LEA && form->disp.is_relative)
		target = points_to(form, &form->disp, insn->disp, bytes, va);
	else if ((insn->op == INSN_MOV || insn->op == INSN_PUSH) &&
		 insn->src == INSN_IMMEDIATE && insn->width == sizeof(target))
		target = points_to(form, &form->imm, insn->imm, bytes, va);
	if (target % ROUND && insn_is_address(target) && !is_in_text(pass, target) &&
	    outside_is_code(pass->audit, target))
		leave(pass, form, bytes, va, target, "has the address of");
}

/* An instruction that is a branch or may have an address. */
static void look(struct pass *pass, uint32_t entry, const unsigned char *bytes,
		 uint64_t va)
{
	const struct form *form = forms_get(&pass->forms, entry);
	struct form own;
	struct form_key key;

	if (!form) {
		if (!decode_form(bytes, forms_length(entry), &own, &key))
			return;
		form = &own;
	}
	if ((form->insn.op == INSN_CALL || form->insn.op == INSN_JMP) &&
	    form->insn.src == INSN_MEMORY)
		look_at_place(pass, form, bytes, va);
	else if (forms_note(entry) == FORM_BRANCH)
		look_at_branch(pass, form, bytes, va);
	else
		look_at_address(pass, form, bytes, va);
}

/* The code from one symbol to the next. */
static void read_function(struct pass *pass, uint64_t start, uint64_t end)
{
	pass->function = pass->va + start;
	while (start < end) {
		const unsigned char *bytes = pass->text + start;
		uint32_t entry = decode_entry(&pass->forms, bytes, end - start);

		if (!entry) {
			start++;
			continue;
		}
		if (forms_note(entry) >= FORM_LOOK)
			look(pass, entry, bytes, pass->va + start);
		start += forms_length(entry);
	}
}

static void tell_led(struct pass *pass)
{
	for (size_t i = 0; i < pass->nr_led; i++) {
		char place[AUDIT_PLACE_BYTES];

		audit_notice(pass->audit, pass->outside.row, pass->led[i].function,
			     "%zu place%s in kernel text lead%s to %s, by %s",
			     pass->led[i].nr, pass->led[i].nr == 1 ? "" : "s",
			     pass->led[i].nr == 1 ? "s" : "",
			     audit_place(pass->audit, pass->led[i].function, place,
					 sizeof(place)),
			     owner_name(pass->led[i].owner));
	}
}

static void tell_counts(struct pass *pass)
{
	struct audit_row *row = &pass->audit->rows[pass->outside.row];
	size_t n = 0, room = sizeof(row->detail);

	if (row->verdict == AUDIT_UNKNOWN)
		return;
	n = (size_t)snprintf(row->detail, room, "%" PRIu64 " bytes", pass->size_bytes);
	for (int i = OWNER_NONE + 1; i < OWNER_NR && n < room; i++)
		if (pass->nr_owned[i])
			n += (size_t)snprintf(row->detail + n, room - n,
					      ", %zu of %s lead out", pass->nr_owned[i],
					      owner_name((enum owner)i));
	if (n < room && pass->nr_lifted)
		snprintf(row->detail + n, room - n, ", %zu kprobes", pass->nr_lifted);
}

/* The functions whose bytes could lead out of the text; of others none does. */
static void read_functions(struct pass *pass)
{
	struct symbols *symbols = &pass->audit->kernel->symbols;
	uint64_t at = 0, next, leads;
	struct wayout wayout;

	wayout_open(&wayout, pass->audit, pass->text, pass->va, pass->size_bytes);
	leads = wayout_next(&wayout, at);
	while (leads < pass->size_bytes) {
		if (!symbols_next_address(symbols, pass->va + at, &next) ||
		    next - pass->va > pass->size_bytes)
			next = pass->va + pass->size_bytes;
		next -= pass->va;
		if (leads < next) {
			read_function(pass, at, next);
			leads = wayout_next(&wayout, next);
		}
		at = next;
	}
}

static int run(struct pass *pass)
{
	int r = text_read(pass->audit, pass->va, pass->size_bytes, pass->text);

	if (r < 0)
		return r;
	pass->nr_lifted = probes_lift(&pass->records->probes, pass->va, pass->text,
				      pass->size_bytes);
	read_functions(pass);
	outside_finish(&pass->outside);
	tell_led(pass);
	tell_counts(pass);
	return 0;
}

/* Why the text cannot be gone through; NULL: it can be. */
static const char *missing(const struct audit *audit)
{
	const uint64_t *labels = audit->kernel->labels;

	if (!audit->kernel->has_symbols)
		return "it cannot be read without symbols";
	if (!labels[LABEL_TEXT] || labels[LABEL_ETEXT] <= labels[LABEL_TEXT] ||
	    labels[LABEL_ETEXT] - labels[LABEL_TEXT] > MAX_TEXT_BYTES)
		return "its bounds are not known";
	return decode_missing();
}

static int check(struct audit *audit, const struct owner_records *records, size_t row)
{
	const uint64_t *labels = audit->kernel->labels;
	_cleanup_free_ unsigned char *text = NULL;
	struct pass pass = {
		.audit = audit,
		.records = records,
		.outside = {.audit = audit, .row = row, .kind = AUDIT_BRANCH_OUTSIDE},
		.va = labels[LABEL_TEXT],
		.size_bytes = labels[LABEL_ETEXT] - labels[LABEL_TEXT],
	};
	int r;

	text = malloc(pass.size_bytes);
	if (!text)
		return -ENOMEM;
	pass.text = text;
	r = forms_open(&pass.forms);
	if (r < 0)
		return r;
	r = run(&pass);
	forms_close(&pass.forms);
	return r;
}

void text_check(struct audit *audit, const struct owner_records *records)
{
	const uint64_t *labels = audit->kernel->labels;
	const struct audit_row row = {
		.group = AUDIT_UNCHANGED,
		.verdict = AUDIT_SEALED,
		.name = "branches of kernel text",
		.symbol = "_text",
		.address = labels[LABEL_TEXT],
		.size_bytes = labels[LABEL_ETEXT] - labels[LABEL_TEXT],
		.why = "all branches of the kernel's code stay in it, but for those that "
		       "the kernel's own means lead out",
	};
	size_t index = audit_add_row(audit, &row);
	const char *why = missing(audit);
	int r;

	if (index >= audit->nr_rows)
		return;
	if (why) {
		audit_undecided(audit, index, "%s", why);
		return;
	}
	r = check(audit, records, index);
	if (r == -ENOMEM)
		audit->failed = r;
	else if (r < 0)
		audit_undecided(audit, index, "%s",
				audit->kernel->is_live
					? "it cannot be read"
					: "it is not in this file: 'kwcheck capture "
					  "--text' takes it along");
}
