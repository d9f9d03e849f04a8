import init from "./duet-empty-page.js";

await init();
