/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the model table that do more than return a value. Each stands for a
 * function of the kernel that was just entered in @machine, and leaves it.
 */
#ifndef KWCHECK_DRYRUN_HANDLERS_H
#define KWCHECK_DRYRUN_HANDLERS_H

#include "machine/machine.h"
#include "dryrun/models.h"

void special_schedule(struct model_run *run, struct machine *machine);
void special_flush(struct model_run *run, struct machine *machine);
void special_text_poke(struct model_run *run, struct machine *machine);
void special_text_poke_by(struct model_run *run, struct machine *machine);
void special_text_poke_set(struct model_run *run, struct machine *machine);
void special_key_update(struct model_run *run, struct machine *machine);
void special_static_call_update(struct model_run *run, struct machine *machine);
void special_mutex_lock(struct model_run *run, struct machine *machine);
void special_mutex_unlock(struct model_run *run, struct machine *machine);
void special_spin_lock(struct model_run *run, struct machine *machine);
void special_write_lock(struct model_run *run, struct machine *machine);
void special_down_write(struct model_run *run, struct machine *machine);
void special_return_first(struct model_run *run, struct machine *machine);
void special_create_thread(struct model_run *run, struct machine *machine);
void special_queue_work(struct model_run *run, struct machine *machine);
void special_flush_work(struct model_run *run, struct machine *machine);
void special_flush_all(struct model_run *run, struct machine *machine);
void special_cancel_work(struct model_run *run, struct machine *machine);
void special_request_module(struct model_run *run, struct machine *machine);
void special_firmware(struct model_run *run, struct machine *machine);
void special_register_kprobe(struct model_run *run, struct machine *machine);
void special_register_kprobes(struct model_run *run, struct machine *machine);
void special_look_up(struct model_run *run, struct machine *machine);
void special_panic(struct model_run *run, struct machine *machine);
void special_call_csd(struct model_run *run, struct machine *machine);

#endif
