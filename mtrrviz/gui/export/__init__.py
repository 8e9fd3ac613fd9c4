"""Exporting: pictures of views, tables, traces and reports, with progress and cancel."""
