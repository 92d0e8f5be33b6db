/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The task that a module is loaded by, and what its CPU must look like meanwhile. */
#ifndef KWCHECK_DRYRUN_TASK_H
#define KWCHECK_DRYRUN_TASK_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* task_enter - the machine runs as process 1, with preemption on
 * Its stack is used, and "current" is it. CPUs' hotplug callbacks need no other thread.
 * @return_marker: as machine_set_stack() takes it. false: no such task is to be found.
 */
bool task_enter(struct machine *machine, uint64_t return_marker);

/* The address of the current task's struct; 0: not known. */
uint64_t task_current(struct machine *machine);
void task_set_current(struct machine *machine, uint64_t task);

/* Is its state that of a task that wants to run? task_set_running: it was woken. */
bool task_is_running(struct machine *machine, uint64_t task);
void task_set_running(struct machine *machine, uint64_t task);

#endif
