/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A section of code: which instruction is where. */
#include "insn/section.h"

/* The number of the first instruction at or above @offset. */
static size_t number_at(const struct code_section *section, uint64_t offset)
{
	const struct code_index *index = &section->index[offset / SECTION_INDEX_BYTES];

	return index->starts_before +
	       section_count(index->starts, offset % SECTION_INDEX_BYTES);
}

bool section_find(const struct code_section *section, uint64_t offset, size_t *ret)
{
	uint64_t starts = section->index[offset / SECTION_INDEX_BYTES].starts;

	if (!(starts >> offset % SECTION_INDEX_BYTES & 1))
		return false;
	*ret = number_at(section, offset);
	return true;
}

bool section_covers(const struct code_section *section, uint64_t offset, size_t *ret)
{
	size_t behind = number_at(section, offset + 1);

	*ret = behind - 1;
	return behind > 0 && offset - section->starts[behind - 1].offset <
				     forms_length(section->starts[behind - 1].entry);
}
