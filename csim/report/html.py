"""An executed notebook as one page that stands alone: no request leaves it, code is hidden, fonts travel inside."""

from __future__ import annotations

import html
import re
from importlib import resources
from pathlib import Path

from csim.display.fonts import font_face_css

NOTES = "notes"  # cells with this tag are for whoever opens the notebook, not for the page


def page_of(notebook: Path, lang: str) -> str:
    """
    The page of an executed report notebook.

    Raises:
        RuntimeError: The notebook holds an error: such a page would look finished and be wrong.
    """
    import nbformat
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    content = nbformat.read(notebook, as_version=4)
    if any(output["output_type"] == "error" for cell in content["cells"] for output in cell.get("outputs", [])):
        raise RuntimeError(f"{notebook.name} failed: no page is written")
    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = {NOTES, "parameters", "injected-parameters"}
    exporter = HTMLExporter(config=config, template_name="basic", exclude_input=True, embed_images=True)
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    exporter.register_preprocessor("nbconvert.preprocessors.TagRemovePreprocessor", enabled=True)
    for cell in content["cells"]:
        cell["outputs"] = [o for o in cell.get("outputs", []) if "text/html" in o.get("data", {})]
    body, _ = exporter.from_notebook_node(content)
    return standalone(_tidied(body), lang)


def standalone(body: str, lang: str) -> str:
    """
    A piece of a page as a page of its own: styled, with the Chinese glyphs it needs; no request leaves it.

    Examples:
        >>> page = standalone("<h1>Statement</h1>", "en")
        >>> '<meta charset="utf-8">' in page, "<title>Statement</title>" in page
        (True, True)
    """
    title = re.search(r"<h1>(.*?)</h1>", body)
    css = resources.files("csim.report").joinpath("page.css").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", body)
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'; font-src data:\">"
        f"<title>{title.group(1) if title else 'csim'}</title>"
        f"<style>{font_face_css(html.unescape(text), lang=lang)}\n{css}</style></head>"
        f'<body class="{lang}"><main>{body}</main></body></html>\n'
    )


def _tidied(body: str) -> str:
    """Without the wrappers a notebook puts around every output, and without ids that differ from run to run."""
    body = re.sub(r'\s(?:id|data-mime-type|tabindex)="[^"]*"', "", body)
    return re.sub(r"\n\s*\n+", "\n", body)
