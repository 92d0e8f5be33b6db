/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which form a dump of memory has, by its first bytes. */
#include "kcore/form.h"

#include <stdbool.h>
#include <string.h>

#include "kcore/loss.h"

#define BY_QEMU                                                                       \
	"'dump-guest-memory FILE' in QEMU's monitor or 'virsh dump --memory-only VM " \
	"FILE' makes a dump that kwcheck reads"
#define BY_VMWARE "give the .vmem file beside it, which holds the memory"
#define BY_KDUMP "kdump's vmcore, or 'kwcheck capture FILE' on that machine, is read"
#define IS_ARCHIVE "unpack it, and give kwcheck the dump inside"

/* A form is told by bytes at an offset; the first row that fits wins. Sources:
 * makedumpfile.h and diskdump_mod.h, LiME's doc/README, avml's src/image.rs, crash's
 * vmware_vmss.h, Volatility's VMware layer, QEMU's
 * migration/qemu-file-types.h, libvirt's qemu_saveimage.h, kernel/power/swap.c, the
 * formats' own descriptions.
 */
static const struct {
	size_t offset;
	const char *magic;
	size_t bytes;
	struct form form;
} rows[] = {
#define MAGIC(text) text, sizeof(text) - 1
	{0,
	 MAGIC("\x7f"
	       "ELF"),
	 {FORM_ELF, "an ELF file", NULL}},
	{0, MAGIC("KDUMP   "), {FORM_KDUMP, "a kdump-compressed dump", NULL}},
	{0, MAGIC("DISKDUMP"), {FORM_KDUMP, "a diskdump", NULL}},
	{0, MAGIC("makedumpfile\0\0\0\0"), {FORM_FLAT, "a flattened dump", NULL}},
	{0, MAGIC("EMiL\1\0\0\0"), {FORM_LIME, "LiME", NULL}},
	{0, MAGIC("AVML\2\0\0\0"), {FORM_AVML, "AVML version 2", NULL}},
#define VMWARE(text)                                                                  \
	{                                                                             \
		0, MAGIC(text),                                                       \
		{                                                                     \
			FORM_VMWARE, "a VMware snapshot's state (.vmss, .vmsn)", NULL \
		}                                                                     \
	}
	VMWARE("\xd2\xbe\xd2\xbe"),
	VMWARE("\xd3\xbe\xd3\xbe"),
	VMWARE("\xd1\xba\xd1\xba"),
	VMWARE("\xd2\xba\xd2\xba"),
#undef VMWARE
	{0, MAGIC("\x1f\x8b"), {FORM_GZIP, "gzip", NULL}},
	{0,
	 MAGIC("\xfd"
	       "7zXZ\0"),
	 {FORM_XZ, "xz", NULL}},
	{0, MAGIC("\x28\xb5\x2f\xfd"), {FORM_ZSTD, "zstd", NULL}},
#define REFUSED(at, text, name, advice)            \
	{                                          \
		at, MAGIC(text),                   \
		{                                  \
			FORM_REFUSED, name, advice \
		}                                  \
	}
	REFUSED(0, "QEVM", "a QEMU migration stream (savevm, migrate, virsh dump)",
		BY_QEMU),
	REFUSED(0, "LibvirtQemudSave", "a libvirt save file", BY_QEMU),
	REFUSED(0, "LibvirtQemudPart", "a libvirt save file that was not finished",
		BY_QEMU),
	REFUSED(0, "QFI\xfb", "a QEMU disk image (qcow2), as savevm writes into",
		BY_QEMU),
	REFUSED(0, "\xd0\xbe\xd0\xbe",
		"a VMware snapshot's state of an old form (32 bits)", BY_VMWARE),
	REFUSED(0, "\xd0\xbe\xd2\xbe",
		"a VMware snapshot's state of an old form (32 bits)", BY_VMWARE),
	REFUSED(0, "KDMV", "a VMware disk image", BY_VMWARE),
	REFUSED(0, "\x7fVirtualBox SavedState", "a VirtualBox saved state",
		"'VBoxManage debugvm VM dumpvmcore --filename=FILE' makes a dump that "
		"kwcheck reads"),
	REFUSED(4086, "S1SUSPEND", "swap space with a hibernation image in it", BY_KDUMP),
	REFUSED(4086, "S2SUSPEND", "swap space with a hibernation image in it", BY_KDUMP),
	REFUSED(4086, "LINHIB0001", "swap space with a hibernation image in it",
		BY_KDUMP),
	REFUSED(4086, "SWAPSPACE2", "swap space", BY_KDUMP),
	REFUSED(0, "PAGEDU64", "a crash dump of Windows",
		"kwcheck reads dumps of Linux only"),
	REFUSED(0, "PAGEDUMP", "a crash dump of Windows",
		"kwcheck reads dumps of Linux only"),
	REFUSED(0, "MDMP", "a minidump of Windows", "kwcheck reads dumps of Linux only"),
	REFUSED(0, "HIBR", "a hibernation file of Windows",
		"kwcheck reads dumps of Linux only"),
	REFUSED(0, "hibr", "a hibernation file of Windows",
		"kwcheck reads dumps of Linux only"),
	REFUSED(0, "LibxenFmt", "a Xen save file",
		"'xl dump-core DOMAIN FILE' makes one of an HVM or PVH domain that kwcheck reads"),
	REFUSED(0, "\xed\x23\x8f\x61\x73\x01\x19\xa8", "an LKCD dump",
		"'makedumpfile' and crash read it"),
	REFUSED(0, "BZh", "bzip2", IS_ARCHIVE " (bunzip2)"),
	REFUSED(0, "\x04\x22\x4d\x18", "lz4", IS_ARCHIVE " (unlz4)"),
	REFUSED(0, "\x89LZO\0\r\n\x1a\n", "lzop", IS_ARCHIVE " (lzop -d)"),
	REFUSED(0, "LZIP", "lzip", IS_ARCHIVE " (lzip -d)"),
	REFUSED(0, "PK\3\4", "a zip archive", IS_ARCHIVE " (unzip)"),
	REFUSED(0, "7z\xbc\xaf\x27\x1c", "a 7z archive", IS_ARCHIVE " (7z x)"),
	REFUSED(0, "Rar!", "a rar archive", IS_ARCHIVE),
	REFUSED(257, "ustar", "a tar archive", IS_ARCHIVE " (tar -x)"),
	REFUSED(0x202, "HdrS", "a kernel image (vmlinuz), no memory of a kernel",
		BY_KDUMP),
#undef REFUSED
#undef MAGIC
};

static const struct form none = {FORM_NONE, "no form that kwcheck knows", NULL};

const struct form *form_of(const void *head, size_t head_bytes)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].offset + rows[i].bytes <= head_bytes &&
		    memcmp((const char *)head + rows[i].offset, rows[i].magic,
			   rows[i].bytes) == 0)
			return &rows[i].form;
	return &none;
}

const struct form *form_of_file(int fd)
{
	char head[FORM_HEAD_BYTES];
	ssize_t n = loss_pread(fd, head, sizeof(head), 0);

	return form_of(head, n > 0 ? (size_t)n : 0);
}

bool form_is_packed(enum form_kind kind)
{
	return kind == FORM_FLAT || kind == FORM_GZIP || kind == FORM_XZ ||
	       kind == FORM_ZSTD;
}
