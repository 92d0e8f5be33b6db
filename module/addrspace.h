/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses a module's code would meet: its own, those of the modules it needs, and
 * the running kernel's. Who owns one, and what may be done there.
 */
#ifndef KWCHECK_MODULE_ADDRSPACE_H
#define KWCHECK_MODULE_ADDRSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kcore/kernel.h"
#include "kcore/nameindex.h"
#include "module/exports.h"
#include "kcore/landmarks.h"
#include "module/modimage.h"
#include "module/policy.h"
#include "module/prototypes.h"

enum addrspace_owner {
	ADDRSPACE_KERNEL = 0, /* the live page tables answer */
	ADDRSPACE_OWN,	      /* the module in question: as the loader will seal it */
	ADDRSPACE_NEEDED, /* a module it needs, not loaded: as it will have been sealed */
};

struct addrspace_rights {
	enum addrspace_owner owner;
	enum modsection_kind kind;     /* of ADDRSPACE_OWN and ADDRSPACE_NEEDED */
	enum modsection_source source; /* how that is known */
	bool is_mapped, is_writable, is_executable;
};

/* A module that another needs, parsed and laid out but not loaded. */
struct addrspace_needed {
	struct kofile *file; /* borrowed */
	uint64_t serial;     /* no other has it, not one that is made later either */
	bool is_loose;	     /* not installed, but given together with the module */
	struct modimage mod;
	struct nameindex by_name; /* its own symbols */
	struct nameindex exports; /* those of __ksymtab_ symbols, without that prefix */
	size_t nr_exports;	  /* of these */
	bool has_types;		  /* types have been looked for */
	struct types types;
};

struct addrspace_page;

/* All modules that are laid out lie in this room; behind it a dry run's loader keeps its
 * own.
 */
enum { ADDRSPACE_MAX_ASKED = 128, ADDRSPACE_ROOM_BYTES = 95 * 1024 * 1024 };

struct addrspace {
	struct kernel *kernel;
	const struct exports *exports;
	struct prototypes *prototypes; /* of the loaded modules; NULL: not known */
	bool is_treeless; /* which modules are installed for the kernel is not known */
	struct landmarks landmarks; /* of the kernel, as are these three: */
	struct policy policy;
	struct modsection_rules section_rules;
	bool seals_modules; /* the kernel makes modules' constant parts read-only */
	/* Of a kernel that was not booted: a pointer was read that it has not filled in,
	 * or an address asked about where it has mapped nothing yet.
	 */
	bool lacks_pointer, lacks_place;
	uint64_t room; /* where the module is put; the needed ones above it */
	uint64_t next_room;
	struct modimage *mod;		  /* the module in question; NULL: none yet */
	struct addrspace_needed **needed; /* nr_needed of them: addrspace_link() */
	const bool *is_optional;	  /* of each: it need not load; NULL: all must */
	size_t nr_needed;
	/* Modules that it asks for while it runs; borrowed. They lie side by side from
	 * asked_room to the end of the room, the first one last.
	 */
	struct addrspace_needed *asked[ADDRSPACE_MAX_ASKED];
	size_t nr_asked;
	uint64_t asked_room;
	/* How many of the needed ones what addrspace_resolve() found rests on, but for
	 * what addrspace_is_apart() tells. It only grows; who wants to know sets it to 0.
	 */
	size_t nr_relied;
	struct addrspace_page *pages; /* the live page tables' answers, remembered */
};

/* addrspace_open - a space without a module
 * @kernel, @exports: borrowed. Returns 0 or -errno.
 */
int addrspace_open(struct addrspace *ret, struct kernel *kernel,
		   const struct exports *exports);
void addrspace_close(struct addrspace *space);

/* Is a module of that name loaded in the kernel? */
bool addrspace_is_loaded(const struct addrspace *space, const char *name);

/* Is a module of that name loaded, or among the needed ones? */
bool addrspace_has_module(const struct addrspace *space, const char *name);

/* addrspace_need - makes a parsed @file one to link against
 * @ret: for addrspace_link() of the modules that need it, and closed by
 * addrspace_needed_close(). Returns 0 or -errno.
 */
int addrspace_need(struct addrspace *space, struct kofile *file,
		   struct addrspace_needed **ret);
void addrspace_needed_close(struct addrspace_needed *needed);

/* addrspace_link - sets what the module in question needs, in the order of loading
 * They are put side by side, wherever they were for another module, so that what is said
 * of a module is the same whatever was looked at before it. @needed, @is_optional:
 * borrowed.
 */
void addrspace_link(struct addrspace *space, struct addrspace_needed **needed,
		    const bool *is_optional, size_t nr);

/* addrspace_ask - one module more, which @asked is from then on
 * Until addrspace_link(); one that was asked for before stays where it is. Where that is
 * rests on what was asked for before, not on what is needed. Returns 0; -ENOSPC: there is
 * no room for it.
 */
int addrspace_ask(struct addrspace *space, struct addrspace_needed *asked);

/* addrspace_is_apart - does no needed module from the @from-th on export what one that
 * was asked for imports?
 */
bool addrspace_is_apart(const struct addrspace *space, size_t from);

/* The needed module of that name, or NULL. */
struct addrspace_needed *addrspace_needed_named(const struct addrspace *space,
						const char *name);

/* Is @va where the module in question or another that is laid out lies? */
bool addrspace_holds(const struct addrspace *space, uint64_t va);

/* Need the @i-th of the needed modules not load? */
bool addrspace_is_optional(const struct addrspace *space, size_t i);

/* addrspace_resolve - where an undefined symbol of the module would be bound to
 * A modimage_resolve_fn; @ctx is the space. What the kernel has but does not export is
 * found, too: refuse.h is about that.
 */
int addrspace_resolve(void *ctx, const char *name, uint64_t *ret);

/* What the loader would bind @name to. NULL: nothing, or a needed module's. */
bool addrspace_is_exported(const struct addrspace *space, const char *name,
			   const struct exported **ret);

/* Which of the needed modules exports @name, or NULL. */
const struct addrspace_needed *addrspace_exporter(const struct addrspace *space,
						  const char *name);

/* addrspace_parameter - what the function that the module would link to as @function
 * promises of parameter @index: the kernel's, a loaded module's or a needed module's
 */
enum types_parameter addrspace_parameter(struct addrspace *space, const char *function,
					 unsigned index);

/* addrspace_rights - what a store to @va would meet, in @phase of the module's life */
void addrspace_rights(struct addrspace *space, uint64_t va, enum module_phase phase,
		      struct addrspace_rights *ret);

/* Mapped, and not writable: what is read there stays. Own constants included. */
bool addrspace_is_sealed(struct addrspace *space, uint64_t va);

/* Sealed memory that is not the module's own. */
bool addrspace_is_foreign_sealed(struct addrspace *space, uint64_t va);

/* addrspace_read_sealed - bytes of sealed memory, which are constants
 * -EFAULT: not all sealed, or unreadable.
 */
int addrspace_read_sealed(struct addrspace *space, uint64_t va, void *buf,
			  size_t size_bytes);

/* What lies at an address, in words. Strings are borrowed. */
struct addrspace_name {
	const char *symbol; /* or NULL */
	const char *module; /* or NULL for the kernel itself */
	uint64_t offset;    /* of the address in the symbol */
	const char *region; /* "module rodata", ".data..ro_after_init", ... */
};
void addrspace_name(struct addrspace *space, uint64_t va, struct addrspace_name *ret);

/* addrspace_symbol_end - where the kernel takes the symbol that covers @va to end
 * It prints sizes by that. false: at no address that is known.
 */
bool addrspace_symbol_end(struct addrspace *space, uint64_t va, uint64_t *ret);

#endif
