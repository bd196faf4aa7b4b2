/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outsiders.h"

#include <string.h>
#include <strings.h>

#include "cli/output_text.h"
#include "oilskin/format.h"

/* How far into a file a signature may stand: DICOM's and the second packet of a transport stream.
 */
#define HEAD_BYTES ((size_t)1024)

/* Pictures and videos that we refuse: who has one in a folder must hear of it. */
typedef struct Signature {
    unsigned at;
    unsigned len;
    const char *bytes;
} Signature;

static const Signature signatures[] = {
    { 0, 2, "\xFF\xD8" }, /* anything like JPEG */
    { 0, 4, "\x89PNG" },
    { 0, 4, "\x8AMNG" },
    { 0, 4, "\x8BJNG" },
    { 0, 4, "GIF8" },
    { 8, 4, "AVI " },
    { 8, 4, "WEBP" },
    { 8, 4, "CDXA" },
    { 8, 4, "ACON" }, /* a cursor that moves */
    { 4, 4, "ftyp" },
    { 4, 4, "moov" },
    { 4, 4, "mdat" },
    { 4, 4, "jP  " }, /* JPEG 2000 */
    { 0, 4, "\xFF\x4F\xFF\x51" },
    { 0, 4, "\x1A\x45\xDF\xA3" }, /* EBML, whatever its document type */
    { 0, 4, "\x30\x26\xB2\x75" }, /* ASF: WMV */
    { 0, 4, "FLV\x01" },
    { 0, 4, "OggS" },
    { 0, 4, ".RMF" },
    { 0, 3, "\0\0\x01" }, /* MPEG, raw H.264, icons */
    { 0, 5, "\0\0\0\x01\x67" },
    { 0, 5, "\0\0\0\x01\x27" },
    { 0, 5, "\0\0\0\x01\x40" },   /* raw HEVC */
    { 0, 4, "\x06\x0E\x2B\x34" }, /* MXF */
    { 0, 4, "DKIF" },
    { 0, 9, "YUV4MPEG2" },
    { 0, 4, "8BPS" },
    { 0, 8, "gimp xcf" },
    { 0, 15, "FUJIFILMCCD-RAW" },
    { 0, 4, "IIRO" }, /* raw files that begin almost like TIFF */
    { 0, 4, "IIRS" },
    { 0, 4, "MMOR" },
    { 0, 3, "IIU" },
    { 6, 8, "HEAPCCDR" },
    { 0, 4, "\0MRM" },
    { 0, 4, "FOVb" },
    { 0, 4, "II\xBC\x01" }, /* JPEG XR */
    { 0, 4, "v/1\x01" },    /* OpenEXR */
    { 0, 10, "#?RADIANCE" },
    { 0, 4, "qoif" },
    { 0, 4, "BPG\xFB" },
    { 0, 4, "FLIF" },
    { 0, 4, "DDS " },
    { 0, 9, "SIMPLE  =" }, /* FITS */
    { 128, 4, "DICM" },
    { 0, 4, "SDPX" },
    { 0, 4, "XPDS" },
    { 0, 4, "\xD7\xCD\xC6\x9A" }, /* WMF */
};

/* Beside those of our formats. */
static const char other_extensions[] =
    "raw dng cr2 cr3 crw nef nrw arw srf sr2 orf rw2 raf pef srw x3f 3fr iiq rwl mrw erf kdc dcr "
    "psd psb xcf svg svgz ico cur jp2 j2k jpf jpx jxr hdp wdp tga pcx pnm ppm pgm pbm pam exr hdr "
    "dds qoi bpg flif fits dcm wmf emf avi wmv asf flv f4v mpg mpeg mpe vob mts m2ts m2t ogv ogm "
    "mxf rm rmvb divx dv insv insp lrv thm heics heifs hevc h264 h265 264 265 ivf y4m";

static bool has_word(const char *words, const char *word, size_t len)
{
    for (const char *at = words; *at != 0;) {
        size_t end = strcspn(at, " ");
        if (end == len && strncasecmp(at, word, len) == 0) {
            return true;
        }
        at += end;
        at += strspn(at, " ");
    }
    return false;
}

static bool name_claims(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');
    if (dot == NULL || dot[1] == 0) {
        return false;
    }
    size_t len = strlen(dot + 1);
    bool claims = has_word(other_extensions, dot + 1, len);
    for (size_t i = 0; !claims && osk_format_at(i) != NULL; i++) {
        claims = has_word(osk_format_at(i)->extensions, dot + 1, len);
    }
    return claims;
}

static bool is_portable_map(const uint8_t *head, size_t len)
{
    return len >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' &&
           (head[2] == '\n' || head[2] == ' ' || head[2] == '\r' || head[2] == '\t');
}

static bool is_transport_stream(const uint8_t *head, size_t len)
{
    return (len > 188 && head[0] == 0x47 && head[188] == 0x47) ||
           (len > 196 && head[4] == 0x47 && head[196] == 0x47);
}

static bool content_claims(const uint8_t *head, size_t len)
{
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        const Signature *s = &signatures[i];
        if (len >= s->at + s->len && memcmp(head + s->at, s->bytes, s->len) == 0) {
            return true;
        }
    }
    return is_portable_map(head, len) || is_transport_stream(head, len) ||
           memmem(head, len, "<svg", 4) != NULL;
}

/* macOS puts one beside every file on a card: no picture, whatever its name ends in. */
static bool is_apple_double(const char *path, const uint8_t *head, size_t len)
{
    const char *slash = strrchr(path, '/');
    return strncmp(slash != NULL ? slash + 1 : path, "._", 2) == 0 && len >= 4 &&
           memcmp(head, "\0\x05\x16\x07", 4) == 0;
}

bool osk_outsider_is(const char *path, const uint8_t *head, size_t len)
{
    return is_apple_double(path, head, len) || (!name_claims(path) && !content_claims(head, len));
}

void osk_outsider_judge(const OskFile *file, OskInput *input, OskResult *result, bool gate)
{
    uint8_t head[HEAD_BYTES];
    bool unknown =
        result->format == NULL && (result->status == OSK_UNSUPPORTED ||
                                   (result->status == OSK_TRUNCATED && result->size == 0));
    if (!file->was_found || !unknown ||
        !osk_outsider_is(file->path, head, osk_input_head(input, head, sizeof(head)))) {
        return;
    }
    result->outsider = gate ? OSK_UNREAD : OSK_LEFT_ALONE;
    result->fault.next = "take it out of the folder, or look into it with another program";
}

#define NAMES_SHOWN 3u

void osk_outsiders_tell(FILE *out, const OskFiles *files, const OskResult *results)
{
    size_t count = 0;
    bool gate = false;
    for (size_t i = 0; i < files->count; i++) {
        count += results[i].outsider != OSK_INSIDER ? 1 : 0;
        gate = gate || results[i].outsider == OSK_UNREAD;
    }
    if (count == 0) {
        return;
    }
    fprintf(out, "%zu %s not %s and %s left alone: ", count, count == 1 ? "file is" : "files are",
            count == 1 ? "a picture or a video" : "pictures or videos",
            count == 1 ? "was" : "were");
    size_t shown = 0;
    for (size_t i = 0; i < files->count && shown < NAMES_SHOWN; i++) {
        if (results[i].outsider != OSK_INSIDER) {
            fputs(shown > 0 ? ", " : "", out);
            osk_say_name(out, files->items[i].path);
            shown++;
        }
    }
    if (count > shown) {
        fprintf(out, " and %zu more", count - shown);
    }
    fputs(".\n", out);
    if (gate) {
        fprintf(out,
                "  Nobody looked into %s. What you can do: take %s out of the folder before you "
                "share it.\n",
                count == 1 ? "it" : "them", count == 1 ? "it" : "them");
    }
}
