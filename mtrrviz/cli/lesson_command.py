"""`mtrrviz lesson`: what lessons there are, and whether a lesson holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.cli.commands import GOOD, print_text
from mtrrviz.cli.grammars.grammar import Grammar
from mtrrviz.cli.terminal.aside import say, say_plainly
from mtrrviz.core.errors import MtrrvizError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

NOT_DONE, FAULTY = 1, 2

DETAILS = """\
Lessons are Markdown files with steps that check themselves; docs/lessons.md
tells how to write one.

  list    name the lessons that come with the program
  check   play lessons to their end and tell what is wrong with them, by line
  worksheet
          write a lesson as one page to print, HTML or PDF, with or without answers
  grade   tell what learners' results come to, computed again from what they did

LESSON is a file or the name of a lesson that comes with the program. The exit
code of check is 2 if anything is wrong, that of grade 1 if a step is not done.

examples:
  mtrrviz lesson list
  mtrrviz lesson check my-lesson.md
  mtrrviz lesson worksheet variable-ranges -o sheet.html
  mtrrviz lesson worksheet variable-ranges --answers -o answers.pdf
  mtrrviz lesson grade results/*.json
  mtrrviz lesson grade ann.json --lesson my-lesson.md
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what is done with lessons, each with arguments of its own."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="name the lessons that come with the program")
    listing.set_defaults(action=_list)
    checking = actions.add_parser("check", help="tell what is wrong with lessons, by line")
    checking.add_argument("files", metavar="LESSON", nargs="+", help="a file or a lesson's name")
    checking.set_defaults(action=_check)
    sheet = actions.add_parser("worksheet", help="write a lesson as a page to print")
    sheet.add_argument("file", metavar="LESSON", help="a file or a lesson's name")
    what = "with the answers, and why they are right"
    sheet.add_argument("--answers", action="store_true", help=what)
    what = "the file to write, X.html or X.pdf; default: - for standard output, HTML"
    sheet.add_argument("-o", "--output", metavar="X.html", default="-", help=what)
    sheet.set_defaults(action=_worksheet)
    grading = actions.add_parser("grade", help="tell what learners' results come to")
    grading.add_argument("files", metavar="RESULT", nargs="+", help="a result, saved by mtrrviz")
    what = "the lesson; default: the one that comes with the program under the result's name"
    grading.add_argument("--lesson", metavar="LESSON", default=None, help=what)
    grading.set_defaults(action=_grade)


def lesson(args: Namespace) -> int:
    """Do what is asked for with lessons."""
    return args.action(args)


def _list(_args: Namespace) -> int:
    from mtrrviz.exporters.text_tables import text_table
    from mtrrviz.lessons.lesson_library import shipped_lessons

    header = ["lesson", "kind", "title", "minutes", "tasks"]
    rows = [
        [one.name, one.kind.value, one.title, str(one.minutes), str(one.task_count)]
        for one in shipped_lessons()
    ]
    print_text("\n".join(text_table(header, rows, left_columns=3)))
    return GOOD


def _check(args: Namespace) -> int:
    """Print what is wrong with each lesson; errors go to stderr, by line."""
    return max(_checked(name) for name in args.files)


def _checked(name: str) -> int:
    from mtrrviz.lessons.checking_lesson import check_lesson
    from mtrrviz.lessons.lesson_fault import LessonError
    from mtrrviz.lessons.lesson_library import find_lesson
    from mtrrviz.lessons.reading.read_lesson import read_lesson

    try:
        found = read_lesson(find_lesson(name))
        faults = check_lesson(found)
        if faults:
            raise LessonError(found.file, faults)
    except LessonError as error:
        for line in error.lines:
            say_plainly(line)
        return FAULTY
    except MtrrvizError as error:
        say(str(error))
        return FAULTY
    steps, tasks = len(found.steps), found.task_count
    print_text(f"{found.name}: good ({steps} steps, {tasks} tasks)")
    return GOOD


def _worksheet(args: Namespace) -> int:
    """Write a lesson as a page."""
    from mtrrviz.cli.options.output_files import format_of
    from mtrrviz.exporters.output import write_parts
    from mtrrviz.lessons.lesson_library import find_lesson
    from mtrrviz.lessons.reading.read_lesson import read_lesson
    from mtrrviz.lessons.worksheet import worksheet

    form = format_of(args.output, ("html", "pdf"))
    page = worksheet(read_lesson(find_lesson(args.file)), with_answers=args.answers)
    if form == "pdf":
        _write_pdf(page, args.output)
    else:
        write_parts([page], args.output)
    return GOOD


def _write_pdf(page: str, name: str) -> None:
    """Lay a page out on paper, for which Qt is needed."""
    from pathlib import Path

    from mtrrviz.cli.window import loading_qt

    with loading_qt():
        from mtrrviz.gui.export.render import app_without_screen
        from mtrrviz.gui.lessons.worksheets import write_page

        app = app_without_screen()  # which has to live as long as there is a page
    write_page(page, Path(name))
    del app


def _grade(args: Namespace) -> int:
    """Print what each result comes to."""
    return max(_graded(name, args.lesson) for name in args.files)


def _graded(name: str, lesson_name: str | None) -> int:
    from pathlib import Path

    from mtrrviz.exporters.text_tables import text_table
    from mtrrviz.lessons.grading import grade, grade_cells
    from mtrrviz.lessons.lesson_library import find_lesson
    from mtrrviz.lessons.progress import read_progress
    from mtrrviz.lessons.reading.read_lesson import read_lesson

    try:
        progress = read_progress(Path(name))
        graded = grade(progress, read_lesson(find_lesson(lesson_name or progress.lesson)))
    except MtrrvizError as error:
        said = str(error)
        where = "" if name in said else f"{name}: "
        say(f"{where}{said}")
        return FAULTY
    header, rows = grade_cells(graded)
    who = f"{graded.learner}: " if graded.learner else ""
    print_text(f"{name}: {who}{graded.lesson}, {graded.done} of {len(graded.steps)} steps done")
    print_text("\n".join([*text_table(header, rows, left_columns=2), ""]))
    return GOOD if graded.done == len(graded.steps) else NOT_DONE


GRAMMAR = Grammar(DETAILS, add_arguments, lesson)
