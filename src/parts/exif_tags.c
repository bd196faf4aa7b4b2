/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tag numbers and what they give away. Sources: TIFF 6.0 and its technical notes, Exif 3.0
 * section 4.6, TIFF/EP, DNG 1.7, GeoTIFF 1.1, and the tag registry of the Library of Congress for
 * the private ones. Rows are in the order of their numbers. */
#include "parts/exif_tags.h"

#include "parts/exif.h"

static const OskExifTag image_tags[] = {
    { 0x000B, OSK_KIND_SOFTWARE, EXIF_VALUE, "exif.processing-software",
      "program that processed it" },
    { 0x00FE, OSK_KIND_NONE, EXIF_COUNTED, "exif.subfile-type", "what this page is" },
    { 0x00FF, OSK_KIND_NONE, EXIF_COUNTED, "exif.old-subfile-type", "what this page is" },
    { 0x0100, OSK_KIND_NONE, EXIF_COUNTED, "exif.width", "width" },
    { 0x0101, OSK_KIND_NONE, EXIF_COUNTED, "exif.height", "height" },
    { 0x0102, OSK_KIND_NONE, EXIF_COUNTED, "exif.bits", "bits per sample" },
    { 0x0103, OSK_KIND_NONE, EXIF_COUNTED, "exif.compression", "compression" },
    { 0x0106, OSK_KIND_NONE, EXIF_COUNTED, "exif.photometric", "colour model" },
    { 0x0107, OSK_KIND_NONE, EXIF_COUNTED, "exif.thresholding", "halftone technique" },
    { 0x0108, OSK_KIND_NONE, EXIF_COUNTED, "exif.cell-width", "halftone cell" },
    { 0x0109, OSK_KIND_NONE, EXIF_COUNTED, "exif.cell-length", "halftone cell" },
    { 0x010A, OSK_KIND_NONE, EXIF_COUNTED, "exif.fill-order", "order of bits" },
    { 0x010D, OSK_KIND_NAME, EXIF_VALUE, "exif.document-name", "name of the document" },
    { 0x010E, OSK_KIND_NAME, EXIF_VALUE, "exif.description", "description of the picture" },
    { 0x010F, OSK_KIND_DEVICE, EXIF_VALUE, "exif.make", "maker of the camera" },
    { 0x0110, OSK_KIND_DEVICE, EXIF_VALUE, "exif.model", "model of the camera" },
    { 0x0111, OSK_KIND_NONE, EXIF_COUNTED, "exif.strip-offsets", "picture data" },
    { 0x0112, OSK_KIND_NONE, EXIF_COUNTED, "exif.orientation", "which way is up" },
    { 0x0115, OSK_KIND_NONE, EXIF_COUNTED, "exif.samples", "samples per pixel" },
    { 0x0116, OSK_KIND_NONE, EXIF_COUNTED, "exif.rows-per-strip", "rows per strip" },
    { 0x0117, OSK_KIND_NONE, EXIF_COUNTED, "exif.strip-byte-counts", "picture data" },
    { 0x0118, OSK_KIND_NONE, EXIF_COUNTED, "exif.min-sample", "smallest sample" },
    { 0x0119, OSK_KIND_NONE, EXIF_COUNTED, "exif.max-sample", "largest sample" },
    { 0x011A, OSK_KIND_NONE, EXIF_COUNTED, "exif.x-resolution", "resolution" },
    { 0x011B, OSK_KIND_NONE, EXIF_COUNTED, "exif.y-resolution", "resolution" },
    { 0x011C, OSK_KIND_NONE, EXIF_COUNTED, "exif.planar", "order of planes" },
    { 0x011D, OSK_KIND_NAME, EXIF_VALUE, "exif.page-name", "name of the page" },
    { 0x011E, OSK_KIND_OTHER, EXIF_VALUE, "exif.x-position", "place on the paper" },
    { 0x011F, OSK_KIND_OTHER, EXIF_VALUE, "exif.y-position", "place on the paper" },
    { 0x0128, OSK_KIND_NONE, EXIF_COUNTED, "exif.resolution-unit", "resolution" },
    { 0x0129, OSK_KIND_NONE, EXIF_COUNTED, "exif.page-number", "page number" },
    { 0x012D, OSK_KIND_OTHER, EXIF_SIZE, "exif.transfer-function", "tone curve" },
    { 0x0131, OSK_KIND_SOFTWARE, EXIF_VALUE, "exif.software", "program or firmware that wrote it" },
    { 0x0132, OSK_KIND_TIME, EXIF_VALUE, "exif.date-time", "when the file was changed" },
    { 0x013B, OSK_KIND_NAME, EXIF_VALUE, "exif.artist", "name of the photographer" },
    { 0x013C, OSK_KIND_DEVICE, EXIF_VALUE, "exif.host-computer",
      "device or computer that wrote it" },
    { 0x013D, OSK_KIND_NONE, EXIF_COUNTED, "exif.predictor", "compression" },
    { 0x013E, OSK_KIND_NONE, EXIF_COUNTED, "exif.white-point", "colour" },
    { 0x013F, OSK_KIND_NONE, EXIF_COUNTED, "exif.primaries", "colour" },
    { 0x0140, OSK_KIND_NONE, EXIF_COUNTED, "exif.color-map", "palette" },
    { 0x0141, OSK_KIND_NONE, EXIF_COUNTED, "exif.halftone-hints", "halftone" },
    { 0x0142, OSK_KIND_NONE, EXIF_COUNTED, "exif.tile-width", "tiles" },
    { 0x0143, OSK_KIND_NONE, EXIF_COUNTED, "exif.tile-length", "tiles" },
    { 0x0144, OSK_KIND_NONE, EXIF_COUNTED, "exif.tile-offsets", "picture data" },
    { 0x0145, OSK_KIND_NONE, EXIF_COUNTED, "exif.tile-byte-counts", "picture data" },
    { 0x014A, OSK_KIND_PREVIEW, EXIF_POINTER, "exif.sub-ifds", "other pictures in the file" },
    { 0x014C, OSK_KIND_NONE, EXIF_COUNTED, "exif.ink-set", "inks" },
    { 0x014D, OSK_KIND_NAME, EXIF_VALUE, "exif.ink-names", "names of the inks" },
    { 0x014E, OSK_KIND_NONE, EXIF_COUNTED, "exif.ink-count", "inks" },
    { 0x0150, OSK_KIND_NONE, EXIF_COUNTED, "exif.dot-range", "inks" },
    { 0x0151, OSK_KIND_NAME, EXIF_VALUE, "exif.target-printer", "printer it was made for" },
    { 0x0152, OSK_KIND_NONE, EXIF_COUNTED, "exif.extra-samples", "transparency" },
    { 0x0153, OSK_KIND_NONE, EXIF_COUNTED, "exif.sample-format", "kind of numbers" },
    { 0x0154, OSK_KIND_NONE, EXIF_COUNTED, "exif.s-min-sample", "smallest sample" },
    { 0x0155, OSK_KIND_NONE, EXIF_COUNTED, "exif.s-max-sample", "largest sample" },
    { 0x015B, OSK_KIND_NONE, EXIF_COUNTED, "exif.jpeg-tables", "compression tables" },
    { 0x0200, OSK_KIND_NONE, EXIF_COUNTED, "exif.jpeg-process", "compression" },
    { 0x0201, OSK_KIND_PREVIEW, EXIF_SIZE, "exif.thumbnail", "small preview picture" },
    { 0x0202, OSK_KIND_NONE, EXIF_COUNTED, "exif.thumbnail-length", "size of the preview" },
    { 0x0203, OSK_KIND_NONE, EXIF_COUNTED, "exif.jpeg-restart", "compression" },
    { 0x0207, OSK_KIND_NONE, EXIF_COUNTED, "exif.jpeg-q-tables", "compression tables" },
    { 0x0208, OSK_KIND_NONE, EXIF_COUNTED, "exif.jpeg-dc-tables", "compression tables" },
    { 0x0209, OSK_KIND_NONE, EXIF_COUNTED, "exif.jpeg-ac-tables", "compression tables" },
    { 0x0211, OSK_KIND_NONE, EXIF_COUNTED, "exif.ycbcr-coefficients", "colour" },
    { 0x0212, OSK_KIND_NONE, EXIF_COUNTED, "exif.ycbcr-subsampling", "colour" },
    { 0x0213, OSK_KIND_NONE, EXIF_COUNTED, "exif.ycbcr-positioning", "colour" },
    { 0x0214, OSK_KIND_NONE, EXIF_COUNTED, "exif.reference-black-white", "colour" },
    { 0x02BC, OSK_KIND_NAME, EXIF_XMP, "exif.xmp", "XMP metadata" },
    { 0x1001, OSK_KIND_NONE, EXIF_COUNTED, "exif.related-width", "width" },
    { 0x1002, OSK_KIND_NONE, EXIF_COUNTED, "exif.related-length", "height" },
    { 0x4746, OSK_KIND_NAME, EXIF_VALUE, "exif.rating", "rating given by a person" },
    { 0x4749, OSK_KIND_NAME, EXIF_VALUE, "exif.rating-percent", "rating given by a person" },
    { 0x800D, OSK_KIND_NAME, EXIF_VALUE, "exif.image-id", "name of the original file" },
    { 0x80E3, OSK_KIND_NONE, EXIF_COUNTED, "exif.matteing", "transparency" },
    { 0x80E4, OSK_KIND_NONE, EXIF_COUNTED, "exif.data-type", "kind of numbers" },
    { 0x80E5, OSK_KIND_NONE, EXIF_COUNTED, "exif.image-depth", "depth" },
    { 0x80E6, OSK_KIND_NONE, EXIF_COUNTED, "exif.tile-depth", "depth" },
    { 0x8298, OSK_KIND_NAME, EXIF_VALUE, "exif.copyright", "copyright notice" },
    { 0x829A, OSK_KIND_SOFTWARE, EXIF_COUNTED, "exif.exposure-time", "exposure" },
    { 0x830E, OSK_KIND_PLACE, EXIF_VALUE, "geotiff.pixel-scale", "size of a pixel on the ground" },
    { 0x83BB, OSK_KIND_NAME, EXIF_IPTC, "exif.iptc", "IPTC caption" },
    { 0x8480, OSK_KIND_PLACE, EXIF_VALUE, "geotiff.matrix", "place that the picture shows" },
    { 0x8482, OSK_KIND_PLACE, EXIF_VALUE, "geotiff.tie-points", "place that the picture shows" },
    { 0x85D8, OSK_KIND_PLACE, EXIF_VALUE, "geotiff.transformation",
      "place that the picture shows" },
    { 0x8649, OSK_KIND_OTHER, EXIF_PHOTOSHOP, "exif.photoshop", "Photoshop data" },
    { 0x8769, OSK_KIND_NONE, EXIF_POINTER, "exif.exif-ifd", "camera data" },
    { 0x8773, OSK_KIND_NONE, EXIF_COUNTED, "exif.icc-profile", "colour profile" },
    { 0x87AF, OSK_KIND_PLACE, EXIF_SIZE, "geotiff.keys", "map projection of the picture" },
    { 0x87B0, OSK_KIND_PLACE, EXIF_VALUE, "geotiff.doubles", "map projection of the picture" },
    { 0x87B1, OSK_KIND_PLACE, EXIF_VALUE, "geotiff.text", "map projection of the picture" },
    { 0x8825, OSK_KIND_NONE, EXIF_POINTER, "exif.gps-ifd", "GPS data" },
    { 0x9286, OSK_KIND_NAME, EXIF_COMMENT, "exif.user-comment", "comment" },
    { 0x935C, OSK_KIND_OTHER, EXIF_SIZE, "exif.photoshop-layers",
      "Photoshop layers that are not shown" },
    { 0x9C9B, OSK_KIND_NAME, EXIF_UTF16, "exif.xp-title", "title" },
    { 0x9C9C, OSK_KIND_NAME, EXIF_UTF16, "exif.xp-comment", "comment" },
    { 0x9C9D, OSK_KIND_NAME, EXIF_UTF16, "exif.xp-author", "name of the author" },
    { 0x9C9E, OSK_KIND_NAME, EXIF_UTF16, "exif.xp-keywords", "keywords" },
    { 0x9C9F, OSK_KIND_NAME, EXIF_UTF16, "exif.xp-subject", "subject" },
    { 0xA480, OSK_KIND_NAME, EXIF_VALUE, "gdal.metadata", "text that describes the data" },
    { 0xA481, OSK_KIND_SOFTWARE, EXIF_VALUE, "gdal.nodata", "value that stands for no data" },
    { 0xC4A5, OSK_KIND_SOFTWARE, EXIF_SIZE, "exif.print-im", "printing settings" },
    { 0xC614, OSK_KIND_DEVICE, EXIF_VALUE, "dng.camera-model", "model of the camera" },
    { 0xC615, OSK_KIND_DEVICE, EXIF_VALUE, "dng.camera-model-local", "model of the camera" },
    { 0xC62F, OSK_KIND_DEVICE, EXIF_VALUE, "dng.camera-serial", "serial number of the camera" },
    { 0xC630, OSK_KIND_DEVICE, EXIF_VALUE, "dng.lens-info", "lens" },
    { 0xC634, OSK_KIND_DEVICE, EXIF_SIZE, "dng.private-data", "private data of the camera" },
    { 0xC635, OSK_KIND_DEVICE, EXIF_COUNTED, "dng.maker-note-safety",
      "private data of the camera" },
    { 0xC65D, OSK_KIND_DEVICE, EXIF_SIZE, "dng.raw-id", "unique number of the raw picture" },
    { 0xC68B, OSK_KIND_NAME, EXIF_VALUE, "dng.original-name", "name of the original file" },
    { 0xC68C, OSK_KIND_PREVIEW, EXIF_SIZE, "dng.original-data", "the original file" },
    { 0xC71B, OSK_KIND_TIME, EXIF_VALUE, "dng.preview-date", "when the preview was made" },
};

static const OskExifTag exif_tags[] = {
    { 0x8827, OSK_KIND_SOFTWARE, EXIF_COUNTED, "exif.iso", "sensitivity" },
    { 0x9000, OSK_KIND_NONE, EXIF_COUNTED, "exif.version", "version of Exif" },
    { 0x9003, OSK_KIND_TIME, EXIF_VALUE, "exif.date-time-original", "when it was taken" },
    { 0x9004, OSK_KIND_TIME, EXIF_VALUE, "exif.date-time-digitized", "when it was digitised" },
    { 0x9010, OSK_KIND_TIME, EXIF_VALUE, "exif.offset-time", "time zone of the change" },
    { 0x9011, OSK_KIND_TIME, EXIF_VALUE, "exif.offset-time-original",
      "time zone where it was taken" },
    { 0x9012, OSK_KIND_TIME, EXIF_VALUE, "exif.offset-time-digitized",
      "time zone where it was digitised" },
    { 0x927C, OSK_KIND_DEVICE, EXIF_MAKER, "exif.maker-note",
      "private notes of the camera's maker" },
    { 0x9286, OSK_KIND_NAME, EXIF_COMMENT, "exif.user-comment", "comment" },
    { 0x9290, OSK_KIND_TIME, EXIF_VALUE, "exif.sub-sec-time",
      "fraction of the second of the change" },
    { 0x9291, OSK_KIND_TIME, EXIF_VALUE, "exif.sub-sec-time-original",
      "fraction of the second it was taken" },
    { 0x9292, OSK_KIND_TIME, EXIF_VALUE, "exif.sub-sec-time-digitized",
      "fraction of the second, digitised" },
    { 0x9400, OSK_KIND_PLACE, EXIF_VALUE, "exif.temperature", "temperature where it was taken" },
    { 0x9401, OSK_KIND_PLACE, EXIF_VALUE, "exif.humidity", "humidity where it was taken" },
    { 0x9402, OSK_KIND_PLACE, EXIF_VALUE, "exif.pressure", "air pressure where it was taken" },
    { 0x9403, OSK_KIND_PLACE, EXIF_VALUE, "exif.water-depth", "depth under water" },
    { 0x9404, OSK_KIND_PLACE, EXIF_VALUE, "exif.acceleration", "movement of the camera" },
    { 0x9405, OSK_KIND_PLACE, EXIF_VALUE, "exif.camera-elevation", "tilt of the camera" },
    { 0xA001, OSK_KIND_NONE, EXIF_COUNTED, "exif.color-space", "colour" },
    { 0xA004, OSK_KIND_NAME, EXIF_VALUE, "exif.sound-file", "name of a sound file" },
    { 0xA005, OSK_KIND_NONE, EXIF_POINTER, "exif.interop-ifd", "interoperability data" },
    { 0xA40B, OSK_KIND_DEVICE, EXIF_SIZE, "exif.device-settings", "settings of the device" },
    { 0xA420, OSK_KIND_DEVICE, EXIF_VALUE, "exif.image-id", "unique number of the picture" },
    { 0xA430, OSK_KIND_NAME, EXIF_VALUE, "exif.owner", "name of the camera's owner" },
    { 0xA431, OSK_KIND_DEVICE, EXIF_VALUE, "exif.body-serial", "serial number of the camera" },
    { 0xA432, OSK_KIND_DEVICE, EXIF_COUNTED, "exif.lens-specification", "lens" },
    { 0xA433, OSK_KIND_DEVICE, EXIF_VALUE, "exif.lens-make", "maker of the lens" },
    { 0xA434, OSK_KIND_DEVICE, EXIF_VALUE, "exif.lens-model", "model of the lens" },
    { 0xA435, OSK_KIND_DEVICE, EXIF_VALUE, "exif.lens-serial", "serial number of the lens" },
    { 0xA436, OSK_KIND_NAME, EXIF_VALUE, "exif.title", "title" },
    { 0xA437, OSK_KIND_NAME, EXIF_VALUE, "exif.photographer", "name of the photographer" },
    { 0xA438, OSK_KIND_NAME, EXIF_VALUE, "exif.image-editor", "name of the person who edited it" },
    { 0xA439, OSK_KIND_SOFTWARE, EXIF_VALUE, "exif.camera-firmware", "firmware of the camera" },
    { 0xA43A, OSK_KIND_SOFTWARE, EXIF_VALUE, "exif.raw-software", "program that developed it" },
    { 0xA43B, OSK_KIND_SOFTWARE, EXIF_VALUE, "exif.editing-software", "program that edited it" },
    { 0xA43C, OSK_KIND_SOFTWARE, EXIF_VALUE, "exif.metadata-software",
      "program that edited its metadata" },
    { 0xA461, OSK_KIND_OTHER, EXIF_SIZE, "exif.composite-images",
      "pictures that it was composed of" },
    { 0xA462, OSK_KIND_OTHER, EXIF_SIZE, "exif.composite-exposures",
      "pictures that it was composed of" },
    { 0xEA1C, OSK_KIND_OTHER, EXIF_SIZE, "exif.padding", "padding that may hide anything" },
    { 0xFDE8, OSK_KIND_NAME, EXIF_VALUE, "exif.owner-name", "name of the camera's owner" },
    { 0xFDE9, OSK_KIND_DEVICE, EXIF_VALUE, "exif.serial-number", "serial number of the camera" },
};

/* Positions, times and bearings of the GPS directory are put together by exif_gps.c. */
static const OskExifTag gps_tags[] = {
    { 0x0008, OSK_KIND_PLACE, EXIF_VALUE, "exif.gps.satellites", "satellites that were seen" },
    { 0x001B, OSK_KIND_PLACE, EXIF_COMMENT, "exif.gps.method", "how the place was found" },
    { 0x001C, OSK_KIND_PLACE, EXIF_COMMENT, "exif.gps.area", "name of the area" },
};

typedef struct TagList {
    const OskExifTag *tags;
    size_t count;
} TagList;

#define LIST(rows)                                                                                 \
    {                                                                                              \
        rows, sizeof(rows) / sizeof((rows)[0])                                                     \
    }

static const TagList lists[] = {
    [OSK_EXIF_IFD_IMAGE] = LIST(image_tags),
    [OSK_EXIF_IFD_EXIF] = LIST(exif_tags),
    [OSK_EXIF_IFD_GPS] = LIST(gps_tags),
    [OSK_EXIF_IFD_INTEROP] = { NULL, 0 },
};

/* By halves, as the rows are in order: a hostile file asks a million times. */
static const OskExifTag *find_row(const TagList *list, uint16_t tag)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->tags[middle].tag < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < list->count && list->tags[low].tag == tag ? &list->tags[low] : NULL;
}

const OskExifTag *osk_exif_tag(OskExifIfd ifd, uint16_t tag)
{
    const OskExifTag *row = find_row(&lists[ifd], tag);
    /* Writers put camera tags into the image directory and the other way round; a reader of the
     * wrong one still shows them. */
    if (row == NULL && ifd == OSK_EXIF_IFD_IMAGE) {
        row = find_row(&lists[OSK_EXIF_IFD_EXIF], tag);
    } else if (row == NULL && ifd == OSK_EXIF_IFD_EXIF) {
        row = find_row(&lists[OSK_EXIF_IFD_IMAGE], tag);
    }
    return row;
}

unsigned osk_exif_type_size(uint16_t type)
{
    static const uint8_t sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8 };
    return type < sizeof(sizes) ? sizes[type] : type == 129 ? 1u : 0u;
}
