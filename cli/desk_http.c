/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/desk_http.h"

/* Its checks of types are macros around the names that are loaded here. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "oilskin/seal.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo

#define LIBRARY "libcurl-gnutls.so.4"
#define CONNECT_S 60L
/* Slower than that for so long is a connection that broke. */
#define SLOW_BYTES 1L
#define SLOW_S 120L
/* A desk that was given a file looks at all of it before it says a word. */
#define LOOKING_S 1800L
#define HEADERS_MAX 8
#define HEADER_BYTES 512u
#define URL_BYTES 1024u
#define COOKIE_NAME "oilskin-desk"

typedef struct Curl {
    void *library;
    __typeof__(&curl_easy_init) init;
    __typeof__(&curl_easy_setopt) setopt;
    __typeof__(&curl_easy_perform) perform;
    __typeof__(&curl_easy_getinfo) getinfo;
    __typeof__(&curl_easy_reset) reset;
    __typeof__(&curl_easy_strerror) strerror;
    __typeof__(&curl_easy_cleanup) cleanup;
} Curl;

struct OskDeskHttp {
    Curl curl;
    CURL *handle;
    const char *origin;
    const char *proxy;
    char cookie[OSK_DESK_COOKIE_BYTES];
};

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* ---- the library ---- */

static bool load_library(Curl *curl)
{
    const struct {
        const char *name;
        void *place;
    } wanted[] = {
        { "curl_easy_init", &curl->init },       { "curl_easy_setopt", &curl->setopt },
        { "curl_easy_perform", &curl->perform }, { "curl_easy_getinfo", &curl->getinfo },
        { "curl_easy_reset", &curl->reset },     { "curl_easy_strerror", &curl->strerror },
        { "curl_easy_cleanup", &curl->cleanup },
    };
    curl->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool is_there = curl->library != NULL;
    for (size_t i = 0; is_there && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        void *symbol = dlsym(curl->library, wanted[i].name);
        memcpy(wanted[i].place, &symbol, sizeof(symbol));
        is_there = symbol != NULL;
    }
    return is_there;
}

OskStatus osk_desk_http_open(OskDeskHttp **out, const char *origin, const char *proxy,
                             OskFault *fault)
{
    OskDeskHttp *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    http->origin = origin;
    http->proxy = proxy;
    if (!load_library(&http->curl)) {
        free(http);
        return fail(fault, OSK_UNSUPPORTED, "libcurl is needed to reach a desk, and isn't here",
                    "install it: apt install libcurl3-gnutls");
    }
    http->handle = http->curl.init();
    if (http->handle == NULL) {
        free(http);
        return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    *out = http;
    return OSK_OK;
}

void osk_desk_http_close(OskDeskHttp **http)
{
    if (*http != NULL) {
        /* The library stays loaded: what it started ends with the process. */
        (*http)->curl.cleanup((*http)->handle);
        osk_seal_wipe(*http, sizeof(**http));
        free(*http);
        *http = NULL;
    }
}

/* ---- cookies ---- */

const char *osk_desk_http_cookie(const OskDeskHttp *http)
{
    return http->cookie;
}

bool osk_desk_http_set_cookie(OskDeskHttp *http, const char *cookie)
{
    size_t len = strspn(cookie, "0123456789abcdef");
    if (cookie[len] != 0 || len >= sizeof(http->cookie)) {
        return false;
    }
    memcpy(http->cookie, cookie, len + 1);
    return true;
}

static size_t take_header(char *text, size_t size, size_t count, void *context)
{
    static const char start[] = "Set-Cookie: " COOKIE_NAME "=";
    OskDeskHttp *http = context;
    size_t len = size * count;
    if (len >= sizeof(start) && strncasecmp(text, start, sizeof(start) - 1) == 0) {
        char cookie[OSK_DESK_COOKIE_BYTES] = "";
        const char *value = text + sizeof(start) - 1;
        size_t most = len - (sizeof(start) - 1);
        for (size_t i = 0; i < most && i + 1 < sizeof(cookie) && value[i] != ';' && value[i] > ' ';
             i++) {
            cookie[i] = value[i];
        }
        (void)osk_desk_http_set_cookie(http, cookie);
        osk_seal_wipe(cookie, sizeof(cookie));
    }
    return len;
}

/* ---- one request ---- */

typedef struct Body {
    OskDeskAnswer *answer;
    size_t room;
    size_t max;
    bool is_too_long;
} Body;

static bool make_room(Body *body, size_t len)
{
    size_t room = body->room;
    while (room - body->answer->len <= len) {
        room = room == 0 ? 4096 : room * 2;
    }
    if (room != body->room) {
        uint8_t *bytes = malloc(room);
        if (bytes == NULL) {
            return false;
        }
        if (body->answer->len > 0) {
            memcpy(bytes, body->answer->bytes, body->answer->len);
            osk_seal_wipe(body->answer->bytes, body->answer->len);
        }
        free(body->answer->bytes);
        body->answer->bytes = bytes;
        body->room = room;
    }
    return true;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    Body *body = context;
    size_t len = size * count;
    body->is_too_long = len > body->max - body->answer->len;
    if (body->is_too_long || !make_room(body, len)) {
        return 0;
    }
    memcpy(body->answer->bytes + body->answer->len, bytes, len);
    body->answer->len += len;
    body->answer->bytes[body->answer->len] = 0;
    return len;
}

typedef struct Headers {
    struct curl_slist items[HEADERS_MAX];
    char texts[HEADERS_MAX][HEADER_BYTES];
    int count;
} Headers;

static void add_header(Headers *headers, const char *name, const char *value)
{
    int at = headers->count++;
    snprintf(headers->texts[at], HEADER_BYTES, "%s: %s", name, value);
    headers->items[at] = (struct curl_slist){ .data = headers->texts[at] };
    if (at > 0) {
        headers->items[at - 1].next = &headers->items[at];
    }
}

static void add_headers(Headers *headers, const OskDeskHttp *http, const OskDeskRequest *request)
{
    add_header(headers, "Accept", "*/*");
    if (http->cookie[0] != 0) {
        char cookie[sizeof(http->cookie) + sizeof(COOKIE_NAME)];
        snprintf(cookie, sizeof(cookie), COOKIE_NAME "=%s", http->cookie);
        add_header(headers, "Cookie", cookie);
        osk_seal_wipe(cookie, sizeof(cookie));
    }
    if (request->body != NULL || request->upload != NULL) {
        add_header(headers, "Origin", http->origin);
        add_header(headers, "Content-Type",
                   request->body != NULL ? "application/json" : "application/octet-stream");
        if (request->token != NULL && request->token[0] != 0) {
            add_header(headers, "Oilskin-Token", request->token);
        }
    }
}

/* What of a file was read so far. */
typedef struct Giving {
    const OskDeskUpload *upload;
    uint64_t at;
} Giving;

static size_t give_bytes(char *out, size_t size, size_t count, void *context)
{
    Giving *giving = context;
    const OskSource *source = giving->upload->source;
    uint64_t left = source->size - giving->at;
    size_t len = size * count < left ? size * count : (size_t)left;
    if (source->bytes != NULL) {
        memcpy(out, source->bytes + giving->at, len);
    } else if (len > 0 && !source->read(source->context, giving->at, out, len)) {
        return CURL_READFUNC_ABORT;
    }
    giving->at += len;
    giving->upload->sent(giving->upload->context, giving->at);
    return len;
}

/* The library goes back where a connection that was kept turns out to be gone. */
static int go_back(void *context, curl_off_t offset, int from)
{
    Giving *giving = context;
    if (from != SEEK_SET || offset < 0 || (uint64_t)offset > giving->upload->source->size) {
        return CURL_SEEKFUNC_FAIL;
    }
    giving->at = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static void set_up_giving(OskDeskHttp *http, Giving *giving)
{
    const Curl *curl = &http->curl;
    CURL *handle = http->handle;
    curl->setopt(handle, CURLOPT_POST, 1L);
    curl->setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)giving->upload->source->size);
    curl->setopt(handle, CURLOPT_READFUNCTION, give_bytes);
    curl->setopt(handle, CURLOPT_READDATA, giving);
    curl->setopt(handle, CURLOPT_SEEKFUNCTION, go_back);
    curl->setopt(handle, CURLOPT_SEEKDATA, giving);
    curl->setopt(handle, CURLOPT_LOW_SPEED_TIME, LOOKING_S);
}

static void set_up(OskDeskHttp *http, const OskDeskRequest *request, const char *url,
                   Headers *headers, Body *body)
{
    const Curl *curl = &http->curl;
    CURL *handle = http->handle;
    curl->reset(handle);
    curl->setopt(handle, CURLOPT_URL, url);
    /* Not even a name is asked for outside of what was said: no variable names a proxy. */
    curl->setopt(handle, CURLOPT_PROXY, http->proxy != NULL ? http->proxy : "");
    curl->setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl->setopt(handle, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl->setopt(handle, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    curl->setopt(handle, CURLOPT_LOW_SPEED_TIME, SLOW_S);
    curl->setopt(handle, CURLOPT_HTTPHEADER, headers->items);
    curl->setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl->setopt(handle, CURLOPT_HEADERDATA, http);
    curl->setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl->setopt(handle, CURLOPT_WRITEDATA, body);
    if (request->body != NULL) {
        curl->setopt(handle, CURLOPT_POSTFIELDS, request->body);
        curl->setopt(handle, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
    }
}

OskStatus osk_desk_http_ask(OskDeskHttp *http, const OskDeskRequest *request, OskDeskAnswer *out,
                            OskFault *fault)
{
    char url[URL_BYTES];
    Headers headers = { .count = 0 };
    Body body = { .answer = out, .max = request->max };
    *out = (OskDeskAnswer){ .bytes = NULL };
    int len = snprintf(url, sizeof(url), "%s%s", http->origin, request->path);
    if (len < 0 || (size_t)len >= sizeof(url)) {
        return fail(fault, OSK_MISUSE, "the request is too long", NULL);
    }
    add_headers(&headers, http, request);
    Giving giving = { .upload = request->upload };
    set_up(http, request, url, &headers, &body);
    if (request->upload != NULL) {
        set_up_giving(http, &giving);
    }
    CURLcode code = http->curl.perform(http->handle);
    osk_seal_wipe(&headers, sizeof(headers));
    if (code != CURLE_OK) {
        return body.is_too_long
                   ? fail(fault, OSK_LIMIT, "the answer is longer than a desk's", NULL)
                   : fail(fault, OSK_IO, http->curl.strerror(code),
                          "look whether the address is right and the desk runs; an onion service "
                          "needs --proxy socks5h://127.0.0.1:9050");
    }
    long status = 0;
    http->curl.getinfo(http->handle, CURLINFO_RESPONSE_CODE, &status);
    out->status = (unsigned)status;
    if (!make_room(&body, 0)) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    out->bytes[out->len] = 0;
    return OSK_OK;
}

/* ---- one request of a page ---- */

static bool keep_value(char out[OSK_DESK_PASSED_BYTES], const char *name, const char *text,
                       size_t len)
{
    size_t at = strlen(name);
    if (len <= at || strncasecmp(text, name, at) != 0) {
        return false;
    }
    at += strspn(text + at, " ");
    size_t count = 0;
    while (at < len && text[at] != '\r' && text[at] != '\n' && count + 1 < OSK_DESK_PASSED_BYTES) {
        out[count++] = text[at++];
    }
    out[count] = 0;
    return true;
}

static size_t pass_header(char *text, size_t size, size_t count, void *context)
{
    OskDeskPassed *passed = context;
    size_t len = size * count;
    char line[OSK_DESK_PASSED_BYTES + 32];
    size_t most = len < sizeof(line) - 1 ? len : sizeof(line) - 1;
    memcpy(line, text, most);
    line[most] = 0;
    if (!keep_value(passed->answer_type, "Content-Type:", line, most) &&
        !keep_value(passed->retry_after, "Retry-After:", line, most) &&
        passed->set_cookie_count < OSK_DESK_PASSED_COOKIES &&
        keep_value(passed->set_cookies[passed->set_cookie_count], "Set-Cookie:", line, most)) {
        passed->set_cookie_count++;
    }
    osk_seal_wipe(line, sizeof(line));
    return len;
}

static size_t pass_body(char *bytes, size_t size, size_t count, void *context)
{
    OskDeskPassed *passed = context;
    return passed->take(passed->context, bytes, size * count) ? size * count : 0;
}

static void ignore_sent(void *context, uint64_t sent)
{
    (void)context;
    (void)sent;
}

static void add_passed(Headers *headers, const OskDeskHttp *http, const OskDeskPassed *passed)
{
    add_header(headers, "Accept", "*/*");
    if (passed->cookie != NULL) {
        add_header(headers, "Cookie", passed->cookie);
    }
    if (passed->body != NULL) {
        add_header(headers, "Origin", http->origin);
        add_header(headers, "Content-Type",
                   passed->media_type != NULL ? passed->media_type : "application/octet-stream");
        if (passed->token != NULL) {
            add_header(headers, "Oilskin-Token", passed->token);
        }
    }
}

OskStatus osk_desk_http_pass(OskDeskHttp *http, OskDeskPassed *passed, OskFault *fault)
{
    char url[URL_BYTES];
    Headers headers = { .count = 0 };
    const OskDeskUpload upload = { .path = passed->path,
                                   .source = passed->body,
                                   .sent = ignore_sent };
    const OskDeskRequest request = { .path = passed->path,
                                     .upload = passed->body != NULL ? &upload : NULL };
    Giving giving = { .upload = &upload };
    int len = snprintf(url, sizeof(url), "%s%s", http->origin, passed->path);
    if (len < 0 || (size_t)len >= sizeof(url)) {
        return fail(fault, OSK_MISUSE, "the request is too long", NULL);
    }
    add_passed(&headers, http, passed);
    set_up(http, &request, url, &headers, NULL);
    http->curl.setopt(http->handle, CURLOPT_HEADERFUNCTION, pass_header);
    http->curl.setopt(http->handle, CURLOPT_HEADERDATA, passed);
    http->curl.setopt(http->handle, CURLOPT_WRITEFUNCTION, pass_body);
    http->curl.setopt(http->handle, CURLOPT_WRITEDATA, passed);
    if (passed->body != NULL) {
        set_up_giving(http, &giving);
    }
    CURLcode code = http->curl.perform(http->handle);
    osk_seal_wipe(&headers, sizeof(headers));
    if (code != CURLE_OK) {
        return fail(fault, OSK_IO, http->curl.strerror(code), NULL);
    }
    long status = 0;
    http->curl.getinfo(http->handle, CURLINFO_RESPONSE_CODE, &status);
    passed->status = (unsigned)status;
    return OSK_OK;
}

void osk_desk_answer_free(OskDeskAnswer *answer)
{
    if (answer->bytes != NULL) {
        osk_seal_wipe(answer->bytes, answer->len);
    }
    free(answer->bytes);
    *answer = (OskDeskAnswer){ .bytes = NULL };
}
