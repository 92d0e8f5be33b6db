/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files are meant: paths, folders and module names, and what each module needs. */
#include "module/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <libkmod.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "kcore/nearest.h"
#include "module/kmodindex.h"
#include "module/kofile.h"

static void cleanup_list(struct kmod_list **list)
{
	kmod_module_unref_list(*list);
}

static void cleanup_module(struct kmod_module **module)
{
	kmod_module_unref(*module);
}

static size_t hash_path(const char *path)
{
	size_t hash = 5381;

	while (*path)
		hash = hash * 33 + (unsigned char)*path++;
	return hash;
}

static int rehash(struct lookup *names)
{
	size_t room = names->hash_room ? names->hash_room * 2 : 64;
	size_t *by_path = calloc(room, sizeof(*by_path));

	if (!by_path)
		return -ENOMEM;
	for (size_t i = 0; i < names->nr; i++) {
		size_t at = hash_path(names->array[i].path);

		while (by_path[at & (room - 1)])
			at++;
		by_path[at & (room - 1)] = i + 1;
	}
	free(names->by_path);
	names->by_path = by_path;
	names->hash_room = room;
	return 0;
}

/* The number of @path, which is added where it is new. */
static int find_or_add(struct lookup *names, const char *path, size_t *ret)
{
	size_t at = hash_path(path);

	if (names->hash_room < 2 * (names->nr + 1) && rehash(names) < 0)
		return -ENOMEM;
	for (; names->by_path[at & (names->hash_room - 1)]; at++) {
		size_t i = names->by_path[at & (names->hash_room - 1)] - 1;

		if (strcmp(names->array[i].path, path) == 0) {
			*ret = i;
			return 0;
		}
	}
	if (array_reserve(&names->array, names->nr, &names->room, sizeof(*names->array)) <
	    0)
		return -ENOMEM;
	names->array[names->nr] = (struct lookup_entry){.path = strdup(path)};
	if (!names->array[names->nr].path)
		return -ENOMEM;
	names->by_path[at & (names->hash_room - 1)] = names->nr + 1;
	*ret = names->nr++;
	return 0;
}

static const char index_name[] = "modules.dep.bin";

bool lookup_has_index(const char *tree)
{
	_cleanup_fd_ int fd = -1;
	char index[PATH_MAX + 32];

	snprintf(index, sizeof(index), "%s/%s", tree, index_name);
	/* access(2) asks for the real user, who is not always the one that counts. */
	fd = open(index, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0;
}

/* The nearest folder above @path with an index of modules; false: none. */
static bool find_tree(const char *path, char tree[PATH_MAX])
{
	if (!realpath(path, tree))
		return false;
	for (char *slash = tree + strlen(tree); slash && slash > tree;
	     slash = strrchr(tree, '/')) {
		*slash = '\0';
		if (lookup_has_index(tree))
			return true;
	}
	return false;
}

/* libkmod over @directory; NULL: the running kernel's. One whose indices are damaged,
 * which libkmod would follow anywhere, is left alone.
 */
static struct kmod_ctx *open_kmod(struct lookup *names, const char *directory)
{
	char running[PATH_MAX];
	struct utsname uts;
	struct error damage = {0};
	struct kmod_ctx *kmod;

	if (!directory && uname(&uts) == 0) {
		snprintf(running, sizeof(running), "/lib/modules/%s", uts.release);
		directory = running;
	}
	if (directory && kmodindex_check(directory, &damage) < 0) {
		if (!names->damage.code)
			names->damage = damage;
		return NULL;
	}
	/* It would show lines of modprobe.d as they are, on standard error. */
	setenv("KMOD_LOG", "0", 1);
	kmod = kmod_new(directory, NULL);
	if (!kmod)
		return NULL;
	kmod_set_log_priority(kmod, 0);
	kmod_load_resources(kmod);
	return kmod;
}

/* libkmod for the tree that @path lies in, or for the one where modules are installed. */
static struct kmod_ctx *context_for(struct lookup *names, const char *path)
{
	char tree[PATH_MAX];
	bool is_above = path && find_tree(path, tree);
	const char *directory = is_above ? tree : names->tree;
	bool is_same = names->has_kmod &&
		       (directory && names->directory
				? strcmp(directory, names->directory) == 0
				: !directory && !names->directory);

	names->is_above = is_above;
	if (is_same)
		return names->kmod;
	depends_close(&names->depends);
	if (names->kmod)
		kmod_unref(names->kmod);
	free(names->directory);
	names->directory = directory ? strdup(directory) : NULL;
	names->kmod = open_kmod(names, directory);
	names->has_kmod = true;
	if (names->kmod)
		names->has_failed |= depends_read(&names->depends, names->kmod) < 0;
	return names->kmod;
}

void lookup_module_name(const char *path, char ret[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	size_t i = 0;

	for (const char *at = slash ? slash + 1 : path; *at && *at != '.'; at++)
		if (i < NAME_MAX)
			ret[i++] = *at == '-' ? '_' : *at;
	ret[i] = '\0';
}

/* A list of modules that is being put together, for entry @number. */
struct order {
	struct lookup *names;
	size_t number;
	struct needs *needs;
	struct needs seen; /* whose own softdeps have been looked at */
	unsigned depth;
};

enum { MAX_DEPTH = 32 }; /* of softdeps of softdeps; real ones have two */

static int find_below(struct lookup *names, const char *below, size_t *ret)
{
	char path[PATH_MAX];

	depends_locate(names->kmod, below, path);
	return find_or_add(names, path, ret);
}

static int order_module(struct order *order, const char *name, bool is_optional);

static int order_list(struct order *order, struct kmod_list *list)
{
	struct kmod_list *item;
	int r = 0;

	kmod_list_foreach(item, list)
	{
		_cleanup_(cleanup_module) struct kmod_module *module =
			kmod_module_get_module(item);

		if (r == 0)
			r = order_module(order, kmod_module_get_name(module), true);
	}
	return r;
}

/* What modprobe tries before it loads module @name. */
static int order_softdeps(struct order *order, const char *name)
{
	_cleanup_(cleanup_module) struct kmod_module *module = NULL;
	_cleanup_(cleanup_list) struct kmod_list *before = NULL;
	_cleanup_(cleanup_list) struct kmod_list *after = NULL;
	int r;

	if (order->depth == MAX_DEPTH ||
	    kmod_module_new_from_name(order->names->kmod, name, &module) < 0 ||
	    kmod_module_get_softdeps(module, &before, &after) < 0)
		return 0;
	order->depth++;
	r = order_list(order, before);
	order->depth--;
	return r;
}

/* One file of the index, behind its softdeps, which are looked for once. */
static int order_file(struct order *order, const char *below, bool is_optional)
{
	char name[NAME_MAX + 1];
	size_t number;
	int r;

	if (find_below(order->names, below, &number) < 0)
		return -ENOMEM;
	lookup_module_name(order->names->array[number].path, name);
	if (!needs_has(&order->seen, number)) {
		if (needs_add(&order->seen, number, false) < 0)
			return -ENOMEM;
		r = order_softdeps(order, name);
		if (r < 0)
			return r;
	}
	return number == order->number ? 0 : needs_add(order->needs, number, is_optional);
}

/* What module @name needs: depmod has found the whole chain. */
static int order_needs(struct order *order, const char *name, bool is_optional)
{
	const char *needs = depends_of(&order->names->depends, name) ?: "",
		   *end = needs + strlen(needs);
	char below[PATH_MAX];
	int r = 0;

	while (r == 0 && depends_take(needs, &end, below))
		r = order_file(order, below, is_optional);
	return r;
}

/* What is built in, or nowhere, has no file. */
static int order_module(struct order *order, const char *name, bool is_optional)
{
	const char *below = depends_path(&order->names->depends, name);
	size_t number;
	int r;

	if (!below)
		return 0;
	if (find_below(order->names, below, &number) < 0)
		return -ENOMEM;
	/* One that asks for itself in a circle, as hostile files may. */
	if (needs_has(&order->seen, number))
		return 0;
	r = order_needs(order, name, is_optional);
	return r < 0 ? r : order_file(order, below, is_optional);
}

/* The list may have grown, and moved, meanwhile. */
static void order_begin(struct order *ret, struct lookup *names, size_t number,
			struct needs *needs)
{
	*needs = names->array[number].needs;
	*ret = (struct order){.names = names, .number = number, .needs = needs};
}

static int order_end(struct order *order, int r)
{
	order->names->array[order->number].needs = *order->needs;
	needs_close(&order->seen);
	return r;
}

static int add_needs(struct lookup *names, size_t number, const char *name)
{
	struct needs needs;
	struct order order;
	int r;

	if (names->array[number].has_needs)
		return 0;
	names->array[number].has_needs = true;
	order_begin(&order, names, number, &needs);
	r = order_needs(&order, name, false);
	if (r == 0)
		r = order_softdeps(&order, name);
	return order_end(&order, r);
}

static void want(struct lookup_entry *name, const struct lookup_entry *as)
{
	name->is_wanted = true;
	name->nr_configured = 0;
	name->words = as->words;
	name->nr_words = as->nr_words;
}

/* Cuts at blanks outside quotes, as lib/cmdline.c:next_arg() does. @words: NULL: they are
 * only counted.
 */
static size_t cut_options(char *options, char **words)
{
	bool is_quoted = false, is_inside = false;
	size_t nr = 0;

	for (char *at = options; *at; at++) {
		is_quoted ^= *at == '"';
		if (*at == ' ' && !is_quoted) {
			if (words)
				*at = '\0';
			is_inside = false;
			continue;
		}
		if (!is_inside && words)
			words[nr] = at;
		nr += !is_inside;
		is_inside = true;
	}
	return nr;
}

/* modprobe quotes a value with blanks that does not begin with a quotation; insmod does
 * not. kmod: tools/modprobe.c:options_from_array()
 */
static bool is_to_quote(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals && equals[1] != '"' && equals[1] != '\'' && strchr(equals, ' ');
}

/* Copies the word as modprobe passes it on; returns what is behind it. */
static char *put_word(char *at, const char *word)
{
	int nr_name = (int)(strchrnul(word, '=') - word);

	return at + 1 +
	       (is_to_quote(word)
			? sprintf(at, "%.*s=\"%s\"", nr_name, word, word + nr_name + 1)
			: sprintf(at, "%s", word));
}

/* The bytes that put_word() needs for all of them; *@ret: is one to be quoted? */
static size_t measure_words(const struct lookup_entry *entry, bool *ret)
{
	size_t bytes = 0;

	*ret = false;
	for (size_t i = 0; i < entry->nr_words; i++) {
		bytes += strlen(entry->words[i]) + sizeof("\"\"");
		*ret |= is_to_quote(entry->words[i]);
	}
	return bytes;
}

/* Puts what modprobe gives to the module before what the user does. */
static int add_options(struct lookup_entry *entry, const char *options)
{
	bool is_quoting;
	size_t nr, bytes = measure_words(entry, &is_quoting);
	char *at;

	free(entry->options);
	free(entry->joined);
	entry->options = NULL;
	entry->joined = NULL;
	options = options ?: "";
	if (!*options && !is_quoting)
		return 0;
	bytes += strlen(options) + 1;
	entry->options = malloc(bytes);
	if (!entry->options)
		return -ENOMEM;
	at = stpcpy(entry->options, options) + 1;
	nr = cut_options(entry->options, NULL);
	entry->joined = calloc(nr + entry->nr_words + 1, sizeof(*entry->joined));
	if (!entry->joined)
		return -ENOMEM;
	cut_options(entry->options, entry->joined);
	for (size_t i = 0; i < entry->nr_words; i++) {
		entry->joined[nr + i] = at;
		at = put_word(at, entry->words[i]);
	}
	entry->words = entry->joined;
	entry->nr_words += nr;
	entry->nr_configured = nr;
	return 0;
}

/* @kmod: for the tree that @path lies in. */
static int add_file(struct lookup *names, struct kmod_ctx *kmod, const char *path,
		    const struct lookup_entry *as, struct error *err)
{
	char name[NAME_MAX + 1];
	size_t number;
	int r = find_or_add(names, path, &number);

	if (r < 0)
		return error_set(err, ERROR_INTERNAL, r, "%s: %s", path, strerror(-r));
	want(&names->array[number], as);
	/* Only the name is looked at. A file that is no module has nothing it needs. */
	lookup_module_name(path, name);
	if (kmod && names->is_above && depends_of(&names->depends, name))
		r = add_needs(names, number, name);
	else
		names->array[number].is_loose = !names->array[number].has_needs;
	return r < 0 ? error_set(err, ERROR_INTERNAL, r, "%s: %s", path, strerror(-r))
		     : 1;
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Where a folder is entered or left: libkmod for what lies in it, or behind it. */
static struct kmod_ctx *cross_folder(struct lookup *names, const char *operand,
				     const FTSENT *entry, short *tree_level,
				     struct kmod_ctx *kmod)
{
	char index[PATH_MAX + 32];

	if (entry->fts_info == FTS_DP && entry->fts_level == *tree_level) {
		*tree_level = -1;
		return context_for(names, operand);
	}
	if (entry->fts_info != FTS_D)
		return kmod;
	snprintf(index, sizeof(index), "%s/%s", entry->fts_path, index_name);
	if (access(index, R_OK) < 0)
		return kmod;
	*tree_level = entry->fts_level;
	return context_for(names, index);
}

/* Or a link to one, as far as can be told without opening it. */
static bool is_file(const FTSENT *entry)
{
	return entry->fts_info == FTS_F || entry->fts_info == FTS_NSOK ||
	       entry->fts_info == FTS_SL;
}

static int add_folder(struct lookup *names, const char *path,
		      const struct lookup_entry *as, struct error *err)
{
	char *const paths[] = {(char *)path, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT,
			    compare_entries);
	struct kmod_ctx *kmod = context_for(names, path);
	short tree_level = -1;
	FTSENT *entry;
	int nr = 0, r = 0;

	if (!fts)
		return error_set(err, ERROR_FILE, -errno, "%s: %s", path,
				 strerror(errno));
	while (r >= 0 && (entry = fts_read(fts))) {
		kmod = cross_folder(names, path, entry, &tree_level, kmod);
		if (is_file(entry) && kofile_is_name(entry->fts_name)) {
			r = add_file(names, kmod, entry->fts_path, as, err);
			nr++;
		}
	}
	fts_close(fts);
	if (r < 0)
		return r;
	if (nr == 0)
		return error_set(err, ERROR_FILE, -ENOENT,
				 "%s: no .ko, .ko.gz, .ko.xz or .ko.zst below it", path);
	return nr;
}

static void guess_name(const struct depends *depends, const char *name,
		       char guess[NEAREST_GUESS_BYTES])
{
	struct nearest nearest = {.name = name};

	for (size_t i = 0; i < depends->nr; i++)
		nearest_offer(&nearest, depends->names[i]);
	nearest_guess(&nearest, guess);
}

/* What else than a module @name was probably meant for. */
static const char *mistake_words(const struct lookup *names, const char *name)
{
	if (!*name)
		return "; an empty word is none";
	if (*name == '@')
		return "; a list of modules: 'xargs kwcheck preflight <FILE'";
	if (strchr(name, '='))
		return "; a parameter stands behind its module";
	/* insmod takes a flag so. */
	return names->nr && !strpbrk(name, "/.")
		       ? "; a parameter is written NAME=VALUE, a flag NAME=1"
		       : "";
}

static int add_module(struct lookup *names, const char *name,
		      const struct lookup_entry *as, struct error *err)
{
	_cleanup_(cleanup_list) struct kmod_list *list = NULL;
	struct kmod_ctx *kmod = context_for(names, NULL);
	struct kmod_list *item;
	char guess[NEAREST_GUESS_BYTES];
	bool is_built_in = false;
	int nr = 0;

	if (kmod)
		kmod_module_new_from_lookup(kmod, name, &list);
	kmod_list_foreach(item, list)
	{
		_cleanup_(cleanup_module) struct kmod_module *module =
			kmod_module_get_module(item);
		const char *path = kmod_module_get_path(module);
		size_t number;

		/* An alias of modprobe.d may name what there is not. */
		if (!path) {
			is_built_in |= kmod_module_get_initstate(module) ==
				       KMOD_MODULE_BUILTIN;
			continue;
		}
		if (find_or_add(names, path, &number) < 0 ||
		    add_needs(names, number, kmod_module_get_name(module)) < 0)
			return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s: no memory",
					 name);
		want(&names->array[number], as);
		if (add_options(&names->array[number], kmod_module_get_options(module)) <
		    0)
			return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s: no memory",
					 name);
		nr++;
	}
	if (!kmod && names->damage.code)
		return error_set(err, ERROR_FILE, -EBADMSG, "%s: no such file; %s", name,
				 names->damage.message);
	if (nr == 0 && is_built_in)
		return error_set(err, ERROR_FILE, -ENOENT,
				 "%s: built into the kernel: there is no file to look at",
				 name);
	if (nr == 0) {
		guess_name(&names->depends, name, guess);
		return error_set(err, ERROR_FILE, -ENOENT,
				 "%s: no such file, and no module of that name is "
				 "installed %s%s%s%s",
				 name, names->tree ? "in " : "for the running kernel",
				 names->tree ? names->tree : "", guess,
				 mistake_words(names, name));
	}
	return nr;
}

bool lookup_has_tree(const struct lookup *names, size_t number)
{
	char tree[PATH_MAX];

	return find_tree(names->array[number].path, tree) ||
	       (names->tree && lookup_has_index(names->tree));
}

struct kmod_ctx *lookup_kmod(struct lookup *names, size_t number)
{
	return context_for(names, names->array[number].path);
}

bool lookup_path(struct lookup *names, const char *name, char ret[PATH_MAX])
{
	struct kmod_ctx *kmod = context_for(names, NULL);
	const char *below = kmod ? depends_path(&names->depends, name) : NULL;

	if (below)
		depends_locate(kmod, below, ret);
	return below != NULL;
}

int lookup_installed(struct lookup *names, size_t number, const char *name, size_t *ret)
{
	struct kmod_ctx *kmod = lookup_kmod(names, number);
	char module[NAME_MAX + 1];
	const char *below;

	lookup_module_name(name, module);
	below = kmod ? depends_path(&names->depends, module) : NULL;
	if (!below)
		return 0;
	if (find_below(names, below, ret) < 0 || add_needs(names, *ret, module) < 0)
		return -ENOMEM;
	return 1;
}

int lookup_softdeps(struct lookup *names, size_t number, const char *name)
{
	char module[NAME_MAX + 1];
	struct needs needs;
	struct order order;

	if (!lookup_kmod(names, number))
		return 0;
	lookup_module_name(name, module);
	order_begin(&order, names, number, &needs);
	return order_end(&order, order_softdeps(&order, module));
}

int lookup_softdep(struct lookup *names, size_t number, const char *alias)
{
	_cleanup_(cleanup_list) struct kmod_list *list = NULL;
	struct kmod_ctx *kmod = lookup_kmod(names, number);
	struct needs needs;
	struct order order;

	if (!kmod || kmod_module_new_from_lookup(kmod, alias, &list) < 0)
		return 0;
	order_begin(&order, names, number, &needs);
	return order_end(&order, order_list(&order, list));
}

int lookup_exporter(struct lookup *names, size_t number, const char *symbol, size_t *ret)
{
	_cleanup_(cleanup_list) struct kmod_list *list = NULL;
	struct kmod_ctx *kmod = lookup_kmod(names, number);
	struct kmod_list *item;
	char alias[PATH_MAX];

	snprintf(alias, sizeof(alias), "symbol:%s", symbol);
	if (kmod)
		kmod_module_new_from_lookup(kmod, alias, &list);
	kmod_list_foreach(item, list)
	{
		_cleanup_(cleanup_module) struct kmod_module *module =
			kmod_module_get_module(item);
		int r = lookup_installed(names, number, kmod_module_get_name(module),
					 ret);

		if (r != 0)
			return r;
	}
	return 0;
}

static int add_operand(struct lookup *names, const char *operand, char **words,
		       size_t nr_words, struct error *err)
{
	const struct lookup_entry as = {.words = words, .nr_words = nr_words};
	struct stat st;

	if (strcmp(operand, "-") == 0)
		return error_set(err, ERROR_USAGE, -EINVAL,
				 "-: a module is not read from standard input, where it "
				 "could change between two looks; give its file");
	if (stat(operand, &st) == 0)
		return S_ISDIR(st.st_mode) ? add_folder(names, operand, &as, err)
					   : add_file(names, context_for(names, operand),
						      operand, &as, err);
	if (strchr(operand, '/') || kofile_is_name(operand))
		return error_set(err, ERROR_FILE, -errno, "%s: %s", operand,
				 strerror(errno));
	return add_module(names, operand, &as, err);
}

int lookup_add(struct lookup *names, const char *operand, char **words, size_t nr_words,
	       struct error *err)
{
	int r = add_operand(names, operand, words, nr_words, err);

	if (r >= 0 && names->has_failed)
		return error_set(err, ERROR_INTERNAL, -ENOMEM, "%s: no memory", operand);
	return r;
}

void lookup_free(struct lookup *names)
{
	for (size_t i = 0; i < names->nr; i++) {
		free(names->array[i].path);
		needs_close(&names->array[i].needs);
		free(names->array[i].why_not);
		free(names->array[i].options);
		free(names->array[i].joined);
		linkage_close(&names->array[i].linkage);
	}
	free(names->array);
	free(names->by_path);
	free(names->directory);
	depends_close(&names->depends);
	if (names->kmod)
		kmod_unref(names->kmod);
	memset(names, 0, sizeof(*names));
}
