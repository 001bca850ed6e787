/* SPDX-License-Identifier: Apache-2.0
 * What the nodes in C and C++ share: settings, clock, meter and result files as Dora.Latency's runner has them (Dora.Latency/Nodes). */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static inline int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline void must(int is_so, const char *what)
{
    if (!is_so)
    {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}

struct settings
{
    const char *role, *folder;
    int64_t size, messages, warmup, warmup_ns, fan;
    int loans; /* else: write */
};

/* node ROLE name=value... */
static inline struct settings parse(int argc, char **argv)
{
    must(argc > 2 && strcmp(argv[1], "node") == 0, "node ROLE name=value...");
    struct settings s;
    memset(&s, 0, sizeof s);
    s.role = argv[2];
    for (int i = 3; i < argc; i++)
    {
        const char *value = strchr(argv[i], '=');
        must(value++ != NULL, argv[i]);
        const size_t length = (size_t)(value - argv[i]);
#define IS(name) (length == sizeof(name) && memcmp(argv[i], name "=", length) == 0)
        if (IS("folder"))
            s.folder = value;
        else if (IS("size"))
            s.size = atoll(value);
        else if (IS("messages"))
            s.messages = atoll(value);
        else if (IS("warmup"))
            s.warmup = atoll(value);
        else if (IS("warmup_ms"))
            s.warmup_ns = atoll(value) * 1000000;
        else if (IS("fan"))
            s.fan = atoll(value);
        else if (IS("fill"))
        {
            s.loans = strcmp(value, "Loan") == 0;
            must(s.loans || strcmp(value, "Write") == 0, "fill loan or write");
        }
#undef IS
    }
    return s;
}

/* The bytes that are sent: nowhere pages that nobody has written. */
static inline uint8_t *make_bytes(int64_t size)
{
    uint8_t *bytes = (uint8_t *)malloc((size_t)size + 1);
    must(bytes != NULL, "memory");
    uint64_t state = (uint64_t)size | 1;
    for (int64_t i = 0; i < size; i++)
    {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        bytes[i] = (uint8_t)(state >> 56);
    }
    return bytes;
}

/* A message of this length ends the warm-up. */
static inline size_t marker_length(const struct settings *s)
{
    return s->size == 1 ? 2 : 1;
}

/* What the process uses between two moments, and what the daemon does. */
struct meter
{
    int64_t started_ns, stopped_ns, cpu_ns, faults, switches, daemon_ns;
    clockid_t daemon;
    int watches_daemon;
};

static inline int parent_of(int process)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE *file = fopen(path, "r");
    must(file != NULL, path);
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    int parent = 0;
    must(strrchr(text, ')') != NULL && sscanf(strrchr(text, ')') + 1, " %*c %d", &parent) == 1, path);
    return parent;
}

static inline void meter_add(struct meter *m, int sign)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    m->cpu_ns += sign * ((u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000000) + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * INT64_C(1000));
    m->faults += sign * u.ru_minflt;
    m->switches += sign * u.ru_nvcsw;
    if (m->watches_daemon)
    {
        struct timespec t;
        must(clock_gettime(m->daemon, &t) == 0, "the daemon's clock");
        m->daemon_ns += sign * (t.tv_sec * INT64_C(1000000000) + t.tv_nsec);
    }
}

static inline void meter_start(struct meter *m)
{
    m->cpu_ns = m->faults = m->switches = m->daemon_ns = 0;
    meter_add(m, -1);
    m->started_ns = now_ns();
}

static inline void meter_stop(struct meter *m)
{
    m->stopped_ns = now_ns();
    meter_add(m, 1);
}

static inline struct meter make_meter(int watches_daemon)
{
    struct meter m;
    memset(&m, 0, sizeof m);
    if (watches_daemon)
        m.watches_daemon = clock_getcpuclockid(parent_of(getppid()), &m.daemon) == 0; /* the launcher's parent */
    meter_start(&m);
    meter_stop(&m);
    return m;
}

/* samples_ns: NULL without. A node that never comes here has failed. */
static inline void write_result(
    const struct settings *s, const char *node, const struct meter *m, int64_t messages, int64_t first_ns, const int64_t *samples_ns)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.samples", s->folder, node);
    FILE *file = fopen(path, "wb");
    must(file != NULL, path);
    if (samples_ns != NULL)
        must(fwrite(samples_ns, sizeof *samples_ns, (size_t)s->messages, file) == (size_t)s->messages, path);
    must(fclose(file) == 0, path);
    snprintf(path, sizeof path, "%s/%s.result", s->folder, node);
    file = fopen(path, "w");
    must(file != NULL, path);
    fprintf(file, "started_ns %lld\nstopped_ns %lld\ncpu_ns %lld\n", (long long)m->started_ns, (long long)m->stopped_ns, (long long)m->cpu_ns);
    fprintf(file, "faults %lld\nswitches %lld\nallocated 0\ncollections 0\n", (long long)m->faults, (long long)m->switches);
    fprintf(file, "daemon_cpu_ns %lld\nmessages %lld\nfirst_ns %lld\n", (long long)m->daemon_ns, (long long)messages, (long long)first_ns);
    must(fclose(file) == 0, path);
}

/* The file that says that every queue is full: before that, receivers wait. */
static inline void full_queues_path(const struct settings *s, char *path, size_t size)
{
    snprintf(path, size, "%s/queues-are-full", s->folder);
}

static inline void say_queues_are_full(const struct settings *s)
{
    char path[1024];
    full_queues_path(s, path, sizeof path);
    FILE *file = fopen(path, "w");
    must(file != NULL && fclose(file) == 0, path);
}

static inline void wait_for_full_queues(const struct settings *s)
{
    char path[1024];
    struct stat found;
    const struct timespec pause = {0, 1000000};
    full_queues_path(s, path, sizeof path);
    while (stat(path, &found) != 0)
        nanosleep(&pause, NULL);
}

#endif
