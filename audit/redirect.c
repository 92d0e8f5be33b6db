/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a function run what its name says? */
#include "audit/redirect.h"

#include <stdio.h>
#include <string.h>

#include "audit/names.h"
#include "audit/patched.h"

/* A copy of ftrace_caller is shorter. */
enum { TRAMPOLINE_BYTES = 512 };

/* mov disp32(%rip), %rdx: how a trampoline loads its ops
 * (arch/x86/kernel/ftrace.c: create_trampoline).
 */
static const unsigned char load_ops[] = {0x48, 0x8b, 0x15};

/* Who asked for the tracing, by the function that the ops call. */
static const struct {
	const char *function;
	const char *words;
} tracers[] = {
	{"klp_ftrace_handler", "a live patch replaces it"},
	{"kprobe_ftrace_handler", "a kprobe sits on it"},
	{"fprobe_handler", "an fprobe sits on it"},
	{"fprobe_ftrace_entry", "an fprobe sits on it"},
};

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Does a function begin at @va, or can code run there? */
static bool is_code(const struct audit *audit, uint64_t va)
{
	const struct mapping *mapping = mappings_at(&audit->mappings, va);
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, va);

	return (mapping && mapping->reason == PT_OK && !mapping->nx) ||
	       (symbol && symbol->address == va);
}

bool redirect_ops_function(const struct audit *audit, uint64_t va, uint64_t *ret)
{
	const struct mappings *mappings = &audit->mappings;
	unsigned char code[TRAMPOLINE_BYTES];
	size_t nr = PAGE_BYTES - va % PAGE_BYTES;
	/* func has come first since 2.6; without BTF its value has to be code. */
	uint32_t func_offset = 0;
	bool has_type;
	uint64_t ops, function;

	if (nr > sizeof(code))
		nr = sizeof(code);
	if (mappings_read(mappings, va, code, nr) < 0)
		return false;
	has_type = types_offset(&audit->kernel->types, "ftrace_ops", "func",
				&func_offset) == 0;
	for (size_t i = 0; i + 7 <= nr; i++) {
		int32_t rel32;

		if (memcmp(code + i, load_ops, sizeof(load_ops)) != 0)
			continue;
		memcpy(&rel32, code + i + 3, sizeof(rel32));
		if (mappings_read_word(mappings, va + i + 7 + (uint64_t)(int64_t)rel32,
				       &ops) < 0 ||
		    mappings_read_word(mappings, ops + func_offset, &function) < 0 ||
		    (!has_type && !is_code(audit, function)))
			return false;
		*ret = function;
		return true;
	}
	return false;
}

/* A call to ftrace: by whom? */
static void tell_ftrace(struct audit *audit, size_t row, uint64_t va, uint64_t target,
			const char *what)
{
	char name[128], function_name[128];
	uint64_t function;

	audit_place(audit, va, name, sizeof(name));
	if (!redirect_ops_function(audit, target, &function)) {
		audit_notice(audit, row, va,
			     "%s (%s) is traced by ftrace, by several users", name, what);
		return;
	}
	audit_place(audit, function, function_name, sizeof(function_name));
	if (!audit_is_kernel_text(audit, function)) {
		audit_find(audit, row, AUDIT_REDIRECTED, va, 0,
			   "%s (%s) is redirected through ftrace to %s", name, what,
			   function_name);
		return;
	}
	for (size_t i = 0; i < sizeof(tracers) / sizeof(tracers[0]); i++)
		if (strcmp(function_name, tracers[i].function) == 0) {
			audit_notice(audit, row, va, "%s (%s): %s", name, what,
				     tracers[i].words);
			return;
		}
	audit_notice(audit, row, va, "%s (%s) is traced by ftrace, for %s", name, what,
		     function_name);
}

static void tell_target(struct audit *audit, size_t row, uint64_t va,
			const struct patched *code, const char *what)
{
	const struct symbol *symbol = symbols_at(&audit->kernel->symbols, code->target);
	const char *module = symbol && symbol->module ? symbol->module : "";
	char name[128], target_name[128];

	audit_place(audit, va, name, sizeof(name));
	audit_place(audit, code->target, target_name, sizeof(target_name));
	if (audit_is_kernel_text(audit, code->target)) {
		/* What a compiler puts at a function's start is no redirection. */
		if (starts_with(target_name, "ftrace_"))
			tell_ftrace(audit, row, va, code->target, what);
	} else if (strcmp(module, "__builtin__ftrace") == 0) {
		tell_ftrace(audit, row, va, code->target, what);
	} else if (strcmp(module, "__builtin__kprobes") == 0) {
		audit_notice(audit, row, va, "%s (%s): an optimised kprobe sits on it",
			     name, what);
	} else if (strcmp(module, "bpf") == 0) {
		audit_notice(audit, row, va, "%s (%s): a BPF program is attached (%s)",
			     name, what, target_name);
	} else {
		audit_find(audit, row, AUDIT_REDIRECTED, va, 0,
			   "the first bytes of %s (%s) lead to %s", name, what,
			   target_name);
	}
}

void redirect_check(struct audit *audit, size_t row, uint64_t va, const char *what)
{
	unsigned char bytes[2 * PATCHED_BYTES] = {0};
	char name[128];

	if (mappings_read(&audit->mappings, va, bytes, sizeof(bytes)) < 0) {
		audit_undecided(audit, row, "the code of %s cannot be read",
				audit_place(audit, va, name, sizeof(name)));
		return;
	}
	for (unsigned skip = 0;; skip = patched_skip_endbr(bytes)) {
		const struct patched code = patched_decode(bytes + skip, va + skip);

		if (code.kind == PATCHED_BREAKPOINT)
			audit_notice(audit, row, va, "%s (%s): a kprobe sits on it",
				     audit_place(audit, va, name, sizeof(name)), what);
		else if (code.kind == PATCHED_CALL || code.kind == PATCHED_JUMP)
			tell_target(audit, row, va, &code, what);
		if (skip || patched_skip_endbr(bytes) == 0)
			return;
	}
}
