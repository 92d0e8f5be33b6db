/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own symbols as they lie compressed in its memory. */
#include "kcore/kallsyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/prefault.h"
#include "kcore/trie.h"

/* Distribution kernels have 100,000 to 250,000. */
enum { MIN_SYMBOLS = 100, MAX_SYMBOLS = 8 * 1024 * 1024 };
/* 2 to 5 MiB on distribution kernels. */
enum { MAX_BLOB_BYTES = 128 * 1024 * 1024 };
enum {
	MARKED_NAMES = 256, /* a marker is the offset of every 256th name */
	ORDER_BYTES = 3,    /* an index, the highest byte first */
	MAX_NAME_BYTES = 2 + KALLSYMS_NAME_BYTES,
	/* Where so many names are looked for one pass over all is less work. */
	MAX_BY_ORDER = 128,
	/* As many names cost what finding the place of each does. */
	NAMES_BEFORE_INDEX = 2048,
};

/* A length of 0x80 and more takes a second byte, seven bits further up (6.1, commit
 * 73bbb94466fd "kallsyms: support "big" kernel symbols").
 */
static unsigned name_length(const unsigned char *at, unsigned *header_bytes)
{
	*header_bytes = at[0] & 0x80 ? 2 : 1;
	return *header_bytes == 2 ? (at[0] & 0x7fU) | (unsigned)at[1] << 7 : at[0];
}

/* Where the name at @at ends; NULL: not before @end, or it has no length. */
static const unsigned char *name_end(const unsigned char *at, const unsigned char *end)
{
	unsigned header_bytes, length;

	if (end - at < 2)
		return NULL;
	length = name_length(at, &header_bytes);
	return length == 0 || length > (size_t)(end - at) - header_bytes
		       ? NULL
		       : at + header_bytes + length;
}

/* Finds where each name begins: a name's length leads to the next one. */
static int find_names(struct kallsyms *kallsyms)
{
	const unsigned char *end = kallsyms->blob + kallsyms->blob_bytes;
	const unsigned char *at = kallsyms->names;
	uint32_t *name_at = reallocarray(NULL, kallsyms->nr, sizeof(*name_at));

	if (!name_at)
		return -ENOMEM;
	for (size_t i = 0; i < kallsyms->nr; i++) {
		name_at[i] = (uint32_t)(at - kallsyms->names);
		at = name_end(at, end);
		if (!at) {
			free(name_at);
			return -EINVAL;
		}
	}
	kallsyms->name_at = name_at;
	return 0;
}

static uint32_t marker(const struct kallsyms *kallsyms, size_t i)
{
	uint32_t value;

	memcpy(&value, kallsyms->markers + i * sizeof(value), sizeof(value));
	return value;
}

/* Where name @i begins. NULL: the table is damaged there. */
static const unsigned char *name_start(const struct kallsyms *kallsyms, size_t i)
{
	const unsigned char *at;

	if (kallsyms->name_at)
		return kallsyms->names + kallsyms->name_at[i];
	at = kallsyms->names + marker(kallsyms, i / MARKED_NAMES);
	for (size_t j = i % MARKED_NAMES; at && j > 0; j--)
		at = name_end(at, kallsyms->markers);
	return at && name_end(at, kallsyms->markers) ? at : NULL;
}

int kallsyms_index(struct kallsyms *kallsyms)
{
	return kallsyms->name_at ? 0 : find_names(kallsyms);
}

void kallsyms_forget_order(struct kallsyms *kallsyms)
{
	kallsyms->order = NULL;
}

uint64_t kallsyms_address(const struct kallsyms *kallsyms, size_t i)
{
	int32_t offset;

	memcpy(&offset, kallsyms->offsets + i * sizeof(offset), sizeof(offset));
	switch (kallsyms->form) {
	case KALLSYMS_PC_RELATIVE:
		return kallsyms->offsets_va + i * sizeof(offset) +
		       (uint64_t)(int64_t)offset;
	case KALLSYMS_ABSOLUTE_PERCPU:
		return offset >= 0 ? (uint64_t)offset
				   : kallsyms->base - 1 - (uint64_t)(int64_t)offset;
	case KALLSYMS_BASE_RELATIVE:
	case KALLSYMS_NR_FORMS:
		break;
	}
	return kallsyms->base + (uint32_t)offset;
}

bool kallsyms_is_ascending(const struct kallsyms *kallsyms)
{
	uint64_t previous = 0;

	for (size_t i = 0; i < kallsyms->nr; i++) {
		uint64_t address = kallsyms_address(kallsyms, i);

		if (address < previous)
			return false;
		previous = address;
	}
	return true;
}

/* The expansion of a name, letter by letter. The first letter is the type. */
struct letters {
	const struct kallsyms *kallsyms;
	const unsigned char *next, *end;
	const char *token;
};

static void start_letters(const struct kallsyms *kallsyms, size_t i, struct letters *ret)
{
	const unsigned char *at = name_start(kallsyms, i);
	unsigned header_bytes, length;

	*ret = (struct letters){.kallsyms = kallsyms, .token = ""};
	if (!at)
		return;
	length = name_length(at, &header_bytes);
	ret->next = at + header_bytes;
	ret->end = ret->next + length;
}

/* 0 at the end. */
static inline char next_letter(struct letters *letters)
{
	while (*letters->token == '\0') {
		if (letters->next == letters->end)
			return '\0';
		letters->token = letters->kallsyms->token[*letters->next++];
	}
	return *letters->token++;
}

char kallsyms_name(struct kallsyms *kallsyms, size_t i, char name[KALLSYMS_NAME_BYTES])
{
	struct letters letters;
	size_t nr = 0;
	char type, letter;

	if (!kallsyms->name_at && ++kallsyms->nr_made > NAMES_BEFORE_INDEX)
		find_names(kallsyms);
	start_letters(kallsyms, i, &letters);
	type = next_letter(&letters);
	while (nr < KALLSYMS_NAME_BYTES - 1 && (letter = next_letter(&letters)))
		name[nr++] = letter;
	name[nr] = '\0';
	return type;
}

/* Is it @name, or with @is_prefix does it begin so? */
static bool is_named(const struct kallsyms *kallsyms, size_t i, const char *name,
		     bool is_prefix)
{
	struct letters letters;
	char letter;

	start_letters(kallsyms, i, &letters);
	next_letter(&letters);
	do {
		if (is_prefix && *name == '\0')
			return true;
		letter = next_letter(&letters);
		if (letter != *name)
			return false;
		name++;
	} while (letter);
	return true;
}

/* Which tokens can a symbol of that name begin with? Most symbols are sorted out by
 * their first byte. The token's first letter is the type.
 */
static void find_first_tokens(const struct kallsyms *kallsyms, const char *name,
			      bool is_prefix, bool ret[KALLSYMS_NR_TOKENS])
{
	for (size_t token = 0; token < KALLSYMS_NR_TOKENS; token++) {
		const char *letter = kallsyms->token[token], *at = name;

		if (*letter)
			letter++;
		while (*letter && *letter == *at) {
			letter++;
			at++;
		}
		ret[token] = *letter == '\0' || (is_prefix && *at == '\0');
	}
}

static const unsigned char *first_token(const struct kallsyms *kallsyms, size_t i)
{
	const unsigned char *at = kallsyms->names + kallsyms->name_at[i];

	return at + (at[0] & 0x80 ? 2 : 1);
}

/* How name @i lies to @name: below 0, 0 or above, as strcmp() has it. With @is_prefix all
 * names that begin with @name are equal to it.
 */
static int compare(const struct kallsyms *kallsyms, size_t i, const char *name,
		   bool is_prefix)
{
	struct letters letters;
	unsigned char letter;

	start_letters(kallsyms, i, &letters);
	next_letter(&letters);
	do {
		if (is_prefix && *name == '\0')
			return 0;
		letter = (unsigned char)next_letter(&letters);
		if (letter != (unsigned char)*name)
			return letter - (unsigned char)*name;
		name++;
	} while (letter);
	return 0;
}

/* The index of the symbol at place @at in the order of names. */
static size_t in_order(const struct kallsyms *kallsyms, size_t at)
{
	const unsigned char *bytes = kallsyms->order + at * ORDER_BYTES;

	return (size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2];
}

/* Every index of a name, or with @is_prefix of all that begin with it; they do not
 * ascend.
 */
struct run {
	const struct kallsyms *kallsyms;
	const char *name;
	bool is_prefix;
	size_t at;
};

static void start_run(const struct kallsyms *kallsyms, const char *name, bool is_prefix,
		      struct run *ret)
{
	size_t low = 0, high = kallsyms->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(kallsyms, in_order(kallsyms, middle), name, is_prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = (struct run){kallsyms, name, is_prefix, low};
}

static bool next_in_run(struct run *run, size_t *ret)
{
	size_t i;

	if (run->at == run->kallsyms->nr)
		return false;
	i = in_order(run->kallsyms, run->at);
	if (compare(run->kallsyms, i, run->name, run->is_prefix) != 0)
		return false;
	run->at++;
	*ret = i;
	return true;
}

static size_t find_by_order(const struct kallsyms *kallsyms, const char *name,
			    size_t from)
{
	size_t first = kallsyms->nr, i;
	struct run run;

	start_run(kallsyms, name, false, &run);
	while (next_in_run(&run, &i))
		if (i >= from && i < first)
			first = i;
	return first;
}

size_t kallsyms_find(struct kallsyms *kallsyms, const char *name, size_t from)
{
	bool is_first[KALLSYMS_NR_TOKENS];
	size_t i;

	if (kallsyms->order)
		return find_by_order(kallsyms, name, from);
	if (kallsyms_index(kallsyms) < 0)
		return kallsyms->nr;
	find_first_tokens(kallsyms, name, false, is_first);
	for (i = from; i < kallsyms->nr; i++)
		if (is_first[*first_token(kallsyms, i)] &&
		    is_named(kallsyms, i, name, false))
			break;
	return i;
}

/* A symbol that was found, and by which of the names. */
struct hit {
	size_t i, name;
};

struct hits {
	struct hit *array;
	size_t nr, room;
};

/* As the pass over all has them: of equal names the last one first. */
static int compare_hits(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->i != y->i)
		return x->i < y->i ? -1 : 1;
	return x->name > y->name ? -1 : x->name < y->name;
}

/* Appends what has the name, or begins with it. Returns 0 or -ENOMEM. */
static int add_hits(struct hits *hits, const struct kallsyms *kallsyms, const char *text,
		    bool is_prefix, size_t name)
{
	struct run run;
	size_t i;

	start_run(kallsyms, text, is_prefix, &run);
	while (next_in_run(&run, &i)) {
		if (array_reserve(&hits->array, hits->nr, &hits->room,
				  sizeof(*hits->array)) < 0)
			return -ENOMEM;
		hits->array[hits->nr++] = (struct hit){i, name};
	}
	return 0;
}

static void sort_hits(struct hits *hits)
{
	if (hits->nr)
		qsort(hits->array, hits->nr, sizeof(*hits->array), compare_hits);
}

static int each_by_order(const struct kallsyms *kallsyms, const char *prefix,
			 kallsyms_fn each, void *ctx)
{
	struct hits hits = {0};
	int r = add_hits(&hits, kallsyms, prefix, true, 0);

	sort_hits(&hits);
	for (size_t j = 0; r == 0 && j < hits.nr; j++)
		each(ctx, hits.array[j].i);
	free(hits.array);
	return r;
}

void kallsyms_each(struct kallsyms *kallsyms, const char *prefix, kallsyms_fn each,
		   void *ctx)
{
	bool is_first[KALLSYMS_NR_TOKENS];

	if (kallsyms->order && each_by_order(kallsyms, prefix, each, ctx) == 0)
		return;
	if (kallsyms_index(kallsyms) < 0)
		return;
	find_first_tokens(kallsyms, prefix, true, is_first);
	for (size_t i = 0; i < kallsyms->nr; i++)
		if (is_first[*first_token(kallsyms, i)] &&
		    is_named(kallsyms, i, prefix, true))
			each(ctx, i);
}

/* Follows names token by token through the trie of the names that are looked for. Where a
 * token's letters lead from a node is found out once and kept. Most symbols end at their
 * first token.
 */
struct walk {
	const struct kallsyms *kallsyms;
	struct trie trie;
	/* Of each node, where each token leads, plus one; 0: not known yet. The last row
	 * is for the first token, whose first letter is the type.
	 */
	uint16_t (*next)[KALLSYMS_NR_TOKENS];
};

static uint16_t walk_token(const struct walk *walk, uint16_t row, unsigned char token)
{
	bool is_first = row == walk->trie.nr_nodes;
	const char *letter = walk->kallsyms->token[token];
	uint16_t node = is_first ? TRIE_ROOT : row;

	if (is_first && *letter)
		letter++;
	for (; *letter && node != TRIE_DEAD; letter++)
		node = trie_step(&walk->trie, node, *letter);
	walk->next[row][token] = (uint16_t)(node + 1);
	return node;
}

/* The node at which the name of @length tokens at @at ends, or TRIE_DEAD. */
static uint16_t walk_name(const struct walk *walk, const unsigned char *at,
			  unsigned length)
{
	uint16_t row = walk->trie.nr_nodes;

	for (const unsigned char *end = at + length; at != end; at++) {
		uint16_t next = walk->next[row][*at];

		row = next ? (uint16_t)(next - 1) : walk_token(walk, row, *at);
		if (row == TRIE_DEAD)
			break;
	}
	return row;
}

static void walk_all(const struct walk *walk, kallsyms_found_fn found, void *ctx)
{
	const unsigned char *at = walk->kallsyms->names;
	size_t nr = walk->kallsyms->nr;

	for (size_t i = 0; i < nr; i++) {
		unsigned header_bytes, length = name_length(at, &header_bytes);
		uint16_t node = walk_name(walk, at + header_bytes, length);

		at += header_bytes + length;
		if (node >= walk->trie.nr_nodes)
			continue;
		for (size_t j = walk->trie.nodes[node].name; j != SIZE_MAX;
		     j = walk->trie.next_same[j])
			found(ctx, j, i);
	}
}

static int find_many_by_order(const struct kallsyms *kallsyms, size_t nr,
			      const char *const names[], kallsyms_found_fn found,
			      void *ctx)
{
	struct hits hits = {0};
	int r = 0;

	for (size_t j = 0; r == 0 && j < nr; j++)
		r = add_hits(&hits, kallsyms, names[j], false, j);
	sort_hits(&hits);
	for (size_t j = 0; r == 0 && j < hits.nr; j++)
		found(ctx, hits.array[j].name, hits.array[j].i);
	free(hits.array);
	return r;
}

int kallsyms_find_many(struct kallsyms *kallsyms, size_t nr, const char *const names[],
		       kallsyms_found_fn found, void *ctx)
{
	struct walk walk = {.kallsyms = kallsyms};
	int r;

	if (kallsyms->order && nr <= MAX_BY_ORDER)
		return find_many_by_order(kallsyms, nr, names, found, ctx);
	/* The pass trusts the lengths. */
	r = kallsyms_index(kallsyms);
	if (r == 0)
		r = trie_make(&walk.trie, nr, names);
	if (r < 0)
		return r;
	walk.next = calloc(walk.trie.nr_nodes + 1UL, sizeof(*walk.next));
	if (walk.next)
		walk_all(&walk, found, ctx);
	else
		r = -ENOMEM;
	free(walk.next);
	trie_close(&walk.trie);
	return r;
}

/* Tries each form that @has_base leaves until _stext lies where VMCOREINFO says. */
static int choose_form(struct kallsyms *kallsyms, bool has_base, uint64_t stext)
{
	size_t i = kallsyms_find(kallsyms, "_stext", 0);

	if (i == kallsyms->nr)
		return -EINVAL;
	for (int form = 0; form < KALLSYMS_NR_FORMS; form++) {
		kallsyms->form = (enum kallsyms_form)form;
		if ((form == KALLSYMS_PC_RELATIVE) != has_base &&
		    kallsyms_address(kallsyms, i) == stext)
			return 0;
	}
	return -EINVAL;
}

static int find_places(const struct vmcoreinfo *info, struct kallsyms_places *ret)
{
	*ret = (struct kallsyms_places){0};
	ret->has_base = vmcoreinfo_symbol(info, "kallsyms_relative_base", &ret->base) ==
			0;
	if (vmcoreinfo_symbol(info, "kallsyms_num_syms", &ret->nr) < 0 ||
	    vmcoreinfo_symbol(info, "kallsyms_names", &ret->names) < 0 ||
	    vmcoreinfo_symbol(info, "kallsyms_token_table", &ret->tokens) < 0 ||
	    vmcoreinfo_symbol(info, "kallsyms_token_index", &ret->index) < 0 ||
	    vmcoreinfo_symbol(info, "kallsyms_offsets", &ret->offsets) < 0)
		return -ENOENT;
	return 0;
}

static int set_tokens(struct kallsyms *kallsyms, const unsigned char *tokens,
		      const unsigned char *index)
{
	const unsigned char *end = kallsyms->blob + kallsyms->blob_bytes;

	for (size_t i = 0; i < KALLSYMS_NR_TOKENS; i++) {
		uint16_t offset;

		memcpy(&offset, index + i * sizeof(offset), sizeof(offset));
		if (offset >= end - tokens ||
		    !memchr(tokens + offset, '\0', (size_t)(end - tokens) - offset))
			return -EINVAL;
		kallsyms->token[i] = (const char *)tokens + offset;
	}
	return 0;
}

/* Where the symbols' indices in the order of names would be, if this kernel has them
 * (6.2, and later releases of 6.1): scripts/kallsyms.c: write_src() has them before the
 * tokens up to 6.4, since then behind the last table.
 */
static uint64_t order_va(const struct kallsyms_places *places, size_t nr)
{
	if (places->offsets < places->names)
		return places->tokens - (nr * ORDER_BYTES + 7) / 8 * 8;
	return places->has_base && places->base > places->offsets
		       ? places->base + sizeof(uint64_t)
		       : places->offsets + nr * sizeof(int32_t);
}

/* From the first table to the end of the last. @nr: of symbols; 0: not known yet. Then
 * the offsets end before the base that follows them, or where nothing follows, names are
 * taken to have eight bytes on the average: they have a dozen.
 */
static bool find_bounds(const struct kallsyms_places *places, uint32_t nr,
			uint64_t *first, uint64_t *end)
{
	uint64_t nr_offsets = nr;
	struct {
		uint64_t start, bytes;
	} tables[] = {
		{places->nr, sizeof(uint32_t)},
		{places->names, 1},
		{places->tokens, 1},
		{places->index, KALLSYMS_NR_TOKENS * sizeof(uint16_t)},
		{places->has_base ? places->base : places->index, sizeof(uint64_t)},
		{places->offsets, 0},
	};

	if (nr == 0 && !(places->has_base && places->base > places->offsets) &&
	    places->tokens > places->names)
		nr_offsets = (places->tokens - places->names) / 8;
	tables[5].bytes = nr_offsets * sizeof(int32_t);
	*first = UINT64_MAX;
	*end = 0;
	/* A core need not have the number's page once it was read. */
	for (size_t i = nr != 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		uint64_t table_end;

		if (__builtin_add_overflow(tables[i].start, tables[i].bytes, &table_end))
			return false;
		*first = tables[i].start < *first ? tables[i].start : *first;
		*end = table_end > *end ? table_end : *end;
	}
	return true;
}

/* Makes blob hold the tables up to @end. */
static int grow_blob(struct kallsyms *kallsyms, struct elfcore *core, uint64_t end,
		     uint64_t image_to_pa)
{
	size_t have = kallsyms->blob_bytes, want;
	unsigned char *blob;
	int r;

	if (end < kallsyms->blob_va || end - kallsyms->blob_va > MAX_BLOB_BYTES)
		return -EINVAL;
	want = end - kallsyms->blob_va;
	if (want <= have)
		return 0;
	blob = realloc(kallsyms->blob, want);
	if (!blob)
		return -ENOMEM;
	kallsyms->blob = blob;
	if (have == 0)
		prefault(blob, want);
	r = elfcore_read_pa(core, kallsyms->blob_va + have + image_to_pa, blob + have,
			    want - have);
	if (r == 0)
		kallsyms->blob_bytes = want;
	return r;
}

/* Room for the indices in the order of names behind the other tables, of which the
 * number is not known yet.
 */
static uint64_t most_order_bytes(const struct kallsyms_places *places)
{
	if (places->offsets < places->names)
		return 0;
	if (places->has_base && places->base > places->offsets)
		return (places->base - places->offsets) / sizeof(int32_t) * ORDER_BYTES;
	return (places->tokens - places->names) / 8 * ORDER_BYTES;
}

/* Reads all tables. Of the running kernel one read does, or two where there are more
 * symbols than was thought. Of a core only the tables' own bytes are read, since it may
 * hold no more.
 */
static int read_blob(struct kallsyms *kallsyms, struct elfcore *core,
		     const struct kallsyms_places *places, uint64_t image_to_pa)
{
	uint32_t nr = 0;
	uint64_t end;
	int r = 0;

	if (!core->is_live)
		r = elfcore_read_pa(core, places->nr + image_to_pa, &nr, sizeof(nr));
	if (r == 0 && !core->is_live && nr < MIN_SYMBOLS)
		return -EINVAL;
	if (!find_bounds(places, nr, &kallsyms->blob_va, &end))
		return -EINVAL;
	if (r == 0 && core->is_live)
		r = grow_blob(kallsyms, core, end + most_order_bytes(places),
			      image_to_pa);
	if (r == 0 || core->is_live)
		r = grow_blob(kallsyms, core, end, image_to_pa);
	if (r < 0)
		return r;
	if (core->is_live)
		memcpy(&nr, kallsyms->blob + (places->nr - kallsyms->blob_va),
		       sizeof(nr));
	if (nr < MIN_SYMBOLS || nr > MAX_SYMBOLS)
		return -EINVAL;
	kallsyms->nr = nr;
	if (end < places->offsets + nr * sizeof(int32_t))
		end = places->offsets + nr * sizeof(int32_t);
	kallsyms->tables_bytes = end - kallsyms->blob_va;
	r = grow_blob(kallsyms, core, places->offsets + nr * sizeof(int32_t),
		      image_to_pa);
	if (r < 0)
		return r;
	kallsyms->offsets_va = places->offsets;
	kallsyms->offsets = kallsyms->blob + (places->offsets - kallsyms->blob_va);
	kallsyms->names = kallsyms->blob + (places->names - kallsyms->blob_va);
	if (places->has_base)
		memcpy(&kallsyms->base,
		       kallsyms->blob + (places->base - kallsyms->blob_va),
		       sizeof(kallsyms->base));
	return 0;
}

/* The @bytes at @va, if the blob has them. */
static const unsigned char *in_blob(const struct kallsyms *kallsyms, uint64_t va,
				    uint64_t bytes)
{
	return va >= kallsyms->blob_va &&
			       va - kallsyms->blob_va <= kallsyms->blob_bytes &&
			       bytes <= kallsyms->blob_bytes - (va - kallsyms->blob_va)
		       ? kallsyms->blob + (va - kallsyms->blob_va)
		       : NULL;
}

/* Do the markers ascend as names of possible lengths would have them, and do the names
 * behind the last one end where the markers begin?
 */
static bool are_markers(const struct kallsyms *kallsyms, size_t nr_markers)
{
	const unsigned char *at;

	if (marker(kallsyms, 0) != 0)
		return false;
	for (size_t i = 1; i < nr_markers; i++)
		if (marker(kallsyms, i) <= marker(kallsyms, i - 1) ||
		    marker(kallsyms, i) - marker(kallsyms, i - 1) >
			    MARKED_NAMES * MAX_NAME_BYTES)
			return false;
	if (marker(kallsyms, nr_markers - 1) > kallsyms->markers - kallsyms->names)
		return false;
	at = kallsyms->names + marker(kallsyms, nr_markers - 1);
	for (size_t i = (nr_markers - 1) * MARKED_NAMES; at && i < kallsyms->nr; i++)
		at = name_end(at, kallsyms->markers);
	return at && kallsyms->markers - at < 8;
}

/* Markers end before @end_va, or before the padding there. */
static bool find_markers(struct kallsyms *kallsyms, uint64_t end_va)
{
	size_t nr_markers = (kallsyms->nr - 1) / MARKED_NAMES + 1;
	uint64_t bytes = nr_markers * sizeof(uint32_t);

	for (unsigned padding = 0; padding <= 4; padding += 4) {
		kallsyms->markers = in_blob(kallsyms, end_va - padding - bytes, bytes);
		if (kallsyms->markers > kallsyms->names &&
		    are_markers(kallsyms, nr_markers))
			return true;
	}
	kallsyms->markers = NULL;
	return false;
}

/* Do names ascend in that order? Samples tell: no other bytes look so. */
static bool is_order(struct kallsyms *kallsyms)
{
	enum { NR_SAMPLES = 32 };
	size_t before = kallsyms->nr;

	for (size_t k = 0; k < NR_SAMPLES; k++) {
		size_t i = in_order(kallsyms, (kallsyms->nr - 1) * k / (NR_SAMPLES - 1));
		char name[KALLSYMS_NAME_BYTES];

		if (i >= kallsyms->nr || i == before)
			return false;
		if (before != kallsyms->nr) {
			kallsyms_name(kallsyms, before, name);
			if (compare(kallsyms, i, name, false) < 0)
				return false;
		}
		before = i;
	}
	return true;
}

/* Finds the two tables by which a name is found without looking through all. A kernel
 * that has none, or none where they are looked for, does without.
 */
static void find_order(struct kallsyms *kallsyms, const struct kallsyms_places *places)
{
	bool is_inside = places->offsets < places->names;
	uint64_t va = order_va(places, kallsyms->nr);

	if (!find_markers(kallsyms, is_inside ? va : places->tokens))
		return;
	for (unsigned padding = 0; padding <= 4; padding += 4) {
		kallsyms->order = in_blob(kallsyms, va + padding,
					  kallsyms->nr * ORDER_BYTES);
		if (kallsyms->order && is_order(kallsyms))
			return;
	}
	kallsyms->order = kallsyms->markers = NULL;
}

/* Between two other tables the order of names can lie nowhere else. Behind the last one
 * its own symbol tells.
 */
static bool is_order_there(struct kallsyms *kallsyms,
			   const struct kallsyms_places *places)
{
	size_t i;

	if (places->offsets < places->names)
		return true;
	i = kallsyms_find(kallsyms, "kallsyms_seqs_of_names", 0);
	return i < kallsyms->nr &&
	       in_blob(kallsyms, kallsyms_address(kallsyms, i), 1) == kallsyms->order;
}

static int read_tables(struct kallsyms *kallsyms, struct elfcore *core,
		       const struct kallsyms_places *places, uint64_t stext,
		       uint64_t image_to_pa)
{
	int r = read_blob(kallsyms, core, places, image_to_pa);

	if (r == 0)
		r = set_tokens(kallsyms,
			       kallsyms->blob + (places->tokens - kallsyms->blob_va),
			       kallsyms->blob + (places->index - kallsyms->blob_va));
	/* What else a core holds may be damaged: there each name is looked at. */
	if (r == 0 && core->is_live)
		find_order(kallsyms, places);
	if (r == 0 && !kallsyms->order)
		r = find_names(kallsyms);
	if (r == 0)
		r = choose_form(kallsyms, places->has_base, stext);
	if (r == 0 && kallsyms->order && !is_order_there(kallsyms, places)) {
		kallsyms_forget_order(kallsyms);
		r = kallsyms_index(kallsyms);
	}
	return r;
}

int kallsyms_read_at(struct kallsyms *ret, struct elfcore *core,
		     const struct kallsyms_places *places, uint64_t stext,
		     uint64_t image_to_pa)
{
	struct kallsyms kallsyms = {0};
	int r = read_tables(&kallsyms, core, places, stext, image_to_pa);

	if (r < 0)
		kallsyms_close(&kallsyms);
	else
		*ret = kallsyms;
	return r;
}

int kallsyms_read(struct kallsyms *ret, struct elfcore *core,
		  const struct vmcoreinfo *info, uint64_t image_to_pa)
{
	struct kallsyms_places places;
	uint64_t stext = 0;
	int r = find_places(info, &places);

	if (r == 0)
		r = vmcoreinfo_symbol(info, "_stext", &stext);
	return r == 0 ? kallsyms_read_at(ret, core, &places, stext, image_to_pa) : r;
}

void kallsyms_close(struct kallsyms *kallsyms)
{
	free(kallsyms->name_at);
	free(kallsyms->blob);
	memset(kallsyms, 0, sizeof(*kallsyms));
}
