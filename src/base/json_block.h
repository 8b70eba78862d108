/* Which of 16 bytes mean something to JSON. A bit for each, the first byte's lowest. */
#pragma once

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { JSON_BLOCK = 16 };

typedef struct JsonBlock {
    unsigned quotes, escapes, opens, closes;
} JsonBlock;

/* 16 bytes from `p` on. Brackets are braces but for one bit, 0x20. */
#ifdef __SSE2__
static inline JsonBlock json_block(const char *p)
{
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
    return (JsonBlock){
        .quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('"'))),
        .escapes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
        .opens = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{'))),
        .closes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))),
    };
}
#else
static inline JsonBlock json_block(const char *p)
{
    JsonBlock b = { 0 };
    for (int i = 0; i < JSON_BLOCK; i++) {
        b.quotes |= (unsigned)(p[i] == '"') << i;
        b.escapes |= (unsigned)(p[i] == '\\') << i;
        b.opens |= (unsigned)((p[i] | 0x20) == '{') << i;
        b.closes |= (unsigned)((p[i] | 0x20) == '}') << i;
    }
    return b;
}
#endif

/* Bits from an odd quote up to the next: the parity of all bits below. */
static inline unsigned json_between(unsigned quotes)
{
    quotes ^= quotes << 1;
    quotes ^= quotes << 2;
    quotes ^= quotes << 4;
    quotes ^= quotes << 8;
    return quotes & 0xffff;
}

/* Bits that are set, of 16: the instruction for it is no part of every processor. */
static inline int json_ones(unsigned v)
{
    v -= v >> 1 & 0x5555;
    v = (v & 0x3333) + (v >> 2 & 0x3333);
    v = (v + (v >> 4)) & 0x0f0f;
    return (int)((v + (v >> 8)) & 0x1f);
}
