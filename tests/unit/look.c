/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "dataflow/blocks.h"

static const char symbols[] = "ffffffff81000000 T _text\n"
			      "ffffffff81000000 T _stext\n"
			      "ffffffff81000100 T helper\n"
			      "ffffffff81200000 R __start_rodata\n"
			      "ffffffff81200040 R rodata_enabled\n"
			      "ffffffff81200100 R sealed\n"
			      "ffffffff81200200 R next\n"
			      "ffffffff81400000 D _sdata\n"
			      "ffffffff81400100 D variable\n"
			      "ffffffff81600000 B _end\n";

static void look_in(struct look *look, const char *vmcoreinfo, const char *kallsyms,
		    const struct ko *ko, const struct exported *exports,
		    size_t nr_exports)
{
	static const struct preflight_context context;
	struct error err = {0};

	memset(look, 0, sizeof(*look));
	look->fake.vmcoreinfo = vmcoreinfo;
	look->fake.kallsyms = kallsyms ? kallsyms : symbols;
	fake_write(&look->fake);
	look->source = fake_source(&look->fake);
	cr_assert_eq(kernel_open(&look->kernel, &look->source, &err), 0, "%s",
		     err.message);
	cr_assert_eq(exports_read(&look->exports, &look->kernel), 0);
	if (nr_exports) {
		free(look->exports.array);
		look->exports.array = calloc(nr_exports, sizeof(*exports));
		memcpy(look->exports.array, exports, nr_exports * sizeof(*exports));
		look->exports.nr = nr_exports;
		look->exports.is_complete = true;
		nameindex_close(&look->exports.by_name);
		cr_assert_eq(exports_index(&look->exports), 0);
	}
	cr_assert_eq(addrspace_open(&look->space, &look->kernel, &look->exports), 0);
	look->space.seals_modules = true;
	ko_parse(ko, &look->file);
	cr_assert_eq(preflight_module(&look->inspect, &look->kept, &look->space,
				      &look->file, &context, &err),
		     0, "%s", err.message);
	look->input = (struct input){
		.space = &look->space,
		.mod = &look->inspect.mod,
		.landmarks = &look->space.landmarks,
		.code = &look->inspect.code,
		.parameters = &look->inspect.parameters,
	};
}

void look_at(struct look *look, const struct ko *ko, const struct exported *exports,
	     size_t nr_exports)
{
	look_in(look, NULL, NULL, ko, exports, nr_exports);
}

void look_at_in(struct look *look, const char *vmcoreinfo, const char *kallsyms,
		const struct ko *ko)
{
	look_in(look, vmcoreinfo, kallsyms, ko, NULL, 0);
}

const struct code_section *look_at_code(struct look *look, const unsigned char *code,
					size_t size_bytes)
{
	const struct ko ko = ko_of_code(code, size_bytes);

	look_at(look, &ko, NULL, 0);
	return &look->inspect.code.sections[0];
}

void look_away(struct look *look)
{
	preflight_close(&look->inspect, &look->space);
	preflight_kept_close(&look->kept);
	kofile_close(&look->file);
	addrspace_close(&look->space);
	exports_close(&look->exports);
	kernel_close(&look->kernel);
	fake_close(&look->fake);
}

void look_flow(struct look *look, struct flow *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->input = &look->input;
}

const struct finding *look_find(const struct look *look, const char *kind)
{
	for (size_t i = 0; i < look->inspect.findings.nr; i++)
		if (strcmp(look->inspect.findings.array[i].kind, kind) == 0)
			return &look->inspect.findings.array[i];
	return NULL;
}
