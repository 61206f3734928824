// A table to mend rejected rows in. It holds values only while a person looks at them.
// The messages are described in grid.py.

const TONES = { accepted: "good", rejected: "bad", left: "quiet" };
const HIDDEN =
  "The values are personal data. They are shown here only, and are not saved with the page.";
const HINT =
  "Enter or Tab keeps a value, Escape takes back what you type, arrows move. " +
  "Empty a value to have the old one back.";
const ASKED = "Asking the workbench for the values…";
// Some browsers send what is typed to a spelling service, or remember it.
const PRIVATE = {
  type: "text",
  spellcheck: "false",
  autocomplete: "off",
  autocapitalize: "off",
  autocorrect: "off",
  maxlength: "1000",
};
// JupyterLab asks the element that has the focus itself: without this Enter on a button edits the
// cell, and "b" makes a new one.
const NO_SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };

/** Make an element with a class, attributes and text. */
function make(tag, name, attributes = {}, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

const counted = (count) => count.toLocaleString("en-GB");

/** Say how many rows there are, and how many are not here. */
function sentence(rows, more) {
  const shown = `${counted(rows)} ${rows === 1 ? "row" : "rows"} to mend by hand`;
  return more ? `${shown}, and ${counted(more)} more; mend the export` : shown;
}

/** Draw the frame; return its parts. */
function draw(el) {
  const root = make("div", "rokt-grid", { hidden: "" });
  const head = make("div", "rokt-grid-head");
  const count = make("span", "rokt-grid-count");
  const toggle = make("button", "rokt-grid-toggle", { ...NO_SHORTCUTS, type: "button" });
  head.append(count, toggle);
  const hint = make("div", "rokt-grid-hint");
  const frame = make("div", "rokt-grid-frame", { hidden: "" });
  const status = make("div", "rokt-grid-status", { role: "status", "aria-live": "polite" });
  root.append(head, hint, frame, status);
  el.append(root);
  return { root, count, toggle, hint, frame, status };
}

/** Make an empty table and return its body. */
function table(frame) {
  const made = make("table", "rokt-grid-table", { "aria-label": "Rejected rows" });
  const head = make("tr");
  for (const title of ["Row", "Reason", "Value", "State"]) {
    head.append(make("th", "", { scope: "col" }, title));
  }
  const top = make("thead");
  const body = make("tbody");
  top.append(head);
  made.append(top, body);
  frame.replaceChildren(made);
  return body;
}

/** Make the line of one row; return its parts. */
function line(number) {
  const tr = make("tr");
  const reason = make("td");
  const value = make("td", "rokt-grid-value");
  const input = make("input", "rokt-grid-input", {
    ...PRIVATE,
    "aria-label": `value of row ${number}`,
  });
  const state = make("td", "rokt-grid-state");
  value.append(input);
  tr.append(make("th", "", { scope: "row" }, counted(number)), reason, value, state);
  return { tr, reason, input, state, known: "" };
}

function render({ model, el }) {
  const { root, count, toggle, hint, frame, status } = draw(el);
  let shown = false;
  let source = 0; // an edit names the source it is meant for
  let counts = [0, 0]; // rows, and how many more are not among them
  let lines = new Map(); // by the number of the row

  const ask = () => model.send({ kind: "ask", values: shown });
  const inputs = () => [...lines.values()].map(({ input }) => input);
  const step = (input, by) => {
    const all = inputs();
    const next = all[all.indexOf(input) + by];
    if (!next) return;
    next.focus();
    next.select();
  };

  const keep = (number) => {
    const one = lines.get(number);
    if (!one || one.input.value === one.known) return;
    one.known = one.input.value;
    status.textContent = "";
    model.send({ kind: "change", source, row: number, value: one.input.value });
  };
  const press = (event, number) => {
    if (event.isComposing) return; // these keys choose a word now
    const { input, known } = lines.get(number);
    const by = { ArrowUp: -1, ArrowDown: 1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    if (event.key === "Escape") input.value = known;
    else if (!by) return;
    event.preventDefault();
    if (!by) return;
    keep(number);
    step(input, by);
  };
  const newLine = (number) => {
    const made = line(number);
    made.input.addEventListener("change", () => keep(number));
    made.input.addEventListener("keydown", (event) => press(event, number));
    return made;
  };

  const fill = (one, { reason, value, mended, state }) => {
    one.reason.textContent = reason;
    one.state.textContent = state;
    one.state.className = `rokt-grid-state ${TONES[state.split(/[\s:]/)[0]] ?? ""}`;
    one.tr.classList.toggle("is-mended", mended);
    // What is being typed stands: the answer to an edit before must not overwrite it.
    const isTyping = one.input === document.activeElement && one.input.value !== one.known;
    if (!isTyping) one.input.value = value;
    one.known = value;
  };
  const drawRows = (rows) => {
    const numbers = rows.map(({ row }) => row);
    if (numbers.join() !== [...lines.keys()].join()) {
      const [focused] = [...lines].find(([, { input }]) => input === document.activeElement) ?? [];
      lines = new Map(numbers.map((number) => [number, lines.get(number) ?? newLine(number)]));
      table(frame).append(...[...lines.values()].map(({ tr }) => tr));
      lines.get(focused)?.input.focus();
    }
    for (const row of rows) fill(lines.get(row.row), row);
  };
  const forget = () => {
    lines = new Map();
    frame.replaceChildren();
  };

  const follow = () => {
    root.hidden = counts[0] === 0;
    count.textContent = sentence(...counts);
    toggle.textContent = shown ? "Hide" : "Show the values";
    toggle.setAttribute("aria-expanded", String(shown));
    hint.textContent = shown ? HINT : HIDDEN;
    frame.hidden = !shown;
  };
  const show = (want) => {
    shown = want;
    if (!shown) forget(); // at once: whoever looks over a shoulder does not wait for the kernel
    follow();
  };
  const hear = (said) => {
    if (said?.kind === "cleared") show(false);
    if (said?.kind === "renewed") ask();
    if (said?.kind === "no") status.textContent = said.why;
    if (said?.kind === "count") {
      counts = [said.rows, said.more];
      follow();
    }
    if (said?.kind === "rows" && shown) {
      counts = [said.rows.length, said.more];
      source = said.source;
      if (status.textContent === ASKED) status.textContent = "";
      drawRows(said.rows);
      follow();
    }
  };
  toggle.addEventListener("click", () => {
    status.textContent = shown ? "" : ASKED;
    show(!shown);
    if (shown) ask();
  });

  model.on("msg:custom", hear);
  ask();
  return () => {
    model.off("msg:custom", hear);
    forget();
  };
}

export default { render };
