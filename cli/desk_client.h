/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reviewer's way to the desk of a drop, without its page: comes in, asks, goes. */
#ifndef OSK_CLI_DESK_CLIENT_H
#define OSK_CLI_DESK_CLIENT_H

#include "cli/desk_http.h"
#include "cli/passphrase.h"
#include "http/json.h"

/* Where the desk is and who comes; all lent, NULL for what was not said. */
typedef struct OskDeskWho {
    const char *desk; /* "https://desk.example.org" */
    const char *name;
    const char *login_file;          /* the passphrase of the login is its first line */
    const OskPassphrase *passphrase; /* of the login, where somebody was asked already */
    const char *totp_file;
    const char *session; /* a file that keeps the session; without it nothing does */
    const char *proxy;   /* "socks5h://127.0.0.1:9050" */
    bool totp;           /* ask for a code */
} OskDeskWho;

typedef struct OskDeskClient {
    OskDeskHttp *http;
    const OskDeskWho *who;
    char origin[256];
    char token[OSK_DESK_TOKEN_BYTES];
    char said[256]; /* by the server, when it refuses: a fault's words may lie here */
    char next[256];
} OskDeskClient;

/* The passphrase of the login: from its file, else by asking. Wipe it. */
OskStatus osk_desk_ask_passphrase(const OskDeskWho *who, OskPassphrase *out, OskFault *fault);
/* Comes in: by the session that is kept, else by a login that asks for what was not given.
 * Ownership: osk_desk_disconnect(), whatever the status is; the client must outlive its faults.
 * Errors: MISUSE for an address that is none; AUTH when the desk says no; IO. */
OskStatus osk_desk_connect(OskDeskClient *client, const OskDeskWho *who, OskFault *fault);
/* Goes on with the session that an answer as /api/me begins; writes it into its file, where it is
 * kept. Errors: MALFORMED; IO. */
OskStatus osk_desk_keep(OskDeskClient *client, const OskJson *me, OskFault *fault);
/* Logs out, unless the session is kept in a file. */
void osk_desk_disconnect(OskDeskClient *client);
/* Ends a session that is kept, and its file. */
OskStatus osk_desk_leave(OskDeskClient *client, OskFault *fault);

/* @param path with its query, "/api/queue?view=all". Ownership: osk_json_free(). Errors: AUTH when
 * nobody is logged in or may not; IO for every other refusal, with the server's words; MALFORMED
 * for an answer that is none. */
OskStatus osk_desk_get(OskDeskClient *client, const char *path, OskJson **out, OskFault *fault);
/* @param value given. */
OskStatus osk_desk_post(OskDeskClient *client, const char *path, OskJson *value, OskJson **out,
                        OskFault *fault);
/* A file, as it is.
 * @param upload its `source` is read once, from its beginning; lent. Errors: as osk_desk_get(). */
OskStatus osk_desk_give(OskDeskClient *client, const OskDeskUpload *upload, OskJson **out,
                        OskFault *fault);
/* Bytes as they lie, at most `max`. @param out_status of HTTP where it is no 200; may be NULL. */
OskStatus osk_desk_get_bytes(OskDeskClient *client, const char *path, size_t max,
                             OskDeskAnswer *out, OskFault *fault);

#endif
