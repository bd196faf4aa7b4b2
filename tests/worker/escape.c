/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker that was taken over: it enters the same sandbox as the real one, takes the job, and
 * tries to get out in the way that the job's format names. Whoever reads DONE knows that it
 * succeeded. With --threads NAME and --strip NAME there is no parent to talk to: the sandbox is the
 * one that lets threads be started, or that of a job with a sealed file, and the exit code is 0 for
 * success, 1 for failure. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "worker/channel.h"
#include "worker/sandbox.h"

/* Each returns true when it got out. */

static bool open_file(void)
{
    return open("/etc/hostname", O_RDONLY) >= 0;
}

static bool open_plain(void)
{
    return syscall(SYS_open, "/etc/hostname", O_RDONLY) >= 0;
}

static bool make_file(void)
{
    return open("/tmp/oilskin-escaped", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool make_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool make_udp(void)
{
    return socket(AF_INET, SOCK_DGRAM, 0) >= 0;
}

static bool make_pair(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

/* Sends a datagram to this machine itself. */
static bool send_udp(void)
{
    const struct sockaddr_in here = { .sin_family = AF_INET,
                                      .sin_port = htons(9),
                                      .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return sendto(fd, "x", 1, 0, (const struct sockaddr *)&here, sizeof(here)) == 1;
}

/* Refused would mean that nobody listens, but that it went out. */
static bool connect_tcp(void)
{
    const struct sockaddr_in here = { .sin_family = AF_INET,
                                      .sin_port = htons(9),
                                      .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&here, sizeof(here)) == 0 || errno == ECONNREFUSED;
}

static bool start_process(void)
{
    return fork() >= 0;
}

static bool start_vfork(void)
{
    return syscall(SYS_vfork) >= 0;
}

static bool start_clone3(void)
{
    return syscall(SYS_clone3, NULL, 0) >= 0;
}

static bool start_program(void)
{
    char name[] = "/bin/true";
    char *const list[] = { name, NULL };
    return execv(name, list) == 0;
}

static bool trace_parent(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool read_parent(void)
{
    char byte = 0;
    struct iovec here = { &byte, 1 };
    struct iovec there = { &byte, 1 };
    return process_vm_readv((pid_t)syscall(SYS_getppid), &here, 1, &there, 1, 0) == 1;
}

static bool kill_parent(void)
{
    return kill((pid_t)syscall(SYS_getppid), SIGTERM) == 0;
}

static bool signal_all(void)
{
    return kill(-1, 0) == 0;
}

static bool map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

static bool protect_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool write_foreign(void)
{
    return write(OSK_WORKER_SOCKET + 1, "x", 1) >= 0;
}

static bool write_socket(void)
{
    return write(OSK_WORKER_SOCKET, "x", 1) >= 0;
}

static bool read_input(void)
{
    char byte = 0;
    return read(0, &byte, 1) >= 0;
}

/* Allowed where a sealed file is scrubbed, of these two files. */
static bool read_file(void)
{
    char byte = 0;
    return pread(OSK_STRIP_INPUT_FD, &byte, 1, 0) >= 0 || errno == EBADF;
}

static bool write_file(void)
{
    return pwrite(OSK_STRIP_OUTPUT_FD, "x", 1, 0) >= 0 || errno == EBADF;
}

static bool write_file_to_input(void)
{
    return pwrite(OSK_STRIP_INPUT_FD, "x", 1, 0) >= 0 || errno == EBADF;
}

static bool read_other_file(void)
{
    char byte = 0;
    return pread(OSK_STRIP_OUTPUT_FD + 1, &byte, 1, 0) >= 0 || errno == EBADF;
}

static bool use_ring(void)
{
    char room[256] = { 0 };
    return syscall(SYS_io_uring_setup, 1, room) >= 0;
}

static bool make_namespace(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static bool lift_limit(void)
{
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool make_memfd(void)
{
    return memfd_create("x", 0) >= 0;
}

static bool map_host(void)
{
    return syscall(SYS_bpf, 0, NULL, 0) >= 0 || syscall(SYS_userfaultfd, 0) >= 0;
}

static bool use_compat(void)
{
#if defined(__x86_64__)
    /* The table of system calls of 32-bit programs: getpid is 20 there. */
    long got = 0;
    __asm__ volatile("int $0x80" : "=a"(got) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return got > 0;
#else
    raise(SIGSYS);
    return false;
#endif
}

static void *do_nothing(void *argument)
{
    return argument;
}

/* Allowed to codecs that can't do without. */
static bool start_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, do_nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

/* Not an escape: far more memory than the job may have. */
static bool take_memory(void)
{
    for (unsigned i = 0; i < 4096; i++) {
        if (mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0) == MAP_FAILED) {
            return false;
        }
    }
    return true;
}

static bool spin(void)
{
    for (volatile uint64_t i = 0;; i = i + 1) {
        if (i == UINT64_MAX) {
            return true;
        }
    }
}

static bool give_up(void)
{
    abort();
}

static bool crash(void)
{
    *(volatile char *)(uintptr_t)sysconf(_SC_PAGESIZE) = 1;
    return true;
}

static const struct {
    const char *name;
    bool (*attempt)(void);
} attempts[] = {
    { "openfile", open_file },
    { "openplain", open_plain },
    { "makefile", make_file },
    { "socket", make_socket },
    { "udp", make_udp },
    { "socketpair", make_pair },
    { "fork", start_process },
    { "vfork", start_vfork },
    { "clone3", start_clone3 },
    { "exec", start_program },
    { "ptrace", trace_parent },
    { "readparent", read_parent },
    { "killparent", kill_parent },
    { "killall", signal_all },
    { "mapcode", map_code },
    { "protectcode", protect_code },
    { "writefd", write_foreign },
    { "writesocket", write_socket },
    { "readfd", read_input },
    { "pread", read_file },
    { "pwrite", write_file },
    { "pwriteinput", write_file_to_input },
    { "preadother", read_other_file },
    { "iouring", use_ring },
    { "namespace", make_namespace },
    { "prctl", lift_limit },
    { "memfd", make_memfd },
    { "bpf", map_host },
    { "compat", use_compat },
    { "memory", take_memory },
    { "spin", spin },
    { "crash", crash },
    { "thread", start_thread },
    { "sendudp", send_udp },
    { "connecttcp", connect_tcp },
    { "abort", give_up },
};

static bool attempt(const char *name)
{
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        if (strcmp(attempts[i].name, name) == 0) {
            return attempts[i].attempt();
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    OskChannel channel;
    OskSandbox sandbox;
    OskWorkerHello hello = { 0 };
    OskRequest request;
    OskFault fault = { .status = OSK_OK };
    if (argc == 4 && strcmp(argv[1], "--without") == 0) {
        sandbox = (OskSandbox){ .memory = UINT64_C(1) << 30, .cpu_seconds = 10 };
        sandbox.without = (uint32_t)strtoul(argv[2], NULL, 10);
        uint32_t layers = osk_sandbox_enter(&sandbox, &hello.landlock);
        /* Skipped where the kernel has not what is to hold alone. */
        uint32_t wanted = ~sandbox.without & OSK_LAYERS_ALL;
        _exit((layers & wanted) != wanted ? 77 : attempt(argv[3]) ? 0 : 1);
    }
    if (argc == 3 && strcmp(argv[1], "--threads") == 0) {
        sandbox = (OskSandbox){ .memory = UINT64_C(1) << 30, .cpu_seconds = 10, .threads = true };
        osk_channel_prepare();
        osk_sandbox_enter(&sandbox, &hello.landlock);
        _exit(attempt(argv[2]) ? 0 : 1);
    }
    if (argc == 3 && strcmp(argv[1], "--strip") == 0) {
        sandbox =
            (OskSandbox){ .memory = UINT64_C(1) << 30, .cpu_seconds = 10, .file_bytes = 1000 };
        osk_channel_prepare();
        osk_sandbox_enter(&sandbox, &hello.landlock);
        _exit(attempt(argv[2]) ? 0 : 1);
    }
    if (!osk_channel_arguments(argc, argv, &channel, &sandbox)) {
        return 2;
    }
    osk_channel_prepare();
    hello.layers = osk_sandbox_enter(&sandbox, &hello.landlock);
    if (!osk_channel_hello(&channel, &hello) ||
        osk_channel_receive(&channel, &request, &fault) != OSK_OK) {
        _exit(1);
    }
    if (!attempt(request.ask.format)) {
        fault = (OskFault){ OSK_LIMIT, "picture", "not enough memory", NULL, OSK_NO_OFFSET };
        osk_channel_fault(&channel, &fault);
        _exit(0);
    }
    OskWorkerDone done = { .info = { .width = 1,
                                     .height = 1,
                                     .frames = 1,
                                     .memory = 1,
                                     .cell_width = 1,
                                     .cell_height = 1,
                                     .exact = true } };
    osk_channel_done(&channel, &done);
    _exit(0);
}
