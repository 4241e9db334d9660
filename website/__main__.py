"""Write the pages of the site, and what builds it, to build/website."""

import shutil

from website.pages import ROOT, write

if __name__ == "__main__":
    folder = ROOT / "build" / "website"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder)
