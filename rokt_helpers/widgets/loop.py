"""The panel that closes the loop: name the list, check the plan, send it."""

from __future__ import annotations

from typing import Final

import ipywidgets as w

from rokt_helpers.forms.loop import LoopForm
from rokt_helpers.jobs.columns import saved_mappings
from rokt_helpers.jobs.loop import LoopJob
from rokt_helpers.jobs.places import inbox_lists
from rokt_helpers.jobs.referral_routes import routes_in_words
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.widgets.delivering import AUDIENCE_WAYS, DeliveringPanel
from rokt_helpers.widgets.parts import LABEL_WIDTH, assign, place_html, show_if
from rokt_helpers.widgets.steps import Section

__all__ = ["LoopPanel"]

_CHOICES: Final = (
    "list", "days", "purchases", "mapping", "purchases_time_zone", "currency", "collect", "via",
    "mode",
)  # fmt: skip
_OF_PLAN: Final = ("collect", "via", "mode")
_MODES: Final = [
    ("only who is new to this ledger", "delta"),
    ("everybody who belongs on it", "full"),
    ("make the list what it should be", "mirror"),
]
_LONGEST_DAYS: Final = 3_660


class LoopPanel(DeliveringPanel[LoopForm]):
    """Binds a :class:`LoopForm` to widgets and a :class:`LoopJob` to its buttons."""

    job: LoopJob

    def __init__(self, job: LoopJob) -> None:
        super().__init__(job)
        self.job = job
        inbox, mappings = inbox_lists(), saved_mappings()
        self.form = LoopForm(
            profile=job.workbench.profile,
            sources=inbox if job.purchases in {"", *inbox} else (job.purchases, *inbox),
            mappings=mappings if job.mapping in {"", *mappings} else (job.mapping, *mappings),
            allowed=tuple(name.strip() for name in job.allow.split(",") if name.strip()),
            **{name: getattr(job, name) for name in _CHOICES},
        )
        self._build()
        self.show(self.form)
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        self._build_fields()
        fields, settings = self.fields, self.job.workbench.settings
        said = (
            "Everybody who was referred in the last days, and everybody who bought. A list that "
            "suppresses is set up with Rokt as one."
        )
        chosen_first = (fields[name] for name in _CHOICES if name not in _OF_PLAN)
        self.frame(
            place_html(settings.profile, settings.account_id),
            Section(1, "Choose who goes on which list", said, *chosen_first),
            self.plan_section(*(fields[name] for name in _OF_PLAN)),
            self.send_section("It can be stopped between two files or batches."),
        )

    def _build_fields(self) -> None:
        form = self.form
        files = [("none", ""), *((path.rpartition("/")[2], path) for path in form.sources)]
        columns = [("recognised by name and content", ""), *((m, m) for m in form.mappings)]
        routes = routes_in_words(self.job.workbench.settings)
        where = f" (from {', '.join(routes)})" if routes else ""
        self.fields: dict[str, w.Widget] = {
            "list": w.Text(description="List", placeholder="such as ReferredOrBought"),
            "days": w.BoundedIntText(min=1, max=_LONGEST_DAYS, description="Last days"),
            "purchases": w.Dropdown(description="Purchases", options=files),
            "mapping": w.Dropdown(description="Their columns", options=columns),
            "purchases_time_zone": w.Text(
                description="Their time zone", placeholder="Europe/Berlin, if the times name none"
            ),
            "currency": w.Text(
                description="Currency", placeholder="of your bid prices, such as USD"
            ),
            "collect": w.Checkbox(description=f"Collect what is new first{where}", indent=False),
            "via": w.Dropdown(description="Way", options=AUDIENCE_WAYS),
            "mode": w.Dropdown(description="Send", options=_MODES),
        }
        for name, field in self.fields.items():
            if name != "collect":
                field.style.description_width = LABEL_WIDTH
        self.fields["collect"].layout.width = "auto"

    def _listen(self) -> None:
        for name, field in self.fields.items():
            field.observe(lambda change, name=name: self._choose(name, change["new"]), "value")
        self.listen_to_delivery()

    def render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        for name, field in self.fields.items():
            assign(field, getattr(form, name))
            field.disabled = form.is_busy
        asks = form.asks_about_purchases
        show_if(self.fields["mapping"], "flex", is_there=asks and bool(form.mappings))
        show_if(self.fields["purchases_time_zone"], "flex", is_there=asks)
        self.draw_delivery()

    # --- what a person does -------------------

    def _choose(self, name: str, value: object) -> None:
        self.take(self.form.choose(**{name: value}))

    def take_choices(self) -> None:
        """Hand over everything that was chosen."""
        for name in _CHOICES:
            setattr(self.job, name, getattr(self.form, name))
        self.job.allow = ",".join(self.form.allowed)

    def make_plan(self) -> DeliveryPlan:
        """Collect what is new, where that was asked for, and make the plan."""
        return self.job.make_plan(self.listener(), self.background.cancel)
