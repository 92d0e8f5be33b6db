/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/landmarks.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>

#include "small.h"

#define KERNEL                        \
	"ffffffff81000000 T _text\n"  \
	"ffffffff81000000 T _stext\n" \
	"ffffffff81000400 T _etext\n"
#define ENTRY "ffffffff81000080 T entry_SYSCALL_64\n"
#define FRED "ffffffff81000100 T asm_fred_entrypoint_kernel\n"
#define CPU "ffffffff81400000 D boot_cpu_data\n"

static const uint64_t IDT = 0xfffffe0000000000;

enum { CAPABILITY = 8, FRED_WORD = 12, FRED_BIT = 17 };

static uint64_t words;

static void fill(void)
{
	small_put(SMALL_DATA + CAPABILITY + FRED_WORD * sizeof(uint32_t), words);
}

static struct landmarks find(const char *kallsyms, struct btf *btf)
{
	struct landmarks landmarks;
	struct small small;

	small_open(&small, kallsyms, fill, btf);
	landmarks_find(&landmarks, &small.kernel);
	small_close(&small);
	return landmarks;
}

static struct btf *cpu_types(void)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "unsigned int", 4, 0);
	int array = btf__add_array(btf, word, word, 24);

	btf__add_struct(btf, "cpuinfo_x86", CAPABILITY + 24 * 4);
	btf__add_field(btf, "x86_capability", array, 8 * CAPABILITY, 0);
	return btf;
}

Test(kcore_landmarks, where_the_cpu_enters)
{
	struct landmarks landmarks = find(KERNEL ENTRY, NULL);

	cr_expect_eq(landmarks.idt, IDT);
	cr_expect_eq(landmarks.syscall_entry, SMALL_TEXT + 0x80);
}

Test(kcore_landmarks, a_trampoline)
{
	struct landmarks landmarks = find(
		KERNEL ENTRY "ffffffff81000100 T entry_SYSCALL_64_trampoline\n", NULL);

	cr_expect_eq(landmarks.idt, IDT);
	cr_expect_eq(landmarks.syscall_entry, 0);
}

Test(kcore_landmarks, a_kernel_with_fred)
{
	struct landmarks landmarks = find(KERNEL ENTRY FRED CPU, NULL);

	cr_expect_eq(landmarks.idt, 0, "not known whether the CPU has it");
	cr_expect_eq(landmarks.syscall_entry, 0);
	words = ~(1ULL << FRED_BIT);
	landmarks = find(KERNEL ENTRY FRED CPU, cpu_types());
	cr_expect_eq(landmarks.idt, IDT);
	cr_expect_eq(landmarks.syscall_entry, SMALL_TEXT + 0x80);
	words = 1ULL << FRED_BIT;
	landmarks = find(KERNEL ENTRY FRED CPU, cpu_types());
	cr_expect_eq(landmarks.idt, 0);
	cr_expect_eq(landmarks.syscall_entry, 0);
}

static void put_pv_ops(void)
{
	small_put(SMALL_DATA + 0x100 + 16, SMALL_TEXT + 0x200);
	small_put(SMALL_DATA + 0x100 + 48, SMALL_TEXT + 0x240);
}

/* Without types a pointer of pv_ops is the one that leads to the native function. */
Test(kcore_landmarks, pointers_by_what_they_lead_to)
{
	static const char names[] = KERNEL "ffffffff81000200 t native_set_pte\n"
					   "ffffffff81000240 T native_read_msr\n"
					   "ffffffff81000280 t native_set_pmd\n"
					   "ffffffff81400100 D pv_ops\n";
	struct landmarks landmarks;
	struct small small;

	small_open(&small, names, put_pv_ops, NULL);
	landmarks_find(&landmarks, &small.kernel);
	cr_expect_eq(landmarks.pv_set_pte, SMALL_DATA + 0x110);
	cr_expect_eq(landmarks.pv_read_msr, SMALL_DATA + 0x130);
	cr_expect_eq(landmarks.pv_set_pmd, 0);
	small_close(&small);
}
