/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel that are done here, where a value to return is not enough. Each
 * handler stands for a function that was just entered in @machine, and leaves it.
 */
#ifndef KWCHECK_DRYRUN_HANDLERS_H
#define KWCHECK_DRYRUN_HANDLERS_H

#include "dryrun/deferred.h"
#include "dryrun/request.h"
#include "machine/cpu.h"

/* What the handlers keep in one run. */
struct handler_state {
	uint64_t module_va, module_bytes; /* what the run is about, with those it needs */
	struct deferred deferred;
	size_t nr_waits;
	const char *assumed; /* the function whose outcome was made up, or NULL */
	/* request_module(), of a modprobe that there is. What comes of that hangs on
	 * threads and tests of the kernel's that the machine may run in another order: a
	 * failure behind it is not told.
	 */
	bool asked_for_module;
	struct requests *requests;   /* NULL: modprobe cannot be asked */
	const struct loader *loader; /* NULL: no module is loaded here */
	/* Called when a static key was changed, to patch the module's own branches. */
	void (*key_changed)(void *ctx, struct machine *machine, uint64_t key);
	void *ctx;
};

void handle_flush(struct handler_state *state, struct machine *machine);
void handle_text_poke(struct handler_state *state, struct machine *machine);
void handle_text_poke_by(struct handler_state *state, struct machine *machine);
void handle_text_poke_set(struct handler_state *state, struct machine *machine);
void handle_key_update(struct handler_state *state, struct machine *machine);
void handle_static_call_update(struct handler_state *state, struct machine *machine);
void handle_mutex_lock(struct handler_state *state, struct machine *machine);
void handle_mutex_unlock(struct handler_state *state, struct machine *machine);
void handle_spin_lock(struct handler_state *state, struct machine *machine);
void handle_write_lock(struct handler_state *state, struct machine *machine);
void handle_down_write(struct handler_state *state, struct machine *machine);
void handle_return_first(struct handler_state *state, struct machine *machine);
void handle_run_helper(struct handler_state *state, struct machine *machine);
void handle_request_module(struct handler_state *state, struct machine *machine);
void handle_firmware(struct handler_state *state, struct machine *machine);
void handle_register_kprobe(struct handler_state *state, struct machine *machine);
void handle_register_kprobes(struct handler_state *state, struct machine *machine);
void handle_look_up(struct handler_state *state, struct machine *machine);
void handle_panic(struct handler_state *state, struct machine *machine);
void handle_call_csd(struct handler_state *state, struct machine *machine);

#endif
