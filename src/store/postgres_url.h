/* URLs of PostgreSQL stores, as far as messages go: what may be shown of one. Pure; needs no libpq.
 */
#pragma once

#include "base/arena.h"

/* "postgresql://…" or "postgres://…"? */
bool postgres_is_url(const char *url);
/* The URL without its password, in the arena: "postgresql://me@host/db" of
 * "postgresql://me:secret@host/db?password=secret" (whose parameter becomes "password=***"). What
 * can't be told from a password goes too, so that also a mistyped URL shows none. */
const char *postgres_shown_url(Arena *a, const char *url);
/* Of a shown URL: without user and parameters other than host, hostaddr, port and dbname: the same
 * for everybody who means the same database in the same words. */
const char *postgres_database_url(Arena *a, const char *shown);
