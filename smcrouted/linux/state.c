/* state.c - a text in a memfd that a reader finds whole at any moment */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/state.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8U
#endif

static const char magic[8] = "smckit1";

/* Stands at the beginning; says where the valid text is. */
struct header {
	char magic[8];
	uint64_t at, len;
	uint64_t text_sum, header_sum;
};

/* In the manner of FNV-1a, but eight bytes a step; the text may be long. */
static uint64_t checksum(const void *data, size_t len)
{
	const char *p = data;
	uint64_t sum = UINT64_C(0xcbf29ce484222325) ^ len;

	while (len) {
		size_t n = len < sizeof(uint64_t) ? len : sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, p, n);
		sum = (sum ^ word) * UINT64_C(0x100000001b3);
		sum ^= sum >> 32;
		p += n;
		len -= n;
	}
	return sum;
}

static uint64_t header_sum(const struct header *h)
{
	return checksum(h, offsetof(struct header, header_sum));
}

static bool header_read(int fd, struct header *h)
{
	return pread(fd, h, sizeof(*h), 0) == sizeof(*h) &&
	       !memcmp(h->magic, magic, sizeof(magic)) && h->header_sum == header_sum(h);
}

int state_new(void)
{
	int fd = memfd_create("smckit-state", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("smckit-state", MFD_CLOEXEC);
	return fd;
}

static int write_all(int fd, const char *data, size_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		at += n;
		len -= n;
	}
	return 0;
}

int state_write(int fd, const char *text, size_t len)
{
	struct header h = { .at = sizeof(h), .len = len, .text_sum = checksum(text, len) };
	struct header old;

	/* Before the former text if there is room, else behind it. */
	if (header_read(fd, &old) && old.at - sizeof(h) < len)
		h.at = old.at + old.len;
	memcpy(h.magic, magic, sizeof(magic));
	h.header_sum = header_sum(&h);
	if (write_all(fd, text, len, h.at) || pwrite(fd, &h, sizeof(h), 0) != sizeof(h))
		return -1;
	return ftruncate(fd, h.at + len);
}

char *state_read(int fd, size_t *len)
{
	struct header h;
	struct stat st;
	char *text;

	if (!header_read(fd, &h) || fstat(fd, &st) || h.at < sizeof(h) || !h.len ||
	    h.at > (uint64_t)st.st_size || h.len > (uint64_t)st.st_size - h.at)
		return NULL;
	text = xcalloc(h.len + 1, 1);
	for (size_t have = 0; have < h.len;) {
		ssize_t n = pread(fd, text + have, h.len - have, h.at + have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += n;
	}
	if (checksum(text, h.len) != h.text_sum) {
		free(text);
		return NULL;
	}
	*len = h.len;
	return text;
}
