/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a loaded module's sections lie, by its struct module. */
#include "audit/modregions.h"

#include <errno.h>
#include <string.h>

int modregions_find(struct modregions_layout *ret, const struct types *types)
{
	static const char memory[] = "module_memory", core[] = "module_layout";
	struct modregions_layout layout = {0};
	int r;

	layout.has_memory = types_offset(types, "module", "mem", &layout.memory) == 0;
	if (layout.has_memory) {
		r = types_size(types, memory, &layout.memory_bytes);
		if (r == 0)
			r = types_offset(types, memory, "base", &layout.base);
		if (r == 0)
			r = types_offset(types, memory, "size", &layout.size);
	} else {
		r = types_offset(types, "module", "core_layout", &layout.core);
		if (r == 0)
			r = types_offset(types, core, "base", &layout.base);
		if (r == 0)
			r = types_offset(types, core, "size", &layout.size);
		if (r == 0)
			r = types_offset(types, core, "text_size", &layout.text);
		if (r == 0)
			r = types_offset(types, core, "ro_size", &layout.ro);
		if (r == 0)
			r = types_offset(types, core, "ro_after_init_size",
					 &layout.ro_after_init);
	}
	layout.has_init = layout.has_memory ||
			  types_offset(types, "module", "init_layout", &layout.init) == 0;
	if (layout.has_memory)
		layout.init = layout.memory +
			      (uint32_t)modsection_mem_index(MODSECTION_INIT_DATA) *
				      layout.memory_bytes;
	layout.init += layout.base;
	layout.has_per_cpu = types_offset(types, "module", "percpu", &layout.per_cpu) ==
			     0;
	if (r == 0)
		*ret = layout;
	return r;
}

static int read_u32(const struct mappings *mappings, uint64_t va, uint32_t *ret)
{
	return mappings_read(mappings, va, ret, sizeof(*ret));
}

static int read_memory(struct modregion *ret, const struct mappings *mappings,
		       const struct modregions_layout *layout, uint64_t module)
{
	for (int kind = MODSECTION_TEXT; kind <= MODSECTION_DATA; kind++) {
		uint64_t index = (uint64_t)modsection_mem_index(kind), base;
		uint64_t at = module + layout->memory + index * layout->memory_bytes;
		uint32_t size_bytes;

		if (mappings_read_word(mappings, at + layout->base, &base) < 0 ||
		    read_u32(mappings, at + layout->size, &size_bytes) < 0)
			return -EFAULT;
		ret[kind] = (struct modregion){base, size_bytes};
	}
	return 0;
}

static int read_core(struct modregion *ret, const struct mappings *mappings,
		     const struct modregions_layout *layout, uint64_t module)
{
	uint64_t at = module + layout->core, base;
	uint32_t size, text, ro, ro_after_init;

	if (mappings_read_word(mappings, at + layout->base, &base) < 0 ||
	    read_u32(mappings, at + layout->size, &size) < 0 ||
	    read_u32(mappings, at + layout->text, &text) < 0 ||
	    read_u32(mappings, at + layout->ro, &ro) < 0 ||
	    read_u32(mappings, at + layout->ro_after_init, &ro_after_init) < 0 ||
	    ro < text || ro_after_init < ro || size < ro_after_init)
		return -EFAULT;
	ret[MODSECTION_TEXT] = (struct modregion){base, text};
	ret[MODSECTION_RODATA] = (struct modregion){base + text, ro - text};
	ret[MODSECTION_RO_AFTER_INIT] = (struct modregion){base + ro, ro_after_init - ro};
	ret[MODSECTION_DATA] = (struct modregion){base + ro_after_init,
						  size - ro_after_init};
	return 0;
}

int modregions_read(struct modregion *ret, const struct mappings *mappings,
		    const struct modregions_layout *layout, uint64_t module)
{
	uint64_t per_cpu;

	memset(ret, 0, MODSECTION_NR_KINDS * sizeof(*ret));
	if (layout->has_per_cpu &&
	    mappings_read_word(mappings, module + layout->per_cpu, &per_cpu) == 0)
		ret[MODSECTION_PER_CPU].va = per_cpu;
	return layout->has_memory ? read_memory(ret, mappings, layout, module)
				  : read_core(ret, mappings, layout, module);
}
