// commits.c: what the machine itself takes meanwhile: one row committed alone on a connection of its own, and one small write
// synced to a file, in turns.
//
//   gcc -O2 -o commits commits.c $(pkg-config --cflags --libs libmariadb)
//   ./commits --sock PATH --user NAME --pass TEXT --db NAME --file FILE [--ms PAUSE]
//
// Ends at the end of its input; prints one line. It makes and drops the table bench_commits.
#define _GNU_SOURCE
#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { most = 200000 };
typedef struct { double ms[most]; int count; } times;
static times commits, syncs;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void add(times *t, double ms) {
    if (t->count < most) t->ms[t->count++] = ms;
}

static int in_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, times *t) {
    if (!t->count) { printf(" %s=0", name); return; }
    qsort(t->ms, t->count, sizeof *t->ms, in_order);
    printf(" %s=%d %s_p50_ms=%.2f %s_p99_ms=%.2f %s_max_ms=%.2f", name, t->count, name, t->ms[t->count / 2], name,
           t->ms[(int)(t->count * 0.99)], name, t->ms[t->count - 1]);
}

static void run(MYSQL *db, const char *text) {
    if (mysql_query(db, text)) { fprintf(stderr, "commits: %s\n", mysql_error(db)); exit(1); }
}

int main(int argc, char **argv) {
    const char *sock = NULL, *user = "", *pass = "", *name = "", *path = NULL;
    int pause_ms = 20;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--sock")) sock = argv[i + 1];
        else if (!strcmp(argv[i], "--user")) user = argv[i + 1];
        else if (!strcmp(argv[i], "--pass")) pass = argv[i + 1];
        else if (!strcmp(argv[i], "--db")) name = argv[i + 1];
        else if (!strcmp(argv[i], "--file")) path = argv[i + 1];
        else if (!strcmp(argv[i], "--ms")) pause_ms = atoi(argv[i + 1]);
        else return fprintf(stderr, "commits: unknown option %s\n", argv[i]), 2;
    }
    MYSQL *db = mysql_init(NULL);
    if (!mysql_real_connect(db, NULL, user, pass, name, 0, sock, 0)) return fprintf(stderr, "commits: %s\n", mysql_error(db)), 1;
    run(db, "DROP TABLE IF EXISTS bench_commits");
    run(db, "CREATE TABLE bench_commits (id INT PRIMARY KEY AUTO_INCREMENT, note CHAR(100) NOT NULL) ENGINE=InnoDB");
    int file = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;
    if (file < 0) return fprintf(stderr, "commits: %s cannot be opened\n", path ? path : "--file"), 1;
    // As the log of a database does: over what is there, so that no length changes.
    static char block[4096];
    for (int i = 0; i < 256; i++) if (pwrite(file, block, sizeof block, i * 4096L) < 0) return perror("commits"), 1;
    fsync(file);

    struct pollfd input = {.fd = 0, .events = POLLIN};
    for (long turn = 0; poll(&input, 1, pause_ms) == 0; turn++) {
        double begun = now_ms();
        if (turn % 2) {
            run(db, "INSERT INTO bench_commits (note) VALUES ('one')");
            add(&commits, now_ms() - begun);
        } else {
            if (pwrite(file, block, 512, turn / 2 % 256 * 4096) < 0 || fdatasync(file)) return perror("commits"), 1;
            add(&syncs, now_ms() - begun);
        }
    }
    run(db, "DROP TABLE bench_commits");
    print("commits", &commits);
    print("syncs", &syncs);
    puts("");
    return 0;
}
