// SPDX-License-Identifier: GPL-2.0
// Light or dark, by the reader's choice or by the system's. The choice lasts for this window; where
// the browser lets a file remember something, for the next one too.

const theme = (() => {
  const key = "daxbreak-theme";
  const buttons = [...document.querySelectorAll("[data-theme-choice]")];
  function choose(choice, remember) {
    if (choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    for (const button of buttons)
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    if (!remember) return;
    try {
      localStorage.setItem(key, choice);
    } catch (refused) { /* a browser may refuse storage to files */ }
  }
  let stored = null;
  try {
    stored = localStorage.getItem(key);
  } catch (refused) { /* likewise */ }
  choose(stored === "light" || stored === "dark" ? stored : "auto", false);
  for (const button of buttons)
    button.addEventListener("click", () => choose(button.dataset.themeChoice, true));
  return { choose };
})();
