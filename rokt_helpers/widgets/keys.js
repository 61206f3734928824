// What the widgets of the library cannot say themselves. It draws nothing.

// JupyterLab asks the element that has the focus: without this Enter on a button edits the cell,
// and "b" makes a new one.
const NO_SHORTCUTS = "data-lm-suppress-shortcuts";
const FOCUSED = "a, button, input, select, summary, textarea, [tabindex]";
// A set of radio buttons is one question to a screen reader, and needs its words.
const CHOICES = ".widget-radio-box";

function mend(panel, question) {
  for (const part of panel.querySelectorAll(FOCUSED)) {
    if (!part.hasAttribute(NO_SHORTCUTS)) part.setAttribute(NO_SHORTCUTS, "true");
  }
  for (const box of panel.querySelectorAll(CHOICES)) {
    if (box.hasAttribute("role")) continue;
    box.setAttribute("role", "radiogroup");
    box.setAttribute("aria-label", question);
  }
}

function render({ model, el }) {
  let watch = null;
  // The place in the page is known only once everything around it is drawn.
  const start = () => {
    const panel = el.closest(".rokt-panel");
    if (!panel) return void (timer = setTimeout(start, 50));
    const follow = () => mend(panel, model.get("question"));
    watch = new MutationObserver(follow);
    watch.observe(panel, { childList: true, subtree: true });
    follow();
  };
  let timer = setTimeout(start);
  return () => {
    clearTimeout(timer);
    watch?.disconnect();
  };
}

export default { render };
