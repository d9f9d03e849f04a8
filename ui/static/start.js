// Starts the program, and is there when it falls. A failure is said in words: a window that stays a
// skeleton, or stands still with yesterday's week in it, explains nothing and may be believed.
import init from "./duet-ui.js";

// Whoever falls as often as this within a minute is not helped by getting up again.
const FALLS = 3;

function mayRestart() {
  const now = Date.now();
  const falls = (sessionStorage.getItem("falls") ?? "").split(" ").map(Number);
  const recent = [...falls.filter((at) => now - at < 60_000), now];
  sessionStorage.setItem("falls", recent.join(" "));
  return recent.length < FALLS;
}

function fallen(words) {
  const text = document.createElement("p");
  text.className = "failure";
  text.setAttribute("role", "alert");
  text.textContent = words;
  document.body.replaceChildren(text);
}

// After a trap the program's memory is not to be trusted, and it answers nothing any more. All data
// is in the core, so a fresh page is a whole one; the place goes into the log.
let over = false;
function trapped(error) {
  if (over || !(error instanceof WebAssembly.RuntimeError)) {
    return;
  }
  over = true;
  const place = globalThis.__DUET_PANIC__ ?? String(error.message);
  const request = { kind: "command", command: "report_fault", place };
  const said = globalThis.__TAURI_INTERNALS__?.invoke("rpc", { request }) ?? Promise.resolve();
  said.catch(() => {}).finally(() => {
    if (mayRestart()) {
      location.reload();
    } else {
      fallen("Duet’s window met a fault of its own. Nothing is lost, and syncing goes on. Please restart Duet; the log says where it fell.");
    }
  });
}
addEventListener("error", (event) => trapped(event.error));
addEventListener("unhandledrejection", (event) => trapped(event.reason));

init({ module_or_path: globalThis.__DUET_PROGRAM__ }).catch((error) => {
  console.error(error);
  fallen("Duet’s window could not start. Please restart Duet; if that does not help, run “duet doctor”.");
});
