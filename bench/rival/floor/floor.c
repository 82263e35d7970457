/* The floor: what one core pays the kernel to answer HTTP at all. It parses nothing but the target, keeps every answer in
 * memory, and does per request one recv and one send, with one epoll_wait for all that is ready. What it passes on, it passes on
 * as it is: the same twice over a connection that is kept (/proxied/), or over a new one (/uwsgi/). Nothing that serves HTTP on
 * this machine with these system calls can cost less; it is no server. usage: floor PORT DIR [HTTP-PORT UWSGI-PORT] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 64, MAX_SIZE = 128 << 10, EVENTS = 512, BUFFER = 64 << 10, MAX_FD = 1 << 16 };

struct answer {
	char target[256];
	size_t target_len;
	char *bytes;
	size_t len;
	struct answer *part; /* the same file, bytes 50000 to 50999 */
};

static struct answer answers[MAX_FILES];
static int n_answers;

static void fill(struct answer *a, const char *target, int status, const char *type, const char *body, size_t len) {
	a->target_len = (size_t)snprintf(a->target, sizeof a->target, "%s ", target);
	a->bytes = malloc(len + 512);
	int head = snprintf(a->bytes, 512,
		"HTTP/1.1 %d %s\r\nServer: floor\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: %s\r\n"
		"Content-Length: %zu\r\nConnection: keep-alive\r\n%s\r\n", status, status == 404 ? "Not Found" : "OK", type, len,
		status == 206 ? "Content-Range: bytes 50000-50999/102400\r\n" : "");
	memcpy(a->bytes + head, body, len);
	a->len = (size_t)head + len;
}

static void add(const char *target, int status, const char *type, const char *body, size_t len) {
	struct answer *a = &answers[n_answers++];
	fill(a, target, status, type, body, len);
	if (len == 102400)
		fill(a->part = calloc(1, sizeof *a), target, 206, type, body + 50000, 1000);
}

static void load(const char *dir) {
	DIR *d = opendir(dir);
	struct dirent *e;
	static char body[MAX_SIZE];
	while (d && (e = readdir(d)) && n_answers < MAX_FILES - 2) {
		char path[4096], target[300];
		struct stat st;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size > MAX_SIZE)
			continue;
		int fd = open(path, O_RDONLY);
		ssize_t n = read(fd, body, sizeof body);
		close(fd);
		snprintf(target, sizeof target, "/%s", e->d_name);
		if (n == st.st_size && strlen(target) < 250)
			add(target, 200, strstr(target, ".txt") ? "text/plain" : "application/octet-stream", body, (size_t)n);
	}
	if (d)
		closedir(d);
}

/* find returns the answer to the request line at p: "GET /target ". The last answer is the 404. */
static const struct answer *find(const char *p, size_t len) {
	if (len > 12 && (!memcmp(p + 4, "/cached/", 8) || !memcmp(p + 4, "/plain/", 7))) /* the same from memory */
		p += p[5] == 'c' ? 7 : 6;
	if (len > 4)
		for (int i = 0; i < n_answers - 1; i++)
			if (answers[i].target_len <= len - 4 && !memcmp(p + 4, answers[i].target, answers[i].target_len))
				return answers[i].part && memmem(p, len, "Range: ", 7) ? answers[i].part : &answers[i];
	return &answers[n_answers - 1];
}

static int ep, one = 1, http_port, uwsgi_port;
static struct { int other, upstream, once; } relay[MAX_FD]; /* the other side's descriptor, 0 for none */

static void watch(int fd) {
	struct epoll_event e = {.events = EPOLLIN | EPOLLET | EPOLLRDHUP, .data.fd = fd};
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

/* upstream is the connection that the requests of client are passed on by. */
static int upstream(int client, int port, int once) {
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = relay[client].other;
	if (fd)
		return fd;
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0 || fd >= MAX_FD || connect(fd, (struct sockaddr *)&sa, sizeof sa))
		return -1;
	watch(fd);
	relay[client].other = fd;
	relay[fd].other = client, relay[fd].upstream = 1, relay[fd].once = once;
	return fd;
}

/* part ends what fd has to do with another descriptor: a client's upstream is closed with it. */
static void part(int fd) {
	int other = relay[fd].other;
	if (other && !relay[fd].upstream)
		close(other);
	relay[fd].other = relay[other].other = relay[fd].upstream = relay[other].upstream = 0;
}

/* forward sends what an upstream has answered to its client; -1 ends the upstream's connection. */
static int forward(int fd, const char *in, ssize_t n) {
	return n > 0 && send(relay[fd].other, in, (size_t)n, MSG_NOSIGNAL) == n && !relay[fd].once ? 0 : -1;
}

/* pass sends a request on: one that was made for the target before is sent as it is. */
static int pass(int fd, const char *p, size_t len) {
	static char http[512], packet[512];
	static size_t http_len, packet_len;
	if (!memcmp(p + 4, "/uwsgi/", 7)) {
		if (!packet_len) { /* one variable as long as those of a request */
			packet_len = 4 + 200;
			packet[1] = (char)200, packet[4] = 1, packet[6] = 'A', packet[7] = (char)(200 - 5);
			memset(packet + 9, 'a', 200 - 5);
		}
		fd = upstream(fd, uwsgi_port, 1);
		return fd > 0 && send(fd, packet, packet_len, MSG_NOSIGNAL) > 0 ? 0 : -1;
	}
	if (!http_len) {
		const char *end = memchr(p + 13, ' ', len - 13);
		http_len = (size_t)snprintf(http, sizeof http, "GET %.*s HTTP/1.1\r\nHost: backend\r\n\r\n", (int)(end ? end - p - 12 : 1), p + 12);
	}
	fd = upstream(fd, http_port, 0);
	return fd > 0 && send(fd, http, http_len, MSG_NOSIGNAL) > 0 ? 0 : -1;
}

/* serve answers what has come on fd; -1 ends the connection. */
static int serve(int fd) {
	static char in[BUFFER], out[BUFFER];
	ssize_t n = recv(fd, in, sizeof in, 0);
	if (relay[fd].upstream)
		return forward(fd, in, n);
	if (n <= 0)
		return -1;
	if (n > 16 && (!memcmp(in + 4, "/proxied/", 9) || !memcmp(in + 4, "/uwsgi/", 7)))
		return pass(fd, in, (size_t)n);
	const char *p = in, *end = in + n, *next;
	size_t used = 0;
	int closing = 0;
	while (p < end && (next = memmem(p, (size_t)(end - p), "\r\n\r\n", 4))) {
		const struct answer *a = find(p, (size_t)(next - p));
		closing = closing || memmem(p, (size_t)(next - p), "Connection: close", 17) != NULL;
		p = next + 4;
		if (p == end && used == 0) /* the usual case: one request, sent from where its answer lies */
			return send(fd, a->bytes, a->len, MSG_NOSIGNAL) == (ssize_t)a->len && !closing ? 0 : -1;
		if (used + a->len > sizeof out)
			return -1;
		memcpy(out + used, a->bytes, a->len);
		used += a->len;
	}
	return send(fd, out, used, MSG_NOSIGNAL) == (ssize_t)used && !closing ? 0 : -1;
}

int main(int argc, char **argv) {
	if (argc != 3 && argc != 5)
		return 2;
	if (argc == 5)
		http_port = atoi(argv[3]), uwsgi_port = atoi(argv[4]);
	add("/hello", 200, "text/plain", "Hello, World!", 13);
	load(argv[2]);
	add("", 404, "text/html", "not found", 9);
	int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ep = epoll_create1(0);
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(ls, (struct sockaddr *)&sa, sizeof sa) || listen(ls, 4096)) {
		perror("floor");
		return 1;
	}
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = ls}, evs[EVENTS];
	epoll_ctl(ep, EPOLL_CTL_ADD, ls, &ev);
	for (;;) {
		int n = epoll_wait(ep, evs, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int fd = evs[i].data.fd;
			if (fd != ls) {
				if (serve(fd) < 0) {
					part(fd);
					close(fd);
				}
				continue;
			}
			if ((fd = accept4(ls, NULL, NULL, SOCK_NONBLOCK)) < 0)
				continue;
			watch(fd);
		}
	}
}
