/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of every form, and what kwcheck reads in the memory of a kernel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kcore/avml.h"
#include "kcore/btf.h"
#include "kcore/btfcheck.h"
#include "kcore/expand.h"
#include "kcore/kallsyms.h"
#include "kcore/kdump.h"
#include "kcore/lime.h"
#include "kcore/open.h"
#include "kcore/printk.h"
#include "kcore/vmware.h"
#include "kcore/xencore.h"
#include "tests/fuzz/target.h"
#include "tests/unit/fake.h"
#include "tests/unit/ringinfo.h"

static const char path[] = "fuzzed";

/* Reads some of what it says it has. */
static void look_into(struct elfcore *core)
{
	unsigned char page[4096];
	size_t nr;

	for (size_t i = 0; i < core->nr_segments && i < 64; i++) {
		const struct elfcore_segment *segment = &core->segments[i];

		if (segment->pa == ELFCORE_NO_PA)
			continue;
		elfcore_read_pa(core, segment->pa, page, sizeof(page));
		elfcore_read_pa(core, segment->pa + segment->size_bytes - 8, page, 16);
		elfcore_read_va(core, segment->va, page, 8);
		elfcore_has_pa(core, segment->pa);
		if (!(segment->pa % 4096) && segment->size_bytes >= 4096)
			elfcore_next(core, segment->pa, page, sizeof(page), &nr);
	}
	for (size_t i = 0; i < core->nr_notes; i++)
		elfcore_note(core, core->notes[i].name, core->notes[i].type);
	elfcore_close(core);
}

static void end(struct elfcore *core, int r, const struct error *err)
{
	if (r == 0)
		look_into(core);
	else if (r != -ENOMEM && !err->message[0])
		fuzz_fail("core: refused without a word: %d", r);
}

void fuzz_elfcore(const unsigned char *bytes, size_t nr_bytes)
{
	struct error err = {0};
	struct elfcore core;
	int r = elfcore_open(&core, fuzz_file(bytes, nr_bytes), path, false, &err);

	end(&core, r, &err);
}

void fuzz_kdump(const unsigned char *bytes, size_t nr_bytes)
{
	static const char *missing = "";
	int fd = fuzz_file(bytes, nr_bytes);
	struct error err = {0};
	struct elfcore core;

	if (missing && !*missing)
		missing = kdump_load();
	if (!missing)
		end(&core, kdump_open(&core, &fd, 1, path, &err), &err);
}

void fuzz_lime(const unsigned char *bytes, size_t nr_bytes)
{
	struct error err = {0};
	struct elfcore core;
	int r = lime_open(&core, fuzz_file(bytes, nr_bytes), path, &err);

	end(&core, r, &err);
}

void fuzz_avml(const unsigned char *bytes, size_t nr_bytes)
{
	static const char *missing = "";
	struct error err = {0};
	struct elfcore core;

	if (missing && !*missing)
		missing = avml_load();
	if (!missing)
		end(&core, avml_open(&core, fuzz_file(bytes, nr_bytes), path, &err),
		    &err);
}

void fuzz_vmware(const unsigned char *bytes, size_t nr_bytes)
{
	int fd = fuzz_file(bytes, nr_bytes);
	const struct vmware_state state = {fd, path};
	struct error err = {0};
	struct elfcore core;

	end(&core, vmware_open(&core, &state, fd, path, &err), &err);
}

void fuzz_xencore(const unsigned char *bytes, size_t nr_bytes)
{
	struct error err = {0};
	struct elfcore core;
	int r = xencore_open(&core, fuzz_file(bytes, nr_bytes), path, &err);

	if (r != -ENOENT)
		end(&core, r, &err);
}

void fuzz_expand(const unsigned char *bytes, size_t nr_bytes)
{
	static int to = -1;
	int from = fuzz_file(bytes, nr_bytes);
	enum form_kind kind = form_of_file(from)->kind;
	struct error err = {0};
	bool is_cut;

	if (!form_is_packed(kind))
		return;
	if (to < 0)
		to = memfd_create("expanded", MFD_CLOEXEC);
	if (to < 0 || ftruncate(to, 0) < 0 || lseek(to, 0, SEEK_SET) < 0)
		fuzz_fail("no file in memory");
	expand_file(from, to, kind, path, &is_cut, &err);
}

/* Every type and its parts' names, as far as they are there. */
static void read_types(struct btf *btf)
{
	uint64_t size_bytes;

	for (uint32_t id = btf->first_id; id < btf->first_id + btf->nr; id++) {
		const struct btf_record *record = btf_at(btf, id);
		const char *name = record ? btf_name(btf, record->name) : NULL;

		if (!record)
			fuzz_fail("btf: type %u is not there", id);
		btf_size(btf, id, &size_bytes);
		if (!name)
			continue;
		btf_find_composite(btf, name);
		btf_find_function(btf, name);
		btf_find_variable(btf, name);
	}
}

static void read_members(struct types *types)
{
	uint32_t offset, size_bytes;
	const char *member;

	types_offset(types, "a", "b", &offset);
	types_size(types, "a", &size_bytes);
	types_member(types, "a", 8, &member, &offset);
	types_variable_size(types, "v", &size_bytes);
	types_parameter(types, "f", 0);
}

void fuzz_btf(const unsigned char *bytes, size_t nr_bytes)
{
	char *data = fuzz_text(bytes, nr_bytes);
	struct types types = {0}, module = {0};
	struct btf *btf;
	const char *why;

	if (btf_open(&btf, NULL, data, nr_bytes) == 0) {
		read_types(btf);
		btf_close(btf);
	} else {
		free(data);
	}
	data = fuzz_text(bytes, nr_bytes);
	if (types_take(&types, data, nr_bytes) < 0) {
		free(data);
		return;
	}
	read_members(&types);
	btfcheck_module(&types, bytes, nr_bytes, NULL, 0, &why);
	btfcheck_module(&types, bytes, nr_bytes, bytes, nr_bytes, &why);
	if (types_parse_module(&module, &types, bytes, nr_bytes, NULL, 0) == 0) {
		read_members(&module);
		types_close(&module);
	}
	types_close(&types);
}

struct memory {
	unsigned char bytes[65536];
};

static int read_memory(void *ctx, uint64_t pa, void *buf, size_t size_bytes)
{
	const struct memory *memory = ctx;

	if (pa > sizeof(memory->bytes) || size_bytes > sizeof(memory->bytes) - pa)
		return -ENODATA;
	memcpy(buf, memory->bytes + pa, size_bytes);
	return 0;
}

static bool has_memory(void *ctx, uint64_t pa)
{
	(void)ctx;
	return pa < sizeof(((struct memory *)NULL)->bytes);
}

static void close_nothing(void *ctx)
{
	(void)ctx;
}

static void see_symbol(void *ctx, size_t i)
{
	if (i >= ((const struct kallsyms *)ctx)->nr)
		fuzz_fail("kallsyms: symbol %zu of %zu", i,
			  ((const struct kallsyms *)ctx)->nr);
}

static void read_symbols(struct kallsyms *table)
{
	char name[KALLSYMS_NAME_BYTES];

	for (size_t i = 0; i < table->nr; i += 1 + table->nr / 16) {
		kallsyms_name(table, i, name);
		if (strlen(name) >= sizeof(name))
			fuzz_fail("kallsyms: a name without an end");
		if (name[0] && kallsyms_find(table, name, 0) > i)
			fuzz_fail("kallsyms: %s is not found again", name);
		kallsyms_address(table, i);
	}
	kallsyms_each(table, "a", see_symbol, table);
	kallsyms_close(table);
}

/* Where each table lies, 16 bits each, and what lies in memory from 0 on. */
void fuzz_kallsyms(const unsigned char *bytes, size_t nr_bytes)
{
	static const struct elfcore_packed packed = {
		.read = read_memory, .has = has_memory, .close = close_nothing};
	static const struct elfcore_segment all = {.size_bytes = 65536,
						   .memory_bytes = 65536};
	static struct memory memory;
	struct elfcore core = {.fd = -1, .packed = &packed, .packed_ctx = &memory};
	struct kallsyms_places places = {0};
	struct kallsyms table;
	uint16_t at[7];

	if (nr_bytes < sizeof(at) || elfcore_add_segment(&core, &all) < 0)
		return;
	memcpy(at, bytes, sizeof(at));
	memset(memory.bytes, 0, sizeof(memory.bytes));
	memcpy(memory.bytes, bytes + sizeof(at), nr_bytes - sizeof(at));
	places = (struct kallsyms_places){
		.nr = at[0],
		.names = at[1],
		.tokens = at[2],
		.index = at[3],
		.offsets = at[4],
		.base = at[5],
		.has_base = at[6] & 1,
	};
	if (kallsyms_read_at(&table, &core, &places, at[6] >> 1, 0) == 0)
		read_symbols(&table);
	elfcore_close(&core);
}

enum { LOG_PA = 0x100000, LOG_BYTES = 0x4000 };

static const char log_info[] = "OSRELEASE=6.1.0-fake-amd64\n"
			       "SYMBOL(_stext)=ffffffff81000000\n"
			       "SYMBOL(swapper_pg_dir)=ffffffff7f001000\n"
			       "NUMBER(phys_base)=16777216\n" RING_INFO;

/* A small kernel whose log is a file's bytes. */
static unsigned char *open_log(struct kernel *kernel, struct source *source)
{
	static struct fake fake = {.vmcoreinfo = log_info};
	struct error err = {0};
	unsigned char *memory;

	fake_write(&fake);
	*source = fake_source(&fake);
	/* Two pages of heads are before the memory. */
	memory = mmap(NULL, LOG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fake.core_fd,
		      8192 + LOG_PA);
	if (memory == MAP_FAILED || kernel_open(kernel, source, &err) < 0)
		fuzz_fail("no kernel: %s", err.message);
	return memory;
}

void fuzz_printk(const unsigned char *bytes, size_t nr_bytes)
{
	static struct source source;
	static struct kernel kernel;
	static unsigned char *memory;
	struct error err = {0};
	uint64_t lost;
	size_t nr;
	char *text;
	int r;

	if (!memory)
		memory = open_log(&kernel, &source);
	if (nr_bytes > LOG_BYTES)
		return;
	memcpy(memory, bytes, nr_bytes);
	memset(memory + nr_bytes, 0, LOG_BYTES - nr_bytes);
	kernel_forget(&kernel);
	r = printk_read(&kernel, &text, &nr, &lost, &err);
	if (r == 0 && strlen(text) > nr)
		fuzz_fail("printk: a log without an end");
	if (r == 0)
		free(text);
	else if (!err.message[0])
		fuzz_fail("printk: refused without a word");
}
