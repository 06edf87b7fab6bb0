# SPDX-License-Identifier: Apache-2.0
"""Opens HTML reports in a Chromium without a window and says what is wrong with them.

  check_pages.py [--planted] [--made ASSAY RESULT.json] [--seconds N] PAGE.html...

Exit code: 0 nothing is wrong, 1 something is, 77 no Chromium is here. --planted checks the checks
too, with faults planted in these pages; --made looks also at what ASSAY makes of RESULT where its texts are hostile
and its cases many.
"""
import argparse
import os
import sys
import tempfile
import time

import chromium
import devtools
import examine
import made
import planted
from page import Page


def main():
    options = argparse.ArgumentParser()
    options.add_argument("pages", nargs="*")
    options.add_argument("--planted", action="store_true")
    options.add_argument("--made", nargs=2, metavar=("ASSAY", "RESULT"))
    options.add_argument("--seconds", type=float, default=60)
    options = options.parse_args()
    path, why = chromium.find()
    if path is None:
        print(f"skipped: {why}")
        return 77
    wrong = 0
    try:
        with chromium.Chromium(path) as browser, tempfile.TemporaryDirectory(prefix="assay-browser-") as folder:
            page = Page(devtools.DevTools(browser, options.seconds))
            began = time.monotonic()
            pages = [(name, None) for name in options.pages]
            if options.made:
                pages += made.pages(*options.made, folder)
            for name, parts in pages:
                for complaint in examine.complaints(page, name, parts):
                    print(f"{name}: {complaint}")
                    wrong += 1
            for complaint in made.printed_wrongly(*options.made, folder) if options.made else ():
                print(complaint)
                wrong += 1
            looked = time.monotonic()
            if options.planted:
                for complaint in planted.missed(page, sorted(options.pages, key=os.path.getsize), folder, examine.complaints):
                    print(complaint)
                    wrong += 1
            print(f"{len(pages)} pages in {looked - began:.1f} s, "
                  f"{len(planted.FAULTS) if options.planted else 0} planted faults in {time.monotonic() - looked:.1f} s")
    except devtools.Silent as silent:
        print(f"error: {silent}")
        return 1
    print(f"{wrong} complaints" if wrong else "nothing is wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
