/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dryrun/handlers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dryrun/loader.h"
#include "dryrun/reason.h"
#include "modelled.h"

#define COUNT_CODE BOARD_CODE		 /* counts up at (%rdi), returns 5 */
#define UNLOCK_CODE (BOARD_CODE + 0x100) /* mutex_unlock(%rdi) and returns */
#define SET_CODE (BOARD_CODE + 0x200)	 /* text_poke_memset() */

#define COUNT MODELLED_DATA
#define FROM (MODELLED_DATA + 0x10)
#define LOCK (MODELLED_DATA + 0x20)
#define PROBE (MODELLED_DATA + 0x40)
#define PROBES (MODELLED_DATA + 0x80)
#define NAME (MODELLED_DATA + 0x100)
#define INFO (MODELLED_DATA + 0x180) /* struct subprocess_info */
#define ARGV (MODELLED_DATA + 0x1a0)
#define WORDS (MODELLED_DATA + 0x200)
#define CSD (MODELLED_DATA + 0x280)
#define THREAD (MODELLED_DATA + 0x300)
#define OWN_CODE (SMALL_MODULE + 0x40) /* of the module that is tried */
#define SEALED (SMALL_SEALED + 0x100)
#define LSM_KEY (MODELLED_DATA + 0x380)
#define STACKS (FAKE_DIRECT_MAP + 0x134000)

#define SYMBOLS                                 \
	"ffffffff81001200 T text_poke_memset\n" \
	"ffffffff81300100 D sealed\n"           \
	"ffffffff81403380 D __SCK__lsm_static_call_file_open_0\n"

static struct modelled m;

static const struct board_type types[] = {
	{"kprobe", 64, {{"addr", 0}, {"symbol_name", 8}, {"offset", 16}}},
	{"subprocess_info", 64, {{"argv", 8}}},
	{"__call_single_data", 64, {{"func", 16}, {"info", 24}}},
	{"task_struct", 64, {{"__state", 24}}},
};

static void fill(void)
{
	/* incq (%rdi); mov $5,%eax; ret */
	small_put_bytes(COUNT_CODE, "\x48\xff\x07\xb8\x05\x00\x00\x00\xc3", 9);
	small_put_branch(UNLOCK_CODE, 0xe9, modelled_address("__mutex_unlock_slowpath"));
	small_put(FROM, 0x8877665544332211);
	small_put_bytes(NAME, "sealed", 7);
	small_put(INFO + 8, ARGV);
	for (uint64_t i = 0; i < 4; i++)
		small_put(ARGV + 8 * i, WORDS + 16 * i);
	small_put_bytes(WORDS, "/sbin/modprobe", 15);
	small_put_bytes(WORDS + 16, "-q", 3);
	small_put_bytes(WORDS + 32, "--", 3);
	small_put_bytes(WORDS + 48, "dummy", 6);
	small_put(CSD + 16, COUNT_CODE);
	small_put(CSD + 24, COUNT);
}

static void setup(void)
{
	modelled_open(&m, SYMBOLS, types, sizeof(types) / sizeof(types[0]), fill);
}

static void teardown(void)
{
	modelled_close(&m);
}

TestSuite(dryrun_handlers, .init = setup, .fini = teardown);

static uint64_t call(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return modelled_call(&m, name, a, b, c, d);
}

static uint64_t at(uint64_t va)
{
	return board_read(&m.board, va);
}

/* What calls from outside return to is the module's code, as it were. */
static void call_from_module(void)
{
	m.state.module_va = SMALL_MODULE;
	m.state.module_bytes = BOARD_MARKER + 1 - SMALL_MODULE;
}

static void expect_bypass(uint64_t address, unsigned size_bytes, const char *means)
{
	const struct machine_run *run = &m.board.machine.run;

	cr_assert_eq(run->nr_bypasses, 1);
	cr_expect_eq(run->bypasses[0].address, address);
	cr_expect_eq(run->bypasses[0].size_bytes, size_bytes);
	cr_expect_str_eq(run->bypasses[0].means, means);
}

/* The kernel patches itself all the time; a module that does gets around its seals. */
Test(dryrun_handlers, text_poke_writes_to_what_is_sealed)
{
	cr_expect_eq(call("text_poke", SEALED, FROM, 4, 0), SEALED);
	cr_expect_eq(at(SEALED), 0x44332211);
	cr_expect_eq(m.board.machine.run.nr_bypasses, 0, "the kernel's own");
	call_from_module();
	call("text_poke", OWN_CODE, FROM, 8, 0);
	cr_expect_eq(at(OWN_CODE), 0x8877665544332211);
	cr_expect_eq(m.board.machine.run.nr_bypasses, 0, "the module's own code");
	call("text_poke", SEALED, FROM, 8, 0);
	expect_bypass(SEALED, 8, "text_poke");
}

Test(dryrun_handlers, text_poke_has_more_than_one_form)
{
	call_from_module();
	call("__text_poke", SEALED, FROM, 2, 0); /* before 5.19 */
	cr_expect_eq(at(SEALED), 0x2211);
	call("__text_poke", COUNT_CODE, SEALED, FROM, 4); /* text_poke_memcpy() */
	cr_expect_eq(at(SEALED), 0x44332211);
	call("__text_poke", SET_CODE, SEALED, FROM, 3);
	cr_expect_eq(at(SEALED), 0x44111111);
	call("text_poke_set", SEALED, 0xcc, 2, 0);
	cr_expect_eq(at(SEALED), 0x4411cccc);
	cr_expect_eq(m.board.machine.run.nr_bypasses, 4);
	cr_expect_str_eq(m.board.machine.run.bypasses[3].means, "text_poke_set");
}

/* Of a program of BPF that has more than a page no byte was copied, and its int3 ran. */
Test(dryrun_handlers, text_poke_copies_all_of_it)
{
	static const uint64_t SIZE = 0x1808, BYTES = 0x8877665544332211;
	uint64_t from = BOARD_FREE, to = BOARD_FREE + 0x4000;

	machine_write(&m.board.machine, from + SIZE - 8, &BYTES, sizeof(BYTES));
	call("text_poke", to, from, SIZE, 0);
	cr_expect_eq(at(to + SIZE - 8), BYTES);
	call("text_poke_set", to, 0xcc, 0x12008, 0);
	cr_expect_eq(at(to + 0x12000), 0xcccccccccccccccc);
	call("text_poke", to, from, 1 << 25, 0);
	modelled_expect_end(
		&m, MACHINE_UNSUPPORTED,
		"the code at 0xffff888000144000 is patched with 33554432 bytes");
}

Test(dryrun_handlers, what_cannot_be_patched_ends_the_run)
{
	call("text_poke", 0xffffffffc0800000, FROM, 8, 0);
	modelled_expect_end(&m, MACHINE_UNREADABLE,
			    "the code at 0xffffffffc0800000 cannot be patched");
}

Test(dryrun_handlers, a_security_hooks_static_call_is_sealed)
{
	call("__static_call_update", LSM_KEY, 0, COUNT_CODE, 0);
	cr_expect_eq(m.board.machine.run.nr_bypasses, 0);
	call_from_module();
	call("__static_call_update", FROM, 0, COUNT_CODE, 0);
	cr_expect_eq(m.board.machine.run.nr_bypasses, 0, "another key");
	cr_expect_eq(call("__static_call_update", LSM_KEY, 0, COUNT_CODE, 0),
		     MODELLED_OWN);
	expect_bypass(LSM_KEY, 8, "__static_call_update");
}

static void note_key(void *ctx, struct machine *machine, uint64_t key)
{
	(void)machine;
	*(uint64_t *)ctx = key;
}

Test(dryrun_handlers, a_static_key_is_told)
{
	uint64_t key = 0;

	cr_expect_eq(call("jump_label_update", COUNT, 0, 0, 0), MODELLED_OWN);
	m.state.key_changed = note_key;
	m.state.ctx = &key;
	cr_expect_eq(call("jump_label_update", COUNT, 0, 0, 0), MODELLED_OWN);
	cr_expect_eq(key, COUNT);
}

Test(dryrun_handlers, locks_are_taken_over)
{
	modelled_put(&m, LOCK, 0xffff888000123450);
	call("__mutex_lock_slowpath", LOCK, 0, 0, 0);
	cr_expect_eq(at(LOCK), MODELLED_TASK);
	call("__mutex_unlock_slowpath", LOCK, 0, 0, 0);
	cr_expect_eq(at(LOCK), 0);
	call("native_queued_spin_lock_slowpath", LOCK, 0, 0, 0);
	cr_expect_eq(at(LOCK), 1);
	call("queued_write_lock_slowpath", LOCK, 0, 0, 0);
	cr_expect_eq(at(LOCK), 0xff);
	cr_expect_eq(call("rwsem_down_write_slowpath", LOCK, 0, 0, 0), LOCK);
	cr_expect_eq(at(LOCK), 1);
	cr_expect_eq(call("rwsem_down_read_slowpath", LOCK, 0, 0, 0), LOCK);
	cr_expect_eq(at(LOCK), 1, "the reader's count is up already");
	cr_expect_eq(call("__percpu_down_read", LOCK, 1, 0, 0), 1);
	cr_expect_not(m.board.machine.run.has_ended);
}

/* A thread that holds it, and sleeps, goes on and gives it back. */
Test(dryrun_handlers, a_threads_mutex_is_waited_for)
{
	deferred_add_thread(&m.state.deferred, THREAD, UNLOCK_CODE, LOCK,
			    STACKS + 0x2000);
	deferred_wake(&m.state.deferred, THREAD);
	modelled_put(&m, LOCK, THREAD | 1);
	call("__mutex_lock_slowpath", LOCK, 0, 0, 0);
	cr_expect(deferred_thread(&m.state.deferred, THREAD)->has_ended);
	cr_expect_eq(at(LOCK), MODELLED_TASK);
}

Test(dryrun_handlers, a_probe_is_looked_up_and_not_set)
{
	static const uint64_t address = SEALED;

	cr_expect_eq(call("register_kprobe", PROBE, 0, 0, 0), (uint64_t)-EINVAL,
		     "neither a name nor an address");
	modelled_put(&m, PROBE + 8, NAME);
	modelled_put_int(&m, PROBE + 16, 4);
	cr_expect_eq(call("register_kprobe", PROBE, 0, 0, 0), 0);
	cr_expect_eq(at(PROBE), address + 4);
	cr_expect_eq(call("register_kprobe", PROBE, 0, 0, 0), (uint64_t)-EINVAL,
		     "a name and an address");
	modelled_put(&m, PROBE, 0);
	modelled_put(&m, NAME, 0x796c6e6f656275); /* another name */
	cr_expect_eq(call("register_kretprobe", PROBE, 0, 0, 0), (uint64_t)-ENOENT);
	modelled_put(&m, PROBE, address);
	modelled_put(&m, PROBE + 8, 0);
	cr_expect_eq(call("register_kretprobe", PROBE, 0, 0, 0), 0);
	cr_expect_eq(at(PROBE), address + 4);
	cr_expect_eq(at(SEALED), 0, "the code is as it was");
}

Test(dryrun_handlers, many_probes_end_at_the_first_that_fails)
{
	modelled_put(&m, PROBES, PROBE);
	modelled_put(&m, PROBES + 8, PROBE + 0x18); /* has nothing */
	modelled_put(&m, PROBE + 8, NAME);
	cr_expect_eq(call("register_kprobes", PROBES, 0, 0, 0), (uint64_t)-EINVAL);
	cr_expect_eq(call("register_kprobes", PROBES, 1, 0, 0), 0);
	cr_expect_eq(at(PROBE), SEALED);
	modelled_put(&m, PROBE, 0);
	cr_expect_eq(call("register_kretprobes", PROBES, 2, 0, 0), (uint64_t)-EINVAL);
	cr_expect_eq(at(PROBE), SEALED, "the first was found");
}

Test(dryrun_handlers, a_probe_that_is_nowhere)
{
	call("register_kprobe", BOARD_NOTHING, 0, 0, 0);
	modelled_expect_end(&m, DRYRUN_INVENTED, "a kprobe that cannot be read");
}

/* Of a module that was loaded here. */
Test(dryrun_handlers, names_of_modules_are_known)
{
	static struct kofile_symbol symbols[] = {
		{.name = "buoyl", .section = SHN_UNDEF},
		{.name = "buoyl", .section = 1, .value = 0x10},
	};
	static struct kofile file = {.module_name = (char *)"mine",
				     .symbols = symbols,
				     .nr_symbols = 2,
				     .nr_sections = 2};
	static struct modimage_section sections[] = {
		{.kind = MODSECTION_NONE},
		{.kind = MODSECTION_TEXT, .va = SMALL_MODULE},
	};
	static struct loaded loaded = {.mod = {.file = &file, .sections = sections},
				       .module = SMALL_MODULE + 0x800};
	static const struct loader loader = {.loaded = &loaded, .nr = 1};

	m.state.loader = &loader;
	modelled_put(&m, NAME, 0x6c796f7562); /* buoyl */
	cr_expect_eq(call("kallsyms_lookup_name", NAME, 0, 0, 0), SMALL_MODULE + 0x10);
	modelled_put(&m, PROBE + 8, NAME);
	modelled_put_int(&m, PROBE + 16, 4);
	cr_expect_eq(call("register_kprobe", PROBE, 0, 0, 0), 0);
	cr_expect_eq(at(PROBE), SMALL_MODULE + 0x14);
	modelled_put(&m, NAME, 0x6f75623a656e696d); /* mine:buo */
	modelled_put(&m, NAME + 8, 0x6c79);	    /* yl */
	cr_expect_eq(call("kallsyms_lookup_name", NAME, 0, 0, 0), SMALL_MODULE + 0x10);
	modelled_put(&m, NAME, 0x6f75623a656e696b); /* kine:buo */
	cr_expect_eq(call("kallsyms_lookup_name", NAME, 0, 0, 0), 0);
	/* It was dropped. */
	loaded.module = 0;
	modelled_put(&m, NAME, 0x6c796f7562);
	modelled_put(&m, NAME + 8, 0);
	cr_expect_eq(call("kallsyms_lookup_name", NAME, 0, 0, 0), 0);
}

Test(dryrun_handlers, names_are_known)
{
	cr_expect_eq(call("kallsyms_lookup_name", NAME, 0, 0, 0), SEALED);
	modelled_put(&m, NAME, 0x796c6e6f656275);
	cr_expect_eq(call("kallsyms_lookup_name", NAME, 0, 0, 0), 0);
	cr_expect_not(m.board.machine.run.has_ended);
	call("kallsyms_lookup_name", BOARD_NOTHING, 0, 0, 0);
	modelled_expect_end(&m, DRYRUN_INVENTED,
			    "a name that cannot be read is looked up");
}

Test(dryrun_handlers, the_machine_stops_at_a_panic)
{
	call("panic", NAME, 0, 0, 0);
	modelled_expect_end(&m, MACHINE_TRAP, "panic()");
}

/* There is one CPU: it does what another one should. */
Test(dryrun_handlers, calls_on_other_cpus)
{
	call("smp_call_function_single_async", 1, CSD, 0, 0);
	cr_expect_eq(at(COUNT), 1);
	cr_expect_eq(call("smp_call_function_single", 1, COUNT_CODE, COUNT, 1), 0);
	cr_expect_eq(at(COUNT), 2);
	cr_expect_eq(call("on_each_cpu", COUNT_CODE, COUNT, 1, 0), 0);
	cr_expect_eq(at(COUNT), 3);
	cr_expect_eq(call("stop_machine", COUNT_CODE, COUNT, 0, 0), 5);
	cr_expect_eq(at(COUNT), 4);
	call("smp_call_function_single_async", 1, BOARD_NOTHING, 0, 0);
	modelled_expect_end(&m, DRYRUN_INVENTED, "a call on another CPU");
}

Test(dryrun_handlers, there_is_no_firmware)
{
	modelled_put(&m, COUNT, 1);
	cr_expect_eq(call("request_firmware", COUNT, NAME, 0, 0), (uint64_t)-ENOENT);
	cr_expect_eq(at(COUNT), 0);
	cr_expect_str_eq(m.state.assumed, "request_firmware");
}

Test(dryrun_handlers, modprobe_that_cannot_be_asked)
{
	cr_expect_eq(call("__request_module", 1, NAME, 0, 0), 0);
	cr_expect_eq(m.board.machine.run.nr_invented, 1);
	m.board.machine.variant = 1;
	cr_expect_eq(call("__request_module", 1, NAME, 0, 0), (uint64_t)-ENOENT);
	cr_expect(m.state.asked_for_module);
	cr_expect_eq(call("call_usermodehelper_exec", INFO, 2, 0, 0), 0);
}

static char asked[REQUEST_NAME_BYTES];

/* A name that no module has. */
static const struct request_plan *find_plan(void *ctx, const char *name)
{
	static const struct request_plan none;

	(void)ctx;
	strcpy(asked, name);
	return &none;
}

static void put_modprobe(struct requests *requests,
			 const struct request_modprobe *modprobe)
{
	*requests = (struct requests){.modprobe = modprobe};
	m.state.requests = requests;
}

Test(dryrun_handlers, modprobe_is_asked)
{
	static const struct request_modprobe modprobe = {.plan = find_plan};
	struct requests requests;

	put_modprobe(&requests, &modprobe);
	cr_expect_eq(call("__request_module", 1, NAME, 0, 0), MODELLED_OWN,
		     "it comes to where modprobe is run");
	cr_expect_not(m.state.asked_for_module);
	cr_expect_eq(call("call_usermodehelper_exec", INFO, 2, 0, 0), 256,
		     "exit status 1");
	cr_expect_str_eq(asked, "dummy");
	cr_expect(m.state.asked_for_module);
	requests_close(&requests);
}

Test(dryrun_handlers, other_programs_are_not_run)
{
	static const struct request_modprobe modprobe = {.plan = find_plan};
	struct requests requests;

	put_modprobe(&requests, &modprobe);
	modelled_put(&m, WORDS + 32, 0); /* no "--" */
	cr_expect_eq(call("call_usermodehelper_exec", INFO, 2, 0, 0), 0);
	cr_expect_str_eq(asked, "");
	cr_expect_not(m.state.asked_for_module);
	requests_close(&requests);
}

Test(dryrun_handlers, where_there_is_no_modprobe)
{
	static const struct request_modprobe modprobe = {.plan = find_plan,
							 .is_missing = true};
	struct requests requests;

	put_modprobe(&requests, &modprobe);
	cr_expect_eq((int)call("call_usermodehelper_exec", INFO, 2, 0, 0), -ENOENT);
	cr_expect_not(m.state.asked_for_module, "it is certain");
	requests_close(&requests);
}

Test(dryrun_handlers, page_tables_are_looked_at_anew)
{
	cr_expect_eq(call("flush_tlb_all", 0, 0, 0, 0), 0);
	cr_expect_not(m.board.machine.run.has_ended);
}
