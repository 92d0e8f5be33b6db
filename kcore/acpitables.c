/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where ACPI's tables lie, as the kernel has it in its list of them. */
#include "kcore/acpitables.h"

#include <string.h>

enum { MAX_TABLES = 4096, SIGNATURE_BYTES = 4, MAX_DESC_BYTES = 256 };

/* include/acpi/actbl.h: the address is of memory, not the kernel's own. */
enum { ORIGIN_PHYSICAL = 1, ORIGIN_MASK = 3 };

/* struct acpi_table_desc: an address and a length of eight and four bytes, four letters,
 * and flags.
 */
struct layout {
	uint32_t tables, count; /* in struct acpi_table_list */
	uint32_t size, address, length, signature, flags;
};

static bool find_layout(const struct types *types, struct layout *ret)
{
	const char *list = "acpi_table_list", *desc = "acpi_table_desc";

	return types_offset(types, list, "tables", &ret->tables) == 0 &&
	       types_offset(types, list, "current_table_count", &ret->count) == 0 &&
	       types_size(types, desc, &ret->size) == 0 &&
	       types_offset(types, desc, "address", &ret->address) == 0 &&
	       types_offset(types, desc, "length", &ret->length) == 0 &&
	       types_offset(types, desc, "signature", &ret->signature) == 0 &&
	       types_offset(types, desc, "flags", &ret->flags) == 0 &&
	       ret->size <= MAX_DESC_BYTES && ret->address + 8 <= ret->size &&
	       ret->length + 4 <= ret->size &&
	       ret->signature + SIGNATURE_BYTES <= ret->size && ret->flags < ret->size;
}

/* Tables of the signature of number @i among the first @i + 1. */
static unsigned instance_of(char (*signatures)[SIGNATURE_BYTES], size_t i)
{
	unsigned nr = 0;

	for (size_t j = 0; j <= i; j++)
		nr += memcmp(signatures[j], signatures[i], SIGNATURE_BYTES) == 0;
	return nr;
}

/* drivers/acpi/acpica/tbdata.c: acpi_gbl_root_table_list */
void acpitables_place(struct kernel *kernel)
{
	static char signatures[MAX_TABLES][SIGNATURE_BYTES];
	unsigned char desc[MAX_DESC_BYTES];
	struct layout layout;
	uint64_t list, tables, pa;
	uint32_t nr, length;

	if (!kernel->firmware.nr || !find_layout(&kernel->types, &layout) ||
	    !symbols_address(&kernel->symbols, "acpi_gbl_root_table_list", &list) ||
	    kernel_read(kernel, list + layout.tables, &tables, sizeof(tables)) < 0 ||
	    kernel_read(kernel, list + layout.count, &nr, sizeof(nr)) < 0)
		return;
	for (size_t i = 0; i < nr && i < MAX_TABLES; i++) {
		if (kernel_read(kernel, tables + i * layout.size, desc, layout.size) < 0)
			return;
		memcpy(signatures[i], desc + layout.signature, SIGNATURE_BYTES);
		memcpy(&pa, desc + layout.address, sizeof(pa));
		memcpy(&length, desc + layout.length, sizeof(length));
		if ((desc[layout.flags] & ORIGIN_MASK) == ORIGIN_PHYSICAL)
			firmware_place(&kernel->firmware, signatures[i],
				       instance_of(signatures, i), pa, length);
	}
}
