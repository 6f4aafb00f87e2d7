/* module.c - engines in files of their own
 *
 * What was taken stays open, whatever becomes of its engines: what points into it is never wrong.
 * What was refused is closed, so that another file may come in its place.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "lib/abi.h"
#include "linux/linux.h"
#include "linux/module.h"

/* The module in what was opened. NULL, with the reason. */
static const struct module *module_in(void *file, const char *path, const char *name,
				      struct buf *why)
{
	const struct module *m = dlsym(file, MODULE_SYMBOL);

	if (!m)
		buf_printf(why, "%s: is no module of this program", path);
	else if (strncmp(m->abi, SMCKIT_ABI, sizeof(m->abi)))
		buf_printf(why, "%s: is made for another version of this program", path);
	else if (strcmp(m->name, name))
		buf_printf(why, "%s: is the module '%s'", path, m->name);
	else
		return m;
	return NULL;
}

const struct module *module_open(struct kern *k, const char *name, struct buf *why)
{
	const char *dir = secure_getenv("SMCKIT_MODULES");
	const struct module *m = NULL;
	struct buf path = { 0 };
	void *file;

	(void)k;
	buf_printf(&path, "%s/%s.so", dir ? dir : PKGLIBDIR, name);
	buf_add(&path, "", 1);
	file = dlopen(buf_at(&path), RTLD_NOW | RTLD_LOCAL);
	if (file)
		m = module_in(file, buf_at(&path), name, why);
	else
		buf_puts(why, dlerror());
	if (file && !m)
		dlclose(file);
	buf_free(&path);
	return m;
}
