/* net_module.c - modules that configurations name, opened as the daemon opens them
 *
 * They are where the build has them, seen from the program. One that the program is linked with
 * needs no file: net_options.linked.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/abi.h"
#include "sim/net_state.h"

static const char *const folders[] = { "../module", "../../pim-module" };

static const struct module *open_file(const char *folder, const char *name)
{
	char path[PATH_MAX] = "", file[PATH_MAX + 64];
	const struct module *m;
	void *opened;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return NULL;
	snprintf(file, sizeof(file), "%s/%s/%s.so", dirname(path), folder, name);
	opened = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	m = opened ? dlsym(opened, MODULE_SYMBOL) : NULL;
	return m && !strcmp(m->abi, SMCKIT_ABI) && !strcmp(m->name, name) ? m : NULL;
}

static bool is_there(const struct net *n, const char *name)
{
	for (unsigned i = 0; n->modules[i]; i++) {
		if (!strcmp(n->modules[i]->name, name))
			return true;
	}
	return false;
}

static void add(struct net *n, const struct module *m)
{
	unsigned i = 0;

	while (n->modules[i])
		i++;
	if (i == NELEMS(n->modules) - 1)
		net_die("one module too many:", m->name);
	n->modules[i] = m;
}

static void need(struct net *n, const char *name)
{
	for (unsigned i = 0; i < NELEMS(folders) && !is_there(n, name); i++) {
		const struct module *m = open_file(folders[i], name);

		if (m)
			add(n, m);
	}
}

void net_modules_linked(struct net *n)
{
	const struct module *const *m = n->options.linked;

	for (; m && *m; m++)
		add(n, *m);
}

/* What cannot be opened the router complains of, as of any. */
void net_modules_of(struct net *n, const char *conf)
{
	char name[32];

	for (; *conf; conf += strcspn(conf, "\n"), conf += *conf == '\n') {
		if (sscanf(conf, " module %31s", name) == 1)
			need(n, name);
	}
}
