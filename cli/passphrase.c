/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "host/errors.h"
#include "host/output.h"
#include "host/random.h"
#include "oilskin/seal.h"

static volatile sig_atomic_t caught;

void osk_secrets_guard(void)
{
    const struct rlimit none = { 0, 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static OskStatus say_wrong(OskFault *fault, const char *what, const char *next)
{
    *fault = (OskFault){ .status = OSK_MISUSE,
                         .part = "passphrase",
                         .what = what,
                         .next = next,
                         .offset = OSK_NO_OFFSET };
    return OSK_MISUSE;
}

static OskStatus check_length(const OskPassphrase *passphrase, bool is_longer, OskFault *fault)
{
    if (is_longer) {
        return say_wrong(fault, "is longer than 1024 letters", "choose a shorter one");
    }
    if (passphrase->len == 0) {
        return say_wrong(fault, "is empty", "choose at least six words that you can remember");
    }
    return OSK_OK;
}

/* ---- the terminal ---- */

static void note_signal(int number)
{
    caught = number;
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define ENDING_COUNT (sizeof(ending) / sizeof(ending[0]))

typedef struct Terminal {
    int fd;
    struct termios before;
    struct sigaction handlers[ENDING_COUNT];
} Terminal;

/* Letters are not shown from here on; signals wait until they are shown again. */
static bool hide_letters(Terminal *terminal)
{
    struct sigaction handler = { .sa_handler = note_signal };
    if (tcgetattr(terminal->fd, &terminal->before) != 0) {
        return false;
    }
    caught = 0;
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        sigaction(ending[i], &handler, &terminal->handlers[i]);
    }
    struct termios hidden = terminal->before;
    hidden.c_lflag &= (tcflag_t) ~(tcflag_t)(ECHO | ECHONL);
    return tcsetattr(terminal->fd, TCSAFLUSH, &hidden) == 0;
}

static void show_letters(Terminal *terminal)
{
    tcsetattr(terminal->fd, TCSAFLUSH, &terminal->before);
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        sigaction(ending[i], &terminal->handlers[i], NULL);
    }
    (void)osk_write_all(terminal->fd, "\n", 1);
    if (caught != 0) {
        raise(caught);
    }
}

/* One line into `out`; false when a signal or an error ended it. */
static bool read_line(int fd, OskPassphrase *out, bool *is_longer)
{
    out->len = 0;
    while (caught == 0) {
        char letter = 0;
        ssize_t got = read(fd, &letter, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0 || letter == '\n') {
            out->text[out->len] = 0;
            return true;
        }
        if (out->len < OSK_PASSPHRASE_MAX) {
            out->text[out->len++] = letter;
        } else {
            *is_longer = true;
        }
    }
    return false;
}

static OskStatus ask_once(Terminal *terminal, const char *prompt, OskPassphrase *out,
                          OskFault *fault)
{
    bool is_longer = false;
    bool read = hide_letters(terminal);
    if (read) {
        (void)osk_write_all(terminal->fd, prompt, strlen(prompt));
        (void)osk_write_all(terminal->fd, ": ", 2);
        read = read_line(terminal->fd, out, &is_longer);
    }
    show_letters(terminal);
    if (!read) {
        return say_wrong(fault, "was not typed", "run it again");
    }
    return check_length(out, is_longer, fault);
}

OskStatus osk_passphrase_ask(OskPassphrase *out, const char *prompt, bool twice, OskFault *fault)
{
    Terminal terminal = { .fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) };
    OskPassphrase again = { 0 };
    if (terminal.fd < 0) {
        *fault = (OskFault){ .status = OSK_IO,
                             .part = "passphrase",
                             .what = "can't be asked for: there is no terminal",
                             .next = "run it in a terminal, or write the passphrase into a file "
                                     "and name that with --passphrase-file",
                             .offset = OSK_NO_OFFSET };
        return OSK_IO;
    }
    OskStatus status = ask_once(&terminal, prompt, out, fault);
    if (status == OSK_OK && twice) {
        status = ask_once(&terminal, "The same again", &again, fault);
    }
    if (status == OSK_OK && twice &&
        (again.len != out->len || !osk_seal_equal(again.text, out->text, out->len))) {
        status = say_wrong(fault, "was typed in two different ways", "run it again");
    }
    osk_passphrase_wipe(&again);
    if (status != OSK_OK) {
        osk_passphrase_wipe(out);
    }
    close(terminal.fd);
    return status;
}

/* ---- a file ---- */

/* Named by itself: the command also reads other files, and says "the file" of those. */
static OskStatus say_unreadable(OskFault *fault)
{
    *fault = (OskFault){ .status = OSK_IO,
                         .part = "passphrase",
                         .what = "can't be read from the file that --passphrase-file names",
                         .next = "check the name, and that you may read it",
                         .offset = OSK_NO_OFFSET };
    return OSK_IO;
}

OskStatus osk_passphrase_read(OskPassphrase *out, const char *path, OskFault *fault)
{
    bool is_longer = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return say_unreadable(fault);
    }
    caught = 0;
    OskStatus status = read_line(fd, out, &is_longer) ? OSK_OK : say_unreadable(fault);
    close(fd);
    if (status == OSK_OK && out->len > 0 && out->text[out->len - 1] == '\r') {
        out->text[--out->len] = 0;
    }
    if (status == OSK_OK) {
        status = check_length(out, is_longer, fault);
    }
    if (status != OSK_OK) {
        osk_passphrase_wipe(out);
    }
    return status;
}

OskStatus osk_passphrase_seal(const OskPassphrase *passphrase, const char *text, size_t len,
                              OskMemory *out, OskFault *fault)
{
    static const OskRandom random = { .fill = osk_random_fill };
    const OskSealTo to = { .passphrase = passphrase->text,
                           .passphrase_len = passphrase->len,
                           .random = &random };
    OskMemory sealed = { 0 };
    OskStatus status = osk_seal_bytes(text, len, &to, &sealed, fault);
    if (status == OSK_OK) {
        OskArmorer armorer;
        const OskSink memory = osk_sink_to_memory(out);
        OskSink armored = osk_armorer_sink(&armorer, &memory);
        if (!armored.write(armored.context, sealed.bytes, sealed.len) ||
            !osk_armorer_finish(&armorer)) {
            status = osk_host_fail(fault, "file", ENOMEM);
        }
    }
    osk_bytes_free(&sealed.bytes);
    return status;
}

void osk_passphrase_wipe(OskPassphrase *passphrase)
{
    osk_seal_wipe(passphrase, sizeof(*passphrase));
}
