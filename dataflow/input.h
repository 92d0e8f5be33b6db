/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is analysed: a module's code, and what is known beside it. */
#ifndef KWCHECK_DATAFLOW_INPUT_H
#define KWCHECK_DATAFLOW_INPUT_H

#include "insn/code.h"
#include "kcore/landmarks.h"
#include "module/addrspace.h"
#include "module/parameters.h"

/* All of it is borrowed. */
struct input {
	struct addrspace *space;	   /* with the module in it */
	const struct modimage *mod;	   /* the module */
	const struct landmarks *landmarks; /* of the kernel */
	const struct code *code;
	const struct parameters *parameters; /* with the values that this load gives */
};

#endif
