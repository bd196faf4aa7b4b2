/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What listener.c and this file know of libmicrohttpd, nobody else does. */
#include "http/wire.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <microhttpd.h>

#include "http/policy.h"

/* ---- answers ---- */

static struct MHD_Response *response_of(OskReply *reply)
{
    return (struct MHD_Response *)(void *)reply;
}

OskReply *osk_reply_lent(const uint8_t *bytes, size_t len)
{
    union {
        const uint8_t *lent;
        void *as_the_library_wants;
    } body = { .lent = bytes };
    return (OskReply *)(void *)MHD_create_response_from_buffer(len, body.as_the_library_wants,
                                                               MHD_RESPMEM_PERSISTENT);
}

/* Of an owned answer, so that the callback that frees it knows how much to wipe. */
typedef struct Owned {
    size_t len;
    void *bytes;
} Owned;

static void free_owned(void *context)
{
    Owned *owned = context;
    explicit_bzero(owned->bytes, owned->len);
    free(owned->bytes);
    free(owned);
}

OskReply *osk_reply_owned(void *bytes, size_t len)
{
    if (len == 0) {
        free(bytes);
        return osk_reply_lent(NULL, 0);
    }
    Owned *owned = malloc(sizeof(*owned));
    struct MHD_Response *response = NULL;
    if (owned != NULL) {
        *owned = (Owned){ .len = len, .bytes = bytes };
        /* The library sends from these bytes, without a copy of its own that nobody would wipe. */
        response =
            MHD_create_response_from_buffer_with_free_callback_cls(len, bytes, free_owned, owned);
    }
    if (response == NULL) {
        explicit_bzero(bytes, len);
        free(bytes);
        free(owned);
    }
    return (OskReply *)(void *)response;
}

OskReply *osk_reply_file(int fd, uint64_t offset, uint64_t len)
{
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(len, fd, offset);
    if (response == NULL) {
        close(fd);
    }
    return (OskReply *)(void *)response;
}

/* The library asks for no byte of what a 304 has. */
static ssize_t give_nothing(void *context, uint64_t at, char *out, size_t size)
{
    (void)context;
    (void)at;
    (void)out;
    (void)size;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

OskReply *osk_reply_unchanged(uint64_t len)
{
    return (OskReply *)(void *)MHD_create_response_from_callback(len, 1, give_nothing, NULL, NULL);
}

bool osk_reply_add(OskReply *reply, const char *name, const char *value)
{
    return MHD_add_response_header(response_of(reply), name, value) == MHD_YES;
}

bool osk_reply_add_usual(OskReply *reply, const char *path, const char *cache)
{
    bool done = osk_reply_add(reply, "Content-Security-Policy", osk_http_policy(path)) &&
                (cache == NULL || osk_reply_add(reply, "Cache-Control", cache));
    for (const OskHttpHeader *row = osk_http_headers; done && row->name != NULL; row++) {
        done = osk_reply_add(reply, row->name, row->value);
    }
    return done;
}

static enum MHD_Result wipe_value(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)context;
    (void)kind;
    (void)name;
    union {
        const char *lent;
        char *ours; /* nobody sends it any more */
    } text = { .lent = value };
    if (text.ours != NULL) {
        explicit_bzero(text.ours, strlen(text.ours));
    }
    return MHD_YES;
}

void osk_reply_wipe(OskReply *reply)
{
    MHD_get_response_headers(response_of(reply), wipe_value, NULL);
}

void osk_reply_free(OskReply **reply)
{
    if (*reply != NULL) {
        MHD_destroy_response(response_of(*reply));
        *reply = NULL;
    }
}

/* ---- connections ---- */

static struct MHD_Connection *connection_of(OskWire *wire)
{
    return (struct MHD_Connection *)(void *)wire;
}

const char *osk_wire_header(OskWire *wire, const char *name)
{
    return MHD_lookup_connection_value(connection_of(wire), MHD_HEADER_KIND, name);
}

const char *osk_wire_argument(OskWire *wire, const char *name)
{
    return MHD_lookup_connection_value(connection_of(wire), MHD_GET_ARGUMENT_KIND, name);
}

typedef struct Joined {
    char *out;
    size_t size;
    size_t len;
} Joined;

static void join_letter(Joined *joined, char letter)
{
    if (joined->len + 1 < joined->size) {
        joined->out[joined->len] = letter == ' ' ? '+' : letter;
        joined->out[joined->len + 1] = 0;
    }
    joined->len++;
}

static enum MHD_Result join_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    Joined *joined = context;
    (void)kind;
    if (joined->len > 0) {
        join_letter(joined, '&');
    }
    for (; *name != 0; name++) {
        join_letter(joined, *name);
    }
    if (value != NULL) {
        join_letter(joined, '=');
        for (; *value != 0; value++) {
            join_letter(joined, *value);
        }
    }
    return MHD_YES;
}

size_t osk_wire_query(OskWire *wire, char *out, size_t size)
{
    Joined joined = { .out = out, .size = size };
    out[0] = 0;
    MHD_get_connection_values(connection_of(wire), MHD_GET_ARGUMENT_KIND, join_argument, &joined);
    return joined.len;
}

bool osk_wire_has_body(OskWire *wire)
{
    const char *len = osk_wire_header(wire, "Content-Length");
    return osk_wire_header(wire, "Transfer-Encoding") != NULL ||
           (len != NULL && len[strspn(len, "0")] != 0);
}

OskDeadline *osk_wire_deadline(OskWire *wire)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection_of(wire), MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

int osk_wire_fd(OskWire *wire)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection_of(wire), MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

bool osk_wire_send(OskWire *wire, unsigned status, OskReply *reply)
{
    return MHD_queue_response(connection_of(wire), status, response_of(reply)) == MHD_YES;
}

void osk_wire_suspend(OskWire *wire)
{
    MHD_suspend_connection(connection_of(wire));
}

void osk_wire_resume(OskWire *wire)
{
    MHD_resume_connection(connection_of(wire));
}

/* ---- framing ---- */

/* How often a request says how long its body is, and in which ways. */
typedef struct Framing {
    unsigned lengths;
    unsigned encodings;
    bool is_chunked;
    bool is_odd; /* a name that is none: "Content-Length " is one to some */
} Framing;

static enum MHD_Result look_at_framing(void *context, enum MHD_ValueKind kind, const char *name,
                                       const char *value)
{
    static const char letters[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Framing *framing = context;
    (void)kind;
    framing->is_odd = framing->is_odd || name[0] == 0 || name[strspn(name, letters)] != 0;
    if (strcasecmp(name, "Content-Length") == 0) {
        framing->lengths++;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        framing->encodings++;
        framing->is_chunked = value != NULL && strcasecmp(value, "chunked") == 0;
    }
    return MHD_YES;
}

bool osk_wire_has_one_end(OskWire *wire)
{
    Framing framing = { .lengths = 0 };
    MHD_get_connection_values(connection_of(wire), MHD_HEADER_KIND, look_at_framing, &framing);
    return !framing.is_odd && framing.lengths + framing.encodings <= 1 &&
           (framing.encodings == 0 || framing.is_chunked);
}
