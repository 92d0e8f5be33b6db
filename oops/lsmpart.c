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

/* A word of a structure, and where it lies unless the compiler shuffled the members. */
struct field {
	unsigned offset;
	const char *member; /* in the kernel's source */
	unsigned within;    /* the word's offset in that member */
	const char *name;
	const char *meaning;
};

enum { WORD_BYTES = 8 };

/* struct security_hook_list of 4.17 to 6.11. The last member is lsmid since 6.8. */
static const struct field list_fields[] = {
	{0, "list", 0, "list.next", "a hook appended behind this element"},
	{8, "list", 8, "list.pprev", "a hook put before this element, or its removal"},
	{16, "head", 0, "head", "the element moved to another hook"},
	{24, "hook", 0, "hook", "the callback itself replaced"},
	{32, "lsm", 0, "lsm", "the owner's name replaced"},
	{.offset = 40},
};

/* struct security_hook_list since 6.12. */
static const struct field call_list_fields[] = {
	{0, "scalls", 0, "scalls", "the element moved to another hook"},
	{8, "hook", 0, "hook", "the callback itself replaced"},
	{16, "lsm", 0, "lsmid", "the owner's id replaced"},
	{.offset = 24},
};

/* struct lsm_static_call since 6.12. */
static const struct field static_call_fields[] = {
	{0, "key", 0, "key", "the slot's static call replaced"},
	{8, "trampoline", 0, "trampoline", "the slot's trampoline replaced"},
	{16, "hl", 0, "hl", "a hook put into the slot"},
	{24, "active", 0, "active", "the slot's switch replaced"},
	{.offset = 32},
};

static unsigned size_of(const struct field *fields)
{
	while (fields->name)
		fields++;
	return fields->offset;
}

/* The member of @type at @offset, as the kernel's own types have it. */
static const struct field *field_by_types(const struct types *types, const char *type,
					  const struct field *fields, unsigned offset)
{
	const char *member;
	uint32_t start;

	if (types_member(types, type, offset, &member, &start) < 0)
		return NULL;
	for (; fields->name; fields++)
		if (strncmp(member, fields->member, strlen(fields->member)) == 0 &&
		    (offset - start) / WORD_BYTES * WORD_BYTES == fields->within)
			return fields;
	return NULL;
}

static void take_field(const struct field *field, struct lsmpart *lsm)
{
	if (!field)
		return;
	lsm->field = field->name;
	lsm->meaning = field->meaning;
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

/* What an element of a list says itself: which hook it is on, and what it calls. */
struct element {
	uint64_t list;	   /* its head; since 6.12 its hook's first slot */
	uint64_t callback; /* a function's start */
};

/* Reads the words of an element that lie at @list and @hook, if they are what they ought
 * to be: a place in @table, and a function of the kernel's.
 */
static bool read_element(struct kernel *kernel, uint64_t va, unsigned list, unsigned hook,
			 const char *table, struct element *ret)
{
	const struct symbol *symbol;
	struct element element;
	uint64_t start, text, text_end;

	if (kernel_read(kernel, va + list, &element.list, WORD_BYTES) < 0 ||
	    kernel_read(kernel, va + hook, &element.callback, WORD_BYTES) < 0)
		return false;
	if (!symbols_address(&kernel->symbols, table, &start) || element.list < start)
		return false;
	symbol = symbols_at(&kernel->symbols, element.list);
	if (!symbol || symbol->address != start)
		return false;
	symbol = symbols_at(&kernel->symbols, element.callback);
	if (!symbol || symbol->address != element.callback ||
	    !symbols_address(&kernel->symbols, "_stext", &text) ||
	    !symbols_address(&kernel->symbols, "_etext", &text_end) ||
	    element.callback < text || element.callback >= text_end)
		return false;
	element.list -= start;
	*ret = element;
	return true;
}

static bool offset_of(const struct types *types, const struct field *fields,
		      const char *name, bool has_types, unsigned *ret)
{
	for (unsigned at = 0; at < size_of(fields); at += WORD_BYTES) {
		const struct field *field =
			has_types
				? field_by_types(types, "security_hook_list", fields, at)
				: &fields[at / WORD_BYTES];

		if (!field || strcmp(field->name, name) != 0)
			continue;
		*ret = at;
		return true;
	}
	return false;
}

/* Asks the element itself. Without types this proves the usual layout, too: a list's head
 * and a function are where only that layout has them, so the two words of the list come
 * first and the owner last.
 */
static bool ask_element(struct kernel *kernel, const struct field *fields, bool has_types,
			uint64_t va, struct lsmpart *lsm)
{
	bool is_list = fields == list_fields;
	struct element element;
	unsigned list, hook;
	uint32_t start;

	if (!offset_of(&kernel->types, fields, is_list ? "head" : "scalls", has_types,
		       &list) ||
	    !offset_of(&kernel->types, fields, "hook", has_types, &hook) ||
	    !read_element(kernel, va, list, hook,
			  is_list ? "security_hook_heads" : "static_calls_table",
			  &element))
		return false;
	take_symbol(kernel, element.callback, lsm->callback, sizeof(lsm->callback));
	take_hook(kernel, is_list ? "security_hook_heads" : "lsm_static_calls_table",
		  element.list, &start, lsm);
	return true;
}

static void take_owner(const char *name, struct lsmpart *lsm)
{
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (strcmp(name, arrays[i].symbol) == 0)
			snprintf(lsm->owner, sizeof(lsm->owner), "%s", arrays[i].owner);
}

/* Which words an element has the release tells, or the size that the types give. */
static const struct field *fields_of_array(uint32_t size_bytes, unsigned version)
{
	if (size_bytes == size_of(call_list_fields) ||
	    (!size_bytes && version >= STATIC_CALLS_SINCE))
		return call_list_fields;
	if (size_bytes ? size_bytes == size_of(list_fields) : version != 0)
		return list_fields;
	return NULL; /* a layout unknown here */
}

static void find_in_array(const struct lsmpart_question *q, const char *name,
			  uint64_t offset, struct lsmpart *lsm)
{
	const struct field *fields;
	struct kernel *kernel = q->kernel;
	uint32_t size_bytes = 0;
	unsigned at;

	take_owner(name, lsm);
	if (kernel)
		types_size(&kernel->types, "security_hook_list", &size_bytes);
	fields = fields_of_array(size_bytes, q->version);
	lsm->structure = fields == call_list_fields ? LSMPART_HOOK_ARRAY_UNUSED
						    : LSMPART_HOOK_ARRAY;
	lsm->is_assumed = size_bytes == 0;
	if (!fields)
		return;
	/* Shuffled members are as many bytes as before. */
	lsm->has_element = true;
	lsm->element = (unsigned)(offset / size_of(fields));
	at = (unsigned)(offset % size_of(fields));
	if (kernel && ask_element(kernel, fields, size_bytes, q->address - at, lsm))
		lsm->is_assumed = false;
	else if (!size_bytes && (kernel || q->is_shuffled))
		return; /* nothing proves which member it is */
	take_field(size_bytes ? field_by_types(&kernel->types, "security_hook_list",
					       fields, at)
			      : &fields[at / WORD_BYTES],
		   lsm);
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

static void find_in_table(const struct lsmpart_question *q, uint64_t offset,
			  struct lsmpart *lsm)
{
	/* Rows are whole slots: a slot's field is known without the row. */
	unsigned at = (unsigned)(offset % size_of(static_call_fields));
	uint32_t start, size_bytes;

	lsm->structure = LSMPART_STATIC_CALLS;
	lsm->is_assumed = !q->kernel || types_size(&q->kernel->types, "lsm_static_call",
						   &size_bytes) < 0;
	if (lsm->is_assumed) {
		if (!q->kernel && !q->is_shuffled)
			take_field(&static_call_fields[at / WORD_BYTES], lsm);
		return;
	}
	if (size_bytes != size_of(static_call_fields))
		return;
	take_field(field_by_types(&q->kernel->types, "lsm_static_call",
				  static_call_fields, at),
		   lsm);
	take_hook(q->kernel, "lsm_static_calls_table", offset, &start, lsm);
	if (!lsm->hook[0])
		return;
	lsm->has_element = true;
	lsm->element = (unsigned)(offset - start) / size_of(static_call_fields);
}

void lsmpart_find(const struct lsmpart_question *q, const char *name, uint64_t offset,
		  struct lsmpart *ret)
{
	struct lsmpart lsm = {0};

	if (strcmp(name, "security_hook_heads") == 0)
		find_in_heads(q->kernel, offset, &lsm);
	else if (strcmp(name, "static_calls_table") == 0)
		find_in_table(q, offset, &lsm);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (strcmp(name, arrays[i].symbol) == 0)
			find_in_array(q, name, offset, &lsm);
	*ret = lsm;
}
