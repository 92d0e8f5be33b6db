/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .ko file: its bytes, its sections, its symbols. */
#include "module/kofile.h"

#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kcore/cleanup.h"
#include "kcore/loss.h"
#include "kcore/writeall.h"
#include "module/unpack.h"

/* include/linux/module_signature.h */
static const char signature_marker[] = "~Module signature appended~\n";
enum { SIGNATURE_MARKER_BYTES = sizeof(signature_marker) - 1 };

/* Bytes per allocation the loader would make; more is no module. */
static const uint64_t MAX_SECTION_BYTES = 1ULL << 30;
enum { MAX_SECTIONS = 0xff00 /* SHN_LORESERVE */ };

static void cleanup_elf(Elf **elf)
{
	if (*elf)
		elf_end(*elf);
}

static int read_all(int fd, uint64_t at, size_t size_bytes, unsigned char *bytes)
{
	ssize_t n = loss_pread(fd, bytes, size_bytes, (off_t)at);

	if (n < 0)
		return (int)n;
	return (size_t)n == size_bytes ? 0 : -EIO;
}

bool kofile_is_name(const char *name)
{
	static const char *const ends[] = {".ko", ".ko.gz", ".ko.xz", ".ko.zst"};
	size_t bytes = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (bytes > end && strcmp(name + bytes - end, ends[i]) == 0)
			return true;
	}
	return false;
}

int kofile_take(struct kofile *file, struct error *err)
{
	struct stat st;

	if (fstat(file->fd, &st) < 0) {
		int r = -errno;

		return error_set(err, ERROR_FILE, r, "%s: %s", file->path, strerror(-r));
	}
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_FILE, -EINVAL,
				 "%s: not a regular file; a module must be one",
				 file->path);
	if (st.st_size > UNPACK_MAX_BYTES)
		return error_set(err, ERROR_FILE, -EFBIG,
				 "%s: larger than any module (512 MiB)", file->path);
	file->raw_bytes = (size_t)st.st_size;
	return 0;
}

int kofile_open(struct kofile *ret, const char *path, struct error *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct kofile file = {.path = (char *)path, .fd = fd};
	int r;

	if (fd < 0) {
		r = -errno;
		return error_set(err, ERROR_FILE, r, "%s: %s", path, strerror(-r));
	}
	r = kofile_take(&file, err);
	if (r < 0)
		return r;
	file.path = strdup(path);
	if (!file.path)
		return error_set(err, ERROR_FILE, -ENOMEM, "%s: no memory", path);
	*ret = file;
	fd = -1;
	return 0;
}

static int copy(int from, int to, uint64_t to_at, size_t size_bytes)
{
	char block[64 * 1024];
	size_t done = 0;
	int r = 0;

	while (r == 0 && done < size_bytes) {
		size_t want = size_bytes - done;
		ssize_t n = loss_pread(from, block,
				       want < sizeof(block) ? want : sizeof(block),
				       (off_t)done);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		r = writeall_at(to, block, (size_t)n, to_at + done);
		done += (size_t)n;
	}
	return r;
}

int kofile_move(struct kofile *file, int to, struct error *err)
{
	struct stat st;
	int r = fstat(to, &st) < 0 ? -errno : 0;

	if (r == 0)
		r = copy(file->fd, to, (uint64_t)st.st_size, file->raw_bytes);
	if (r < 0)
		return error_set(err, ERROR_FILE, r,
				 "%s: copying it, since there are more files than may be "
				 "open (RLIMIT_NOFILE): %s",
				 file->path, strerror(-r));
	cleanup_fd(&file->fd);
	file->fd = to;
	file->at = (uint64_t)st.st_size;
	file->is_moved = true;
	return 0;
}

int kofile_read(struct kofile *file, struct error *err)
{
	int r = -ENOMEM;

	file->raw = malloc(file->raw_bytes ? file->raw_bytes : 1);
	if (file->raw)
		r = read_all(file->fd, file->at, file->raw_bytes, file->raw);
	if (r < 0)
		return error_set(err, ERROR_FILE, r, "%s: %s", file->path, strerror(-r));
	return 0;
}

void kofile_hash(struct kofile *file)
{
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, file->raw_bytes, file->raw);
	sha256_digest(&sha256, sizeof(file->sha256), file->sha256);
	file->has_sha256 = true;
}

static int unpack(struct kofile *file, struct error *err)
{
	int r;

	file->packed = unpack_kind(file->raw, file->raw_bytes);
	if (strcmp(file->packed, "none") == 0) {
		file->bytes = file->raw;
		file->size_bytes = file->raw_bytes;
		file->raw = NULL;
		return 0;
	}
	r = unpack_open(file->raw, file->raw_bytes, &file->bytes, &file->size_bytes);
	if (r == -EFBIG)
		return error_set(err, ERROR_FILE, r,
				 "%s: more than 512 MiB when unpacked; no module is",
				 file->path);
	if (r < 0)
		return error_set(err, ERROR_FILE, r, "%s: damaged %s data: %s",
				 file->path, file->packed,
				 r == -EBADMSG ? "cut short, or not what it says it is"
					       : strerror(-r));
	free(file->raw);
	file->raw = NULL;
	return 0;
}

const char *kofile_string(const struct kofile_section *section, uint64_t offset)
{
	const char *string;

	if (!section->data || offset >= section->size_bytes)
		return NULL;
	string = (const char *)section->data + offset;
	/* All but hostile tables end in a NUL. */
	if (section->data[section->size_bytes - 1] == '\0')
		return string;
	return memchr(string, '\0', section->size_bytes - offset) ? string : NULL;
}

static bool has_bytes(const struct kofile *file, uint64_t offset, uint64_t size_bytes)
{
	return offset <= file->size_bytes && size_bytes <= file->size_bytes - offset;
}

static int bad_section(const struct kofile *file, size_t i, const char *what,
		       struct error *err)
{
	return error_set(err, ERROR_FILE, -ENOEXEC,
			 "%s: section %zu %s; the kernel refuses such a file (ENOEXEC)",
			 file->path, i, what);
}

/* libelf's header may lie at any byte of a hostile file. */
static bool get_header(Elf *elf, size_t i, Elf64_Shdr *ret)
{
	Elf_Scn *scn = elf_getscn(elf, i);
	const Elf64_Shdr *header = scn ? elf64_getshdr(scn) : NULL;

	if (header)
		memcpy(ret, header, ELF64_SHDR_BYTES);
	return header;
}

static int read_sections(struct kofile *file, Elf *elf, struct error *err)
{
	size_t nr = 0, strndx = 0;
	const struct kofile_section *names;

	if (elf_getshdrnum(elf, &nr) < 0 || elf_getshdrstrndx(elf, &strndx) < 0 ||
	    nr == 0 || nr > MAX_SECTIONS || strndx >= nr)
		return error_set(err, ERROR_FILE, -ENOEXEC,
				 "%s: no sane section table; not a module", file->path);
	file->sections = calloc(nr, sizeof(*file->sections));
	if (!file->sections)
		return -ENOMEM;
	file->nr_sections = nr;
	for (size_t i = 0; i < nr; i++) {
		Elf64_Shdr header;
		struct kofile_section *section = &file->sections[i];

		if (!get_header(elf, i, &header))
			return bad_section(file, i, "has no header", err);
		*section = (struct kofile_section){.name = "",
						   .type = header.sh_type,
						   .flags = header.sh_flags,
						   .size_bytes = header.sh_size,
						   .align = header.sh_addralign,
						   .entry_bytes = header.sh_entsize,
						   .link = header.sh_link,
						   .info = header.sh_info};
		if (section->align & (section->align - 1))
			return bad_section(file, i, "is not aligned to a power of two",
					   err);
		if (section->align == 0)
			section->align = 1;
		if (section->size_bytes > MAX_SECTION_BYTES)
			return bad_section(file, i, "is larger than 1 GiB", err);
		if (section->type == SHT_NULL || section->type == SHT_NOBITS)
			continue;
		if (!has_bytes(file, header.sh_offset, section->size_bytes))
			return bad_section(file, i, "reaches past the end of the file",
					   err);
		section->data = file->bytes + header.sh_offset;
	}
	names = &file->sections[strndx];
	for (size_t i = 0; i < nr; i++) {
		Elf64_Shdr header;
		const char *name;

		get_header(elf, i, &header);
		name = kofile_string(names, header.sh_name);
		if (name)
			file->sections[i].name = name;
	}
	return 0;
}

static int read_symbols(struct kofile *file, struct error *err)
{
	const struct kofile_section *table = NULL, *strings;
	size_t nr;

	for (size_t i = 0; i < file->nr_sections; i++)
		if (file->sections[i].type == SHT_SYMTAB) {
			table = &file->sections[i];
			break;
		}
	if (!table)
		return error_set(err, ERROR_FILE, -ENOEXEC,
				 "%s: no symbol table; the kernel refuses such a file "
				 "(ENOEXEC)",
				 file->path);
	nr = table->size_bytes / ELF64_SYM_BYTES;
	if (table->link >= file->nr_sections || nr == 0)
		return bad_section(file, (size_t)(table - file->sections),
				   "has no strings for its symbols", err);
	strings = &file->sections[table->link];
	file->symbols = calloc(nr, sizeof(*file->symbols));
	if (!file->symbols)
		return -ENOMEM;
	file->nr_symbols = nr;
	for (size_t i = 0; i < nr; i++) {
		Elf64_Sym sym;
		const char *name;

		memcpy(&sym, table->data + i * ELF64_SYM_BYTES, ELF64_SYM_BYTES);
		name = kofile_string(strings, sym.st_name);
		if (sym.st_shndx >= file->nr_sections && sym.st_shndx != SHN_ABS &&
		    sym.st_shndx != SHN_COMMON && sym.st_shndx != KOFILE_SHN_LIVEPATCH)
			return error_set(err, ERROR_FILE, -ENOEXEC,
					 "%s: symbol %zu is of section %u, and there are "
					 "%zu",
					 file->path, i, sym.st_shndx, file->nr_sections);
		file->symbols[i] = (struct kofile_symbol){
			.name = name ? name : "",
			.value = sym.st_value,
			.size_bytes = sym.st_size,
			.section = sym.st_shndx,
			.type = ELF64_ST_TYPE(sym.st_info),
			.bind = ELF64_ST_BIND(sym.st_info),
		};
	}
	return 0;
}

static int read_relocations(struct kofile *file, struct error *err)
{
	for (size_t i = 0; i < file->nr_sections; i++) {
		const struct kofile_section *table = &file->sections[i];
		struct kofile_section *target;

		if (table->type != SHT_RELA)
			continue;
		if (table->info >= file->nr_sections)
			return bad_section(file, i, "relocates a section that is not",
					   err);
		target = &file->sections[table->info];
		if (target->rela)
			return bad_section(file, i, "relocates a section once more", err);
		target->rela = table->data;
		target->nr_rela = table->size_bytes / ELF64_RELA_BYTES;
		for (size_t j = 0; j < target->nr_rela; j++) {
			Elf64_Rela rela;

			kofile_rela(target, j, &rela);
			if (ELF64_R_SYM(rela.r_info) >= file->nr_symbols)
				return bad_section(file, i, "names a symbol that is not",
						   err);
		}
	}
	return 0;
}

const struct kofile_section *kofile_section(const struct kofile *file, const char *name)
{
	for (size_t i = 1; i < file->nr_sections; i++)
		if (strcmp(file->sections[i].name, name) == 0)
			return &file->sections[i];
	return NULL;
}

const char *kofile_modinfo(const struct kofile *file, const char *key, const char *prev)
{
	const struct kofile_section *info = kofile_section(file, ".modinfo");
	size_t key_bytes = strlen(key);
	uint64_t at = 0;

	if (!info || !info->data)
		return NULL;
	if (prev)
		at = (uint64_t)((const unsigned char *)prev - info->data);
	while (at < info->size_bytes) {
		const char *entry = kofile_string(info, at);

		if (!entry)
			return NULL;
		at += strlen(entry) + 1;
		if ((const char *)entry > prev && strncmp(entry, key, key_bytes) == 0 &&
		    entry[key_bytes] == '=')
			return entry + key_bytes + 1;
	}
	return NULL;
}

int kofile_parse(struct kofile *file, struct error *err)
{
	_cleanup_(cleanup_elf) Elf *elf = NULL;
	const Elf64_Ehdr *header;
	const char *name;
	size_t nr;
	int r = unpack(file, err);

	if (r < 0)
		return r;
	nr = file->size_bytes;
	/* kernel/module/signing.c:module_sig_check() */
	file->is_signed = nr > SIGNATURE_MARKER_BYTES &&
			  memcmp(file->bytes + nr - SIGNATURE_MARKER_BYTES,
				 signature_marker, SIGNATURE_MARKER_BYTES) == 0;
	file->signed_bytes = file->is_signed ? nr - SIGNATURE_MARKER_BYTES : 0;
	elf_version(EV_CURRENT);
	elf = elf_memory((char *)file->bytes, nr);
	header = elf && elf_kind(elf) == ELF_K_ELF ? elf64_getehdr(elf) : NULL;
	if (!header)
		return error_set(err, ERROR_FILE, -ENOEXEC,
				 "%s: not a 64-bit ELF file; give a .ko, .ko.gz, .ko.xz "
				 "or .ko.zst",
				 file->path);
	if (header->e_type != ET_REL || header->e_machine != EM_X86_64 ||
	    header->e_ident[EI_DATA] != ELFDATA2LSB)
		return error_set(err, ERROR_FILE, -ENOEXEC,
				 "%s: an ELF file, but not a relocatable one for x86-64; "
				 "not a module for this kernel",
				 file->path);
	/* kernel/module/main.c: elf_validity_check(), and before it elf_check(). */
	if (header->e_shentsize != ELF64_SHDR_BYTES)
		return error_set(err, ERROR_FILE, -ENOEXEC,
				 "%s: section headers of %u bytes, not %d; the kernel "
				 "refuses such a file (ENOEXEC)",
				 file->path, header->e_shentsize, ELF64_SHDR_BYTES);
	r = read_sections(file, elf, err);
	if (r == 0)
		r = read_symbols(file, err);
	if (r == 0)
		r = read_relocations(file, err);
	if (r < 0)
		return error_set(err, ERROR_INTERNAL, r, "%s: %s", file->path,
				 strerror(-r));
	name = kofile_modinfo(file, "name", NULL);
	file->module_name = name ? name : "";
	return 0;
}

void kofile_forget(struct kofile *file)
{
	free(file->raw);
	free(file->bytes);
	free(file->sections);
	free(file->symbols);
	file->raw = file->bytes = NULL;
	file->sections = NULL;
	file->symbols = NULL;
	file->nr_sections = file->nr_symbols = file->size_bytes = 0;
}

void kofile_close(struct kofile *file)
{
	kofile_forget(file);
	if (!file->is_moved)
		cleanup_fd(&file->fd);
	free(file->path);
	*file = (struct kofile){.fd = -1};
}

bool kofile_imports(const struct kofile *file, const char *name)
{
	for (size_t i = 1; i < file->nr_symbols; i++)
		if (file->symbols[i].section == SHN_UNDEF &&
		    strcmp(file->symbols[i].name, name) == 0)
			return true;
	return false;
}
