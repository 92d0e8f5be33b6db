/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two reports of one crash. */
#include "oops/duplicate.h"

#include <string.h>

/* So many registers are not the same by accident; a stack pointer is among them. */
enum { MIN_REGISTERS = 8 };
/* Copies may have the stamp of another line, where the first one was lost. */
enum { MAX_APART_US = 100000 };

/* Both have it, and it is not the same. */
static bool is_other_text(const char *one, const char *two)
{
	return *one && *two && strcmp(one, two) != 0;
}

static bool is_other_site(const struct duplicate_traits *one,
			  const struct duplicate_traits *two)
{
	return one->has_site && two->has_site &&
	       (strcmp(one->function, two->function) != 0 ||
		is_other_text(one->module, two->module) ||
		(one->has_offset && two->has_offset && one->offset != two->offset));
}

static bool is_other_process(const struct duplicate_traits *one,
			     const struct duplicate_traits *two)
{
	return (one->has_cpu && two->has_cpu &&
		(one->cpu != two->cpu || one->pid != two->pid)) ||
	       is_other_text(one->comm, two->comm) ||
	       is_other_text(one->release, two->release) ||
	       is_other_text(one->hardware, two->hardware);
}

static bool is_other_moment(const struct duplicate_traits *one,
			    const struct duplicate_traits *two)
{
	uint64_t apart = one->time_us > two->time_us ? one->time_us - two->time_us
						     : two->time_us - one->time_us;

	return (one->number && two->number && one->number != two->number) ||
	       (one->has_time && two->has_time && apart > MAX_APART_US);
}

static bool is_other_fault(const struct duplicate_traits *one,
			   const struct duplicate_traits *two)
{
	return one->kind != two->kind ||
	       (one->has_address && two->has_address && one->address != two->address) ||
	       (one->has_error_code && two->has_error_code &&
		(one->error_code & 0xffff) != (two->error_code & 0xffff)) ||
	       is_other_text(one->bug_at, two->bug_at);
}

/* How many registers both have; -1: one of them differs. */
static int nr_same_registers(const struct registers *one, const struct registers *two)
{
	int nr = 0;

	for (enum register_name name = 0; name < REGISTER_NR; name++) {
		if (!registers_has(one, name) || !registers_has(two, name))
			continue;
		if (one->value[name] != two->value[name])
			return -1;
		nr++;
	}
	return nr;
}

/* @ret borrows the strings and the registers of @crash. */
static void traits_of(const struct crash *crash, struct duplicate_traits *ret)
{
	*ret = (struct duplicate_traits){
		.kind = crash->kind,
		.has_time = crash->has_time,
		.has_error_code = crash->has_error_code,
		.has_address = crash->address_from != CRASH_ADDRESS_UNKNOWN,
		.has_site = crash->has_site,
		.has_offset = !crash->site.has_no_offset,
		.has_cpu = crash->has_cpu,
		.number = crash->number,
		.cpu = crash->cpu,
		.pid = crash->pid,
		.time_us = crash->time_us,
		.error_code = crash->error_code,
		.address = crash->address,
		.offset = crash->site.offset,
		.headline = crash->headline,
		.bug_at = crash->bug_at,
		.function = crash->site.function,
		.module = crash->site.module,
		.comm = crash->comm,
		.release = crash->release,
		.hardware = crash->hardware,
		.registers = &crash->registers,
	};
}

bool duplicate_have_traits(const struct duplicate_traits *one,
			   const struct duplicate_traits *two)
{
	int nr_same;

	if (is_other_fault(one, two) || is_other_site(one, two) ||
	    is_other_process(one, two) || is_other_moment(one, two))
		return false;
	nr_same = nr_same_registers(one->registers, two->registers);
	if (nr_same < 0)
		return false;
	if (nr_same >= MIN_REGISTERS && registers_has(one->registers, REGISTER_RSP) &&
	    registers_has(two->registers, REGISTER_RSP))
		return true;
	return one->has_time && two->has_time && one->time_us == two->time_us &&
	       strcmp(one->headline, two->headline) == 0;
}

bool duplicate_is(const struct crash *one, const struct crash *two)
{
	struct duplicate_traits traits[2];

	traits_of(one, &traits[0]);
	traits_of(two, &traits[1]);
	return duplicate_have_traits(&traits[0], &traits[1]);
}

size_t duplicate_score(const struct crash *crash)
{
	size_t score = crash->nr_frames + crash->nr_modules + crash->code.nr;

	for (enum register_name name = 0; name < REGISTER_NR; name++)
		score += registers_has(&crash->registers, name);
	for (int i = 0; i < CRASH_NR_TABLES; i++)
		score += crash->tables[i].has_value;
	return score + crash->has_site + crash->has_cpu + crash->has_time +
	       crash->has_error_code + (crash->hardware[0] != '\0') +
	       (crash->address_from != CRASH_ADDRESS_UNKNOWN);
}
