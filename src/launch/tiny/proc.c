#include "launch/tiny/proc.h"

static char *add_text(char *p, const char *s)
{
    while (*s)
        *p++ = *s++;
    *p = '\0';
    return p;
}

static char *add_number(char *p, int n)
{
    char digits[12];
    int k = 0;
    do
        digits[k++] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    while (k > 0)
        *p++ = digits[--k];
    *p = '\0';
    return p;
}

const char *proc_path(char buf[PROC_PATH_MAX], int pid, const char *name)
{
    char *p = add_text(buf, "/proc/");
    p = add_number(p, pid);
    p = add_text(p, "/");
    add_text(p, name);
    return buf;
}

const char *proc_children_path(char buf[PROC_PATH_MAX], int pid, int tid)
{
    char *p = add_text(buf, "/proc/");
    p = add_number(p, pid);
    p = add_text(p, "/task/");
    p = add_number(p, tid);
    add_text(p, "/children");
    return buf;
}

long proc_read(const char *path, char *buf, size_t cap)
{
    int fd = sys_open(path, O_RDONLY);
    if (fd < 0)
        return fd;
    long n = sys_read(fd, buf, cap - 1);
    sys_close(fd);
    buf[n > 0 ? n : 0] = '\0';
    return n;
}

uint64_t proc_number(const char **p)
{
    while (**p == ' ' || **p == '\t' || **p == '\n')
        (*p)++;
    uint64_t v = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++)
        v = v * 10 + (uint64_t)(**p - '0');
    return v;
}

static const char *after(const char *text, const char *key)
{
    const char *k = key;
    while (*k && *text == *k) {
        text++;
        k++;
    }
    return *k ? NULL : text;
}

uint64_t proc_field_kib(const char *text, const char *key)
{
    while (*text) {
        const char *v = after(text, key);
        if (v)
            return proc_number(&v) * 1024;
        while (*text && *text != '\n')
            text++;
        if (*text)
            text++;
    }
    return 0;
}
