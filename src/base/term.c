#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

bool term_is_tty(int fd)
{
    return isatty(fd) == 1;
}

bool term_is_live(int fd)
{
    const char *term = getenv("TERM");
    return term_is_tty(fd) && !(term && strcmp(term, "dumb") == 0);
}

bool term_wants_colour(int fd)
{
    const char *no = getenv("NO_COLOR");
    if (no && *no)
        return false;
    return term_is_live(fd);
}

int term_columns(int fd)
{
    struct winsize ws;
    if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col >= 20)
        return ws.ws_col;
    const char *env = getenv("COLUMNS");
    uint64_t n;
    if (env && str_to_u64(str(env), &n) == 0 && n >= 20 && n <= 10000)
        return (int)n;
    return 80;
}

int term_rows(int fd)
{
    struct winsize ws;
    return ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 1 ? ws.ws_row : 24;
}
