/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz module CORE FIRST COUNT FILE...
 *	looks at each module as preflight would, against the kernel in CORE, damaged by
 *the seeds FIRST and on, in turn; built with sanitizers, which end it where one is right
 * fuzz write SEED FILE
 *	the damaged file, on stdout
 *
 * On stderr there is the seed and the file before each, so that the last one tells.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/preflight.h"
#include "kcore/open.h"
#include "kcore/source.h"
#include "tests/fuzz/mutate.h"

enum { SECONDS_PER_FILE = 120 };

static unsigned char *load(const char *path, size_t *size_bytes)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes;
	long size;

	if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	bytes = malloc((size_t)size + 1);
	if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
		exit(1);
	fclose(file);
	*size_bytes = (size_t)size;
	return bytes;
}

static void look(struct addrspace *space, struct preflight_kept *kept,
		 unsigned char *bytes, size_t size_bytes, FILE *out)
{
	static const struct preflight_context context = {.no_dry_run = "fuzzed"};
	struct kofile file = {.path = (char *)"fuzzed",
			      .fd = -1,
			      .raw = bytes,
			      .raw_bytes = size_bytes};
	struct kernelfacts facts;
	struct preflight_answer answer = {.facts = &facts, .file = &file};
	struct text text = {.facts = &facts, .is_verbose = true};
	struct preflight preflight;
	int r = kofile_parse(&file, &answer.error);

	kernelfacts_of(space->kernel, &facts);
	if (r == 0)
		r = preflight_module(&preflight, kept, space, &file, &context,
				     &answer.error);
	if (r == 0)
		answer.preflight = &preflight;
	preflight_json(out, &answer);
	preflight_text(out, &text, &answer);
	if (r == 0)
		preflight_close(&preflight, space);
	kofile_forget(&file);
}

static int fuzz_modules(const char *core, uint64_t first, uint64_t count, char **files,
			size_t nr_files)
{
	FILE *out = fopen("/dev/null", "w");
	struct error err = {0};
	struct source source;
	struct kernel kernel;
	struct exports exports;
	struct addrspace space;
	struct preflight_kept kept = {0};

	if (!out || source_open_core(&source, core, &err) < 0 ||
	    kernel_open(&kernel, &source, &err) < 0 ||
	    exports_read(&exports, &kernel) < 0 ||
	    addrspace_open(&space, &kernel, &exports) < 0) {
		fprintf(stderr, "fuzz: %s\n", err.message);
		return 1;
	}
	for (uint64_t seed = first; seed < first + count; seed++) {
		const char *path = files[seed % nr_files];
		size_t size_bytes;
		unsigned char *original = load(path, &size_bytes), *bytes;

		fprintf(stderr, "\r\033[K%llu %s ", (unsigned long long)seed, path);
		size_bytes = mutate(original, size_bytes, seed);
		/* Just as large as it is, for the sanitizer to see the end. */
		bytes = malloc(size_bytes ? size_bytes : 1);
		if (!bytes)
			return 1;
		memcpy(bytes, original, size_bytes);
		free(original);
		alarm(SECONDS_PER_FILE);
		look(&space, &kept, bytes, size_bytes, out);
	}
	fputc('\n', stderr);
	preflight_kept_close(&kept);
	addrspace_close(&space);
	exports_close(&exports);
	kernel_close(&kernel);
	source_close(&source);
	fclose(out);
	return 0;
}

static int write_file(uint64_t seed, const char *path)
{
	size_t size_bytes;
	unsigned char *bytes = load(path, &size_bytes);
	bool is_written;

	size_bytes = mutate(bytes, size_bytes, seed);
	is_written = fwrite(bytes, 1, size_bytes, stdout) == size_bytes;
	free(bytes);
	return is_written ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && strcmp(argv[1], "module") == 0)
		return fuzz_modules(argv[2], strtoull(argv[3], NULL, 0),
				    strtoull(argv[4], NULL, 0), argv + 5,
				    (size_t)argc - 5);
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_file(strtoull(argv[2], NULL, 0), argv[3]);
	fprintf(stderr, "usage: fuzz module CORE FIRST COUNT FILE...\n"
			"       fuzz write SEED FILE\n");
	return 1;
}
