"""Reports for programs and browsers: results to text, without printing any of it."""

from host_tools.scenario.reports.json_junit import as_json, as_junit
from host_tools.scenario.reports.page import as_html

__all__ = ["as_html", "as_json", "as_junit"]
