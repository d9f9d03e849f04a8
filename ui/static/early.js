// The theme from the settings, before the first paint, so that no window flashes in the wrong one.
// Without boot values the system's theme stands, and the program corrects it later.
const theme = window.__DUET_BOOT__?.overview?.settings?.theme;
if (theme === "light" || theme === "dark") {
  document.documentElement.dataset.theme = theme;
}

// The desktop has no font of its own: see tokens.css.
if (window.__DUET_PLAIN_FONT__) {
  document.documentElement.dataset.font = "plain";
}

// The program is compiled while the page, its style sheet and its glue are still on their way. A
// failure is start.js's to tell; without a second listener here it would be reported twice.
globalThis.__DUET_PROGRAM__ = fetch("./duet-ui_bg.wasm")
  .then((answer) => answer.arrayBuffer())
  .then((bytes) => WebAssembly.compile(bytes));
globalThis.__DUET_PROGRAM__.catch(() => {});
