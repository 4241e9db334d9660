"""The tables of docs/performance.md are those that were found."""

from benchmarks.page import lines_of, rewritten

PAGE = "Before\n<!-- bench: pqn -->\nold\n<!-- end -->\n<!-- bench: other -->\nkept\n<!-- end -->\n"


def test_a_table_is_written_anew_and_what_was_not_measured_stays():
    found = {"tables": {"pqn": [["core", "rate"], ["mpn", "9"]]}, "marks": "", "about": ""}
    page = rewritten(PAGE, found)
    assert (
        "<!-- bench: pqn -->\n\n| core | rate |\n| --- | --- |\n| mpn | 9 |\n\n<!-- end -->" in page
    )
    assert "old" not in page
    assert "<!-- bench: other -->\nkept\n<!-- end -->" in page
    assert rewritten(page, found) == page


def test_lines_are_counted_by_module(tmp_path):
    (tmp_path / "a.py").write_text("1\n2\n")
    (tmp_path / "b.py").write_text("1\n")
    assert lines_of(tmp_path) == [["module", "lines"], ["a.py", "2"], ["b.py", "1"], ["all", "3"]]
