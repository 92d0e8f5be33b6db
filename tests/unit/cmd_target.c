/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/target.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *word;
	struct target target;
} good[] = {
	{"apparmor_hooks", {.is_symbol = true, .name = "apparmor_hooks"}},
	{"foo.cold", {.is_symbol = true, .name = "foo.cold"}},
	{"ext4:ext4_iget", {.is_symbol = true, .module = "ext4", .name = "ext4_iget"}},
	{"a+0x18",
	 {.is_symbol = true,
	  .name = "a",
	  .has_offset = true,
	  .offset = 24,
	  .size_bytes = 1}},
	{"a+24/8",
	 {.is_symbol = true,
	  .name = "a",
	  .has_offset = true,
	  .offset = 24,
	  .size_bytes = 8}},
	{"m:a+0x18/0x10",
	 {.is_symbol = true,
	  .module = "m",
	  .name = "a",
	  .has_offset = true,
	  .offset = 24,
	  .size_bytes = 16}},
	{"0xffffffff81000000", {.address = 0xffffffff81000000, .size_bytes = 1}},
	{"0XFFFFFFFF81000000", {.address = 0xffffffff81000000, .size_bytes = 1}},
	{"0x1000-0x3000", {.address = 0x1000, .size_bytes = 0x2000}},
	{"0x1000+16", {.address = 0x1000, .size_bytes = 16}},
	{"0x1000+0x10", {.address = 0x1000, .size_bytes = 16}},
	{"0xffffffffffffffff", {.address = UINT64_MAX, .size_bytes = 1}},
	{"0xfffffffffffffff0+16", {.address = UINT64_MAX - 15, .size_bytes = 16}},
};

Test(cmd_target, every_form)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct target *want = &good[i].target;
		struct target got;
		struct error err = {0};

		cr_assert_eq(target_parse(good[i].word, &got, &err), 0, "%s: %s",
			     good[i].word, err.message);
		cr_expect_eq(got.is_symbol, want->is_symbol, "%s", good[i].word);
		cr_expect_str_eq(got.name, want->name);
		cr_expect_str_eq(got.module, want->module);
		cr_expect_eq(got.has_offset, want->has_offset, "%s", good[i].word);
		cr_expect_eq(got.offset, want->offset, "%s", good[i].word);
		cr_expect_eq(got.address, want->address, "%s", good[i].word);
		cr_expect_eq(got.size_bytes, want->size_bytes, "%s", good[i].word);
	}
}

static const char *const bad[] = {
	"",
	"18446744071578845184",
	"0x",
	"0xg",
	"0x11112222333344445",
	"0x1000-0x1000",
	"0x2000-0x1000",
	"0x1000-",
	"0x1000-2000",
	"0x1000+",
	"0x1000+0",
	"0x1000+-1",
	"0x1000+ 1",
	"0xfffffffffffffff0+17",
	"0x1000/8",
	":name",
	"m:",
	"m:+1",
	"+0x18",
	"name+",
	"name+x",
	"name+0x18/",
	"name+0x18/0",
	"name+0x18/8x",
	"na me",
	"na\tme",
	"a:b:c",
	"na@me",
};

Test(cmd_target, refuses_the_rest)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct target got;
		struct error err = {0};

		cr_expect_eq(target_parse(bad[i], &got, &err), -EINVAL, "'%s'", bad[i]);
		cr_expect_eq(err.code, ERROR_MALFORMED_TARGET, "'%s'", bad[i]);
	}
}

Test(cmd_target, names_of_any_length)
{
	char word[4096];

	for (size_t bytes = 1; bytes < sizeof(word); bytes *= 2) {
		struct target got;
		struct error err = {0};

		memset(word, 'a', bytes);
		word[bytes] = '\0';
		cr_expect_eq(target_parse(word, &got, &err) == 0,
			     bytes < TARGET_NAME_BYTES);
	}
}

Test(cmd_target, lists)
{
	char path[] = "/tmp/kwcheck-test-XXXXXX", word[64];
	static const char text[] =
		"\xef\xbb\xbf# comment\n\n  apparmor_hooks  \r\n0x10 # why\n";
	struct target_list list = {0};
	struct error err = {0};
	int fd = mkstemp(path);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	snprintf(word, sizeof(word), "@%s", path);
	cr_expect_eq(target_list_add(&list, "first", &err), 0);
	cr_expect_eq(target_list_add(&list, word, &err), 0, "%s", err.message);
	cr_assert_eq(list.nr, 3);
	cr_expect_str_eq(list.words[1], "apparmor_hooks");
	cr_expect_str_eq(list.words[2], "0x10");
	unlink(path);
	cr_expect_eq(target_list_add(&list, word, &err), -ENOENT);
	cr_expect_eq(err.code, ERROR_FILE);
	target_list_free(&list);
}
