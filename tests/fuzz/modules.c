/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of modules, each as the part that reads them first gets it. */
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/preflight.h"
#include "insn/decode.h"
#include "kcore/open.h"
#include "module/depends.h"
#include "module/kmodindex.h"
#include "module/relocate.h"
#include "module/signature.h"
#include "module/unpack.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ko.h"

/* The kernel that modules are held against, opened once. */
static struct addrspace *kernel_space(void)
{
	static struct source source;
	static struct kernel kernel;
	static struct exports exports;
	static struct addrspace space;
	const char *path = getenv("KWCHECK_FUZZ_CORE") ?: "tests/data/captures/6.1.zst";
	struct error err = {0};

	if (space.kernel)
		return &space;
	if (source_open_core(&source, path, &err) < 0 ||
	    kernel_open(&kernel, &source, &err) < 0 ||
	    exports_read(&exports, &kernel) < 0 ||
	    addrspace_open(&space, &kernel, &exports) < 0)
		fuzz_fail("%s: %s", path, err.message);
	return &space;
}

void fuzz_unpack(const unsigned char *bytes, size_t nr_bytes)
{
	unsigned char *unpacked;
	size_t nr;

	if (unpack_open(bytes, nr_bytes, &unpacked, &nr) == 0)
		free(unpacked);
	if (unpack_deflate(bytes, nr_bytes, &unpacked, &nr) == 0)
		free(unpacked);
	if (unpack_of_size(bytes, nr_bytes, 4096, &unpacked) == 0)
		free(unpacked);
	unpack_kind(bytes, nr_bytes);
}

/* kofile_close() is for the descriptor and the path, which are none. */
static int parse(const unsigned char *bytes, size_t nr_bytes, struct kofile *ret,
		 struct error *err)
{
	*ret = (struct kofile){.path = (char *)"fuzzed",
			       .fd = -1,
			       .raw = (unsigned char *)fuzz_text(bytes, nr_bytes),
			       .raw_bytes = nr_bytes};
	return kofile_parse(ret, err);
}

static void read_all(const struct kofile *file)
{
	volatile unsigned char sum = 0;

	for (size_t i = 0; i < file->nr_sections; i++) {
		const struct kofile_section *section = &file->sections[i];

		for (size_t j = 0; section->data && j < section->size_bytes; j++)
			sum = (unsigned char)(sum + section->data[j]);
		for (size_t j = 0; j < section->nr_rela; j++) {
			Elf64_Rela rela;

			kofile_rela(section, j, &rela);
			if (ELF64_R_SYM(rela.r_info) >= file->nr_symbols)
				fuzz_fail("kofile: a relocation of no symbol");
		}
	}
	for (size_t i = 0; i < file->nr_symbols; i++)
		sum = (unsigned char)(sum + strlen(file->symbols[i].name));
	kofile_modinfo(file, "name", NULL);
	kofile_imports(file, "printk");
}

void fuzz_kofile(const unsigned char *bytes, size_t nr_bytes)
{
	struct error err = {0};
	struct kofile file;

	if (parse(bytes, nr_bytes, &file, &err) == 0)
		read_all(&file);
	else if (!err.message[0])
		fuzz_fail("kofile: refused without a word");
	kofile_forget(&file);
}

static int resolve_any(void *ctx, const char *name, uint64_t *ret)
{
	(void)ctx;
	*ret = 0xffffffff81000000 + strlen(name);
	return strlen(name) % 3 ? 0 : -2;
}

void fuzz_layout(const unsigned char *bytes, size_t nr_bytes)
{
	static const struct modsection_rules rules = {0};
	struct modimage mod;
	struct error err = {0};
	struct kofile file;
	uint64_t target;

	if (parse(bytes, nr_bytes, &file, &err) == 0 &&
	    modimage_layout(&mod, &file, &rules) == 0) {
		modimage_move(&mod, 0xffffffffc0000000, 0x30000);
		if (relocate_resolve(&mod, resolve_any, NULL) == 0)
			relocate_load(&mod);
		for (size_t i = 0; i < file.nr_sections; i++)
			for (size_t j = 0; mod.symbols && j < file.sections[i].nr_rela;
			     j++) {
				Elf64_Rela rela;

				kofile_rela(&file.sections[i], j, &rela);
				relocate_target(&mod, &rela, &target);
			}
		modimage_close(&mod);
	}
	kofile_forget(&file);
}

void fuzz_signature(const unsigned char *bytes, size_t nr_bytes)
{
	static struct keyring keys;
	struct signature signature;
	/* The size that its last 12 bytes tell is of what is before them. */
	struct kofile file = {.path = (char *)"fuzzed",
			      .fd = -1,
			      .bytes = (unsigned char *)fuzz_text(bytes, nr_bytes),
			      .size_bytes = nr_bytes,
			      .is_signed = true,
			      .signed_bytes = nr_bytes};

	signature_read(&signature, &file, &keys);
	if (signature.state == SIGNATURE_GOOD)
		fuzz_fail("signature: good without a key");
	free(file.bytes);
}

static void judge(unsigned char *bytes, size_t nr_bytes)
{
	static const struct preflight_context context = {.no_dry_run = "fuzzed"};
	static struct preflight_kept kept;
	static FILE *out;
	struct addrspace *space = kernel_space();
	struct kofile file;
	struct kernelfacts facts;
	struct preflight_answer answer = {.facts = &facts, .file = &file};
	struct text text = {.facts = &facts, .is_verbose = true};
	static struct preflight preflight;
	int r = parse(bytes, nr_bytes, &file, &answer.error);

	if (!out)
		out = fopen("/dev/null", "w");
	kernelfacts_of(space->kernel, &facts);
	if (r == 0)
		r = preflight_module(&preflight, &kept, space, &file, &context,
				     &answer.error);
	if (r == 0)
		answer.preflight = &preflight;
	preflight_json(out, &answer);
	preflight_text(out, &text, &answer);
	if (r == 0)
		preflight_close(&preflight, space);
	kofile_forget(&file);
}

void fuzz_preflight(const unsigned char *bytes, size_t nr_bytes)
{
	judge((unsigned char *)bytes, nr_bytes);
}

void fuzz_decode(const unsigned char *bytes, size_t nr_bytes)
{
	struct form form;
	struct form_key key;

	while (nr_bytes && decode_form(bytes, nr_bytes, &form, &key)) {
		if (!form.insn.bytes || form.insn.bytes > nr_bytes)
			fuzz_fail("decode: %u bytes of %zu", form.insn.bytes, nr_bytes);
		bytes += form.insn.bytes;
		nr_bytes -= form.insn.bytes;
	}
}

/* A module of this code alone. */
void fuzz_code(const unsigned char *bytes, size_t nr_bytes)
{
	struct ko ko = ko_of_code(bytes, nr_bytes);
	unsigned char *file;
	size_t size_bytes;

	if (!nr_bytes)
		return;
	file = ko_bytes(&ko, &size_bytes);
	judge(file, size_bytes);
	free(file);
}

/* What is let through to libkmod, libkmod reads. */
void fuzz_kmodindex(const unsigned char *bytes, size_t nr_bytes)
{
	static char folder[] = "/dev/shm/kwcheck-fuzz-XXXXXX";
	struct kmod_ctx *kmod;
	struct depends depends = {0};
	char path[64];
	int fd;

	if (kmodindex_why_bad(bytes, nr_bytes))
		return;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		fuzz_fail("no folder");
	snprintf(path, sizeof(path), "%s/modules.dep.bin", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, nr_bytes) != (ssize_t)nr_bytes)
		fuzz_fail("%s: %m", path);
	close(fd);
	kmod = kmod_new(folder, NULL);
	if (kmod && depends_read(&depends, kmod) == 0) {
		for (size_t i = 0; i < depends.nr; i++)
			if (!depends_path(&depends, depends.names[i]))
				fuzz_fail("depends: %s is not found again",
					  depends.names[i]);
		depends_close(&depends);
	}
	kmod_unref(kmod);
	unlink(path);
	rmdir(folder);
}
