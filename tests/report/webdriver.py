# SPDX-License-Identifier: GPL-2.0
"""A browser without a screen, driven by the WebDriver protocol (W3C) over HTTP. Nothing but Python's
own library is needed, and Debian's chromium and chromium-driver."""
import base64
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that the protocol names elements by
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014",
        "ArrowDown": "\ue015", "Home": "\ue011", "End": "\ue010", "PageDown": "\ue00f", "PageUp": "\ue00e", "Tab": "\ue004"}
START = 60   # seconds for the driver to say its port
ANSWER = 120  # seconds for any one command; a software-emulated machine is slow


class Missing(Exception):
    """No browser here; the text says what."""


class WebDriverError(Exception):
    pass


class Browser:
    """One window. A context manager: leaving it ends browser and driver."""

    def __init__(self, width=1280, height=900):
        driver = shutil.which("chromedriver") or shutil.which("chromium-driver")
        browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not driver or not browser:
            raise Missing("no chromium and chromedriver here (scripts/setup --browser installs them)")
        self.folder = tempfile.TemporaryDirectory(prefix="daxbreak-browser-", ignore_cleanup_errors=True)
        self.output = open(os.path.join(self.folder.name, "driver.log"), "w+")
        self.driver = subprocess.Popen([driver, "--port=0"], stdout=self.output, stderr=subprocess.STDOUT)
        self.session = None
        try:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=ANSWER)
            arguments = ["--headless=new", f"--user-data-dir={self.folder.name}/profile", f"--window-size={width},{height}",
                         "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-component-update",
                         "--disable-background-networking", "--disable-dev-shm-usage", "--force-device-scale-factor=1"]
            if os.geteuid() == 0:
                arguments.append("--no-sandbox")  # root has no user namespace to hide in
            made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": {"binary": browser, "args": arguments},
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
            self.session = made["sessionId"]
        except Exception:
            self.close()
            raise

    def port(self):
        until = time.monotonic() + START
        while time.monotonic() < until:
            with open(self.output.name) as log:
                found = re.search(r"started successfully on port (\d+)", log.read())
            if found:
                return int(found.group(1))
            if self.driver.poll() is not None:
                break
            time.sleep(0.1)
        raise WebDriverError("the driver did not start: " + open(self.output.name).read()[-500:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.session:
            try:
                self.call("DELETE", f"/session/{self.session}")
            except (OSError, WebDriverError, http.client.HTTPException):
                pass
            self.session = None
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait(10)
        self.output.close()
        self.folder.cleanup()

    def call(self, method, path, body=None):
        data = None if method in ("GET", "DELETE") else json.dumps(body or {})
        self.connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        value = json.loads(answer.read())["value"]
        if answer.status != 200:
            raise WebDriverError(f"{method} {path}: {value.get('error')}: {value.get('message', '')[:400]}")
        return value

    def do(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def script(self, text, *arguments):
        return self.do("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def element(self, selector):
        return self.do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        # The protocol itself only looks whether it is in view, not whether something lies over it.
        self.script("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.do("POST", f"/element/{self.element(selector)}/click")

    def type(self, selector, text):
        self.do("POST", f"/element/{self.element(selector)}/value", {"text": text})

    def press(self, *keys):
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def wait(self, condition, what, limit=30):
        """Until the script's expression is true."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            if self.script(f"return Boolean({condition})"):
                return
            time.sleep(0.1)
        raise WebDriverError(f"{what} did not come in {limit} s")

    def devtools(self, command, **parameters):
        return self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def media(self, **features):
        """Pretends the system wants this: media(prefers_color_scheme="dark")."""
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def resize(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def log(self, kind):
        return self.do("POST", "/se/log", {"type": kind})

    def requests(self):
        """The address of everything that was asked for since the last time."""
        addresses = []
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                parameters = message["params"]
                addresses.append(parameters.get("request", parameters)["url"])
        return addresses

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.do("GET", "/screenshot")))

    def paper(self):
        """The page as PDF."""
        return base64.b64decode(self.do("POST", "/print", {"background": True, "shrinkToFit": True}))
