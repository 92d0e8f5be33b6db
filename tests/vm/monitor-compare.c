// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares kwcheck's pages with QEMU's own walk of the same tables ("info tlb"), leaf by
 * leaf and both ways, in regions whose tables stand still once the guest is up.
 *
 *	monitor-compare --ranges			in the guest: the regions, one a
 *line monitor-compare [--min N] MONITOR JSON		on the host
 *
 * MONITOR: what boot.sh's --monitor wrote. JSON: of kwcheck --json check on the regions.
 * "info tlb" shows the leaf entry's bits only, and not which size a large page has: 2M
 *and 1G are told apart by where the next leaf starts. A leaf's A and D move and are left
 *out. What kwcheck makes of the levels above the leaf is recomputed here from its
 *entries. Exit status: 0 no disagreement and at least --min leaves, in every region some;
 *1 otherwise; 2 where the comparison itself failed.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#define EXIT_BROKEN 2
#define NR_PRINTED 20
#define IMAGE_START 0xffffffff80000000ULL
#define GIB (1ULL << 30)

#define BIT_PRESENT (1ULL << 0)
#define BIT_RW (1ULL << 1)
#define BIT_USER (1ULL << 2)
#define BIT_PSE (1ULL << 7)
#define BIT_NX (1ULL << 63)
#define ADDRESS_BITS 0x000ffffffffff000ULL

/* The letters of "info tlb" in their order there; an absent bit is a '-'. */
static const struct {
	char letter;
	unsigned bit;
	bool moves; /* set by the CPU at any time */
} letters[] = {
	{'X', 63, false}, {'G', 8, false}, {'P', 7, false},
	{'D', 6, true},	  {'A', 5, true},  {'C', 4, false},
	{'T', 3, false},  {'U', 2, false}, {'W', 1, false},
};

#define NR_LETTERS (sizeof(letters) / sizeof(letters[0]))

struct leaf {
	uint64_t va, pa;
	uint64_t bits;
};

static struct {
	struct leaf *list;
	size_t nr, capacity;
} qemu;

static size_t nr_bad;

__attribute__((format(printf, 2, 3))) static void disagree(uint64_t va,
							   const char *format, ...)
{
	va_list args;

	if (++nr_bad > NR_PRINTED)
		return;
	printf("0x%016" PRIx64 ": ", va);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void print_range(uint64_t first, uint64_t end)
{
	if (first < end)
		printf("0x%016" PRIx64 "-0x%016" PRIx64 "\n", first, end);
}

struct span {
	uint64_t first, end;
};

static void widen(struct span *span, uint64_t first, uint64_t end)
{
	if (first < span->first)
		span->first = first;
	if (end > span->end)
		span->end = end;
}

/* The kernel image, the direct map with its holes, vmemmap and cpu_entry_area, by the
 * headers of /proc/kcore. Modules, vmalloc and fixmap move.
 */
static int print_ranges(void)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	struct span direct = {.first = UINT64_MAX}, vmemmap = direct;
	Elf64_Ehdr ehdr;

	if (fd < 0 || pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		err(EXIT_BROKEN, "/proc/kcore");
	for (size_t i = 0; i < ehdr.e_phnum; i++) {
		Elf64_Phdr phdr;

		if (pread(fd, &phdr, sizeof(phdr),
			  (off_t)(ehdr.e_phoff + i * sizeof(phdr))) != sizeof(phdr))
			err(EXIT_BROKEN, "/proc/kcore: program header");
		if (phdr.p_type != PT_LOAD || !(phdr.p_vaddr >> 63) ||
		    phdr.p_vaddr >= IMAGE_START)
			continue;
		/* Vmalloc space, which is no RAM either, is a vast span. */
		if (phdr.p_paddr != UINT64_MAX)
			widen(&direct, phdr.p_vaddr - phdr.p_paddr,
			      phdr.p_vaddr + phdr.p_memsz);
		else if (phdr.p_memsz < 1ULL << 44)
			widen(&vmemmap, phdr.p_vaddr, phdr.p_vaddr + phdr.p_memsz);
	}
	close(fd);
	print_range(IMAGE_START, IMAGE_START + GIB);
	print_range(direct.first, (direct.end + GIB - 1) & ~(GIB - 1));
	print_range(vmemmap.first, vmemmap.end);
	print_range(0xfffffe0000000000, 0xfffffe8000000000);
	return 0;
}

/* "ffffffff82c00000: 0000000002c00000 XGPDA---W" */
static bool parse_leaf(const char *line, struct leaf *ret)
{
	char flags[32];
	int end = 0;

	*ret = (struct leaf){0};
	if (sscanf(line, "%16" SCNx64 ": %16" SCNx64 " %31s%n", &ret->va, &ret->pa, flags,
		   &end) != 3 ||
	    line[end] != '\n' || strlen(flags) != NR_LETTERS)
		return false;
	for (size_t i = 0; i < NR_LETTERS; i++) {
		if (flags[i] == letters[i].letter)
			ret->bits |= 1ULL << letters[i].bit;
		else if (flags[i] != '-')
			return false;
	}
	return true;
}

static int compare_leaves(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* Only what follows "(qemu) info tlb". */
static void read_monitor(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool is_tlb = false;

	if (!file)
		err(EXIT_BROKEN, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		struct leaf leaf;

		if (!strncmp(line, "(qemu) ", 7)) {
			is_tlb = !strcmp(line + 7, "info tlb\n");
			continue;
		}
		if (!is_tlb)
			continue;
		if (!parse_leaf(line, &leaf))
			errx(EXIT_BROKEN, "%s: not a line of info tlb: %s", path, line);
		if (qemu.nr == qemu.capacity) {
			qemu.capacity = qemu.capacity ? qemu.capacity * 2 : 65536;
			qemu.list = reallocarray(qemu.list, qemu.capacity,
						 sizeof(*qemu.list));
			if (!qemu.list)
				err(EXIT_BROKEN, "out of memory");
		}
		qemu.list[qemu.nr++] = leaf;
	}
	fclose(file);
	qsort(qemu.list, qemu.nr, sizeof(*qemu.list), compare_leaves);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static uint64_t address_of(const json_t *object, const char *key)
{
	const char *text = text_of(object, key);

	if (!*text)
		errx(EXIT_BROKEN, "the JSON has no address '%s' where one is due", key);
	return strtoull(text, NULL, 16);
}

/* What kwcheck says of rights, against the entries that it shows. */
static void check_effective(const json_t *page, uint64_t va)
{
	const json_t *entries = json_object_get(page, "entries"), *entry;
	const char *denied_by = "", *verdict = text_of(page, "verdict");
	uint64_t rights = BIT_RW | BIT_USER, nx = 0;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		uint64_t value = address_of(entry, "value");

		if (!(value & BIT_PRESENT))
			disagree(va, "a page behind a not-present %s",
				 text_of(entry, "level"));
		if (!(value & BIT_RW) && !*denied_by)
			denied_by = text_of(entry, "level");
		rights &= value;
		nx |= value & BIT_NX;
	}
	if (strcmp(verdict, rights & BIT_RW ? "writable" : "read-only"))
		disagree(va, "kwcheck says %s, its entries say %s", verdict,
			 rights & BIT_RW ? "writable" : "read-only");
	if (strcmp(text_of(page, "denied_by"), denied_by))
		disagree(va, "denied by '%s', not by '%s'", denied_by,
			 text_of(page, "denied_by"));
	if (json_is_true(json_object_get(page, "user")) != !!(rights & BIT_USER) ||
	    json_is_true(json_object_get(page, "executable")) != !nx)
		disagree(va, "kwcheck's user or executable is not what its entries say");
}

/* Does QEMU list this leaf in the same way? */
static void check_leaf(const json_t *page, const struct leaf *leaf)
{
	const json_t *entries = json_object_get(page, "entries");
	const json_t *last = json_array_get(entries, json_array_size(entries) - 1);
	uint64_t value = address_of(last, "value"), mask = 0;
	uint64_t size_bytes = (uint64_t)json_integer_value(
		json_object_get(page, "size_bytes"));
	uint64_t pa = value & ADDRESS_BITS & ~(size_bytes - 1);

	for (size_t i = 0; i < NR_LETTERS; i++)
		if (!letters[i].moves)
			mask |= 1ULL << letters[i].bit;
	if (leaf->pa != address_of(page, "physical") || leaf->pa != pa)
		disagree(leaf->va,
			 "QEMU's physical address is 0x%" PRIx64 ", kwcheck's 0x%" PRIx64
			 ", its entry's 0x%" PRIx64,
			 leaf->pa, address_of(page, "physical"), pa);
	if ((leaf->bits ^ value) & mask)
		disagree(leaf->va, "QEMU's bits are 0x%" PRIx64 ", kwcheck's 0x%" PRIx64,
			 leaf->bits & mask, value & mask);
	if (size_bytes != 4096 && !(leaf->bits & BIT_PSE))
		disagree(leaf->va, "kwcheck's page has %" PRIu64 " bytes, QEMU's 4096",
			 size_bytes);
}

/* The first of QEMU's leaves at or above @va. */
static size_t lower_bound(uint64_t va)
{
	size_t low = 0, high = qemu.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (qemu.list[middle].va < va)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Both lists ascend; what one has and the other has not is told. Returns the leaves that
 * both have.
 */
static size_t compare_region(const json_t *result)
{
	const json_t *pages = json_object_get(result, "pages"), *page;
	uint64_t start = address_of(json_array_get(pages, 0), "address");
	uint64_t next = start, end;
	size_t at = lower_bound(start), nr_leaves = 0, i;

	end = address_of(result, "address") +
	      (uint64_t)json_integer_value(json_object_get(result, "size_bytes"));
	json_array_foreach(pages, i, page)
	{
		uint64_t va = address_of(page, "address");
		bool is_mapped = !strcmp(text_of(page, "reason"), "ok");

		if (va != next)
			disagree(va, "kwcheck skipped from 0x%" PRIx64, next);
		next = va +
		       (uint64_t)json_integer_value(json_object_get(page, "span_bytes"));
		if (!is_mapped && strcmp(text_of(page, "reason"), "not-present"))
			disagree(va, "kwcheck gives no answer: %s",
				 text_of(page, "reason"));
		if (is_mapped && (at == qemu.nr || qemu.list[at].va != va)) {
			disagree(va, "kwcheck has a page, QEMU has none");
		} else if (is_mapped) {
			check_leaf(page, &qemu.list[at++]);
			check_effective(page, va);
			nr_leaves++;
		}
		/* What QEMU has inside of what kwcheck passed over. */
		for (; at < qemu.nr && qemu.list[at].va < next; at++)
			disagree(qemu.list[at].va, "QEMU has a leaf, kwcheck has none");
	}
	if (next < end)
		disagree(next, "kwcheck stopped here");
	return nr_leaves;
}

/* Bytes that QEMU's leaf @i spans. The list does not tell 2M from 1G. */
static uint64_t size_of(size_t i)
{
	const struct leaf *leaf = &qemu.list[i];

	if (!(leaf->bits & BIT_PSE))
		return 4096;
	if (leaf->va % GIB || leaf->pa % GIB ||
	    (i + 1 < qemu.nr && qemu.list[i + 1].va < leaf->va + GIB))
		return GIB / 512;
	return GIB;
}

static bool is_alias(const json_t *aliases, uint64_t va)
{
	const json_t *alias;
	size_t i;

	json_array_foreach(aliases, i, alias)
	{
		uint64_t size_bytes = (uint64_t)json_integer_value(
			json_object_get(alias, "size_bytes"));

		if (va - address_of(alias, "address") < size_bytes)
			return true;
	}
	return false;
}

/* Everywhere that QEMU maps the first byte of a symbol, and nowhere else: kwcheck has it.
 * Returns the mappings.
 */
static size_t compare_aliases(const json_t *result)
{
	const json_t *page = json_array_get(json_object_get(result, "pages"), 0);
	const json_t *aliases = json_object_get(page, "aliases"), *alias;
	uint64_t va = address_of(result, "address"), pa;
	size_t nr_mappings = 0, i;

	pa = address_of(page, "physical") + (va - address_of(page, "address"));
	for (i = lower_bound(1ULL << 63); i < qemu.nr; i++) {
		const struct leaf *leaf = &qemu.list[i];
		uint64_t at = leaf->va + (pa - leaf->pa);

		if (pa < leaf->pa || pa - leaf->pa >= size_of(i))
			continue;
		nr_mappings++;
		if (at != va && !is_alias(aliases, at))
			disagree(at, "QEMU maps %s here, kwcheck has no such alias",
				 text_of(result, "query"));
	}
	json_array_foreach(aliases, i, alias)
	{
		uint64_t at = address_of(alias, "address");
		size_t j = lower_bound(at + 1);

		if (j == 0 || at - qemu.list[j - 1].va >= size_of(j - 1) ||
		    qemu.list[j - 1].va >> 63 == 0)
			disagree(at, "an alias of %s, QEMU maps nothing here",
				 text_of(result, "query"));
	}
	return nr_mappings;
}

static json_t *load(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);

	if (!root)
		errx(EXIT_BROKEN, "%s: line %d: %s", path, error.line, error.text);
	if (json_array_size(json_object_get(root, "errors")))
		errx(EXIT_BROKEN, "%s: kwcheck has errors", path);
	return root;
}

static int compare(const char *monitor, const char *regions, const char *names,
		   size_t nr_min)
{
	json_t *root = load(regions), *named = load(names);
	const json_t *results, *result;
	size_t nr_leaves = 0, nr_mappings = 0, nr_names, i;
	bool is_empty = false;

	read_monitor(monitor);
	results = json_object_get(root, "results");
	json_array_foreach(results, i, result)
	{
		size_t nr = compare_region(result);

		printf("%s: %zu leaves\n", text_of(result, "query"), nr);
		is_empty |= nr == 0;
		nr_leaves += nr;
	}
	results = json_object_get(named, "results");
	nr_names = json_array_size(results);
	json_array_foreach(results, i, result)
	{
		size_t nr = compare_aliases(result);

		/* The image's and the direct map's, at the least. */
		is_empty |= nr < 2;
		nr_mappings += nr;
	}
	is_empty |= nr_names == 0;
	if (is_empty || nr_leaves < nr_min)
		printf("too few: %zu leaves, %zu wanted, in every region some\n",
		       nr_leaves, nr_min);
	printf("monitor: %zu leaves and %zu mappings of %zu symbols, %zu disagreements\n",
	       nr_leaves, nr_mappings, nr_names, nr_bad);
	json_decref(root);
	json_decref(named);
	free(qemu.list);
	return nr_bad || is_empty || nr_leaves < nr_min ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"ranges", no_argument, NULL, 'r'},
		{"min", required_argument, NULL, 'm'},
		{0},
	};
	size_t nr_min = 1000;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'r')
			return print_ranges();
		if (c != 'm')
			return EXIT_BROKEN;
		nr_min = strtoull(optarg, NULL, 0);
	}
	if (argc - optind != 3)
		errx(EXIT_BROKEN, "which files? MONITOR REGIONS NAMES");
	return compare(argv[optind], argv[optind + 1], argv[optind + 2], nr_min);
}
