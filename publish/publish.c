/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "host/random.h"
#include "http/json.h"
#include "publish/albums.h"
#include "publish/ask.h"
#include "publish/sealed.h"
#include "publish/shares.h"
#include "store/secret.h"

/* What waits for the disk: commits of several share one write of it. */
#define ERRAND_THREADS 4u
/* A few words and none are of one length. */
#define LEAST_BYTES 512u

/* ---- settings ---- */

static OskPublishSettings *prepare(const OskPublishOptions *options)
{
    OskPublishSettings *settings = calloc(1, sizeof(*settings));
    if (settings != NULL) {
        atomic_init(&settings->held, 1);
        settings->options = *options;
        settings->options.recipients = NULL;
        settings->options.templates = NULL;
    }
    return settings;
}

OskPublishSettings *osk_publish_settings(OskPublish *publish)
{
    pthread_mutex_lock(&publish->lock);
    OskPublishSettings *settings = publish->settings;
    atomic_fetch_add(&settings->held, 1);
    pthread_mutex_unlock(&publish->lock);
    return settings;
}

void osk_publish_settings_end(OskPublishSettings **settings)
{
    if (*settings != NULL && atomic_fetch_sub(&(*settings)->held, 1) == 1) {
        free(*settings);
    }
    *settings = NULL;
}

bool osk_publish_has_sealed(OskPublish *publish)
{
    OskPublishSettings *settings = osk_publish_settings(publish);
    bool has = settings->options.sealed_links;
    osk_publish_settings_end(&settings);
    return has;
}

OskStatus osk_publish_reload(OskPublish *publish, const OskPublishOptions *options)
{
    OskPublishSettings *settings = prepare(options);
    if (settings == NULL) {
        return OSK_NO_MEMORY;
    }
    pthread_mutex_lock(&publish->lock);
    OskPublishSettings *before = publish->settings;
    settings->number = before->number + 1;
    publish->settings = settings;
    pthread_mutex_unlock(&publish->lock);
    osk_publish_settings_end(&before);
    return OSK_OK;
}

void osk_publish_set_readers(OskPublish *publish, const OskRecipient *recipients, size_t count)
{
    pthread_mutex_lock(&publish->lock);
    memcpy(publish->readers, recipients, count * sizeof(*recipients));
    publish->reader_count = count;
    pthread_mutex_unlock(&publish->lock);
}

/* ---- sealing ---- */

OskStatus osk_publish_seal(OskPublish *publish, const char *text, OskBytes *out)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskRecipient readers[OSK_SEAL_RECIPIENTS_MAX];
    OskSealTo to = { .recipients = readers, .random = &random, .names_list = true };
    OskMemory sealed = { 0 };
    OskFault fault = { 0 };
    size_t len = 0;
    *out = (OskBytes){ .bytes = NULL };
    pthread_mutex_lock(&publish->lock);
    to.count = publish->reader_count;
    memcpy(readers, publish->readers, to.count * sizeof(*readers));
    pthread_mutex_unlock(&publish->lock);
    OskJson *json = osk_json_object("oilskin/asked/1");
    osk_json_set_text(json, "text", text);
    char *bytes = osk_json_write(json, &len);
    osk_json_free(&json);
    if (bytes == NULL) {
        return OSK_NO_MEMORY;
    }
    uint64_t padded = osk_seal_padded_len(len);
    to.padded_len = padded < LEAST_BYTES ? LEAST_BYTES : (size_t)padded;
    sealed.max = OSK_SMALL_BLOB_BYTES / 2;
    OskStatus status = osk_seal_bytes(bytes, len, &to, &sealed, &fault);
    *out = (OskBytes){ .bytes = sealed.bytes, .len = sealed.len };
    osk_json_text_free(bytes);
    return status;
}

/* ---- start and stop ---- */

static OskStatus load_pages(OskPublish *publish, const char *folder, OskFault *fault)
{
    static const char *const names[OSK_PUBLISH_PAGES] = {
        [OSK_PUBLISH_ALBUMS] = "albums", [OSK_PUBLISH_ALBUM] = "album",
        [OSK_PUBLISH_PIECE] = "piece",   [OSK_PUBLISH_PROBLEM] = "problem",
        [OSK_PUBLISH_ASKED] = "asked",   [OSK_PUBLISH_FEED] = "feed",
        [OSK_PUBLISH_LINK] = "link",     [OSK_PUBLISH_OPENED] = "opened",
        [OSK_PUBLISH_GONE] = "gone",     [OSK_PUBLISH_SEALED] = "sealed",
    };
    const OskTemplateSet set = { folder, names, OSK_PUBLISH_PAGES };
    return osk_templates_load(&publish->templates, &set, fault);
}

static void add_route(OskPublish *publish, const OskRoute *route)
{
    publish->routes[publish->route_count] = *route;
    publish->routes[publish->route_count].context = publish;
    publish->route_count++;
}

static void add_routes(OskPublish *publish, const OskPublishOptions *options)
{
    if (options->albums) {
        add_route(publish, &osk_albums_door_route);
        add_route(publish, &osk_albums_route);
        add_route(publish, &osk_files_route);
        add_route(publish, &osk_ask_route);
    }
    if (options->links) {
        add_route(publish, &osk_shares_route);
        add_route(publish, &osk_shares_opened_route);
    }
    if (options->sealed_links || options->is_demo) {
        add_route(publish, &osk_sealed_offer_route);
    }
    if (options->sealed_links) {
        add_route(publish, &osk_sealed_take_route);
        add_route(publish, &osk_sealed_give_route);
    }
    if (options->links || options->sealed_links) {
        add_route(publish, &osk_shares_ask_route);
    }
}

static OskStatus open_asks(OskPublish *publish, OskFault *fault)
{
    OskStatus status = osk_asked_open(&publish->asked, publish->store, fault);
    if (status == OSK_OK) {
        status = osk_tries_open(&publish->asks, &publish->random);
        if (status != OSK_OK) {
            osk_fault_set(fault, status, "", "nobody could ask for anything", OSK_NO_OFFSET);
        }
    }
    return status;
}

static OskStatus open_links(OskPublish *publish, OskFault *fault)
{
    uint8_t key[OSK_GRANT_KEY_BYTES];
    OskStatus status = osk_store_secret(publish->store, "grant_key", key, sizeof(key), fault);
    if (status != OSK_OK) {
        return status;
    }
    status = osk_tries_open(&publish->tries, &publish->random);
    if (status == OSK_OK) {
        status = osk_grants_open(&publish->grants, key, &publish->random);
    }
    osk_seal_wipe(key, sizeof(key));
    return status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, status, "links", "they can't be opened", OSK_NO_OFFSET);
}

OskStatus osk_publish_start(OskPublish **out, OskStore *store, const OskPublishOptions *options,
                            OskFault *fault)
{
    *out = NULL;
    OskPublish *publish = calloc(1, sizeof(*publish));
    if (publish == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    publish->store = store;
    publish->random.fill = osk_random_fill;
    pthread_mutex_init(&publish->lock, NULL);
    osk_publish_set_readers(publish, options->recipients, options->recipient_count);
    publish->settings = prepare(options);
    publish->kept = osk_kept_open();
    OskStatus status = publish->settings == NULL || publish->kept == NULL
                           ? OSK_NO_MEMORY
                           : osk_errands_open(&publish->errands, ERRAND_THREADS);
    if (status != OSK_OK) {
        osk_fault_set(fault, status, "", "out of memory", OSK_NO_OFFSET);
    } else {
        status = load_pages(publish, options->templates, fault);
    }
    if (status == OSK_OK) {
        status = osk_index_open(&publish->index, store, fault);
    }
    if (status == OSK_OK) {
        status = open_asks(publish, fault);
    }
    if (status == OSK_OK && (options->links || options->sealed_links)) {
        status = open_links(publish, fault);
    }
    if (status == OSK_OK) {
        status = osk_sealed_quota_open(&publish->sealed, store);
    }
    if (status != OSK_OK) {
        osk_publish_stop(&publish);
        return status;
    }
    add_routes(publish, options);
    *out = publish;
    return OSK_OK;
}

const OskRoute *osk_publish_routes(const OskPublish *publish, size_t *out_count)
{
    *out_count = publish->route_count;
    return publish->routes;
}

void osk_publish_park(OskPublish *publish)
{
    if (publish->tries != NULL) {
        osk_tries_park(publish->tries);
    }
    if (publish->asks != NULL) {
        osk_tries_park(publish->asks);
    }
}

void osk_publish_stop(OskPublish **publish)
{
    OskPublish *stopping = *publish;
    if (stopping == NULL) {
        return;
    }
    osk_publish_park(stopping);
    osk_errands_close(&stopping->errands);
    osk_tries_close(&stopping->tries);
    osk_tries_close(&stopping->asks);
    osk_grants_close(&stopping->grants);
    osk_sealed_quota_close(&stopping->sealed);
    osk_asked_close(&stopping->asked);
    osk_index_close(&stopping->index);
    osk_templates_free(&stopping->templates);
    osk_kept_close(&stopping->kept);
    osk_publish_settings_end(&stopping->settings);
    pthread_mutex_destroy(&stopping->lock);
    free(stopping);
    *publish = NULL;
}
