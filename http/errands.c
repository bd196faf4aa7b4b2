/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/errands.h"

#include <pthread.h>
#include <stdlib.h>

/* What an errand calls is shallow; the default of 8 MiB would be address space for nothing. */
#define STACK_BYTES ((size_t)512 * 1024)
#define THREADS_MAX 256u

struct OskErrands {
    pthread_mutex_t lock;
    pthread_cond_t is_there;
    OskErrand *first;
    OskErrand **end;
    bool is_closing;
    unsigned count;
    pthread_t threads[THREADS_MAX];
};

static OskErrand *take_first(OskErrands *errands)
{
    pthread_mutex_lock(&errands->lock);
    while (errands->first == NULL && !errands->is_closing) {
        pthread_cond_wait(&errands->is_there, &errands->lock);
    }
    OskErrand *errand = errands->first;
    if (errand != NULL) {
        errands->first = errand->next;
        if (errands->first == NULL) {
            errands->end = &errands->first;
        }
    }
    pthread_mutex_unlock(&errands->lock);
    return errand;
}

static void *run_errands(void *context)
{
    OskErrands *errands = context;
    for (OskErrand *errand = take_first(errands); errand != NULL; errand = take_first(errands)) {
        errand->run(errand);
    }
    return NULL;
}

OskStatus osk_errands_open(OskErrands **out, unsigned threads)
{
    OskErrands *errands = calloc(1, sizeof(*errands));
    pthread_attr_t attributes;
    if (errands == NULL || pthread_attr_init(&attributes) != 0) {
        free(errands);
        return OSK_NO_MEMORY;
    }
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_mutex_init(&errands->lock, NULL);
    pthread_cond_init(&errands->is_there, NULL);
    errands->end = &errands->first;
    while (errands->count < threads && errands->count < THREADS_MAX &&
           pthread_create(&errands->threads[errands->count], &attributes, run_errands, errands) ==
               0) {
        errands->count++;
    }
    pthread_attr_destroy(&attributes);
    /* Fewer than asked for are slower, and no reason to stay closed. */
    if (errands->count == 0) {
        osk_errands_close(&errands);
        return OSK_NO_MEMORY;
    }
    *out = errands;
    return OSK_OK;
}

void osk_errands_add(OskErrands *errands, OskErrand *errand)
{
    errand->next = NULL;
    pthread_mutex_lock(&errands->lock);
    *errands->end = errand;
    errands->end = &errand->next;
    pthread_cond_signal(&errands->is_there);
    pthread_mutex_unlock(&errands->lock);
}

void osk_errands_close(OskErrands **errands)
{
    OskErrands *closing = *errands;
    if (closing == NULL) {
        return;
    }
    pthread_mutex_lock(&closing->lock);
    closing->is_closing = true;
    pthread_cond_broadcast(&closing->is_there);
    pthread_mutex_unlock(&closing->lock);
    for (unsigned i = 0; i < closing->count; i++) {
        pthread_join(closing->threads[i], NULL);
    }
    pthread_cond_destroy(&closing->is_there);
    pthread_mutex_destroy(&closing->lock);
    free(closing);
    *errands = NULL;
}
