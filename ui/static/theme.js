// The theme from the settings, before the first paint, so that no window flashes in the wrong one.
// Without boot values the system's theme stands, and the program corrects it later.
const theme = window.__DUET_BOOT__?.overview?.settings?.theme;
if (theme === "light" || theme === "dark") {
  document.documentElement.dataset.theme = theme;
}
