/* config.h - what pimd.conf says, in the grammar of smcroute.conf */
#ifndef SMCKIT_PIM_CONFIG_H
#define SMCKIT_PIM_CONFIG_H

#include "lib/ip.h"
#include "lib/translation.h"

struct pimd_translation {
	bool disabled; /* interfaces take part only if the file enables them */

	/* The name of the interface that has the address, which lives for the call; or NULL. */
	const char *(*ifname)(void *arg, struct ip address);
	void *arg;
};

/*
 * Translates a whole file. What is wrong or of no use is a warning, and left out: pimd starts on
 * any file. What comes of it is never refused for its grammar.
 */
void pimd_translate(const struct pimd_translation *how, struct translation *t, const char *text,
		    size_t len);

#endif
