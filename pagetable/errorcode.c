/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bits of a page fault's error code. */
#include "pagetable/errorcode.h"

static const struct {
	enum errorcode_bit bit;
	const char *name;
	const char *when_set;
	const char *when_clear; /* NULL: says nothing */
} rows[ERRORCODE_MAX_FLAGS] = {
	{.bit = ERRORCODE_P,
	 .name = "P",
	 .when_set = "the page is present: its rights forbade the access",
	 .when_clear = "the page is not present"},
	{.bit = ERRORCODE_W,
	 .name = "W",
	 .when_set = "a write",
	 .when_clear = "not a write"},
	{.bit = ERRORCODE_U,
	 .name = "U",
	 .when_set = "by code in user mode",
	 .when_clear = "by code in kernel mode"},
	{.bit = ERRORCODE_RSVD,
	 .name = "RSVD",
	 .when_set = "a page-table entry has reserved bits set: the table is damaged"},
	{.bit = ERRORCODE_I, .name = "I", .when_set = "an instruction fetch"},
	{.bit = ERRORCODE_PK,
	 .name = "PK",
	 .when_set = "the page's protection key forbade it"},
	{.bit = ERRORCODE_SS, .name = "SS", .when_set = "a shadow-stack access"},
	{.bit = ERRORCODE_HLAT,
	 .name = "HLAT",
	 .when_set = "found by the hypervisor's HLAT walk"},
	{.bit = ERRORCODE_SGX, .name = "SGX", .when_set = "an SGX enclave's page check"},
	{.bit = ERRORCODE_RMP,
	 .name = "RMP",
	 .when_set = "the SEV-SNP reverse map table forbade it"},
};

size_t errorcode_flags(uint64_t code, struct errorcode_flag flags[ERRORCODE_MAX_FLAGS])
{
	size_t nr = 0;

	for (size_t i = 0; i < ERRORCODE_MAX_FLAGS; i++) {
		bool is_set = errorcode_has(code, rows[i].bit);

		if (!is_set && !rows[i].when_clear)
			continue;
		flags[nr++] = (struct errorcode_flag){
			.bit = rows[i].bit,
			.name = rows[i].name,
			.meaning = is_set ? rows[i].when_set : rows[i].when_clear,
		};
	}
	return nr;
}

uint64_t errorcode_unknown(uint64_t code)
{
	for (size_t i = 0; i < ERRORCODE_MAX_FLAGS; i++)
		code &= ~(1ULL << rows[i].bit);
	return code;
}

enum errorcode_access errorcode_access(uint64_t code)
{
	if (errorcode_has(code, ERRORCODE_I))
		return ERRORCODE_FETCH;
	return errorcode_has(code, ERRORCODE_W) ? ERRORCODE_WRITE : ERRORCODE_READ;
}

const char *errorcode_access_name(enum errorcode_access access)
{
	static const char *const names[] = {
		[ERRORCODE_READ] = "read",
		[ERRORCODE_WRITE] = "write",
		[ERRORCODE_FETCH] = "fetch",
	};

	return names[access];
}
