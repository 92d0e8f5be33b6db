/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's file here is this very test: a linked ELF file with symbols, DWARF, a
 * build id and a banner.
 */
#include "oops/vmlinux.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oopslog.h"

#define BANNER \
	"Linux version 6.1.0-55-amd64 (me@here) (gcc 12) #1 SMP Debian 6.1.192-1 (2026)"

__attribute__((used)) const char linux_banner[] = BANNER "\n";

int oops_vmlinux_outer(const char *p);

__attribute__((noinline, used)) int oops_vmlinux_outer(const char *p)
{
	return *p ? oops_vmlinux_outer(p + 1) + 1 : 0;
}

#ifdef KWCHECK_LIBDW

static int open_self(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%m");
	return fd;
}

/* st_size of the function, and the digits of the build id. */
static uint64_t look_up(int fd, const char *function, char id[65])
{
	Elf *elf = (elf_version(EV_CURRENT), elf_begin(fd, ELF_C_READ, NULL));
	uint64_t size_bytes = 0;
	Elf_Scn *scn = NULL;

	*id = '\0';
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr header;
		Elf_Data *data = elf_getdata(scn, NULL);
		size_t name, desc;
		GElf_Nhdr note;
		GElf_Sym symbol;

		gelf_getshdr(scn, &header);
		if (header.sh_type == SHT_NOTE &&
		    gelf_getnote(data, 0, &note, &name, &desc) &&
		    note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= 32)
			for (size_t i = 0; i < note.n_descsz; i++)
				sprintf(id + 2 * i, "%02x",
					((unsigned char *)data->d_buf)[desc + i]);
		for (int i = 0;
		     header.sh_type == SHT_SYMTAB && gelf_getsym(data, i, &symbol); i++)
			if (strcmp(elf_strptr(elf, header.sh_link, symbol.st_name),
				   function) == 0)
				size_bytes = symbol.st_size;
	}
	elf_end(elf);
	cr_assert_neq(size_bytes, 0);
	return size_bytes;
}

static struct vmlinux *open_vmlinux(int fd)
{
	struct vmlinux *vmlinux;
	struct error err = {0};

	cr_assert_eq(vmlinux_open(&vmlinux, &fd, 1, "self", &err), 0, "%s", err.message);
	return vmlinux;
}

Test(oops_vmlinux, lines)
{
	struct site site = {.function = "oops_vmlinux_outer"};
	struct vmlinux_lines lines;
	char id[65];
	int fd = open_self();
	struct vmlinux *vmlinux = open_vmlinux(fd);

	site.size_bytes = look_up(fd, site.function, id);
	vmlinux_find(vmlinux, &site, false, &lines);
	cr_assert_geq(lines.nr, 1, "%s", lines.why_not);
	cr_expect_str_eq(lines.array[lines.nr - 1].function, "oops_vmlinux_outer");
	cr_expect_not_null(strstr(lines.array[0].file, "oops_vmlinux.c"));
	cr_expect_gt(lines.array[0].line, 0);
	/* What a call returns to may be another line's, here another function's. */
	site.offset = site.size_bytes - 1;
	vmlinux_find(vmlinux, &site, true, &lines);
	cr_assert_geq(lines.nr, 1, "%s", lines.why_not);
	cr_expect_str_eq(lines.array[lines.nr - 1].function, "oops_vmlinux_outer");
	vmlinux_close(vmlinux);
	close(fd);
}

Test(oops_vmlinux, no_lines)
{
	int fd = open_self();
	struct vmlinux *vmlinux = open_vmlinux(fd);
	struct site site = {.function = "oops_vmlinux_outer"};
	struct vmlinux_lines lines;
	char id[65];

	site.size_bytes = look_up(fd, site.function, id) + 0x1000;
	vmlinux_find(vmlinux, &site, false, &lines);
	cr_expect_eq(lines.nr, 0);
	cr_expect_not_null(strstr(lines.why_not, "another size"), "%s", lines.why_not);
	strcpy(site.function, "no_such_function");
	vmlinux_find(vmlinux, &site, false, &lines);
	cr_expect_not_null(strstr(lines.why_not, "not in the file"), "%s", lines.why_not);
	strcpy(site.module, "mine");
	vmlinux_find(vmlinux, &site, false, &lines);
	cr_expect_not_null(strstr(lines.why_not, "module"), "%s", lines.why_not);
	vmlinux_close(vmlinux);
	close(fd);
}

Test(oops_vmlinux, is_it_the_logs)
{
	static const struct {
		const char *log, *release, *build;
		enum vmlinux_match match;
	} rows[] = {
		{"", "6.1.0-55-amd64", "#1  Debian 6.1.192-1", VMLINUX_SAME},
		{"", "6.1.0-55-amd64", "#1", VMLINUX_SAME},
		{"", "6.1.0-55-amd64", "", VMLINUX_SAME},
		{"", "6.1.0-54-amd64", "#1  Debian 6.1.192-1", VMLINUX_OTHER},
		{"", "6.1.0-55-amd64", "#2  Debian 6.1.192-1", VMLINUX_OTHER},
		{"", "6.1.0-55-amd64", "#1  Debian 6.1.192-2", VMLINUX_OTHER},
		{"", "6.1.0-55-amd64", "#1 0123456789abcdef0123456789abcdef01234567",
		 VMLINUX_OTHER},
		{"", "", "", VMLINUX_UNCHECKED},
		{"[    0.000000] " BANNER "\n", "", "", VMLINUX_SAME},
		{"[    0.000000] Linux version 6.1.0-55-amd64 (you) #1 SMP Debian "
		 "6.1.192-1\n",
		 "6.1.0-55-amd64", "#1", VMLINUX_OTHER},
		{"[    0.000000] Linux version 5.10.0 (you) #1 SMP\n", "6.1.0-55-amd64",
		 "#1", VMLINUX_SAME},
	};
	int fd = open_self();
	struct vmlinux *vmlinux = open_vmlinux(fd);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char reason[VMLINUX_REASON_BYTES] = "";
		struct crash crash = {0};
		struct oopslog log;

		strcpy(crash.release, rows[i].release);
		strcpy(crash.build, rows[i].build);
		oopslog_read(&log, rows[i].log, strlen(rows[i].log));
		cr_expect_eq(vmlinux_compare(vmlinux, &log.log, &crash, reason),
			     rows[i].match, "row %zu: %s", i, reason);
		cr_expect_str_not_empty(reason);
		oopslog_close(&log);
	}
	vmlinux_close(vmlinux);
	close(fd);
}

Test(oops_vmlinux, build_id)
{
	int fd = open_self();
	struct vmlinux *vmlinux = open_vmlinux(fd);
	char reason[VMLINUX_REASON_BYTES], id[65];
	struct crash crash = {0};
	struct oopslog log;

	look_up(fd, "oops_vmlinux_outer", id);
	snprintf(crash.build, sizeof(crash.build), "#1 %s", id);
	oopslog_read(&log, "", 0);
	cr_expect_eq(vmlinux_compare(vmlinux, &log.log, &crash, reason), VMLINUX_SAME,
		     "%s", reason);
	cr_expect_not_null(strstr(reason, "build id"));
	oopslog_close(&log);
	vmlinux_close(vmlinux);
	close(fd);
}

/* objcopy splits the DWARF off; another program's is not taken. */
Test(oops_vmlinux, a_debug_file)
{
	char folder[] = "/tmp/kwcheck-vmlinux-XXXXXX", command[512], path[64], id[65];
	struct site site = {.function = "oops_vmlinux_outer"};
	struct vmlinux_lines lines;
	struct vmlinux *vmlinux = NULL;
	struct error err = {0};
	int self = open_self(), fds[3];

	cr_assert_not_null(mkdtemp(folder));
	snprintf(command, sizeof(command),
		 "cd %s && objcopy --only-keep-debug /proc/%d/exe d && "
		 "objcopy --strip-debug /proc/%d/exe s",
		 folder, getpid(), getpid());
	cr_assert_eq(system(command), 0);
	snprintf(path, sizeof(path), "%s/s", folder);
	fds[0] = open(path, O_RDONLY | O_CLOEXEC);
	fds[1] = open(KWCHECK_BINARY, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/d", folder);
	fds[2] = open(path, O_RDONLY | O_CLOEXEC);
	cr_expect_eq(vmlinux_open(&vmlinux, fds, 2, "s", &err), -ENODATA);
	cr_expect_not_null(strstr(err.message, "no DWARF"), "%s", err.message);
	cr_assert_eq(vmlinux_open(&vmlinux, fds, 3, "s", &err), 0, "%s", err.message);
	site.size_bytes = look_up(self, site.function, id);
	vmlinux_find(vmlinux, &site, false, &lines);
	cr_assert_geq(lines.nr, 1, "%s", lines.why_not);
	cr_expect_not_null(strstr(lines.array[0].file, "oops_vmlinux.c"));
	vmlinux_close(vmlinux);
	/* The debug file by itself has no contents: its banner is not known. */
	cr_assert_eq(vmlinux_open(&vmlinux, &fds[2], 1, "d", &err), 0, "%s", err.message);
	vmlinux_find(vmlinux, &site, false, &lines);
	cr_expect_geq(lines.nr, 1, "%s", lines.why_not);
	vmlinux_close(vmlinux);
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	close(self);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_expect_eq(system(command), 0);
}

Test(oops_vmlinux, no_kernel)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	struct vmlinux *vmlinux = NULL;
	struct error err = {0};

	cr_expect_eq(vmlinux_open(&vmlinux, &fd, 1, "passwd", &err), -ENOEXEC);
	cr_expect_null(vmlinux);
	cr_expect_not_null(strstr(err.message, "passwd"));
	close(fd);
}

#else

Test(oops_vmlinux, without_libdw)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct vmlinux *vmlinux;
	struct error err = {0};

	cr_expect_eq(vmlinux_open(&vmlinux, &fd, 1, "self", &err), -ENOTSUP);
	cr_expect_eq(err.code, ERROR_NOT_BUILT_IN);
	cr_expect_str_eq(err.message, "self: this kwcheck was built without libdw, which "
				      "reads source lines");
	close(fd);
}

#endif
