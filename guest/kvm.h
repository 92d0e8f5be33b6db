/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remembers that KVM does not work here, which takes seconds to find out. */
#ifndef KWCHECK_GUEST_KVM_H
#define KWCHECK_GUEST_KVM_H

#include <stdbool.h>

/* Both: in @folder, which is this user's alone; "": nothing is remembered. What was
 * remembered holds until this machine boots again. @sysroot: "" for the running system.
 */
bool kvm_has_failed(const char *folder, const char *sysroot);
void kvm_note_failure(const char *folder, const char *sysroot);

#endif
