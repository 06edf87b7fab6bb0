# SPDX-License-Identifier: Apache-2.0
"""One tab: how it looks (width, light or dark, paper), whether its scripts run, and what it does unasked."""
import base64
import json
import pathlib
import re

CHECKS = pathlib.Path(__file__).parent / "checks"


class Page:
    def __init__(self, tools):
        self._tools = tools
        target = tools.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = tools.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self._common = (CHECKS / "common.js").read_text()
        self.look()

    def call(self, method, **parameters):
        return self._tools.call(method, self._session, **parameters)

    def look(self, width=1440, scheme="light", media="screen"):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                  mobile=width < 800)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path, scripts=True):
        self.path = path
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._tools.events.clear()
        self._url = pathlib.Path(path).resolve().as_uri()
        failed = self.call("Page.navigate", url=self._url).get("errorText")
        if failed:
            raise RuntimeError(f"{path}: {failed}")
        self._tools.wait("Page.loadEventFired", self._session)

    def unasked(self):
        """Errors, warnings and requests since open()."""
        for event in self._tools.events:
            what = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                details = what["exceptionDetails"]
                yield "script: " + details.get("exception", {}).get("description", details["text"]).split("\n")[0]
            elif event["method"] == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
                yield "console: " + " ".join(str(a.get("value", a.get("description"))) for a in what["args"])
            elif event["method"] == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
                yield "console: " + what["entry"]["text"]
            elif event["method"] == "Network.requestWillBeSent":
                url = what["request"]["url"]
                if url != self._url and not re.match("data:|blob:", url):
                    yield "network: it asks for " + url

    def value(self, expression):
        """What an expression is, with the helpers of checks/common.js."""
        result = self.call("Runtime.evaluate", expression=f"(() => {{{self._common}\nreturn {expression};}})()",
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def check(self, name, **options):
        """Complaints of checks/NAME.js, a function of `options`."""
        return self.value(f"({(CHECKS / (name + '.js')).read_text()})({json.dumps(options)})")

    def press(self, key):
        """A key where the focus is, as a person would."""
        codes = {"Enter": 13, "ArrowRight": 39, "Escape": 27, "Tab": 9, "End": 35}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key],
                      **(text if kind == "keyDown" else {}))

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def tap(self, x, y):
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def pdf(self):
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(printed["data"])

    def picture(self, whole=True):
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(taken["data"])
