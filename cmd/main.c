/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kwcheck: would a write to this kernel address fault? */
#ifdef KWCHECK_ZYDIS
#include <Zydis/Zydis.h>
#endif
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd/look.h"
#include "cmd/options.h"
#include "cmd/session.h"
#include "cmd/terminal.h"
#include "kcore/kdump.h"
#include "kcore/limits.h"
#include "kcore/loss.h"
#include "machine/selftest.h"
#include "module/signature.h"

/* Each library that the build did without, and what is lost. */
static const char left_out[] = ""
#ifndef KWCHECK_LIBDW
			       ", libdw (source lines, types from DWARF)"
#endif
#ifndef KWCHECK_SMARTCOLS
			       ", libsmartcols (tables are laid out by hand)"
#endif
#ifndef KWCHECK_ZYDIS
			       ", Zydis (instructions)"
#endif
#ifndef KWCHECK_UNICORN
			       ", Unicorn (dry run)"
#endif
#ifndef KWCHECK_CRYPTO
			       ", libcrypto (signatures)"
#endif
#ifndef KWCHECK_KDUMPFILE
			       ", libkdumpfile (compressed kdump)"
#endif
#ifndef KWCHECK_SNAPPY
			       ", libsnappy (AVML)"
#endif
	;

/* The commit and the libraries are those of the build (Makefile). */
static void print_version(void)
{
	printf("kwcheck %s%s%s\n", KWCHECK_VERSION, *KWCHECK_COMMIT ? ", commit " : "",
	       KWCHECK_COMMIT);
	printf("built with %s", KWCHECK_LIBRARIES);
#ifdef KWCHECK_ZYDIS
	printf(", Zydis %d.%d.%d", (int)ZYDIS_VERSION_MAJOR(ZYDIS_VERSION),
	       (int)ZYDIS_VERSION_MINOR(ZYDIS_VERSION),
	       (int)ZYDIS_VERSION_PATCH(ZYDIS_VERSION));
#endif
	printf("\nfeatures: %s\n", KWCHECK_FEATURES);
	if (*left_out)
		printf("left out: %s\n", left_out + 2);
	printf("dry run: %s\n", selftest_emulator());
	printf("signatures: %s\n", signature_is_built()
					   ? "are read"
					   : "are not read (built without libcrypto)");
	printf("compressed kdump: %s\n", kdump_library());
}

/* A verdict that could not be written was not given. */
static int close_stdout(int status)
{
	struct error lost = {0};
	bool has_failed;
	int errnum;

	if (loss_check(&lost) < 0 && status < EXIT_UNDECIDED) {
		fprintf(stderr, "kwcheck: %s\n", lost.message);
		status |= EXIT_UNDECIDED;
	}
	has_failed = ferror(stdout);
	errnum = errno;
	if (fclose(stdout) != 0)
		errnum = errno;
	else if (!has_failed)
		return status;
	/* Whoever reads no more, and had us ignore SIGPIPE, wants to hear no more. */
	if (errnum == EPIPE)
		return EXIT_UNDECIDED;
	fprintf(stderr, "kwcheck: standard output: %s\n", strerror(errnum));
	return EXIT_UNDECIDED;
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = {0};
	int status;

	/* Where a parent ignored it, how a child of ours ended would be lost. */
	signal(SIGCHLD, SIG_DFL);
	limits_learn();
	terminal_look();
	if (options_parse(&options, argc, argv, &err) < 0)
		return close_stdout(session_fail(&options, &err));
	if (options.help) {
		options_help(options.has_verb ? options.verb : NULL);
		status = EXIT_YES;
	} else if (options.version) {
		print_version();
		status = EXIT_YES;
	} else if (options.kernel) {
		status = look_run(&options);
	} else {
		status = options.verb->run(&options);
	}
	return close_stdout(status);
}
