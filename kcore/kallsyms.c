/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own symbols as they lie compressed in its memory. */
#include "kcore/kallsyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/trie.h"

/* Distribution kernels have 100,000 to 250,000. */
enum { MIN_SYMBOLS = 100, MAX_SYMBOLS = 8 * 1024 * 1024 };
/* 2 to 5 MiB on distribution kernels. */
enum { MAX_BLOB_BYTES = 128 * 1024 * 1024 };

/* A length of 0x80 and more takes a second byte, seven bits further up (6.1, commit
 * 73bbb94466fd "kallsyms: support "big" kernel symbols").
 */
static unsigned name_length(const unsigned char *at, unsigned *header_bytes)
{
	*header_bytes = at[0] & 0x80 ? 2 : 1;
	return *header_bytes == 2 ? (at[0] & 0x7fU) | (unsigned)at[1] << 7 : at[0];
}

/* Finds where each name begins: a name's length leads to the next one. */
static int find_names(struct kallsyms *kallsyms)
{
	const unsigned char *end = kallsyms->blob + kallsyms->blob_bytes;
	const unsigned char *at = kallsyms->names;

	kallsyms->name_at = reallocarray(NULL, kallsyms->nr, sizeof(*kallsyms->name_at));
	if (!kallsyms->name_at)
		return -ENOMEM;
	for (size_t i = 0; i < kallsyms->nr; i++) {
		unsigned header_bytes, length;

		if (end - at < 2)
			return -EINVAL;
		length = name_length(at, &header_bytes);
		if (length == 0 || length > (size_t)(end - at) - header_bytes)
			return -EINVAL;
		kallsyms->name_at[i] = (uint32_t)(at - kallsyms->names);
		at += header_bytes + length;
	}
	return 0;
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

/* The expansion of a name, letter by letter. The first letter is the type. */
struct letters {
	const struct kallsyms *kallsyms;
	const unsigned char *next, *end;
	const char *token;
};

static void start_letters(const struct kallsyms *kallsyms, size_t i, struct letters *ret)
{
	const unsigned char *at = kallsyms->names + kallsyms->name_at[i];
	unsigned header_bytes, length = name_length(at, &header_bytes);

	ret->kallsyms = kallsyms;
	ret->next = at + header_bytes;
	ret->end = ret->next + length;
	ret->token = "";
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

char kallsyms_name(const struct kallsyms *kallsyms, size_t i,
		   char name[KALLSYMS_NAME_BYTES])
{
	struct letters letters;
	size_t nr = 0;
	char type, letter;

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

size_t kallsyms_find(const struct kallsyms *kallsyms, const char *name, size_t from)
{
	bool is_first[KALLSYMS_NR_TOKENS];
	size_t i;

	find_first_tokens(kallsyms, name, false, is_first);
	for (i = from; i < kallsyms->nr; i++)
		if (is_first[*first_token(kallsyms, i)] &&
		    is_named(kallsyms, i, name, false))
			break;
	return i;
}

void kallsyms_each(const struct kallsyms *kallsyms, const char *prefix, kallsyms_fn each,
		   void *ctx)
{
	bool is_first[KALLSYMS_NR_TOKENS];

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

int kallsyms_find_many(const struct kallsyms *kallsyms, size_t nr,
		       const char *const names[], kallsyms_found_fn found, void *ctx)
{
	struct walk walk = {.kallsyms = kallsyms};
	int r = trie_make(&walk.trie, nr, names);

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

	if (end < kallsyms->blob_va || end - kallsyms->blob_va > MAX_BLOB_BYTES)
		return -EINVAL;
	want = end - kallsyms->blob_va;
	if (want <= have)
		return 0;
	blob = realloc(kallsyms->blob, want);
	if (!blob)
		return -ENOMEM;
	kallsyms->blob = blob;
	kallsyms->blob_bytes = want;
	return elfcore_read_pa(core, kallsyms->blob_va + have + image_to_pa, blob + have,
			       want - have);
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
	if (r == 0)
		r = grow_blob(kallsyms, core, end, image_to_pa);
	if (r < 0)
		return r;
	if (core->is_live)
		memcpy(&nr, kallsyms->blob + (places->nr - kallsyms->blob_va),
		       sizeof(nr));
	if (nr < MIN_SYMBOLS || nr > MAX_SYMBOLS)
		return -EINVAL;
	kallsyms->nr = nr;
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

static int read_tables(struct kallsyms *kallsyms, struct elfcore *core,
		       const struct kallsyms_places *places, uint64_t stext,
		       uint64_t image_to_pa)
{
	int r = read_blob(kallsyms, core, places, image_to_pa);

	if (r == 0)
		r = set_tokens(kallsyms,
			       kallsyms->blob + (places->tokens - kallsyms->blob_va),
			       kallsyms->blob + (places->index - kallsyms->blob_va));
	if (r == 0)
		r = find_names(kallsyms);
	return r == 0 ? choose_form(kallsyms, places->has_base, stext) : r;
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
