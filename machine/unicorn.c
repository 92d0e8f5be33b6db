/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unicorn, loaded when it is first wanted. */
#include "machine/unicorn.h"

#ifdef KWCHECK_UNICORN

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>

#include "kcore/library.h"
#include "machine/apart.h"

#define UNICORN_FILE "libunicorn.so.2"

#ifdef KWCHECK_SANITIZED
/* LeakSanitizer asks these: Unicorn 2.1.1 forgets 32 bytes of each machine that it
 * closes, libkdumpfile 0.5.1 the regions of each dump's bitmap.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libunicorn\nleak:libkdumpfile\n";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

static struct unicorn unicorn;
static bool is_loaded;

#ifdef KWCHECK_STATIC
#define FUNCTION(f)                                                      \
	{                                                                \
		.name = "uc_" #f, .offset = offsetof(struct unicorn, f), \
		.linked = (void *)uc_##f                                 \
	}
#else
#define FUNCTION(f)                                                     \
	{                                                               \
		.name = "uc_" #f, .offset = offsetof(struct unicorn, f) \
	}
#endif
static const struct library_function functions[] = {
	FUNCTION(version),	  FUNCTION(open),
	FUNCTION(close),	  FUNCTION(ctl),
	FUNCTION(strerror),	  FUNCTION(emu_start),
	FUNCTION(emu_stop),	  FUNCTION(hook_add),
	FUNCTION(mem_map_ptr),	  FUNCTION(mem_unmap),
	FUNCTION(reg_read),	  FUNCTION(reg_write),
	FUNCTION(reg_read_batch), FUNCTION(reg_write_batch),
};
#undef FUNCTION

const char *unicorn_no_room(void)
{
	static const size_t CODE_BYTES = 1UL << 30; /* for translated code */
	void *room = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		return errno == ENOMEM
			       ? "the emulator wants 1 GiB of address space, which this "
				 "system does not give; vm.overcommit_memory=1 does"
			       : "the emulator wants memory that can be written and "
				 "executed, which this system denies (SELinux: execmem; "
				 "systemd: MemoryDenyWriteExecute)";
	munmap(room, CODE_BYTES);
	return NULL;
}

static void on_code(struct uc_struct *uc, uint64_t address, uint32_t size, void *ctx)
{
	(void)uc, (void)address, (void)size, (void)ctx;
}

/* Runs an addition without a carry, and a store where no memory is. */
static int is_losing_flags(void *ctx)
{
	const struct unicorn *lib = ctx;
	enum { CODE = 0x1000, FLAG_CF = 1, START_FLAGS = 2 };
	static _Alignas(CODE) unsigned char page[CODE] =
		"\xb8\x01\x00\x00\x00\x83\xc0\x02" /* mov $1,%eax; add $2,%eax */
		"\x48\x89\x37";			   /* mov %rsi,(%rdi) */
	uint64_t rdi = 0, flags = START_FLAGS;
	struct uc_struct *uc;
	uc_hook hook;

	/* Where there is none, no machine is opened that could. */
	if (unicorn_no_room() || lib->open(UC_ARCH_X86, UC_MODE_64, &uc))
		return 0;
	if (!lib->mem_map_ptr(uc, CODE, sizeof(page), UC_PROT_ALL, page) &&
	    !lib->hook_add(uc, &hook, UC_HOOK_CODE, (void *)on_code, NULL, (uint64_t)1,
			   (uint64_t)0)) {
		lib->reg_write(uc, UC_X86_REG_RDI, &rdi);
		lib->reg_write(uc, UC_X86_REG_EFLAGS, &flags);
		lib->emu_start(uc, CODE, CODE + sizeof(page), 0, 0);
		lib->reg_read(uc, UC_X86_REG_EFLAGS, &flags);
	}
	lib->close(uc);
	return (flags & FLAG_CF) != 0;
}

const char *unicorn_load(void)
{
	int r;

	if (is_loaded)
		return NULL;
	r = library_load(UNICORN_FILE, functions,
			 sizeof(functions) / sizeof(functions[0]), &unicorn);
	if (r < 0)
		return r == -ENOENT
			       ? UNICORN_FILE " cannot be loaded (Debian: libunicorn2)"
			       : UNICORN_FILE " is not the library that was built with";
	/* Where it died twice it is taken for one that loses flags: the careful way. */
	unicorn.loses_flags = apart_run(is_losing_flags, &unicorn) != 0;
	is_loaded = true;
	return NULL;
}

const struct unicorn *unicorn_get(void)
{
	return is_loaded ? &unicorn : NULL;
}

const char *unicorn_name(void)
{
	static char name[32];
	unsigned version = is_loaded ? unicorn.version(NULL, NULL) : 0;

	/* Its release is in the version's low half only. */
	snprintf(name, sizeof(name), "Unicorn %u.%u.%u", version >> 24 & 0xff,
		 version >> 16 & 0xff, version >> 8 & 0xff);
	return name;
}

#else

const char *unicorn_load(void)
{
	return "kwcheck was built without Unicorn";
}

const char *unicorn_name(void)
{
	return "";
}

#endif
