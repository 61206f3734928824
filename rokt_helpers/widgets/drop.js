// A place to drop a file. It sends one piece when the kernel asks for it, and keeps none.
// The messages are described in drop.py.

const PATIENCE_MS = 20_000;
const RATE_OVER_MS = 4_000;
const BESIDE =
  "put the file into the folder inbox/ with the file browser on the left and pick it there.";
const NO_ANSWER =
  "The workbench has not answered for 20 seconds: it is busy, or the connection is lost. " +
  `Nothing was kept. Try again when it is idle. Or ${BESIDE}`;
const FOLDER = "This is a folder. Drop one file, or pack the folder as a ZIP file first.";
const UNREADABLE =
  "The browser cannot read this file any more. Was it moved, changed or opened elsewhere? " +
  "Choose it again.";
const ONE_AT_A_TIME = "One file at a time: wait for the one under way, or cancel it.";
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

/** Say a size the way file managers do. */
function bytes(count) {
  if (count < 1_000) return `${count} bytes`;
  if (count < 1_000_000) return `${Math.round(count / 1_000)} kB`;
  if (count < 1_000_000_000) return `${(count / 1_000_000).toFixed(1)} MB`;
  return `${(count / 1_000_000_000).toFixed(2)} GB`;
}

/** Say how long something still takes. */
function left(seconds) {
  if (seconds < 1.5) return "about a second left";
  if (seconds < 90) return `about ${Math.round(seconds)} seconds left`;
  return `about ${Math.round(seconds / 60)} minutes left`;
}

/** Measure over the last few seconds: an average since the start would hide a stall. */
function speedometer() {
  const readings = [];
  return (done) => {
    const now = performance.now();
    readings.push([now, done]);
    while (readings.length > 2 && now - readings[0][0] > RATE_OVER_MS) readings.shift();
    const [then, before] = readings[0];
    return now > then ? ((done - before) * 1_000) / (now - then) : 0;
  };
}

/** Draw the zone; return its parts. */
function draw(el) {
  const root = make("div", "rokt-drop");
  const zone = make("label", "rokt-drop-zone");
  const input = make("input", "rokt-drop-input", {
    ...NO_SHORTCUTS,
    type: "file",
    "aria-label": "Choose a file",
  });
  const words = make("span", "rokt-drop-words");
  const kinds = make("span", "rokt-drop-kinds");
  zone.append(input, words, kinds);
  const going = make("div", "rokt-drop-going", { hidden: "" });
  const bar = make("progress", "rokt-drop-bar", { max: "1", "aria-label": "Sent so far" });
  const figures = make("span", "rokt-drop-figures");
  const press = { ...NO_SHORTCUTS, type: "button" };
  const cancel = make("button", "rokt-drop-cancel", press, "Cancel");
  going.append(bar, figures, cancel);
  const status = make("div", "rokt-drop-status", { role: "status", "aria-live": "polite" });
  root.append(zone, going, status);
  el.append(root);
  return { root, zone, input, words, kinds, going, bar, figures, cancel, status };
}

function render({ model, el }) {
  const parts = draw(el);
  const { root, input, going, bar, figures, cancel, status } = parts;
  let sending = null; // { id, file, note, rate, timer }
  let last = null; // what was sent before: its end may arrive after we gave up

  const say = (text, tone = "") => {
    status.textContent = text;
    status.className = `rokt-drop-status ${tone}`;
  };
  const follow = () => {
    const accept = model.get("accept");
    parts.words.textContent = model.get("label");
    parts.kinds.textContent = accept.join(" ");
    // A browser knows only the last ending of a name: it is told those, and we look again.
    input.accept = accept.map((ending) => ending.slice(ending.lastIndexOf("."))).join(",");
    input.disabled = model.get("disabled") || sending !== null;
    root.classList.toggle("is-disabled", input.disabled);
    root.classList.toggle("is-sending", sending !== null);
    going.hidden = sending === null;
  };
  const stop = () => {
    const hadFocus = root.contains(document.activeElement);
    clearTimeout(sending.timer);
    last = sending;
    sending = null;
    follow();
    if (hadFocus) input.focus();
  };
  const wait = () => {
    clearTimeout(sending.timer);
    sending.timer = setTimeout(() => giveUp(NO_ANSWER, "bad"), PATIENCE_MS);
  };
  const giveUp = (text, tone) => {
    const { id } = sending;
    stop();
    say(text, tone);
    model.send({ kind: "cancel", id });
  };

  const begin = (files) => {
    const [file] = files;
    if (!file || model.get("disabled")) return;
    if (sending) return say(ONE_AT_A_TIME, "warn");
    const accept = model.get("accept");
    if (accept.length && !accept.some((ending) => file.name.toLowerCase().endsWith(ending))) {
      const kinds = accept.join(", ");
      return say(`“${file.name}” is not a kind of file that is read here: ${kinds}.`, "bad");
    }
    if (!file.size) {
      return say(`“${file.name}” is empty. Choose a file that holds something.`, "bad");
    }
    const note = files.length > 1 ? ` Only the first of ${files.length} files was taken.` : "";
    const id = crypto.randomUUID?.() ?? String(Math.random()); // the first needs HTTPS or localhost
    sending = { id, file, note, rate: speedometer() };
    const hadFocus = root.contains(document.activeElement);
    progress(0);
    follow();
    if (hadFocus) cancel.focus(); // the zone is hidden now, and takes the focus with it
    say(`Sending “${file.name}”.${note}`);
    model.send({ kind: "begin", id, name: file.name, size: file.size });
    wait();
  };
  const progress = (done) => {
    const { file, rate } = sending;
    const speed = rate(done);
    bar.value = done / file.size;
    bar.textContent = `${Math.round(bar.value * 100)} %`;
    const pace = speed ? `, ${bytes(speed)} a second, ${left((file.size - done) / speed)}` : "";
    figures.textContent = `${bytes(done)} of ${bytes(file.size)}${pace}`;
  };
  const sendPiece = async ({ id, offset, bytes: count }) => {
    const { file } = sending;
    progress(offset);
    let piece;
    try {
      piece = await file.slice(offset, offset + count).arrayBuffer();
    } catch {
      if (sending?.id === id) giveUp(UNREADABLE, "bad");
      return;
    }
    if (sending?.id !== id) return; // cancelled while it was read
    model.send({ kind: "piece", id, offset }, undefined, [piece]);
    wait();
  };
  const done = ({ name, size, replaced }, { note }) => {
    const instead = replaced ? " It takes the place of the one before." : "";
    say(`“${name}” is here, ${bytes(size)}.${instead}${note}`, "good");
  };

  const hear = (said) => {
    const ours = [sending, last].find((one) => one?.id === said?.id);
    if (!ours) return; // another view of this widget, or a transfer of long ago
    if (said.kind === "want") {
      if (ours === sending) sendPiece(said);
      return;
    }
    if (ours === sending) stop();
    if (said.kind === "done") done(said, ours);
    if (said.kind === "no") say(said.why, "bad");
  };

  const takeDrop = (event) => {
    const [item] = event.dataTransfer.items ?? [];
    if (item?.webkitGetAsEntry?.()?.isDirectory) return say(FOLDER, "bad");
    if (!event.dataTransfer.files.length) return say("That was no file. Drop a file.", "bad");
    begin([...event.dataTransfer.files]);
  };
  // Entering a child leaves its parent: only what leaves the zone for good counts.
  let over = 0;
  const light = (by) => {
    over = by === 0 ? 0 : Math.max(0, over + by);
    root.classList.toggle("is-over", over > 0 && !input.disabled);
  };
  const dragging = {
    dragenter: () => light(1),
    dragleave: () => light(-1),
    dragover: (event) => {
      event.dataTransfer.dropEffect = input.disabled ? "none" : "copy";
    },
    drop: (event) => {
      light(0);
      takeDrop(event);
    },
  };
  for (const [kind, act] of Object.entries(dragging)) {
    root.addEventListener(kind, (event) => {
      event.preventDefault(); // otherwise the browser leaves the page and opens the file
      event.stopPropagation();
      act(event);
    });
  }
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the same file can be chosen again after it was mended
    begin(files);
  });
  cancel.addEventListener("click", () => {
    if (sending) giveUp(`Cancelled. Nothing of “${sending.file.name}” was kept.`, "");
  });
  for (const name of ["accept", "disabled", "label"]) model.on(`change:${name}`, follow);
  model.on("msg:custom", hear);
  follow();

  return () => {
    if (sending) giveUp("", "");
    for (const name of ["accept", "disabled", "label"]) model.off(`change:${name}`, follow);
    model.off("msg:custom", hear);
  };
}

export default { render };
