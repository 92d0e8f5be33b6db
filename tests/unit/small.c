/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small kernel whose every byte a test can write. */
#include "small.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unchanged/unchanged.h"

static const char vmcoreinfo[] = "OSRELEASE=6.1.0-fake-amd64\n"
				 "BUILD-ID=00\n"
				 "SYMBOL(_stext)=ffffffff81000000\n"
				 "SYMBOL(swapper_pg_dir)=ffffffff80e01000\n"
				 "NUMBER(phys_base)=-14680064\n"
				 "NUMBER(pgtable_l5_enabled)=0\n";

static unsigned char *memory;
static void (*fill_more)(void);

static uint64_t pa_of(uint64_t va)
{
	static const struct {
		uint64_t va, pa;
	} sections[] = {
		{SMALL_MODULE, 0x120000}, {SMALL_DATA, 0x130000},
		{SMALL_SEALED, 0x110000}, {SMALL_RODATA, 0x100000},
		{SMALL_TEXT, 0x200000},	  {FAKE_DIRECT_MAP, 0},
	};
	size_t i = 0;

	while (va < sections[i].va)
		i++;
	return sections[i].pa + (va - sections[i].va);
}

void small_put_pa(uint64_t pa, uint64_t value)
{
	cr_assert_lt(pa, FAKE_RAM_BYTES);
	memcpy(memory + pa, &value, sizeof(value));
}

void small_put(uint64_t va, uint64_t value)
{
	small_put_pa(pa_of(va), value);
}

void small_put_bytes(uint64_t va, const void *bytes, size_t nr)
{
	memcpy(memory + pa_of(va), bytes, nr);
}

void small_put_branch(uint64_t va, unsigned char opcode, uint64_t target)
{
	int32_t rel32 = (int32_t)(target - (va + 5));

	small_put_bytes(va, &opcode, 1);
	small_put_bytes(va + 1, &rel32, sizeof(rel32));
}

static void put_tables(void)
{
	/* .rodata, ro_after_init and .data by 4K pages. */
	small_put_pa(0x3000 + 9 * 8, 0x8067);
	small_put_pa(0x8000, 0x100000 | SMALL_RO_NX);
	small_put_pa(0x8000 + 256 * 8, 0x110000 | SMALL_RO_NX);
	small_put_pa(SMALL_SEALED_2_ENTRY_PA, 0x111000 | SMALL_RO_NX);
	small_put_pa(0x3000 + 10 * 8, 0xc067);
	for (uint64_t i = 0; i < 4; i++)
		small_put_pa(0xc000 + 8 * i, (0x130000 + (i << 12)) | SMALL_RW_NX);
	small_put_pa(0x2000 + 511 * 8, 0x9067);
	small_put_pa(0x9000, 0xa067);
	small_put_pa(SMALL_MODULE_ENTRY_PA, 0x120000 | SMALL_RW_NX);
	/* The direct map. */
	small_put_pa(0x6008, 0x200000 | SMALL_RO_NX | 0x80);
	small_put_pa(0x6000, 0xb067);
	for (uint64_t i = 0; i < 512; i++)
		small_put_pa(0xb000 + 8 * i, i << 12 | SMALL_RW_NX);
	small_put_pa(0xb000 + 0x100 * 8, 0x100000 | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x110 * 8, 0x110000 | SMALL_RO_NX);
	small_put_pa(0xb000 + 0x111 * 8, 0x111000 | SMALL_RO_NX);
}

static void fill(unsigned char *ram)
{
	memory = ram;
	put_tables();
	fill_more();
}

struct btf *small_cpu_types(unsigned offset)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "unsigned int", 4, 0);
	int array = btf__add_array(btf, word, word, 24);

	btf__add_struct(btf, "cpuinfo_x86", offset + 24 * 4);
	btf__add_field(btf, "x86_capability", array, 8 * offset, 0);
	return btf;
}

static int write_btf(struct btf *btf)
{
	int fd = memfd_create("btf", MFD_CLOEXEC);
	uint32_t bytes;
	const void *data = btf__raw_data(btf, &bytes);

	cr_assert_eq(write(fd, data, bytes), (ssize_t)bytes);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	btf__free(btf);
	return fd;
}

void small_open(struct small *small, const char *kallsyms, void (*fill_it)(void),
		struct btf *btf)
{
	struct error err = {0};

	fill_more = fill_it;
	*small = (struct small){.fake = {.vmcoreinfo = vmcoreinfo,
					 .kallsyms = kallsyms,
					 .image_pa_error = 0x200000 - 0x2000000,
					 .stext_entry = 0x2001a1,
					 .fill = fill}};
	fake_write(&small->fake);
	small->source = fake_source(&small->fake);
	if (btf)
		small->source.btf_fd = write_btf(btf);
	cr_assert_eq(kernel_open(&small->kernel, &small->source, &err), 0, "%s",
		     err.message);
}

void small_audit(struct small *small, unsigned groups, const struct audit_words *words)
{
	const struct audit_check unchanged = unchanged_check(NULL);
	const struct audit_words none = {0};

	cr_assert_eq(audit_run(&small->audit, &small->kernel, groups,
			       words ? words : &none, &unchanged),
		     0);
}

void small_close(struct small *small)
{
	if (small->source.btf_fd >= 0)
		close(small->source.btf_fd);
	audit_free(&small->audit);
	kernel_close(&small->kernel);
	fake_close(&small->fake);
}

const struct audit_row *small_row(const struct small *small, const char *name)
{
	for (size_t i = 0; i < small->audit.nr_rows; i++)
		if (strcmp(small->audit.rows[i].name, name) == 0)
			return &small->audit.rows[i];
	cr_assert_fail("no row %s", name);
	return NULL;
}

void small_expect(const struct small *small, size_t nr, const enum audit_kind kinds[])
{
	const struct audit *audit = &small->audit;

	cr_expect_eq(audit->nr_findings, nr, "%zu findings", audit->nr_findings);
	for (size_t i = 0; i < audit->nr_findings; i++)
		cr_expect(i < nr && audit->findings[i].kind == kinds[i], "%s: %s",
			  audit_kind_name(audit->findings[i].kind),
			  audit->findings[i].message);
}

void small_expect_one(const struct small *small, enum audit_kind kind, const char *words)
{
	small_expect(small, 1, &kind);
	if (small->audit.nr_findings)
		cr_expect_not_null(strstr(small->audit.findings[0].message, words), "%s",
				   small->audit.findings[0].message);
}
