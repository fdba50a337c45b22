"""A way to DynamoDB on which answers get stuck: the write is made, and nobody hears of it until the way is cleared."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class StallingWay:
    """`stall(operation, after)` lets so many calls of the operation pass and holds back the answer of the next."""

    def __init__(self, address: str) -> None:
        self.stuck = threading.Event()
        self._cleared = threading.Event()
        self._operation, self._left = "", 0
        self._lock = threading.Lock()
        way, parts = self, urlsplit(address)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                onward = HTTPConnection(parts.netloc, timeout=30)
                onward.request("POST", "/", body, dict(self.headers.items()))
                response = onward.getresponse()
                answer = response.read()
                onward.close()
                if way._is_to_stall(self.headers["x-amz-target"].rpartition(".")[2]):
                    way.stuck.set()
                    way._cleared.wait(60)
                    self.close_connection = True
                    return
                self.send_response(response.status)
                for name in ("content-type", "x-amz-crc32"):
                    if name in response.headers:
                        self.send_header(name, response.headers[name])
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *said: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stall(self, operation: str, after: int) -> None:
        with self._lock:
            self._operation, self._left = operation, after + 1
        self.stuck.clear()
        self._cleared.clear()

    def clear(self) -> None:
        with self._lock:
            self._operation = ""
        self._cleared.set()

    def close(self) -> None:
        self.clear()
        self._server.shutdown()
        self._server.server_close()

    def _is_to_stall(self, operation: str) -> bool:
        with self._lock:
            if operation != self._operation:
                return False
            self._left -= 1
            return self._left <= 0  # the next try of the same write as well
