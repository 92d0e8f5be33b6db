/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is fed with any bytes: one function for each kind of input that somebody else may
 * have written.
 */
#ifndef KWCHECK_TESTS_FUZZ_TARGET_H
#define KWCHECK_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

struct fuzz_target {
	const char *name;
	/* Returns if nothing is wrong: a finding ends the process, by a sanitizer or by
	 * fuzz_fail().
	 */
	void (*run)(const unsigned char *bytes, size_t nr_bytes);
	size_t max_bytes; /* of an input that libFuzzer makes up */
};

/* Ends with one without a name. */
extern const struct fuzz_target fuzz_targets[];

/* NULL: none of that name. */
const struct fuzz_target *fuzz_target(const char *name);

/* Two ways to the same answer came to different ones. */
_Noreturn void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A copy with a NUL behind it, for the caller to free. */
char *fuzz_text(const unsigned char *bytes, size_t nr_bytes);

/* The same file in memory each time, with these bytes, at its start. */
int fuzz_file(const unsigned char *bytes, size_t nr_bytes);

/* Texts: tests/fuzz/texts.c */
void fuzz_oops(const unsigned char *bytes, size_t nr_bytes);
void fuzz_site(const unsigned char *bytes, size_t nr_bytes);
void fuzz_paste(const unsigned char *bytes, size_t nr_bytes);
void fuzz_kallsyms_text(const unsigned char *bytes, size_t nr_bytes);
void fuzz_vmcoreinfo(const unsigned char *bytes, size_t nr_bytes);
void fuzz_word(const unsigned char *bytes, size_t nr_bytes);
void fuzz_list(const unsigned char *bytes, size_t nr_bytes);
void fuzz_baseline(const unsigned char *bytes, size_t nr_bytes);
/* Files of modules: tests/fuzz/modules.c */
void fuzz_unpack(const unsigned char *bytes, size_t nr_bytes);
void fuzz_kofile(const unsigned char *bytes, size_t nr_bytes);
void fuzz_layout(const unsigned char *bytes, size_t nr_bytes);
void fuzz_signature(const unsigned char *bytes, size_t nr_bytes);
void fuzz_preflight(const unsigned char *bytes, size_t nr_bytes);
void fuzz_decode(const unsigned char *bytes, size_t nr_bytes);
void fuzz_code(const unsigned char *bytes, size_t nr_bytes);
void fuzz_kmodindex(const unsigned char *bytes, size_t nr_bytes);
/* Dumps, and what lies in the memory of a kernel: tests/fuzz/cores.c */
void fuzz_elfcore(const unsigned char *bytes, size_t nr_bytes);
void fuzz_kdump(const unsigned char *bytes, size_t nr_bytes);
void fuzz_lime(const unsigned char *bytes, size_t nr_bytes);
void fuzz_avml(const unsigned char *bytes, size_t nr_bytes);
void fuzz_vmware(const unsigned char *bytes, size_t nr_bytes);
void fuzz_xencore(const unsigned char *bytes, size_t nr_bytes);
void fuzz_expand(const unsigned char *bytes, size_t nr_bytes);
void fuzz_btf(const unsigned char *bytes, size_t nr_bytes);
void fuzz_kallsyms(const unsigned char *bytes, size_t nr_bytes);
void fuzz_printk(const unsigned char *bytes, size_t nr_bytes);
/* Page tables, against a second walker: tests/fuzz/tables.c */
void fuzz_tables(const unsigned char *bytes, size_t nr_bytes);

#endif
