# SPDX-License-Identifier: Apache-2.0
"""The DevTools protocol over a pipe: JSON messages, each ended by a NUL."""
import json
import os
import select
import time


class Silent(Exception):
    """Chromium said nothing for too long, or is gone."""


class DevTools:
    def __init__(self, browser, seconds):
        self._browser = browser
        self._seconds = seconds
        self._bytes = b""
        self._last = 0
        self.events = []

    def _message(self, doing):
        until = time.monotonic() + self._seconds
        while b"\0" not in self._bytes:
            left = until - time.monotonic()
            ready = select.select([self._browser.answers], [], [], max(left, 0))[0]
            if not ready:
                raise Silent(f"Chromium has said nothing for {self._seconds:g} s, during {doing}")
            more = os.read(self._browser.answers, 1 << 16)
            if not more:
                raise Silent(f"Chromium ended during {doing}")
            self._bytes += more
        text, self._bytes = self._bytes.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        try:
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self._browser.to, data):]
        except BrokenPipeError:
            raise Silent(f"Chromium was gone before {method}") from None
        while True:
            answer = self._message(method)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait(self, method, session):
        """The first event of this name that has not been taken yet."""
        while True:
            for event in self.events:
                if event["method"] == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return event["params"]
            answer = self._message(method)
            if "method" in answer:
                self.events.append(answer)
