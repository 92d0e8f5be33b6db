/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forms of instructions, found by the bytes that an instruction begins with. */
#include "insn/forms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 4 * 1024, MAX_FORMS = 16 * 1024, NR_NUMBERS = 2 * MAX_FORMS };
enum { NODE_BYTES = FORMS_FAN * sizeof(uint32_t) };

int forms_open(struct forms *ret)
{
	struct forms forms = {0};

	forms.next = malloc(MAX_NODES * NODE_BYTES);
	forms.array = malloc(MAX_FORMS * sizeof(*forms.array));
	forms.numbers = calloc(NR_NUMBERS, sizeof(*forms.numbers));
	if (!forms.next || !forms.array || !forms.numbers) {
		forms_close(&forms);
		return -ENOMEM;
	}
	memset(forms.next, 0, NODE_BYTES);
	forms.nr_nodes = 1;
	*ret = forms;
	return 0;
}

void forms_close(struct forms *forms)
{
	free(forms->next);
	free(forms->array);
	free(forms->numbers);
	memset(forms, 0, sizeof(*forms));
}

uint32_t forms_find(const struct forms *forms, const unsigned char *bytes,
		    size_t nr_bytes)
{
	uint32_t at = 0;

	for (size_t i = 0; i < nr_bytes; i++) {
		at = forms->next[at + bytes[i]];
		if (at & FORMS_IS_FORM)
			return forms_length(at) <= nr_bytes ? at : 0;
		if (!at)
			return 0;
	}
	return 0;
}

/* The number of the form that equals @form. It is added if there is none. FORMS_NONE:
 * there are too many.
 */
static uint32_t number_of(struct forms *forms, const struct form *form)
{
	const unsigned char *bytes = (const unsigned char *)form;
	uint32_t hash = 2166136261U;
	uint16_t *number;

	for (size_t i = 0; i < sizeof(*form); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	for (;; hash++) {
		number = &forms->numbers[hash % NR_NUMBERS];
		if (!*number)
			break;
		if (memcmp(&forms->array[*number - 1], form, sizeof(*form)) == 0)
			return *number - 1;
	}
	if (forms->nr == MAX_FORMS)
		return FORMS_NONE;
	forms->array[forms->nr++] = *form;
	*number = (uint16_t)forms->nr;
	return *number - 1;
}

/* The node that @byte leads to from node @at. All bytes that differ from it only in bits
 * of @any lead there, too.
 */
static uint32_t go_on(struct forms *forms, uint32_t at, unsigned byte, unsigned any)
{
	uint32_t *next = &forms->next[at + byte];

	if (!*next) {
		*next = (uint32_t)forms->nr_nodes++ * FORMS_FAN;
		memset(&forms->next[*next], 0, NODE_BYTES);
		for (unsigned i = 0; any && i < FORMS_FAN; i++)
			if ((i & ~any) == (byte & ~any))
				forms->next[at + i] = *next;
	}
	return *next;
}

/* Do ModRM bytes @a and @b differ only in registers that @key masks out? The number of
 * rsp is no register like others: in ModRM it means SIB, and rsp is notable.
 */
static bool is_alike(const struct form_key *key, unsigned a, unsigned b)
{
	enum { RM = 7, SIB = 4, RIP = 5 };
	unsigned reg_a = a >> 3 & 7, reg_b = b >> 3 & 7, rm_a = a & RM, rm_b = b & RM;
	bool is_register = b >> 6 == 3;

	if (a >> 6 != b >> 6)
		return false;
	if (reg_a != reg_b && (!key->has_any_reg || reg_a == SIB || reg_b == SIB))
		return false;
	return rm_a == rm_b || (key->has_any_rm && rm_a != SIB && rm_b != SIB &&
				(is_register || b >> 6 || (rm_a != RIP && rm_b != RIP)));
}

uint32_t forms_add(struct forms *forms, const unsigned char *bytes,
		   const struct form_key *key, const struct form *form)
{
	uint32_t entry = FORMS_IS_FORM |
			 (uint32_t)form->insn.bytes << FORMS_LENGTH_SHIFT |
			 (uint32_t)form->note << FORMS_NOTE_SHIFT;
	uint32_t number = FORMS_NONE, at = 0;
	unsigned char last = bytes[key->nr_bytes - 1];

	if (form->is_regular && forms->nr_nodes + key->nr_bytes <= MAX_NODES)
		number = number_of(forms, form);
	entry |= number;
	if (number == FORMS_NONE)
		return entry;
	for (size_t i = 0; i + 1 < key->nr_bytes; i++)
		at = go_on(forms, at, bytes[i], key->any[i]);
	forms->next[at + last] = entry;
	for (unsigned i = 0; i < FORMS_FAN && (key->has_any_reg || key->has_any_rm); i++)
		if (!forms->next[at + i] && is_alike(key, i, last))
			forms->next[at + i] = entry;
	return entry;
}
