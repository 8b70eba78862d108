#include "base/port.h"

#include "tap.h"

int main(void)
{
    uint16_t a = 0, b = 0;
    Err err = { 0 };
    CHECK(port_free(NULL, &a, &err) == 0 && a >= 1024, "a port: %u", a);
    CHECK(port_free(NULL, &b, &err) == 0 && b >= 1024, "another: %u", b);
    return tap_done();
}
