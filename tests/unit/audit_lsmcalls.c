/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit of static calls: one hook with two slots, the first one alpha's; no BTF. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000100 t alpha_file_open\n"
			       "ffffffff81000180 t other_function\n"
			       "ffffffff81000200 T security_file_open\n"
			       "ffffffff81000300 T __SCT__lsm_static_call_file_open_0\n"
			       "ffffffff81000308 T __SCT__lsm_static_call_file_open_1\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81200100 D __start_static_call_sites\n"
			       "ffffffff81200110 D __stop_static_call_sites\n"
			       "ffffffff81200200 D __start___jump_table\n"
			       "ffffffff81200220 D __stop___jump_table\n"
			       "ffffffff81300000 D __start_ro_after_init\n"
			       "ffffffff81300000 d static_calls_table\n"
			       "ffffffff81300040 d alpha_hooks\n"
			       "ffffffff81300058 d after_alpha_hooks\n"
			       "ffffffff81300080 D x86_return_thunk\n"
			       "ffffffff81302000 D __end_ro_after_init\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400020 D __SCK__lsm_static_call_file_open_0\n"
			       "ffffffff81400030 D __SCK__lsm_static_call_file_open_1\n"
			       "ffffffff81400100 D security_hook_active_file_open_0\n"
			       "ffffffff81400110 D security_hook_active_file_open_1\n"
			       "ffffffff81400200 D init_mm\n"
			       "ffffffff81404000 D _edata\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000800 t evil_file_open\t[evil]\n";

enum {
	TABLE = 0,
	ALPHA = 0x40,
};

static const uint64_t ALPHA_FUNCTION = SMALL_TEXT + 0x100, WRAPPER = SMALL_TEXT + 0x200,
		      TRAMPOLINES = SMALL_TEXT + 0x300, SITES = SMALL_RODATA + 0x100,
		      LABELS = SMALL_RODATA + 0x200, KEYS = SMALL_DATA + 0x20,
		      ACTIVES = SMALL_DATA + 0x100, EVIL = SMALL_MODULE + 0x800;

static const unsigned char NOP[] = {0x0f, 0x1f, 0x44, 0x00, 0x00},
			   RETURN[] = {0xc3, 0xcc, 0xcc, 0xcc, 0xcc},
			   ZERO[] = {0x2e, 0x2e, 0x2e, 0x31, 0xc0};

/* What goes wrong with the sound kernel. */
static void (*damage)(void);

/* Where slot @i is called, and where its jump label lies. */
static uint64_t site_of(uint64_t i)
{
	return WRAPPER + 0x10 + 0x20 * i;
}

static uint64_t label_of(uint64_t i)
{
	return WRAPPER + 0x18 + 0x20 * i;
}

static void put_i32(uint64_t va, uint64_t target)
{
	int32_t relative = (int32_t)(target - va);

	small_put_bytes(va, &relative, sizeof(relative));
}

/* Offsets in a slot, and in struct security_hook_list. */
static struct {
	unsigned key, trampoline, element, active;
} at_slot = {0, 8, 16, 24};
static struct {
	unsigned scalls, hook, owner;
} at_element = {0, 8, 16};

static void put_slot(uint64_t i)
{
	small_put(SMALL_SEALED + 32 * i + at_slot.key, KEYS + 16 * i);
	small_put(SMALL_SEALED + 32 * i + at_slot.trampoline, TRAMPOLINES + 8 * i);
	small_put(SMALL_SEALED + 32 * i + at_slot.active, ACTIVES + 16 * i);
	put_i32(SITES + 8 * i, site_of(i));
	put_i32(SITES + 8 * i + 4, KEYS + 16 * i);
	put_i32(LABELS + 16 * i, label_of(i));
	put_i32(LABELS + 16 * i + 4, WRAPPER + 0x80);
	small_put(LABELS + 16 * i + 8, ACTIVES + 16 * i - (LABELS + 16 * i + 8));
}

static void fill(void)
{
	put_slot(0);
	put_slot(1);
	/* Slot 0: security_hook_list {scalls, hook, lsmid}, lsm_id {name, id}. */
	small_put(SMALL_SEALED + at_slot.element, SMALL_SEALED + ALPHA);
	small_put(SMALL_SEALED + ALPHA + at_element.scalls, SMALL_SEALED + TABLE);
	small_put(SMALL_SEALED + ALPHA + at_element.hook, ALPHA_FUNCTION);
	small_put(SMALL_SEALED + ALPHA + at_element.owner, SMALL_RODATA);
	small_put(SMALL_RODATA, SMALL_RODATA + 16);
	small_put_bytes(SMALL_RODATA + 16, "alpha", 6);
	small_put(KEYS, ALPHA_FUNCTION);
	small_put(ACTIVES, 1);
	small_put_branch(TRAMPOLINES, 0xe9, ALPHA_FUNCTION);
	small_put_branch(site_of(0), 0xe8, ALPHA_FUNCTION);
	small_put_branch(label_of(0), 0xe9, WRAPPER + 0x80);
	/* Slot 1 is empty. */
	small_put_bytes(TRAMPOLINES + 8, RETURN, sizeof(RETURN));
	small_put_bytes(site_of(1), NOP, sizeof(NOP));
	small_put_bytes(label_of(1), NOP, sizeof(NOP));
	small_put_bytes(ALPHA_FUNCTION, NOP, sizeof(NOP));
	small_put_bytes(WRAPPER, NOP, sizeof(NOP));
	if (damage)
		damage();
}

static void audit_with(void (*damage_it)(void), struct small *small)
{
	damage = damage_it;
	small_open(small, kallsyms, fill, NULL);
	small_audit(small, 1u << AUDIT_LSM, NULL);
}

static void expect_one(void (*damage_it)(void), enum audit_kind kind, const char *words)
{
	struct small small;

	audit_with(damage_it, &small);
	small_expect_one(&small, kind, words);
	cr_expect_eq(audit_status(&small.audit), 1);
	small_close(&small);
}

Test(audit_lsmcalls, a_sound_table)
{
	const struct audit_row *alpha;
	struct small small;

	audit_with(NULL, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(audit_status(&small.audit), 0);
	alpha = small_row(&small, "alpha");
	cr_expect_eq(alpha->nr_hooks, 1);
	cr_expect_eq(alpha->address, SMALL_SEALED + ALPHA);
	cr_expect_str_eq(alpha->symbol, "alpha_hooks");
	cr_expect_str_eq(small_row(&small, "hook static calls")->detail,
			 "1 of 2 slots in use");
	cr_expect_str_eq(small_row(&small, "patched hook calls")->detail,
			 "2 calls and 2 switches compared");
	cr_assert_eq(small.audit.nr_slots, 1);
	cr_expect_str_eq(small.audit.slots[0].hook, "file_open");
	small_close(&small);
}

/* Layout randomisation: names and invariants tell the order of the members. */
Test(audit_lsmcalls, a_shuffled_table)
{
	static const unsigned slots[][4] = {
		{8, 0, 24, 16}, {0, 24, 8, 16}, {24, 16, 0, 8}};
	static const unsigned elements[][3] = {{16, 0, 8}, {8, 16, 0}, {0, 16, 8}};
	struct small small;

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		memcpy(&at_slot, slots[i], sizeof(at_slot));
		memcpy(&at_element, elements[i], sizeof(at_element));
		audit_with(NULL, &small);
		small_expect(&small, 0, NULL);
		cr_expect_eq(audit_status(&small.audit), 0, "order %zu", i);
		cr_expect_eq(small_row(&small, "alpha")->nr_hooks, 1);
		small_close(&small);
	}
}

/* An element that has a member more than is known: one unknown for all. */
Test(audit_lsmcalls, elements_of_another_kind)
{
	struct small small;
	size_t nr_unknown = 0;

	memcpy(&at_element, (const unsigned[]){0, 24, 32}, sizeof(at_element));
	audit_with(NULL, &small);
	small_expect(&small, 0, NULL);
	for (size_t i = 0; i < small.audit.nr_rows; i++)
		nr_unknown += small.audit.rows[i].verdict == AUDIT_UNKNOWN;
	cr_expect_eq(nr_unknown, 1);
	cr_expect_eq(audit_status(&small.audit), 2);
	small_close(&small);
}

/* As CPUs with SRSO or ITS return. */
static void return_by_thunk(void)
{
	small_put(SMALL_SEALED + 0x80, SMALL_TEXT + 0x180);
	small_put_branch(TRAMPOLINES + 8, 0xe9, SMALL_TEXT + 0x180);
}

static void return_by_another(void)
{
	return_by_thunk();
	small_put(SMALL_SEALED + 0x80, SMALL_TEXT + 0x190);
}

/* As __static_call_update() and static_key_enable() leave an empty slot. */
static void install(void)
{
	small_put(KEYS + 16, EVIL);
	small_put(ACTIVES + 16, 1);
	small_put_branch(TRAMPOLINES + 8, 0xe9, EVIL);
	small_put_branch(site_of(1), 0xe8, EVIL);
	small_put_branch(label_of(1), 0xe9, WRAPPER + 0x80);
}

Test(audit_lsmcalls, a_hook_in_an_empty_slot)
{
	expect_one(
		install, AUDIT_SLOT_HIJACKED,
		"hook file_open, slot 1, calls evil_file_open [evil] (module area): no "
		"security module registered it");
}

static void switch_on(void)
{
	small_put(ACTIVES + 16, 1);
}

Test(audit_lsmcalls, an_empty_slot_that_is_on)
{
	expect_one(switch_on, AUDIT_SLOT_HIJACKED, "slot 1, calls nothing");
}

static void change_key(void)
{
	small_put(KEYS, SMALL_TEXT + 0x180);
}

Test(audit_lsmcalls, a_changed_key)
{
	expect_one(change_key, AUDIT_SLOT_HIJACKED,
		   "slot 0, calls other_function (.text): its key was changed");
}

static void change_trampoline(void)
{
	small_put_branch(TRAMPOLINES, 0xe9, EVIL);
}

Test(audit_lsmcalls, a_changed_trampoline)
{
	expect_one(change_trampoline, AUDIT_SLOT_HIJACKED,
		   "calls evil_file_open [evil] (module area): its trampoline was "
		   "changed");
}

static void switch_off(void)
{
	small_put(ACTIVES, 0);
}

Test(audit_lsmcalls, a_hook_that_is_switched_off)
{
	expect_one(switch_off, AUDIT_SLOT_HIJACKED, "registered, but switched off");
}

static void take_call_out(void)
{
	small_put_bytes(site_of(0), ZERO, sizeof(ZERO));
}

Test(audit_lsmcalls, a_call_that_is_patched_out)
{
	expect_one(take_call_out, AUDIT_CALL_SITE,
		   "the call of hook file_open, slot 0, in security_file_open+0x10 is "
		   "patched to give 0; its key says to call alpha_file_open");
}

static void turn_call(void)
{
	small_put_branch(site_of(0), 0xe8, EVIL);
}

Test(audit_lsmcalls, a_call_that_goes_elsewhere)
{
	expect_one(
		turn_call, AUDIT_CALL_SITE,
		"in security_file_open+0x10 goes to evil_file_open [evil]; its key says "
		"to call alpha_file_open");
}

static void take_jump_out(void)
{
	small_put_bytes(label_of(0), NOP, sizeof(NOP));
}

Test(audit_lsmcalls, a_jump_that_is_patched_out)
{
	expect_one(take_jump_out, AUDIT_JUMP_LABEL,
		   "the switch of hook file_open, slot 0, in security_file_open+0x18 is "
		   "patched off; its key says on");
}

/* With call-depth tracking calls go to a thunk before the function. */
static void call_thunk(void)
{
	small_put_branch(site_of(0), 0xe8, ALPHA_FUNCTION - 16);
}

Test(audit_lsmcalls, a_call_through_a_thunk)
{
	struct small small;

	audit_with(call_thunk, &small);
	small_expect(&small, 0, NULL);
	small_close(&small);
}

Test(audit_lsmcalls, an_empty_slot_that_returns_by_a_thunk)
{
	struct small small;

	audit_with(return_by_thunk, &small);
	small_expect(&small, 0, NULL);
	small_close(&small);
	expect_one(return_by_another, AUDIT_SLOT_HIJACKED,
		   "slot 1, calls other_function");
}

/* A key of another name: the layout is not the one that is known. */
static void move_key(void)
{
	small_put(SMALL_SEALED, SMALL_DATA + 0x200);
}

Test(audit_lsmcalls, another_layout_is_unknown)
{
	struct small small;

	audit_with(move_key, &small);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "hook static calls")->verdict, AUDIT_UNKNOWN);
	cr_expect_eq(audit_status(&small.audit), 2);
	small_close(&small);
}

/* Each of 18 calls of slot 0 is patched to what is not known. */
static void put_strange_sites(void)
{
	for (uint64_t i = 0; i < 18; i++) {
		put_i32(SITES + 8 * i, WRAPPER + 0x90);
		put_i32(SITES + 8 * i + 4, KEYS);
	}
}

/* Rather a way of patching that is not known than an attack on all calls. */
Test(audit_lsmcalls, more_than_a_handful_of_strange_calls)
{
	char *longer = strdup(kallsyms), *stop = strstr(longer, "ffffffff81200110");
	struct small small;

	memcpy(stop, "ffffffff81200190", 16);
	damage = put_strange_sites;
	small_open(&small, longer, fill, NULL);
	small_audit(&small, 1u << AUDIT_LSM, NULL);
	small_expect(&small, 0, NULL);
	cr_expect_eq(small_row(&small, "patched hook calls")->verdict, AUDIT_UNKNOWN);
	cr_expect_not_null(strstr(small_row(&small, "patched hook calls")->detail,
				  "18 of 20 patched places"));
	small_close(&small);
	free(longer);
}
