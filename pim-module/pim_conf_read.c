/* pim_conf_read.c - readers that statements of PIM share */
#include <stdlib.h>

#include "msg.h"
#include "pim_conf_read.h"

int pim_read_prefix(struct words *w, struct prefix *prefix)
{
	const char *word = words_next(w), *slash;
	int64_t len;

	if (!word)
		return words_error(w, "an address is missing");
	if (!prefix_parse(word, prefix))
		return words_error(w, "'%s' is no address", word);
	slash = strchr(word, '/');
	if (slash && !slash[1 + strspn(slash + 1, "0")])
		prefix->len = 0;
	if (!slash && words_accept(w, "masklen")) {
		if (words_number(w, "masklen", 0, af_bits(ip_family(prefix->ip)), &len))
			return -1;
		prefix->len = len;
	}
	prefix->ip = ip_mask(prefix->ip, prefix->len);
	return 0;
}

int pim_read_groups(struct words *w, struct prefix *groups)
{
	if (pim_read_prefix(w, groups))
		return -1;
	if (!ip_is_multicast(groups->ip) || groups->len < pim_all_groups(ip_family(groups->ip)).len)
		return words_error(w, "%s are no multicast groups", prefix_str(groups));
	return 0;
}

int pim_read_hosts(struct words *w, struct prefix *hosts)
{
	if (pim_read_prefix(w, hosts))
		return -1;
	if (ip_is_multicast(hosts->ip))
		return words_error(w, "%s are groups, no hosts", prefix_str(hosts));
	return 0;
}

int pim_read_router(struct words *w, struct ip *ip)
{
	const char *word = words_next(w);

	if (!word)
		return words_error(w, "the address of a router is missing");
	if (!ip_parse(word, ip) || !msg_is_host(*ip))
		return words_error(w, "'%s' is no address of a router", word);
	return 0;
}

int pim_read_rp(struct words *w, struct ip *rp)
{
	if (pim_read_router(w, rp))
		return -1;
	if (ip_is_link_local(*rp))
		return words_error(w, "%s is known on its link alone", ip_str(*rp));
	return 0;
}

int pim_read_list(struct words *w, struct pim_conf *conf,
		  int (*read)(struct words *w, struct prefix *prefix),
		  void (*put)(struct pim_family *f, struct prefix prefix))
{
	unsigned first = w->next;
	struct prefix prefix;

	do {
		if (read(w, &prefix))
			return -1;
	} while (words_peek(w));
	for (w->next = first; words_peek(w);) {
		read(w, &prefix);
		put(pim_conf_family(conf, prefix.ip), prefix);
	}
	return 0;
}

int pim_read_line(struct reader *r, struct pim_conf *conf,
		  int (*read)(struct words *w, struct prefix *prefix),
		  void (*put)(struct pim_family *f, struct prefix prefix))
{
	return pim_read_list(&r->words, conf, read, put) ? -1 : pim_read_end(conf, &r->words);
}

int pim_read_end(struct pim_conf *conf, struct words *w)
{
	if (words_end(w))
		return -1;
	for (unsigned i = 0; i < w->n; i++) {
		buf_puts(&conf->text, i ? " " : "");
		buf_puts(&conf->text, w->word[i]);
	}
	buf_add(&conf->text, "", 1);
	return 0;
}

void pim_put_prefix(struct prefix **list, unsigned *n, struct prefix prefix)
{
	*list = xrealloc(*list, (*n + 1) * sizeof(**list));
	(*list)[(*n)++] = prefix;
}
