/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/view.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* More than the most jobs that run at once (see -j) have open together. */
#define SLOT_COUNT 512
/* A shorter range is cheaper to copy than to map. */
#define SPLICE_LEAST ((uint64_t)64 << 10)

/* ---- pages that can't be read ---- */

typedef enum SlotState { SLOT_FREE, SLOT_FILLING, SLOT_USED } SlotState;

/* A signal handler can be handed nothing. */
static struct {
    _Atomic int state;
    _Atomic bool torn;
    uintptr_t base;
    size_t span;
} slots[SLOT_COUNT];

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* A file that was cut behind our back must not end a run over many. The rest of its view becomes
 * zeros that take no memory, and the slot says so. */
static void patch(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    int error = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (atomic_load(&slots[i].state) != SLOT_USED || at < slots[i].base ||
            at - slots[i].base >= slots[i].span) {
            continue;
        }
        uintptr_t page = at - at % page_bytes();
        size_t rest = slots[i].span - (size_t)(page - slots[i].base);
        atomic_store(&slots[i].torn, true);
        if (mmap((void *)page, rest, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED) {
            errno = error;
            return;
        }
    }
    /* Not one of ours: the same access again ends the process, as it would have. */
    signal(signal_number, SIG_DFL);
}

static void catch_faults(void)
{
    struct sigaction action = { .sa_sigaction = patch, .sa_flags = SA_SIGINFO };
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

static int take_slot(void *base, size_t span)
{
    catch_faults();
    for (int i = 0; i < SLOT_COUNT; i++) {
        int expected = SLOT_FREE;
        if (atomic_compare_exchange_strong(&slots[i].state, &expected, SLOT_FILLING)) {
            slots[i].base = (uintptr_t)base;
            slots[i].span = span;
            atomic_store(&slots[i].torn, false);
            atomic_store(&slots[i].state, SLOT_USED);
            return i;
        }
    }
    return -1;
}

/* ---- opening ---- */

/* Takes over what was mapped. */
static bool keep(OskView *view, OskView made)
{
    made.slot = take_slot(made.base, made.span);
    if (made.slot < 0) {
        munmap(made.base, made.span);
        errno = ENOMEM;
        return false;
    }
    *view = made;
    return true;
}

bool osk_view_open(OskView *view, int fd, uint64_t len)
{
    *view = (OskView){ .len = 0 };
    if (len == 0 || len > SIZE_MAX / 2) {
        errno = EINVAL;
        return false;
    }
    void *base = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (base == MAP_FAILED) {
        return false;
    }
    (void)madvise(base, (size_t)len, MADV_SEQUENTIAL);
    return keep(view,
                (OskView){ .bytes = base, .len = (size_t)len, .base = base, .span = (size_t)len });
}

void osk_view_close(OskView *view)
{
    if (view->bytes != NULL) {
        atomic_store(&slots[view->slot].state, SLOT_FREE);
        munmap(view->base, view->span);
    }
    *view = (OskView){ .len = 0 };
}

bool osk_view_is_whole(const OskView *view)
{
    return view->bytes == NULL || !atomic_load(&slots[view->slot].torn);
}

/* ---- splicing ---- */

typedef struct Splice {
    const uint8_t *original;
    int fd;
    uint8_t *bytes; /* of the output */
    size_t page;
} Splice;

/* The kept range that is longest decides how the output lies in its pages. */
static size_t choose_shift(const OskScrub *job, size_t page)
{
    uint64_t longest = 0;
    size_t shift = 0;
    for (size_t i = 0; i < osk_scrub_step_count(job); i++) {
        OskStep step = osk_scrub_step(job, i);
        if (step.verdict == OSK_KEEP && step.in_len > longest) {
            longest = step.in_len;
            shift = (size_t)((step.in_offset - step.out_offset) % page);
        }
    }
    return shift;
}

/* Shows a kept range: whole pages of the file where they lie alike, its ends as copies. */
static bool show_kept(const Splice *s, const OskStep *step)
{
    uint8_t *to = s->bytes + step->out_offset;
    const uint8_t *from = s->original + step->in_offset;
    size_t len = (size_t)step->in_len;
    size_t head = (s->page - (uintptr_t)to % s->page) % s->page;
    bool alike = (uintptr_t)to % s->page == step->in_offset % s->page;
    if (!alike || len < SPLICE_LEAST || len < head + s->page) {
        memcpy(to, from, len);
        return true;
    }
    size_t whole = (len - head) / s->page * s->page;
    if (mmap(to + head, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
             s->fd, (off_t)(step->in_offset + head)) == MAP_FAILED) {
        return false;
    }
    (void)madvise(to + head, whole, MADV_SEQUENTIAL);
    memcpy(to, from, head);
    memcpy(to + head + whole, from + head + whole, len - head - whole);
    return true;
}

static bool show_steps(const Splice *s, const OskScrub *job)
{
    for (size_t i = 0; i < osk_scrub_step_count(job); i++) {
        OskStep step = osk_scrub_step(job, i);
        if (step.verdict == OSK_REWRITE && step.out_len > 0) {
            memcpy(s->bytes + step.out_offset, step.literal, (size_t)step.out_len);
        } else if (step.verdict == OSK_KEEP && step.in_len > 0 && !show_kept(s, &step)) {
            return false;
        }
    }
    return true;
}

bool osk_view_splice(OskView *view, const OskScrub *job, const OskView *original, int fd)
{
    *view = (OskView){ .len = 0 };
    uint64_t len = osk_scrub_output_size(job);
    size_t page = page_bytes();
    if (len == 0 || len > SIZE_MAX / 2 || original->bytes == NULL) {
        errno = EINVAL;
        return false;
    }
    size_t shift = choose_shift(job, page);
    size_t span = shift + (size_t)len;
    uint8_t *base = mmap(NULL, span, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        return false;
    }
    OskView made = { .bytes = base + shift, .len = (size_t)len, .base = base, .span = span };
    if (!keep(view, made)) {
        return false;
    }
    Splice s = { .original = original->bytes, .fd = fd, .bytes = base + shift, .page = page };
    if (!show_steps(&s, job)) {
        int error = errno;
        osk_view_close(view);
        errno = error;
        return false;
    }
    return true;
}
