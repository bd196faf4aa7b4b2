/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Item properties (ISO/IEC 23008-12 section 6.5, MIAF, AV1-AVIF): which stay, rebuilt from their
 * fields. */
#ifndef OSK_FORMATS_ISOBMFF_PROP_H
#define OSK_FORMATS_ISOBMFF_PROP_H

#include "formats/isobmff_meta.h"

/* Rebuilds one property into `prop->out`, whole box; leaves it NULL when the property is to be
 * dropped. Adds the findings of what goes.
 *
 * @param essential the file says that a reader must understand it to show the picture.
 * Errors: UNSUPPORTED for an essential property that we don't know, MALFORMED, NO_MEMORY. */
OskStatus osk_prop_rebuild(OskWalk *walk, OskItemProp *prop, bool essential);

/* Adds the finding of a property that only dropped items use, or none. */
void osk_prop_inspect(OskWalk *walk, const OskItemProp *prop);

/* Refuses a crop (`clap`) that hides pixels; see the comment at its definition for what is no crop.
 * Errors: UNSUPPORTED, MALFORMED. */
OskStatus osk_prop_check_crop(OskWalk *walk, const OskItemProp *clap, const OskItemProp *ispe);

/* True for the auxiliary picture that says how transparent another one is. */
bool osk_prop_is_alpha(const OskItemProp *aux);

#endif
