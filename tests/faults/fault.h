/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor and the preloaded object share. */
#ifndef KWCHECK_TESTS_FAULT_H
#define KWCHECK_TESTS_FAULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Environment variable: the number of the open file that holds the board. */
#define FAULT_BOARD "KWCHECK_FAULT_BOARD"

struct fault_board {
	_Atomic uint64_t nr_calls;
	_Atomic uint64_t nth_alloc; /* 0: none fails */
	_Atomic unsigned nr_files;  /* open at the end */
	_Atomic int listener;	    /* the child's number of it; -1: not there yet */
	_Atomic bool is_heard, has_failed;
	_Atomic bool is_started;   /* the command's libraries are loaded */
	_Atomic bool counts_alloc; /* not the system's calls */
};

#endif
