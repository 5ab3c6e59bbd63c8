"""A connection pooler in front of PostgreSQL that can lose the server and then answers as pgbouncer does."""

import socket
import struct
import threading
from contextlib import suppress
from urllib.parse import quote

from tests.support.postgres import PASSWORD

WELCOME = b"R" + struct.pack("!ii", 8, 0) + b"Z" + struct.pack("!i", 5) + b"I"
LOST = b"SFATAL\0VFATAL\0C08P01\0Mserver login has been failing, try again later (server_login_retry)\0\0"
REFUSAL = b"E" + struct.pack("!i", 4 + len(LOST)) + LOST


class Pooler:
    """Listens on its own port. While ``is_lost``, it accepts connections and refuses the first query."""

    def __init__(self, socket_folder: str) -> None:
        self.is_lost = False
        self._behind = f"{socket_folder}/.s.PGSQL.5432"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def url(self, database: str) -> str:
        """Return the URL of a database through the pooler."""
        port = self._listening.getsockname()[1]
        who = f"postgres:{quote(PASSWORD, safe='')}"
        return f"postgresql+psycopg://{who}@127.0.0.1:{port}/{database}?sslmode=disable&gssencmode=disable"

    def stop(self) -> None:
        """Close the listening socket and every connection."""
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._open.append(client)
                threading.Thread(target=self._refuse if self.is_lost else self._pass_on, args=(client,)).start()

    def _refuse(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            client.recv(4096)
            client.sendall(WELCOME)
            if client.recv(4096):
                client.sendall(REFUSAL)

    def _pass_on(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._behind)
        self._open.append(server)
        answers = threading.Thread(target=self._copy, args=(server, client))
        answers.start()
        self._copy(client, server)
        answers.join()

    def _copy(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.is_lost:
                    break
                to.sendall(data)
        for one in (source, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
