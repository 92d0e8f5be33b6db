/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel threads that a module starts: made, woken and ended here, as handlers.h has it.
 */
#ifndef KWCHECK_DRYRUN_THREAD_H
#define KWCHECK_DRYRUN_THREAD_H

struct handler_state;
struct machine;

void handle_create_thread(struct handler_state *state, struct machine *machine);
void handle_create_thread_on(struct handler_state *state, struct machine *machine);
void handle_bind_thread(struct handler_state *state, struct machine *machine);
void handle_wake(struct handler_state *state, struct machine *machine);
void handle_exit_thread(struct handler_state *state, struct machine *machine);
void handle_stop_thread(struct handler_state *state, struct machine *machine);

#endif
