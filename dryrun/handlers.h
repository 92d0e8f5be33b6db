/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the model table that do more than return a value. Each stands for a
 * function of the kernel that was just entered in @machine, and leaves it.
 */
#ifndef KWCHECK_DRYRUN_HANDLERS_H
#define KWCHECK_DRYRUN_HANDLERS_H

#include "machine/machine.h"
#include "dryrun/models.h"

void handle_schedule(struct model_run *run, struct machine *machine);
void handle_flush(struct model_run *run, struct machine *machine);
void handle_text_poke(struct model_run *run, struct machine *machine);
void handle_text_poke_by(struct model_run *run, struct machine *machine);
void handle_text_poke_set(struct model_run *run, struct machine *machine);
void handle_key_update(struct model_run *run, struct machine *machine);
void handle_static_call_update(struct model_run *run, struct machine *machine);
void handle_mutex_lock(struct model_run *run, struct machine *machine);
void handle_mutex_unlock(struct model_run *run, struct machine *machine);
void handle_spin_lock(struct model_run *run, struct machine *machine);
void handle_write_lock(struct model_run *run, struct machine *machine);
void handle_down_write(struct model_run *run, struct machine *machine);
void handle_return_first(struct model_run *run, struct machine *machine);
void handle_create_thread(struct model_run *run, struct machine *machine);
void handle_queue_work(struct model_run *run, struct machine *machine);
void handle_flush_work(struct model_run *run, struct machine *machine);
void handle_flush_all(struct model_run *run, struct machine *machine);
void handle_cancel_work(struct model_run *run, struct machine *machine);
void handle_request_module(struct model_run *run, struct machine *machine);
void handle_firmware(struct model_run *run, struct machine *machine);
void handle_register_kprobe(struct model_run *run, struct machine *machine);
void handle_register_kprobes(struct model_run *run, struct machine *machine);
void handle_look_up(struct model_run *run, struct machine *machine);
void handle_panic(struct model_run *run, struct machine *machine);
void handle_call_csd(struct model_run *run, struct machine *machine);

#endif
