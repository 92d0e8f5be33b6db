/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kcore/types.h"

#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* struct inner { long a; union { struct { long b; long c; }; }; }, as BTF in a file. */
static int make_btf(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, BTF_INT_SIGNED), innermost, nested, fd;
	const void *data;
	uint32_t bytes;

	innermost = btf__add_struct(btf, NULL, 16);
	btf__add_field(btf, "b", number, 0, 0);
	btf__add_field(btf, "c", number, 64, 0);
	nested = btf__add_union(btf, NULL, 16);
	btf__add_field(btf, NULL, innermost, 0, 0);
	btf__add_struct(btf, "outer", 24);
	btf__add_field(btf, "a", number, 0, 0);
	btf__add_field(btf, NULL, nested, 64, 0);
	data = btf__raw_data(btf, &bytes);
	fd = memfd_create("btf", MFD_CLOEXEC);
	cr_assert_eq(write(fd, data, bytes), (ssize_t)bytes);
	lseek(fd, 0, SEEK_SET);
	btf__free(btf);
	return fd;
}

Test(kcore_types, offsets_reach_into_anonymous_members)
{
	struct types types = {0};
	uint32_t offset = 99, size = 0;
	int fd = make_btf();

	cr_assert_eq(types_read(&types, fd), 0);
	cr_expect_eq(types_offset(&types, "outer", "a", &offset), 0);
	cr_expect_eq(offset, 0);
	cr_expect_eq(types_offset(&types, "outer", "c", &offset), 0);
	cr_expect_eq(offset, 16);
	cr_expect_eq(types_offset(&types, "outer", "d", &offset), -ENOENT);
	cr_expect_eq(types_offset(&types, "other", "a", &offset), -ENOENT);
	cr_expect_eq(offset, 16, "written on failure");
	cr_expect_eq(types_size(&types, "outer", &size), 0);
	cr_expect_eq(size, 24);
	types_close(&types);
	close(fd);
}

Test(kcore_types, without_btf_nothing_is_known)
{
	struct types types = {0};
	uint32_t offset;
	int fd = memfd_create("empty", MFD_CLOEXEC);

	cr_expect_lt(types_read(&types, fd), 0);
	cr_expect_eq(types_offset(&types, "task_struct", "mm", &offset), -ENOENT);
	types_close(&types);
	close(fd);
}
