/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may lead the kernel's code out of the kernel's image. Each says so twice: by what
 * is there and by the kernel's own record of it.
 */
#include "unchanged/owner.h"

#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "audit/patched.h"
#include "kcore/cleanup.h"
#include "unchanged/statickey.h"

static const char *const names[OWNER_NR] = {
	[OWNER_NONE] = "nobody",
	[OWNER_FTRACE] = "ftrace",
	[OWNER_DIRECT] = "ftrace's direct calls",
	[OWNER_KPROBE] = "optimised kprobes",
	[OWNER_STATIC_CALL] = "static calls",
	[OWNER_BPF] = "BPF",
	[OWNER_THUNK] = "ITS thunks",
};

const char *owner_name(enum owner owner)
{
	return names[owner];
}

void owner_want(struct audit *audit)
{
	probes_want(audit);
	ftracesites_want(audit);
	audit_want(audit, "__start_static_call_sites");
	audit_want(audit, "__stop_static_call_sites");
	audit_want(audit, "direct_functions");
}

/* include/linux/static_call_types.h, since 5.10: both fields are relative to themselves;
 * the key's lowest bits are flags.
 */
struct static_call_site {
	int32_t addr, key;
};
_Static_assert(sizeof(struct static_call_site) == 8, "struct static_call_site");
enum { MAX_SITES_BYTES = 4 << 20 };
static const uint64_t SITE_FLAGS = 3;

static uint64_t key_function(const struct audit *audit, uint64_t key)
{
	uint32_t offset = 0; /* func has come first since 5.10 */
	uint64_t function = 0;

	types_offset(&audit->kernel->types, "static_call_key", "func", &offset);
	mappings_read_word(&audit->mappings, key + offset, &function);
	return function;
}

/* Does a site of the kernel's table lie at @branch, and does its key say its target? */
static bool is_site(const struct audit *audit, const struct owner_branch *branch)
{
	_cleanup_free_ struct static_call_site *sites = NULL;
	uint64_t start, stop;

	if (!audit_symbol(audit, "__start_static_call_sites", &start) ||
	    !audit_symbol(audit, "__stop_static_call_sites", &stop) || stop <= start ||
	    stop - start > MAX_SITES_BYTES)
		return false;
	sites = malloc(stop - start);
	if (!sites || mappings_read(&audit->mappings, start, sites, stop - start) < 0)
		return false;
	for (uint64_t i = 0; i < (stop - start) / sizeof(*sites); i++) {
		uint64_t at = start + i * sizeof(*sites);
		uint64_t key = at + offsetof(struct static_call_site, key) +
			       (uint64_t)(int64_t)sites[i].key;

		if (at + (uint64_t)(int64_t)sites[i].addr == branch->va &&
		    key_function(audit, key & ~SITE_FLAGS) == branch->target)
			return true;
	}
	return false;
}

/* Or is it the trampoline of a static call? */
static bool is_static_call(const struct audit *audit, const struct owner_branch *branch)
{
	uint64_t key = statickey_of(&audit->kernel->symbols, branch->va);

	if (key && key_function(audit, key) == branch->target)
		return true;
	return is_site(audit, branch);
}

int owner_records_take(struct owner_records *ret, const struct audit *audit)
{
	struct owner_records records = {0};
	int r = probes_take(&records.probes, audit);

	if (r == 0)
		r = ftracesites_take(&records.sites, audit);
	if (r < 0)
		owner_records_free(&records);
	else
		*ret = records;
	return r;
}

void owner_records_free(struct owner_records *records)
{
	probes_free(&records->probes);
	ftracesites_free(&records->sites);
}

/* Is it where ftrace and BPF patch? Where ftrace's list cannot be read, anywhere may be.
 */
static bool is_ftrace_site(const struct owner_records *records,
			   const struct owner_branch *branch)
{
	return !records->sites.is_known || ftracesites_has(&records->sites, branch->va);
}

/* Is it at the function's start, or behind its endbr64? */
static bool is_at_entry(const struct audit *audit, const struct owner_branch *branch)
{
	unsigned char bytes[PATCHED_BYTES];

	if (branch->va == branch->function)
		return true;
	return mappings_read(&audit->mappings, branch->function, bytes, sizeof(bytes)) ==
		       0 &&
	       branch->va == branch->function + patched_skip_endbr(bytes);
}

/* One chain of a hash of ftrace's. */
static bool has_direct(const struct audit *audit, uint64_t node, uint32_t ip_offset,
		       uint32_t direct_offset, const struct owner_branch *branch)
{
	for (unsigned nr = 0; node && nr < 4096; nr++) {
		uint64_t ip, direct;

		if (mappings_read_word(&audit->mappings, node + ip_offset, &ip) < 0 ||
		    mappings_read_word(&audit->mappings, node + direct_offset, &direct) <
			    0)
			return false;
		if (ip == branch->va && direct == branch->target)
			return true;
		if (mappings_read_word(&audit->mappings, node, &node) < 0)
			return false;
	}
	return false;
}

/* kernel/trace/ftrace.c: direct_functions, since 5.5: by the address that is patched,
 * where it leads.
 */
static bool is_direct(const struct audit *audit, const struct owner_branch *branch)
{
	const struct types *types = &audit->kernel->types;
	const struct mappings *mappings = &audit->mappings;
	uint32_t bits_offset, buckets_offset, hlist, ip, direct;
	uint64_t hash, bits = 0, buckets;

	if (!audit_symbol(audit, "direct_functions", &hash) ||
	    types_offset(types, "ftrace_hash", "size_bits", &bits_offset) < 0 ||
	    types_offset(types, "ftrace_hash", "buckets", &buckets_offset) < 0 ||
	    types_offset(types, "ftrace_func_entry", "hlist", &hlist) < 0 ||
	    types_offset(types, "ftrace_func_entry", "ip", &ip) < 0 ||
	    types_offset(types, "ftrace_func_entry", "direct", &direct) < 0 ||
	    mappings_read_word(mappings, hash, &hash) < 0 ||
	    mappings_read(mappings, hash + bits_offset, &bits, 4) < 0 || bits > 16 ||
	    mappings_read_word(mappings, hash + buckets_offset, &buckets) < 0)
		return false;
	for (uint64_t i = 0; i < 1ULL << bits; i++) {
		uint64_t node;

		if (mappings_read_word(mappings, buckets + 8 * i, &node) == 0 &&
		    has_direct(audit, node, ip - hlist, direct - hlist, branch))
			return true;
	}
	return false;
}

/* arch/x86/kernel/alternative.c: its_init_thunk(), since 6.15 and in its backports. Such
 * a thunk, in the second half of a cache line of a page that begins with 32 breakpoints,
 * jumps where the replaced instruction would have jumped; under FineIBT it begins with a
 * jne to the byte before it.
 */
static bool is_thunk(const struct audit *audit, const struct owner_branch *branch)
{
	static const unsigned char jne[] = {0x75, 0xfd};
	unsigned char start[32], code[8];
	uint64_t page = audit_page_of(branch->target);
	size_t at = 0;

	if (page + PAGE_BYTES - branch->target < sizeof(code) ||
	    !(branch->target & 0x20) ||
	    mappings_read(&audit->mappings, page, start, sizeof(start)) < 0 ||
	    mappings_read(&audit->mappings, branch->target, code, sizeof(code)) < 0)
		return false;
	for (size_t i = 0; i < sizeof(start); i++)
		if (start[i] != 0xcc)
			return false;
	if (memcmp(code, jne, sizeof(jne)) == 0)
		at += sizeof(jne);
	if (code[at] == 0x41)
		at++;
	return code[at] == 0xff && code[at + 1] >= 0xe0 && code[at + 1] <= 0xe7;
}

static bool is_dispatcher(const struct audit *audit, uint64_t function)
{
	static const char prefix[] = "bpf_dispatcher_";
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, function);

	return symbol && strncmp(symbol->name, prefix, strlen(prefix)) == 0;
}

enum owner owner_of(const struct audit *audit, const struct owner_records *records,
		    const struct owner_branch *branch)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, branch->target);
	/* A page is what each of these is at most. */
	bool is_near = symbol && branch->target - symbol->address < PAGE_BYTES;
	const char *made_by = is_near && symbol->module ? symbol->module : "";
	const struct probe *probe = probes_at(&records->probes, branch->va);

	if (strcmp(made_by, "__builtin__kprobes") == 0 &&
	    (!records->probes.is_known || (probe && probe->jump == branch->target)))
		return OWNER_KPROBE;
	/* A live patch keeps the names of its init, whose memory is another's by then. */
	if (symbols_has_at(&audit->kernel->symbols, branch->target,
			   "__builtin__ftrace") &&
	    is_ftrace_site(records, branch))
		return OWNER_FTRACE;
	if (strcmp(made_by, "bpf") == 0 &&
	    (is_at_entry(audit, branch) || is_dispatcher(audit, branch->function)))
		return OWNER_BPF;
	if (is_static_call(audit, branch))
		return OWNER_STATIC_CALL;
	if (is_ftrace_site(records, branch) && is_direct(audit, branch))
		return OWNER_DIRECT;
	return is_thunk(audit, branch) ? OWNER_THUNK : OWNER_NONE;
}
