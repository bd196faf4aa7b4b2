/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/descriptors.h"
#include "host/worker_protocol.h"

#define NICE 10
/* Above the descriptors that the child rearranges. */
#define SAFE_FD 16

/* exec takes pointers to characters that it does not change. */
static char names[][16] = { [OSK_PROGRAM_WORKER] = "oilskin-worker",
                            [OSK_PROGRAM_STRIP] = "oilskin-strip",
                            [OSK_PROGRAM_FRAMES] = "oilskin-frames" };

/* The worker of a build tree stands in worker/ beside cli/, and belongs to no other program: an
 * installed one is never searched for. */
static bool find_in_build_tree(const char *name, char out[PATH_MAX])
{
    static const char folder[] = "/cli/";
    ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 1);
    if (len <= 0 || len >= PATH_MAX - 1) {
        return false;
    }
    out[len] = 0;
    char *slash = strrchr(out, '/');
    size_t most = sizeof(folder) - 1;
    if (slash == NULL || (size_t)(slash + 1 - out) < most ||
        memcmp(slash + 1 - most, folder, most) != 0) {
        return false;
    }
    char *at = slash + 1 - most;
    size_t room = PATH_MAX - (size_t)(at - out);
    int wrote = snprintf(at, room, "/worker/%s", name);
    return wrote > 0 && (size_t)wrote < room && access(out, X_OK) == 0;
}

typedef struct Arguments {
    char id[24];
    char memory[24];
    char cpu[16];
    char file[24];
    char *list[8];
} Arguments;

static void write_arguments(Arguments *arguments, const OskWorkerStart *start)
{
    static char version[] = "1";
    static char yes[] = "1";
    static char no[] = "0";
    snprintf(arguments->id, sizeof(arguments->id), "%llu", (unsigned long long)start->id);
    snprintf(arguments->memory, sizeof(arguments->memory), "%llu",
             (unsigned long long)start->memory);
    snprintf(arguments->cpu, sizeof(arguments->cpu), "%u", start->cpu_seconds);
    snprintf(arguments->file, sizeof(arguments->file), "%llu",
             (unsigned long long)start->file_bytes);
    char *list[8] = { names[start->program], version,
                      arguments->id,         arguments->memory,
                      arguments->cpu,        start->threads ? yes : no,
                      arguments->file,       NULL };
    memcpy(arguments->list, list, sizeof(list));
}

/* Between fork and exec, of a process that may have had threads: system calls alone. */
static _Noreturn void become_worker(const char *path, const Arguments *arguments, int null,
                                    int socket, bool waits)
{
    static char *const environment[] = { NULL };
    sigset_t none;
    sigemptyset(&none);
    /* It must not outlive the one who asked. */
    bool ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    for (int fd = 0; fd < OSK_WORKER_SOCKET; fd++) {
#ifdef OSK_WORKER_STDERR
        /* A build with sanitizers: what they say must be seen. */
        if (fd == STDERR_FILENO) {
            continue;
        }
#endif
        ready = dup2(null, fd) == fd && ready;
    }
    ready = dup2(socket, OSK_WORKER_SOCKET) == OSK_WORKER_SOCKET && ready;
    ready = osk_descriptors_close_from(OSK_WORKER_SOCKET + 1) && ready;
    /* An ignored SIGPIPE would be inherited. */
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (waits) {
        /* Where it may not, it competes. */
        (void)setpriority(PRIO_PROCESS, 0, NICE);
    }
    if (ready) {
        execve(path, arguments->list, environment);
    }
    /* Memory, files, or somebody who writes it at this moment. */
    bool passes = !ready || errno == ENOMEM || errno == EAGAIN || errno == EMFILE ||
                  errno == ENFILE || errno == ETXTBSY;
    _exit(passes ? OSK_WORKER_NO_ROOM : OSK_WORKER_NO_EXEC);
}

static OskStatus fail(OskFault *fault)
{
    osk_fault_set(fault, OSK_NO_MEMORY, "worker",
                  "the process that decodes pictures can't be started", OSK_NO_OFFSET);
    osk_fault_next(fault, "close other programs, then run it again");
    return OSK_NO_MEMORY;
}

/* A descriptor at SAFE_FD or above, so that the child can put it where it wants. */
static int raise_fd(int fd)
{
    int raised = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, SAFE_FD);
    if (fd >= 0) {
        close(fd);
    }
    return raised;
}

/* vfork: the memory of a server that many speak to is not copied, not even its tables. Nothing that
 * the child does before exec is seen by this process but errno. */
static pid_t begin_process(const char *path, const Arguments *arguments, int null, int socket,
                           bool waits)
{
    pid_t pid = vfork();
    if (pid == 0) {
        become_worker(path, arguments, null, socket, waits);
    }
    return pid;
}

OskStatus osk_worker_spawn(OskWorkerProcess *process, const OskWorkerStart *start, OskFault *fault)
{
    char found[PATH_MAX];
    const char *path = start->path;
    int pair[2] = { -1, -1 };
    *process = (OskWorkerProcess){ .socket = -1 };
    if (path == NULL) {
        const char *name = names[start->program];
        if (!find_in_build_tree(name, found)) {
            snprintf(found, sizeof(found), "%s%s", OSK_WORKER_FOLDER, name);
        }
        path = found;
    }
    if (access(path, X_OK) != 0) {
        osk_fault_set(fault, OSK_IO, "worker", "oilskin-worker is not installed", OSK_NO_OFFSET);
        osk_fault_next(fault, "install Oilskin with its worker: pictures are decoded nowhere else");
        return OSK_IO;
    }
    Arguments arguments;
    write_arguments(&arguments, start);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return fail(fault);
    }
    int theirs = raise_fd(pair[1]);
    int null = raise_fd(open("/dev/null", O_RDWR | O_CLOEXEC));
    pid_t pid =
        theirs < 0 || null < 0 ? -1 : begin_process(path, &arguments, null, theirs, start->waits);
    if (theirs >= 0) {
        close(theirs);
    }
    if (null >= 0) {
        close(null);
    }
    if (pid < 0) {
        close(pair[0]);
        return fail(fault);
    }
    *process = (OskWorkerProcess){ .pid = pid, .socket = pair[0] };
    return OSK_OK;
}

int osk_worker_reap(OskWorkerProcess *process, unsigned patience_ms, bool *out_killed)
{
    int status = 0;
    *out_killed = false;
    if (process->socket >= 0) {
        close(process->socket);
        process->socket = -1;
    }
    /* An ended worker is seen within a millisecond; nobody waits long here. */
    const struct timespec pause = { .tv_nsec = 500000 };
    for (unsigned waited = 0; process->pid > 0; waited++) {
        pid_t got = waitpid(process->pid, &status, *out_killed ? 0 : WNOHANG);
        if (got == process->pid || (got < 0 && errno != EINTR)) {
            process->pid = 0;
        } else if (!*out_killed && waited / 2 >= patience_ms) {
            kill(process->pid, SIGKILL);
            *out_killed = true;
        } else if (!*out_killed) {
            nanosleep(&pause, NULL);
        }
    }
    return status;
}
