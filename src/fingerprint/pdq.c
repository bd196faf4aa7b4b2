/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDQ: smooth the luma by two passes of running means each way, take 64 x 64 of it, its 16 x 16
 * lowest frequencies without the constant ones, and of each whether it lies above the median.
 *
 * To be bit-exact the order of the float additions is the reference's: a running sum takes the
 * value ahead before it gives up the one behind. What may differ is which sums run beside each
 * other (here those of all columns, on the picture laid on its side for every other pass), and that
 * the last pass each way keeps only what is sampled. */
#include "fingerprint/pdq.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "fingerprint/hamming.h"

/* Cells a side that are turned at once, so that both sides stay in the nearest cache. */
#define TILE 16u

/* ---- smoothing ---- */

/* Rows one after the other. */
typedef struct Plane {
    float *values;
    uint32_t width;
    uint32_t height;
} Plane;

static void lay_aside(Plane *out, const float *in, uint32_t width, uint32_t height)
{
    out->width = height;
    out->height = width;
    for (uint32_t top = 0; top < height; top += TILE) {
        uint32_t bottom = height - top < TILE ? height : top + TILE;
        for (uint32_t left = 0; left < width; left += TILE) {
            uint32_t right = width - left < TILE ? width : left + TILE;
            for (uint32_t x = left; x < right; x++) {
                for (uint32_t y = top; y < bottom; y++) {
                    out->values[(size_t)x * height + y] = in[(size_t)y * width + x];
                }
            }
        }
    }
}

/* Where the sample `number` of 64 lies on a line of `len`. */
static uint32_t sample_at(uint32_t number, uint32_t len)
{
    return (2 * number + 1) * len / (2 * OSK_PDQ_SIDE);
}

static void take(float *restrict sums, const float *restrict taken, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++) {
        sums[x] += taken[x];
    }
}

static void give(float *restrict sums, const float *restrict given, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++) {
        sums[x] -= given[x];
    }
}

static void put(float *restrict out, const float *restrict sums, uint32_t width, float count)
{
    for (uint32_t x = 0; x < width; x++) {
        out[x] = sums[x] / count;
    }
}

/* The three in one pass over memory, for a window that moves. */
static void move(float *restrict sums, const float *restrict taken, const float *restrict given,
                 const Plane *out, float count)
{
    float *restrict row = out->values;
    for (uint32_t x = 0; x < out->width; x++) {
        float sum = sums[x] + taken[x] - given[x];
        sums[x] = sum;
        row[x] = sum / count;
    }
}

/* How means run down the columns: over `window` values, of which `ahead` lie before the place that
 * is written. */
typedef struct Running {
    uint32_t len;
    uint32_t window;
    uint32_t ahead;
    bool sampled; /* only the 64 rows that are sampled are written, one after the other */
} Running;

/* Rows that are written when value `n` was taken: a sample is asked for more than once where there
 * are fewer than 64 rows. */
static uint32_t rows_at(const Running *run, uint32_t n, uint32_t written)
{
    if (n < run->ahead || !run->sampled) {
        return n >= run->ahead;
    }
    uint32_t rows = 0;
    while (written + rows < OSK_PDQ_SIDE && sample_at(written + rows, run->len) == n - run->ahead) {
        rows++;
    }
    return rows;
}

/* Running means down every column: values are taken one after the other, and a mean is over as many
 * as there are near the ends. `sums` has room for a row. */
static void mean_down(Plane *out, const Plane *in, float *sums, bool sampled)
{
    uint32_t window = (in->height + 2 * OSK_PDQ_SIDE - 1) / (2 * OSK_PDQ_SIDE);
    Running run = { in->height, window, (window + 2) / 2 - 1, sampled };
    out->width = in->width;
    out->height = 0;
    memset(sums, 0, in->width * sizeof *sums);
    for (uint32_t n = 0; n < run.len + run.ahead; n++) {
        bool takes = n < run.len;
        bool gives = n >= run.window;
        const float *taken = in->values + (size_t)(takes ? n : 0) * in->width;
        const float *given = in->values + (size_t)(gives ? n - run.window : 0) * in->width;
        float count = (float)((takes ? n + 1 : run.len) - (gives ? n - run.window + 1 : 0));
        uint32_t rows = rows_at(&run, n, out->height);
        Plane row = { out->values + (size_t)out->height * in->width, in->width, 1 };
        out->height += rows;
        if (takes && gives && rows == 1) {
            move(sums, taken, given, &row, count);
            continue;
        }
        if (takes) {
            take(sums, taken, in->width);
        }
        if (gives) {
            give(sums, given, in->width);
        }
        for (uint32_t i = 0; i < rows; i++) {
            put(row.values + (size_t)i * in->width, sums, in->width, count);
        }
    }
}

static void shrink(OskPdqSmall *out, const OskLuma *luma, float *memory[2], float *sums)
{
    Plane a = { .values = memory[0] };
    Plane b = { .values = memory[1] };
    lay_aside(&b, luma->values, luma->width, luma->height);
    mean_down(&a, &b, sums, false);
    lay_aside(&b, a.values, a.width, a.height);
    mean_down(&a, &b, sums, false);
    lay_aside(&b, a.values, a.width, a.height);
    mean_down(&a, &b, sums, true);
    lay_aside(&b, a.values, a.width, a.height);
    Plane small = { .values = &out->at[0][0] };
    mean_down(&small, &b, sums, true);
}

OskStatus osk_pdq_shrink(OskPdqSmall *out, const OskLuma *luma, OskFault *fault)
{
    uint32_t width = luma->width;
    uint32_t height = luma->height;
    /* The third pass writes 64 rows, also of a picture that has fewer columns. */
    size_t cells = (size_t)(width < OSK_PDQ_SIDE ? OSK_PDQ_SIDE : width) *
                   (height < OSK_PDQ_SIDE ? OSK_PDQ_SIDE : height);
    size_t line = width > height ? width : height;
    line = line < OSK_PDQ_SIDE ? OSK_PDQ_SIDE : line;
    float *memory = malloc((2 * cells + line) * sizeof *memory);
    if (memory == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to smooth it", OSK_NO_OFFSET);
    }
    shrink(out, luma, (float *[2]){ memory, memory + cells }, memory + 2 * cells);
    free(memory);
    return OSK_OK;
}

/* ---- frequencies ---- */

/* sqrt(2/64) * cos(pi * i / 128): a library's own cosine may differ from another's. */
static const float quarter[OSK_PDQ_SIDE + 1] = {
    0.176776692F,  0.17672345F,   0.176563755F,   0.176297709F,   0.175925463F,  0.175447255F,
    0.174863353F,  0.17417413F,   0.173379973F,   0.172481388F,   0.171478912F,  0.170373142F,
    0.169164747F,  0.167854458F,  0.16644305F,    0.164931387F,   0.163320363F,  0.161610976F,
    0.15980424F,   0.157901242F,  0.155903131F,   0.153811097F,   0.151626423F,  0.14935042F,
    0.146984443F,  0.144529939F,  0.141988367F,   0.139361277F,   0.136650234F,  0.133856878F,
    0.130982891F,  0.128030002F,  0.125F,         0.121894695F,   0.118715972F,  0.115465738F,
    0.112145945F,  0.108758606F,  0.105305754F,   0.101789467F,   0.0982118696F, 0.0945751071F,
    0.0908813849F, 0.0871329084F, 0.0833319575F,  0.0794808045F,  0.0755817741F, 0.0716372207F,
    0.0676495135F, 0.0636210516F, 0.0595542751F,  0.0554516204F,  0.0513155647F, 0.0471486002F,
    0.0429532342F, 0.0387319922F, 0.0344874226F,  0.0302220769F,  0.0259385277F, 0.0216393545F,
    0.0173271466F, 0.0130045004F, 0.00867402088F, 0.00433831709F, 0.0F,
};

static float cosine(unsigned i)
{
    i %= 4 * OSK_PDQ_SIDE;
    i = i > 2 * OSK_PDQ_SIDE ? 4 * OSK_PDQ_SIDE - i : i;
    return i > OSK_PDQ_SIDE ? -quarter[2 * OSK_PDQ_SIDE - i] : quarter[i];
}

void osk_pdq_waves(OskPdqWaves *out, const OskPdqSmall *small)
{
    float wave[OSK_PDQ_WAVES][OSK_PDQ_SIDE];
    float half[OSK_PDQ_WAVES][OSK_PDQ_SIDE] = { 0 };
    float turned[OSK_PDQ_SIDE][OSK_PDQ_WAVES];
    for (unsigned i = 0; i < OSK_PDQ_WAVES; i++) {
        for (unsigned k = 0; k < OSK_PDQ_SIDE; k++) {
            wave[i][k] = cosine((i + 1) * (2 * k + 1));
            turned[k][i] = wave[i][k];
        }
    }
    for (unsigned i = 0; i < OSK_PDQ_WAVES; i++) {
        for (unsigned k = 0; k < OSK_PDQ_SIDE; k++) {
            for (unsigned j = 0; j < OSK_PDQ_SIDE; j++) {
                half[i][j] += wave[i][k] * small->at[k][j];
            }
        }
    }
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < OSK_PDQ_WAVES; i++) {
        for (unsigned k = 0; k < OSK_PDQ_SIDE; k++) {
            for (unsigned j = 0; j < OSK_PDQ_WAVES; j++) {
                out->at[i][j] += half[i][k] * turned[k][j];
            }
        }
    }
}

uint8_t osk_pdq_quality(const OskPdqSmall *small)
{
    int steps = 0;
    for (unsigned i = 0; i < OSK_PDQ_SIDE; i++) {
        for (unsigned j = 0; j < OSK_PDQ_SIDE; j++) {
            float here = small->at[i][j];
            float below = i + 1 < OSK_PDQ_SIDE ? small->at[i + 1][j] : here;
            float right = j + 1 < OSK_PDQ_SIDE ? small->at[i][j + 1] : here;
            steps += abs((int)((here - below) * 100.0F / 255.0F));
            steps += abs((int)((here - right) * 100.0F / 255.0F));
        }
    }
    int quality = steps / 90;
    return (uint8_t)(quality > 100 ? 100 : quality);
}

/* ---- bits ---- */

static int by_value(const void *a, const void *b)
{
    float left = *(const float *)a;
    float right = *(const float *)b;
    return (left > right) - (left < right);
}

void osk_pdq_bits(OskPdqHash *out, const OskPdqWaves *waves)
{
    float sorted[OSK_PDQ_BITS];
    memcpy(sorted, waves->at, sizeof sorted);
    qsort(sorted, OSK_PDQ_BITS, sizeof *sorted, by_value);
    float median = sorted[OSK_PDQ_BITS / 2 - 1];
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < OSK_PDQ_BITS; i++) {
        if (waves->at[i / OSK_PDQ_WAVES][i % OSK_PDQ_WAVES] > median) {
            out->bytes[OSK_PDQ_BYTES - 1 - i / 8] |= (uint8_t)(1u << i % 8);
        }
    }
}

/* Mirroring negates the waves that are odd along that side; the first wave is an odd one. Turning
 * swaps the sides and mirrors one of them. */
void osk_pdq_turn(OskPdqWaves *out, const OskPdqWaves *waves, unsigned form)
{
    static const struct {
        bool swaps, rows, columns;
    } forms[OSK_PDQ_FORMS] = {
        { false, false, false }, { true, true, false },  { false, true, true },
        { true, false, true },   { false, true, false }, { false, false, true },
        { true, false, false },  { true, true, true },
    };
    for (unsigned i = 0; i < OSK_PDQ_WAVES; i++) {
        for (unsigned j = 0; j < OSK_PDQ_WAVES; j++) {
            float value = forms[form].swaps ? waves->at[j][i] : waves->at[i][j];
            bool rows = forms[form].rows && i % 2 == 0;
            bool columns = forms[form].columns && j % 2 == 0;
            out->at[i][j] = rows != columns ? -value : value;
        }
    }
}

/* ---- all of it ---- */

void osk_luma_from_rgb(float *out, const uint8_t *rgb, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pixel = rgb + 3 * i;
        out[i] = 0.299F * (float)pixel[0] + 0.587F * (float)pixel[1] + 0.114F * (float)pixel[2];
    }
}

OskStatus osk_pdq_hash(OskPdq *out, const OskLuma *luma, OskFault *fault)
{
    if (luma->width == 0 || luma->height == 0 || luma->width > OSK_LUMA_SIDE_MAX ||
        luma->height > OSK_LUMA_SIDE_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "luma", "no area, or a side beyond the most",
                             OSK_NO_OFFSET);
    }
    OskPdqSmall small;
    OskStatus status = osk_pdq_shrink(&small, luma, fault);
    if (status != OSK_OK) {
        return status;
    }
    OskPdqWaves waves;
    osk_pdq_waves(&waves, &small);
    out->quality = osk_pdq_quality(&small);
    for (unsigned form = 0; form < OSK_PDQ_FORMS; form++) {
        OskPdqWaves turned;
        osk_pdq_turn(&turned, &waves, form);
        osk_pdq_bits(&out->forms[form], &turned);
    }
    return OSK_OK;
}

unsigned osk_pdq_distance(const OskPdqHash *a, const OskPdqHash *b)
{
    return osk_hamming_256(a->bytes, b->bytes);
}

void osk_pdq_mirror(OskPdqHash *out, const OskPdqHash *hash)
{
    /* The waves of every second bit change their sign, and the median lies near zero. */
    for (unsigned i = 0; i < OSK_PDQ_BYTES; i++) {
        out->bytes[i] = hash->bytes[i] ^ 0x55;
    }
}
