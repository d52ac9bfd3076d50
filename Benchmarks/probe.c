// Does, one task after the other, what claims, starts and outcomes do to the tables, and tells when each began and how long
// it took: whether anything else on the same database makes them wait.
//   probe --sock PATH --user NAME --pass TEXT --db NAME --ms PAUSE
// Ends at the end of its input, and prints a line for each then: what it was, seconds since 1970, milliseconds.
#include <mysql.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ACCEPT, CLAIM, START, OUTCOME, KINDS };
static const char *names[KINDS] = {"accept", "claim", "start", "outcome"};
static MYSQL *db;

typedef struct { int kind; double at, ms; } step;
static step *steps;
static long count, room;

static void add(step s) {
  if (count == room) {
    room = room ? 2 * room : 1 << 16;
    steps = realloc(steps, room * sizeof *steps);
    if (!steps) exit(1);
  }
  steps[count++] = s;
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void run(const char *text) {
  if (mysql_query(db, text)) {
    fprintf(stderr, "probe: %s\n  in %s\n", mysql_error(db), text);
    exit(1);
  }
  do {
    MYSQL_RES *set = mysql_store_result(db);
    if (set) mysql_free_result(set);
  } while (mysql_next_result(db) == 0);
  if (mysql_errno(db)) {
    fprintf(stderr, "probe: %s\n", mysql_error(db));
    exit(1);
  }
}

int main(int argc, char **argv) {
  const char *sock = NULL, *user = "", *pass = "", *name = "";
  int pause_ms = 2;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!strcmp(argv[i], "--sock")) sock = argv[i + 1];
    else if (!strcmp(argv[i], "--user")) user = argv[i + 1];
    else if (!strcmp(argv[i], "--pass")) pass = argv[i + 1];
    else if (!strcmp(argv[i], "--db")) name = argv[i + 1];
    else if (!strcmp(argv[i], "--ms")) pause_ms = atoi(argv[i + 1]);
    else return fprintf(stderr, "probe: unknown option %s\n", argv[i]), 2;
  }
  db = mysql_init(NULL);
  if (!mysql_real_connect(db, NULL, user, pass, name, 0, sock, CLIENT_MULTI_STATEMENTS))
    return fprintf(stderr, "probe: %s\n", mysql_error(db)), 1;
  run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION time_zone = '+00:00'");
  run("INSERT IGNORE INTO queues (name, created_at) VALUES ('probe', UTC_TIMESTAMP(6));"
      "SELECT id INTO @queue FROM queues WHERE name = 'probe'; UPDATE queues SET paused_at = UTC_TIMESTAMP(6) WHERE id = @queue");

  long rounds = 0;
  char text[2000], id[40];
  struct pollfd input = {.fd = 0, .events = POLLIN};
  while (poll(&input, 1, pause_ms) == 0) {
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    uint64_t ms = (uint64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
    snprintf(id, sizeof id, "0x%012llx7000%016llx", (unsigned long long)ms, (unsigned long long)rounds);
    for (int kind = 0; kind < KINDS; kind++) {
      switch (kind) {
      case ACCEPT:
        snprintf(text, sizeof text,
                 "START TRANSACTION; INSERT INTO tasks (id, queue_id, state, requested_time, plan_time, method, url, success_rule,"
                 " max_retries, retry_delays, timeout_ms, created_at) VALUES (%s, @queue, 0, '2000-01-01', '2000-01-01', 'GET',"
                 " 'http://probe.invalid/', 'status_2xx', 0, '', 1000, UTC_TIMESTAMP(6));"
                 "INSERT INTO scheduled (queue_id, plan_time, task_id) VALUES (@queue, '2000-01-01', %s); COMMIT", id, id);
        break;
      case CLAIM:
        snprintf(text, sizeof text,
                 "START TRANSACTION; SELECT plan_time, task_id FROM scheduled WHERE queue_id = @queue AND plan_time <="
                 " '2000-01-01' ORDER BY plan_time, task_id LIMIT 1 FOR UPDATE SKIP LOCKED;"
                 "DELETE FROM scheduled WHERE queue_id = @queue AND plan_time = '2000-01-01' AND task_id = %s;"
                 "INSERT INTO claims (task_id, incarnation, queue_id, plan_time, claimed_at) VALUES (%s, 0, @queue,"
                 " '2000-01-01', UTC_TIMESTAMP(6)); COMMIT", id, id);
        break;
      case START:
        snprintf(text, sizeof text,
                 "START TRANSACTION; UPDATE claims SET started_at = UTC_TIMESTAMP(6), attempt = 1 WHERE task_id = %s;"
                 "SELECT url, headers, body FROM tasks WHERE id = %s; COMMIT", id, id);
        break;
      default:
        snprintf(text, sizeof text,
                 "START TRANSACTION; DELETE FROM claims WHERE task_id = %s; UPDATE tasks SET state = 1, attempt = 1,"
                 " finished_at = UTC_TIMESTAMP(6) WHERE id = %s; INSERT INTO attempts (task_id, attempt, incarnation, version,"
                 " plan_time, started_at, duration_us, succeeded, class, lookup_us, connect_us, tls_us, first_byte_us, total_us)"
                 " VALUES (%s, 1, 0, 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 1, 1, 'success', 0, 0, 0, 0, 0); COMMIT", id, id, id);
      }
      clock_gettime(CLOCK_REALTIME, &wall);
      double before = now_ms();
      run(text);
      add((step){kind, wall.tv_sec + wall.tv_nsec / 1e9, now_ms() - before});
    }
    rounds++;
  }
  for (long i = 0; i < count; i++) printf("%s %.3f %.3f\n", names[steps[i].kind], steps[i].at, steps[i].ms);
  return 0;
}
