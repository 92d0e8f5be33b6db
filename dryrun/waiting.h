/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the kernel by which code waits, or has something done later: done here, as
 * those of handlers.h.
 */
#ifndef KWCHECK_DRYRUN_WAITING_H
#define KWCHECK_DRYRUN_WAITING_H

struct handler_state;
struct machine;

void handle_schedule(struct handler_state *state, struct machine *machine);
void handle_schedule_timeout(struct handler_state *state, struct machine *machine);
void handle_schedule_hrtimeout(struct handler_state *state, struct machine *machine);
void handle_yield(struct handler_state *state, struct machine *machine);
void handle_msleep(struct handler_state *state, struct machine *machine);
void handle_usleep(struct handler_state *state, struct machine *machine);
void handle_udelay(struct handler_state *state, struct machine *machine);
void handle_ndelay(struct handler_state *state, struct machine *machine);
void handle_delay(struct handler_state *state, struct machine *machine);
void handle_const_udelay(struct handler_state *state, struct machine *machine);
void handle_wait(struct handler_state *state, struct machine *machine);
void handle_wait_timeout(struct handler_state *state, struct machine *machine);
void handle_down(struct handler_state *state, struct machine *machine);
void handle_down_timeout(struct handler_state *state, struct machine *machine);
void handle_wait_on_bit(struct handler_state *state, struct machine *machine);
void handle_wait_on_bit_lock(struct handler_state *state, struct machine *machine);
void handle_queue_work(struct handler_state *state, struct machine *machine);
void handle_queue_delayed(struct handler_state *state, struct machine *machine);
void handle_mod_delayed(struct handler_state *state, struct machine *machine);
void handle_flush_work(struct handler_state *state, struct machine *machine);
void handle_flush_all(struct handler_state *state, struct machine *machine);
void handle_cancel_work(struct handler_state *state, struct machine *machine);
void handle_queue_irq_work(struct handler_state *state, struct machine *machine);
void handle_flush_irq_work(struct handler_state *state, struct machine *machine);
void handle_firmware_nowait(struct handler_state *state, struct machine *machine);
void handle_schedule_tasklet(struct handler_state *state, struct machine *machine);
void handle_add_timer(struct handler_state *state, struct machine *machine);
void handle_mod_timer(struct handler_state *state, struct machine *machine);
void handle_mod_timer_pending(struct handler_state *state, struct machine *machine);
void handle_reduce_timer(struct handler_state *state, struct machine *machine);
void handle_delete_timer(struct handler_state *state, struct machine *machine);
void handle_start_hrtimer(struct handler_state *state, struct machine *machine);
void handle_cancel_hrtimer(struct handler_state *state, struct machine *machine);
void handle_call_rcu(struct handler_state *state, struct machine *machine);
void handle_call_srcu(struct handler_state *state, struct machine *machine);
void handle_rcu_barrier(struct handler_state *state, struct machine *machine);
void handle_read_clock(struct handler_state *state, struct machine *machine);

#endif
