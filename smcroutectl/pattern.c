/* pattern.c - what may stand next, by the arguments that a command's help names
 *
 * "[-w] IFNAME [SRC[/LEN]] GROUP[/LEN] [IFNAME ...]" is read into words and brackets, and the
 * words of a command line are followed through it on all ways that they may mean.
 */
#include <ctype.h>
#include <string.h>

#include "pattern.h"

static struct pattern_node *add(struct pattern *p, int kind)
{
	struct pattern_node *node = &p->node[p->n];

	if (p->n == PATTERN_NODES - 1)
		return NULL;
	p->n++;
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	return node;
}

/* A word as far as it goes: what stands in brackets within it belongs to its form. */
static struct text take_word(const char **at, const char *end)
{
	struct text word = { *at, 0 };

	while (*at < end && **at != ' ' && **at != ']' && **at != '[' &&
	       !(end - *at >= 3 && !memcmp(*at, "...", 3)))
		++*at;
	word.len = *at - word.at;
	if (*at < end && **at == '[') {
		while (*at < end && **at != ']')
			++*at;
		*at += *at < end;
	}
	return word;
}

static bool is_literal(struct text word)
{
	return word.len && (islower((unsigned char)*word.at) || *word.at == '-');
}

/* "[via IF]": a name and its value. */
static bool is_option(const struct pattern *p, unsigned open, unsigned close)
{
	return close > open + 2 && is_literal(p->node[open + 1].word);
}

/* Options with values, one behind the other, may come in any order. */
static void close_bracket(struct pattern *p, unsigned open)
{
	unsigned close = p->n;
	struct pattern_node *node = add(p, NODE_CLOSE);
	const struct pattern_node *before = open ? &p->node[open - 1] : NULL;

	if (!node)
		return;
	node->pair = open;
	p->node[open].pair = node->back = close;
	if (!is_option(p, open, close))
		return;
	node->back = open;
	if (before && before->kind == NODE_CLOSE && is_option(p, before->pair, open - 1))
		node->back = before->back;
}

void pattern_read(struct pattern *p, struct text args)
{
	const char *at = args.at, *end = args.at + args.len;
	unsigned open[8], depth = 0;

	p->n = 0;
	while (at < end) {
		struct pattern_node *node;

		if (*at == ' ') {
			at++;
		} else if (*at == '[' && depth < NELEMS(open)) {
			open[depth++] = p->n;
			if (!add(p, NODE_OPEN))
				return;
			at++;
		} else if (*at == ']' && depth) {
			close_bracket(p, open[--depth]);
			at++;
		} else if (end - at >= 3 && !memcmp(at, "...", 3)) {
			if (p->n)
				p->node[p->n - 1].repeats = true;
			at += 3;
		} else {
			struct text word = take_word(&at, end);

			if (!word.len)
				at++;
			else if ((node = add(p, NODE_WORD)))
				node->word = word;
		}
	}
	while (depth)
		close_bracket(p, open[--depth]);
}

/* The alternative number @i of a word like "routes|groups". */
static bool alternative(struct text word, unsigned i, struct text *one)
{
	const char *at = word.at, *end = word.at + word.len, *bar;

	for (;; at = bar + 1) {
		bar = memchr(at, '|', end - at);
		*one = (struct text){ at, (bar ? bar : end) - at };
		if (!i--)
			return true;
		if (!bar)
			return false;
	}
}

static bool says(struct text expected, const char *word)
{
	struct text one;

	for (unsigned i = 0; alternative(expected, i, &one); i++) {
		if (is_literal(one) && text_is(one, word))
			return true;
	}
	return false;
}

/* Addresses are told from names by their look. */
static bool means(struct text expected, const char *word)
{
	static const char *const addresses[] = { "SOURCE", "SRC", "GROUP" };
	bool looks = strpbrk(word, ".:");

	if (is_literal(expected))
		return false;
	for (size_t i = 0; i < NELEMS(addresses); i++) {
		if (text_is(expected, addresses[i]))
			return looks;
	}
	return !looks;
}

#define BIT(i) (UINT64_C(1) << (i))

/* All places that can be reached without another word; place n is the end. */
static uint64_t reach(const struct pattern *p, uint64_t at)
{
	uint64_t before;

	do {
		before = at;
		for (unsigned i = 0; i < p->n; i++) {
			const struct pattern_node *node = &p->node[i];

			if (!(at & BIT(i)) || node->kind == NODE_WORD)
				continue;
			at |= BIT(i + 1);
			if (node->kind == NODE_OPEN)
				at |= BIT(node->pair + 1);
			else
				at |= BIT(node->repeats ? node->pair : node->back);
		}
	} while (at != before);
	return at;
}

/* Where the word leads from there: a word that stands so in the help is nothing else. */
static uint64_t step(const struct pattern *p, uint64_t at, const char *word)
{
	uint64_t literally = 0, otherwise = 0;

	for (unsigned i = 0; i < p->n; i++) {
		const struct pattern_node *node = &p->node[i];
		uint64_t next = BIT(i + 1) | (node->repeats ? BIT(i) : 0);

		if (!(at & BIT(i)) || node->kind != NODE_WORD)
			continue;
		if (says(node->word, word))
			literally |= next;
		else if (means(node->word, word))
			otherwise |= next;
	}
	return reach(p, literally ? literally : otherwise);
}

void pattern_next(const struct pattern *p, char *const *word, unsigned n,
		  void (*each)(void *arg, struct text expected), void *arg)
{
	uint64_t at = reach(p, 1);
	struct text one;

	for (unsigned w = 0; w < n; w++)
		at = step(p, at, word[w]);
	for (unsigned i = 0; i < p->n; i++) {
		if (!(at & BIT(i)) || p->node[i].kind != NODE_WORD)
			continue;
		for (unsigned k = 0; alternative(p->node[i].word, k, &one); k++)
			each(arg, one);
	}
}
