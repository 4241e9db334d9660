"""The site: links between its pages, the menu, the reference; a build without a warning."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from website.notebook import as_markdown, with_outputs
from website.pages import ROOMS, ROOT, menu, page, reference, sources, write

BUILDER = ROOT / ".venv-docs" / "bin" / "zensical"


def test_links_lead_to_where_the_pages_are() -> None:
    pages = sources()
    assert pages["README.md"] == "index.md"
    assert "(architecture.md#adding-something)" in page("README.md", pages)
    assert "(config.md#tasks-of-other-packages)" in page("docs/tests.md", pages)
    assert "(learning.md)" in page("docs/model.md", pages)


def test_links_to_what_is_no_page_keep_their_text() -> None:
    text = page("docs/cluster.md", sources())
    assert "profiles/htcondor/config.yaml" in text
    assert "](../profiles" not in text


def test_links_to_the_notebook_lead_to_its_page() -> None:
    assert "[notebook.ipynb](notebook.md)" in page("docs/python.md", sources())


def test_the_menu_has_every_page_once() -> None:
    pages = {target for target in sources().values() if target.endswith(".md")}
    listed = [name for group in menu(pages) for names in group.values() for name in names]
    assert sorted(listed) == sorted(pages | {f"reference/{room}.md" for room in ROOMS})


def test_the_reference_names_the_modules_of_a_room() -> None:
    assert "::: mpn_rl.networks.mpn\n" in reference("networks")
    assert reference("observations") == "# mpn_rl.observations\n\n::: mpn_rl.observations\n"


def test_a_notebook_shows_values_and_figures_but_no_progress(tmp_path: Path) -> None:
    cells = [
        ("markdown", "# Two numbers"),
        ("code", "import matplotlib.pyplot as plt\nprint('working')\na = 3"),
        ("code", "plt.plot([a]);"),
        ("code", "2 * a"),
    ]
    page = with_outputs(cells, tmp_path)
    assert page.startswith(as_markdown(cells[:1]))
    assert page.endswith("```python\n2 * a\n```\n\n```text\n6\n```")
    (picture,) = tmp_path.iterdir()
    assert page.count("![figure]") == 1
    assert f"plt.plot([a]);\n```\n\n![figure]({picture.name})" in page
    assert "working\n" not in page


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """`make site` installs what builds it."""
    if not BUILDER.exists():
        if os.environ.get("MPN_RL_REQUIRE_SITE"):
            pytest.fail("`make site` has not installed Zensical")
        pytest.skip("needs Zensical, which `make site` installs into .venv-docs")
    write(tmp_path, run_notebook=False)
    (tmp_path / "mpn_rl").symlink_to(ROOT / "mpn_rl")
    settings = (tmp_path / "mkdocs.yml").read_text().replace("paths: [../..]", "paths: [.]")
    (tmp_path / "mkdocs.yml").write_text(settings)
    command = [BUILDER, "build", "--strict", "-f", tmp_path / "mkdocs.yml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    site = tmp_path / "site"
    nav = yaml.safe_load(settings[settings.index("nav:") :])["nav"]
    for name in (name for group in nav for names in group.values() for name in names):
        built = site / name.removesuffix(".md") / "index.html"
        assert (site / "index.html" if name == "index.md" else built).stat().st_size > 5_000, name
    assert "Multi-Plasticity" in (site / "reference" / "networks" / "index.html").read_text()
