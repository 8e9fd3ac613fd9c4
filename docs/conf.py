"""Settings of Sphinx: the manual for a browser, from the files that the program shows as help."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from pathlib import Path

DOCS = Path(__file__).parent

project = "mtrrviz"
author = "the mtrrviz developers"
copyright = author  # noqa: A001 # Sphinx's name
version = release = installed_version("mtrrviz")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
root_doc = "index"

myst_heading_anchors = 2
#: Live examples are links that the program follows; in a browser they stand for themselves.
myst_url_schemes = {"http": None, "https": None, "mailto": None, "mtrrviz": None}
#: Examples of logs have the name of their format where others have a language.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"mtrrviz {release}"
html_favicon = "../resources/icons/mtrrviz.svg"
html_logo = "../resources/icons/mtrrviz.svg"
html_copy_source = False
html_show_sourcelink = False
