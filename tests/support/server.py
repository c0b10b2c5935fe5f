"""The real `rollcall` binary as a process on a free loopback port, with its own data directory."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx

from support.client import Api

ADMIN_EMAIL = "admin@test.example"
ADMIN_PASSWORD = "correct horse battery staple"
ROOT = Path(__file__).resolve().parents[2]


def binary():
    if chosen := os.environ.get("ROLLCALL_TEST_BIN"):
        return Path(chosen)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    target = Path(os.environ.get("CARGO_TARGET_DIR", cache / "rollcall" / "target"))
    return target / "release" / "rollcall"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """Asks Linux to kill this process when the test run dies, so that nothing is left behind even by `kill -9`."""
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)


class Server:
    """One data directory, and at most one process at a time that serves it."""

    def __init__(self, data_dir, **settings):
        self.data_dir = Path(data_dir)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = self.data_dir.parent / f"{self.data_dir.name}.log"
        self.process = None
        self.settings = settings
        self.admin_email, self.admin_password = ADMIN_EMAIL, ADMIN_PASSWORD

    def environment(self):
        ours = {name: value for name, value in os.environ.items() if not name.startswith("ROLLCALL_")}
        return {
            **ours,
            "ROLLCALL_DATA_DIR": str(self.data_dir),
            "ROLLCALL_LISTEN": f"127.0.0.1:{self.port}",
            "ROLLCALL_PUBLIC_URL": self.url,
            **{name: str(value) for name, value in self.settings.items()},
        }

    def run(self, *arguments, timeout=120):
        """A command of the binary that ends by itself; its standard output."""
        done = subprocess.run(
            [str(binary()), *map(str, arguments)],
            env=self.environment(), capture_output=True, text=True, timeout=timeout, check=False,
        )
        assert done.returncode == 0, f"rollcall {arguments[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def init(self):
        self.run("init", "--data-dir", self.data_dir, "--admin-email", ADMIN_EMAIL, "--admin-password", ADMIN_PASSWORD)
        return self

    def launch(self):
        """The process, not yet ready."""
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(
                [str(binary()), "serve"], env=self.environment(), stdout=log, stderr=subprocess.STDOUT, preexec_fn=end_with_parent
            )

    def start(self, within=60):
        assert self.process is None, "already running"
        self.process = self.launch()
        deadline = time.monotonic() + within
        while not self.ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the server is not ready after {within} s:\n{self.log_tail()}")
            time.sleep(0.05)
        return self

    def ready(self):
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self):
        """As a power cut: no handler runs."""
        self._end(signal.SIGKILL, 10)

    def stop(self, within=30):
        """As a restart by an operator; the exit code must be 0."""
        code = self._end(signal.SIGTERM, within)
        assert code in (0, None), f"the server ended with {code} on SIGTERM:\n{self.log_tail()}"

    def _end(self, how, within):
        if self.process is None:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise AssertionError(f"the server did not end within {within} s:\n{self.log_tail()}") from None

    def restart(self):
        self.stop()
        return self.start()

    def log_tail(self, lines=40):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def anonymous(self):
        return Api(self.url)

    def sign_in(self, email=ADMIN_EMAIL, password=ADMIN_PASSWORD):
        return Api(self.url).sign_in(email, password)

    def with_key(self, key):
        return Api(self.url, key=key)
