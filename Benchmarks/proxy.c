// proxy.c: stands between an instance and the database and does to their connections what networks do.
//
//   gcc -O2 -o proxy proxy.c
//   ./proxy --to-port N [--port N]
//
// Prints its port, then obeys lines on standard input, each answered with a line "ok":
//   pass       everything goes through, what was held up too
//   delay MS   the same, each way MS later
//   stall      nothing goes through and nothing is lost: what comes waits in the sockets, ends of connections included
//   cut        every connection is reset, now; new ones are let in
//   refuse     every connection is reset, now and until another command
// It ends with its standard input.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_links = 512, chunk_size = 65536, most_held = 4 << 20 };

typedef struct chunk { struct chunk *next; int64_t due; size_t used, size; char data[]; } chunk;   // size 0: the end
typedef struct { chunk *first, *last; size_t held; int read_ended, write_ended; } flow;          // from one end to the other
typedef struct { int fd[2]; flow from[2]; } link_;

static link_ *links[most_links];
static int stalled, refusing, delay_ms;

static _Noreturn void die(const char *what) { perror(what); exit(1); }

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void reset(int fd) {
    struct linger hard = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
}

static void drop(int index, int hard) {
    link_ *l = links[index];
    for (int side = 0; side < 2; side++) {
        if (hard) reset(l->fd[side]);
        else close(l->fd[side]);
        for (chunk *c = l->from[side].first, *next; c; c = next) { next = c->next; free(c); }
    }
    free(l);
    links[index] = NULL;
}

static void push(flow *f, const char *data, size_t size) {
    chunk *c = malloc(sizeof *c + size);
    if (!c) die("malloc");
    *c = (chunk){NULL, now_us() + delay_ms * 1000LL, 0, size};
    if (size) memcpy(c->data, data, size);
    if (f->last) f->last->next = c;
    else f->first = c;
    f->last = c;
    f->held += size;
}

// Reads from one end. 0: the connection is broken.
static int take(link_ *l, int side) {
    static char buffer[chunk_size];
    flow *f = &l->from[side];
    ssize_t n = recv(l->fd[side], buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) f->read_ended = 1;
    push(f, buffer, (size_t)n);
    return 1;
}

// Writes to the other end what is due. 0: the connection is broken.
static int give(link_ *l, int side) {
    flow *f = &l->from[side];
    while (f->first && f->first->due <= now_us()) {
        chunk *c = f->first;
        if (c->size == 0) {
            shutdown(l->fd[!side], SHUT_WR);
            f->write_ended = 1;
        } else {
            ssize_t n = send(l->fd[!side], c->data + c->used, c->size - c->used, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0) return errno == EAGAIN || errno == EINTR;
            c->used += (size_t)n;
            f->held -= (size_t)n;
            if (c->used < c->size) return 1;
        }
        f->first = c->next;
        if (!f->first) f->last = NULL;
        free(c);
    }
    return 1;
}

static void accept_one(int listener, int to_port) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1, index = 0;
    if (fd < 0) return;
    while (index < most_links && links[index]) index++;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)to_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (refusing || index == most_links || server < 0 || connect(server, (struct sockaddr *)&to, sizeof to)) {
        reset(fd);
        if (server >= 0) close(server);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!(links[index] = calloc(1, sizeof(link_)))) die("calloc");
    links[index]->fd[0] = fd;
    links[index]->fd[1] = server;
}

static void obey(char *line) {
    char word[16] = "";
    int number = 0;
    sscanf(line, "%15s %d", word, &number);
    stalled = !strcmp(word, "stall");
    refusing = !strcmp(word, "refuse");
    delay_ms = strcmp(word, "delay") ? 0 : number;
    if (refusing || !strcmp(word, "cut"))
        for (int i = 0; i < most_links; i++) if (links[i]) drop(i, 1);
    puts("ok");
    fflush(stdout);
}

int main(int count, char **arguments) {
    int port = 0, to_port = 0, on = 1;
    for (int i = 1; i + 1 < count; i += 2) {
        if (!strcmp(arguments[i], "--port")) port = atoi(arguments[i + 1]);
        else if (!strcmp(arguments[i], "--to-port")) to_port = atoi(arguments[i + 1]);
        else { fprintf(stderr, "proxy: unknown option %s\n", arguments[i]); return 2; }
    }
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 512)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    static struct pollfd watched[2 + 2 * most_links];
    static int at[2 * most_links];   // whose they are: index * 2 + side
    char line[256];
    size_t line_used = 0;
    for (;;) {
        int n = 2;
        int64_t next = INT64_MAX;
        watched[0] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
        watched[1] = (struct pollfd){stalled ? -1 : listener, POLLIN, 0};
        for (int i = 0; !stalled && i < most_links; i++) {
            if (!links[i]) continue;
            for (int side = 0; side < 2; side++) {
                flow *in = &links[i]->from[side], *out = &links[i]->from[!side];
                short events = !in->read_ended && in->held < most_held ? POLLIN : 0;
                if (out->first && out->first->due <= now_us()) events |= POLLOUT;
                else if (out->first && out->first->due < next) next = out->first->due;
                at[n - 2] = i * 2 + side;
                watched[n++] = (struct pollfd){events ? links[i]->fd[side] : -1, events, 0};
            }
        }
        int wait = next == INT64_MAX ? -1 : next <= now_us() ? 0 : (int)((next - now_us() + 999) / 1000);
        if (poll(watched, (nfds_t)n, wait) < 0 && errno != EINTR) die("poll");
        if (watched[0].revents) {
            ssize_t got = read(STDIN_FILENO, line + line_used, sizeof line - 1 - line_used);
            if (got <= 0) return 0;
            line_used += (size_t)got;
            for (char *end; (end = memchr(line, '\n', line_used));) {
                *end = 0;
                obey(line);
                line_used -= (size_t)(end + 1 - line);
                memmove(line, end + 1, line_used);
            }
            continue;   // what is watched may have changed
        }
        for (int w = 2; w < n; w++) {
            int index = at[w - 2] / 2, side = at[w - 2] % 2;
            link_ *l = links[index];
            if (!l || watched[w].fd < 0) continue;
            int lives = 1;
            if (watched[w].revents & (POLLIN | POLLHUP | POLLERR) && watched[w].events & POLLIN) lives = take(l, side);
            else if (watched[w].revents & POLLERR) lives = 0;
            for (int s = 0; lives && s < 2; s++) lives = give(l, s);
            if (!lives) drop(index, 1);
            else if (l->from[0].write_ended && l->from[1].write_ended) drop(index, 0);
        }
        // What was delayed and has come due, with nothing else going on.
        for (int i = 0; !stalled && i < most_links; i++)
            if (links[i] && (!give(links[i], 0) || !give(links[i], 1))) drop(i, 1);
        if (watched[1].revents) accept_one(listener, to_port);
    }
}
