/* handover.c - what a restart in place carries over beside descriptors
 *
 * Requests that bring back what was done by command: each line is one that session.c
 * understands, so that the new process does it as the old one did.
 */
#include "core/core.h"

void router_handover(struct router *r, struct buf *text)
{
	loaded_foreach(r, l) {
		for (enum af af = V4; af <= V6; af++) {
			if (l->module->handover)
				l->module->handover(l->engines.af[af], text);
		}
	}
}

void router_inherit_text(struct router *r, const char *text, size_t len)
{
	r->heritage = text;
	r->heritage_len = len;
}

void handover_take(struct router *r)
{
	struct session *s;

	if (!r->heritage)
		return;
	s = session_open(r, true);
	session_input(s, r->heritage, r->heritage_len);
	session_close(s);
	r->heritage = NULL;
}
