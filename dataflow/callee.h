/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What preflight knows of functions by their names. */
#ifndef KWCHECK_DATAFLOW_CALLEE_H
#define KWCHECK_DATAFLOW_CALLEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum callee_kind {
	CALLEE_PLAIN = 0,
	CALLEE_NO_RETURN,
	CALLEE_NO_ARGUMENTS, /* __fentry__ and the like: what is in registers is stale */
	CALLEE_LOOKUP,	     /* kallsyms_lookup_name(name) */
	CALLEE_KPROBE,	     /* register_kprobe(kp): finds kp->symbol_name's address */
	CALLEE_GET_ENTRY,    /* returns the address of a page-table entry */
	CALLEE_SET_ENTRY,    /* writes the page-table entry at argument 0 */
	CALLEE_TEXT_POKE,    /* writes through a mapping of its own, at argument 0 */
	CALLEE_CATCH,	     /* writes at argument 0 and survives the fault */
	CALLEE_VMAP,	     /* maps the pages at argument 0 */
	CALLEE_MAP_PHYSICAL, /* maps the physical address of argument 1 writable */
	CALLEE_REMAP,	     /* memremap(physical address, size, flags) */
	CALLEE_READ_CR0,     /* returns CR0 */
	CALLEE_READ_MSR,     /* returns the MSR of that number */
	CALLEE_SET_RW,	     /* set_memory_rw(address, pages) */
	CALLEE_UNPROTECT,    /* makes all of the kernel's constants writable */
	CALLEE_WRITE_CR0,    /* native_write_cr0(): sets WP again since 5.3 */
	CALLEE_STATIC_CALL,  /* __static_call_update(key, trampoline, function) */
	CALLEE_APPLY_RANGE,  /* apply_to_page_range(mm, address, size, function, data) */
	CALLEE_CALLS_0,	     /* calls argument 0 with argument 1 */
	CALLEE_CALLS_1,	     /* calls argument 1 with argument 2 */
};

struct callee {
	const char *name;
	enum callee_kind kind;
	/* Bit n: the callee writes where argument n points. */
	uint8_t writes;
	bool is_pure; /* leaves the module's memory alone, whatever it is given */
};

/* What is known of the function @name. NULL: nothing. */
const struct callee *callee_find(const char *name);

/* Is it "__x86_indirect_thunk_rax" or its like? *@ret is the register's number. */
bool callee_is_indirect_thunk(const char *name, unsigned *ret);

/* Does the function return memory that nothing else points to (or NULL)? */
bool callee_is_allocator(const char *name);

/* Is it __x86_return_thunk or its like? */
bool callee_is_return_thunk(const char *name);

#endif
