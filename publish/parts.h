/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this room share. A route's context is the OskPublish. */
#ifndef OSK_PUBLISH_PARTS_H
#define OSK_PUBLISH_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/errands.h"
#include "http/templates.h"
#include "http/tries.h"
#include "publish/asked.h"
#include "publish/grants.h"
#include "publish/index.h"
#include "publish/kept.h"
#include "publish/publish.h"
#include "publish/sealed_quota.h"

/* Pages of the web build, by their place in publish.c's list. */
enum {
    OSK_PUBLISH_ALBUMS,
    OSK_PUBLISH_ALBUM,
    OSK_PUBLISH_PIECE,
    OSK_PUBLISH_PROBLEM,
    OSK_PUBLISH_ASKED,
    OSK_PUBLISH_FEED,
    OSK_PUBLISH_LINK,
    OSK_PUBLISH_OPENED,
    OSK_PUBLISH_GONE,
    OSK_PUBLISH_SEALED,
    OSK_PUBLISH_PAGES
};

#define OSK_PUBLISH_ROUTES_MAX 16u

/* The operator's, as they were when a request began. */
typedef struct OskPublishSettings {
    atomic_uint held;
    unsigned number; /* goes up with each reading of the configuration */
    OskPublishOptions options;
} OskPublishSettings;

struct OskPublish {
    OskStore *store;
    OskIndex *index;
    OskAskedBook *asked;
    OskSealedQuota *sealed;
    OskErrands *errands; /* for what waits for the disk */
    atomic_uint waiting; /* requests for sealed links that wait for it */
    OskTries *asks;      /* what is asked waits here, a lane for each target: none is ever wrong */
    OskTemplates *templates;
    OskKept *kept;
    OskRandom random;
    OskTries *tries;      /* of links' passphrases; NULL where there are no links */
    OskGrants *grants;    /* what was opened by them; NULL likewise */
    pthread_mutex_t lock; /* of what follows */
    OskPublishSettings *settings;
    OskRecipient readers[OSK_SEAL_RECIPIENTS_MAX];
    size_t reader_count;
    OskRoute routes[OSK_PUBLISH_ROUTES_MAX];
    size_t route_count;
};

/* Give back with osk_publish_settings_end(). */
OskPublishSettings *osk_publish_settings(OskPublish *publish);
/* Accepts NULL and nulls. */
void osk_publish_settings_end(OskPublishSettings **settings);
/* Of now: what was started with sealed links may be without them since a reload. */
bool osk_publish_has_sealed(OskPublish *publish);
/* Seals words to those who read them now, padded. Ownership: osk_bytes_clear().
 * Errors: NO_MEMORY, IO; LIMIT when they are too long for a row. */
OskStatus osk_publish_seal(OskPublish *publish, const char *text, OskBytes *out);

#endif
