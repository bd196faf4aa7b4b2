/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overlays: pictures laid onto a canvas. ISO/IEC 23008-12 section 6.6.2.3.3. */
#include "verify/heif.h"

/* Layers that we compare with each other. */
#define LAYERS_MOST 256u

typedef struct Layer {
    int64_t left;
    int64_t top;
    int64_t right;
    int64_t bottom;
} Layer;

/* The size at which an item is laid into another one. */
static void size_layer(OskHeif *heif, uint32_t id, Layer *layer)
{
    const OskHeifItem *item = osk_check_heif_item(heif, id);
    const OskHeifProperty *ispe =
        item != NULL ? osk_check_heif_property(heif, item, OSK_CODE('i', 's', 'p', 'e')) : NULL;
    const OskHeifProperty *irot =
        item != NULL ? osk_check_heif_property(heif, item, OSK_CODE('i', 'r', 'o', 't')) : NULL;
    OskCursor nothing = osk_cursor_make(NULL, 0, 0);
    OskCursor turn = irot != NULL ? irot->body : nothing;
    OskCursor size = ispe != NULL ? ispe->body : nothing;
    bool turned = irot != NULL && (osk_cursor_u8(&turn) & 1) != 0;
    osk_cursor_skip(&size, 4);
    uint32_t width = osk_cursor_u32be(&size);
    uint32_t height = osk_cursor_u32be(&size);
    layer->right = layer->left + (turned ? height : width);
    layer->bottom = layer->top + (turned ? width : height);
}

static bool is_covered(const Layer *a, const Layer *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Places one more layer; false when something of it, or of another, would not be shown. */
static bool add_layer(Layer *layers, uint32_t *count, const Layer *canvas, const Layer *layer)
{
    bool good = *count < LAYERS_MOST && layer->left >= 0 && layer->top >= 0 &&
                layer->right <= canvas->right && layer->bottom <= canvas->bottom &&
                layer->right > layer->left && layer->bottom > layer->top;
    for (uint32_t i = 0; good && i < *count; i++) {
        good = !is_covered(layer, &layers[i]);
    }
    if (good) {
        layers[(*count)++] = *layer;
    }
    return good;
}

/* Version, flags, the colour behind, the canvas, and the place of each layer. */
static bool check_layers(OskHeif *heif, const OskHeifItem *item, OskCursor c)
{
    Layer layers[LAYERS_MOST];
    uint32_t count = 0;
    bool good = osk_cursor_u8(&c) == 0;
    unsigned width = (osk_cursor_u8(&c) & 1) != 0 ? 4 : 2;
    osk_cursor_skip(&c, 8);
    Layer canvas = { .left = 0 };
    canvas.right = (int64_t)osk_cursor_be(&c, width);
    canvas.bottom = (int64_t)osk_cursor_be(&c, width);
    for (uint32_t i = 0; good && i < heif->ref_count; i++) {
        const OskHeifRef *ref = &heif->refs[i];
        if (ref->from == item->id && ref->type == OSK_CODE('d', 'i', 'm', 'g')) {
            uint64_t x = osk_cursor_be(&c, width);
            uint64_t y = osk_cursor_be(&c, width);
            Layer layer = { .left = width == 4 ? (int32_t)(uint32_t)x : (int16_t)(uint16_t)x,
                            .top = width == 4 ? (int32_t)(uint32_t)y : (int16_t)(uint16_t)y };
            size_layer(heif, ref->to, &layer);
            good = add_layer(layers, &count, &canvas, &layer);
        }
    }
    return good && osk_cursor_ok(&c) && !osk_cursor_more(&c);
}

void osk_check_heif_overlay(OskHeif *heif, const OskHeifItem *item)
{
    OskCursor c;
    bool good = item->extent_count == 1 &&
                osk_check_load(heif->check, item->extents[0].offset, item->len, &c) == OSK_OK &&
                check_layers(heif, item, c);
    if (!good) {
        osk_check_heif_found(heif, "item iovl", "layers that cover each other, or damage",
                             item->at);
    }
}
