/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that QEMU may boot: which kernel it is, or why it is none. */
#include "guest/bootimage.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". */
enum {
	BOOT_FLAG = 0x1fe,
	HEADER = 0x202,
	VERSION = 0x206,
	KERNEL_VERSION = 0x20e, /* where its text is, less 0x200 */
	XLOADFLAGS = 0x236,
	HEADER_END = 0x268,
	XLF_KERNEL_64 = 1 << 0,
	SINCE_XLOADFLAGS = 0x20c, /* protocol 2.12: Linux 3.8 */
};

static bool has(const unsigned char *bytes, size_t nr, size_t at, const char *magic,
		size_t nr_magic)
{
	return nr >= at + nr_magic && memcmp(bytes + at, magic, nr_magic) == 0;
}

static unsigned word(const unsigned char *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

/* What else is met under the name vmlinuz; the first row that fits wins. */
static const struct {
	size_t at;
	const char *magic;
	size_t bytes;
	const char *words;
} others[] = {
#define MAGIC(text) text, sizeof(text) - 1
	{0,
	 MAGIC("\x7f"
	       "ELF"),
	 "an ELF file, not the image that a boot loader starts; give the bzImage: "
	 "/boot/vmlinuz-RELEASE, or arch/x86/boot/bzImage of the build"},
	{0x38, MAGIC("ARM\x64"),
	 "a kernel of arm64; only kernels of x86-64 are looked at"},
	{0x38, MAGIC("RSC\x05"),
	 "a kernel of RISC-V; only kernels of x86-64 are looked at"},
	{0x24, MAGIC("\x18\x28\x6f\x01"),
	 "a kernel of 32-bit ARM; only kernels of x86-64 are looked at"},
	{0, MAGIC("\x27\x05\x19\x56"),
	 "U-Boot's image of another architecture; only kernels of x86-64 are looked at"},
	{0, MAGIC("\x1f\x8b"),
	 "compressed by gzip, as no kernel of x86-64 is; unpack it, if one is inside"},
	{0, MAGIC("\x28\xb5\x2f\xfd"),
	 "compressed by zstd, as no kernel of x86-64 is; unpack it, if one is inside"},
	{0, MAGIC("070701"), "an initramfs; give the kernel's image"},
	{0, MAGIC("MZ"),
	 "an EFI program without a Linux boot header; of a unified kernel image give the "
	 "section .linux: objcopy -O binary --only-section=.linux FILE VMLINUZ"},
};

/* "6.1.0-51-amd64 (builder@host) #1 SMP ...": the first word. */
static void read_release(const unsigned char *bytes, size_t nr, char *release)
{
	size_t at = word(bytes + KERNEL_VERSION), i = 0;

	if (at)
		for (at += 0x200; i < BOOTIMAGE_RELEASE_BYTES - 1 && at + i < nr &&
				  isgraph(bytes[at + i]);
		     i++)
			release[i] = (char)bytes[at + i];
	release[i] = '\0';
	/* It names folders. */
	if (strchr(release, '/') || release[0] == '.')
		release[0] = '\0';
}

bool bootimage_is(const unsigned char *bytes, size_t nr)
{
	return nr >= HEADER_END && has(bytes, nr, BOOT_FLAG, MAGIC("\x55\xaa")) &&
	       has(bytes, nr, HEADER, MAGIC("HdrS"));
}

const char *bootimage_read(const unsigned char *bytes, size_t nr, char *release)
{
	release[0] = '\0';
	if (bootimage_is(bytes, nr)) {
		if (word(bytes + VERSION) < SINCE_XLOADFLAGS ||
		    !(word(bytes + XLOADFLAGS) & XLF_KERNEL_64))
			return "a kernel of 32-bit x86, or one before Linux 3.8; only "
			       "kernels of x86-64 are looked at";
		read_release(bytes, nr, release);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has(bytes, nr, others[i].at, others[i].magic, others[i].bytes))
			return others[i].words;
	return nr ? "not a kernel: there is no Linux boot header; give a vmlinuz, as "
		    "/boot/vmlinuz-RELEASE is one"
		  : "empty; give a vmlinuz, as /boot/vmlinuz-RELEASE is one";
}
