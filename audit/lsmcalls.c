/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security hooks as static calls: static_calls_table, 6.12 and newer.
 *
 * The table is sealed, but no call reads it: a module may install a hook with
 * __static_call_update() and static_key_enable(), which are exported, without touching a
 * sealed byte. So each slot's parts are compared: table entry, key, trampoline, active
 * key, and the text that the kernel patched from them.
 */
#include "audit/lsmcalls.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/lsmlayout.h"
#include "audit/names.h"
#include "audit/pages.h"
#include "audit/patched.h"
#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/sealednames.h"

enum { MAX_SLOTS = 64 * 1024, SITE_CHUNK = 4096 };

/* struct lsm_static_call: key, trampoline, hl, active (include/linux/lsm_hooks.h). */
struct layout {
	uint32_t size_bytes, key, trampoline, element, active;
	uint32_t key_func; /* static_call_key.func */
};

struct slot {
	const char *hook;
	unsigned index;
	uint32_t offset;			   /* in the table */
	uint64_t key, trampoline, element, active; /* addresses, of the table */
	uint64_t function;			   /* the key's; 0: none */
	uint32_t enabled;
	bool is_bad, is_unread;
};

/* A slot by one of its addresses. */
struct slot_key {
	uint64_t va;
	size_t slot; /* index */
};

struct calls {
	struct lsm *lsm;
	uint64_t table;
	/* What an empty slot may jump to: __x86_return_thunk, and the one that the CPU
	 * needs (srso_return_thunk, its_return_thunk, ...), which x86_return_thunk holds
	 * since 6.6 and in its backports. 0: there is none.
	 */
	uint64_t return_thunk, return_thunk_in_use;
	uint64_t return0; /* __static_call_return0 */
	struct layout layout;
	size_t row, site_row;
	uint32_t size_bytes;
	struct slot *slots;
	size_t nr;
	struct slot_key *by_key, *by_active; /* nr each, ascending */
	size_t nr_sites, nr_labels;
	bool is_counting; /* what is patched wrong is counted first, then told */
	size_t nr_wrong;
};

static int add_slots(void *ctx, const char *member, uint32_t offset, uint32_t size_bytes)
{
	struct calls *calls = ctx;
	size_t nr = size_bytes / calls->layout.size_bytes;
	struct slot *slots;

	if (calls->nr + nr > MAX_SLOTS)
		return -ERANGE;
	slots = reallocarray(calls->slots, calls->nr + nr + 1, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	calls->slots = slots;
	for (size_t i = 0; i < nr; i++) {
		uint64_t at = calls->table + offset + i * calls->layout.size_bytes;
		struct slot slot = {
			.hook = member,
			.index = (unsigned)i,
			.offset = (uint32_t)(at - calls->table),
		};
		const struct mappings *mappings = &calls->lsm->audit->mappings;

		if (mappings_read_word(mappings, at + calls->layout.key, &slot.key) < 0 ||
		    mappings_read_word(mappings, at + calls->layout.trampoline,
				       &slot.trampoline) < 0 ||
		    mappings_read_word(mappings, at + calls->layout.element,
				       &slot.element) < 0 ||
		    mappings_read_word(mappings, at + calls->layout.active,
				       &slot.active) < 0)
			return -EFAULT;
		calls->slots[calls->nr++] = slot;
	}
	if (calls->size_bytes < offset + size_bytes)
		calls->size_bytes = offset + size_bytes;
	return 0;
}

/* Where there is no BTF a slot is four pointers, in an order that layout randomisation
 * may have shuffled. The names of what they point to tell which is which.
 */
enum { NR_WORDS = 4, SLOT_BYTES = 8 * NR_WORDS };
static const char trampoline_prefix[] = "__SCT__lsm_static_call_";
static const char active_prefix[] = "security_hook_active_";

/* The name of the symbol that is at @va; "" for none. */
static const char *name_at(const struct calls *calls, uint64_t va)
{
	const struct symbol *symbol = symbols_at(&calls->lsm->audit->kernel->symbols, va);

	return symbol && symbol->address == va ? symbol->name : "";
}

/* "file_open_4" of a key's name, NULL where @va is no key. */
static const char *key_suffix(const struct calls *calls, uint64_t va)
{
	const char *name = name_at(calls, va);

	return sealednames_is_lsm_key(name) ? name + strlen(sealednames_lsm_key) : NULL;
}

static bool is_called(const struct calls *calls, uint64_t va, const char *prefix,
		      const char *suffix)
{
	const char *name = name_at(calls, va);
	size_t bytes = strlen(prefix);

	return strncmp(name, prefix, bytes) == 0 && strcmp(name + bytes, suffix) == 0;
}

/* Reads the slots up to the first whose word @key_word is no key: what follows the table
 * up to the next symbol is padding. Counts how many of each word have the name of the
 * key's trampoline or switch.
 */
static size_t count_names(const struct calls *calls, size_t nr, size_t key_word,
			  size_t nr_trampolines[NR_WORDS], size_t nr_actives[NR_WORDS])
{
	for (size_t i = 0; i < nr; i++) {
		uint64_t words[NR_WORDS];
		const char *suffix;

		if (mappings_read(&calls->lsm->audit->mappings,
				  calls->table + i * SLOT_BYTES, words,
				  sizeof(words)) < 0)
			return i;
		suffix = key_suffix(calls, words[key_word]);
		if (!suffix)
			return i;
		for (size_t j = 0; j < NR_WORDS; j++) {
			nr_trampolines[j] += is_called(calls, words[j], trampoline_prefix,
						       suffix);
			nr_actives[j] += is_called(calls, words[j], active_prefix,
						   suffix);
		}
	}
	return nr;
}

/* The word that most of @nr slots agree on; NR_WORDS: there is none. */
static size_t most_of(const size_t counts[NR_WORDS], size_t nr)
{
	size_t i = 0;

	while (i < NR_WORDS && 2 * counts[i] <= nr)
		i++;
	return i;
}

/* -ENOENT: the names do not tell. @ret_nr: slots. */
static int work_out_layout(struct calls *calls, size_t nr_room, size_t *ret_nr)
{
	for (size_t key = 0; key < NR_WORDS; key++) {
		size_t nr_trampolines[NR_WORDS] = {0}, nr_actives[NR_WORDS] = {0};
		size_t nr = count_names(calls, nr_room, key, nr_trampolines, nr_actives);
		size_t trampoline = most_of(nr_trampolines, nr);
		size_t active = most_of(nr_actives, nr);

		if (nr == 0 || trampoline == NR_WORDS || active == NR_WORDS)
			continue;
		calls->layout = (struct layout){
			.size_bytes = SLOT_BYTES,
			.key = 8 * (uint32_t)key,
			.trampoline = 8 * (uint32_t)trampoline,
			.active = 8 * (uint32_t)active,
			/* The word that is left: 0 + 1 + 2 + 3 are 6. */
			.element = 8 * (uint32_t)(6 - key - trampoline - active),
		};
		*ret_nr = nr;
		return 0;
	}
	return -ENOENT;
}

/* The hook and number of a slot whose key is called "..._file_open_4". */
static int name_slot(struct calls *calls, struct slot *slot)
{
	struct audit *audit = calls->lsm->audit;
	const char *suffix = key_suffix(calls, slot->key);
	char name[128];
	char *end;

	if (!suffix)
		return -ENOENT;
	snprintf(name, sizeof(name), "%s", suffix);
	end = strrchr(name, '_');
	if (!end)
		return -ENOENT;
	slot->index = (unsigned)strtoul(end + 1, NULL, 10);
	*end = '\0';
	slot->hook = audit_keep_name(audit, name);
	return 0;
}

static int add_slots_by_name(struct calls *calls)
{
	uint64_t size_bytes = audit_symbol_size(calls->lsm->audit, calls->table);
	size_t nr;
	int r;

	if (size_bytes > MAX_SLOTS * SLOT_BYTES)
		return -ERANGE;
	r = work_out_layout(calls, size_bytes / SLOT_BYTES, &nr);
	if (r == 0)
		r = add_slots(calls, "?", 0, (uint32_t)(nr * SLOT_BYTES));
	for (size_t i = 0; i < calls->nr && r == 0; i++)
		r = name_slot(calls, &calls->slots[i]);
	return r;
}

static int read_layout(struct calls *calls)
{
	const struct types *types = &calls->lsm->audit->kernel->types;
	struct layout *layout = &calls->layout;
	static const char type[] = "lsm_static_call";
	int r = types_size(types, type, &layout->size_bytes);

	if (r == 0 && layout->size_bytes == 0)
		r = -ENOENT;
	if (r == 0)
		r = types_offset(types, type, "key", &layout->key);
	if (r == 0)
		r = types_offset(types, type, "trampoline", &layout->trampoline);
	if (r == 0)
		r = types_offset(types, type, "hl", &layout->element);
	if (r == 0)
		r = types_offset(types, type, "active", &layout->active);
	if (r == 0)
		r = types_offset(types, "static_call_key", "func", &layout->key_func);
	return r;
}

static bool is_return_thunk(const struct calls *calls, uint64_t va)
{
	return va && (va == calls->return_thunk || va == calls->return_thunk_in_use);
}

/* Finds where the trampoline at @va leads; 0: it returns. false: it neither jumps nor
 * returns.
 */
static bool trampoline_target(const struct calls *calls, uint64_t va, uint64_t *ret)
{
	unsigned char bytes[PATCHED_BYTES];
	struct patched code;

	if (mappings_read(&calls->lsm->audit->mappings, va, bytes, sizeof(bytes)) < 0)
		return false;
	code = patched_decode(bytes, va);
	if (code.kind == PATCHED_RETURN)
		*ret = 0;
	else if (code.kind == PATCHED_JUMP)
		*ret = is_return_thunk(calls, code.target) ? 0 : code.target;
	else
		return false;
	return true;
}

static void hijacked(struct calls *calls, struct slot *slot, uint64_t function,
		     const char *why)
{
	struct audit *audit = calls->lsm->audit;
	char place[128];

	if (slot->is_bad)
		return;
	slot->is_bad = true;
	audit_find(
		audit, calls->row, AUDIT_SLOT_HIJACKED, slot->key, 0,
		"hook %s, slot %u, calls %s (%s): %s", slot->hook, slot->index,
		function ? audit_place(audit, function, place, sizeof(place)) : "nothing",
		function ? region_of(audit->kernel, function)->name : "no function", why);
	audit_add_slot(audit, &(struct audit_slot){.row = calls->row,
						   .hook = slot->hook,
						   .index = slot->index,
						   .element = slot->element,
						   .callback = function,
						   .is_bad = true});
}

/* Reads the parts of a slot that tell what it calls, and compares them.
 * Returns what is wrong, NULL where nothing is. @ret_target: what is called instead.
 */
static const char *judge_slot(struct calls *calls, struct slot *slot,
			      uint64_t *ret_target)
{
	const struct mappings *mappings = &calls->lsm->audit->mappings;
	uint64_t target = 0, callback = 0, entry;

	*ret_target = 0;
	slot->is_unread = mappings_read_word(mappings, slot->key + calls->layout.key_func,
					     &slot->function) < 0 ||
			  mappings_read(mappings, slot->active, &slot->enabled,
					sizeof(slot->enabled)) < 0 ||
			  !trampoline_target(calls, slot->trampoline, &target);
	if (slot->is_unread)
		return NULL;
	*ret_target = slot->function;
	if (slot->element &&
	    (mappings_read_word(mappings, slot->element + calls->lsm->layout.hook,
				&callback) < 0 ||
	     mappings_read_word(mappings, slot->element + calls->lsm->layout.scalls,
				&entry) < 0))
		return "its table entry leads to unmapped memory";
	if (!slot->element && (slot->function || target || slot->enabled)) {
		*ret_target = target ? target : slot->function;
		return "no security module registered it";
	}
	if (slot->function != callback)
		return "its key was changed after the registration";
	*ret_target = target;
	if (target != callback)
		return "its trampoline was changed after the registration";
	*ret_target = 0;
	return slot->element && !slot->enabled ? "it is registered, but switched off"
					       : NULL;
}

static void check_slot(struct calls *calls, struct slot *slot)
{
	uint64_t target;
	const char *wrong = judge_slot(calls, slot, &target);

	if (slot->is_unread)
		audit_undecided(
			calls->lsm->audit, calls->row,
			"the key or trampoline of hook %s, slot %u, cannot be read",
			slot->hook, slot->index);
	else if (wrong)
		hijacked(calls, slot, target, wrong);
}

/* Can code run at @va? */
static bool is_code(const struct calls *calls, uint64_t va)
{
	const struct mapping *mapping = mappings_at(&calls->lsm->audit->mappings, va);

	return mapping && mapping->reason == PT_OK && !mapping->nx;
}

/* Is what the slots say rather read wrong than attacked? Registered hooks whose parts
 * disagree, and slots that would call what is no code, are few in an attack.
 */
static bool is_doubtful(struct calls *calls)
{
	size_t nr_used = 0, nr_differing = 0, nr_odd = 0;

	for (size_t i = 0; i < calls->nr; i++) {
		uint64_t target;
		const char *wrong = judge_slot(calls, &calls->slots[i], &target);
		bool is_used = calls->slots[i].element != 0;

		nr_used += is_used;
		nr_differing += is_used && wrong;
		nr_odd += !is_used && wrong && target && !is_code(calls, target);
	}
	return lsmlayout_is_doubtful(nr_differing, nr_used) || nr_odd > LSMLAYOUT_HANDFUL;
}

/* An element's pointer to slots leads to its hook's first. */
static int prove_elements(struct calls *calls)
{
	_cleanup_free_ struct lsmlayout_element *elements = calloc(calls->nr + 1,
								   sizeof(*elements));
	uint64_t first = 0;
	size_t nr = 0;

	if (!elements)
		return -ENOMEM;
	for (size_t i = 0; i < calls->nr; i++) {
		if (calls->slots[i].index == 0)
			first = calls->table + calls->slots[i].offset;
		if (calls->slots[i].element)
			elements[nr++] = (struct lsmlayout_element){
				calls->slots[i].element, first};
	}
	return lsmlayout_prove(calls->lsm, elements, nr);
}

/* false: the row says why the slots are not judged. */
static bool prove(struct calls *calls)
{
	int r = prove_elements(calls);

	if (r == -ENOENT)
		lsmlayout_refuse(calls->lsm, calls->row,
				 "what the slots point to does not look like any known "
				 "security_hook_list");
	else if (r < 0)
		calls->lsm->audit->failed = r;
	else if (is_doubtful(calls))
		lsmlayout_refuse(calls->lsm, calls->row,
				 "most slots would not call what is registered");
	else
		return true;
	return false;
}

static void add_hook(struct calls *calls, const struct slot *slot)
{
	struct lsm *lsm = calls->lsm;
	struct lsm_hook hook = {
		.name = slot->hook,
		.index = slot->index,
		.element = slot->element,
	};
	size_t owner = lsmhooks_owner_of(lsm, slot->element);

	if (mappings_read_word(&lsm->audit->mappings, slot->element + lsm->layout.hook,
			       &hook.callback) < 0)
		return;
	lsmhooks_add(lsm, owner, &hook);
}

/* ---- the patched text ---- */

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = ((const struct slot_key *)a)->va,
		 y = ((const struct slot_key *)b)->va;

	return x < y ? -1 : x > y;
}

static bool index_slots(struct calls *calls)
{
	calls->by_key = calloc(calls->nr + 1, sizeof(*calls->by_key));
	calls->by_active = calloc(calls->nr + 1, sizeof(*calls->by_active));
	if (!calls->by_key || !calls->by_active)
		return false;
	for (size_t i = 0; i < calls->nr; i++) {
		calls->by_key[i] = (struct slot_key){calls->slots[i].key, i};
		calls->by_active[i] = (struct slot_key){calls->slots[i].active, i};
	}
	qsort(calls->by_key, calls->nr, sizeof(*calls->by_key), compare_keys);
	qsort(calls->by_active, calls->nr, sizeof(*calls->by_active), compare_keys);
	return true;
}

/* The slot whose key, or active key, is at @va. NULL: no security hook's. */
static struct slot *slot_of(const struct calls *calls, const struct slot_key keys[],
			    uint64_t va)
{
	size_t i = array_below(keys, calls->nr, sizeof(*keys),
			       offsetof(struct slot_key, va), va);

	return i < calls->nr && keys[i].va == va ? &calls->slots[keys[i].slot] : NULL;
}

static bool is_freed(const struct audit *audit, uint64_t va)
{
	return region_of(audit->kernel, va)->kind == REGION_FREED_INIT;
}

/* Does the patched call do what @slot's key says? With call-depth tracking the call goes
 * to a thunk in the 16 bytes before the function (arch/x86/kernel/callthunks.c).
 */
static bool is_site_right(const struct calls *calls, const struct slot *slot,
			  const struct patched *code, bool is_tail)
{
	uint64_t target;

	switch (code->kind) {
	case PATCHED_NOP:
		return !slot->function && !is_tail;
	case PATCHED_RETURN:
		return !slot->function && is_tail;
	case PATCHED_ZERO:
		return slot->function && slot->function == calls->return0;
	case PATCHED_CALL:
	case PATCHED_JUMP:
		if (code->kind == PATCHED_JUMP && is_return_thunk(calls, code->target))
			return !slot->function && is_tail;
		/* A call that is not patched yet goes through the trampoline, which was
		 * compared.
		 */
		if (code->target == slot->trampoline)
			return trampoline_target(calls, slot->trampoline, &target);
		return slot->function && code->target <= slot->function &&
		       slot->function - code->target <= 16;
	default:
		return false;
	}
}

/* What a call's patched bytes do. Returns @text. */
static const char *site_words(const struct audit *audit, const struct patched *code,
			      char *text, size_t text_bytes)
{
	static const char *const words[] = {
		[PATCHED_OTHER] = "is patched to something else",
		[PATCHED_NOP] = "is taken out",
		[PATCHED_RETURN] = "is patched to return",
		[PATCHED_BREAKPOINT] = "is patched to a breakpoint",
		[PATCHED_ZERO] = "is patched to give 0",
	};
	char target[128];

	if (code->kind == PATCHED_CALL || code->kind == PATCHED_JUMP)
		snprintf(text, text_bytes, "goes to %s",
			 audit_place(audit, code->target, target, sizeof(target)));
	else
		snprintf(text, text_bytes, "%s", words[code->kind]);
	return text;
}

static void check_site(struct calls *calls, uint64_t va, uint64_t key)
{
	enum { TAIL = 1, INIT = 2 }; /* include/linux/static_call_types.h */
	struct audit *audit = calls->lsm->audit;
	struct slot *slot = slot_of(calls, calls->by_key, key & ~3ULL);
	unsigned char bytes[PATCHED_BYTES];
	char place[128], done[160], function[128];
	struct patched code;

	if (!slot || key & INIT || is_freed(audit, va))
		return;
	if (mappings_read(&audit->mappings, va, bytes, sizeof(bytes)) < 0) {
		audit_undecided(audit, calls->site_row, "the call in %s cannot be read",
				audit_place(audit, va, place, sizeof(place)));
		return;
	}
	calls->nr_sites++;
	code = patched_decode(bytes, va);
	if (is_site_right(calls, slot, &code, key & TAIL) || slot->is_bad)
		return;
	if (calls->is_counting) {
		calls->nr_wrong++;
		return;
	}
	audit_find(audit, calls->site_row, AUDIT_CALL_SITE, va, code.length,
		   "the call of hook %s, slot %u, in %s %s; its key says to call %s",
		   slot->hook, slot->index, audit_place(audit, va, place, sizeof(place)),
		   site_words(audit, &code, done, sizeof(done)),
		   slot->function ? audit_place(audit, slot->function, function,
						sizeof(function))
				  : "nothing");
}

static void check_label(struct calls *calls, uint64_t va, uint64_t target, uint64_t key)
{
	struct audit *audit = calls->lsm->audit;
	struct slot *slot = slot_of(calls, calls->by_active, key & ~3ULL);
	unsigned char bytes[PATCHED_BYTES];
	bool is_jump, wants_jump;
	char place[128];
	struct patched code;

	if (!slot || is_freed(audit, va))
		return;
	if (mappings_read(&audit->mappings, va, bytes, sizeof(bytes)) < 0) {
		audit_undecided(audit, calls->site_row, "the jump in %s cannot be read",
				audit_place(audit, va, place, sizeof(place)));
		return;
	}
	calls->nr_labels++;
	code = patched_decode(bytes, va);
	wants_jump = (slot->enabled != 0) != (key & 1);
	is_jump = code.kind == PATCHED_JUMP && code.target == target;
	if (is_jump == wants_jump && (is_jump || code.kind == PATCHED_NOP))
		return;
	if (slot->is_bad)
		return;
	if (calls->is_counting) {
		calls->nr_wrong++;
		return;
	}
	audit_find(audit, calls->site_row, AUDIT_JUMP_LABEL, va, code.length,
		   "the switch of hook %s, slot %u, in %s is patched %s; its key says %s",
		   slot->hook, slot->index, audit_place(audit, va, place, sizeof(place)),
		   is_jump		      ? "on"
		   : code.kind == PATCHED_NOP ? "off"
					      : "to something else",
		   slot->enabled ? "on" : "off");
}

/* struct static_call_site {s32 addr, key}, struct jump_entry {s32 code, target; long
 * key}: all relative to the field itself.
 */
static bool check_entries(struct calls *calls, const char *start_name,
			  const char *stop_name, bool is_jump_table)
{
	struct audit *audit = calls->lsm->audit;
	size_t entry_bytes = is_jump_table ? 16 : 8;
	_cleanup_free_ unsigned char *chunk = malloc(SITE_CHUNK);
	uint64_t at, stop;

	if (!chunk || !audit_symbol(audit, start_name, &at) ||
	    !audit_symbol(audit, stop_name, &stop) || stop < at)
		return false;
	while (at < stop) {
		size_t n = stop - at < SITE_CHUNK ? stop - at : SITE_CHUNK;

		if (mappings_read(&audit->mappings, at, chunk, n) < 0)
			return false;
		for (size_t i = 0; i + entry_bytes <= n; i += entry_bytes) {
			int32_t first, second;
			int64_t third;

			memcpy(&first, chunk + i, sizeof(first));
			memcpy(&second, chunk + i + 4, sizeof(second));
			if (!is_jump_table) {
				check_site(calls, at + i + (uint64_t)(int64_t)first,
					   at + i + 4 + (uint64_t)(int64_t)second);
				continue;
			}
			memcpy(&third, chunk + i + 8, sizeof(third));
			check_label(calls, at + i + (uint64_t)(int64_t)first,
				    at + i + 4 + (uint64_t)(int64_t)second,
				    at + i + 8 + (uint64_t)third);
		}
		at += n;
	}
	return true;
}

/* The tables of call sites and of jump labels. false: they cannot be read. */
static bool check_tables(struct calls *calls, bool is_counting)
{
	calls->is_counting = is_counting;
	calls->nr_sites = calls->nr_labels = 0;
	return check_entries(calls, "__start_static_call_sites",
			     "__stop_static_call_sites", false) &&
	       check_entries(calls, "__start___jump_table", "__stop___jump_table", true);
}

static void check_text(struct calls *calls)
{
	struct audit *audit = calls->lsm->audit;
	const struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = AUDIT_SEALED,
		.name = "patched hook calls",
		.why = "the calls that the kernel really makes",
		.since = "6.12",
	};
	struct audit_row *added;

	calls->site_row = audit_add_row(audit, &row);
	if (calls->site_row >= audit->nr_rows || !index_slots(calls))
		return;
	if (!check_tables(calls, true))
		audit_undecided(
			audit, calls->site_row,
			"the tables of call sites and jump labels cannot be read");
	else if (lsmlayout_is_doubtful(calls->nr_wrong,
				       calls->nr_sites + calls->nr_labels))
		audit_undecided(
			audit, calls->site_row,
			"%zu of %zu patched places do not look as their keys say: "
			"this kernel patches in a way that is not known here",
			calls->nr_wrong, calls->nr_sites + calls->nr_labels);
	else if (calls->nr_wrong)
		check_tables(calls, false);
	added = &audit->rows[calls->site_row];
	if (added->detail[0] == '\0')
		snprintf(added->detail, sizeof(added->detail),
			 "%zu calls and %zu switches compared", calls->nr_sites,
			 calls->nr_labels);
	if (calls->nr_sites == 0 && added->verdict == AUDIT_SEALED)
		audit_undecided(audit, calls->site_row,
				"no patched call of a hook was found");
}

static void check_slots(struct calls *calls)
{
	size_t nr_used = 0;
	struct audit_row *row;

	for (size_t i = 0; i < calls->nr; i++) {
		struct slot *slot = &calls->slots[i];

		check_slot(calls, slot);
		if (slot->index == 0)
			lsmhooks_begin(calls->lsm);
		if (!slot->element)
			continue;
		nr_used++;
		add_hook(calls, slot);
	}
	row = &calls->lsm->audit->rows[calls->row];
	row->size_bytes = calls->size_bytes;
	if (row->detail[0] == '\0')
		snprintf(row->detail, sizeof(row->detail), "%zu of %zu slots in use",
			 nr_used, calls->nr);
	pages_check(calls->lsm->audit, calls->row, calls->table, calls->size_bytes);
}

void lsmcalls_check(struct lsm *lsm, uint64_t table)
{
	struct calls calls = {.lsm = lsm, .table = table};
	struct audit *audit = lsm->audit;
	const struct audit_row row = {
		.group = AUDIT_LSM,
		.verdict = AUDIT_SEALED,
		.name = "hook static calls",
		.symbol = "static_calls_table",
		.address = table,
		.expected = "r--",
		.why = "says which function each security hook calls",
		.since = "6.12",
	};
	uint64_t in_use;
	int r;

	calls.row = audit_add_row(audit, &row);
	if (calls.row >= audit->nr_rows)
		return;
	audit_symbol(audit, "__x86_return_thunk", &calls.return_thunk);
	if (audit_symbol(audit, "x86_return_thunk", &in_use))
		mappings_read_word(&audit->mappings, in_use, &calls.return_thunk_in_use);
	audit_symbol(audit, "__static_call_return0", &calls.return0);
	r = read_layout(&calls);
	if (r == 0)
		r = types_members(&audit->kernel->types, "lsm_static_calls_table",
				  add_slots, &calls);
	else if (!audit->kernel->types.btf)
		r = add_slots_by_name(&calls);
	if (r < 0)
		audit_undecided(audit, calls.row,
				"%s: the slots of static_calls_table are not known",
				r == -ENOENT ? "no BTF for lsm_static_call, and no names "
					       "that tell its layout"
					     : strerror(-r));
	else if (prove(&calls)) {
		check_slots(&calls);
		check_text(&calls);
	}
	free(calls.slots);
	free(calls.by_key);
	free(calls.by_active);
}
