/* SPDX-License-Identifier: GPL-2.0-only */
/* What d02 exports. */
#ifndef EXPORTER_H
#define EXPORTER_H

void corpus_takes_writable(uuid_t *uuid);
int corpus_takes_const(const uuid_t *uuid);

#endif
