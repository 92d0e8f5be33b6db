/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One loaded module, and the file that it is held against. */
#include "unchanged/kofiles.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ko.h"
#include "smallmodule.h"

static const char kallsyms[] = "ffffffff81000000 T _text\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000400 T _etext\n"
			       "ffffffff81200000 R __start_rodata\n"
			       "ffffffff81302000 R __end_rodata\n"
			       "ffffffff81400000 D _sdata\n"
			       "ffffffff81400010 d modules\n"
			       "ffffffff81400020 D init_mm\n"
			       "ffffffff81603000 B _end\n"
			       "ffffffffc0000000 t good_open\t[good]\n";

static const uint64_t RODATA = SMALL_MODULE + 0x1000;

enum {
	TEXT_BYTES = 0x80,
	RODATA_BYTES = 0x20,
	DATA_BYTES = SMALLMODULE_BYTES,
	LOST_AT = 0x20
};
/* The key is none of the module's. */
#define KEY (SMALL_DATA + 0x3800)
#define KEY_ADDEND ((int64_t)(KEY - (SMALL_MODULE + 0x1000)))

static unsigned char text[TEXT_BYTES], constants[RODATA_BYTES], data[DATA_BYTES];
static const unsigned char note[] = {4, 0, 0,	0,   4,	  0, 0, 0, 3, 0,
				     0, 0, 'G', 'N', 'U', 0, 1, 2, 3, 4};
/* At 0x40 of the text, a key's nop may be a jump to 0x60. */
static const int32_t jump[4] = {0};

/* Symbols: 1 good_open, 2 a constant, 3 nobody's, 4 and 5 places of the text, 6 freed
 * after init.
 */
static const Elf64_Rela text_rela[] =
	{
		{0x10, ELF64_R_INFO(2, R_X86_64_PC32), -4},
		{LOST_AT, ELF64_R_INFO(3, R_X86_64_PLT32), -4},
},
			rodata_rela[] =
				{
					{8, ELF64_R_INFO(1, R_X86_64_64), 0},
					{16, ELF64_R_INFO(6, R_X86_64_64), 0},
},
			jump_rela[] = {
				{0, ELF64_R_INFO(4, R_X86_64_PC32), 0},
				{4, ELF64_R_INFO(5, R_X86_64_PC32), 0},
				{8, ELF64_R_INFO(2, R_X86_64_PC64), KEY_ADDEND},
};

static const struct ko good = {
	.sections = {{".text", SHF_ALLOC | SHF_EXECINSTR, 0, text, TEXT_BYTES, text_rela,
		      2},
		     {".rodata", SHF_ALLOC, 0, constants, RODATA_BYTES, rodata_rela, 2},
		     {".note.gnu.build-id", SHF_ALLOC, SHT_NOTE, note, sizeof(note), NULL,
		      0},
		     {"__jump_table", SHF_ALLOC, 0, jump, sizeof(jump), jump_rela, 3},
		     {".gnu.linkonce.this_module", SHF_ALLOC | SHF_WRITE, 0, data,
		      DATA_BYTES, NULL, 0},
		     {".init.text", SHF_ALLOC | SHF_EXECINSTR, 0, text, 16, NULL, 0}},
	.nr_sections = 6,
	.symbols = {{"good_open", 1, 0, STT_FUNC, STB_GLOBAL, 1},
		    {"constant", 2, 0, STT_OBJECT, STB_LOCAL, 8},
		    {"nobodys", SHN_UNDEF, 0, STT_NOTYPE, STB_GLOBAL, 0},
		    {"at", 1, 0x40, STT_NOTYPE, STB_LOCAL, 0},
		    {"to", 1, 0x60, STT_NOTYPE, STB_LOCAL, 0},
		    {"init_module", 6, 0, STT_FUNC, STB_GLOBAL, 1}},
	.nr_symbols = 6,
};

static void (*damage)(void);

static void put_pointers(void)
{
	const int32_t to_constant = (int32_t)(RODATA - 4 - (SMALL_MODULE + 0x10));

	small_put_bytes(SMALL_MODULE + 0x10, &to_constant, sizeof(to_constant));
	small_put_bytes(SMALL_MODULE + LOST_AT, "\1\2\3\4", 4);
	small_put(RODATA + 8, SMALL_MODULE);
	small_put(RODATA + 16, 0xffffffffc0aa0000);
}

static void fill(void)
{
	smallmodule_put();
	small_put(SMALLMODULE + 80, SMALL_MODULE);
	small_put(SMALLMODULE + 88, 0x1000);
	small_put(SMALLMODULE + 80 + 16, SMALLMODULE);
	small_put(SMALLMODULE + 88 + 16, 0x1000);
	small_put(SMALLMODULE + 80 + 2 * 16, RODATA);
	small_put(SMALLMODULE + 88 + 2 * 16, 0x1000);
	small_put_bytes(SMALL_MODULE, text, sizeof(text));
	small_put_bytes(RODATA, constants, sizeof(constants));
	small_put_bytes(RODATA + RODATA_BYTES, note, sizeof(note));
	put_pointers();
	if (damage)
		damage();
}

static struct small small;
static const struct owner_records no_records;

/* Each byte another; a key's nop. */
static void build(void)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(0x90 + i);
	memset(text + 0x10, 0, 4);
	memset(text + LOST_AT, 0, 4);
	memcpy(text + 0x40, "\x0f\x1f\x44\0\0", 5);
	memcpy(constants, "a text", 6);
}

static const struct audit_row *check(void (*damage_it)(void), const struct kofiles *files)
{
	build();
	damage = damage_it;
	small_open(&small, kallsyms, fill, smallmodule_btf_of_memory());
	small_audit(&small, 1u << AUDIT_MODULES, NULL);
	kofiles_check(&small.audit, &no_records, files);
	cr_assert_eq(small.audit.failed, 0);
	return small_row(&small, "good against its file");
}

static const struct audit_row *check_file(void (*damage_it)(void))
{
	static struct kofiles_entry entry;
	static struct kofile file;
	struct kofiles files = {
		.tree = "/a/tree", .has_tree = true, .array = &entry, .nr = 1};
	const struct audit_row *row;
	unsigned char *bytes;
	size_t size_bytes;

	entry = (struct kofiles_entry){.name = "good", .file = &file};
	build();
	bytes = ko_bytes(&good, &size_bytes);
	ko_wrap(bytes, size_bytes, &file);
	row = check(damage_it, &files);
	kofile_close(&file);
	free(bytes);
	return row;
}

Test(unchanged_kofiles, a_sound_module)
{
	const struct audit_row *row = check_file(NULL);

	small_expect(&small, 0, NULL);
	cr_expect_eq(row->verdict, AUDIT_SEALED, "%s", row->detail);
	cr_expect_str_eq(row->detail, "180 bytes compared, 4 patched at 1 sites of its "
				      "tables, 4 of them not judged, 16 that are written "
				      "while it is loaded are not");
	small_close(&small);
}

static void turn_key(void)
{
	small_put_branch(SMALL_MODULE + 0x40, 0xe9, SMALL_MODULE + 0x60);
	small_put(KEY, 1);
}

Test(unchanged_kofiles, a_key_that_is_on)
{
	const struct audit_row *row = check_file(turn_key);

	small_expect(&small, 0, NULL);
	cr_expect_eq(row->verdict, AUDIT_SEALED, "%s", row->detail);
	small_close(&small);
}

static void lead_key(void)
{
	small_put_branch(SMALL_MODULE + 0x40, 0xe9, SMALL_MODULE + 0x61);
	small_put(KEY, 1);
}

static void turn_key_on(void)
{
	small_put(KEY, 1);
}

static void change_text(void)
{
	small_put_bytes(SMALL_MODULE + 0x30, "\xcc", 1);
}

static void change_call(void)
{
	small_put_bytes(SMALL_MODULE + 0x10, "\0", 1);
}

static void change_constant(void)
{
	small_put_bytes(RODATA + 2, "T", 1);
}

static void lead_pointer(void)
{
	small_put(RODATA + 8, SMALL_MODULE + 0x60);
}

static void expect(void (*damage_it)(void), const char *words)
{
	check_file(damage_it);
	small_expect_one(&small, AUDIT_BYTES_CHANGED, words);
	cr_expect_eq(audit_status(&small.audit), 1);
	small_close(&small);
}

Test(unchanged_kofiles, damage)
{
	expect(lead_key, "good_open+0x40 [good]: 5 bytes differ from its file");
	expect(turn_key_on, "good_open+0x40 [good]: 5 bytes differ from its file");
	expect(change_text, "good_open+0x30 [good]: 1 byte differs from its file: cc in "
			    "place of c0");
	expect(change_call, "good_open+0x10 [good]: 1 byte differs");
	expect(change_constant, "1 byte differs from its file: 54 in place of 74");
	expect(lead_pointer, "1 byte differs from its file: 60 in place of 00");
}

static void change_build(void)
{
	small_put_bytes(RODATA + RODATA_BYTES + 19, "\5", 1);
	change_text();
}

static void move_text(void)
{
	small_put(SMALLMODULE + 80, SMALL_MODULE + 0x20);
}

static void move_data(void)
{
	small_put(SMALLMODULE + 80 + 16, SMALLMODULE + 0x40);
}

static void unmap_constants(void)
{
	small_put_pa(SMALL_MODULE_2_ENTRY_PA, 0);
}

static void expect_unknown(void (*damage_it)(void), const char *words)
{
	const struct audit_row *row = check_file(damage_it);

	small_expect(&small, 0, NULL);
	cr_expect_eq(row->verdict, AUDIT_UNKNOWN);
	cr_expect(strstr(row->detail, words), "%s", row->detail);
	small_close(&small);
}

Test(unchanged_kofiles, what_cannot_be_compared)
{
	expect_unknown(change_build, "of another build than what is loaded");
	expect_unknown(move_text, "where its sections lie is not known");
	expect_unknown(move_data, "where its sections lie is not known");
	expect_unknown(unmap_constants, "of another build");
}

Test(unchanged_kofiles, a_module_without_a_file)
{
	struct kofiles_entry entry = {.name = "good"};
	struct kofiles files = {.tree = "/a/tree", .has_tree = true};
	const struct audit_row *row = check(NULL, &files);

	cr_expect_eq(row->verdict, AUDIT_UNKNOWN);
	cr_expect_str_eq(row->detail, "it has no file in /a/tree");
	small_close(&small);
	error_set(&entry.why, ERROR_FILE, -EACCES, "good.ko: Permission denied");
	files.array = &entry;
	files.nr = 1;
	row = check(NULL, &files);
	cr_expect_str_eq(row->detail, "good.ko: Permission denied");
	small_close(&small);
}

Test(unchanged_kofiles, no_tree)
{
	const struct kofiles files = {.tree = "/a/tree"};

	damage = NULL;
	small_open(&small, kallsyms, fill, smallmodule_btf_of_memory());
	small_audit(&small, 1u << AUDIT_MODULES, NULL);
	kofiles_check(&small.audit, &no_records, &files);
	cr_expect_eq(small_row(&small, "modules against their files")->verdict,
		     AUDIT_INFO);
	cr_expect_eq(audit_status(&small.audit), 0);
	small_close(&small);
}
