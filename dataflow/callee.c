/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What preflight knows of functions by their names. */
#include "dataflow/callee.h"

#include <stdlib.h>
#include <string.h>

/* What a callee does by the third column of callees.def. */
#define DOES_NOTHING .is_pure = false /* that is known */
#define DOES_PURE .is_pure = true
#define DOES_WRITES_0 .writes = 1 << 0

/* Ascending by name (strcmp): it is searched by halving. */
static const struct callee callees[] = {
#define CALLEE(function, what, effect) \
	{.name = #function, .kind = CALLEE_##what, DOES_##effect},
#include "dataflow/callees.def"
#undef CALLEE
};

enum { NR_CALLEES = sizeof(callees) / sizeof(callees[0]) };

static int compare(const void *name, const void *callee)
{
	return strcmp(name, ((const struct callee *)callee)->name);
}

/* In most modules no function has one of these names: the first letters tell. */
static bool may_be_one(const char *name)
{
	static uint32_t firsts[256]; /* bit n of one: a second letter of n modulo 32 */
	static bool is_filled;

	if (!is_filled) {
		for (size_t i = 0; i < NR_CALLEES; i++) {
			const unsigned char *at = (const unsigned char *)callees[i].name;

			firsts[at[0]] |= 1U << at[1] % 32;
		}
		is_filled = true;
	}
	return firsts[(unsigned char)name[0]] >> (unsigned char)name[1] % 32 & 1;
}

const struct callee *callee_find(const char *name)
{
	if (!*name || !may_be_one(name))
		return NULL;
	return bsearch(name, callees, NR_CALLEES, sizeof(callees[0]), compare);
}

static const char *const register_names[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
};

/* __x86_indirect_thunk_rax, __x86_indirect_call_thunk_rax, __x86_indirect_its_thunk_rax,
 * ...: arch/x86/lib/retpoline.S.
 */
bool callee_is_indirect_thunk(const char *name, unsigned *ret)
{
	const char *last = strrchr(name, '_');

	if (strncmp(name, "__x86_indirect_", strlen("__x86_indirect_")) != 0 || !last)
		return false;
	for (unsigned i = 0; i < sizeof(register_names) / sizeof(register_names[0]); i++)
		if (strcmp(last + 1, register_names[i]) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

bool callee_is_return_thunk(const char *name)
{
	return strcmp(name, "__x86_return_thunk") == 0 ||
	       strcmp(name, "its_return_thunk") == 0;
}

bool callee_is_allocator(const char *name)
{
	static const char *const names[] = {
		"__kmalloc", "kmalloc_", "kmem_cache_alloc", "vmalloc", "vzalloc",
		"__vmalloc", "kvmalloc", "__kvmalloc",	     "kmemdup", "__alloc_percpu",
	};

	if (*name != '_' && *name != 'k' && *name != 'v')
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}
