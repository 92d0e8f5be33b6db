/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the instructions of a section start, and which forms they are of. */
#include "insn/disassemble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kcore/array.h"
#include "kcore/cleanup.h"
#include "insn/decode.h"

enum { NR_LANES = 3 };

struct disassembly {
	struct forms *forms;
	struct code_section *section;
	const unsigned char *functions; /* a bit per byte where a function symbol is */
	size_t *nr_undecoded;
};

/* A part of the section that consists of whole functions. It is read by itself. */
struct lane {
	const unsigned char *start; /* the instruction that is being read */
	const unsigned char *at;    /* the next byte of it to be looked at */
	const unsigned char *end;
	uint32_t node; /* of the forms: the bytes from start to at have led there */
	struct code_start *first, *out;
};

/* A bit for each byte of the section: a function symbol is there. Reading starts anew
 * there if it has lost its way.
 */
static unsigned char *find_functions(const struct code_section *section)
{
	const struct kofile *file = section->mod->file;
	unsigned char *functions = calloc(section->size_bytes / SECTION_INDEX_BYTES + 1,
					  sizeof(uint64_t));

	for (size_t i = 1; functions && i < file->nr_symbols; i++)
		if (file->symbols[i].section == section->section &&
		    file->symbols[i].type == STT_FUNC &&
		    file->symbols[i].value < section->size_bytes)
			functions[file->symbols[i].value / 8] |=
				(unsigned char)(1 << file->symbols[i].value % 8);
	return functions;
}

/* The offset of the first function behind @offset, or the section's end. */
static uint64_t next_function(const unsigned char *functions, uint64_t offset,
			      uint64_t size_bytes)
{
	for (offset++; offset < size_bytes; offset++) {
		if (offset % 8 == 0 && !functions[offset / 8])
			offset += 7;
		else if (functions[offset / 8] & 1 << offset % 8)
			return offset;
	}
	return size_bytes;
}

static void add_start(struct code_section *section, uint64_t offset)
{
	section->index[offset / SECTION_INDEX_BYTES].starts |=
		1ULL << offset % SECTION_INDEX_BYTES;
}

/* Reads the section byte by byte. It starts anew at every function and leaves out bytes
 * that begin no instruction.
 */
static int sweep_carefully(const struct disassembly *all)
{
	struct code_section *section = all->section;
	uint64_t size_bytes = section->size_bytes, offset = 0, end = 0;
	size_t room = 0;

	while (offset < size_bytes) {
		uint32_t entry;

		if (offset >= end)
			end = next_function(all->functions, offset, size_bytes);
		entry = decode_entry(all->forms, section->image + offset, end - offset);
		if (!entry) {
			++*all->nr_undecoded;
			offset++;
			continue;
		}
		if (array_reserve(&section->starts, section->nr_insns, &room,
				  sizeof(*section->starts)) < 0)
			return -ENOMEM;
		section->starts[section->nr_insns++] = (struct code_start){
			.offset = (uint32_t)offset, .entry = entry};
		add_start(section, offset);
		offset += forms_length(entry);
	}
	return 0;
}

/* Goes one byte further. There is no branch that depends on the byte: the CPU could not
 * foresee it. 0: the lane is at its end, or at an instruction whose form is not known.
 */
static inline unsigned step(const uint32_t *next, const unsigned char *image,
			    struct lane *lane)
{
	uint32_t entry = next[lane->node + *lane->at];
	uint64_t is_form = -(uint64_t)(entry >> 31); /* all bits, or none */

	*lane->out = (struct code_start){(uint32_t)(lane->start - image), entry};
	lane->out += is_form & 1;
	lane->start += forms_length(entry) & is_form;
	lane->at++;
	lane->at += (lane->start - lane->at) & (ptrdiff_t)is_form;
	lane->node = entry & (uint32_t)~is_form;
	return (entry != 0) & (lane->start < lane->end);
}

/* Decodes the instruction that has stopped the lane. false: its bytes begin none. */
static bool learn(const struct disassembly *all, struct lane *lane)
{
	uint32_t entry;

	if (lane->start >= lane->end || lane->node || lane->at == lane->start)
		return true;
	entry = decode_entry(all->forms, lane->start, (size_t)(lane->end - lane->start));
	if (!entry)
		return false;
	*lane->out++ = (struct code_start){(uint32_t)(lane->start - all->section->image),
					   entry};
	lane->start += forms_length(entry);
	lane->at = lane->start;
	return true;
}

static bool is_done(const struct lane *lane)
{
	return lane->start >= lane->end;
}

/* Reads one lane to its end. false: some bytes begin no instruction. */
static bool run_alone(const struct disassembly *all, struct lane *lane)
{
	const unsigned char *image = all->section->image;
	const uint32_t *next = all->forms->next;
	bool is_code = true;

	while (is_code && !is_done(lane)) {
		struct lane at = *lane; /* stays in registers */

		while (step(next, image, &at))
			;
		*lane = at;
		is_code = learn(all, lane);
	}
	return is_code;
}

/* Reads all lanes at once: in one lane each step waits for the one before. false: some
 * bytes begin no instruction.
 */
static bool run(const struct disassembly *all, struct lane lanes[NR_LANES])
{
	const unsigned char *image = all->section->image;
	const uint32_t *next = all->forms->next;
	bool is_code = true;

	while (is_code && !is_done(&lanes[0]) && !is_done(&lanes[1]) &&
	       !is_done(&lanes[2])) {
		struct lane a = lanes[0], b = lanes[1], c = lanes[2];

		while (step(next, image, &a) & step(next, image, &b) &
		       step(next, image, &c))
			;
		lanes[0] = a;
		lanes[1] = b;
		lanes[2] = c;
		for (size_t i = 0; i < NR_LANES; i++)
			is_code &= learn(all, &lanes[i]);
	}
	for (size_t i = 0; is_code && i < NR_LANES; i++)
		is_code = run_alone(all, &lanes[i]);
	return is_code;
}

/* Cuts the section into lanes of about the same size. */
static void cut(const struct disassembly *all, struct lane lanes[NR_LANES])
{
	const struct code_section *section = all->section;
	uint64_t size_bytes = section->size_bytes, offset = 0;

	for (size_t i = 0; i < NR_LANES; i++) {
		uint64_t end = next_function(all->functions,
					     size_bytes * (i + 1) / NR_LANES, size_bytes);

		lanes[i] = (struct lane){.start = section->image + offset,
					 .at = section->image + offset,
					 .end = section->image + end,
					 .first = section->starts + offset,
					 .out = section->starts + offset};
		offset = end;
	}
}

/* Puts what the lanes have found one behind the other. */
static void join(const struct disassembly *all, const struct lane lanes[NR_LANES])
{
	struct code_section *section = all->section;
	struct code_start *starts;

	for (size_t i = 0; i < NR_LANES; i++) {
		size_t nr = (size_t)(lanes[i].out - lanes[i].first);

		memmove(section->starts + section->nr_insns, lanes[i].first,
			nr * sizeof(*section->starts));
		section->nr_insns += nr;
	}
	for (size_t i = 0; i < section->nr_insns; i++)
		add_start(section, section->starts[i].offset);
	starts = reallocarray(section->starts, section->nr_insns + 1, sizeof(*starts));
	if (starts)
		section->starts = starts;
}

/* Did the lanes come by every function, and end where the next one begins? */
static bool is_sound(const struct disassembly *all, const struct lane lanes[NR_LANES])
{
	const struct code_section *section = all->section;

	for (size_t i = 0; i < NR_LANES; i++)
		if (lanes[i].start != lanes[i].end)
			return false;
	for (size_t i = 0; i <= section->size_bytes / SECTION_INDEX_BYTES; i++) {
		uint64_t functions;

		memcpy(&functions, all->functions + i * sizeof(functions),
		       sizeof(functions));
		if (functions & ~section->index[i].starts)
			return false;
	}
	return true;
}

/* Reads a section in which instruction follows instruction, as compilers make it. false:
 * it is not so.
 */
static bool sweep_quickly(const struct disassembly *all)
{
	struct code_section *section = all->section;
	size_t nr_parts = section->size_bytes / SECTION_INDEX_BYTES + 1;
	struct lane lanes[NR_LANES];

	/* There is at most one instruction a byte, and step() writes one more. Most of
	 * this memory is never touched.
	 */
	section->starts = malloc((section->size_bytes + 1) * sizeof(*section->starts));
	if (!section->starts)
		return false;
	cut(all, lanes);
	if (run(all, lanes)) {
		join(all, lanes);
		if (is_sound(all, lanes))
			return true;
	}
	free(section->starts);
	section->starts = NULL;
	section->nr_insns = 0;
	memset(section->index, 0, nr_parts * sizeof(*section->index));
	return false;
}

/* Counts how many instructions come before each part of the index. */
static void count(struct code_section *section)
{
	uint32_t before = 0;

	for (size_t i = 0; i <= section->size_bytes / SECTION_INDEX_BYTES; i++) {
		section->index[i].starts_before = before;
		before += (uint32_t)__builtin_popcountll(section->index[i].starts);
	}
}

int disassemble_section(struct forms *forms, struct code_section *section,
			size_t *nr_undecoded)
{
	_cleanup_free_ unsigned char *functions = find_functions(section);
	const struct disassembly all = {
		.forms = forms,
		.section = section,
		.functions = functions,
		.nr_undecoded = nr_undecoded,
	};

	section->index = calloc(section->size_bytes / SECTION_INDEX_BYTES + 1,
				sizeof(*section->index));
	if (!functions || !section->index)
		return -ENOMEM;
	if (!sweep_quickly(&all) && sweep_carefully(&all) < 0)
		return -ENOMEM;
	count(section);
	return 0;
}
