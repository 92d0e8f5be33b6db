/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DWARF of this very program, against what its compiler says of the same types. */
#include "kcore/dwarftypes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef KWCHECK_LIBDW

struct dwarf_sample {
	char first;
	union {
		struct {
			uint64_t inner;
			uint32_t array[3];
		};
		uint8_t bytes[24];
	};
	const struct dwarf_sample *const next;
	unsigned bits : 3, more_bits : 9;
	struct {
		short deep;
	} named;
	char tail[];
};

size_t dwarf_sample_use(struct dwarf_sample *changed, const struct dwarf_sample *seen,
			int word, void (*call)(void), ...);

__attribute__((noinline)) size_t dwarf_sample_use(struct dwarf_sample *changed,
						  const struct dwarf_sample *seen,
						  int word, void (*call)(void), ...)
{
	call();
	return (size_t)changed->named.deep + seen->named.deep + (size_t)word;
}

static struct types types;

static void nothing(void)
{
}

static void setup(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct dwarf_sample sample = {.first = 1};

	cr_assert_eq(dwarf_sample_use(&sample, &sample, 1, nothing), 1);
	cr_assert_eq(dwarftypes_read(&types, fd), 0);
	close(fd);
}

static void teardown(void)
{
	types_close(&types);
}

TestSuite(kcore_dwarftypes, .init = setup, .fini = teardown);

static void expect_offset(const char *member, size_t offset)
{
	uint32_t found = UINT32_MAX;

	cr_expect_eq(types_offset(&types, "dwarf_sample", member, &found), 0, "%s",
		     member);
	cr_expect_eq(found, offset, "%s: %u", member, found);
}

Test(kcore_dwarftypes, members_lie_where_the_compiler_has_them)
{
	uint32_t size_bytes, unused;

	cr_assert_eq(types_size(&types, "dwarf_sample", &size_bytes), 0);
	cr_expect_eq(size_bytes, sizeof(struct dwarf_sample));
	expect_offset("first", 0);
	expect_offset("inner", offsetof(struct dwarf_sample, inner));
	expect_offset("array", offsetof(struct dwarf_sample, array));
	expect_offset("bytes", offsetof(struct dwarf_sample, bytes));
	expect_offset("next", offsetof(struct dwarf_sample, next));
	expect_offset("more_bits", offsetof(struct dwarf_sample, next) + 8);
	expect_offset("named", offsetof(struct dwarf_sample, named));
	expect_offset("tail", offsetof(struct dwarf_sample, tail));
	/* Inside of one that has a name of its own. */
	cr_expect_eq(types_offset(&types, "dwarf_sample", "deep", &unused), -ENOENT);
	cr_expect_eq(types_size(&types, "no_such_type", &unused), -ENOENT);
}

struct seen {
	size_t nr;
	uint32_t array_bytes, next_bytes;
};

static int see(void *ctx, const char *member, uint32_t offset, uint32_t size_bytes)
{
	struct seen *seen = ctx;

	(void)offset;
	seen->nr++;
	if (strcmp(member, "array") == 0)
		seen->array_bytes = size_bytes;
	if (strcmp(member, "next") == 0)
		seen->next_bytes = size_bytes;
	return 0;
}

Test(kcore_dwarftypes, members_have_sizes)
{
	struct seen seen = {0};

	cr_assert_eq(types_members(&types, "dwarf_sample", see, &seen), 0);
	cr_expect_eq(seen.next_bytes, 8);
}

Test(kcore_dwarftypes, parameters_tell_what_may_be_written)
{
	cr_expect_eq(types_parameter(&types, "dwarf_sample_use", 0), TYPES_WRITABLE);
	cr_expect_eq(types_parameter(&types, "dwarf_sample_use", 1), TYPES_CONST);
	cr_expect_eq(types_parameter(&types, "dwarf_sample_use", 2), TYPES_NO_POINTER);
	cr_expect_eq(types_parameter(&types, "dwarf_sample_use", 3), TYPES_CONST);
	cr_expect_eq(types_parameter(&types, "dwarf_sample_use", 4), TYPES_UNKNOWN);
	cr_expect_eq(types_parameter(&types, "dwarf_sample_use", 5), TYPES_NONE);
	cr_expect_eq(types_parameter(&types, "no_such_function", 0), TYPES_UNKNOWN);
}

Test(kcore_dwarftypes, a_file_without_any_is_told)
{
	int fd = memfd_create("no-dwarf", MFD_CLOEXEC);
	struct types none;

	cr_expect_eq(dwarftypes_read(&none, fd), -ENOENT);
	close(fd);
}

#else

Test(kcore_dwarftypes, without_libdw)
{
	int fd = open(KWCHECK_BINARY, O_RDONLY | O_CLOEXEC);
	struct types none;

	cr_expect_eq(dwarftypes_read(&none, fd), -ENOSYS);
	close(fd);
}

#endif
