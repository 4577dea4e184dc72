/* Loaded into every process of a command, this library counts the calls that change a file system and lets one of them go wrong.
 *
 *   FAULT_COUNTER  a file that all processes share; its first eight bytes count the calls
 *   FAULT_AT       which call goes wrong, from 1; 0 only counts
 *   FAULT_KIND     "kill" ends the whole process group with SIGKILL; "alone" only its leader, and what it started goes on;
 *                  "stop" stops the process before the call, until somebody lets it go on; a number is the errno that the call returns
 *   FAULT_STICKY   if set, every later call goes wrong as well
 *   FAULT_TORN     if set, a write that goes wrong first writes half of its bytes
 *   FAULT_TRACE    if set, a file that receives one line for each call
 *
 * They are read at the first call; `fault_arm` reads them anew, in a process that was forked off one that has started already.
 *
 * cc -shared -fPIC -O1 -o shim.so shim.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    int ready, kill, alone, stop, error, sticky, torn;
    long at;
    long *count;
    const char *trace;
} plan;

static void load(void)
{
    const char *name = getenv("FAULT_COUNTER"), *kind = getenv("FAULT_KIND"), *at = getenv("FAULT_AT");
    void *shared;
    int handle;

    if (plan.ready)
        return;
    plan.ready = 1;
    if (!name)
        return;
    handle = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC);
    if (handle < 0)
        return;
    shared = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    syscall(SYS_close, handle);
    if (shared == MAP_FAILED)
        return;
    plan.at = at ? atol(at) : 0;
    plan.kill = kind && !strcmp(kind, "kill");
    plan.alone = kind && !strcmp(kind, "alone");
    plan.stop = kind && !strcmp(kind, "stop");
    plan.error = kind && !plan.kill && !plan.alone && !plan.stop ? atoi(kind) : 0;
    plan.sticky = getenv("FAULT_STICKY") != NULL;
    plan.torn = getenv("FAULT_TORN") != NULL;
    plan.trace = getenv("FAULT_TRACE");
    plan.count = shared;
}

void fault_arm(void)
{
    memset(&plan, 0, sizeof plan);
    load();
}

static void note(long number, const char *call, const char *path)
{
    char line[600];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path ? path : "");
    int handle = (int)syscall(SYS_openat, AT_FDCWD, plan.trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    if (handle >= 0) {
        syscall(SYS_write, handle, line, length < (int)sizeof line ? length : (int)sizeof line - 1);
        syscall(SYS_close, handle);
    }
}

/* Ends the leader of the session, which is the command itself; returns in what it started. */
static int orphan(void)
{
    pid_t leader = getsid(0);

    kill(leader, SIGKILL);
    while (getpid() == leader)
        pause();
    return 0;
}

/* Whether this call is the one that goes wrong. */
static int chosen(const char *call, const char *path)
{
    long number;

    load();
    if (!plan.count)
        return 0;
    number = __sync_add_and_fetch(plan.count, 1);
    if (plan.trace)
        note(number, call, path);
    if (plan.alone)
        return number == plan.at && orphan();
    if (plan.stop) {
        if (number == plan.at)
            raise(SIGSTOP);
        return 0;
    }
    return plan.at > 0 && (number == plan.at || (plan.sticky && number > plan.at));
}

static int fail(void)
{
    if (plan.kill) {
        kill(0, SIGKILL);
        for (;;)
            pause();
    }
    errno = plan.error;
    return -1;
}

/* Pipes, terminals and devices are not the file system. */
static int on_disk(int handle)
{
    struct stat found;
    return fstat(handle, &found) == 0 && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode));
}

#define REAL(result, name, ...)                                            \
    static result (*real)(__VA_ARGS__);                                    \
    if (!real)                                                             \
        *(void **)&real = dlsym(RTLD_NEXT, #name)

#define WRAP(result, name, parameters, arguments, path)                    \
    result name parameters                                                 \
    {                                                                      \
        static result(*real) parameters;                                   \
        if (!real)                                                         \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                     \
        if (chosen(#name, path))                                           \
            return fail();                                                 \
        return real arguments;                                             \
    }

#define WRAP_HANDLE(result, name, parameters, arguments, handle)           \
    result name parameters                                                 \
    {                                                                      \
        static result(*real) parameters;                                   \
        if (!real)                                                         \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                     \
        if (on_disk(handle) && chosen(#name, NULL))                        \
            return fail();                                                 \
        return real arguments;                                             \
    }

WRAP(int, rename, (const char *from, const char *to), (from, to), to)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), to)
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), to)
WRAP(int, link, (const char *from, const char *to), (from, to), to)
WRAP(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), to)
WRAP(int, symlink, (const char *text, const char *path), (text, path), path)
WRAP(int, symlinkat, (const char *text, int at, const char *path), (text, at, path), path)
WRAP(int, unlink, (const char *path), (path), path)
WRAP(int, unlinkat, (int at, const char *path, int flags), (at, path, flags), path)
WRAP(int, rmdir, (const char *path), (path), path)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), path)
WRAP(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode), path)
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode), path)
WRAP(int, truncate, (const char *path, off_t size), (path, size), path)
WRAP(int, mkstemp, (char *name), (name), name)
WRAP(int, mkstemp64, (char *name), (name), name)
WRAP(int, mkostemp, (char *name, int flags), (name, flags), name)
WRAP(int, mkostemp64, (char *name, int flags), (name, flags), name)
WRAP_HANDLE(int, fchmod, (int handle, mode_t mode), (handle, mode), handle)
WRAP_HANDLE(int, fsync, (int handle), (handle), handle)
WRAP_HANDLE(int, fdatasync, (int handle), (handle), handle)
WRAP_HANDLE(int, syncfs, (int handle), (handle), handle)
WRAP_HANDLE(int, ftruncate, (int handle, off_t size), (handle, size), handle)
WRAP_HANDLE(int, ftruncate64, (int handle, off64_t size), (handle, size), handle)
WRAP_HANDLE(ssize_t, pwrite, (int handle, const void *data, size_t size, off_t at), (handle, data, size, at), handle)
WRAP_HANDLE(ssize_t, pwrite64, (int handle, const void *data, size_t size, off64_t at), (handle, data, size, at), handle)
WRAP_HANDLE(ssize_t, writev, (int handle, const struct iovec *parts, int count), (handle, parts, count), handle)

ssize_t write(int handle, const void *data, size_t size)
{
    REAL(ssize_t, write, int, const void *, size_t);
    if (on_disk(handle) && chosen("write", NULL)) {
        if (plan.torn && size > 1)
            real(handle, data, size / 2);
        return fail();
    }
    return real(handle, data, size);
}

#define OPEN(name)                                                         \
    int name(const char *path, int flags, ...)                             \
    {                                                                      \
        mode_t mode = 0;                                                   \
        REAL(int, name, const char *, int, ...);                           \
        if (flags & (O_CREAT | __O_TMPFILE)) {                             \
            va_list rest;                                                  \
            va_start(rest, flags);                                         \
            mode = va_arg(rest, mode_t);                                   \
            va_end(rest);                                                  \
        }                                                                  \
        if (flags & (O_CREAT | O_TRUNC) && strncmp(path, "/dev/null", 9) && chosen(#name, path)) \
            return fail();                                                 \
        return real(path, flags, mode);                                    \
    }

#define OPENAT(name)                                                       \
    int name(int at, const char *path, int flags, ...)                     \
    {                                                                      \
        mode_t mode = 0;                                                   \
        REAL(int, name, int, const char *, int, ...);                      \
        if (flags & (O_CREAT | __O_TMPFILE)) {                             \
            va_list rest;                                                  \
            va_start(rest, flags);                                         \
            mode = va_arg(rest, mode_t);                                   \
            va_end(rest);                                                  \
        }                                                                  \
        if (flags & (O_CREAT | O_TRUNC) && chosen(#name, path))            \
            return fail();                                                 \
        return real(at, path, flags, mode);                                \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
