/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which part of which LSM structure a symbol's byte is. */
#include "oops/lsmpart.h"

#include <stdio.h>
#include <string.h>

#include "kcore/release.h"

static const unsigned STATIC_CALLS_SINCE = RELEASE(6, 12);

/* Arrays of struct security_hook_list that mainline has had since 4.17. */
static const struct {
	const char *symbol;
	const char *owner;
} arrays[] = {
	{"apparmor_hooks", "apparmor"},
	{"bpf_lsm_hooks", "bpf"},
	{"capability_hooks", "capability"},
	{"evm_hooks", "evm"},
	{"ima_hooks", "ima"},
	{"ipe_hooks", "ipe"},
	{"landlock_hooks", "landlock"},
	{"loadpin_hooks", "loadpin"},
	{"lockdown_hooks", "lockdown"},
	{"safesetid_security_hooks", "safesetid"},
	{"selinux_hooks", "selinux"},
	{"smack_hooks", "smack"},
	{"tomoyo_hooks", "tomoyo"},
	{"yama_hooks", "yama"},
};

struct field {
	unsigned offset;
	const char *name;
	const char *meaning;
};

/* struct security_hook_list of 4.17 to 6.11. */
static const struct field list_fields[] = {
	{0, "list.next", "a hook appended behind this element"},
	{8, "list.pprev", "a hook put before this element, or its removal"},
	{16, "head", "the element moved to another hook"},
	{24, "hook", "the callback itself replaced"},
	{32, "lsm", "the owner's name replaced"},
	{40, NULL, NULL},
};

/* struct security_hook_list since 6.12. */
static const struct field call_list_fields[] = {
	{0, "scalls", "the element moved to another hook"},
	{8, "hook", "the callback itself replaced"},
	{16, "lsmid", "the owner's id replaced"},
	{24, NULL, NULL},
};

/* struct lsm_static_call since 6.12. */
static const struct field static_call_fields[] = {
	{0, "key", "the slot's static call replaced"},
	{8, "trampoline", "the slot's trampoline replaced"},
	{16, "hl", "a hook put into the slot"},
	{24, "active", "the slot's switch replaced"},
	{32, NULL, NULL},
};

static void take_field(const struct field *fields, unsigned offset, struct lsmpart *lsm)
{
	for (; fields[1].offset <= offset; fields++)
		if (!fields[1].name)
			return;
	lsm->field = fields->name;
	lsm->meaning = fields->meaning;
}

static unsigned size_of(const struct field *fields)
{
	while (fields->name)
		fields++;
	return fields->offset;
}

static void take_symbol(struct kernel *kernel, uint64_t va, char *ret, size_t room)
{
	const struct symbol *symbol = symbols_at(&kernel->symbols, va);

	if (symbol && symbol->address == va)
		snprintf(ret, room, "%s", symbol->name);
}

/* The hook of head number @at of security_hook_heads. */
static void take_hook(struct kernel *kernel, const char *type, uint64_t offset,
		      uint32_t *start, struct lsmpart *lsm)
{
	const char *name;

	if (offset <= UINT32_MAX &&
	    types_member(&kernel->types, type, (uint32_t)offset, &name, start) == 0)
		snprintf(lsm->hook, sizeof(lsm->hook), "%s", name);
}

/* An element of a list says itself which hook it is on and what it calls. */
static void read_element(struct kernel *kernel, uint64_t va, struct lsmpart *lsm)
{
	uint64_t words[4], heads;
	uint32_t start;

	if (kernel_read(kernel, va, words, sizeof(words)) < 0)
		return;
	take_symbol(kernel, words[3], lsm->callback, sizeof(lsm->callback));
	if (symbols_address(&kernel->symbols, "security_hook_heads", &heads) &&
	    words[2] >= heads)
		take_hook(kernel, "security_hook_heads", words[2] - heads, &start, lsm);
}

/* An element since 6.12: its first word points to its hook's row of the table. */
static void read_call_element(struct kernel *kernel, uint64_t va, struct lsmpart *lsm)
{
	uint64_t words[2], table;
	uint32_t start;

	if (kernel_read(kernel, va, words, sizeof(words)) < 0)
		return;
	take_symbol(kernel, words[1], lsm->callback, sizeof(lsm->callback));
	if (symbols_address(&kernel->symbols, "static_calls_table", &table) &&
	    words[0] >= table)
		take_hook(kernel, "lsm_static_calls_table", words[0] - table, &start,
			  lsm);
}

static void find_in_array(struct kernel *kernel, const char *name, uint64_t offset,
			  uint64_t address, unsigned version, struct lsmpart *lsm)
{
	const struct field *fields = list_fields;
	uint32_t size_bytes = 0;

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (strcmp(name, arrays[i].symbol) == 0)
			snprintf(lsm->owner, sizeof(lsm->owner), "%s", arrays[i].owner);
	lsm->structure = LSMPART_HOOK_ARRAY;
	if (kernel)
		types_size(&kernel->types, "security_hook_list", &size_bytes);
	lsm->is_assumed = size_bytes == 0;
	if (size_bytes == size_of(call_list_fields) ||
	    (!size_bytes && version >= STATIC_CALLS_SINCE)) {
		lsm->structure = LSMPART_HOOK_ARRAY_UNUSED;
		fields = call_list_fields;
	} else if (size_bytes ? size_bytes != size_of(list_fields) : !version) {
		return; /* a layout unknown here */
	}
	lsm->has_element = true;
	lsm->element = (unsigned)(offset / size_of(fields));
	take_field(fields, (unsigned)(offset % size_of(fields)), lsm);
	if (!kernel || lsm->is_assumed)
		return;
	address -= offset % size_of(fields);
	if (fields == list_fields)
		read_element(kernel, address, lsm);
	else
		read_call_element(kernel, address, lsm);
}

static void find_in_heads(struct kernel *kernel, uint64_t offset, struct lsmpart *lsm)
{
	uint32_t start;

	lsm->structure = LSMPART_HOOK_HEADS;
	lsm->field = "first";
	lsm->meaning = "the first hook of the list put in or taken out";
	if (kernel)
		take_hook(kernel, "security_hook_heads", offset, &start, lsm);
}

static void find_in_table(struct kernel *kernel, uint64_t offset, struct lsmpart *lsm)
{
	uint32_t start, size_bytes;

	lsm->structure = LSMPART_STATIC_CALLS;
	lsm->is_assumed = !kernel ||
			  types_size(&kernel->types, "lsm_static_call", &size_bytes) < 0;
	if (!lsm->is_assumed && size_bytes != size_of(static_call_fields))
		return;
	/* Rows are whole slots: a slot's field is known without the row. */
	take_field(static_call_fields, (unsigned)(offset % size_of(static_call_fields)),
		   lsm);
	if (lsm->is_assumed)
		return;
	take_hook(kernel, "lsm_static_calls_table", offset, &start, lsm);
	if (!lsm->hook[0])
		return;
	lsm->has_element = true;
	lsm->element = (unsigned)(offset - start) / size_of(static_call_fields);
}

void lsmpart_find(struct kernel *kernel, const char *name, uint64_t offset,
		  uint64_t address, unsigned version, struct lsmpart *ret)
{
	struct lsmpart lsm = {0};

	if (strcmp(name, "security_hook_heads") == 0)
		find_in_heads(kernel, offset, &lsm);
	else if (strcmp(name, "static_calls_table") == 0)
		find_in_table(kernel, offset, &lsm);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (strcmp(name, arrays[i].symbol) == 0)
			find_in_array(kernel, name, offset, address, version, &lsm);
	*ret = lsm;
}
