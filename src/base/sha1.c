#include "base/sha1.h"

#include <string.h>

static uint32_t rotl(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void digest_block(uint32_t h[5], const unsigned char *p)
{
    static const uint32_t k[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
               (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
        uint32_t choose = (b & c) | (~b & d), parity = b ^ c ^ d;
        uint32_t majority = (b & c) | (b & d) | (c & d);
        uint32_t f = i < 20 ? choose : i >= 40 && i < 60 ? majority : parity;
        uint32_t t = rotl(a, 5) + f + e + k[i / 20] + w[i];
        e = d;
        d = c;
        c = rotl(b, 30);
        b = a;
        a = t;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

void sha1(Str bytes, unsigned char ret[SHA1_BYTES])
{
    uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    unsigned char tail[128] = { 0 };
    ptrdiff_t whole = bytes.len / 64 * 64, rest = bytes.len - whole;
    for (ptrdiff_t at = 0; at < whole; at += 64)
        digest_block(h, (const unsigned char *)bytes.ptr + at);
    if (rest)
        memcpy(tail, bytes.ptr + whole, (size_t)rest);
    tail[rest] = 0x80;
    ptrdiff_t end = rest < 56 ? 64 : 128;
    for (int i = 0; i < 8; i++)
        tail[end - 1 - i] = (unsigned char)((uint64_t)bytes.len * 8 >> (8 * i));
    for (ptrdiff_t at = 0; at < end; at += 64)
        digest_block(h, tail + at);
    for (int i = 0; i < SHA1_BYTES; i++)
        ret[i] = (unsigned char)(h[i / 4] >> (24 - i % 4 * 8));
}
