"""A server on this machine that misbehaves in the way that an address asks for."""

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.torture.broken import HTML

# Answers by the first part of the path; the body is the file that was registered under the last.
WAYS = [
    "good", "short", "long", "slow", "silent", "closed", "page", "empty", "missing", "fails", "circle",
    "elsewhere", "bad-redirect", "bad-length", "bad-status", "endless-head", "gzip", "chunks", "private",
]  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        way, name = self.path.strip("/").split("/")[:2]
        body = self.server.files.get(name, b"")
        with suppress(OSError):  # the client has seen enough
            self.misbehave(way, name, body)
        self.close_connection = True

    def misbehave(self, way: str, name: str, body: bytes) -> None:
        status, length = 200, len(body)
        headers = {}
        match way:
            case "closed":
                return
            case "silent":
                time.sleep(20)
                return
            case "bad-status":
                self.wfile.write(b"HTTP/9.9 abc what\r\n\r\n")
                return
            case "endless-head":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n")
                return
            case "page":
                body = HTML
                length = len(body)
            case "empty":
                body, length = b"", 0
            case "missing" | "fails" | "private":
                status = {"missing": 404, "fails": 503, "private": 401}[way]
            case "circle" | "elsewhere" | "bad-redirect":
                status, body, length = 302, b"", 0
                headers["Location"] = {
                    "circle": f"/circle/{name}",
                    "elsewhere": "ftp://example.invalid/x",
                    "bad-redirect": "http://[bad",
                }[way]
            case "bad-length":
                length = "abc"
            case "long":
                length = len(body) + 9
            case "gzip":
                headers["Content-Encoding"] = "gzip"
            case "chunks":
                headers["Transfer-Encoding"], length = "chunked", None
                body = b"zz\r\n" + body
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if way in ("short", "slow"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            time.sleep(20 if way == "slow" else 0)
            return
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Serves ``files`` on every address of this machine, so that each case has a host of its own."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("0.0.0.0", 0), Handler)
        self.files: dict[str, bytes] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def address(self, case: int, way: str, name: str) -> str:
        return f"http://127.1.{case // 250}.{case % 250 + 1}:{self.server_port}/{way}/{name}"
