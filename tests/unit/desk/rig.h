/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A desk on a store in a folder that goes with the test, behind a listener of its own, and browsers
 * that visit it. */
#ifndef TESTS_UNIT_DESK_RIG_H
#define TESTS_UNIT_DESK_RIG_H

#include "desk/desk.h"
#include "http/http.h"
#include "http/json.h"
#include "store/store.h"
#include "unit.h"

#define RIG_PASSPHRASE "correct horse battery"

typedef struct Rig {
    char folder[64];
    OskStore *store;
    OskDesk *desk;
    OskHttp *http;
    OskIdentity identity;     /* of the desk */
    OskIdentity reviewer_key; /* of a reviewer */
    OskIdentity triage;       /* opens packs */
    bool folds;               /* the server has that key; said before rig_open() */
    const char *origin;       /* NULL: none is configured */
} Rig;
extern Rig rig;

/* What a browser keeps. */
typedef struct Browser {
    char cookie[64]; /* "" for none */
    char known[128];
    char token[64];
    const char *origin; /* NULL: the desk's own; "" for none */
    bool without_token;
    bool without_cookie;
} Browser;

typedef struct Got {
    unsigned status;
    char head[4096];
    char body[2 * 1024 * 1024];
    size_t len;
} Got;
extern Got got;

int rig_set_up(void **state);
int rig_tear_down(void **state);
void rig_open(void); /* the desk and its listener */
void rig_close(void);
/* Into `got`; cookies and the token are kept as a browser and the page do. */
void rig_get(Browser *browser, const char *path);
void rig_post(Browser *browser, const char *path, const char *body);
/* Its text at "key" of the answer; "" for none. Lent until the next call. */
const char *rig_text(const char *key);
/* The first admin, "anna", who is logged in. */
void rig_first(Browser *browser);
void rig_login(Browser *browser, const char *name, const char *passphrase, const char *totp);

/* The same, of tests that are set up with her. */
extern Browser rig_anna;
int rig_set_up_anna(void **state);

/* Another one, who is not logged in, with the same passphrase. */
void rig_add_reviewer(const char *name, const char *role);

OskId rig_draw_id(void);
/* A blob of the store with these bytes. */
OskId rig_put_blob(const char *text);

/* What somebody has sent. */
typedef struct Sent {
    OskId submission;
    OskId files[4];
    size_t count;
} Sent;
/* `days` ago; `count` files. @param has_words false: it is known to be without. */
Sent rig_send(int days, size_t count, bool has_words);
/* Two segments for each file, "one N" and "two N" with its number. */
void rig_fill(const Sent *sent);
void rig_answer(const Sent *sent); /* another message by the sender */
/* What a page that has just been drawn shows of it. */
typedef struct RigSeen {
    uint32_t uncaught;
    uint32_t samples;
    uint32_t messages;
} RigSeen;
RigSeen rig_seen(const char *key, const OskId *id);
/* About one of `key`, "clusters" or "submissions", as a page that shows `seen` of it. */
void rig_act_on(Browser *browser, const char *deed, const char *key, const OskId *id,
                const RigSeen *seen);
/* The same, with all that is there. */
void rig_act(Browser *browser, const char *deed, const char *key, const OskId *id);
void rig_undo(Browser *browser, const char *operation);
/* The value of the first `key` in the answer that is a whole number; -1 for none. */
int64_t rig_whole(const char *key);
void rig_id_text(const OskId *id, char out[2 * OSK_ID_BYTES + 1]);
/* Whether the answer names it. */
bool rig_shows(const OskId *id);
/* How often `text` stands in the answer. */
size_t rig_count(const char *text);

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

#endif
