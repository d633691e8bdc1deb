"""One frame: what is new in the session goes to the widgets, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

from spark_tui.app.model_link import OFFLINE_MODEL
from spark_tui.app.pairing.transcript import Speaker
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.ui.diff_presenter import DiffPresenter
from spark_tui.app.ui.facts import change_marks, status_facts
from spark_tui.app.ui.panes import Panes
from spark_tui.app.ui.tally import change_facts
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.survey import Survey
from spark_tui.widgets.rows import Mark
from spark_tui.widgets.transcript import EntryKind

FIGURES_PERIOD = 0.125
"""Seconds for which a figure stands at least while an answer streams: faster ones cannot be read."""

KINDS = {speaker: EntryKind(speaker.value) for speaker in Speaker}


class Painter:
    """Draws ``bench`` on ``panes``."""

    def __init__(self, bench: Workbench, panes: Panes, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mood: object = None
        self._figures_at = float("-inf")
        self._owes_figures = False
        self._is_change_told = True
        self._bench = bench
        self._panes = panes
        self.presenter = DiffPresenter(bench.changes, bench.comments, bench.desk)
        self._survey: Survey | None = None
        self._shown_entries: set[str] = set()

    def paint(self) -> None:
        """Draw what changed since the last frame."""
        bench, panes = self._bench, self._panes
        self._paint_transcript()
        self._paint_changes()
        if bench.survey is not self._survey:
            self._survey = bench.survey
            panes.tree.set_paths(bench.survey.paths)
            panes.tree.set_status(bench.survey.letters, bench.survey.edited)
            panes.tree.set_empty_text(bench.survey.trouble or "no files yet")
        self._paint_figures()
        panes.queued.show(bench.session.queue)
        self._paint_proposal()
        panes.transcript.is_offline = bench.model == OFFLINE_MODEL
        if panes.prompt.working and not bench.session.working:
            panes.transcript.come_to_rest()
            panes.diff.come_to_rest()
        panes.prompt.working = bench.session.working
        panes.prompt.frozen = bench.session.state is TurnState.PAUSED
        panes.prompt.queued = len(bench.session.queue)
        panes.prompt.sent = bench.sent

    @property
    def waits(self) -> bool:
        """Whether time itself changes what is shown: something is waited for and counted."""
        session = self._bench.session
        counting = self._owes_figures or bool(self._panes.status.facts.limit)
        return counting or session.meters.waiting is not None or session.state is TurnState.QUEUED

    def _paint_proposal(self) -> None:
        proposals = self._bench.desk.proposals
        if proposals:
            self._panes.proposal.show(proposals[0].command, proposals[0].reason, len(proposals) - 1)
        else:
            self._panes.proposal.show(None)

    def _paint_figures(self) -> None:
        """Tell status line, tree and header what there is; while an answer streams, only now and then."""
        bench, panes, now = self._bench, self._panes, self._clock()
        mood = bench.session.state, bench.link, bench.survey
        streams = bench.session.state is TurnState.STREAMING and mood == self._mood
        self._owes_figures = streams and now - self._figures_at < FIGURES_PERIOD
        if self._owes_figures:
            return
        self._mood, self._figures_at = mood, now
        panes.status.show(status_facts(bench))
        if not self._is_change_told:
            self._is_change_told = True
            files = list(self.presenter.totals())
            panes.tree.set_changes(change_marks(files))
            facts = change_facts(totals for _, totals in files)
            panes.header.show(facts)
            panes.diff.can_undo = bool(facts.marks.get(Mark.ACCEPTED))

    def _paint_transcript(self) -> None:
        view = self._panes.transcript
        for change in self._bench.transcript.take_changes():
            if change.whole and change.key in self._shown_entries:
                view.replace(change.key, change.text)
            elif change.text or change.key not in self._shown_entries:
                view.append(change.key, KINDS[change.speaker], change.text)
            self._shown_entries.add(change.key)
            if change.note is not None:
                view.set_note(change.key, change.note)

    def _paint_changes(self) -> None:
        redraw = self.presenter.refresh(self._bench.session.calls.streaming_patch)
        self._panes.diff.newest = self._bench.changes.newest
        for splice in redraw.splices:
            self._panes.diff.splice(splice.place, splice.removed, splice.blocks)
        if redraw.touched:
            self._panes.diff.touch(*redraw.touched)
        if redraw.splices or redraw.paths:
            self._is_change_told = False
