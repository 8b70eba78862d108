/* The test server as a program, for tests that drive the built assay from outside.
 *
 *     testserver [PORT [SEED]]     serves on PORT (0: a free one), prints the port,
 *                                  ends when its standard input does */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "selftest/server.h"

static uint64_t number(int argc, char **argv, int i)
{
    uint64_t v = 0;
    return i < argc && str_to_u64(str(argv[i]), &v) == 0 ? v : 0;
}

int main(int argc, char **argv)
{
    Err err = { 0 };
    char byte;
    CLEANUP(test_server_stopp) TestServer *s = NULL;
    TestServerOpts o = { .port = (int)number(argc, argv, 1), .seed = number(argc, argv, 2) };
    if (test_server_start(&s, &o, &err) < 0) {
        fprintf(stderr, "testserver: %s\n", err.msg);
        return 1;
    }
    printf("%d\n", test_server_port(s));
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return 0;
}
