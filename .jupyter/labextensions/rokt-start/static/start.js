/* Fills the start page when it opens, so that nobody reads where they were last week; on the other
 * pages, shows the form once its cells have run, for JupyterLab stays at the last of them.
 *
 * Plain JavaScript in the shape JupyterLab loads; nothing is built. It runs
 * the start page only, which changes nothing, and leaves the file as it was.
 */
(() => {
  const PAGE = "notebooks/00_start_here.ipynb";

  async function fill(app, panel) {
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.revealed;
    if (app.shell.currentWidget !== panel) {
      return false;
    }
    await app.commands.execute("notebook:run-all-cells");
    panel.content.activeCellIndex = 0;
    panel.content.node.querySelector(".jp-WindowedPanel-outer")?.scrollTo(0, 0);
    // What was shown holds for today only: it is not kept in the file.
    panel.context.model.dirty = false;
    return true;
  }

  function showForm(panel) {
    const form = panel?.content?.node?.querySelector(".rokt-panel");
    form?.closest(".jp-Cell")?.scrollIntoView({ block: "start" });
  }

  const plugin = {
    id: "rokt-start:plugin",
    description: "Fills the start page when it opens.",
    autoStart: true,
    activate: (app) => {
      const filled = new WeakSet();
      const look = () => {
        const panel = app.shell.currentWidget;
        if (panel?.context?.path !== PAGE || !panel.sessionContext || filled.has(panel)) {
          return;
        }
        filled.add(panel);
        fill(app, panel).then(
          (done) => done || filled.delete(panel),
          (error) => console.warn("The start page was not filled:", error),
        );
      };
      app.shell.currentChanged?.connect(look);
      app.commands.commandExecuted.connect((_, { id, result }) => {
        if (id === "notebook:run-all-cells") {
          result.then(() => showForm(app.shell.currentWidget)).catch(() => {});
        }
      });
      app.restored.then(look);
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["rokt-start"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
