/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG: markers 0xFF xx, most with a length and a payload; entropy-coded scans between them.
 * ITU-T T.81 (09/92), JFIF 1.02 (T.871), Exif 3.0, ICC.1:2022 annex B.4, CIPA DC-007.
 *
 * Tolerated, because readers show such files without a word: a missing end marker behind a whole
 * scan, fill bytes, bytes between segments (dropped), Motion JPEG without Huffman tables,
 * Ss/Se/Ah/Al other than 0 63 0 0 in sequential scans (set right). Refused: arithmetic, lossless
 * and hierarchical coding, because their coded data is not walked; broken or short scans, because
 * what a reader makes up cannot be proven clean. */
#include "formats/jpeg_state.h"

/* In the order of OskJpegRow, so that the row is the index. */
static const OskPart parts[OSK_JPEG_ROW_COUNT] = {
    [OSK_JPEG_SOI] = { 0xFFD8, "SOI", "beginning of the picture", OSK_KEEP, OSK_KIND_NONE,
                       "T.81 B.2.1", "two fixed bytes" },
    [OSK_JPEG_EOI] = { 0xFFD9, "EOI", "end of the picture", OSK_KEEP, OSK_KIND_NONE, "T.81 B.2.1",
                       "two fixed bytes" },
    [OSK_JPEG_SOF] = { 0xFFC0, "SOF", "size and colour components", OSK_KEEP, OSK_KIND_NONE,
                       "T.81 B.2.2", "every field is read and its length is exact" },
    [OSK_JPEG_DHT] = { 0xFFC4, "DHT", "Huffman tables", OSK_KEEP, OSK_KIND_NONE, "T.81 B.2.4.2",
                       "only tables that a scan uses; lengths are exact" },
    [OSK_JPEG_DQT] = { 0xFFDB, "DQT", "quantisation tables", OSK_KEEP, OSK_KIND_NONE,
                       "T.81 B.2.4.1", "only tables that a component uses; lengths are exact" },
    [OSK_JPEG_DRI] = { 0xFFDD, "DRI", "restart interval", OSK_KEEP, OSK_KIND_NONE, "T.81 B.2.4.4",
                       "a number that the scans confirm" },
    [OSK_JPEG_SOS] = { 0xFFDA, "SOS", "scan header", OSK_KEEP, OSK_KIND_NONE, "T.81 B.2.3",
                       "every field is read or set, and its length is exact" },
    [OSK_JPEG_SCAN] = { 0xFF00, "scan", "picture data", OSK_KEEP, OSK_KIND_NONE, "T.81 F.2, G.2",
                        "walked by its Huffman codes to the last bit of the last block" },
    [OSK_JPEG_DNL] = { 0xFFDC, "DNL", "number of lines", OSK_KEEP, OSK_KIND_NONE, "T.81 B.2.5",
                       "a number that the scan confirms" },
    [OSK_JPEG_JFIF] = { 0x4A464946, "APP0 JFIF",
                        "pixel density; may hold a small copy of the picture", OSK_KEEP,
                        OSK_KIND_PREVIEW, "JFIF 1.02", "cut to its 14 bytes, no thumbnail" },
    [OSK_JPEG_ADOBE] = { 0x41646F62, "APP14 Adobe", "colour transform, and the program's settings",
                         OSK_KEEP, OSK_KIND_SOFTWARE, "Adobe TN 5116",
                         "written as its 12 bytes with nothing but the transform" },
    [OSK_JPEG_EXIF] = { 0x45786966, "APP1 Exif", "place, time, camera, serial numbers, thumbnail",
                        OSK_REWRITE, OSK_KIND_PLACE, "CIPA DC-008",
                        "a new block that holds only the orientation, when it turns the picture" },
    [OSK_JPEG_ICC] = { 0x49434350, "APP2 ICC_PROFILE", "colour profile, and who made the device",
                       OSK_REWRITE, OSK_KIND_DEVICE, "ICC.1:2022 B.4",
                       "rebuilt from the tags that define colour" },
    [OSK_JPEG_JFXX] = { 0x4A465858, "APP0 JFXX", "a small copy of the picture", OSK_DROP,
                        OSK_KIND_PREVIEW, "JFIF 1.02", NULL },
    [OSK_JPEG_XMP] = { 0x58200000, "APP1 XMP", "places, names, history, document ids", OSK_DROP,
                       OSK_KIND_NAME, "ISO 16684-3", NULL },
    [OSK_JPEG_MPF] = { 0x4D504600, "APP2 MPF", "a list of further pictures in the file", OSK_DROP,
                       OSK_KIND_PREVIEW, "CIPA DC-007", NULL },
    [OSK_JPEG_JUMBF] = { 0x4A500000, "APP11 JUMBF", "signed origin (Content Credentials)", OSK_DROP,
                         OSK_KIND_NAME, "ISO 19566-5", NULL },
    [OSK_JPEG_PHOTOSHOP] = { 0x3842494D, "APP13 Photoshop", "captions, names, places, a small copy",
                             OSK_DROP, OSK_KIND_NAME, "Photoshop file formats", NULL },
    [OSK_JPEG_APP] = { 0xFFE0, "APPn", "data of a program or camera", OSK_DROP, OSK_KIND_OTHER,
                       "T.81 B.2.4.6", NULL },
    [OSK_JPEG_COM] = { 0xFFFE, "COM", "a comment", OSK_DROP, OSK_KIND_NAME, "T.81 B.2.4.5", NULL },
    [OSK_JPEG_DAC] = { 0xFFCC, "DAC", "settings of a coding that the picture doesn't use", OSK_DROP,
                       OSK_KIND_OTHER, "T.81 B.2.4.3", NULL },
    [OSK_JPEG_FILL] = { 0xFFFF, "fill", "fill bytes and stray restart markers", OSK_DROP,
                        OSK_KIND_NONE, "T.81 B.1.1.2", NULL },
    [OSK_JPEG_BETWEEN] = { 1, "between segments", "bytes that belong to no segment", OSK_DROP,
                           OSK_KIND_OTHER, "T.81 B.1.1.2", NULL },
    [OSK_JPEG_SLACK] = { 2, "slack", "bytes behind the last coded block", OSK_DROP, OSK_KIND_OTHER,
                         "T.81 B.1.1.5", NULL },
    [OSK_JPEG_TRAILER] = { 3, "trailer", "videos, pictures and notes after the end", OSK_DROP,
                           OSK_KIND_PREVIEW, "T.81 B.2.1", NULL },
    [OSK_JPEG_REFUSED] = { 4, "marker", "arithmetic, lossless and hierarchical coding", OSK_REFUSE,
                           OSK_KIND_NONE, "T.81 table B.1", NULL },
};

const char *osk_jpeg_row_name(OskJpegRow row)
{
    return parts[row].name;
}

static OskProbe probe(const uint8_t *head, size_t len)
{
    if (len < 3 || head[0] != 0xFF || head[1] != 0xD8) {
        return OSK_PROBE_NO;
    }
    /* Readers step over bytes behind SOI. */
    return head[2] == 0xFF ? OSK_PROBE_YES : OSK_PROBE_MAYBE;
}

static OskStatus walk(OskWalk *walk)
{
    OskJpegStream stream = { .walk = walk,
                             .in = osk_cursor_make(walk->bytes, (size_t)walk->size, 0),
                             .mode = OSK_JPEG_FILE };
    OskStatus status = osk_jpeg_stream_walk(&stream);
    if (status == OSK_OK) {
        status = osk_jpeg_stream_finish(&stream);
    }
    for (size_t i = 0; status == OSK_OK && i < stream.count; i++) {
        const OskJpegPiece *piece = &stream.pieces[i];
        const OskPart *part = &parts[piece->row];
        if (piece->verdict == OSK_KEEP) {
            osk_plan_keep(walk->plan, part, piece->offset, piece->len, piece->walked);
        } else if (piece->verdict == OSK_DROP) {
            osk_plan_drop(walk->plan, part, piece->offset, piece->len);
        } else {
            (void)osk_plan_rewrite(walk->plan, part, piece->offset, piece->len, piece->literal,
                                   piece->out_len);
        }
    }
    return status;
}

const OskFormat osk_format_jpeg = {
    .info = { .name = "jpeg",
              .title = "JPEG",
              .media_type = "image/jpeg",
              .extensions = "jpg jpeg jpe jfif",
              .parts = parts,
              .part_count = OSK_JPEG_ROW_COUNT },
    .whole = true,
    .probe = probe,
    .walk = walk,
};
