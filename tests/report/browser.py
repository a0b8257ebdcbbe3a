#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The HTML report in a browser: clicked through by mouse and by keyboard.

Usage: browser.py SAMPLE_REPORT_PROGRAM. Exits with 77 where there is no browser. With
DAXBREAK_PICTURES=DIR in the environment pictures of what was tested are left there.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from webdriver import Browser, Missing

MOST_BYTES = 5 << 20
HERE = "document.activeElement"


def check(condition, what):
    if not condition:
        raise SystemExit(f"browser: {what}")


class Page:
    def __init__(self, browser, url):
        self.browser, self.url = browser, url
        self.pictures = os.environ.get("DAXBREAK_PICTURES")

    def picture(self, name):
        if self.pictures:
            self.browser.picture(f"{self.pictures}/{name}.png")

    def value(self, expression):
        return self.browser.script(f"return {expression}")

    def clean(self, during):
        """Nothing went wrong in the page, and nothing was asked of anybody."""
        said = [entry["message"] for entry in self.browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        check(not said, f"console {during}: {said}")
        # data: is in the page itself, chrome: and about: are the browser's own pages.
        others = [url for url in self.browser.requests() if url.split("#")[0] != self.url
                  and not url.startswith(("data:", "chrome", "about:"))]
        check(not others, f"requests {during}: {others}")


def sections(page):
    ids = page.value("[...document.querySelectorAll('main > section')].map(one => one.id)")
    check(ids == ["overview", "matrix", "findings", "latency", "scaling", "census", "environment"], f"sections are {ids}")
    check(page.value("document.querySelectorAll('.warning').length") > 0, "nothing says that timings are emulation's")
    check(page.value("document.querySelectorAll('#overview tbody tr').length") == 4, "a kernel is missing")
    check("</script><!--<script>alert('1')</script> & \"quoted\"" in page.value("document.querySelector('.command').textContent"),
          "the command line is not what it was")
    check(page.value("document.querySelectorAll('#latency .plot path').length") >= 8, "a latency curve is missing")
    check(page.value("document.querySelectorAll('#scaling .plot').length") == 2, "scaling is not plotted")
    check(page.value("document.querySelectorAll('#scaling .plot .point').length") >= 4 * 6 * 2, "points are missing")
    check(page.value("[...document.querySelectorAll('#census .astray')].length") == 1, "a page astray is not marked")
    check("5,000" not in page.value("document.querySelector('#matrix').textContent"), "events are in the matrix")
    # Nothing of a run may become part of the page.
    check(page.value("document.querySelectorAll('script').length") == 2, "a script of the data's is in the page")


def accessible(page):
    unnamed = page.value("""[...document.querySelectorAll('button, input, select, [role=img], svg.timeline')].filter(one =>
        !(one.getAttribute('aria-label') || one.textContent.trim() || (one.labels && one.labels.length))).length""")
    check(unnamed == 0, f"{unnamed} controls have no name")
    cells = page.value("document.querySelectorAll('#matrix td.cell').length")
    named = page.value("""[...document.querySelectorAll('#matrix td.cell')].filter(one => one.getAttribute('aria-label')
        && one.getAttribute('role') === 'gridcell' && one.textContent.trim()).length""")
    check(cells > 100 and cells == named, f"{named} of {cells} cells have a role, a name and a letter")
    check(page.value("document.querySelectorAll('#matrix [role=grid] [tabindex=\"0\"]').length") == 1, "the grid is not one stop of Tab")


def by_mouse(page):
    browser = page.browser
    browser.click("#matrix td.cell .mark-known")
    browser.wait("document.querySelector('dialog[open]')", "the trial")
    check("lost-wakeup" in page.value("document.querySelector('dialog').textContent"), "the finding is not in the trial")
    events = page.value("document.querySelectorAll('dialog .events tbody tr').length")
    marks = page.value("document.querySelectorAll('dialog svg .event').length")
    check(events >= 10, f"{events} events are listed")
    check(marks > 3, f"{marks} events are drawn")
    # Drawn to scale: places on the axis grow as the times of the list do.
    browser.script("[...document.querySelectorAll('dialog .timeline-tools button')].find(b => b.textContent === 'everything').click()")
    drawn = page.value("""[...document.querySelectorAll('dialog svg .event')].map(one => [Number(one.dataset.place),
        Number(one.querySelector('.tick').getAttribute('x1'))])""")
    times = [float(text.replace("\u2212", "-").replace("+", "")) for text in
             page.value("[...document.querySelectorAll('dialog .events tbody tr')].map(one => one.cells[0].textContent)")]
    check(len(drawn) == len(times), f"{len(drawn)} of {len(times)} events are drawn")
    (first, left), (last, right) = min(drawn, key=lambda one: one[1]), max(drawn, key=lambda one: one[1])
    scale = (right - left) / (times[last] - times[first])
    off = max(abs(left + (times[place] - times[first]) * scale - x) for place, x in drawn)
    check(off < 1, f"an event is {off} pixels from its place")
    browser.click("dialog .events tbody tr:nth-child(5)")
    check(page.value("document.querySelector('dialog .event.marked').dataset.place") == "4", "the picked event is not marked")
    page.picture("trial")
    browser.click("dialog .close")
    check(not page.value("document.querySelector('dialog').open"), "the trial stays open")


def by_keyboard(page):
    browser = page.browser
    browser.script("document.querySelector('#matrix [role=grid] [tabindex=\"0\"]').focus()")
    browser.press("Home", "ArrowDown", "ArrowDown", "End")
    check(page.value(f"{HERE}.className.includes('cell')"), "the arrows do not reach a cell")
    shown = page.value(f"getComputedStyle({HERE}.querySelector('.mark')).outlineStyle")
    check(shown == "solid", f"the focus does not show: {shown}")
    before = page.value(f"{HERE}.getAttribute('aria-label')")
    browser.press("ArrowLeft")
    after = page.value(f"{HERE}.getAttribute('aria-label')")
    check(after != before, "the left arrow does nothing")
    browser.press("Enter")
    browser.wait("document.querySelector('dialog[open]')", "the trial")
    title = page.value("document.querySelector('#trial-title').textContent")
    check(all(word in title for word in re.findall(r"[\w-]+", after.split(":")[0])[-2:-1]), f"{after} opens {title}")
    browser.press("]")
    browser.wait(f"document.querySelector('#trial-title').textContent !== {title!r}", "the next trial")
    browser.press("[")
    browser.wait(f"document.querySelector('#trial-title').textContent === {title!r}", "the trial before")
    browser.press("Escape")
    browser.wait("!document.querySelector('dialog').open", "the end of the trial")
    check(page.value(f"{HERE}.getAttribute('aria-label')") == after, "the focus is not back where it was")
    browser.press("PageDown", "Home")
    check(page.value(f"{HERE}.className.includes('group')"), "Page Down does not reach a group")
    open_before = page.value(f"{HERE}.getAttribute('aria-expanded')")
    browser.press("Enter")
    check(page.value(f"{HERE}.getAttribute('aria-expanded')") != open_before, "Enter does not fold a group")
    browser.press("Enter")


def filters(page):
    browser = page.browser
    cells = "document.querySelectorAll('#matrix td.cell').length"
    heads = "[...document.querySelectorAll('#matrix .kernel')].map(one => one.textContent)"
    all_cells = page.value(cells)
    check(page.value(heads) == ["5.10", "6.1", "6.12", "7.2"], "columns are not the kernels")
    browser.click("#matrix .chip:nth-of-type(2)")
    check(page.value(heads) == ["5.10", "6.12", "7.2"], f"6.1 is still there: {page.value(heads)}")
    check(page.value(cells) < all_cells, "no cell went with its kernel")
    browser.click("#matrix .chip:nth-of-type(2)")
    check(page.value(cells) == all_cells, "the cells did not come back")
    browser.type("#filter", "punch-hole munmap")
    rows = page.value("[...document.querySelectorAll('#matrix tbody tr:not(.group-row) .label')].map(one => one.textContent)")
    check(rows and all("punch-hole" in row and "munmap" in row for row in rows), f"the filter leaves {rows}")
    browser.type("#filter", "no-such-thing")
    check(page.value("[...document.querySelectorAll('#matrix .note')].some(one => !one.hidden && one.textContent.startsWith('No trial'))"),
          "an empty matrix says nothing")
    browser.script("const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input'))")
    browser.script("const g = document.getElementById('group-by'); g.value = 'breaker'; g.dispatchEvent(new Event('change'))")
    check(page.value("document.querySelector('#matrix .group').title") == "truncate", "rows are not by breaker")
    browser.script("const g = document.getElementById('group-by'); g.value = 'pin'; g.dispatchEvent(new Event('change'))")
    check(page.value(cells) == all_cells, "cells were lost")


def colours(page):
    browser = page.browser
    paper = "getComputedStyle(document.body).backgroundColor"
    browser.media(prefers_color_scheme="light")
    light = page.value(paper)
    page.picture("light")
    browser.media(prefers_color_scheme="dark")
    dark = page.value(paper)
    check(light != dark, "the system's wish for dark changes nothing")
    page.picture("dark")
    browser.click("[data-theme-choice=light]")
    check(page.value(paper) == light, "light cannot be chosen")
    browser.click("[data-theme-choice=auto]")
    check(page.value(paper) == dark, "auto does not go back to the system's wish")
    browser.media(prefers_color_scheme="light")
    browser.click("[data-theme-choice=dark]")
    check(page.value(paper) == dark, "dark cannot be chosen")
    browser.click("[data-theme-choice=auto]")


def readable(page):
    """Text stands out from what it stands on, by WCAG's ratio of 4.5, in light and dark."""
    ratio = """
      const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
      const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
        return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
      const ground = (one) => { for (; one; one = one.parentElement) {
        const colour = getComputedStyle(one).backgroundColor;
        if (!/, 0\\)$|transparent/.test(colour)) return colour; } return "rgb(255, 255, 255)"; };
      const poor = [];
      for (const one of document.querySelectorAll("main *, body > header *")) {
        if (![...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || one.closest("svg")) continue;
        if (one.checkVisibility && !one.checkVisibility()) continue;
        const [a, b] = [light(getComputedStyle(one).color), light(ground(one))];
        const value = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (value < 4.5) poor.push(one.className + " " + one.tagName + " " + value.toFixed(2) + " " + one.textContent.slice(0, 20));
      }
      return [...new Set(poor)].slice(0, 8);"""
    for scheme in ("light", "dark"):
        page.browser.media(prefers_color_scheme=scheme)
        poor = page.browser.script(ratio)
        check(not poor, f"hard to read in {scheme}: {poor}")
    page.browser.media(prefers_color_scheme="light")


def narrow(page):
    browser = page.browser
    browser.resize(390, 800)
    page.picture("narrow")
    wide = page.value("document.documentElement.scrollWidth")
    outside = page.value("""[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > 391
        && !one.closest('.scroll, pre, dialog, svg, .visually-hidden')).map(one => one.tagName + '.' + one.className).slice(0, 8)""")
    check(wide <= 391, f"a narrow page is {wide} pixels wide, by {outside}")
    browser.resize(1280, 900)


def details(page):
    browser = page.browser
    browser.script("for (const one of document.querySelectorAll('#findings details')) one.open = true")
    browser.wait("[...document.querySelectorAll('.program')].some(one => one.textContent.includes('int main('))", "a program")
    text = page.value("[...document.querySelectorAll('.program')].map(one => one.textContent)")
    check(all("SPDX-License-Identifier" in one or "int main(" in one for one in text), "a program is not whole")
    browser.script("document.querySelector('#findings').scrollIntoView()")
    page.picture("findings")
    browser.script("for (const one of document.querySelectorAll('#findings details')) one.open = false")
    for name in ("latency", "scaling", "census", "environment"):
        browser.script(f"document.querySelector('#{name}').scrollIntoView({{behavior: 'instant'}})")
        page.picture(name)


def on_paper(page):
    whole = page.browser.paper()
    check(whole.startswith(b"%PDF") and len(whole) > 20_000, f"printing gives {len(whole)} bytes")
    if page.pictures:
        pathlib.Path(page.pictures, "whole.pdf").write_bytes(whole)
    pages = len(re.findall(rb"/Type\s*/Page\b", whole))
    check(pages >= 3, f"the report is printed on {pages} pages")
    page.browser.script("document.querySelector('#matrix td.cell').click()")
    one = page.browser.paper()
    check(len(re.findall(rb"/Type\s*/Page\b", one)) <= 3, "an open trial is printed with all that lies under it")
    page.browser.click("dialog .close")


def linked(page):
    """A trial's address opens it."""
    page.browser.open("about:blank")
    page.browser.open(page.url + "#trial=6.1%20ext4%2F4k%2Fodirect-read%2Ftruncate%2Fnone")
    page.browser.wait("document.querySelector('dialog[open]')", "the trial of the address")
    check(page.value("document.querySelector('#trial-title').textContent") == "ext4/4k/odirect-read/truncate/none",
          "another trial was opened")
    page.browser.media(prefers_color_scheme="dark")
    page.picture("trial-dark")


def main():
    text = subprocess.run([sys.argv[1], "html"], capture_output=True, timeout=120, check=True).stdout
    check(len(text) < MOST_BYTES, f"the page has {len(text)} bytes")
    with tempfile.TemporaryDirectory(prefix="daxbreak-report-") as folder:
        path = pathlib.Path(folder, "report.html")
        path.write_bytes(text)
        try:
            browser = Browser()
        except Missing as missing:
            print(f"browser: not tried: {missing}")
            return 77
        with browser:
            page = Page(browser, path.as_uri())
            browser.media(prefers_color_scheme="light")
            browser.resize(1280, 900)
            browser.open(page.url)
            for part in (sections, accessible, by_mouse, by_keyboard, filters, colours, readable, narrow, details, on_paper, linked):
                part(page)
                page.clean(f"in {part.__name__}")
                print(f"browser: {part.__name__} ok", flush=True)
            # The watch itself: what it must catch, it catches.
            browser.script("console.error('seen?')")
            check(any("seen?" in entry["message"] for entry in browser.log("browser")), "an error in the console is not seen")
    return 0


sys.exit(main())
