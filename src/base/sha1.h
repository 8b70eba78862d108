/* SHA-1 (RFC 3174), for protocols that ask for it; not for security. Pure. */
#pragma once

#include "base/str.h"

enum { SHA1_BYTES = 20 };
void sha1(Str bytes, unsigned char ret[SHA1_BYTES]);
