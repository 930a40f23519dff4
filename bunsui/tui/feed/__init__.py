"""What screens look at, read once for all of them.

In: subjects, which are values such as `SessionsSubject(fitting="status:failed")`. Out: `FeedNews`. Called by the screens, as
`bridge.feed`.

A `PolledScreen` says in `subjects` what it looks at now, first the one whose age stands in the header, and calls `look` when
that has changed. It hears of each of them, of what was read before at once:

    def subjects(self):
        return (self._session, *([self._job] if self._job else []))

    def on_feed_news(self, news: FeedNews) -> None:
        if (known := news.about(self._session)) is not None and known.value is not None:
            self._show(known.value)

`known.at` says since when the value may have changed, `known.problem` why the last reading failed. Ages, the line of a failure,
`r`, `p` and leaving are the base class's. A widget subscribes by itself with `feed.subscribe(subject, self)`, and `unsubscribe`
when it is hidden. After a change everything that is looked at is read again: the bridge calls `feed.refresh()`.

A subject is read while at least one looks at it: once for all, again after its `every_seconds`, later after each failure and
while the terminal is not looked at, not at all when the program is suspended. Of each class of subjects one is read at a time,
and the one that was asked for last is next: no ask is lost as long as somebody looks, and nothing is read for nobody.

Rule: a subject is a frozen dataclass in a file of its own; it reads over a service and decides nothing.
"""
