/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a static kwcheck must not do (Makefile: --wrap). A library that it loaded would
 * bring the host's C library beside its own one, and so would the look-up of users and
 * hosts by plugins of NSS. libcrypto, libdw (debuginfod) and libcap-ng call these;
 * kwcheck needs none of what they are for. Each answer is the one of a host that has
 * nothing to give.
 */
#include <errno.h>
#include <netdb.h>
#include <stddef.h>

struct passwd;

void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlsym(void *library, const char *name);
int __wrap_dlclose(void *library);
char *__wrap_dlerror(void);
int __wrap_dladdr(const void *address, void *ret);
struct passwd *__wrap_getpwnam(const char *name);
struct passwd *__wrap_getpwuid(unsigned uid);
int __wrap_initgroups(const char *user, unsigned group);
int __wrap_getaddrinfo(const char *node, const char *service,
		       const struct addrinfo *hints, struct addrinfo **ret);
void __wrap_freeaddrinfo(struct addrinfo *list);
struct hostent *__wrap_gethostbyname(const char *name);

void *__wrap_dlopen(const char *file, int mode)
{
	(void)file, (void)mode;
	return NULL;
}

void *__wrap_dlsym(void *library, const char *name)
{
	(void)library, (void)name;
	return NULL;
}

int __wrap_dlclose(void *library)
{
	(void)library;
	return -1;
}

char *__wrap_dlerror(void)
{
	static char why[] = "a static program loads nothing";

	return why;
}

int __wrap_dladdr(const void *address, void *ret)
{
	(void)address, (void)ret;
	return 0;
}

struct passwd *__wrap_getpwnam(const char *name)
{
	(void)name;
	errno = 0;
	return NULL;
}

struct passwd *__wrap_getpwuid(unsigned uid)
{
	(void)uid;
	errno = 0;
	return NULL;
}

int __wrap_initgroups(const char *user, unsigned group)
{
	(void)user, (void)group;
	errno = ENOSYS;
	return -1;
}

int __wrap_getaddrinfo(const char *node, const char *service,
		       const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)node, (void)service, (void)hints, (void)ret;
	return EAI_FAIL;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

struct hostent *__wrap_gethostbyname(const char *name)
{
	(void)name;
	return NULL;
}
