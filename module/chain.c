/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be loaded before modules that are not installed. */
#include "module/chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/nameindex.h"

/* drm's and sound's chains have some 20 modules. */
enum { MAX_NEEDS = 127 };

enum state { UNSEEN = 0, BEING_SEEN, SEEN };

struct offer {
	const char *symbol;
	size_t number; /* of the entry that exports it */
};

struct chain {
	struct lookup *names;
	size_t nr; /* entries that were given: installed ones are added behind */
	unsigned char *state;	       /* enum state, of each */
	char (*modules)[NAME_MAX + 1]; /* what each is called */
	struct nameindex by_module;
	struct offer *offers;
	size_t nr_offers;
	struct nameindex by_symbol; /* of offers */
};

static const char in_a_circle[] = "which needs modules that need each other in a circle";
static const char no_memory[] = "for which there is no memory";
static const char too_many[] = "which is one of more than 127 modules to be loaded first";

/* The name that the file gives, or that of the file. */
static void name_entry(const struct lookup_entry *entry, char ret[NAME_MAX + 1])
{
	const char *name = entry->linkage.name;

	lookup_module_name(name && strlen(name) <= NAME_MAX ? name : entry->path, ret);
}

static int open_offers(struct chain *chain)
{
	struct lookup *names = chain->names;
	size_t nr = 0;

	for (size_t i = 0; i < chain->nr; i++)
		nr += names->array[i].linkage.nr_exports;
	chain->offers = calloc(nr ? nr : 1, sizeof(*chain->offers));
	if (!chain->offers || nameindex_open(&chain->by_symbol, nr) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < chain->nr; i++) {
		const struct linkage *linkage = &names->array[i].linkage;
		const char *const *exports = linkage->words + linkage->nr_depends +
					     linkage->nr_imports;

		for (size_t j = 0; j < linkage->nr_exports; j++) {
			chain->offers[chain->nr_offers] = (struct offer){exports[j], i};
			nameindex_add(&chain->by_symbol, chain->nr_offers++, exports[j]);
		}
	}
	return 0;
}

static int open_chain(struct chain *ret, struct lookup *names)
{
	struct chain chain = {.names = names, .nr = names->nr};
	size_t nr = names->nr ? names->nr : 1;
	int r = -ENOMEM;

	chain.state = calloc(nr, sizeof(*chain.state));
	chain.modules = calloc(nr, sizeof(*chain.modules));
	if (chain.state && chain.modules)
		r = nameindex_open(&chain.by_module, chain.nr);
	/* The first of one name is found first. */
	for (size_t i = chain.nr; r == 0 && i-- > 0;) {
		if (!names->array[i].is_wanted)
			continue;
		name_entry(&names->array[i], chain.modules[i]);
		nameindex_add(&chain.by_module, i, chain.modules[i]);
	}
	*ret = chain;
	return r < 0 ? r : open_offers(ret);
}

static void close_chain(struct chain *chain)
{
	free(chain->state);
	free(chain->modules);
	free(chain->offers);
	nameindex_close(&chain->by_module);
	nameindex_close(&chain->by_symbol);
}

/* The number of the module @name among what was given. */
static bool find_given(const struct chain *chain, const char *name, size_t *ret)
{
	char module[NAME_MAX + 1];

	lookup_module_name(name, module);
	for (bool more = nameindex_first(&chain->by_module, module, ret); more;
	     more = nameindex_next(&chain->by_module, ret))
		if (strcmp(chain->modules[*ret], module) == 0)
			return true;
	return false;
}

static bool find_offer(const struct chain *chain, const char *symbol, size_t *ret)
{
	size_t i;

	for (bool more = nameindex_first(&chain->by_symbol, symbol, &i); more;
	     more = nameindex_next(&chain->by_symbol, &i))
		if (strcmp(chain->offers[i].symbol, symbol) == 0) {
			*ret = chain->offers[i].number;
			return true;
		}
	return false;
}

/* One module more to be loaded before. NULL, or why not. */
static const char *push(struct lookup_entry *entry, size_t needed, bool is_optional)
{
	if (entry->needs.nr == MAX_NEEDS && !needs_has(&entry->needs, needed))
		return too_many;
	return needs_add(&entry->needs, needed, is_optional) < 0 ? no_memory : NULL;
}

static bool is_broken(const struct lookup_entry *entry)
{
	for (size_t i = 0; entry->why_not && i < entry->linkage.nr_depends; i++)
		if (entry->why_not[i])
			return true;
	return false;
}

/* Puts @needed, whose own needs are known, and these before it. NULL, or why not. */
static const char *put(struct chain *chain, size_t number, struct need needed)
{
	struct lookup_entry *entry = &chain->names->array[number];
	const struct lookup_entry *other = &chain->names->array[needed.number];
	const char *why_not = NULL;

	if (needed.number < chain->nr && chain->state[needed.number] == BEING_SEEN)
		return in_a_circle;
	if (is_broken(other))
		return other->needs.nr == MAX_NEEDS ? too_many : in_a_circle;
	if (needs_has(&other->needs, number))
		return in_a_circle;
	for (size_t i = 0; !why_not && i < other->needs.nr; i++)
		why_not = push(entry, other->needs.array[i].number,
			       needed.is_optional || other->needs.array[i].is_optional);
	return why_not ?: push(entry, needed.number, needed.is_optional);
}

static int see(struct chain *chain, size_t number, unsigned depth);

/* Puts what was given, seen before. */
static int put_given(struct chain *chain, size_t number, struct need needed,
		     unsigned depth, const char **why_not)
{
	int r = 0;

	if (needed.number == number)
		return 0;
	if (depth == MAX_NEEDS)
		*why_not = too_many;
	else
		r = see(chain, needed.number, depth + 1);
	if (r == 0 && !*why_not)
		*why_not = put(chain, number, needed);
	return r;
}

/* Puts what depends= names. */
static int put_named(struct chain *chain, size_t number, size_t word, unsigned depth)
{
	struct lookup_entry *entry = &chain->names->array[number];
	const char *name = entry->linkage.words[word], *why_not = NULL;
	struct need needed = {.is_optional = false};
	int r;

	if (find_given(chain, name, &needed.number)) {
		r = put_given(chain, number, needed, depth, &why_not);
	} else {
		r = lookup_installed(chain->names, number, name, &needed.number);
		if (r > 0)
			why_not = put(chain, number, needed);
	}
	chain->names->array[number].why_not[word] = why_not;
	return r < 0 ? r : 0;
}

/* Puts what exports a symbol that the file leaves undefined. What cannot be had is left
 * out: the symbol stays unknown.
 */
static int put_exporter(struct chain *chain, size_t number, const char *symbol,
			unsigned depth)
{
	const char *ignored = NULL;
	struct need needed = {.is_optional = false};
	int r;

	if (find_offer(chain, symbol, &needed.number))
		return put_given(chain, number, needed, depth, &ignored);
	r = lookup_exporter(chain->names, number, symbol, &needed.number);
	if (r > 0)
		put(chain, number, needed);
	return r < 0 ? r : 0;
}

/* What the file's own "softdep" names, and modprobe.d for a module of its name. */
static int put_softdeps(struct chain *chain, size_t number, unsigned depth)
{
	const struct linkage linkage = chain->names->array[number].linkage;
	const char *const *softdeps = linkage.words + linkage.nr_depends +
				      linkage.nr_imports + linkage.nr_exports;
	const char *ignored = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < linkage.nr_softdeps; i++) {
		struct need needed = {.is_optional = true};

		if (find_given(chain, softdeps[i], &needed.number))
			r = put_given(chain, number, needed, depth, &ignored);
		else
			r = lookup_softdep(chain->names, number, softdeps[i]);
	}
	return r < 0 || !chain->modules[number][0]
		       ? r
		       : lookup_softdeps(chain->names, number, chain->modules[number]);
}

static int see_loose(struct chain *chain, size_t number, unsigned depth)
{
	struct lookup_entry *entry = &chain->names->array[number];
	const struct linkage linkage = entry->linkage;
	int r;

	entry->has_needs = true;
	entry->why_not = calloc(linkage.nr_depends + 1, sizeof(*entry->why_not));
	if (!entry->why_not)
		return -ENOMEM;
	r = put_softdeps(chain, number, depth);
	for (size_t i = 0; r == 0 && i < linkage.nr_depends; i++)
		r = put_named(chain, number, i, depth);
	for (size_t i = 0; r == 0 && linkage.nr_depends == 0 && i < linkage.nr_imports;
	     i++)
		r = put_exporter(chain, number, linkage.words[i], depth);
	return r;
}

static int see(struct chain *chain, size_t number, unsigned depth)
{
	int r = 0;

	if (chain->state[number] != UNSEEN)
		return 0;
	chain->state[number] = BEING_SEEN;
	if (chain->names->array[number].is_loose)
		r = see_loose(chain, number, depth);
	chain->state[number] = SEEN;
	return r;
}

int chain_find(struct lookup *names)
{
	struct chain chain;
	int r = open_chain(&chain, names);

	for (size_t i = 0; r == 0 && i < chain.nr; i++)
		r = see(&chain, i, 0);
	close_chain(&chain);
	return r;
}

const char *chain_why_not(const struct lookup_entry *entry, const char *name)
{
	for (size_t i = 0; entry->why_not && i < entry->linkage.nr_depends; i++)
		if (strcmp(entry->linkage.words[i], name) == 0)
			return entry->why_not[i];
	return NULL;
}
