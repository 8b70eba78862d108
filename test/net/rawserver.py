"""A server of a few lines for what real servers never do: raw bytes for each head that comes."""

import socket
import threading

from netlib import load


class Raw:
    """A server on a thread: `answer(connection, head)` for each head that comes; counts what it gets."""

    def __init__(self, answer):
        self.answer, self.heads, self.body, self.connections = answer, 0, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.threads = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def read_body(self, c, rest, n):
        while len(rest) < n:
            more = c.recv(65536)
            if not more:
                break
            rest += more
        self.body += min(len(rest), n)
        return rest[n:]

    def serve(self, c):
        rest = b""
        try:
            while True:
                while b"\r\n\r\n" not in rest:
                    more = c.recv(65536)
                    if not more:
                        return
                    rest += more
                head, rest = rest.split(b"\r\n\r\n", 1)
                self.heads += 1
                rest = self.answer(self, c, head.decode(), rest)
                if rest is None:
                    return
        except OSError:
            pass
        finally:
            c.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def raw_load(answer, *args):
    with Raw(answer) as server:
        run = load("-c", "2", "-d", "400ms", "--warmup", "0s", *args, f"http://127.0.0.1:{server.port}/")
        return server, run
