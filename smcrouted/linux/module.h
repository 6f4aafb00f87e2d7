/* module.h - engines in files of their own */
#ifndef SMCKIT_LINUX_MODULE_H
#define SMCKIT_LINUX_MODULE_H

#include "core/kern.h"

/*
 * As kern_ops.module, whichever kernel side. Modules are in PKGLIBDIR, or where SMCKIT_MODULES
 * says, unless the program has more rights than the user who started it.
 */
const struct module *module_open(struct kern *k, const char *name, struct buf *why);

#endif
