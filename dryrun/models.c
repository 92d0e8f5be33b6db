/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which function of the kernel is told by which row of models.def, and what that does. */
#include "dryrun/models.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>

#include "dryrun/calltype.h"
#include "dryrun/handlers.h"
#include "dryrun/thread.h"
#include "dryrun/waiting.h"
#include "kcore/symbols.h"
#include "machine/call.h"

enum model_kind {
	MODEL_RETURN = 0,  /* the value */
	MODEL_ASSUME,	   /* the value, or the other one: both are as likely */
	MODEL_CALL,	   /* the function in one argument with another; then 0 */
	MODEL_CALL_RESULT, /* the same; what it returned */
	MODEL_HANDLE,
};

/* Why a function does not run as it is. */
enum model_reason {
	WHY_CONSOLE = 0,
	WHY_FPU,
	WHY_LATER,
	WHY_LOCK,
	WHY_NAMES,
	WHY_OTHER_CPUS,
	WHY_PANIC,
	WHY_PROBE,
	WHY_RANDOM,
	WHY_RCU,
	WHY_SLEEP,
	WHY_TEXT,
	WHY_THREAD,
	WHY_THUNK,
	WHY_TIMER,
	WHY_TLB,
	WHY_UNWIND,
	WHY_USER_SPACE,
};

static const char *const reasons[] = {
	[WHY_CONSOLE] = "nothing is printed on the kernel's console",
	[WHY_FPU] = "the emulator keeps no FPU state to save",
	[WHY_LATER] = "deferred work runs when it is waited for, or not at all",
	[WHY_LOCK] = "a lock that was held when the memory was read is taken over",
	[WHY_NAMES] = "what is known of the kernel's names is not searched for again",
	[WHY_OTHER_CPUS] = "there is one CPU: it does what the others should",
	[WHY_PANIC] = "the machine stops here",
	[WHY_PROBE] = "the breakpoint is not set; the symbol is looked up",
	[WHY_RANDOM] = "the generator goes on with the seed that it has",
	[WHY_RCU] = "no reader runs meanwhile; callbacks come while somebody waits",
	[WHY_SLEEP] = "time passes in the machine, and others run meanwhile",
	[WHY_TEXT] = "the kernel patches its code through a mapping of its own",
	[WHY_THREAD] = "a thread is created, and runs while somebody waits",
	[WHY_THUNK] = "a thunk that is not patched away leads to the same place",
	[WHY_TIMER] = "a timer expires while somebody waits, or not at all",
	[WHY_TLB] = "the emulator's idea of the page tables is refreshed",
	[WHY_UNWIND] = "nobody unwinds the stack: the table stays unsorted",
	[WHY_USER_SPACE] = "user space is not asked, but for modprobe",
};

struct model {
	const char *name;
	enum model_reason reason;
	enum model_kind kind;
	uint8_t function, data; /* MODEL_CALL: arguments' numbers */
	const char *like;	/* a function of that one's type: dryrun/calltype.h */
	int64_t value, other;
	void (*handle)(struct handler_state *state, struct machine *machine);
};

static const struct model table[] = {
#define RETURN(v) .kind = MODEL_RETURN, .value = (v)
#define ASSUME(a, b) .kind = MODEL_ASSUME, .value = (a), .other = (b)
#define CALL(f, d) .kind = MODEL_CALL, .function = (f), .data = (d), .like = CALLTYPE_VOID
#define CALL_INT(f, d) \
	.kind = MODEL_CALL_RESULT, .function = (f), .data = (d), .like = CALLTYPE_INT
#define CALL_LONG(f, d) \
	.kind = MODEL_CALL_RESULT, .function = (f), .data = (d), .like = CALLTYPE_LONG
#define HANDLE(f) .kind = MODEL_HANDLE, .handle = handle_##f
#define MODEL(why, symbol, does) {.name = #symbol, .reason = WHY_##why, does},
#include "dryrun/models.def"
#undef MODEL
};

/* Compilers make copies of a function, and add this to the name. */
enum { NR_SUFFIXES = 3 };
static const char *const names[] = {
#define MODEL(why, symbol, does) #symbol, #symbol ".isra.0", #symbol ".constprop.0",
#include "dryrun/models.def"
#undef MODEL
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };
_Static_assert((int)NR_NAMES <= (int)MODELS_MAX, "struct models has no room");

bool models_row(size_t id, const char **name, const char **reason)
{
	if (id >= NR_NAMES)
		return false;
	*name = names[id];
	*reason = reasons[table[id / NR_SUFFIXES].reason];
	return true;
}

void models_find(struct models *ret, struct kernel *kernel)
{
	ret->nr = NR_NAMES;
	symbols_addresses(&kernel->symbols, ret->nr, names, ret->addresses);
}

static void call(const struct model *model, struct machine *machine)
{
	uint64_t function = machine_argument(machine, model->function);
	uint64_t data = machine_argument(machine, model->data);
	struct machine_result result;

	if (!calltype_check(machine, function, model->like, model->name))
		return;
	machine_call(machine, function, 1, &data, &result);
	if (result.end == MACHINE_RETURNED)
		machine_leave(machine,
			      model->kind == MODEL_CALL_RESULT ? result.value : 0);
}

void models_enter(unsigned id, struct handler_state *state, struct machine *machine)
{
	const struct model *model = &table[id / NR_SUFFIXES];

	switch (model->kind) {
	case MODEL_RETURN:
		machine_leave(machine, (uint64_t)model->value);
		return;
	case MODEL_ASSUME:
		machine_leave(machine, machine_invent(machine, (uint64_t)model->value,
						      (uint64_t)model->other));
		return;
	case MODEL_CALL:
	case MODEL_CALL_RESULT:
		call(model, machine);
		return;
	case MODEL_HANDLE:
		model->handle(state, machine);
		return;
	}
}

#else

void models_find(struct models *ret, struct kernel *kernel)
{
	(void)kernel;
	ret->nr = 0;
}

#endif
