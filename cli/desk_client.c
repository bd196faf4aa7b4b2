/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/desk_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/passphrase.h"
#include "host/errors.h"
#include "host/output.h"
#include "http/origin.h"
#include "oilskin/seal.h"

/* Of one page of rows, or of a submission with all its messages. */
#define ANSWER_BYTES ((size_t)64 << 20)
#define SESSION_BYTES 4096u
#define TOTP_BYTES 16u

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* ---- asking ---- */

/* The server's words, cut between two letters. */
static const char *keep_words(char *out, size_t size, const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);
    if (len == 0) {
        return NULL;
    }
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(out, text, len);
    out[len] = 0;
    return out;
}

/* Which part of a file is why, where the desk says that. */
static const char *add_part(OskDeskClient *client, const OskJson *json)
{
    const char *part = osk_json_text(osk_json_get(json, "part"));
    uint64_t offset = 0;
    size_t len = strlen(client->said);
    if (part != NULL && part[0] != 0 && osk_json_whole(osk_json_get(json, "offset"), &offset)) {
        snprintf(client->said + len, sizeof(client->said) - len, " (%s, byte %llu)", part,
                 (unsigned long long)offset);
    }
    return client->said;
}

static OskStatus explain_refusal(OskDeskClient *client, const OskDeskAnswer *answer,
                                 OskFault *fault)
{
    OskJson *json = NULL;
    OskFault own = { .status = OSK_OK };
    bool is_ours = osk_json_read(&json, (const char *)answer->bytes, answer->len, &own) == OSK_OK;
    const char *what =
        keep_words(client->said, sizeof(client->said), osk_json_text(osk_json_get(json, "error")));
    const char *next =
        keep_words(client->next, sizeof(client->next), osk_json_text(osk_json_get(json, "next")));
    what = what != NULL ? add_part(client, json) : NULL;
    osk_json_free(&json);
    if (!is_ours || what == NULL) {
        return fail(fault, OSK_IO, "what answers there is no desk",
                    "give the address that the server prints at its start: The desk is at ...");
    }
    bool is_refused = answer->status == 401 || answer->status == 403;
    return fail(fault, is_refused ? OSK_AUTH : OSK_IO, what, next);
}

OskStatus osk_desk_get_bytes(OskDeskClient *client, const char *path, size_t max,
                             OskDeskAnswer *out, OskFault *fault)
{
    const OskDeskRequest request = { .path = path, .max = max };
    OskStatus status = osk_desk_http_ask(client->http, &request, out, fault);
    return status == OSK_OK && out->status != 200 ? explain_refusal(client, out, fault) : status;
}

static OskStatus ask(OskDeskClient *client, const OskDeskRequest *request, OskJson **out,
                     OskFault *fault)
{
    OskDeskAnswer answer;
    *out = NULL;
    OskStatus status = osk_desk_http_ask(client->http, request, &answer, fault);
    if (status == OSK_OK && answer.status != 200) {
        status = explain_refusal(client, &answer, fault);
    } else if (status == OSK_OK &&
               osk_json_read(out, (const char *)answer.bytes, answer.len, fault) != OSK_OK) {
        status = fail(fault, OSK_MALFORMED, "the answer is no desk's", NULL);
    }
    osk_desk_answer_free(&answer);
    return status;
}

OskStatus osk_desk_get(OskDeskClient *client, const char *path, OskJson **out, OskFault *fault)
{
    const OskDeskRequest request = { .path = path, .max = ANSWER_BYTES };
    return ask(client, &request, out, fault);
}

OskStatus osk_desk_post(OskDeskClient *client, const char *path, OskJson *value, OskJson **out,
                        OskFault *fault)
{
    size_t len = 0;
    char *body = osk_json_write(value, &len);
    osk_json_free(&value);
    *out = NULL;
    if (body == NULL) {
        return fail(fault, OSK_MALFORMED, "is no text in UTF-8", NULL);
    }
    const OskDeskRequest request = {
        .path = path, .body = body, .token = client->token, .max = ANSWER_BYTES
    };
    OskStatus status = ask(client, &request, out, fault);
    osk_json_text_free(body);
    return status;
}

OskStatus osk_desk_give(OskDeskClient *client, const OskDeskUpload *upload, OskJson **out,
                        OskFault *fault)
{
    const OskDeskRequest request = {
        .path = upload->path, .upload = upload, .token = client->token, .max = ANSWER_BYTES
    };
    return ask(client, &request, out, fault);
}

/* ---- a session that is kept: {"schema": "oilskin/desk-session/1", "desk", "cookie", "token"} */

static bool keep_token(OskDeskClient *client, const char *token)
{
    size_t len = token == NULL ? 0 : strspn(token, "0123456789abcdef");
    if (len == 0 || len >= sizeof(client->token) || token[len] != 0) {
        return false;
    }
    memcpy(client->token, token, len + 1);
    return true;
}

static OskStatus write_session(OskDeskClient *client, OskFault *fault)
{
    OskOutputOptions how = { .replace = true, .owner = (uid_t)-1, .group = (gid_t)-1 };
    OskJson *json = osk_json_object("oilskin/desk-session/1");
    size_t len = 0;
    osk_json_set_text(json, "desk", client->origin);
    osk_json_set_text(json, "cookie", osk_desk_http_cookie(client->http));
    osk_json_set_text(json, "token", client->token);
    char *text = osk_json_write(json, &len);
    osk_json_free(&json);
    if (text == NULL) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    OskStatus status = osk_output_write(client->who->session, how, text, len, fault);
    osk_json_text_free(text);
    return status;
}

OskStatus osk_desk_keep(OskDeskClient *client, const OskJson *me, OskFault *fault)
{
    if (!keep_token(client, osk_json_text(osk_json_get(me, "token")))) {
        return fail(fault, OSK_MALFORMED, "the answer is no desk's", NULL);
    }
    return client->who->session == NULL ? OSK_OK : write_session(client, fault);
}

/* NULL, without a fault, where there is none yet. */
static OskStatus read_session(const char *path, OskJson **out, OskFault *fault)
{
    char text[SESSION_BYTES];
    struct stat info;
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? OSK_OK : osk_host_fail(fault, "file", errno);
    }
    bool is_ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) == 0;
    ssize_t len = is_ours ? read(fd, text, sizeof(text)) : -1;
    close(fd);
    OskStatus status = OSK_OK;
    if (!is_ours) {
        status = fail(fault, OSK_MISUSE, "others may read this file of a session",
                      "delete it, and log in anew");
    } else if (len < 0 || osk_json_read(out, text, (size_t)len, fault) != OSK_OK) {
        status = fail(fault, OSK_MALFORMED, "is no file of a session", "delete it");
    }
    osk_seal_wipe(text, sizeof(text));
    return status;
}

/* ---- coming in ---- */

static OskStatus take_origin(OskDeskClient *client, const char *text, OskFault *fault)
{
    size_t len = text == NULL ? 0 : strlen(text);
    len -= len > 0 && text[len - 1] == '/' ? 1 : 0;
    if (len == 0) {
        return fail(fault, OSK_MISUSE, "which desk? It is not said",
                    "say --desk https://its.address, or --session with a file of a login");
    }
    if (len < sizeof(client->origin)) {
        memcpy(client->origin, text, len);
        client->origin[len] = 0;
    }
    if (len >= sizeof(client->origin) || !osk_http_is_origin(client->origin)) {
        client->origin[0] = 0;
        return fail(fault, OSK_MISUSE, "this is no address of a desk",
                    "it begins with https://, or http:// for this machine and onion services");
    }
    return OSK_OK;
}

/* A proxy that is told addresses, not names, would have this machine ask for them in the open. */
static bool is_proxy(const char *text)
{
    return strncmp(text, "socks5h://", 10) == 0 && text[10] != 0;
}

/* True when the session that is kept still holds. */
static OskStatus resume(OskDeskClient *client, const OskJson *session, bool *out_in,
                        OskFault *fault)
{
    OskJson *me = NULL;
    const char *cookie = osk_json_text(osk_json_get(session, "cookie"));
    *out_in = false;
    if (cookie == NULL || !osk_desk_http_set_cookie(client->http, cookie) ||
        !keep_token(client, osk_json_text(osk_json_get(session, "token")))) {
        return fail(fault, OSK_MALFORMED, "is no file of a session", "delete it");
    }
    OskStatus status = osk_desk_get(client, "/api/me", &me, fault);
    osk_json_free(&me);
    *out_in = status == OSK_OK;
    if (status == OSK_AUTH) {
        (void)osk_desk_http_set_cookie(client->http, "");
        client->token[0] = 0;
        return OSK_OK;
    }
    return status;
}

static OskStatus read_secret(const char *path, const char *prompt, OskPassphrase *out,
                             OskFault *fault)
{
    return path != NULL ? osk_passphrase_read(out, path, fault)
                        : osk_passphrase_ask(out, prompt, false, fault);
}

OskStatus osk_desk_ask_passphrase(const OskDeskWho *who, OskPassphrase *out, OskFault *fault)
{
    if (who->passphrase != NULL) {
        *out = *who->passphrase;
        return OSK_OK;
    }
    return read_secret(who->login_file, "The passphrase of your login", out, fault);
}

static OskStatus log_in(OskDeskClient *client, OskFault *fault)
{
    const OskDeskWho *who = client->who;
    OskPassphrase passphrase = { .len = 0 };
    OskPassphrase code = { .len = 0 };
    OskJson *me = NULL;
    if (who->name == NULL) {
        return fail(fault, OSK_MISUSE, "who comes? It is not said", "say --name NAME");
    }
    OskStatus status = osk_desk_ask_passphrase(who, &passphrase, fault);
    bool has_code = who->totp || who->totp_file != NULL;
    if (status == OSK_OK && has_code) {
        status = read_secret(who->totp_file, "The code of your app", &code, fault);
    }
    if (status == OSK_OK) {
        OskJson *login = osk_json_object(NULL);
        osk_json_set_text(login, "name", who->name);
        osk_json_set_text(login, "passphrase", passphrase.text);
        if (has_code) {
            osk_json_set_text(login, "totp", code.text);
        }
        status = osk_desk_post(client, "/api/login", login, &me, fault);
    }
    if (status == OSK_AUTH && !has_code && fault->next == NULL) {
        fault->next = "type it again; where your login asks for a code, say --totp";
    }
    status = status == OSK_OK ? osk_desk_keep(client, me, fault) : status;
    osk_json_free(&me);
    osk_passphrase_wipe(&passphrase);
    osk_passphrase_wipe(&code);
    return status;
}

OskStatus osk_desk_connect(OskDeskClient *client, const OskDeskWho *who, OskFault *fault)
{
    OskJson *session = NULL;
    bool is_in = false;
    *client = (OskDeskClient){ .who = who };
    if (who->proxy != NULL && !is_proxy(who->proxy)) {
        return fail(fault, OSK_MISUSE, "this proxy would not be asked for names",
                    "say --proxy socks5h://ADDRESS:PORT");
    }
    OskStatus status = who->session == NULL ? OSK_OK : read_session(who->session, &session, fault);
    const char *kept = osk_json_text(osk_json_get(session, "desk"));
    if (status == OSK_OK) {
        status = take_origin(client, who->desk != NULL ? who->desk : kept, fault);
    }
    if (status == OSK_OK) {
        status = osk_desk_http_open(&client->http, client->origin, who->proxy, fault);
    }
    /* What opens one desk is told to no other. */
    if (status == OSK_OK && kept != NULL && strcmp(kept, client->origin) == 0) {
        status = resume(client, session, &is_in, fault);
    }
    osk_json_free(&session);
    if (status == OSK_OK && !is_in) {
        status = log_in(client, fault);
    }
    return status;
}

OskStatus osk_desk_leave(OskDeskClient *client, OskFault *fault)
{
    OskJson *goodbye = NULL;
    OskStatus status = osk_desk_post(client, "/api/logout", osk_json_object(NULL), &goodbye, fault);
    osk_json_free(&goodbye);
    (void)osk_desk_http_set_cookie(client->http, "");
    client->token[0] = 0;
    if (client->who->session != NULL && unlink(client->who->session) != 0 && errno != ENOENT &&
        status == OSK_OK) {
        status = osk_host_fail(fault, "file", errno);
    }
    return status;
}

void osk_desk_disconnect(OskDeskClient *client)
{
    OskFault fault = { .status = OSK_OK };
    OskJson *goodbye = NULL;
    if (client->http != NULL && client->token[0] != 0 && client->who->session == NULL) {
        (void)osk_desk_post(client, "/api/logout", osk_json_object(NULL), &goodbye, &fault);
        osk_json_free(&goodbye);
    }
    osk_desk_http_close(&client->http);
    osk_seal_wipe(client->token, sizeof(client->token));
}
