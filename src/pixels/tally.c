/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/tally.h"

#include <string.h>

#define CELL_BITS 5u

/* Cells from `low` to `high`, both within. */
typedef struct Box {
    unsigned low[3];
    unsigned high[3];
    uint64_t count;
    double mean[3];
    double error; /* that a cut can take away; 0 where there is nothing to cut */
    unsigned axis;
} Box;

static unsigned cell_of(const unsigned at[3])
{
    return (at[0] << CELL_BITS | at[1]) << CELL_BITS | at[2];
}

void osk_tally_add(OskTally *tally, uint32_t color)
{
    uint8_t v[4];
    unsigned at[3];
    memcpy(v, &color, 4);
    for (unsigned i = 0; i < 3; i++) {
        at[i] = v[i] >> (8 - CELL_BITS);
    }
    unsigned cell = cell_of(at);
    tally->count[cell]++;
    for (unsigned i = 0; i < 3; i++) {
        tally->sum[cell][i] += v[i];
    }
}

static void add_cell(const OskTally *tally, unsigned cell, Box *box, double squares[3])
{
    uint64_t count = tally->count[cell];
    if (count == 0) {
        return;
    }
    box->count += count;
    for (unsigned i = 0; i < 3; i++) {
        double sum = (double)tally->sum[cell][i];
        box->mean[i] += sum;
        squares[i] += sum * sum / (double)count;
    }
}

/* What the box holds, and across which axis it is cut. */
static void measure(const OskTally *tally, Box *box)
{
    double squares[3] = { 0 };
    unsigned at[3];
    box->count = 0;
    box->error = 0;
    memset(box->mean, 0, sizeof box->mean);
    for (at[0] = box->low[0]; at[0] <= box->high[0]; at[0]++) {
        for (at[1] = box->low[1]; at[1] <= box->high[1]; at[1]++) {
            for (at[2] = box->low[2]; at[2] <= box->high[2]; at[2]++) {
                add_cell(tally, cell_of(at), box, squares);
            }
        }
    }
    for (unsigned i = 0; i < 3 && box->count > 0; i++) {
        box->mean[i] /= (double)box->count;
        double error = squares[i] - box->mean[i] * box->mean[i] * (double)box->count;
        if (box->low[i] < box->high[i] && error > box->error) {
            box->error = error;
            box->axis = i;
        }
    }
}

static void cut(const OskTally *tally, Box *box, Box *rest)
{
    unsigned axis = box->axis;
    unsigned middle = (unsigned)box->mean[axis] >> (8 - CELL_BITS);
    middle = middle < box->high[axis] ? middle : box->high[axis] - 1;
    *rest = *box;
    box->high[axis] = middle;
    rest->low[axis] = middle + 1;
    measure(tally, box);
    measure(tally, rest);
}

static uint32_t color_of(const Box *box)
{
    uint8_t v[4] = { 0, 0, 0, 255 };
    uint32_t color = 0;
    for (unsigned i = 0; i < 3; i++) {
        v[i] = (uint8_t)(box->mean[i] + 0.5);
    }
    memcpy(&color, v, 4);
    return color;
}

void osk_tally_cut(const OskTally *tally, unsigned most, OskColors *set)
{
    Box boxes[OSK_COLORS_MAX];
    unsigned count = 1;
    unsigned room = most > set->count ? most - set->count : 0;
    room = room < OSK_COLORS_MAX ? room : OSK_COLORS_MAX;
    boxes[0] = (Box){ .high = { 31, 31, 31 } };
    measure(tally, &boxes[0]);
    while (count < room) {
        unsigned worst = 0;
        for (unsigned i = 1; i < count; i++) {
            worst = boxes[i].error > boxes[worst].error ? i : worst;
        }
        if (boxes[worst].error <= 0) {
            break;
        }
        cut(tally, &boxes[worst], &boxes[count++]);
    }
    for (unsigned i = 0; i < count && room > 0; i++) {
        if (boxes[i].count > 0) {
            (void)osk_colors_add(set, color_of(&boxes[i]), most);
        }
    }
}
