"""A graph is walked through by keys and by clicks, at any size of the pane."""

from __future__ import annotations

from textual.app import App, ComposeResult

from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS
from bunsui.tui.widgets.graph_pane import GraphPane
from bunsui.view.drawing.picture import NodeStyle, picture_of
from bunsui.view.drawing.shape import GraphShape
from bunsui.view.spans import Role
from tests.tui.stage import played, screen_text

CHAIN = GraphShape.of_needs({f"job-{number}": (f"job-{number - 1}",) for number in range(9)})
DIAMOND = GraphShape.of_needs({"extract": (), "clean": ("extract",), "enrich": ("extract",), "load": ("clean", "enrich")})


class GraphBoard(App[None]):
    def __init__(self, shape: GraphShape) -> None:
        super().__init__()
        self.pane = GraphPane()
        self.told: list[tuple[str, str]] = []
        self.shape = shape
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.show(picture_of(self.shape))

    def on_graph_pane_job_reached(self, event: GraphPane.JobReached) -> None:
        self.told.append(("moved", event.job))

    def on_graph_pane_job_chosen(self, event: GraphPane.JobChosen) -> None:
        self.told.append(("chosen", event.job))


@played
async def test_keys_and_clicks_choose_a_node_and_say_which() -> None:
    app = GraphBoard(DIAMOND)
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.press("l", "j", "l", "enter")
        await pilot.click(GraphPane, offset=(1, 0))
        assert app.told == [
            *(("moved", job) for job in ("extract", "clean", "enrich", "load")),
            ("chosen", "load"),
            ("moved", "extract"),
        ]
        app.pane.show(picture_of(DIAMOND, {"extract": NodeStyle(glyph="✓", words="ok", role=Role.GOOD)}))
        await pilot.pause()
        assert screen_text(app).splitlines()[0].startswith("▌extract ✓ ── ┬─ clean")
        assert screen_text(app).splitlines()[-1].startswith(" extract  ✓ ok  before clean, enrich")


@played
async def test_a_graph_that_is_wider_than_the_pane_follows_the_cursor() -> None:
    app = GraphBoard(CHAIN)
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        assert "job-8" not in screen_text(app)
        await pilot.press("G")
        await pilot.pause()
        assert "▌job-8" in screen_text(app)
        await pilot.press("g")
        await pilot.pause()
        assert screen_text(app).startswith("▌job-0 ── job-1")


@played
async def test_every_key_moves_the_cursor_or_the_window() -> None:
    app = GraphBoard(DIAMOND)
    async with app.run_test(size=(60, 6)) as pilot:
        for keys in (["l", "h"], ["right", "left"]):
            await pilot.press(*keys)
            assert [job for _, job in app.told[-2:]] == ["clean", "extract"]
        for keys in (["l", "j", "k"], ["h", "l", "down", "up"]):
            await pilot.press(*keys)
            assert [job for _, job in app.told[-2:]] == ["enrich", "clean"]
        for keys in (["G", "g"], ["end", "home"]):
            await pilot.press(*keys)
            assert [job for _, job in app.told[-2:]] == ["load", "extract"]
        app.pane.show(picture_of(GraphShape.of_needs({"a": (), **{f"b{number}": ("a",) for number in range(9)}})))
        for down, up in (("ctrl+d", "ctrl+u"), ("pagedown", "pageup")):
            await pilot.press(down)
            assert app.pane.scroll_offset.y > 0
            await pilot.press(up)
            assert app.pane.scroll_offset.y == 0
