"""The learning curves of a comparison in one figure, a panel per problem."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from mpn_rl.canvas import new_figure, printable
from mpn_rl.errors import UserError
from mpn_rl.figures.comparison import Line, draw_lines
from mpn_rl.figures.style import applied, foot_legend, panels
from mpn_rl.parameters.points import core_of
from mpn_rl.sweep.compare.subjects import Subject
from mpn_rl.sweep.results.drawings import QUANTITY_LABELS, curve_table, recorded_quantity

COLUMNS, MAX_PANELS = 3, 60
_WIDTH, _HEIGHT = 3.6, 2.4  # of a panel, in inches


@applied()
def curves_figure(subjects: Sequence[Subject]) -> Figure:
    """Draw the IQM over seeds of every subject's curves with 95 % intervals, problem by problem.

    Raises UserError where there are more problems than fit into a figure, or none has a curve.
    """
    problems = [*dict.fromkeys(problem for one in subjects for problem in one.runs)]
    if len(problems) > MAX_PANELS:
        raise UserError(
            f"{len(problems)} problems are too many for a figure of {MAX_PANELS} panels"
        )
    columns = min(COLUMNS, len(problems))
    rows = -(-len(problems) // columns)
    foot = 0.75 + 0.17 * (1 + len(subjects) // 4)
    figure = new_figure(0.9 + (_WIDTH + 0.2) * columns, foot + 0.3 + (_HEIGHT + 0.5) * rows)
    axes = panels(figure, rows, columns, left=0.8, top=0.35, bottom=foot).ravel()
    handles: dict[str, object] = {}
    for ax, problem in zip(axes, problems, strict=False):
        here = [one for one in subjects if problem in one.runs]
        quantity = recorded_quantity([block for one in here for block in one.blocks(problem)])
        lines = [_line(one, problem, quantity) for one in here]
        # every subject in every panel, so that its look is the same in all
        draw_lines(ax, lines, {one.label: _core(one) for one in subjects})
        ax.set_title(printable(problem), parse_math=False)
        ax.set_ylabel(QUANTITY_LABELS[quantity])
        found, names = ax.get_legend_handles_labels()
        handles |= dict(zip(names, found, strict=True))
    for ax in axes[len(problems) :]:
        ax.remove()
    foot_legend(figure, list(handles.values()), columns=4)  # type: ignore[arg-type]
    return figure


def _line(subject: Subject, problem: str, quantity: str) -> Line:
    return Line(subject.label, _core(subject), curve_table(subject.blocks(problem), quantity))


def _core(subject: Subject) -> str:
    cores = {core_of(run) for run in subject.runs.values()}
    return cores.pop() if len(cores) == 1 else ", ".join(sorted(cores))
