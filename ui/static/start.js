// Starts the program. A failure is said in words: a window that stays a skeleton explains nothing.
import init from "./duet-ui.js";

init({ module_or_path: new URL("./duet-ui_bg.wasm", import.meta.url) }).catch((error) => {
  console.error(error);
  const text = document.createElement("p");
  text.className = "failure";
  text.setAttribute("role", "alert");
  text.textContent = "Duet’s window could not start. Please restart Duet; if that does not help, run “duet doctor”.";
  document.body.replaceChildren(text);
});
