#include "base/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static int bound_port(int fd, uint16_t *ret)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    socklen_t len = sizeof sin;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (const struct sockaddr *)&sin, sizeof sin) < 0)
        return -errno;
    if (getsockname(fd, (struct sockaddr *)&sin, &len) < 0)
        return -errno;
    *ret = ntohs(sin.sin_port);
    return 0;
}

int port_free(void *user, uint16_t *ret, Err *err)
{
    (void)user;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = fd < 0 ? -errno : bound_port(fd, ret);
    if (fd >= 0)
        close(fd);
    return r < 0 ? err_errno(err, r, "find a free TCP port") : 0;
}
