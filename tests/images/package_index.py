"""A private package index with TLS of its own: what is not in public/ takes a password, or the same as a token."""

import base64
import functools
import hashlib
import http.server
import io
import json
import ssl
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import daemon
from machine import run

USER, PASSWORD = "reader", "canary-7c2e"


@dataclass(frozen=True)
class Index:
    """An index at `url`, which containers reach; `authority` signed its certificate."""

    url: str
    host: str
    authority: Path


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") in {expected, f"Bearer {PASSWORD}"} or self.path.startswith("/public/"):
            super().do_GET()
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be silent."""


@contextmanager
def serve(folder: Path, certificates: Path) -> Iterator[Index]:
    """Serve the folder at the address that containers know this machine by."""
    address = daemon.client().networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    authority, pair = _certify(certificates, address)
    server = http.server.ThreadingHTTPServer((address, 0), functools.partial(Handler, directory=str(folder)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Index(f"https://{address}:{server.server_port}", address, authority)
    finally:
        server.shutdown()
        server.server_close()


def _certify(folder: Path, address: str) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    run("openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", cwd=folder)
    run("openssl", "req", *key, "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=index", cwd=folder)
    (folder / "names").write_text(f"subjectAltName=IP:{address}\n", encoding="utf-8")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"]
    run("openssl", "x509", "-req", "-in", "s.csr", *signed, "-out", "s.pem", cwd=folder)
    pair = folder / "pair.pem"
    pair.write_text((folder / "s.key").read_text() + (folder / "s.pem").read_text(), encoding="utf-8")
    return folder / "ca.pem", pair


def wheel(index: Path, name: str, version: str, files: Mapping[str, str], requires: str = "") -> str:
    """Put a wheel on the index in the folder; its SHA-256."""
    about = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    content = {
        **files,
        f"{about}/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in (*content, f"{about}/RECORD"))
    folder = index / "simple" / name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    # A + in an address means itself, but not to every server.
    links = (f'<a href="{path.name.replace("+", "%2B")}">{path.name}</a>' for path in sorted(folder.glob("*.whl")))
    (folder / "index.html").write_text("<!doctype html>\n" + "\n".join(links) + "\n", encoding="utf-8")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def npm_package(index: Path, url: str, name: str, version: str, files: Mapping[str, str]) -> None:
    """Put a package of Node.js on the index in the folder, which is at the URL, as the registry `URL/npm`."""
    manifest = {"name": name, "version": version, "main": "index.js"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in {"package.json": json.dumps(manifest), **files}.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    content = buffer.getvalue()
    (index / "npm/archives").mkdir(parents=True, exist_ok=True)
    (index / f"npm/archives/{name}-{version}.tgz").write_bytes(content)
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    about = {"tarball": f"{url}/npm/archives/{name}-{version}.tgz", "integrity": integrity}
    packument = {"name": name, "dist-tags": {"latest": version}, "versions": {version: {**manifest, "dist": about}}}
    (index / f"npm/{name}").write_text(json.dumps(packument), encoding="utf-8")


def gem_index(folder: Path) -> None:
    """Write the compact index of RubyGems for the gems that are in `gems/` of a folder, which have no dependencies."""
    (folder / "info").mkdir(exist_ok=True)
    lines = dict[str, list[str]]()
    for gem in sorted((folder / "gems").glob("*.gem")):
        name, _, version = gem.stem.rpartition("-")
        lines.setdefault(name, []).append(f"{version} |checksum:{hashlib.sha256(gem.read_bytes()).hexdigest()}")
    versions = ["created_at: 2026-01-01T00:00:00Z", "---"]
    for name, rows in lines.items():
        info = "\n".join(["---", *rows, ""])
        (folder / "info" / name).write_text(info, encoding="utf-8")
        numbers = ",".join(row.split()[0] for row in rows)
        versions.append(f"{name} {numbers} {hashlib.md5(info.encode(), usedforsecurity=False).hexdigest()}")
    (folder / "versions").write_text("\n".join([*versions, ""]), encoding="utf-8")
