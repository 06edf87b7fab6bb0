# SPDX-License-Identifier: Apache-2.0
"""Finds a Chromium and runs it without a window, in a profile of its own that goes with it."""
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "headless_shell")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--no-default-browser-check", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--mute-audio", "about:blank",
)


def find():
    """Path and None, or None and why there is none."""
    names = (os.environ["ASSAY_CHROMIUM"],) if os.environ.get("ASSAY_CHROMIUM") else NAMES
    why = "no Chromium is here (looked for " + ", ".join(names) + ")"
    for name in names:
        path = shutil.which(name)
        if path is None:
            continue
        # Ubuntu's package is a stub that asks for a snap: it is there, and is none.
        try:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20).stdout
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
        if any(character.isdigit() for character in said) and "snap" not in said:
            return path, None
        why = f"{path} is no Chromium that runs: {said.strip() or 'it names no version'}"
    return None, why


class Chromium:
    """`to` is written to, `answers` is read from."""

    def __init__(self, path):
        self._profile = tempfile.TemporaryDirectory(prefix="assay-browser-", ignore_cleanup_errors=True)
        its_in, self.to = os.pipe()
        self.answers, its_out = os.pipe()
        # It wants them as 3 and 4; above those neither stands in the other's way.
        high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (its_in, its_out)]
        nothing = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, nothing, target) for target in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        words = [path, f"--user-data-dir={self._profile.name}", *FLAGS]
        if os.geteuid() == 0:  # as root its sandbox refuses to work
            words.insert(1, "--no-sandbox")
        self._pid = os.posix_spawn(path, words, os.environ, file_actions=actions, setpgroup=0)
        for end in (its_in, its_out, nothing, *high):
            os.close(end)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self._pid, signal.SIGKILL)  # of its own group, so with all that it started
        except ProcessLookupError:
            pass
        os.waitpid(self._pid, 0)
        os.close(self.to)
        os.close(self.answers)
        self._profile.cleanup()
