"""A panel: steps in one frame, a form whose state is drawn, and one piece of work at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import ipywidgets as w

from rokt_helpers.forms import Message
from rokt_helpers.forms.stages import Stage
from rokt_helpers.jobs.job import Job
from rokt_helpers.progress import OnProgress, Progress
from rokt_helpers.widgets.background import BackgroundJob, throttled
from rokt_helpers.widgets.keys import PanelKeys
from rokt_helpers.widgets.parts import again_html, assign, button, show_if, stylesheet
from rokt_helpers.widgets.steps import Section, steps_html

__all__ = ["Panel", "StoppablePanel"]

_NO_FORM: Final = "<p><em>A form stands here. Open the page in JupyterLab to use it.</em></p>"


class Screen(Protocol):
    """As much of a form as every panel draws and moves alike.

    ``at`` is the number of the step that the message belongs to.
    """

    @property
    def at(self) -> int: ...
    @property
    def stages(self) -> Sequence[Stage]: ...
    @property
    def message(self) -> Message: ...
    @property
    def progress(self) -> Progress | None: ...
    @property
    def is_busy(self) -> bool: ...
    def failed(self, text: str) -> Self: ...


class StoppableScreen(Screen, Protocol):
    """A form whose work takes long: it shows how far that is, and can be stopped."""

    @property
    def can_stop(self) -> bool: ...
    def progressed(self, progress: Progress) -> Self: ...
    def stopping(self) -> Self: ...


_Form = TypeVar("_Form", bound=Screen)
_Stoppable = TypeVar("_Stoppable", bound=StoppableScreen)


class Panel(Generic[_Form]):
    """A framed column of steps with the house's style; a cell shows it as it shows a widget.

    It holds a widget and is none, so that no name of ours can stand in the way of the library's.
    Whatever happens makes another form, and :meth:`show` draws it.
    """

    job: Job
    form: _Form
    _is_drawing = False  # what changes while it is true is nobody's choice

    def __init__(self) -> None:
        self.background = BackgroundJob()

    # --- drawing ------------------------------

    def frame(self, place: str, *sections: Section) -> None:
        """Put the steps into the frame, below the band that says where they lead."""
        self.sections = sections
        self._steps, self.again = w.HTML(), w.HTML()
        self.again.add_class("rokt-again")
        head = w.HTML(f"<style>{stylesheet()}</style>{place}")
        self.box = w.VBox([head, PanelKeys(), self._steps, *sections, self.again])
        self.box.add_class("rokt-panel")

    @property
    def said(self) -> str:
        """What the panel says now, as HTML, beside whichever step it is about."""
        return "".join(section.message.value for section in self.sections)

    def show(self, form: _Form) -> None:
        """Take another state, and put it on the screen."""
        self.form = form
        self._is_drawing = True
        self.render()
        self._draw_steps()
        self._is_drawing = False

    def render(self) -> None:
        """Put what only this panel has on the screen."""
        raise NotImplementedError

    def _draw_steps(self) -> None:
        """Show where a person is, and what is said beside the step it is about."""
        form = self.form
        assign(self._steps, steps_html(form.stages))
        for section in self.sections:
            is_here = section.number == form.at
            section.say(form.message if is_here else None, form.progress if is_here else None)
        is_done = form.stages[-1].state == "done"
        show_if(self.again, is_there=is_done)
        assign(self.again, again_html(self.job.same_again()) if is_done else "")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return {**self.box._repr_mimebundle_(**options), "text/html": _NO_FORM}

    # --- what a person does -------------------

    def take(self, form: _Form) -> None:
        """Take a choice; one that comes while a job is under way is put back on the screen."""
        if not self._is_drawing:
            self.show(self.form if self.form.is_busy else form)

    def start(self, form: _Form, work: Callable[[], None]) -> None:
        """Show that a piece of work begins, and begin it."""
        self.show(form)
        self.background.start(work, self.fail)

    def fail(self, text: str) -> None:
        """Show why the work came to no end."""
        self.show(self.form.failed(text))


class StoppablePanel(Panel[_Stoppable]):
    """A panel with work that takes long."""

    def __init__(self) -> None:
        super().__init__()
        self.stop_button = self.another_stop_button("stop")

    def another_stop_button(self, name: str) -> w.Button:
        """Return a button that stops; ``name`` is its class."""
        return button("Stop", name, self.stop)

    def draw_stop(self, stop_button: w.Button | None = None, *, is_there: bool = True) -> None:
        """Show a button that stops while there is something to stop."""
        can_stop = self.form.can_stop and is_there
        drawn = stop_button or self.stop_button
        drawn.disabled = not can_stop
        show_if(drawn, is_there=can_stop)

    def stop(self) -> None:
        """Let the piece that is under way be the last."""
        if self.form.can_stop:
            self.background.cancel.set()
            self.show(self.form.stopping())

    def listener(self) -> OnProgress:
        """Return who is told how far it is; once a stop was heard, that is what is shown."""

        def listen(progress: Progress) -> None:
            if not self.background.cancel.is_set():
                self.show(self.form.progressed(progress))

        return throttled(listen)
