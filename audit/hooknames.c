/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of security hooks from the code that calls them. */
#include "audit/hooknames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/names.h"
#include "kcore/cleanup.h"

/* A wrapper has a few hundred bytes and calls at most a few hooks: a wrapper that
 * allocates calls the freeing hook in its error path.
 */
enum { MAX_WRAPPER_BYTES = 8192, MAX_HOOKS = 8, MAX_WRAPPERS = 2048 };

static const char prefix[] = "security_";

/* Functions whose hook is not their namesake: include/linux/lsm_hook_defs.h against
 * security/security.c, 4.19 to 6.11.
 */
static const struct {
	const char *function, *hook;
} aliases[] = {
	{"add_mnt_opt", "sb_add_mnt_opt"},
	{"bpf_map_alloc", "bpf_map_alloc_security"},
	{"bpf_map_free", "bpf_map_free_security"},
	{"bpf_prog_alloc", "bpf_prog_alloc_security"},
	{"bpf_prog_free", "bpf_prog_free_security"},
	{"bprm_check", "bprm_check_security"},
	{"create_user_ns", "userns_create"},
	{"file_alloc", "file_alloc_security"},
	{"file_free", "file_free_security"},
	{"free_mnt_opts", "sb_free_mnt_opts"},
	{"inode_alloc", "inode_alloc_security"},
	{"inode_free", "inode_free_security"},
	{"msg_msg_alloc", "msg_msg_alloc_security"},
	{"msg_msg_free", "msg_msg_free_security"},
	{"msg_queue_alloc", "msg_queue_alloc_security"},
	{"msg_queue_free", "msg_queue_free_security"},
	{"old_inode_init_security", "inode_init_security"},
	{"prepare_creds", "cred_prepare"},
	{"sb_alloc", "sb_alloc_security"},
	{"sb_free", "sb_free_security"},
	{"sem_alloc", "sem_alloc_security"},
	{"sem_free", "sem_free_security"},
	{"settime64", "settime"},
	{"shm_alloc", "shm_alloc_security"},
	{"shm_free", "shm_free_security"},
	{"sk_alloc", "sk_alloc_security"},
	{"sk_classify_flow", "sk_getsecid"},
	{"sk_clone", "sk_clone_security"},
	{"sk_free", "sk_free_security"},
	{"skb_classify_flow", "xfrm_decode_session"},
	{"sock_rcv_skb", "socket_sock_rcv_skb"},
	{"transfer_creds", "cred_transfer"},
	{"vm_enough_memory_mm", "vm_enough_memory"},
	{"xfrm_policy_alloc", "xfrm_policy_alloc_security"},
	{"xfrm_policy_clone", "xfrm_policy_clone_security"},
	{"xfrm_policy_delete", "xfrm_policy_delete_security"},
	{"xfrm_policy_free", "xfrm_policy_free_security"},
	{"xfrm_state_delete", "xfrm_state_delete_security"},
	{"xfrm_state_free", "xfrm_state_free_security"},
};

/* A function, and the heads that its code refers to. */
struct wrapper {
	const char *function;
	size_t heads[MAX_HOOKS];
	size_t nr_heads;
};

struct scan {
	struct audit *audit;
	uint64_t heads;
	size_t nr;
	struct wrapper *wrappers; /* MAX_WRAPPERS */
	size_t nr_wrappers;
};

const char *hooknames_of(const char *function)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(aliases[i].function, function) == 0)
			return aliases[i].hook;
	return function;
}

static void add_head(struct wrapper *wrapper, size_t head)
{
	for (size_t i = 0; i < wrapper->nr_heads; i++)
		if (wrapper->heads[i] == head)
			return;
	if (wrapper->nr_heads < MAX_HOOKS)
		wrapper->heads[wrapper->nr_heads++] = head;
}

/* References are relative to the field's end, or absolute and sign-extended. */
static void scan_code(const struct scan *scan, uint64_t va, const unsigned char *code,
		      size_t nr, struct wrapper *wrapper)
{
	for (size_t i = 0; i + 4 <= nr; i++) {
		int32_t field;
		uint64_t targets[2];

		memcpy(&field, code + i, sizeof(field));
		targets[0] = va + i + 4 + (uint64_t)(int64_t)field;
		targets[1] = (uint64_t)(int64_t)field;
		for (size_t j = 0; j < 2; j++) {
			uint64_t offset = targets[j] - scan->heads;

			if (offset < scan->nr * HOOKNAMES_HEAD_BYTES &&
			    offset % HOOKNAMES_HEAD_BYTES == 0)
				add_head(wrapper, offset / HOOKNAMES_HEAD_BYTES);
		}
	}
}

static void scan_wrapper(void *ctx, const struct symbol *symbol)
{
	struct scan *scan = ctx;
	struct wrapper *wrapper = &scan->wrappers[scan->nr_wrappers];
	unsigned char code[MAX_WRAPPER_BYTES];
	size_t nr = audit_symbol_size(scan->audit, symbol->address);

	if (nr > sizeof(code))
		nr = sizeof(code);
	if (scan->nr_wrappers == MAX_WRAPPERS ||
	    !audit_is_kernel_text(scan->audit, symbol->address) ||
	    mappings_read(&scan->audit->mappings, symbol->address, code, nr) < 0)
		return;
	*wrapper = (struct wrapper){.function = symbol->name + strlen(prefix)};
	scan_code(scan, symbol->address, code, nr, wrapper);
	scan->nr_wrappers += wrapper->nr_heads > 0;
}

/* Names the only head of @wrapper that has no name yet. Where several heads have no name,
 * the wrapper may mean any of them, and none is named. Returns whether a head got a name.
 */
static bool name_head(const struct wrapper *wrapper, const char *ret[])
{
	size_t unnamed = MAX_HOOKS;

	for (size_t i = 0; i < wrapper->nr_heads; i++) {
		if (ret[wrapper->heads[i]])
			continue;
		if (unnamed != MAX_HOOKS)
			return false;
		unnamed = i;
	}
	if (unnamed == MAX_HOOKS)
		return false;
	ret[wrapper->heads[unnamed]] = hooknames_of(wrapper->function);
	return true;
}

const char *hooknames_unknown(struct audit *audit, size_t head)
{
	char name[32];

	snprintf(name, sizeof(name), "hook at +0x%zx", head * HOOKNAMES_HEAD_BYTES);
	return audit_keep_name(audit, name);
}

int hooknames_find(struct audit *audit, uint64_t heads, size_t nr, const char *ret[])
{
	_cleanup_free_ struct wrapper *wrappers = calloc(MAX_WRAPPERS, sizeof(*wrappers));
	struct scan scan = {
		.audit = audit, .heads = heads, .nr = nr, .wrappers = wrappers};
	bool has_news = true;

	if (!wrappers)
		return -ENOMEM;
	memset(ret, 0, nr * sizeof(*ret));
	symbols_each(&audit->kernel->symbols, prefix, scan_wrapper, &scan);
	/* Wrappers with one head come first, since they leave no choice. A freeing
	 * wrapper has one head. Then the allocating wrapper, which has that head as well,
	 * is known to mean its other head.
	 */
	for (size_t i = 0; i < scan.nr_wrappers; i++)
		if (wrappers[i].nr_heads == 1)
			name_head(&wrappers[i], ret);
	while (has_news) {
		has_news = false;
		for (size_t i = 0; i < scan.nr_wrappers; i++)
			has_news |= wrappers[i].nr_heads > 1 &&
				    name_head(&wrappers[i], ret);
	}
	for (size_t i = 0; i < scan.nr_wrappers; i++)
		for (size_t j = 0; j < wrappers[i].nr_heads; j++)
			if (!ret[wrappers[i].heads[j]])
				ret[wrappers[i].heads[j]] = hooknames_unknown(
					audit, wrappers[i].heads[j]);
	return 0;
}
