// Starts the page. A failure is shown, because a floor that draws nothing would flatter nobody but itself.
import init from "./duet-empty-page.js";

init({ module_or_path: new URL("./duet-empty-page_bg.wasm", import.meta.url) }).catch((error) => {
  document.body.textContent = `The page did not start: ${error}`;
});
