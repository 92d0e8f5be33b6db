/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables that are writable by design: their values, and what is usual. */
#include "audit/levers.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>

#include "small.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400000 D modprobe_path\n"
			       "ffffffff81400020 D core_pattern\n"
			       "ffffffff81400040 D kptr_restrict\n"
			       "ffffffff81400048 D sig_enforce\n"
			       "ffffffff81400050 D selinux_state\n"
			       "ffffffff81400100 D init_mm\n"
			       "ffffffff81500000 D poweroff_cmd\n"
			       "ffffffff81603000 B _end\n";

static void fill(void)
{
	small_put_bytes(SMALL_DATA, "/sbin/modprobe", 15);
	small_put_bytes(SMALL_DATA + 0x20, "|/tmp/evil", 11);
	small_put(SMALL_DATA + 0x40, 0xffffffff);
	small_put(SMALL_DATA + 0x48, 0x0101);
	small_put(SMALL_DATA + 0x50, 0x0100);
}

static struct btf *btf_of_selinux(void)
{
	struct btf *btf = btf__new_empty();
	int byte = btf__add_int(btf, "unsigned char", 1, 0);

	btf__add_struct(btf, "selinux_state", 2);
	btf__add_field(btf, "disabled", byte, 0, 0);
	btf__add_field(btf, "enforcing", byte, 8, 0);
	return btf;
}

Test(audit_levers, values)
{
	struct small small;

	small_open(&small, kallsyms, fill, NULL);
	small_audit(&small, 1u << AUDIT_LEVERS, NULL);
	small_expect(&small, 0, NULL);
	cr_expect_str_eq(small_row(&small, "modprobe_path")->detail, "/sbin/modprobe");
	cr_expect_str_eq(small_row(&small, "modprobe_path")->found, "rw-");
	cr_expect_eq(small_row(&small, "modprobe_path")->verdict, AUDIT_INFO);
	cr_expect_str_eq(small_row(&small, "core_pattern")->detail,
			 "|/tmp/evil; usually core");
	cr_expect_str_eq(small_row(&small, "kptr_restrict")->detail, "-1");
	cr_expect_str_eq(small_row(&small, "sig_enforce")->detail, "1");
	/* poweroff_cmd is not mapped here, and where selinux_state has what BTF says. */
	cr_expect_eq(small.audit.nr_rows, 4);
	small_close(&small);
}

Test(audit_levers, a_value_inside_a_structure)
{
	struct small small;

	small_open(&small, kallsyms, fill, btf_of_selinux());
	small_audit(&small, 1u << AUDIT_LEVERS, NULL);
	cr_expect_str_eq(small_row(&small, "selinux_state")->detail, "1");
	cr_expect_eq(small_row(&small, "selinux_state")->address, SMALL_DATA + 0x51);
	small_close(&small);
}
