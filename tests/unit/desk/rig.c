/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rig.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "day.h"
#include "desk/call.h"
#include "desk/hex.h"
#include "host/random.h"
#include "store/store_open.h"

Rig rig;
Got got;

static const OskRandom kernel = { .fill = osk_random_fill };

/* ---- a desk ---- */

void rig_open(void)
{
    OskFault fault = { 0 };
    const OskStoreOptions store = { .create = true };
    const OskDeskOptions desk = { .recipients = &rig.identity.recipient,
                                  .recipient_count = 1,
                                  .origin = rig.origin,
                                  .triage = rig.folds ? &rig.triage : NULL };
    OskHttpOptions http = { .address = "127.0.0.1:0", .any_host = rig.origin != NULL };
    assert_int_equal(osk_store_open_folder(&rig.store, rig.folder, &store, &fault), OSK_OK);
    assert_int_equal(osk_desk_open(&rig.desk, rig.store, &desk, &fault), OSK_OK);
    http.routes = osk_desk_routes(rig.desk, &http.route_count);
    assert_int_equal(osk_http_start(&rig.http, &http, &fault), OSK_OK);
}

void rig_close(void)
{
    osk_desk_park(rig.desk);
    osk_http_stop(&rig.http);
    osk_desk_close(&rig.desk);
    osk_store_close(&rig.store);
}

int rig_set_up(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    rig = (Rig){ .origin = NULL };
    unit_wait_for_midnight();
    snprintf(rig.folder, sizeof(rig.folder), "/tmp/oilskin-desk-XXXXXX");
    if (mkdtemp(rig.folder) == NULL ||
        osk_identity_make(&rig.identity, &kernel, &fault) != OSK_OK ||
        osk_identity_make(&rig.triage, &kernel, &fault) != OSK_OK ||
        osk_identity_make(&rig.reviewer_key, &kernel, &fault) != OSK_OK) {
        return -1;
    }
    rig_open();
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

int rig_tear_down(void **state)
{
    (void)state;
    rig_close();
    return nftw(rig.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- a browser ---- */

static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(osk_http_port(rig.http)) };
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void keep_cookie(const char *name, char *out, size_t size)
{
    char sought[64];
    int len = snprintf(sought, sizeof(sought), "\r\nSet-Cookie: %s=", name);
    const char *at = strstr(got.head, sought);
    if (at != NULL) {
        snprintf(out, size, "%.*s", (int)strcspn(at + len, ";"), at + len);
    }
}

static void read_answer(int fd)
{
    static char all[sizeof(got.head) + sizeof(got.body)];
    size_t len = 0;
    ssize_t came = 0;
    while (len < sizeof(all) - 1 && (came = read(fd, all + len, sizeof(all) - 1 - len)) > 0) {
        len += (size_t)came;
    }
    all[len] = 0;
    memset(&got, 0, sizeof(got));
    const char *body = strstr(all, "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(sscanf(all, "HTTP/1.1 %u", &got.status), 1);
    snprintf(got.head, sizeof(got.head), "%.*s", (int)(body - all) + 2, all);
    got.len = len - (size_t)(body + 4 - all);
    memcpy(got.body, body + 4, got.len);
}

static void ask(Browser *browser, const char *method, const char *path, const char *body)
{
    char own[160];
    char origin[200] = "";
    char head[2048];
    snprintf(own, sizeof(own), "http://%s", osk_http_address(rig.http));
    const char *from = browser->origin != NULL ? browser->origin
                       : rig.origin != NULL    ? rig.origin
                                               : own;
    if (from[0] != 0) {
        snprintf(origin, sizeof(origin), "Origin: %s\r\n", from);
    }
    int len =
        snprintf(head, sizeof(head),
                 "%s %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\nContent-Length: %zu\r\n"
                 "Cookie: other=1; oilskin-desk=%s; oilskin-desk-known=%s\r\n%s%s%s%s\r\n",
                 method, path, osk_http_address(rig.http), origin, body == NULL ? 0 : strlen(body),
                 browser->without_cookie ? "" : browser->cookie, browser->known,
                 body == NULL ? "" : "Content-Type: application/json\r\n",
                 browser->token[0] != 0 && !browser->without_token ? "Oilskin-Token: " : "",
                 browser->without_token ? "" : browser->token,
                 browser->token[0] != 0 && !browser->without_token ? "\r\n" : "");
    int fd = dial();
    assert_int_equal(write(fd, head, (size_t)len), len);
    if (body != NULL) {
        assert_int_equal(write(fd, body, strlen(body)), strlen(body));
    }
    read_answer(fd);
    close(fd);
    keep_cookie("oilskin-desk", browser->cookie, sizeof(browser->cookie));
    keep_cookie("oilskin-desk-known", browser->known, sizeof(browser->known));
    if (rig_text("token")[0] != 0) {
        snprintf(browser->token, sizeof(browser->token), "%s", rig_text("token"));
    }
}

void rig_get(Browser *browser, const char *path)
{
    ask(browser, "GET", path, NULL);
}

void rig_post(Browser *browser, const char *path, const char *body)
{
    ask(browser, "POST", path, body);
}

const char *rig_text(const char *key)
{
    static char text[1024];
    OskJson *json = NULL;
    OskFault fault = { 0 };
    text[0] = 0;
    if (osk_json_read(&json, got.body, got.len, &fault) == OSK_OK) {
        const char *is = osk_json_text(osk_json_get(json, key));
        snprintf(text, sizeof(text), "%s", is == NULL ? "" : is);
    }
    osk_json_free(&json);
    return text;
}

void rig_first(Browser *browser)
{
    char link[OSK_DESK_LINK_BYTES];
    char recipient[OSK_RECIPIENT_TEXT_BYTES];
    char body[512];
    *browser = (Browser){ .cookie = "" };
    assert_true(osk_desk_first_link(rig.desk, link));
    osk_recipient_text(&rig.reviewer_key.recipient, recipient);
    snprintf(body, sizeof(body),
             "{\"link\":\"%s\",\"name\":\"anna\",\"passphrase\":\"" RIG_PASSPHRASE
             "\",\"recipient\":\"%s\"}",
             link, recipient);
    rig_post(browser, "/api/first", body);
    assert_int_equal(got.status, 200);
}

Browser rig_anna;

int rig_set_up_anna(void **state)
{
    int status = rig_set_up(state);
    if (status == 0) {
        rig_first(&rig_anna);
    }
    return status;
}

void rig_login(Browser *browser, const char *name, const char *passphrase, const char *totp)
{
    char body[512];
    snprintf(body, sizeof(body), "{\"name\":\"%s\",\"passphrase\":\"%s\"%s%s%s}", name, passphrase,
             totp != NULL ? ",\"totp\":\"" : "", totp != NULL ? totp : "",
             totp != NULL ? "\"" : "");
    rig_post(browser, "/api/login", body);
}

void rig_add_reviewer(const char *name, const char *role)
{
    OskFault fault = { 0 };
    OskReviewer reviewer = { .role = osk_role_of(role), .recipient = rig.reviewer_key.recipient };
    const OskDeed deed = { .did = "reviewer-add" };
    assert_true(osk_random_fill(NULL, &reviewer.id, sizeof(reviewer.id)));
    memcpy(reviewer.name, name, strlen(name) + 1);
    assert_int_equal(osk_reviewer_set_passphrase(&reviewer, RIG_PASSPHRASE, &kernel), OSK_OK);
    assert_int_equal(osk_reviewers_set(rig.desk->reviewers, &reviewer, &deed, &fault), OSK_OK);
}

/* ---- what is sent ---- */

static uint8_t manifest[] = "sealed manifest";
static uint8_t words[] = "sealed words";

OskId rig_draw_id(void)
{
    OskId id;
    assert_true(osk_random_fill(NULL, &id, sizeof(id)));
    return id;
}

OskId rig_put_blob(const char *text)
{
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    OskId key;
    assert_int_equal(osk_blob_begin(rig.store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, text, strlen(text), &fault), OSK_OK);
    assert_int_equal(osk_blob_commit(&writer, UINT64_MAX, &key, &fault), OSK_OK);
    return key;
}

static void commit(const OskChange *changes, size_t count)
{
    OskFault fault = { 0 };
    assert_int_equal(osk_store_commit(rig.store, changes, count, NULL, &fault), OSK_COMMIT_OK);
}

Sent rig_send(int days, size_t count, bool has_words)
{
    Sent sent = { .submission = rig_draw_id(), .count = count };
    OskSubmissionRow submission = { .id = sent.submission,
                                    .day = osk_desk_today() - days,
                                    .file_count = (uint32_t)count,
                                    .category = "protest",
                                    .manifest = { .bytes = manifest, .len = 15 } };
    OskFileRow files[4];
    OskChange changes[8] = { { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission } };
    size_t at = 1;
    for (size_t i = 0; i < count; i++) {
        sent.files[i] = rig_draw_id();
        files[i] = (OskFileRow){ .id = sent.files[i],
                                 .submission = sent.submission,
                                 .number = (uint32_t)i };
        changes[at++] = (OskChange){ .kind = OSK_ROW_FILE_ADD, .row.file = &files[i] };
    }
    const OskRecordRow seen = {
        .key = { .space = OSK_SPACE_SEEN, .owner = sent.submission, .id = sent.submission }
    };
    if (!has_words) {
        changes[at++] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &seen };
    }
    commit(changes, at);
    return sent;
}

void rig_fill(const Sent *sent)
{
    for (size_t i = 0; i < sent->count; i++) {
        for (unsigned j = 0; j < 2; j++) {
            char text[32];
            snprintf(text, sizeof(text), "%s %zu", j == 0 ? "one" : "two", i);
            const OskSegmentRow segment = { .owner = sent->files[i],
                                            .number = j,
                                            .blob = rig_put_blob(text),
                                            .plain_len = 5,
                                            .sealed_len = 5 };
            commit(&(OskChange){ .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }, 1);
        }
    }
}

void rig_answer(const Sent *sent)
{
    const OskMessageRow message = { .submission = sent->submission,
                                    .day = osk_desk_today(),
                                    .sealed = { .bytes = words, .len = 12 } };
    commit(&(OskChange){ .kind = OSK_ROW_MESSAGE_ADD, .row.message = &message }, 1);
}

static void take_seen(void *context, const OskModelRow *row)
{
    RigSeen *seen = context;
    *seen = (RigSeen){ row->uncaught, row->samples, row->messages };
}

RigSeen rig_seen(const char *key, const OskId *id)
{
    OskFault fault = { 0 };
    RigSeen seen = { 0 };
    if (strcmp(key, "clusters") == 0) {
        osk_model_cluster(rig.desk->model, id, take_seen, &seen, &fault);
    } else {
        osk_model_find(rig.desk->model, id, take_seen, &seen, &fault);
    }
    return seen;
}

void rig_act_on(Browser *browser, const char *deed, const char *key, const OskId *id,
                const RigSeen *seen)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char body[256];
    osk_hex_write(id, sizeof(*id), text);
    snprintf(body, sizeof(body),
             "{\"do\":\"%s\",\"%s\":[{\"id\":\"%s\",\"uncaught\":%u,\"samples\":%u,"
             "\"messages\":%u}]}",
             deed, key, text, seen->uncaught, seen->samples, seen->messages);
    rig_post(browser, "/api/act", body);
}

void rig_act(Browser *browser, const char *deed, const char *key, const OskId *id)
{
    const RigSeen seen = rig_seen(key, id);
    rig_act_on(browser, deed, key, id, &seen);
}

void rig_undo(Browser *browser, const char *operation)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"operation\":\"%.64s\"}", operation);
    rig_post(browser, "/api/undo", body);
}

int64_t rig_whole(const char *key)
{
    char sought[64];
    snprintf(sought, sizeof(sought), "\"%s\":", key);
    const char *at = strstr(got.body, sought);
    return at == NULL || at[strlen(sought)] < '0' || at[strlen(sought)] > '9'
               ? -1
               : strtoll(at + strlen(sought), NULL, 10);
}

void rig_id_text(const OskId *id, char out[2 * OSK_ID_BYTES + 1])
{
    osk_hex_write(id, sizeof(*id), out);
}

bool rig_shows(const OskId *id)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    rig_id_text(id, text);
    return strstr(got.body, text) != NULL;
}

size_t rig_count(const char *text)
{
    size_t count = 0;
    for (const char *at = got.body; (at = strstr(at, text)) != NULL; at += strlen(text)) {
        count++;
    }
    return count;
}
